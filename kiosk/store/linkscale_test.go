package store

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
)

// TestLinkScale fills an empty kiosk over the link, in batches as large as the
// center sends them, and measures what a change and a redemption then take.
func TestLinkScale(t *testing.T) {
	cfg := testConfig(tempDir(t)+"/data", newClock())
	if *people > 10_000 {
		cfg.Dir = t.TempDir() + "/data"
	}
	cfg.Epoch = 3
	c := child(t, "link", cfg.Dir)
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

const linkBatch = 256 << 10

// childLink does it in a process of its own.
func childLink(dir string) error {
	debug.SetMemoryLimit(40 << 20)
	var n int
	fmt.Sscan(os.Getenv(childVar+"_PEOPLE"), &n)
	cfg := testConfig(dir, newClock())
	cfg.Epoch, cfg.Tick = 3, nil
	s, err := Open(bg, cfg)
	if err != nil {
		return err
	}
	feed := &feeder{s: s, scope: "qingxi"}
	start := time.Now()
	feed.add(stationDocument(1), docGood(testGood(0, 1)))
	for i := range n {
		feed.add(linkedVolunteer(i, 1), grantTo(i, 300, 700))
	}
	if err := feed.flush(); err != nil {
		return err
	}
	fmt.Printf("%d volunteers and grants over the link in %v, %d batches, the longest %v; book %d MB, RSS %d MB, peak %d MB\n", n, time.Since(start),
		len(feed.took), part(feed.took, 100), s.Health().BookBytes>>20, memory("VmRSS")>>10, memory("VmHWM")>>10)
	one := &feeder{s: s, scope: "qingxi", version: feed.version}
	var answer []time.Duration
	for i := range 200 {
		one.add(linkedVolunteer(i*7919%n, 2))
		if err := one.flush(); err != nil {
			return err
		}
		start := time.Now()
		if _, err := s.Reserve(bg, want(i*7919%n, 0)); err != nil {
			return err
		}
		answer = append(answer, time.Since(start))
	}
	fmt.Printf("one document p50 %v, p99 %v; reserve p50 %v, p99 %v\n", part(one.took, 50), part(one.took, 99), part(answer, 50), part(answer, 99))
	var search []time.Duration
	for i := range 2000 {
		v := i * 7919 % n
		start := time.Now()
		if found, err := s.Search(initialsOf(v)[:1+i%3], 20); err != nil || len(found) == 0 {
			return fmt.Errorf("search: %d, %v", len(found), err)
		}
		search = append(search, time.Since(start))
		if p, err := s.ByCard(cardOf("volunteer", v).ID()); err != nil || p.ID != volunteerID(v) {
			return fmt.Errorf("card of %d: %v", v, err)
		}
	}
	time.Sleep(2 * tickEvery)
	fmt.Printf("search p50 %v, p99 %v beside %d fresh persons; RSS %d MB, peak %d MB\n", part(search, 50), part(search, 99),
		len(s.index.Load().hidden), memory("VmRSS")>>10, memory("VmHWM")>>10)
	return s.Close()
}

// feeder sends documents as a center does.
type feeder struct {
	s       *Store
	scope   string
	version uint64
	batch   []json.RawMessage
	size    int
	took    []time.Duration
	err     error
}

func (f *feeder) add(docs ...civic.Document) {
	for _, d := range docs {
		raw, err := json.Marshal(d)
		if err != nil {
			f.err = err
		}
		f.version++
		f.batch, f.size = append(f.batch, raw), f.size+len(raw)
		if f.size > linkBatch {
			f.err = f.flush()
		}
	}
}

func (f *feeder) flush() error {
	if f.err != nil || len(f.batch) == 0 {
		return f.err
	}
	start := time.Now()
	err := f.s.Apply(bg, testEra, f.scope, f.version, f.batch)
	f.took, f.batch, f.size = append(f.took, time.Since(start)), nil, 0
	return err
}
