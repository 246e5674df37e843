package sheet

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"yizhan/civic/sheet/sheettest"
)

// Goals for a roster of 100,000 messy rows: processor time and peak memory of the whole process.
const (
	goalRows     = 100_000
	goalTime     = 15 * time.Second
	goalPeakKiB  = 80 << 10
	childRoster  = "SHEET_TEST_ROSTER" // path for the child process to read
	seedOfSpeed  = 11
	faultsPerMil = 30
)

func bigRoster(tb testing.TB, name string, rows int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	if _, err := sheettest.Roster(path, sheettest.Options{Seed: seedOfSpeed, Rows: rows, Faults: faultsPerMil}); err != nil {
		tb.Fatal(err)
	}
	return path
}

// TestHundredThousandRows reads a big roster in a process of its own, so that the peak memory is that of reading alone.
func TestHundredThousandRows(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	for _, name := range []string{"big.xlsx", "big.csv"} {
		t.Run(name, func(t *testing.T) {
			path := bigRoster(t, name, goalRows)
			child := exec.Command(os.Args[0], "-test.run=^TestChildReads$", "-test.v")
			child.Env = append(os.Environ(), childRoster+"="+path)
			out, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("child: %v\n%s", err, out)
			}
			took := child.ProcessState.UserTime() + child.ProcessState.SystemTime() // of the processor: the machine may be busy
			peak := peakKiB(t, string(out))
			t.Logf("%s: %d rows in %v, peak %d KiB", name, goalRows, took.Round(time.Millisecond), peak)
			if took > goalTime || peak > goalPeakKiB {
				t.Errorf("took %v with a peak of %d KiB; goal %v and %d KiB", took, peak, goalTime, goalPeakKiB)
			}
		})
	}
}

// TestChildReads is the child of TestHundredThousandRows.
func TestChildReads(t *testing.T) {
	path := os.Getenv(childRoster)
	if path == "" {
		t.Skip("only as a child process")
	}
	s, err := ReadRoster(context.Background(), path, func(Person) error { return nil }, func(Rejection) error { return nil })
	if err != nil || s.Rows != goalRows || s.Accepted < goalRows*9/10 {
		t.Fatalf("summary = %+v, %v", s, err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("needs Linux")
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			t.Log(strings.TrimSpace(line))
		}
	}
}

func peakKiB(t *testing.T, out string) int {
	t.Helper()
	_, rest, ok := strings.Cut(out, "VmHWM:")
	if !ok {
		t.Skipf("no peak in %q", out)
	}
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func BenchmarkReadRoster(b *testing.B) {
	for _, name := range []string{"r.xlsx", "r.csv"} {
		b.Run(name, func(b *testing.B) {
			const rows = 20_000
			path := bigRoster(b, name, rows)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadRoster(context.Background(), path, func(Person) error { return nil }, func(Rejection) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		})
	}
}
