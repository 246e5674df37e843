package journal_test

import (
	"bytes"
	"errors"
	"io/fs"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/journal/faulty"
	"yizhan/ledger"
)

// from yields entries as another source of the chain would.
func from(entries [][]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

const stamp = "20261123T231455Z"

// TestRewrite builds a damaged journal anew from the whole chain, goes on with
// it, and finds the damaged files set aside as they were.
func TestRewrite(t *testing.T) {
	d, all := written(t)
	paths := segmentsOf(t, d)
	d.Flip(paths[0], journal.HeaderBytes, 1)
	broken := d.Content(paths[0])
	head, err := journal.Rewrite(on(t, d), stamp, from(all))
	if err != nil || head.Seq != uint64(len(all)) {
		t.Fatalf("head %d, %v", head.Seq, err)
	}
	if aside := "/journal/aside-0000000001-" + stamp + strings.TrimPrefix(paths[0], "/journal"); !bytes.Equal(d.Content(aside), broken) {
		t.Errorf("the damaged file was not set aside as it was")
	}
	j := open(t, on(t, d))
	if err := fill(t, j, 30); err != nil {
		t.Fatal(err)
	}
	if got := read(t, j, 1); len(got) != len(all)+30 || !bytes.Equal(bytes.Join(got[:len(all)], nil), bytes.Join(all, nil)) {
		t.Errorf("%d entries", len(got))
	}
	if report := scan(t, j, on(t, d)); len(report.Damage) > 0 || len(report.Good) != 1 {
		t.Errorf("%+v", report)
	}
}

// TestRewriteRefused gives Rewrite what it must not take, and finds the journal
// as it was.
func TestRewriteRefused(t *testing.T) {
	d, all := written(t)
	failing := func(yield func([]byte, error) bool) {
		_ = yield(all[0], nil) && yield(nil, unix.EIO)
	}
	for name, c := range map[string]struct {
		stamp   string
		entries iter.Seq2[[]byte, error]
		want    error
	}{
		"a gap":         {stamp, from(slices.Concat(all[:5], all[6:])), ledger.ErrGap},
		"a late begin":  {stamp, from(all[1:]), ledger.ErrGap},
		"a repetition":  {stamp, from(slices.Concat(all[:5], all[4:])), ledger.ErrFork},
		"a bad source":  {stamp, failing, unix.EIO},
		"a path":        {"../x", from(all), nil},
		"an empty name": {"", from(all), nil},
	} {
		if _, err := journal.Rewrite(on(t, d), c.stamp, c.entries); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := journal.Rewrite(on(t, d), stamp, from(all[:20])); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Rewrite(on(t, d), stamp, from(all[:10])); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the same stamp again: %v", err)
	}
	j := open(t, on(t, d))
	if _, err := journal.Rewrite(on(t, d), "1", from(all)); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("while it is open: %v", err)
	}
	if j.Head().Seq != 20 {
		t.Errorf("head %d", j.Head().Seq)
	}
}

// TestRewritePowerCut cuts the power in every operation of a rewrite. What is
// there afterwards is one journal or the other, and the next attempt succeeds.
func TestRewritePowerCut(t *testing.T) {
	before, all := written(t)
	old, want := all[:40], all // the old journal holds less, as a torn one does
	if _, err := journal.Rewrite(on(t, before), "1", from(old)); err != nil {
		t.Fatal(err)
	}
	whole := before.Copy()
	if _, err := journal.Rewrite(on(t, whole), "2", from(want)); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	swapped := 0
	for n, op := range whole.Ops() {
		for _, keep := range []faulty.Survival{faulty.Nothing, faulty.Some, faulty.All} {
			d := before.Copy()
			d.CutAt(n, op.Bytes/2)
			_, err := journal.Rewrite(on(t, d), "2", from(want))
			if !errors.Is(err, faulty.ErrPower) {
				t.Fatalf("operation %d %v: %v", n, op, err)
			}
			d = d.Restart(keep, r)
			report, err := journal.Scan(on(t, d))
			if err != nil || !report.Whole() || len(report.Good) != 1 {
				t.Fatalf("seed %d, operation %d %v, keeping %d: %+v, %v", seed, n, op, keep, report, err)
			}
			if epochs, err := journal.Epochs(d, "/journal"); err != nil || !slices.Equal(epochs, []uint32{1}) {
				t.Fatalf("seed %d, operation %d %v: epochs %v, %v", seed, n, op, epochs, err)
			}
			h := history{all: all, confirmed: len(old), tried: len(want)}
			if report.Head.Seq == uint64(len(want)) {
				h.confirmed = len(want)
				swapped++
			}
			if err := h.recover(t, d); err != nil {
				t.Fatalf("seed %d, operation %d %v, keeping %d: %v", seed, n, op, keep, err)
			}
		}
	}
	if swapped == 0 {
		t.Errorf("no cut left the new journal behind")
	}
}

// TestRewriteFault lets every operation of a rewrite fail once. The journal is
// whole afterwards, the one or the other.
func TestRewriteFault(t *testing.T) {
	before, all := written(t)
	whole := before.Copy()
	if _, err := journal.Rewrite(on(t, whole), stamp, from(all)); err != nil {
		t.Fatal(err)
	}
	for n, op := range whole.Ops() {
		d, count := before.Copy(), 0
		d.SetFail(func(faulty.Op) error {
			if count++; count == n+1 {
				return unix.ENOSPC
			}
			return nil
		})
		if _, err := journal.Rewrite(on(t, d), stamp, from(all)); !errors.Is(err, unix.ENOSPC) {
			t.Fatalf("operation %d %v: %v", n, op, err)
		}
		h := history{all: all, confirmed: len(all), tried: len(all)}
		if err := h.recover(t, d); err != nil {
			t.Fatalf("operation %d %v: %v", n, op, err)
		}
	}
}

// TestSalvage heals a journal with a hole from what its own frames still hold
// and the one entry that somebody else knows.
func TestSalvage(t *testing.T) {
	d, all := written(t)
	path := segmentsOf(t, d)[0]
	d.Flip(path, int(journal.Places(on(t, d), d.Content(path))[3].At), 1)
	var healed [][]byte
	report, err := journal.Salvage(on(t, d), func(seq uint64, entry []byte) error {
		if seq == 5 {
			healed = append(healed, all[3])
		}
		healed = append(healed, bytes.Clone(entry))
		return nil
	})
	if err != nil || len(report.Damage) != 1 || report.Damage[0].First != 4 || report.Damage[0].Last != 4 {
		t.Fatalf("%+v, %v", report, err)
	}
	if _, err := journal.Rewrite(on(t, d), stamp, from(healed)); err != nil {
		t.Fatal(err)
	}
	if got := read(t, open(t, on(t, d)), 1); !bytes.Equal(bytes.Join(got, nil), bytes.Join(all, nil)) {
		t.Errorf("%d entries", len(got))
	}
}

// TestEpochs keeps two epochs in one folder.
func TestEpochs(t *testing.T) {
	dir := t.TempDir()
	cfg := config(t, dir+"/journal")
	if got, err := journal.Epochs(nil, cfg.Dir); err != nil || len(got) != 0 {
		t.Fatalf("%v, %v", got, err)
	}
	for _, epoch := range []uint32{1, 2} {
		cfg.Epoch = epoch
		j := open(t, cfg)
		if j.Head() != (ledger.Head{Kiosk: kiosk, Epoch: epoch}) {
			t.Fatalf("epoch %d begins at %v", epoch, j.Head())
		}
		if err := fill(t, j, 50); err != nil {
			t.Fatal(err)
		}
		if report := scan(t, j, cfg); !report.Whole() || report.Head.Seq != 50 {
			t.Fatalf("%+v", report)
		}
	}
	if got, err := journal.Epochs(nil, cfg.Dir); err != nil || !slices.Equal(got, []uint32{1, 2}) {
		t.Fatalf("%v, %v", got, err)
	}
	cfg.Epoch = 1
	if j := open(t, cfg); j.Head().Seq != 50 {
		t.Errorf("the first epoch ends at %d", j.Head().Seq)
	}
}
