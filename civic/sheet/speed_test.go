package sheet

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"yizhan/civic/sheet/sheettest"
)

// bigRows is how long the rosters of TestBigRosters are. The goal is meant for 100,000:
//
//	go test ./civic/sheet -run BigRosters -v -rows 100000
var bigRows = flag.Int("rows", usualRows, "rows of the rosters in TestBigRosters")

// The goal for peak memory holds for the whole process that reads, however long the roster is.
const (
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

// TestBigRosters reads a big roster in a process of its own, so that the peak memory is that of reading alone. How long it
// takes is told, not judged: the machine may be busy.
func TestBigRosters(t *testing.T) {
	for _, name := range []string{"big.xlsx", "big.csv"} {
		t.Run(name, func(t *testing.T) {
			path := bigRoster(t, name, *bigRows)
			child := exec.Command(os.Args[0], "-test.run=^TestChildReads$", "-test.v", "-rows", strconv.Itoa(*bigRows))
			child.Env = append(os.Environ(), childRoster+"="+path)
			out, err := child.CombinedOutput()
			if err != nil {
				t.Fatalf("child: %v\n%s", err, out)
			}
			took := child.ProcessState.UserTime() + child.ProcessState.SystemTime()
			peak := peakKiB(t, string(out))
			t.Logf("%s: %d rows in %v of processor time, peak %d KiB", name, *bigRows, took.Round(time.Millisecond), peak)
			switch {
			case raceDetector:
				t.Log("NOT JUDGED: the race detector takes memory of its own")
			case peak > goalPeakKiB:
				t.Errorf("a peak of %d KiB; goal %d KiB", peak, goalPeakKiB)
			}
		})
	}
}

// TestChildReads is the child of TestBigRosters.
func TestChildReads(t *testing.T) {
	path := os.Getenv(childRoster)
	if path == "" {
		t.Skip("only as a child process")
	}
	s, err := ReadRoster(context.Background(), path, func(Person) error { return nil }, func(Rejection) error { return nil })
	if err != nil || s.Rows != *bigRows || s.Accepted < *bigRows*9/10 {
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
