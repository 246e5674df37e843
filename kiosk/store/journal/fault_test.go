package journal_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/journal/faulty"
	"yizhan/ledger"
)

// fill appends single entries until an error comes, and returns it.
func fill(t testing.TB, j *journal.Journal, limit int) error {
	t.Helper()
	for range limit {
		head := j.Head()
		if err := j.Append(head.Seq+1, chain(t, head, 1)); err != nil {
			if j.Head() != head {
				t.Errorf("the head moved in spite of %v", err)
			}
			return err
		}
	}
	return nil
}

// TestDiskFull fills the disk, finds everything readable and nothing half done,
// and goes on when there is room.
func TestDiskFull(t *testing.T) {
	d := faulty.New()
	cfg := on(t, d)
	d.SetCapacity(3*journal.MinSegmentBytes + 100)
	j := open(t, cfg)
	if err := fill(t, j, 1000); !errors.Is(err, journal.ErrFull) {
		t.Fatalf("on a full disk: %v", err)
	}
	head := j.Head()
	if used := d.Used(); used > 3*journal.MinSegmentBytes {
		t.Errorf("%d bytes are used: what could not be finished was left behind", used)
	}
	if err := fill(t, j, 1); !errors.Is(err, journal.ErrFull) {
		t.Fatalf("still full: %v", err)
	}
	if got := read(t, j, 1); uint64(len(got)) != head.Seq {
		t.Fatalf("%d entries of %d can be read", len(got), head.Seq)
	}
	d.SetCapacity(5 * journal.MinSegmentBytes)
	if err := fill(t, j, 10); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	d = d.Restart(faulty.Nothing, nil)
	if j = open(t, on(t, d)); j.Head().Seq != head.Seq+10 {
		t.Fatalf("head %d, want %d", j.Head().Seq, head.Seq+10)
	}
	if report := scan(t, j, on(t, d)); len(report.Damage) > 0 {
		t.Errorf("%v", report.Damage)
	}
}

// scan closes a journal and scans it.
func scan(t testing.TB, j *journal.Journal, cfg journal.Config) journal.Report {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := journal.Scan(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestEveryFault lets each operation of a run fail once, with EIO and with
// ENOSPC. The journal says so and goes on clean, or says ErrSync and refuses
// everything; either way what it confirmed is there, also after a power cut.
func TestEveryFault(t *testing.T) {
	all := chain(t, genesis(), 45)
	calm := history{all: all}
	whole := faulty.New()
	if err := calm.work(on(t, whole)); err != nil {
		t.Fatal(err)
	}
	for n, op := range whole.Ops() {
		for _, fault := range []error{unix.EIO, unix.ENOSPC} {
			d := faulty.New()
			count := 0
			d.SetFail(func(faulty.Op) error {
				if count++; count == n+1 {
					return fault
				}
				return nil
			})
			h := history{all: all}
			err := h.work(on(t, d))
			synced := op.Kind == faulty.Sync || op.Kind == faulty.SyncDir || op.Kind == faulty.Rename
			switch {
			case err == nil: // the next segment was made later
			case !errors.Is(err, fault):
				t.Fatalf("operation %d %v: %v does not say %v", n, op, err, fault)
			case errors.Is(err, journal.ErrSync) && !synced:
				t.Fatalf("operation %d %v: %v", n, op, err)
			case fault == unix.ENOSPC && op.Kind == faulty.Write && !errors.Is(err, journal.ErrFull):
				t.Fatalf("operation %d %v: %v does not say that the disk is full", n, op, err)
			}
			// The process ends, the kernel does not: its cache still shows what
			// the failed sync dropped. Entries that build on it must not vanish.
			if err := h.recover(t, d); err != nil {
				t.Fatalf("operation %d %v, %v: %v", n, op, fault, err)
			}
		}
	}
}

// TestFailedWrite proves that a write which fails by half leaves no trace when
// a shorter group follows it.
func TestFailedWrite(t *testing.T) {
	d := faulty.New()
	j := open(t, on(t, d))
	if err := fill(t, j, 3); err != nil {
		t.Fatal(err)
	}
	once := true
	d.SetFail(func(op faulty.Op) error {
		if op.Kind == faulty.Write && once {
			once = false
			return unix.EIO
		}
		return nil
	})
	if err := j.Append(4, chain(t, j.Head(), 8)); !errors.Is(err, unix.EIO) || errors.Is(err, journal.ErrSync) {
		t.Fatalf("the write failed: %v", err)
	}
	if err := fill(t, j, 1); err != nil {
		t.Fatalf("the next group: %v", err)
	}
	if report := scan(t, j, on(t, d)); len(report.Damage) > 0 || report.Head.Seq != 4 {
		t.Errorf("%+v", report)
	}
}

// TestFailedRoll proves that a group which fails half way into the next segment
// leaves no trace there when a shorter one follows it.
func TestFailedRoll(t *testing.T) {
	d := faulty.New()
	j := open(t, on(t, d))
	for end := int64(0); end < journal.MinSegmentBytes-12*3*64; { // a frame is 3 lines of 64 bytes at least
		if err := fill(t, j, 1); err != nil {
			t.Fatal(err)
		}
		places := journal.Places(on(t, d), d.Content(segmentsOf(t, d)[0]))
		end = places[len(places)-1].End
	}
	d.SetFail(func(op faulty.Op) error {
		if op.Kind == faulty.Write {
			return unix.EIO
		}
		return nil
	})
	err := j.Append(j.Head().Seq+1, chain(t, j.Head(), 12))
	if !errors.Is(err, unix.EIO) || errors.Is(err, journal.ErrSync) || len(segmentsOf(t, d)) != 1 {
		t.Fatalf("the write into the next segment failed: %v", err)
	}
	d.SetFail(nil)
	for len(segmentsOf(t, d)) == 1 {
		if err := fill(t, j, 1); err != nil {
			t.Fatal(err)
		}
	}
	if report := scan(t, j, on(t, d)); len(report.Damage) > 0 || report.Segments != 2 {
		t.Errorf("%+v", report)
	}
}

// TestFailedUndo proves that the journal ends when it can neither write nor
// undo.
func TestFailedUndo(t *testing.T) {
	d := faulty.New()
	j := open(t, on(t, d))
	if err := fill(t, j, 3); err != nil {
		t.Fatal(err)
	}
	d.SetFail(func(op faulty.Op) error {
		if op.Kind == faulty.Write {
			return unix.EIO
		}
		return nil
	})
	if err := fill(t, j, 1); !errors.Is(err, journal.ErrSync) {
		t.Fatalf("neither written nor undone: %v", err)
	}
	d.SetFail(nil)
	if err := fill(t, j, 1); !errors.Is(err, journal.ErrSync) {
		t.Fatalf("afterwards: %v", err)
	}
	if report := scan(t, j, on(t, d)); !report.Whole() || report.Head.Seq != 3 {
		t.Errorf("%+v", report)
	}
}

// TestSyncError proves that the journal refuses everything after a sync failed.
func TestSyncError(t *testing.T) {
	d := faulty.New()
	j := open(t, on(t, d))
	if err := fill(t, j, 3); err != nil {
		t.Fatal(err)
	}
	d.SetFail(func(op faulty.Op) error {
		if op.Kind == faulty.Sync {
			return unix.EIO
		}
		return nil
	})
	if err := fill(t, j, 1); !errors.Is(err, journal.ErrSync) || !errors.Is(err, unix.EIO) {
		t.Fatalf("the sync failed: %v", err)
	}
	d.SetFail(nil)
	if err := fill(t, j, 1); !errors.Is(err, journal.ErrSync) {
		t.Fatalf("afterwards: %v", err)
	}
	if j.Head().Seq != 3 {
		t.Errorf("head %d", j.Head().Seq)
	}
}

// TestBadBlock makes each block of a journal unreadable in turn. What lies
// elsewhere still comes out, and the journal is never called whole.
func TestBadBlock(t *testing.T) {
	clean, all := written(t)
	paths := segmentsOf(t, clean)
	const block = 4096
	for i, path := range paths {
		content := clean.Content(path)
		places := journal.Places(on(t, clean), content)
		for begin := int64(0); begin < int64(len(content)); begin += block {
			d := clean.Copy()
			d.Spoil(path, begin+100, begin+200)
			got := map[uint64]bool{}
			report, err := journal.Salvage(on(t, d), func(seq uint64, entry []byte) error {
				got[seq] = bytes.Equal(entry, all[seq-1])
				return nil
			})
			if err != nil || report.Whole() || report.Damage[0].Kind == journal.Torn {
				t.Fatalf("segment %d, byte %d: %+v, %v", i, begin, report, err)
			}
			for seq := uint64(1); seq <= uint64(len(all)); seq++ {
				at := slices.IndexFunc(places, func(p journal.Place) bool { return p.Seq == seq })
				hit := at >= 0 && places[at].At < begin+block && places[at].Sealed > begin
				if got[seq] == hit {
					t.Errorf("segment %d, byte %d: entry %d: salvaged %v", i, begin, seq, got[seq])
				}
			}
			j, err := journal.Open(on(t, d))
			if err == nil {
				err = j.Read(1, func(uint64, []byte) error { return nil })
				j.Close()
			}
			if !errors.Is(err, journal.ErrDamaged) || !errors.Is(err, unix.EIO) {
				t.Errorf("segment %d, byte %d: %v", i, begin, err)
			}
			if head, err := journal.Rewrite(on(t, d), stamp, from(all)); err != nil || head.Seq != uint64(len(all)) {
				t.Errorf("segment %d, byte %d: rewriting: %v", i, begin, err)
			}
		}
	}
}

// TestRefused gives Append what it must not take, and finds the journal as it
// was.
func TestRefused(t *testing.T) {
	j := open(t, config(t, t.TempDir()+"/journal"))
	if err := fill(t, j, 3); err != nil {
		t.Fatal(err)
	}
	head := j.Head()
	next := chain(t, head, 40)
	foreign := head
	foreign.Kiosk = "V009-K9"
	forked := head
	forked.Hash[0] ^= 1
	for name, c := range map[string]struct {
		first   uint64
		entries [][]byte
		want    error
	}{
		"a gap":          {5, next[1:2], ledger.ErrGap},
		"a wrong number": {5, next[:1], ledger.ErrGap},
		"an old number":  {3, next[:1], ledger.ErrFork},
		"a hole":         {4, [][]byte{next[0], next[2]}, ledger.ErrGap},
		"a fork":         {4, chain(t, forked, 1), ledger.ErrFork},
		"another kiosk":  {4, chain(t, foreign, 1), ledger.ErrForeign},
		"no entry":       {4, [][]byte{[]byte("hello")}, ledger.ErrEncoding},
		"too much":       {4, next, nil},
	} {
		err := j.Append(c.first, c.entries)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if j.Head() != head || len(read(t, j, 1)) != 3 {
		t.Errorf("the head moved to %v", j.Head())
	}
	if err := j.Append(4, nil); err != nil {
		t.Errorf("an empty group: %v", err)
	}
	if err := j.Append(4, next[:1]); err != nil {
		t.Errorf("the right entry: %v", err)
	}
	j.Close()
	if err := j.Append(5, next[1:2]); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
}

// TestTwoProcesses opens a journal that another process has open.
func TestTwoProcesses(t *testing.T) {
	if dir := os.Getenv("YIZHAN_TEST_JOURNAL"); dir != "" {
		open(t, config(t, dir))
		os.Stdout.WriteString("open\n")
		io.Copy(io.Discard, os.Stdin)
		return
	}
	cfg := config(t, t.TempDir()+"/journal")
	child := exec.Command(os.Args[0], "-test.run=^TestTwoProcesses$")
	child.Env = append(os.Environ(), "YIZHAN_TEST_JOURNAL="+cfg.Dir)
	in, _ := child.StdinPipe()
	out, _ := child.StdoutPipe()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if b := make([]byte, 5); func() error { _, err := io.ReadFull(out, b); return err }() != nil || string(b) != "open\n" {
		t.Fatalf("the other process says %q", b)
	}
	if _, err := journal.Open(cfg); !errors.Is(err, journal.ErrLocked) || !strings.Contains(err.Error(), "another process") {
		t.Errorf("opening: %v", err)
	}
	if _, err := journal.Scan(cfg); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("scanning: %v", err)
	}
	in.Close()
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	open(t, cfg)
}
