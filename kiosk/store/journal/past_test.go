package journal_test

import (
	"bytes"
	"testing"

	"yizhan/kiosk/store/journal"
	"yizhan/ledger"
)

// TestPast reads the journal of an epoch that is over beside the one that is open.
func TestPast(t *testing.T) {
	cfg := config(t, t.TempDir())
	entries := chain(t, ledger.Head{Kiosk: kiosk, Epoch: 1}, 40)
	old := open(t, cfg)
	for n := 0; n < len(entries); n += 5 {
		if err := old.Append(uint64(n+1), entries[n:n+5]); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Epoch = 3
	j := open(t, cfg)
	defer j.Close()
	if err := j.Append(1, chain(t, ledger.Head{Kiosk: kiosk, Epoch: 3}, 2)); err != nil {
		t.Fatal(err)
	}
	read := func(epoch uint32) (n int, r journal.Report, err error) {
		r, err = j.Past(epoch, func(seq uint64, entry []byte) error {
			if n++; seq != uint64(n) || !bytes.Equal(entry, entries[n-1]) {
				t.Errorf("entry %d is not the one that was written", seq)
			}
			return nil
		})
		return n, r, err
	}
	if n, r, err := read(1); err != nil || n != 40 || r.Head.Seq != 40 || r.Head.Epoch != 1 || len(r.Damage) > 0 {
		t.Errorf("%d entries, %+v, %v", n, r, err)
	}
	if n, r, err := read(2); err != nil || n != 0 || r.Head.Seq != 0 {
		t.Errorf("an epoch of no entries: %d, %+v, %v", n, r, err)
	}
	for _, epoch := range []uint32{0, 3, 4} {
		if n, _, err := read(epoch); err == nil || n != 0 {
			t.Errorf("epoch %d: %d entries, %v", epoch, n, err)
		}
	}
}
