package ledger

// The encodings of the bodies, each beside its decoder. Fields stand in the
// order of their struct.

func (Reserve) Kind() Kind  { return KindReserve }
func (Settle) Kind() Kind   { return KindSettle }
func (Cancel) Kind() Kind   { return KindCancel }
func (Refund) Kind() Kind   { return KindRefund }
func (Return) Kind() Kind   { return KindReturn }
func (Stock) Kind() Kind    { return KindStock }
func (Register) Kind() Kind { return KindRegister }
func (Print) Kind() Kind    { return KindPrint }
func (Staff) Kind() Kind    { return KindStaff }
func (Device) Kind() Kind   { return KindDevice }

// body reads the body of the given kind. It answers nil after an error.
func (r *reader) body(kind Kind) Body {
	switch kind {
	case KindReserve:
		return r.reserve()
	case KindSettle:
		return Settle{r.key(), r.seq(), r.id()}
	case KindCancel:
		return Cancel{r.key(), r.seq(), r.id(), r.text("reason", MaxText)}
	case KindRefund:
		return Refund{r.key(), r.seq(), r.id(), r.bool("restock"), r.text("reason", MaxText)}
	case KindReturn:
		return Return{r.id(), r.parts(), r.bool("expired")}
	case KindStock:
		return Stock{r.key(), r.good(), StockMove(r.oneOf("move", 3)), r.signed("delta", MaxCount), r.int("on hand", MaxCount), r.id(), r.text("note", MaxText)}
	case KindRegister:
		return Register{r.id(), PINStep(r.oneOf("step", 3)), r.blob("verifier", MaxVerifier), r.id()}
	case KindPrint:
		return Print{r.seq(), PrintStep(r.oneOf("step", 5)), r.int("copy", 1e6), r.id(), r.text("note", MaxText)}
	case KindStaff:
		return Staff{r.key(), r.id(), StaffAct(r.oneOf("act", 3)), r.totals()}
	case KindDevice:
		return Device{DeviceEvent(r.oneOf("event", 4)), r.text("text", MaxText)}
	}
	r.fail("kind", "is not known")
	return nil
}

func (b Reserve) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Volunteer[:])
	w.good(b.Good)
	w.positive("quantity", uint64(b.Quantity), MaxQuantity)
	w.parts(b.Parts)
	w.int("claim", int64(b.Claim), int64(MaxClaim)-1)
	w.int("balance", int64(b.Balance), int64(MaxPoints))
	w.bool(b.Shelf)
}

func (r *reader) reserve() Reserve {
	return Reserve{r.key(), r.id(), r.good(), int64(r.positive("quantity", MaxQuantity)), r.parts(),
		uint16(r.int("claim", int64(MaxClaim)-1)), Points(r.int("balance", int64(MaxPoints))), r.bool("shelf")}
}

func (b Settle) encode(w *writer) {
	w.raw(b.Key[:])
	w.positive("redemption", b.Redemption, 1<<48)
	w.raw(b.Operator[:])
}

func (b Cancel) encode(w *writer) {
	w.raw(b.Key[:])
	w.positive("redemption", b.Redemption, 1<<48)
	w.raw(b.Operator[:])
	w.text("reason", b.Reason, MaxText)
}

func (b Refund) encode(w *writer) {
	w.raw(b.Key[:])
	w.positive("redemption", b.Redemption, 1<<48)
	w.raw(b.Operator[:])
	w.bool(b.Restock)
	w.text("reason", b.Reason, MaxText)
}

func (b Return) encode(w *writer) {
	w.raw(b.Volunteer[:])
	w.parts(b.Parts)
	w.bool(b.Expired)
}

func (b Stock) encode(w *writer) {
	w.raw(b.Key[:])
	w.good(b.Good)
	w.oneOf("move", byte(b.Move), 3)
	w.signed("delta", b.Delta, MaxCount)
	w.int("on hand", b.OnHand, MaxCount)
	w.raw(b.Operator[:])
	w.text("note", b.Note, MaxText)
}

func (b Register) encode(w *writer) {
	w.raw(b.Person[:])
	w.oneOf("step", byte(b.Step), 3)
	w.blob("verifier", b.Verifier, MaxVerifier)
	w.raw(b.Operator[:])
}

func (b Print) encode(w *writer) {
	w.positive("job", b.Job, 1<<48)
	w.oneOf("step", byte(b.Step), 5)
	w.int("copy", b.Copy, 1e6)
	w.raw(b.Operator[:])
	w.text("note", b.Note, MaxText)
}

func (b Staff) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Operator[:])
	w.oneOf("act", byte(b.Act), 3)
	t := b.Totals
	w.int("from", int64(t.FromSeq), 1<<48)
	for _, n := range []int64{t.Reserved, t.Settled, t.Cancelled, t.Refunded} {
		w.int("count", n, MaxCount)
	}
	w.int("spent", int64(t.Spent), int64(MaxPoints))
	w.int("back", int64(t.Back), int64(MaxPoints))
}

func (r *reader) totals() Totals {
	count := func() int64 { return r.int("count", MaxCount) }
	return Totals{uint64(r.int("from", 1<<48)), count(), count(), count(), count(),
		Points(r.int("spent", int64(MaxPoints))), Points(r.int("back", int64(MaxPoints)))}
}

func (b Device) encode(w *writer) {
	w.oneOf("event", byte(b.Event), 4)
	w.text("text", b.Text, MaxText)
}

func (w *writer) bool(v bool) {
	if v {
		w.byte(1)
	} else {
		w.byte(0)
	}
}

func (w *writer) oneOf(field string, v, last byte) {
	if v == 0 {
		w.fail(field, "is not known")
	}
	w.small(field, v, last)
}

func (w *writer) good(code string) {
	if !ValidGood(code) {
		w.fail("good", "is not 1 to 24 of A-Z a-z 0-9 - _ .")
	}
	w.text("good", code, MaxGoodCode)
}

func (w *writer) blob(field string, v []byte, limit int) {
	if len(v) > limit {
		w.fail(field, "is too long")
	}
	w.int(field, int64(len(v)), int64(limit))
	w.raw(v)
}

// ValidGood tells whether s can be a good's code: 1 to MaxGoodCode of
// A-Z a-z 0-9 - _ and full stop.
func ValidGood(s string) bool {
	if len(s) == 0 || len(s) > MaxGoodCode {
		return false
	}
	for _, c := range []byte(s) {
		ok := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.'
		if !ok {
			return false
		}
	}
	return true
}

func (r *reader) bool(field string) bool { return r.small(field, 1) == 1 }

func (r *reader) oneOf(field string, last uint8) uint8 {
	v := r.small(field, last)
	if r.err == nil && v == 0 {
		r.fail(field, "is not known")
	}
	return v
}

func (r *reader) seq() uint64 { return r.positive("number", 1<<48) }

func (r *reader) good() string {
	s := r.text("good", MaxGoodCode)
	if r.err == nil && !ValidGood(s) {
		r.fail("good", "is not 1 to 24 of A-Z a-z 0-9 - _ .")
	}
	return s
}

func (r *reader) key() (k Key) {
	copy(k[:], r.raw(len(k)))
	return k
}

func (r *reader) id() (id ID) {
	copy(id[:], r.raw(len(id)))
	return id
}

// blob answers nil for no bytes, so that encoding and decoding agree.
func (r *reader) blob(field string, limit int) []byte {
	n := r.int(field, int64(limit))
	if n == 0 {
		return nil
	}
	return append([]byte(nil), r.raw(int(n))...)
}
