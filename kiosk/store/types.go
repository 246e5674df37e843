package store

import (
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// Health is what the store knows about itself.
type Health struct {
	Documents    bool        // a bundle is loaded, or the center has told what this station is; before that every account is closed
	ReadOnly     error       // why nothing can be written now (wraps ErrReadOnly); nil: all is well
	Head         ledger.Head // of the journal
	Volunteers   int
	BundleSerial uint64
	BookBytes    int64
	JournalBytes int64
}

// Person is whom a card belongs to.
type Person struct {
	ID    ledger.ID
	Staff bool
}

// Good is a good and what stands on the shelf.
type Good struct {
	civic.Good
	Shelf ledger.Shelf
}

// Redemption is one redemption with everything that a screen or a receipt says
// of it. Good is as the documents name it today; a good whose document is gone
// has its code alone.
type Redemption struct {
	ledger.Redemption
	Good      civic.Good
	WallMS    int64 // when it was reserved, Unix milliseconds
	Quality   ledger.Quality
	SettledMS int64     // when it was handed over; 0: not yet
	SettledBy ledger.ID // zero: self-service shelf
	EndSeq    uint64    // the entry that cancelled or refunded it; 0: none
	EndedMS   int64
	EndedBy   ledger.ID // zero: the volunteer
	Reason    string
	Job       Job // its receipt
}

// Cost is what the redemption takes, in points.
func (r Redemption) Cost() ledger.Points { return ledger.Sum(r.Parts) }

// LineKind says what a line of an account's history is.
type LineKind uint8

// Kinds of lines. A redemption has one line when it is reserved and another
// when it is cancelled or refunded.
const (
	LineEarned   LineKind = 1
	LineRedeemed LineKind = 2
	LineCanceled LineKind = 3
	LineRefunded LineKind = 4
	LineReturned LineKind = 5 // given back to the center, mostly because it expired
)

// Line is one line of an account's history.
type Line struct {
	Kind       LineKind
	Day        ledger.Day     // the date on which it happened, where the kiosk stands
	WallMS     int64          // 0 for what was earned: documents know the date only
	Seq        uint64         // the entry behind it; 0 for what was earned
	Points     ledger.Points  // signed: what it does to the balance
	Parts      []ledger.Part  // by lot, not signed
	Earning    *civic.Earning // LineEarned
	Redemption *Redemption    // LineRedeemed, LineCanceled, LineRefunded
	Expired    bool           // LineReturned: because the lot had expired
}

// StockMove is one entry that changed the stock of a good outside redemptions.
type StockMove struct {
	ledger.Stock
	Seq    uint64
	WallMS int64
	Name   string // of the good
}

// JobKind says what a print job prints.
type JobKind uint8

// Kinds of print jobs.
const (
	JobReceipt JobKind = 1 // of the redemption with the job's number
	JobClose   JobKind = 2 // the totals of the close with the job's number
	JobStock   JobKind = 3 // the change of stock with the job's number
	JobDrawer  JobKind = 4 // nothing: it opens the drawer, at most once
	JobTicket  JobKind = 6 // the ticket with the job's number, at once or not at all
	JobCheckIn JobKind = 5 // the check-in with the job's number

	JobCertificate JobKind = 7 // the certificate with the job's number
)

// Fleeting tells whether a job is carried out now or never. Nothing of it is held, asked
// about or printed again.
func (k JobKind) Fleeting() bool { return k == JobDrawer || k == JobTicket }

// Job is a print job. It carries the number of the entry that made it.
type Job struct {
	Seq   uint64
	Kind  JobKind
	State spool.State
	Copy  int64         // 0: the original; n: the n-th reprint
	Last  spool.Step    // what happened last; of a printed job: the evidence
	Past  []spool.State // how the copies before this one ended, the original first
	Note  string
}

// KnownPrinter is what is known of the printer on a port.
type KnownPrinter struct {
	Port    string // /dev/ttyS1
	Ability spool.Ability
	Profile string // as a person found by reading its probe page; "": nobody did
}

// Reserve asks for a redemption. Price is the price of one piece that the
// person saw.
type Reserve struct {
	Key       ledger.Key
	Volunteer ledger.ID
	Good      string
	Quantity  int64
	Price     ledger.Points
	Away      bool  // for somebody who collects later; refused where people take things off the shelf themselves
	Until     int64 // Unix seconds: of one that is Away, when it is given back; 0: it waits. A repeated request gets the first one
}

// LoadOptions say how a bundle is loaded.
type LoadOptions struct {
	Trust    bool                  // pin the issuer of the first bundle
	Progress func(done, total int) // called now and then, from the loading goroutine; may be nil
}

// LoadReport counts what a bundle brought.
type LoadReport struct {
	Serial             uint64
	New, Changed, Same int
	Withheld           int // grants of another era than this kiosk has heard of, which were not taken
}

func (r *LoadReport) add(o LoadReport) {
	r.New, r.Changed, r.Same, r.Withheld = r.New+o.New, r.Changed+o.Changed, r.Same+o.Same, r.Withheld+o.Withheld
}
