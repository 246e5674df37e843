package kiosk

import "time"

// Limits of everything that comes in or can grow.
const (
	maxFormBytes   = 4 << 10  // one posted form
	maxSlipBytes   = 16 << 10 // the form with a slip's template, of which each byte may come as three
	maxScanBytes   = 600      // one scanned text; a receipt has about 300
	maxLiveBytes   = 1 << 10  // one message from a page
	maxScreens     = 8        // open /live connections; one screen needs one, a reload two for a moment
	liveQueue      = 16       // messages waiting for one connection; a slower one is cut off
	maxTickets     = 8        // scans whose page has not come yet
	ticketSeconds  = 30
	maxReminders   = 3    // of one scan; a browser that keeps no cookies would be led about for ever
	maxStrangers   = 512  // phones that nobody has, whose tries are counted
	maxSharers     = 4    // people whose PIN is compared for one phone
	maxSearch      = 64   // people with one phone tail looked through
	linesBatch     = 400  // lines of an account added up at once
	maxOrders      = 200  // redemptions a person can leaf through
	maxOwnCopies   = 2    // copies of a receipt without staff
	maxOwnTickets  = 3    // codes for a phone that somebody may have in one visit
	jobBatch       = 256  // open print jobs looked at in one round
	maxLocked      = 8    // members of staff remembered because their PIN is locked
	maxWaiting     = 500  // hand-overs that can be paged through; older ones are found by their code
	maxMoves       = 200  // moves of stock that can be paged through
	maxStickFiles  = 8    // bundles looked at on sticks, the newest files
	maxStickShown  = 3    // of those shown, what can be loaded first
	minQuery       = 2    // characters without which staff find nobody
	maxQuery       = 20   // characters of a query
	maxFound       = 64   // people listed for one query; whoever needs more has not typed enough
	maxHistory     = 200  // redemptions of one person that staff can page through
	maxPictures    = 8    // pictures of slips kept for the page that changes them
	maxSkewSeconds = 60   // between the kiosk's clock and the center's, beyond which staff are told
	maxShifts      = 200  // shifts to come that can be paged through
	maxServed      = 200  // records of service of one person, beside what was booked
	maxMinutes     = 1440 // of service that somebody can say there were
	lapseBatch     = 100  // goods that nobody came for, given back at once
	maxSameDigits  = 3    // hand-overs shown whose codes end in the same digits

	lostFor     = 14 * 24 * time.Hour // after a shift, in which somebody can say that a record is missing
	rosterFor   = 7 * 24 * time.Hour  // after a shift, in which its roster is listed
	rosterAhead = 12 * time.Hour      // before one, likewise

	maxPortName   = 20               // letters of a port's name on the page of the printer
	testPageWait  = 20 * time.Second // for a test page; a receipt that is being printed goes first
	carryTime     = 5 * time.Minute  // for the journal to be copied to a slow stick
	probePageWait = 45 * time.Second // the same for the page that is read back, which is eight times as long

	// Of asking the center. A page waits for an answer only so long as nobody notices,
	// and an act no longer than a person believes in the machine.
	centerPatience = 300 * time.Millisecond
	askTime        = 4 * time.Second // for where the points are
	fetchTime      = 5 * time.Second // for a card that is unknown here, or points that lie elsewhere
	askAgainMS     = 5_000           // an answer that old is asked for again with the next page
	maxLined       = 4               // redemptions of one visit that wait for points one after the other
	maxInquiries   = 1_000           // people of whom the last answer is kept
	maxParcels     = 1_000           // people of whom the last wish for goods at another kiosk is kept
	maxPlaces      = 2               // kiosks named in one sentence
	maxNamedGoods  = 3               // goods named in one sentence

	// Of checking in.
	maxChoices    = 4                      // shifts to choose from on one page
	maxComing     = 200                    // shifts looked through for the next one here
	hearEvery     = 200 * time.Millisecond // between two looks at what the center says of check-ins
	longTitle     = 30                     // bytes of a title that takes more than a line
	maxGreeted    = 3                      // people greeted in one moment who are named beside the last
	greetingMS    = 3_000                  // that a greeting stays
	questionMS    = 15_000                 // the same when it asks something
	chosenWayMS   = 60_000                 // without a check, until a direction that somebody chose is the clock's again
	freshSeconds  = 150                    // since a check by phone that is still greeted, by two clocks
	maxClockSkew  = 120 * time.Second      // between the kiosk's clock and the center's, within which a phone's card counts
	maxPhoneCards = 256                    // by which somebody has signed in
	maxWalkIns    = 30                     // people without a card
	walkInSpanMS  = 10 * 60 * 1000         // in so long

	liveWriteTimeout = 5 * time.Second
	livePingEvery    = 20 * time.Second
	livePongTimeout  = 45 * time.Second
)
