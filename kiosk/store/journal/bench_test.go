package journal_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/kiosk/store/journal"
)

// BenchmarkAppend appends single entries on the machine's disk, in turn with
// one raw pwrite and fdatasync of the same bytes into a file that was zeroed
// ahead, and reports the medians of both and their ratio. The folder is that of
// $YIZHAN_BENCH_DIR, or a temporary one.
func BenchmarkAppend(b *testing.B) {
	dir, err := os.MkdirTemp(os.Getenv("YIZHAN_BENCH_DIR"), "journal")
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cfg := config(b, filepath.Join(dir, "journal"))
	cfg.SegmentBytes = journal.DefaultSegmentBytes
	j := open(b, cfg)
	raw := newRaw(b, filepath.Join(dir, "raw"), cfg.SegmentBytes)
	if err := fill(b, j, 100); err != nil { // the first segment is made in here
		b.Fatal(err)
	}
	var sealed, plain []time.Duration
	for b.Loop() {
		head := j.Head()
		entries := chain(b, head, 1)
		start := time.Now()
		if err := j.Append(head.Seq+1, entries); err != nil {
			b.Fatal(err)
		}
		sealed = append(sealed, time.Since(start))
		plain = append(plain, raw.append(b, len(entries[0])+64)) // nonce, tag and frame
	}
	slices.Sort(sealed)
	slices.Sort(plain)
	n := len(plain)
	b.ReportMetric(float64(sealed[n/2].Microseconds()), "append-p50-µs")
	b.ReportMetric(float64(plain[n/2].Microseconds()), "raw-p50-µs")
	b.ReportMetric(float64(sealed[n*99/100].Microseconds()), "append-p99-µs")
	b.ReportMetric(float64(plain[n*99/100].Microseconds()), "raw-p99-µs")
	b.ReportMetric(float64(sealed[n/2])/float64(plain[n/2]), "ratio")
}

// raw is a file that was zeroed ahead.
type raw struct {
	f        *os.File
	at, size int64
}

func newRaw(b *testing.B, path string, size int64) *raw {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	if _, err := f.Write(make([]byte, size)); err != nil {
		b.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return &raw{f: f, size: size}
}

// append writes and syncs, and returns how long that took.
func (r *raw) append(b *testing.B, bytes int) time.Duration {
	content := make([]byte, bytes)
	content[0] = 1
	if r.at+int64(bytes) > r.size {
		r.at = 0
	}
	start := time.Now()
	if _, err := r.f.WriteAt(content, r.at); err != nil {
		b.Fatal(err)
	}
	if err := unix.Fdatasync(int(r.f.Fd())); err != nil {
		b.Fatal(err)
	}
	r.at += int64(bytes)
	return time.Since(start)
}

// BenchmarkRead reads a journal of 10,000 entries.
func BenchmarkRead(b *testing.B) {
	cfg := config(b, filepath.Join(b.TempDir(), "journal"))
	cfg.SegmentBytes = journal.DefaultSegmentBytes
	if _, err := journal.Rewrite(cfg, "1", from(chain(b, genesis(), 10_000))); err != nil {
		b.Fatal(err)
	}
	j := open(b, cfg)
	for b.Loop() {
		n := 0
		if err := j.Read(1, func(uint64, []byte) error { n++; return nil }); err != nil || n != 10_000 {
			b.Fatalf("%d entries, %v", n, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/10_000, "µs/entry")
}
