package store

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/civic"
	"yizhan/ledger"
)

// The goals: a redemption is answered within 1.4 times one raw fdatasync.
// Compare the p50 of these in one run, on the medium that TMPDIR names.

// benchWorld has people who can redeem for a long time, on a real disk.
func benchWorld(b *testing.B) *world {
	spec := standard(1000)
	spec.change = func(d *civic.Document) {
		if d.Volunteer != nil {
			d.Volunteer.Earned[0].Points, d.Volunteer.Earned[1].Points = 1e9, 1e9
		}
		if d.Good != nil {
			d.Good.Limit, d.Good.Delivered = ledger.MaxQuantity, 1e9
		}
	}
	w := &world{t: b, clock: newClock()}
	w.cfg = testConfig(filepath.Join(b.TempDir(), "data"), w.clock)
	w.open()
	w.load(spec)
	return w
}

// redeemOnce reserves and cancels in turn, so that no limit is reached.
func (w *world) redeemOnce(n int) error {
	r, err := w.Reserve(context.Background(), want(n%1000, 0))
	if err != nil {
		return err
	}
	if n%2 == 0 {
		_, err = w.Cancel(context.Background(), newKey(), r.Seq, ledger.ID{}, "")
	}
	return err
}

func BenchmarkAnswer(b *testing.B) {
	w := benchWorld(b)
	var took []time.Duration
	for n := range b.N {
		start := time.Now()
		if _, err := w.Reserve(bg, want(n%1000, 0)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		b.StopTimer()
		w.Health() // the book is committed: the next one does not wait for it
		if n%1000 == 999 {
			w.clock.wall.Add((32 * 24 * time.Hour).Milliseconds())
		}
		b.StartTimer()
	}
	report(b, took)
}

func Benchmark64Callers(b *testing.B) {
	w := benchWorld(b)
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := w.redeemOnce(int(n.Add(1))); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkRawSync writes as much as an entry takes, to a file that is zeroed
// ahead as the journal is.
func BenchmarkRawSync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	frame := make([]byte, 320)
	if _, err := f.Write(make([]byte, 4<<20)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for n := range b.N {
		start := time.Now()
		if _, err := f.WriteAt(frame, int64(n*len(frame)%(4<<20-len(frame)))); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	report(b, took)
}

func report(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
}

// BenchmarkPlanAndApply is what the writer does before the journal: the part
// of an answer that is not the disk's.
func BenchmarkPlanAndApply(b *testing.B) {
	w := benchWorld(b)
	s := w.Store
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		r := want(n*7919%1000, 0)
		n++
		t, err := s.book.begin(s.random)
		if err != nil {
			b.Fatal(err)
		}
		var got Redemption
		o := &op{ctx: bg, plan: func(t *tx, now Instant) ([]ledger.Body, error) { return s.planReserve(t, now, r) },
			answer: func(t *tx) { got = t.full(t.state.Head.Seq) }}
		if o.raws, err = s.plan(t, o, s.cfg.Clock.Now()); err != nil {
			b.Fatal(err)
		}
		if o.land(t); t.err != nil || got.Seq == 0 {
			b.Fatal(t.err)
		}
		t.bolt.Rollback()
	}
}
