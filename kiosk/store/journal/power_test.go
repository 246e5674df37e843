package journal_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/journal/faulty"
	"yizhan/ledger"
)

var everyByte = flag.Bool("everybyte", false, "cut the power in every byte of an append")

// on returns the config of a journal on a disk that can fail.
func on(t testing.TB, d *faulty.Disk) journal.Config {
	cfg := config(t, "/journal")
	cfg.FS = d
	cfg.Random = rand.NewChaCha8([32]byte{1})
	cfg.Inline()
	return cfg
}

// genesis is the head of an empty chain.
func genesis() ledger.Head { return ledger.Head{Kiosk: kiosk, Epoch: 1} }

// history is what a test wrote: all entries, how many of them were confirmed,
// and how many were tried.
type history struct {
	all              [][]byte
	confirmed, tried int
}

// work opens the journal and appends what is left of all in groups, until the
// end or an error.
func (h *history) work(cfg journal.Config) error {
	j, err := journal.Open(cfg)
	if err != nil {
		return err
	}
	defer j.Close()
	for h.confirmed < len(h.all) {
		h.tried = min(h.confirmed+1+h.confirmed%3, len(h.all))
		if err := j.Append(uint64(h.confirmed+1), h.all[h.confirmed:h.tried]); err != nil {
			return err
		}
		h.confirmed = h.tried
	}
	return nil
}

// check opens the journal and proves that it holds what was confirmed, once and
// in order, and after that nothing but a first part of what was tried. From
// then on that part counts as confirmed.
func (h *history) check(cfg journal.Config) error {
	j, err := journal.Open(cfg)
	if err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	defer j.Close()
	n := 0
	err = j.Read(1, func(seq uint64, entry []byte) error {
		if n >= h.tried || seq != uint64(n+1) || !bytes.Equal(entry, h.all[n]) {
			return fmt.Errorf("entry %d is wrong", seq)
		}
		n++
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading: %w", err)
	}
	if n < h.confirmed || j.Head().Seq != uint64(n) {
		return fmt.Errorf("%d entries and head %d, but %d were confirmed", n, j.Head().Seq, h.confirmed)
	}
	h.confirmed = n
	return nil
}

// recover checks the disk after a power cut, finishes the work on it, and
// checks that this outlives a power cut too, which keeps only what was synced.
func (h *history) recover(t testing.TB, d *faulty.Disk) error {
	if err := h.check(on(t, d)); err != nil {
		return err
	}
	if err := h.check(on(t, d.Copy())); err != nil {
		return fmt.Errorf("what was read did not last: %w", err)
	}
	if err := h.work(on(t, d)); err != nil {
		return fmt.Errorf("going on: %w", err)
	}
	d = d.Restart(faulty.Nothing, nil)
	if err := h.check(on(t, d)); err != nil {
		return fmt.Errorf("after going on: %w", err)
	}
	report, err := journal.Scan(on(t, d))
	if err != nil || len(report.Damage) > 0 {
		return fmt.Errorf("scan after going on: %v, %v", report.Damage, err)
	}
	return nil
}

// TestPowerCut cuts the power, or kills the process, in every operation of opening, appending and
// rolling over, in some or (by flag) all bytes of every write, and keeps all,
// nothing or any part of what was not synced.
func TestPowerCut(t *testing.T) {
	all := chain(t, genesis(), 45)
	whole := faulty.New()
	calm := history{all: all}
	if err := calm.work(on(t, whole)); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	cuts := 0
	for n, op := range whole.Ops() {
		step := 1
		if !*everyByte || op.Bytes >= int(journal.MinSegmentBytes) {
			step = max(1, op.Bytes/20)
		}
		for through := 0; through <= op.Bytes; through += step {
			keep := faulty.Survival(through % 3)
			if through == op.Bytes {
				keep = faulty.Some
			}
			d := faulty.New()
			d.CutAt(n, through)
			h := history{all: all}
			if err := h.work(on(t, d)); !errors.Is(err, faulty.ErrPower) {
				if err != nil || h.confirmed < len(all) {
					t.Fatalf("operation %d %v, byte %d: %d confirmed, %v", n, op, through, h.confirmed, err)
				}
			}
			after := d
			if through%4 == 3 {
				d.Revive() // only the process was killed
			} else {
				after = d.Restart(keep, r)
			}
			if err := h.recover(t, after); err != nil {
				t.Fatalf("operation %d %v, byte %d, keeping %d: %v", n, op, through, keep, err)
			}
			cuts++
		}
	}
	t.Logf("%d power cuts in %d operations", cuts, len(whole.Ops()))
}

// TestPowerCutAgain cuts the power at random, over and over on the same disk,
// so that it also goes in the middle of recovering from the cut before.
func TestPowerCutAgain(t *testing.T) {
	all := chain(t, genesis(), 120)
	for round := range 60 {
		seed := uint64(time.Now().UnixNano()) + uint64(round)
		r := rand.New(rand.NewPCG(seed, 0))
		d, h, cuts := faulty.New(), history{all: all}, 0
		for ; ; cuts++ {
			d.CutAt(r.IntN(20), r.IntN(1500))
			err := h.check(on(t, d))
			if err == nil {
				err = h.work(on(t, d))
			}
			if err == nil {
				break
			}
			if !errors.Is(err, faulty.ErrPower) {
				t.Fatalf("seed %d, after %d cuts: %v", seed, cuts, err)
			}
			d = d.Restart(faulty.Survival(r.IntN(3)), r)
		}
		if err := h.recover(t, d.Restart(faulty.Nothing, nil)); err != nil {
			t.Fatalf("seed %d, after %d cuts: %v", seed, cuts, err)
		}
	}
}
