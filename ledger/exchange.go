package ledger

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
	Until     int64  // Unix seconds: put aside for somebody elsewhere, and given back when not collected by then; 0: it waits
}

// Kind returns KindReserve.
func (Reserve) Kind() Kind { return KindReserve }

func (b Reserve) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Volunteer[:])
	w.good(b.Good)
	w.positive("quantity", b.Quantity, MaxQuantity)
	w.parts(b.Parts)
	w.int("claim", int64(b.Claim), int64(MaxClaim)-1)
	w.int("balance", int64(b.Balance), int64(MaxPoints))
	w.manner(b.Shelf, b.Until)
}

func (r *reader) reserve() Reserve {
	b := Reserve{
		Key:       r.key(),
		Volunteer: r.id(),
		Good:      r.good(),
		Quantity:  r.positive("quantity", MaxQuantity),
		Parts:     r.parts(),
		Claim:     uint16(r.int("claim", int64(MaxClaim)-1)),
		Balance:   Points(r.int("balance", int64(MaxPoints))),
	}
	b.Shelf, b.Until = r.manner()
	return b
}

// Bits of how a reservation is kept. The byte was the boolean of the first bit before
// there was a second.
const (
	mannerShelf = 1 << 0
	mannerUntil = 1 << 1 // a time follows
)

// manner writes one byte, and the time when there is one.
func (w *writer) manner(shelf bool, until int64) {
	var m byte
	if shelf {
		m |= mannerShelf
	}
	if until != 0 {
		m |= mannerUntil
	}
	w.byte(m)
	if until != 0 {
		w.positive("until", until, maxSeconds)
	}
}

func (r *reader) manner() (shelf bool, until int64) {
	m := r.oneOf("shelf", 0, mannerShelf|mannerUntil)
	if m&mannerUntil != 0 {
		until = r.positive("until", maxSeconds)
	}
	return m&mannerShelf != 0, until
}

// Settle records that the goods of a redemption were handed over.
type Settle struct {
	Key        Key
	Redemption uint64
	Operator   ID // zero: self-service shelf
}

// Kind returns KindSettle.
func (Settle) Kind() Kind { return KindSettle }

func (b Settle) encode(w *writer) {
	w.raw(b.Key[:])
	w.seq("redemption", b.Redemption)
	w.raw(b.Operator[:])
}

func (r *reader) settle() Settle {
	return Settle{Key: r.key(), Redemption: r.seq("redemption"), Operator: r.id()}
}

// Cancel gives a reserved redemption back before the hand-over.
type Cancel struct {
	Key        Key
	Redemption uint64
	Operator   ID // zero: the volunteer
	Reason     string
}

// Kind returns KindCancel.
func (Cancel) Kind() Kind { return KindCancel }

func (b Cancel) encode(w *writer) {
	w.raw(b.Key[:])
	w.seq("redemption", b.Redemption)
	w.raw(b.Operator[:])
	w.text("reason", b.Reason, MaxText)
}

func (r *reader) cancel() Cancel {
	return Cancel{
		Key:        r.key(),
		Redemption: r.seq("redemption"),
		Operator:   r.id(),
		Reason:     r.text("reason", MaxText),
	}
}

// Refund gives a settled redemption back.
type Refund struct {
	Key        Key
	Redemption uint64
	Operator   ID
	Restock    bool // the goods can be given out again
	Reason     string
}

// Kind returns KindRefund.
func (Refund) Kind() Kind { return KindRefund }

func (b Refund) encode(w *writer) {
	w.raw(b.Key[:])
	w.seq("redemption", b.Redemption)
	w.raw(b.Operator[:])
	w.bool(b.Restock)
	w.text("reason", b.Reason, MaxText)
}

func (r *reader) refund() Refund {
	return Refund{
		Key:        r.key(),
		Redemption: r.seq("redemption"),
		Operator:   r.id(),
		Restock:    r.bool("restock"),
		Reason:     r.text("reason", MaxText),
	}
}

// Return gives points back to the center, because they were recalled or have
// expired.
type Return struct {
	Volunteer ID
	Parts     []Part
	Expired   bool
}

// Kind returns KindReturn.
func (Return) Kind() Kind { return KindReturn }

func (b Return) encode(w *writer) {
	w.raw(b.Volunteer[:])
	w.parts(b.Parts)
	w.bool(b.Expired)
}

func (r *reader) giveBack() Return {
	return Return{Volunteer: r.id(), Parts: r.parts(), Expired: r.bool("expired")}
}
