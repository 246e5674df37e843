package store

import (
	"time"

	"yizhan/ledger"
)

// Limits of the center's store.
const (
	MaxBatch        = 4096    // entries in one Append; a link sends far fewer, a stick brings whole journals
	MaxBatchBytes   = 4 << 20 // of one Append
	foldBatch       = 2000    // entries read for one round of a fold
	MaxDelta        = 500     // documents in one answer
	MaxStatus       = 4 << 10 // bytes of what a kiosk says of itself
	MaxSuspects     = 200     // entries kept as evidence against one chain
	MaxNameRunes    = 60
	MaxReason       = 400      // bytes of why a chain is in quarantine
	maxEarned       = 200      // lines of history in a volunteer's document
	maxDepth        = 8        // scopes above one another
	sweepBatch      = 500      // rows that one sweep takes up
	MaxAdmissions   = 500      // volunteers in one Admit
	MaxDocuments    = 500      // in one Documents or PutDocuments
	shardsAtOnce    = 250      // transactions of a SQLite file that are committed together
	shardWriters    = 8        // transactions on PostgreSQL that run side by side
	peoplePage      = 500      // volunteers read at a time
	pageRows        = 5000     // of a look at the whole fleet
	maxWaiting      = 200      // enrolments shown to an officer
	maxFindings     = 200      // of one proof
	maxPrices       = 50       // of one good that are shown
	maxComing       = 10       // prices of one good that are coming
	MaxMerchantText = 120      // runes of one text about a merchant
	MaxOfficerRunes = 30       // of a name to sign in with
	maxBrowser      = 200      // bytes of what a browser calls itself
	maxActBytes     = 16 << 10 // a good before and after
	maxPlace        = 200      // bytes of a place's id
	maxChains       = 100      // of one kiosk that are shown
	maxSessions     = 50       // of one officer that are listed
	maxOfficers     = 1000
	MaxFound        = 50   // volunteers in one answer
	maxTail         = 2000 // volunteers whose phones end alike
	maxSharing      = 8    // of one phone or number
	maxLooked       = 1000 // of whom it is asked where they live, for such an answer
	maxReversals    = 500  // of one volunteer in one answer
	MaxTrail        = 500  // entries of one volunteer in one answer
	maxStockedAsked = 32   // kiosks whose shelf is looked at for one good
	maxAskedWaiting = 200  // of one place, for a second person
	maxAskedShown   = 500  // that wait anywhere, in one answer
	MaxAskedRunes   = 200  // of a reason or an answer
	MaxEvidence     = 600  // runes
	MaxPasskeys     = 10   // of one officer
	maxPasskeyID    = 1023 // bytes
	MaxPhones       = 10   // on which one volunteer is signed in
	maxPasskeyKey   = 1 << 10
	MaxHonourDays   = 366     // back, to the day of hours that are entered afterwards
	maxAskedBody    = 4 << 10 // bytes of what a kind adds
	maxStandKiosks  = 20_000
	standChunk      = 1000      // kiosks whose shelves are read at a time
	movesPage       = 200       // moves of stock read at a time, to find those of one good
	maxMovesPages   = 20        // of them for one answer
	laterPage       = 100       // entries of a volunteer read at a time
	MaxOpenJobs     = 100       // that wait or run
	maxJobText      = 64 << 10  // bytes of what a job is told, notes and answers
	MaxJobPart      = 256 << 10 // bytes of a file that lie in one row
	MaxJobParts     = 2048      // of one file
	maxOpenConns    = 16
	maxConnections  = 8 // to one SQLite file

	MaxServices         = 5000 // times of service of one volunteer in one answer
	MaxCertificates     = 100  // of one volunteer
	maxCertificateBytes = 512 << 10
	maxCertificatesADay = 3 // of one volunteer, at kiosks

	maxTwins = 5_000 // volunteers looked at for one page of twins
)

// Limits of policies.
const (
	maxPolicies    = 500 // versions of one place's
	maxRulebook    = 100_000
	MaxPolicyWhy   = 200     // characters of why a version was made
	MaxPolicyAhead = 2 * 366 // days before it comes in force
)

// Repeating a transaction.
const (
	maxAttempts  = 12
	firstBackoff = 2 * time.Millisecond
	maxBackoff   = 500 * time.Millisecond
	busyTimeout  = 10 * time.Second // for another process that writes to the SQLite file
)

// Rules that hold unless the configuration says otherwise.
const (
	defaultFreshDays = 7
	DefaultCap       = ledger.Points(1_000_000) // outstanding at one kiosk
	codeValid        = 48 * time.Hour
	linkValid        = 48 * time.Hour
	MaxTries         = 5                // wrong ones in a row
	LockedFor        = 15 * time.Minute // after them
	defaultLockAfter = 10 * time.Minute
	MaxKept          = 10 // forms of one officer
	MaxKeptBytes     = 72 << 10
	takenWithin      = 24 * time.Hour // of a file that a second person has confirmed
	KeptFor          = time.Hour
	SessionIdle      = 30 * time.Minute
	sessionLong      = 12 * time.Hour
	seenEvery        = time.Minute          // how exactly a session's last use is known
	PhoneIdle        = 180 * 24 * time.Hour // without use, until a phone is signed out
	PhoneTurn        = 24 * time.Hour       // after which a phone gets another token
	phoneGrace       = time.Minute          // in which requests with the former one may be on their way
	phoneSeenEvery   = time.Hour
	ticketKept       = 24 * time.Hour // longer than any is good
	phoneDayTries    = 15             // wrong PINs of one person on phones, and then none for a day
	phoneDayLocked   = 24 * time.Hour
	sessionKept      = 24 * time.Hour // the rows of sessions and tries that are over
	allowanceKept    = time.Hour      // for a grant that was not finished
	outboxKept       = 24 * time.Hour // after it was delivered, so that a repeated transaction finds it
	sweepAfter       = 5 * time.Second
	recallWanted     = 2 * time.Second // after it was asked for, another process still tries a recall
	recallKept       = time.Minute
	MaxWishes        = 3                    // of one volunteer that are open: what is kept by phone is not on the shelf for others
	maxWishesDay     = 30                   // of one volunteer within a day, whatever became of them
	maxWishRows      = 50                   // of one volunteer that are listed
	wishKept         = 180 * 24 * time.Hour // one that is over
	wishFresh        = 5 * time.Second      // after it was touched, somebody waits for it
	wishGrace        = 10 * time.Minute     // for a kiosk to give back by itself what nobody came for
	wishLooked       = 50                   // of a volunteer's latest reservations at a kiosk, for the one of a wish
	JobLease         = 15 * time.Second     // for whoever works on a job, and says so three times meanwhile
	JobFilesKept     = 7 * 24 * time.Hour   // after a job is over: people are named in them
	JobKept          = 180 * 24 * time.Hour // the job itself
	ImportKept       = 30 * 24 * time.Hour  // in which an import can be undone
	jobUnmade        = 2 * time.Hour        // for its files to come
	formerKept       = time.Minute          // a home that was left is looked at so long, though it is empty
)

// Limits of figures.
const (
	tellBatch      = 5000 // earnings told to their towns in one round
	maxTowns       = 20_000
	maxTownDays    = 500_000 // stretches of towns in one answer
	maxKioskDays   = 200_000 // days of kiosks in one answer
	monthBatch     = 32      // days that are looked at to add those of a month up, which are 31 at the most
	MaxResidents   = 100_000_000
	maxYears       = 100     // of residents of one place
	maxReportBytes = 2 << 20 // of one report
)

// Lists of redemptions.
const (
	lookedBatch  = 500    // read at a time when few of them are shown
	maxLookedAt  = 10_000 // of them for one page
	printsLooked = 2000   // entries after one in which steps of its slip are looked for
)

// Settlement sheets.
const (
	MaxSheetGoods = 1000    // of a merchant
	maxSheetParts = 20_000  // chains
	maxSheetBytes = 8 << 20 // a sheet as it is stored
	maxSheets     = 1000    // of a merchant
)

// Activities.
const (
	MaxActivities  = 2_000 // in one answer
	MaxShiftsShown = 2_000 // in one answer
	maxShiftScopes = 10_000
	tellShiftsOf   = 300                 // shifts whose documents one round writes
	ShiftAhead     = 35 * 24 * time.Hour // before it, kiosks are told of a shift
	ShiftKept      = 40 * 24 * time.Hour // after it, they forget it
	shiftDebounce  = 2 * time.Second     // between two documents of a shift that many claim at once
	maxClaims      = 200                 // of one volunteer in one answer
)

// Attendances.
const (
	maxAttendText  = 32 << 10         // bytes
	checkSlack     = 120              // seconds by which a kiosk's clock may be off, see civic.CheckCode
	deliverAtOnce  = 50               // volunteers whose outboxes are brought out together
	maxPhoneName   = 64               // bytes
	maxHops        = 8                // records that lead to one another, each merged into the next
	mergedLately   = 10 * time.Minute // since a merge of which claims and wishes may not have passed on
	joinedAtOnce   = 200              // attendances that pass from one record to another in one transaction
	maxSigns       = 20               // of one attendance
	MaxAttendances = 1000             // in one answer
	MaxSignsShown  = 500              // in one answer
	maxSignNote    = 200              // characters
	phonePeople    = 2                // who may check in with one phone on a day: a couple does
	batchOf        = 5                // cards of one shift, closer together than the rules let a kiosk take them
	handOf         = 5                // people of a shift of whom most were checked in by hand
	MaxObjections  = 50               // of one volunteer that wait
	objectionDays  = 366              // back, to what may still be objected to
	attendTries    = 5                // when somebody else writes the same attendance
)
