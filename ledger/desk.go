package ledger

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

// Kind returns KindStock.
func (Stock) Kind() Kind { return KindStock }

func (b Stock) encode(w *writer) {
	w.raw(b.Key[:])
	w.good(b.Good)
	w.oneOf("move", byte(b.Move), byte(StockReceived), byte(StockWasted))
	w.signed("delta", b.Delta, MaxCount)
	w.int("on hand", b.OnHand, MaxCount)
	w.raw(b.Operator[:])
	w.text("note", b.Note, MaxText)
}

func (r *reader) stock() Stock {
	return Stock{
		Key:      r.key(),
		Good:     r.good(),
		Move:     StockMove(r.oneOf("move", byte(StockReceived), byte(StockWasted))),
		Delta:    r.signed("delta", MaxCount),
		OnHand:   r.int("on hand", MaxCount),
		Operator: r.id(),
		Note:     r.text("note", MaxText),
	}
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
	Verifier []byte // with PINSet, and only there: salted Argon2id, see civic.PIN
	Operator ID     // who helped; zero: the person
}

// Kind returns KindRegister.
func (Register) Kind() Kind { return KindRegister }

// whyVerifier: a PIN set to nothing would let anyone in.
const whyVerifier = "stands with a PIN being set, and only there"

func (b Register) encode(w *writer) {
	w.raw(b.Person[:])
	w.oneOf("step", byte(b.Step), byte(PINTry), byte(PINSet))
	w.blob("verifier", b.Verifier, MaxVerifier)
	if (b.Step == PINSet) != (len(b.Verifier) > 0) {
		w.fail("verifier", whyVerifier)
	}
	w.raw(b.Operator[:])
}

func (r *reader) register() Register {
	b := Register{
		Person:   r.id(),
		Step:     PINStep(r.oneOf("step", byte(PINTry), byte(PINSet))),
		Verifier: r.blob("verifier", MaxVerifier),
		Operator: r.id(),
	}
	if (b.Step == PINSet) != (len(b.Verifier) > 0) {
		r.fail("verifier", whyVerifier)
	}
	return b
}

// StaffAct is what a member of staff did besides goods and stock.
type StaffAct uint8

// Acts of staff.
const (
	StaffSignIn   StaffAct = 1
	StaffSignOut  StaffAct = 2
	StaffCloseDay StaffAct = 3
	StaffDrawer   StaffAct = 4 // opened the drawer by hand
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

// Kind returns KindStaff.
func (Staff) Kind() Kind { return KindStaff }

func (b Staff) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Operator[:])
	w.oneOf("act", byte(b.Act), byte(StaffSignIn), byte(StaffDrawer))
	b.Totals.encode(w)
}

func (r *reader) staff() Staff {
	return Staff{
		Key:      r.key(),
		Operator: r.id(),
		Act:      StaffAct(r.oneOf("act", byte(StaffSignIn), byte(StaffDrawer))),
		Totals:   r.totals(),
	}
}

func (t Totals) encode(w *writer) {
	w.uvarint("from", t.FromSeq, 0, maxSeq)
	w.int("reserved", t.Reserved, MaxCount)
	w.int("settled", t.Settled, MaxCount)
	w.int("cancelled", t.Cancelled, MaxCount)
	w.int("refunded", t.Refunded, MaxCount)
	w.int("spent", int64(t.Spent), int64(MaxPoints))
	w.int("back", int64(t.Back), int64(MaxPoints))
}

func (r *reader) totals() Totals {
	return Totals{
		FromSeq:   r.uvarint("from", 0, maxSeq),
		Reserved:  r.int("reserved", MaxCount),
		Settled:   r.int("settled", MaxCount),
		Cancelled: r.int("cancelled", MaxCount),
		Refunded:  r.int("refunded", MaxCount),
		Spent:     Points(r.int("spent", int64(MaxPoints))),
		Back:      Points(r.int("back", int64(MaxPoints))),
	}
}
