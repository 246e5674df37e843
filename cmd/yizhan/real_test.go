package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yizhan/center/store/storetest"
	"yizhan/ledger"
)

// A long run: go test ./cmd/yizhan -run TestReal -real 10m -timeout 30m -artifacts
var (
	realLong = flag.Duration("real", 0, "how long the test with a real center and two real kiosks goes on; 0: some seconds")
	realSeed = flag.Uint64("realseed", 0, "its seed; 0: another one each time")
)

// TestReal lets people redeem at two kiosks while their wires to the center misbehave and
// each of the three is killed with -9. Whatever a screen has confirmed stands, once;
// when all is mended, center and kiosks agree to the last point.
func TestReal(t *testing.T) {
	t.Parallel()
	runReal(t, "")
}

// TestRealPostgres is the same with the center's book in PostgreSQL.
func TestRealPostgres(t *testing.T) {
	t.Parallel()
	t.Cleanup(storetest.Stop)
	runReal(t, storetest.Database(t))
}

func runReal(t *testing.T, database string) {
	if testing.Short() {
		t.Skip("it starts a center and two kiosks")
	}
	seed := *realSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("go test ./cmd/yizhan -run '%s$' -realseed %d -real %v", t.Name(), seed, *realLong)
	c := newRealCounty(t, seed, database)
	c.converge()
	const round, short = 30 * time.Second, 6 * time.Second
	for end := time.Now().Add(*realLong); !t.Failed(); {
		c.weather(min(round, max(short, time.Until(end))))
		c.converge()
		if !time.Now().Before(end) {
			break
		}
		c.cloned()
	}
	if !t.Failed() && (*realLong > 0 || database == "") {
		c.cloned()
		c.measure()
		c.converge()
	}
	for _, b := range c.booths {
		t.Logf("%s: %v", b.kiosk, b.done)
	}
}

// event is something that happens to the county.
type event struct {
	name   string
	weight int
	do     func(*realCounty)
}

var events = []event{
	{"fault", 6, func(c *realCounty) {
		b := c.anyBooth()
		f := drawFault(c.rng, faultKinds[c.rng.IntN(len(faultKinds))])
		c.Logf("%s: %v", b.kiosk, f)
		if err := b.wire.set(f); err != nil {
			c.Fatal(err)
		}
	}},
	{"heal", 6, func(c *realCounty) {
		if err := c.anyBooth().wire.heal(); err != nil {
			c.Fatal(err)
		}
	}},
	{"kill a kiosk", 3, func(c *realCounty) {
		b := c.anyBooth()
		b.kill()
		b.judge()
		b.resume()
	}},
	{"kill the center", 3, func(c *realCounty) {
		c.serving.kill()
		c.prove()
		c.serve()
	}},
	{"kill everything", 1, func(c *realCounty) {
		c.serving.kill()
		for _, b := range c.booths {
			b.kill()
			b.judge()
		}
		c.serve()
		for _, b := range c.booths {
			b.resume()
		}
	}},
	{"earn", 6, (*realCounty).earn},
	{"copy", 1, (*realCounty).copyBook},
	{"restore", 1, (*realCounty).restore},
}

func (c *realCounty) anyBooth() *booth { return c.booths[c.rng.IntN(len(c.booths))] }

// weather lets people come to both screens, and things happen to them, for a while.
func (c *realCounty) weather(d time.Duration) {
	ctx, stop := context.WithTimeout(c.Context(), d)
	defer stop()
	var people sync.WaitGroup
	for _, b := range c.booths {
		people.Go(func() { b.work(ctx) })
	}
	total := 0
	for _, e := range events {
		total += e.weight
	}
	for ctx.Err() == nil {
		time.Sleep(time.Duration(c.rng.IntN(800)) * time.Millisecond)
		n := c.rng.IntN(total)
		for _, e := range events {
			if n -= e.weight; n < 0 {
				c.Logf("%s", e.name)
				e.do(c)
				break
			}
		}
	}
	people.Wait()
}

// earn gives somebody points. Now and then the command is killed in the middle, and
// whoever gave it gives it again.
func (c *realCounty) earn() {
	g := realGrant{c.people[c.rng.IntN(len(c.people))], ledger.Points(20 + c.rng.IntN(200)), fmt.Sprintf("gift %d", len(c.grants))}
	if c.rng.IntN(3) == 0 {
		broken := exec.Command("yizhan", c.centerArgs("grant", g.who.id.String(), fmt.Sprint(int64(g.points)), "--what", "帮厨", "--key", g.key)...)
		if err := broken.Start(); err != nil {
			c.Fatal(err)
		}
		time.Sleep(time.Duration(c.rng.IntN(60)) * time.Millisecond)
		broken.Process.Kill()
		_ = broken.Wait()
	}
	c.grant(g)
	c.grants = append(c.grants, g)
}

// copyBook copies the center's book while it serves. PostgreSQL has its own tools.
func (c *realCounty) copyBook() {
	if c.center.Database != "" {
		return
	}
	c.copied = filepath.Join(c.dir, fmt.Sprintf("copy-%d.db", time.Now().UnixMilli()))
	c.office("backup", c.copied)
	c.copiedAt = len(c.grants)
}

// restore puts the copy in place of the book of a killed center, and enters again what
// was given since. A PostgreSQL that was not put back gets a new era all the same.
func (c *realCounty) restore() {
	if c.copied == "" && c.center.Database == "" {
		return
	}
	c.serving.kill()
	if c.center.Database == "" {
		c.office("restore", c.copied)
		defer func() {
			for _, g := range c.grants[c.copiedAt:] {
				c.grant(g)
			}
		}()
	} else {
		c.office("restore")
	}
	c.prove()
	c.serve()
}
