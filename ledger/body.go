package ledger

import "fmt"

// Kind says what an entry records.
type Kind uint8

// The kinds of the design. Check-in, check-out, order and rate entries have no
// body here yet; a decoder refuses them.
const (
	KindReserve  Kind = 1
	KindSettle   Kind = 2
	KindCancel   Kind = 3
	KindRefund   Kind = 4
	KindReturn   Kind = 5
	KindStock    Kind = 8
	KindRegister Kind = 9
	KindPrint    Kind = 12
	KindStaff    Kind = 13
	KindDevice   Kind = 14
)

// Body is what one kind of entry says. The types of this package are the only
// implementations.
type Body interface {
	Kind() Kind
	encode(*writer)
}

// Reserve takes points and stock aside for a redemption, which is numbered by
// the entry's Seq. Parts are the lots it draws on, the earliest first.
type Reserve struct {
	Key       Key
	Volunteer ID
	Good      string // the good's code
	Quantity  int64  // pieces
	Parts     []Part
	Claim     uint16 // the collection code, see ClaimText
	Balance   Points // spendable at this kiosk after the entry
	Shelf     bool   // self-service shelf: a settle entry follows at once
}

// Settle records that the goods of a redemption were handed over.
type Settle struct {
	Key        Key
	Redemption uint64
	Operator   ID // zero: self-service shelf
}

// Cancel gives a reserved redemption back before the hand-over.
type Cancel struct {
	Key        Key
	Redemption uint64
	Operator   ID // zero: the volunteer
	Reason     string
}

// Refund gives a settled redemption back.
type Refund struct {
	Key        Key
	Redemption uint64
	Operator   ID
	Restock    bool // the goods can be given out again
	Reason     string
}

// Return gives points back to the center, because they were recalled or have
// expired.
type Return struct {
	Volunteer ID
	Parts     []Part
	Expired   bool
}

// StockMove says why stock changed.
type StockMove uint8

// Reasons for a change of stock.
const (
	StockReceived StockMove = 1
	StockCounted  StockMove = 2
	StockWasted   StockMove = 3
)

// Stock records goods received, counted or thrown away.
type Stock struct {
	Key      Key
	Good     string
	Move     StockMove
	Delta    int64 // pieces, signed
	OnHand   int64 // pieces on the shelf after the entry
	Operator ID
	Note     string
}

// PINStep is what happened to a person's PIN.
type PINStep uint8

// A try is written before the PIN is compared, so that killing the kiosk gives
// no free tries; a pass or a card clears the count.
const (
	PINTry   PINStep = 1
	PINClear PINStep = 2
	PINSet   PINStep = 3
)

// Register records a change to what the kiosk knows of a person.
type Register struct {
	Person   ID
	Step     PINStep
	Verifier []byte // PINSet only: salted Argon2id, see civic.PIN
	Operator ID     // who helped; zero: the person
}

// PrintStep is what happened to a print job.
type PrintStep uint8

// Steps of a print job. The job itself is made by the entry that caused it.
const (
	PrintSending   PrintStep = 1 // written before the first byte leaves
	PrintDone      PrintStep = 2 // every byte left and the printer did not complain
	PrintUncertain PrintStep = 3 // a fault after the first byte
	PrintHeld      PrintStep = 4 // a fault before the first byte
	PrintAgain     PrintStep = 5 // a new copy was asked for
)

// Print records a step of the print job that the entry Job made.
type Print struct {
	Job      uint64 // Seq of the entry that made the job
	Step     PrintStep
	Copy     int64 // 0: the original; n: the n-th reprint
	Operator ID    // PrintAgain: who asked; zero: the volunteer
	Note     string
}

// StaffAct is what a member of staff did besides goods and stock.
type StaffAct uint8

// Acts of staff.
const (
	StaffSignIn   StaffAct = 1
	StaffSignOut  StaffAct = 2
	StaffCloseDay StaffAct = 3
)

// Staff records an act of staff. For a day's close the totals are those since
// the close before, so that every entry belongs to one close.
type Staff struct {
	Key      Key
	Operator ID
	Act      StaffAct
	Totals   Totals
}

// Totals sums up the entries of one stretch of the chain.
type Totals struct {
	FromSeq   uint64 // the first entry counted
	Reserved  int64  // redemptions begun
	Settled   int64
	Cancelled int64
	Refunded  int64
	Spent     Points // of the settled ones
	Back      Points // refunded
}

// DeviceEvent is something that happened to the box.
type DeviceEvent uint8

// Events of a box.
const (
	DeviceStart    DeviceEvent = 1 // Text: program version
	DeviceBundle   DeviceEvent = 2 // Text: serial number and SHA-256 of a bundle loaded
	DeviceRebuilt  DeviceEvent = 3 // Text: what was damaged and what it was rebuilt from
	DeviceNewEpoch DeviceEvent = 4 // Text: why
)

// Device records an event of the box.
type Device struct {
	Event DeviceEvent
	Text  string
}

// claimLetters leaves out I and O, which are read as digits.
const claimLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ"

// MaxClaim is the number of different collection codes; they come round again.
const MaxClaim = uint16(len(claimLetters) * 1000)

// ClaimText writes a collection code as people say it: A037.
func ClaimText(claim uint16) string {
	claim %= MaxClaim
	return fmt.Sprintf("%c%03d", claimLetters[claim/1000], claim%1000)
}

// ParseClaim reads what ClaimText writes.
func ParseClaim(s string) (uint16, error) {
	for i := range len(claimLetters) {
		var n uint16
		if len(s) == 4 && s[0] == claimLetters[i] {
			if _, err := fmt.Sscanf(s[1:], "%03d", &n); err == nil {
				return uint16(i)*1000 + n, nil
			}
		}
	}
	return 0, fmt.Errorf("%w: a collection code is a letter and three digits", ErrEncoding)
}
