package store

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"yizhan/center/store/storetest"
	"yizhan/ledger"
)

func TestBatchesComeTwiceAndOverlap(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		v := w.person(1, "SQ-01")
		w.earn(v, lotA, 100)
		b.down()
		for range 20 {
			b.settle(b.reserve(v, 5))
		}
		part := b.batch(1)
		part.Entries, part.Signature = part.Entries[:4], nil
		head, err := w.Append(t.Context(), part)
		if err != nil || head.Seq != 4 {
			t.Fatalf("%+v, %v", head, err)
		}
		if n, err := w.Fold(t.Context(), "SQ-01", 1); n != 0 || err != nil {
			t.Errorf("%d entries folded that nobody signed, %v", n, err)
		}
		for _, first := range []uint64{3, 1, 40} {
			if head, err = w.Append(t.Context(), b.batch(first)); err != nil || head != b.head {
				t.Fatalf("from %d: %+v, %v", first, head, err)
			}
		}
		for _, want := range []int{40, 0} {
			if n, err := w.Fold(t.Context(), "SQ-01", 1); n != want || err != nil {
				t.Errorf("%d entries folded, want %d, %v", n, want, err)
			}
		}
		b.same(v)
		w.proof()
	})
}

// Whatever gives a chain away takes nothing of its batch, is kept, and stops
// grants and folds until an officer has looked.
func TestQuarantine(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world, b *box) Batch
		want  error
	}{
		"fork": {func(w *world, b *box) Batch {
			copied := *b
			copied.entries = append([][]byte{}, b.entries[:2]...)
			copied.head = ledger.Head{Kiosk: "SQ-01", Epoch: 1, Seq: 2, Hash: ledger.HashOf(b.entries[1])}
			copied.add(ledger.Device{Event: ledger.DeviceStart, Text: "another box"})
			return copied.batch(1)
		}, ledger.ErrFork},
		"gap": {func(w *world, b *box) Batch {
			b.add(ledger.Device{Event: ledger.DeviceStart, Text: "lost"})
			b.add(ledger.Device{Event: ledger.DeviceStart, Text: "sent"})
			return b.batch(b.head.Seq)
		}, ledger.ErrGap},
		"number": {func(w *world, b *box) Batch {
			b.add(ledger.Device{Event: ledger.DeviceStart, Text: "x"})
			batch := b.batch(b.head.Seq)
			batch.First++
			return batch
		}, ledger.ErrGap},
		"signature": {func(w *world, b *box) Batch {
			b.add(ledger.Device{Event: ledger.DeviceStart, Text: "x"})
			batch := b.batch(b.head.Seq)
			batch.Signature[5] ^= 1
			return batch
		}, ErrForged},
		"head of another chain": {func(w *world, b *box) Batch {
			batch := b.batch(1)
			batch.Head.Epoch = 2
			batch.Signature = batch.Head.Sign(b.key)
			return batch
		}, ErrForged},
		"head ahead": {func(w *world, b *box) Batch {
			batch := b.batch(1)
			batch.Head.Seq++
			batch.Signature = batch.Head.Sign(b.key)
			return batch
		}, ledger.ErrGap},
		"head with another past": {func(w *world, b *box) Batch {
			batch := b.batch(1)
			batch.Head.Hash[0] ^= 1
			batch.Signature = batch.Head.Sign(b.key)
			return batch
		}, ledger.ErrFork},
		"act": {func(w *world, b *box) Batch {
			b.add(ledger.Settle{Redemption: 1})
			return b.batch(b.head.Seq)
		}, ErrRule},
		"redemption that never was": {func(w *world, b *box) Batch {
			b.add(ledger.Cancel{Redemption: 77, Reason: "x"})
			return b.batch(b.head.Seq)
		}, ErrRule},
		"damaged": {func(w *world, b *box) Batch {
			batch := b.batch(b.head.Seq + 1)
			batch.Entries = [][]byte{{1, 2, 3}}
			return batch
		}, ledger.ErrEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, t.TempDir()+"/book.db")
			quarantine(t, w, c.spoil, c.want)
		})
	}
	t.Run("postgres", func(t *testing.T) {
		quarantine(t, newWorld(t, storetest.Database(t)), func(w *world, b *box) Batch {
			b.add(ledger.Settle{Redemption: 1})
			return b.batch(b.head.Seq)
		}, ErrRule)
	})
}

func quarantine(t *testing.T, w *world, spoil func(w *world, b *box) Batch, want error) {
	b := w.kiosk("SQ-01")
	v := w.person(1, "SQ-01")
	w.earn(v, lotA, 100)
	b.down()
	b.settle(b.reserve(v, 10))
	b.reserve(v, 1)
	b.up()
	good := *b
	head, err := w.Append(t.Context(), spoil(w, b))
	if !errors.Is(err, ErrQuarantine) || !errors.Is(err, want) {
		t.Fatalf("%v", err)
	}
	if head != good.head {
		t.Errorf("%+v was taken", head)
	}
	_, c, err := w.Kiosk(t.Context(), "SQ-01")
	if err != nil || c.State != ChainQuarantined || c.Reason == "" || c.Head != good.head {
		t.Errorf("%+v, %v", c, err)
	}
	w.earn(v, lotA, 5)
	if l := w.lot(v, lotA); l.Free != 5 {
		t.Errorf("a kiosk in quarantine was granted points: %+v", l)
	}
	good.add(ledger.Device{Event: ledger.DeviceStart, Text: "still here"})
	if head, err := w.Append(t.Context(), good.batch(good.head.Seq)); err != nil || head != good.head {
		t.Errorf("what follows is kept: %+v, %v", head, err)
	}
	if _, err := w.Fold(t.Context(), "SQ-01", 1); !errors.Is(err, ErrQuarantine) {
		t.Errorf("folded in quarantine: %v", err)
	}
	w.must(w.Reopen(t.Context(), "SQ-01", 1, "officer"))
	if err := w.Reopen(t.Context(), "SQ-01", 1, "officer"); !errors.Is(err, ErrState) {
		t.Errorf("reopened twice: %v", err)
	}
	good.up()
	good.same(v)
	w.proof()
}

// A box that spends what it was never granted is caught by the fold, and nobody's
// points move.
func TestOverspendIsCaughtByTheFold(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		b := w.kiosk("SQ-01")
		v, other := w.person(1, "SQ-01"), w.person(2, "SQ-01")
		w.earn(v, lotA, 30)
		w.earn(other, lotA, 30)
		b.down()
		b.accounts[v] = b.accounts[v].Grant(lotA, 100).Grant(lotB, 5)
		b.settle(b.reserve(v, 90))
		if _, err := w.Append(t.Context(), b.batch(1)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Fold(t.Context(), "SQ-01", 1); !errors.Is(err, ErrQuarantine) || !errors.Is(err, ledger.ErrNegative) {
			t.Fatalf("%v", err)
		}
		_, c, err := w.Kiosk(t.Context(), "SQ-01")
		if err != nil || c.State != ChainQuarantined || !strings.Contains(c.Reason, v.String()) {
			t.Errorf("%+v, %v", c, err)
		}
		w.proof()
	})
}

func TestUnknownChains(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.kiosk("SQ-01")
		for _, b := range []Batch{{Kiosk: "SQ-01", Epoch: 2}, {Kiosk: "XX-01", Epoch: 1}} {
			if _, err := w.Append(t.Context(), b); !errors.Is(err, ErrUnknown) {
				t.Errorf("%+v: %v", b, err)
			}
		}
		for _, b := range []Batch{{Kiosk: "SQ-01", Epoch: 1, Entries: [][]byte{{}}}, {Kiosk: "SQ-01", Epoch: 1, First: 1, Entries: make([][]byte, MaxBatch+1)},
			{Kiosk: "SQ-01", Epoch: 1, First: 1 << 63, Entries: [][]byte{{}}}} {
			if _, err := w.Append(t.Context(), b); !errors.Is(err, ErrInput) {
				t.Errorf("%d entries from %d: %v", len(b.Entries), b.First, err)
			}
		}
		if _, err := w.Fold(t.Context(), "SQ-01", 9); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
	})
}

// FuzzParts: whatever stands in a parts column is parts or an error.
func FuzzParts(f *testing.F) {
	f.Add(encodeParts([]ledger.Part{{Expires: lotA, Points: 5}, {Expires: lotB, Points: ledger.MaxPoints}}))
	f.Add([]byte{})
	f.Add([]byte{0x80})
	f.Add([]byte{5, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		parts, err := decodeParts(b)
		if err != nil {
			return
		}
		again, err := decodeParts(encodeParts(parts))
		if err != nil || !slices.Equal(again, parts) {
			t.Errorf("%v comes back as %v, %v", parts, again, err)
		}
		for _, p := range parts {
			if p.Expires < 0 || p.Expires > ledger.MaxDay || p.Points < 0 || p.Points > ledger.MaxPoints {
				t.Errorf("out of range: %+v", p)
			}
		}
	})
}
