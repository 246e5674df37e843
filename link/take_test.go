package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"yizhan/ledger"
)

// stretch is what a kiosk would send of a book: entries from first to last.
func stretch(b *book, first, last uint64, key ed25519.PrivateKey) Entries {
	list := b.entries[first-1 : last]
	head := ledger.Head{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, Seq: last, Hash: ledger.HashOf(list[len(list)-1])}
	return Entries{first, head.Sign(key), list}
}

func TestTake(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(10)
	other := newBook("A")
	other.boot[0] = 1
	other.events(10)
	stranger := newBook("B")
	stranger.events(10)
	spoilt := stretch(bk, 5, 6, key)
	spoilt.Entries = [][]byte{spoilt.Entries[0], bytes.Repeat([]byte{1}, 40)}
	for _, c := range []struct {
		name string
		e    Entries
		want uint64 // the head after it; 4: nothing was kept
		why  Reason
	}{
		{"the next ones", stretch(bk, 5, 8, key), 8, ""},
		{"some that are there", stretch(bk, 3, 6, key), 6, ""},
		{"all that are there", stretch(bk, 1, 4, key), 4, ""},
		{"fewer than are there", stretch(bk, 1, 2, key), 4, ""},
		{"a gap", stretch(bk, 6, 8, key), 4, ReasonGap},
		{"another past", stretch(other, 5, 8, key), 4, ReasonFork},
		{"others in the place of those there", stretch(other, 2, 3, key), 4, ReasonFork},
		{"others, and more", stretch(other, 4, 9, key), 4, ReasonFork},
		{"another kiosk's", stretch(stranger, 5, 6, key), 4, ReasonForged},
		{"another key's", stretch(bk, 5, 6, boxKey(9)), 4, ReasonForged},
		{"another head's signature", Entries{5, stretch(bk, 5, 7, key).Signature, bk.entries[4:6]}, 4, ReasonForged},
		{"no entry", spoilt, 4, ReasonForged},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice()
			o.enrol("A", key.Public().(ed25519.PublicKey))
			take := func(e Entries) (ledger.Head, error) {
				return Take(t.Context(), o, "A", 1, key.Public().(ed25519.PublicKey), e)
			}
			if _, err := take(stretch(bk, 1, 4, key)); err != nil {
				t.Fatal(err)
			}
			head, err := take(c.e)
			q, _ := errors.AsType[Quarantine](err)
			if q.Reason != c.why || o.boxes["A"].head.Seq != c.want || err == nil && head.Seq != c.want {
				t.Errorf("%v, up to %d, the center has %d", err, head.Seq, o.boxes["A"].head.Seq)
			}
			if !slices.EqualFunc(o.boxes["A"].chain, bk.entries[:c.want], bytes.Equal) {
				t.Error("the chain is another")
			}
		})
	}
}

// rival is a database to which another process appends just before us.
type rival struct {
	*office
	before func()
}

func (r *rival) Append(ctx context.Context, from, to ledger.Head, sig []byte, entries [][]byte) (bool, error) {
	r.before()
	return r.office.Append(ctx, from, to, sig, entries)
}

func TestTakeBesideAnother(t *testing.T) {
	key, public := keyOf("A"), keyOf("A").Public().(ed25519.PublicKey)
	bk := newBook("A")
	bk.events(40)
	o := newOffice()
	o.enrol("A", public)
	next := uint64(1)
	r := &rival{o, func() {
		if next <= 3 {
			if _, err := Take(t.Context(), o, "A", 1, public, stretch(bk, next, next, key)); err != nil {
				t.Fatal(err)
			}
			next++
		}
	}}
	if head, err := Take(t.Context(), r, "A", 1, public, stretch(bk, 1, 9, key)); err != nil || head.Seq != 9 || next != 4 {
		t.Errorf("%+v, %v", head, err)
	}
	r.before = func() {
		n := o.boxes["A"].head.Seq + 1
		if _, err := Take(t.Context(), o, "A", 1, public, stretch(bk, n, n, key)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Take(t.Context(), r, "A", 1, public, stretch(bk, 10, 40, key)); err == nil {
		t.Error("no end to it")
	} else if _, ok := errors.AsType[Quarantine](err); ok {
		t.Errorf("quarantined: %v", err)
	}
}
