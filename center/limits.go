package center

import "time"

// Limits of what strangers can ask.
const (
	maxEnrolBytes   = 4 << 10
	maxFormBytes    = 1 << 20
	maxListBytes    = 64 << 20  // of a roster
	maxPhotoBytes   = 16 << 20  // of a form with a picture: one that is too large is told so
	maxJournalBytes = 256 << 20 // of a journal that is carried here
	maxPlaceBytes   = 8 << 20   // of a list of places or goods, and of what was read of it
	maxPlaceList    = 5000      // places in one list
	maxGoodList     = 2000      // goods in one list
	maxSessions     = 20_000    // connections of kiosks in one process
	maxAddresses    = 10_000    // that a limiter remembers
	askBurst        = 20        // times that one address may ask to be enrolled, or try to sign in, at once
	askEvery        = time.Second
	certifyBurst    = 12 // certificates that one kiosk may ask for at once
	certifyEvery    = 30 * time.Second
	maxAppends      = 4      // batches of entries written at a time, so that a person who waits is not the five hundredth in line
	maxServed       = 10_000 // recalls for other processes in a minute
	maxHosts        = 32     // names of the center
)

// How often things are looked after that nobody asks for. Each wait is drawn
// between three quarters of it and all of it, so that processes part.
const (
	pollEvery   = time.Second           // what other processes wrote
	recallEvery = 50 * time.Millisecond // for recalls between processes, while there are several
	seatFresh   = 150 * time.Second     // since a kiosk said how it is, which it does every minute
	noteEvery   = time.Second           // how kiosks are
	sweepEvery  = 10 * time.Second
	homeEvery   = 5 * time.Minute
	fetchEvery  = 20 * time.Second // for points that are to leave a kiosk
	fetchTime   = 3 * time.Second  // the longest that an officer waits for them
	shiftsEvery = 2 * time.Second  // for those that many claim at once
	wishEvery   = 10 * time.Second // for what is wished of kiosks that are connected, and for what nobody came for
	wishTime    = 6 * time.Second  // for what a kiosk is asked about one wish, see link.CallTime
	nearShops   = 9                // kiosks that a phone lists, its volunteer's own first
	phoneHolds  = 20               // wishes that a phone lists
	wishHands   = 4                // kiosks that are asked at a time
	pricesEvery = time.Minute      // after midnight
	starsEvery  = 10 * time.Minute // after midnight, too
	expireEvery = time.Hour
	jobsEvery   = time.Second      // jobs that were started in other processes
	rulesEvery  = 3 * time.Second  // for rules that kiosks were not told
	rulesKept   = time.Hour        // before every station is looked at, though nothing has changed
	resumeAfter = 30 * time.Second // since something was confirmed that was not done
	workTime    = 10 * time.Minute // the longest that one round may take
	nameTime    = time.Second      // the longest that a kiosk's name may take

	noteJobEvery = time.Second // how far a job is
)

// Limits of the preview of a draft.
const (
	previewPart  = 20_000  // volunteers after which it is marked how far it is, though little was found
	maxPreview   = 100_000 // volunteers in its list, those with the largest differences
	shownPreview = 10_000  // of them on its page
)

// A certificate that the center made for itself.
const (
	certificateKept  = 10 * 365 * 24 * time.Hour
	certificateRenew = 180 * 24 * time.Hour // before its end
)

// Limits of what comes and goes without a network.
const (
	picturesAtOnce = 16 // held in memory together, up to 256 KiB each
)

// Limits of the console.
const (
	maxPasskeyField  = 8 << 10 // bytes of one thing that an authenticator says, in base64
	challengeValid   = 5 * time.Minute
	maxPasswords     = 2                // compared at a time: each takes 24 MiB
	passwordWait     = 10 * time.Second // for one of those places
	maxFieldBytes    = 600
	maxLinesBytes    = 8 << 10  // of a field of several lines
	maxKeptForm      = 64 << 10 // bytes of what was typed in a form that came too late
	maxReasonRunes   = 120
	maxBelow         = 200 // places and kiosks below one, on its page
	maxScopeBytes    = 40
	maxDepth         = 8      // places above one another
	maxFleet         = 20_000 // kiosks in one table
	fleetRows        = 20     // of it on one page
	shownActs        = 8
	journalRows      = 50        // entries on one page
	lotRows          = 50        // on one page
	maxFileName      = 120       // bytes of what a list is called
	maxPeopleFile    = 1_000_000 // volunteers in one workbook, which holds 1,048,576 rows
	shownFates       = 8         // of a roster that was looked at, of each fate
	shownNotices     = 12        // of it
	shownRows        = 50        // of a list that was looked at, of each fate
	accountLines     = 200
	listRows         = 20               // of goods or stock on one page
	lookedActs       = 200              // of a place, for those of one good
	lowPieces        = 3                // left of a good, before that is told
	bestSoonDays     = 30               // before a best-before day that is told
	maxGoodPrice     = 100_000_000      // points, as civic has it
	maxGoodLimit     = 10_000_000       // pieces for each person and month
	auditRows        = 50               // acts on one page
	auditBatch       = 500              // of a file, read at a time
	maxAuditFile     = 100_000          // acts in one file
	maxActsLooked    = 1000             // done to volunteers, for a page of those of an area
	maxAuditLooked   = 200_000          // of them for a file
	maxExports       = 2                // files written at a time
	maxEvidenceRunes = 200              // a field has 600 bytes
	maxAdjust        = 100_000          // points in one adjustment
	maxNumbered      = 200_000          // volunteers in a file of ID numbers
	numbersTime      = 10 * time.Minute // for sending it
	secondRead       = 100              // decided requests read at a time, to find those of an area
	maxSecondReads   = 20               // of them for one page
	shownAttended    = 20               // attendances on an account's page
	hoursRows        = 50               // attendances on one page
	hoursRead        = 200              // attendances, objections or signs read at a time, to find those of an area
	maxHoursReads    = 20               // of them for one page
	maxServiceFile   = 500_000          // records of service in one file
	maxServiceDays   = 3 * 366          // that one file is of

	maxJobsOfOne = 5   // jobs of one officer that wait or run
	lookedJobs   = 500 // for a page of those that an officer may see
	maxJobTries  = 10  // times that a job is begun

	sendRows      = 5 // empty lines of a delivery at once
	maxBatchRunes = 40
	bestPastDays  = 365   // after a batch's best-before day, in which it is still listed
	bestAheadDays = 90    // before it, in which it is
	maxBatches    = 5_000 // looked at for one page

	maxPictureFiles  = 200      // of one sending
	maxPicturesBytes = 64 << 20 // of one sending

	lowDisk      = 256 << 20 // bytes free at a kiosk
	booksKept    = 5 * time.Second
	offlineAfter = 150 * time.Second // a kiosk that is connected says every minute how it is
	exactClock   = 5 * time.Second   // nobody sees the difference
	maxSkew      = 2 * time.Minute   // of a kiosk's clock, before that is a trouble
)

// Figures.
const (
	tallyEvery = 2 * time.Second // the days of kiosks and towns are brought up to date
	headsEvery = 5 * time.Minute // people are counted

	figuresKept  = time.Minute
	figuresOld   = 5 * time.Minute        // not shown any more
	figuresWarm  = time.Minute            // how often those that take long are worked out though nobody asks
	quickFigure  = 100 * time.Millisecond // to work one out while somebody waits
	chartWeeks   = 12
	owedShown    = 6   // places on the first page
	maxEvents    = 500 // acts of one kind that a report names
	reportWeeks  = 26  // that are listed
	reportMonths = 12
	laterWeeks   = 13 // signed reports before, of which it is looked whether more came in
	statMonths   = 4  // that the statistics look back
	laterMonths  = 6
	lowCover     = 30 // hundredths of what is owed that the goods there should serve
)

// Limits of the redemptions' room.
const (
	redeemedRows   = 50      // on one page
	redeemedBatch  = 500     // of a file, read at a time
	maxRedeemed    = 100_000 // in one file
	maxNames       = 5000    // of volunteers that one file remembers
	maxGoodChoices = 500     // goods to choose from in a filter
	maxReceiptText = 8 << 10 // bytes of what a scanner reads from a receipt
	maxSheetRows   = 500     // redemptions of one kind behind one number of a settlement sheet
)

// Activities.
const (
	maxActivityList = 1000 // activities in one list
	activitiesBack  = 366  // days for which activities that are over are listed
	calendarShown   = 4    // shifts of one day in the month's view
	leadersShown    = 60   // staff that a form offers as leaders
	shiftsShown     = 20   // of an activity on its page
	claimsShown     = 300  // people on a shift's page
	todayShown      = 8    // shifts on the first page
)

// Limits of phones.
const (
	maxPhoneForm    = 16 << 10 // bytes of a form
	maxPINs         = 2        // compared at a time: each takes up to 24 MiB
	wrongBurst      = 20       // wrong PINs from one address at once: a whole village may be behind it
	wrongEvery      = 30 * time.Second
	wrongAnswer     = 1500 * time.Millisecond // after which a wrong PIN is answered, whatever was wrong
	scanBurst       = 600                     // of one address at once: a school arrives by one wireless network
	scanEvery       = 50 * time.Millisecond
	phoneActBurst   = 30 // forms of one volunteer at once
	phoneActEvery   = 2 * time.Second
	scanKept        = 10 * time.Minute // for whoever has to sign in first
	whoKept         = 5 * time.Minute  // for whoever chooses who of those with one PIN it is
	deviceBytes     = 16
	deviceKept      = 400 * 24 * time.Hour // no browser keeps anything longer
	maxTogether     = 4                    // people who are signed in on one phone
	cardEach        = 30 * time.Second     // after which a phone fetches its next card
	phoneLines      = 50                   // of an account on a phone
	hourRows        = 30                   // of somebody's hours on one page
	phoneObjections = 50                   // of one volunteer that are shown
	mostObjected    = 12 * 60              // minutes to choose from
	missedBack      = 30 * 24 * time.Hour
	missedShifts    = 200
	soonDays        = 60             // before points expire, that is told
	nearBack        = 24 * time.Hour // since a shift began that may go on
	nearAhead       = 14 * 24 * time.Hour
	nearShifts      = 60  // on one page
	nearPlaces      = 400 // that are looked at for it
	phoneClaims     = 200 // of one volunteer
	maxSharers      = 4   // of a phone number, whose PINs are compared
)
