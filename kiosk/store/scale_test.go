package store

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"
)

var people = flag.Int("people", 2000, "how many volunteers the test of scale loads; the goals are for 100000")

// TestScale loads many volunteers, starts again, each in a process of its own,
// and measures what the goals are set for.
func TestScale(t *testing.T) {
	dir := t.TempDir()
	if *people <= 10_000 {
		dir = tempDir(t)
	}
	standard(*people).write(t, filepath.Join(dir, "stick.bundle"))
	cfg := testConfig(filepath.Join(dir, "data"), newClock())
	for _, job := range []string{"fill", "serve"} {
		c := child(t, job, cfg.Dir)
		c.Env = append(c.Env, fmt.Sprintf("%s_PEOPLE=%d", childVar, *people))
		out, err := c.Output()
		t.Logf("%s", strings.TrimSpace(string(out)))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if r, err := Verify(bg, cfg); err != nil || !r.OK {
			t.Fatalf("%+v, %v", r, err)
		}
		t.Logf("verified in %v", time.Since(start))
	}
}

// childFill loads the bundle beside the data folder twice.
func childFill(dir string) error {
	debug.SetMemoryLimit(48 << 20)
	var n int
	fmt.Sscan(os.Getenv(childVar+"_PEOPLE"), &n)
	s, err := Open(bg, testConfig(dir, newClock()))
	if err != nil {
		return err
	}
	for _, want := range []LoadReport{{Serial: 1, New: n + 10}, {Serial: 1, Same: n + 10}} {
		start := time.Now()
		got, err := s.LoadBundle(bg, filepath.Join(filepath.Dir(dir), "stick.bundle"), LoadOptions{Trust: true})
		if err != nil || got != want {
			return fmt.Errorf("%+v, want %+v, %v", got, want, err)
		}
		fmt.Printf("%d volunteers loaded in %v; book %d MB, RSS %d MB, peak %d MB\n", n, time.Since(start),
			s.Health().BookBytes>>20, memory("VmRSS")>>10, memory("VmHWM")>>10)
	}
	return s.Close()
}

// memory reads a line of /proc/self/status, in KiB; 0 where there is none.
func memory(what string) (kib int64) {
	status, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, what+":") {
			fmt.Sscan(strings.TrimPrefix(line, what+":"), &kib)
		}
	}
	return kib
}

// childServe opens a store as a kiosk does, works with it, and says what that
// took.
func childServe(dir string) error {
	debug.SetMemoryLimit(48 << 20)
	var n int
	fmt.Sscan(os.Getenv(childVar+"_PEOPLE"), &n)
	start := time.Now()
	cfg := testConfig(dir, newClock())
	cfg.Tick = nil
	s, err := Open(bg, cfg)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Printf("started in %v, RSS %d MB\n", time.Since(start), memory("VmRSS")>>10)
	var search, card, answer []time.Duration
	for i := range 2000 {
		v := i * 7919 % n
		start := time.Now()
		queries := []string{initialsOf(v)[:1+i%3], phoneOf(v)[7:], numberOf(v)[8:], numberOf(v)[10:]}
		if found, err := s.Search(queries[i%4], 20); err != nil || len(found) == 0 {
			return fmt.Errorf("search for %q: %d, %v", queries[i%4], len(found), err)
		}
		search = append(search, time.Since(start))
		start = time.Now()
		if p, err := s.ByCard(cardOf("volunteer", v).ID()); err != nil || p.ID != volunteerID(v) {
			return fmt.Errorf("card of %d: %v", v, err)
		}
		card = append(card, time.Since(start))
	}
	for i := range 1000 {
		start := time.Now()
		if _, err := s.Reserve(bg, want(i*7919%n, 0)); err != nil {
			return err
		}
		answer = append(answer, time.Since(start))
	}
	fmt.Printf("search p50 %v p99 %v; card p50 %v p99 %v; reserve p50 %v p99 %v\n", part(search, 50), part(search, 99),
		part(card, 50), part(card, 99), part(answer, 50), part(answer, 99))
	time.Sleep(2 * tickEvery)
	fmt.Printf("RSS %d MB, peak %d MB after 4000 look-ups and 1000 redemptions\n", memory("VmRSS")>>10, memory("VmHWM")>>10)
	return nil
}

// part returns a percentile.
func part(d []time.Duration, percent int) time.Duration {
	slices.Sort(d)
	return d[(len(d)-1)*percent/100]
}
