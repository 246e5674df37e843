package store

import (
	"bytes"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// shadowRow names a row that follows from the entries alone.
type shadowRow struct {
	in  bucket
	key string
}

// shadowRows are the rows of check-ins, rosters, claims and objections as the entries
// give them.
type shadowRows map[shadowRow][]byte

func (s shadowRows) apply(e ledger.Entry) {
	switch b := e.Body.(type) {
	case ledger.CheckIn:
		s.check(e.Seq, b.Check, false)
	case ledger.CheckOut:
		s.check(e.Seq, b.Check, true)
	case ledger.Confirm:
		for _, id := range b.People {
			s.change(pairKey(b.Shift, id), func(r *checkRow) { r.word = e.Seq })
		}
	case ledger.Object:
		s[shadowRow{bObjection, string(historyKey(b.Volunteer, e.Seq))}] = []byte{}
	case ledger.Enlist:
		s[shadowRow{bEnlist, string(pairKey(b.Shift, b.Volunteer))}] = seqKey(e.Seq)
	}
}

func (s shadowRows) check(seq uint64, b ledger.Check, out bool) {
	s.change(pairKey(b.Shift, nameOf(b.Who, civic.CardID(b.Card))), func(r *checkRow) {
		if out && r.out == 0 {
			r.out = seq
		}
		if !out && r.in == 0 {
			r.in = seq
		}
	})
	if b.By == ledger.CheckCard || b.By == ledger.CheckPhone {
		s[shadowRow{bPace, string(b.Shift[:])}] = seqKey(seq)
	}
}

func (s shadowRows) change(key []byte, change func(*checkRow)) {
	at := shadowRow{bCheck, string(key)}
	var r checkRow
	if raw, found := s[at]; found {
		r, _ = parseCheckRow(raw) // it is our own
	}
	change(&r)
	s[at] = r.encode()
}

// settle holds a stored row against the entries. Each is settled once.
func (s shadowRows) settle(b bucket, key, stored []byte) error {
	at := shadowRow{b, string(key)}
	want, found := s[at]
	delete(s, at)
	if !found || !bytes.Equal(want, stored) {
		return fmt.Errorf("%v %x: %x is stored, the entries give %x", b, key, stored, want)
	}
	return nil
}
