package journal_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/journal/faulty"
	"yizhan/ledger"
)

var flips = flag.Int("flips", 200, "how many journals to damage with 8 flipped bytes")

// written makes a journal of several segments with groups of several entries.
func written(t testing.TB) (*faulty.Disk, [][]byte) {
	t.Helper()
	d := faulty.New()
	h := history{all: chain(t, genesis(), 60)}
	if err := h.work(on(t, d)); err != nil {
		t.Fatal(err)
	}
	return d, h.all
}

// segmentsOf returns the paths of the segments, in order.
func segmentsOf(t testing.TB, d *faulty.Disk) []string {
	t.Helper()
	names, err := d.List("/journal")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		if name != "spare.yzj" {
			found = append(found, "/journal/"+name)
		}
	}
	return found
}

// damage flips bytes of one segment and returns what must be lost by it.
type damage struct {
	lost   []uint64 // numbers of the entries whose frames were hit and that were durable
	torn   uint64   // the first of those that look like a torn tail; 0: none
	header bool     // of the segment
	stray  bool     // a byte that belongs to nothing
}

// flip damages a segment, and works out from the places of its frames what that
// costs. It shares no code with the scanner but the list of places.
func flip(t testing.TB, d *faulty.Disk, path string, last bool, count int, r *rand.Rand) damage {
	t.Helper()
	content := d.Content(path)
	places := journal.Places(on(t, d), content)
	hit := map[uint64]bool{}
	var what damage
	tail := false // a flip behind the last frame
	for _, at := range r.Perm(len(content))[:count] {
		d.Flip(path, at, byte(1+r.IntN(255)))
		at := int64(at)
		i := slices.IndexFunc(places, func(p journal.Place) bool { return at >= p.At && at < p.End })
		switch {
		case at < journal.HeaderBytes:
			what.header = true
		case i < 0:
			tail = true
		case at < places[i].Sealed:
			hit[places[i].Seq] = true
		default:
			what.stray = true
		}
	}
	alive := slices.DeleteFunc(slices.Clone(places), func(p journal.Place) bool { return hit[p.Seq] })
	for _, p := range places {
		if !hit[p.Seq] {
			continue
		}
		if last && len(alive) > 0 && !durable(p, alive, places[0].Seq) {
			what.torn = p.Seq
			break
		}
		what.lost = append(what.lost, p.Seq)
	}
	if end := places[len(places)-1].Seq + 1; tail && what.torn == 0 && last {
		what.torn = end
		if slices.Contains(what.lost, end-1) {
			what.torn = 0 // part of the same loss
		}
	}
	what.stray = what.stray || tail && !last
	return what
}

// durable tells whether the frames that are alive prove that another one of the
// last segment was durable once: a later group stands there, or the frame lies
// between frames of the first group, with which the segment was born.
func durable(p journal.Place, alive []journal.Place, first uint64) bool {
	return slices.ContainsFunc(alive, func(q journal.Place) bool {
		return q.Group > p.Seq || q.Seq > p.Seq && q.Group == first
	})
}

// TestFlips damages journals and proves that no wrong entry ever comes out, and
// that Scan names the entries that are lost, no more and no fewer.
func TestFlips(t *testing.T) {
	clean, all := written(t)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for round := range *flips {
		d := clean.Copy()
		paths := segmentsOf(t, d)
		path := paths[r.IntN(len(paths))]
		count := 8
		if round%2 == 1 {
			count = 1 + r.IntN(7) // fewer flips tell more cases apart
		}
		what := flip(t, d, path, path == paths[len(paths)-1], count, r)
		if err := compare(t, d, all, what); err != nil {
			t.Fatalf("seed %d, round %d, %s, %+v: %v", seed, round, path, what, err)
		}
	}
}

// compare scans and reads a damaged journal and compares with what must come
// out.
func compare(t testing.TB, d *faulty.Disk, all [][]byte, what damage) error {
	gone := slices.Clone(what.lost)
	if what.torn > 0 {
		for seq := what.torn; seq <= uint64(len(all)); seq++ {
			gone = append(gone, seq)
		}
	}
	var good []uint64
	report, err := journal.Salvage(on(t, d), func(seq uint64, entry []byte) error {
		if seq == 0 || seq > uint64(len(all)) || !bytes.Equal(entry, all[seq-1]) {
			return fmt.Errorf("salvaged a wrong entry %d", seq)
		}
		good = append(good, seq)
		return nil
	})
	if err != nil {
		return err
	}
	for seq := uint64(1); seq <= uint64(len(all)); seq++ {
		if slices.Contains(good, seq) == slices.Contains(gone, seq) {
			return fmt.Errorf("entry %d: good ones are %v", seq, good)
		}
	}
	var ranges, lost []uint64
	torn, header, stray := uint64(0), false, false
	for _, g := range report.Good {
		ranges = numbers(ranges, g.First, g.Last)
	}
	for _, d := range report.Damage {
		switch d.Kind {
		case journal.Lost:
			lost = numbers(lost, d.First, d.Last)
		case journal.Torn:
			torn = d.First
		case journal.Header:
			header = true
		case journal.Stray:
			stray = true
		}
	}
	// A lost tail of a segment hides stray bytes behind it, and bytes in the
	// padding of a lost frame are not looked at.
	if !slices.Equal(ranges, good) || !slices.Equal(lost, what.lost) || torn != what.torn || header != what.header || stray && !what.stray {
		return fmt.Errorf("report %+v", report)
	}
	if report.Whole() != (len(lost) == 0 && !header && !stray) {
		return fmt.Errorf("whole %v, but %+v", report.Whole(), report)
	}
	return compareOpen(t, d, all, what)
}

func numbers(list []uint64, first, last uint64) []uint64 {
	for seq := first; seq <= last; seq++ {
		list = append(list, seq)
	}
	return list
}

// compareOpen opens the damaged journal, if it can be opened, and reads it.
func compareOpen(t testing.TB, d *faulty.Disk, all [][]byte, what damage) error {
	j, err := journal.Open(on(t, d))
	if errors.Is(err, journal.ErrDamaged) && (len(what.lost) > 0 || what.header) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	defer j.Close()
	n := uint64(0)
	err = j.Read(1, func(seq uint64, entry []byte) error {
		if n++; seq != n || !bytes.Equal(entry, all[n-1]) {
			return fmt.Errorf("read a wrong entry %d", seq)
		}
		return nil
	})
	switch {
	case what.header || len(what.lost) > 0:
		if !errors.Is(err, journal.ErrDamaged) {
			return fmt.Errorf("read %d entries of a damaged journal: %w", n, err)
		}
		if !what.header && n+1 != what.lost[0] {
			return fmt.Errorf("read %d entries, but the first lost one is %d", n, what.lost[0])
		}
	case err != nil || n != j.Head().Seq || what.torn == 0 && n != uint64(len(all)) || what.torn > 0 && n+1 != what.torn:
		return fmt.Errorf("read %d entries: %w", n, err)
	}
	return nil
}

// TestFrameHeaders flips every bit of the plain part of frames, the length among
// it, and checks that it costs one frame and hides no later one.
func TestFrameHeaders(t *testing.T) {
	clean, all := written(t)
	first := segmentsOf(t, clean)[0]
	places := journal.Places(on(t, clean), clean.Content(first))
	for _, p := range []journal.Place{places[0], places[3], places[len(places)-1]} {
		for bit := range 24 * 8 {
			d := clean.Copy()
			d.Flip(first, int(p.At)+bit/8, 1<<(bit%8))
			if err := compare(t, d, all, damage{lost: []uint64{p.Seq}}); err != nil {
				t.Fatalf("frame %d, bit %d: %v", p.Seq, bit, err)
			}
		}
	}
}

// TestMissing takes whole segments away.
func TestMissing(t *testing.T) {
	clean, all := written(t)
	paths := segmentsOf(t, clean)
	if len(paths) < 3 {
		t.Fatalf("%d segments are too few", len(paths))
	}
	for i, path := range paths[:len(paths)-1] {
		d := clean.Copy()
		places := journal.Places(on(t, d), d.Content(path))
		if err := d.Remove(path); err != nil {
			t.Fatal(err)
		}
		what := damage{lost: numbers(nil, places[0].Seq, places[len(places)-1].Seq)}
		if err := compare(t, d, all, what); err != nil {
			t.Fatalf("segment %d of %d: %v", i, len(paths), err)
		}
	}
}

// TestOtherKey proves that another key, kiosk or epoch reads nothing.
func TestOtherKey(t *testing.T) {
	d, _ := written(t)
	for name, change := range map[string]func(*journal.Config){
		"kiosk": func(c *journal.Config) { c.Kiosk = "V002-K1" },
		"key":   func(c *journal.Config) { c.Sealer = sealer(t, 8) },
	} {
		cfg := on(t, d)
		change(&cfg)
		if _, err := journal.Open(cfg); !errors.Is(err, journal.ErrDamaged) {
			t.Errorf("another %s: %v", name, err)
		}
		report, err := journal.Salvage(cfg, func(seq uint64, _ []byte) error { return fmt.Errorf("entry %d came out", seq) })
		if err != nil || report.Whole() || report.Head.Seq != 0 {
			t.Errorf("another %s: %+v, %v", name, report, err)
		}
	}
	cfg := on(t, d)
	cfg.Epoch = 2
	j := open(t, cfg)
	if j.Head() != (ledger.Head{Kiosk: kiosk, Epoch: 2}) {
		t.Errorf("a new epoch begins at %v", j.Head())
	}
}

// TestFork puts a segment of another past into the place of each segment: the
// same kiosk and key, so the seals are right, but another chain.
func TestFork(t *testing.T) {
	clean, all := written(t)
	other := history{all: forked(t, len(all))}
	past := faulty.New()
	if err := other.work(on(t, past)); err != nil {
		t.Fatal(err)
	}
	paths := segmentsOf(t, clean)
	if !slices.Equal(paths, segmentsOf(t, past)) {
		t.Fatal("the segments of the two pasts begin at different entries")
	}
	for i, path := range paths[1:] {
		d := clean.Copy()
		replace(t, d, path, past.Content(path))
		count := uint64(0)
		report, err := journal.Salvage(on(t, d), func(seq uint64, entry []byte) error {
			if count++; seq == count && !bytes.Equal(entry, all[seq-1]) {
				return fmt.Errorf("entry %d of another past follows the chain", seq)
			}
			return nil
		})
		if err != nil || report.Whole() {
			t.Fatalf("segment %d: %+v, %v", i+1, report, err)
		}
		j, err := journal.Open(on(t, d))
		if err != nil {
			t.Fatal(err) // the last segment is right in itself
		}
		err = j.Read(1, func(seq uint64, entry []byte) error {
			if !bytes.Equal(entry, all[seq-1]) {
				return fmt.Errorf("read entry %d of another past", seq)
			}
			return nil
		})
		if !errors.Is(err, journal.ErrDamaged) {
			t.Errorf("segment %d: reading: %v", i+1, err)
		}
		j.Close()
	}
}

// forked makes a chain of entries as long as those of chain, but others.
func forked(t testing.TB, count int) [][]byte {
	t.Helper()
	var entries [][]byte
	head := genesis()
	for _, b := range chain(t, head, count) {
		e, err := ledger.DecodeEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		e.Prev, e.Boot[0] = head.Hash, 1
		if b, err = e.Encode(); err != nil {
			t.Fatal(err)
		}
		if head, _, err = head.Next(b); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, b)
	}
	return entries
}
