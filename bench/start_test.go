package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yizhan/kiosk/store"
)

// BenchmarkStart measures a kiosk with 100,000 volunteers as a technician meets
// it: from starting the process, the proof of the books included, until the screen
// is served; and the memory that it then holds.
func BenchmarkStart(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "data")
	loaded := timed(func() { loadBox(b, dir) })
	program := filepath.Join(b.TempDir(), "yizhan")
	build := exec.Command("go", "build", "-o", program, "yizhan/cmd/yizhan")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var starts time.Duration
	var resident, peak float64
	rounds := 0
	for b.Loop() {
		ready, rss, hwm := startBox(b, program, dir)
		starts += ready
		resident, peak = max(resident, rss), max(peak, hwm)
		rounds++
	}
	b.ReportMetric(starts.Seconds()/float64(rounds), "start-s")
	b.ReportMetric(resident, "rss-MiB")
	b.ReportMetric(peak, "peak-MiB")
	b.ReportMetric(loaded.Seconds(), "load-s")
}

// loadBox fills a data folder with 100,000 volunteers.
func loadBox(b *testing.B, dir string) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	s, err := store.Open(context.Background(), config(dir))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := s.LoadBundle(context.Background(), writeBundle(b, 100_000), store.LoadOptions{Trust: true}); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
}

// startBox runs a kiosk until it is ready and tells how long that took, and the
// memory in MiB that it held then and at its highest.
func startBox(b *testing.B, program, dir string) (ready time.Duration, rss, peak float64) {
	kiosk := exec.Command(program, "kiosk", "--data", dir, "--kiosk", benchKiosk, "--listen", "127.0.0.1:0")
	out, err := kiosk.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := kiosk.Start(); err != nil {
		b.Fatal(err)
	}
	defer kiosk.Wait()
	defer kiosk.Process.Kill()
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "kiosk is ready") {
	}
	ready = time.Since(start)
	time.Sleep(2 * time.Second) // for what a start leaves behind
	return ready, status(b, kiosk.Process.Pid, "VmRSS"), status(b, kiosk.Process.Pid, "VmHWM")
}

// status reads a line of /proc/PID/status, in MiB.
func status(b *testing.B, pid int, name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kib float64
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			if _, err := fmt.Sscanf(rest, "%f kB", &kib); err != nil {
				b.Fatal(err)
			}
			return kib / 1024
		}
	}
	b.Fatalf("no %s for process %d", name, pid)
	return 0
}
