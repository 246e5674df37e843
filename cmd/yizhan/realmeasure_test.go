package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	centerbook "yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// What the first page says of a kiosk that the center has stopped, and of one that
// works.
const saysStopped, saysWelcome = "这里暂时不能换", "刷卡，就能开始"

// cloned lets somebody copy a box and go on with the copy, whose journal then comes to
// the center by stick: two different entries have one number. The kiosk stops, says so,
// and goes on when an officer has looked at it.
func (c *realCounty) cloned() {
	c.Helper()
	b := c.anyBooth()
	clone := filepath.Join(c.dir, "clone")
	b.kill()
	err := errors.Join(os.RemoveAll(clone), os.CopyFS(clone, os.DirFS(b.data)), os.Chmod(filepath.Join(clone, "key"), 0o600))
	if err != nil {
		c.Fatal(err)
	}
	b.resume()
	c.await(b.kiosk+" to be online", time.Minute, b.online)
	before := c.fleet(b).Head
	c.await("an entry of the box itself to be at the center", time.Minute, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.staffIn() == nil && b.leave() == nil && c.fleet(b).Head > before+1
	})
	b.inBooks(clone, b.forge)
	file := filepath.Join(c.dir, "clone.yzj")
	os.Remove(file)
	yizhan(c.T, "journal", "--data", clone, "--from", "1", "--out", file)
	out, err := exec.Command("yizhan", c.centerArgs("journal", file)...).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitQuarantine {
		c.Fatalf("the clone's journal was taken in: %v\n%s", err, out)
	}
	c.await("the screen to say that the kiosk is stopped", time.Minute, func() bool {
		return c.fleet(b).State == "quarantined" && strings.Contains(b.home(), saysStopped)
	})
	c.office("kiosk", "reopen", b.kiosk, "--by", realOfficer)
	c.await("the kiosk to go on", time.Minute, func() bool {
		return c.fleet(b).State == "serving" && strings.Contains(b.home(), saysWelcome)
	})
}

func (b *booth) home() string {
	s := newScreen(b.county.T, b.base)
	if err := s.hears(s.http.Get(s.base + "/")); err != nil {
		return ""
	}
	return s.page
}

// forge writes an entry into books that nobody should have.
func (b *booth) forge(books *store.Store) error {
	secret, err := civic.ParseCard(b.staff)
	if err != nil {
		return err
	}
	leader, err := books.ByCard(secret.ID())
	if err != nil {
		return err
	}
	return books.SignOut(b.county.Context(), leader.ID) // the box itself has an in at this number
}

// measure times what somebody waits for, when nothing else goes on.
func (c *realCounty) measure() {
	c.Helper()
	b, other := c.booths[0], c.booths[1]
	for _, b := range c.booths {
		c.await(b.kiosk+" to be online", time.Minute, b.online)
	}

	for _, w := range []*walker{c.people[b.number*realPeople], c.people[other.number*realPeople]} {
		g := realGrant{w, 1000, "for the measurement of " + w.name}
		c.grant(g)
		c.grants = append(c.grants, g)
	}
	began := time.Now()
	c.serving.kill()
	c.serve()
	served := time.Since(began)
	for _, b := range c.booths {
		c.await(b.kiosk+" to see that the center is gone", time.Minute, func() bool { return !b.online() || time.Since(began) > 3*time.Second })
	}
	for _, b := range c.booths {
		c.await(b.kiosk+" to be online again", time.Minute, b.online)
	}
	c.Logf("measured: %v after kill -9 the center serves again, %v after it both kiosks are online", served.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))

	c.offline(b, c.people[b.number*realPeople])
	c.foreign(b, c.people[other.number*realPeople])
}

// offline lets a volunteer redeem at home without a network, and the network come back.
func (c *realCounty) offline(b *booth, w *walker) {
	c.Helper()
	if err := b.wire.set(fault{kind: faultUnplugged}); err != nil {
		c.Fatal(err)
	}
	c.await(b.kiosk+" to be offline", time.Minute, func() bool { return !b.online() })
	b.mu.Lock()
	defer b.mu.Unlock()
	many := 30
	if *realLong > 0 {
		many = 100
	}
	for range many {
		if _, err := b.one(w); err != nil {
			c.Fatal(err)
		}
	}
	last := b.deals[len(b.deals)-1].seq
	if err := b.wire.heal(); err != nil {
		c.Fatal(err)
	}
	took := c.await("everything to be acknowledged", time.Minute, func() (all bool) {
		c.inBook(func(ctx context.Context, book *centerbook.Store) error {
			_, chain, err := book.Kiosk(ctx, b.kiosk)
			all = chain.Head.Seq >= last
			return err
		})
		return all
	})
	c.Logf("measured: %v after the wire was mended the center has all of %d redemptions", took.Round(time.Millisecond), many)
}

// one is one redemption of the cheapest good, which must succeed, and the time from its
// confirmation to the page that says so.
func (b *booth) one(w *walker) (time.Duration, error) {
	if err := errors.Join(b.signIn(w), b.get("/redeem/G005?n=1")); err != nil {
		return 0, err
	}
	form := b.screen.hidden()
	if form.Get("key") == "" {
		return 0, fmt.Errorf("not offered: %s", b.screen.page)
	}
	before, began := len(b.deals), time.Now()
	b.pending = &act{what: "redeem", path: "/redeem", form: form, then: ledger.Reserved, deal: &deal{who: w, good: "G005", cost: realPrices["G005"]}}
	if err := b.settleAct(); err != nil {
		return 0, err
	}
	if len(b.deals) == before {
		return 0, fmt.Errorf("refused: %s", b.screen.page)
	}
	return time.Since(began), nil
}

// foreign lets a volunteer of the other village redeem: all points are at home and come
// over one redemption at a time.
func (c *realCounty) foreign(b *booth, w *walker) {
	c.Helper()
	many := 20
	if *realLong > 0 {
		many = 50
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	var took []time.Duration
	for range many {
		one, err := b.one(w)
		if err != nil {
			c.Fatal(err)
		}
		took = append(took, one)
	}
	slices.Sort(took)
	c.Logf("measured: %d redemptions away from home: from the confirmation to the page that says so p50 %v, p99 %v", many,
		took[many/2].Round(time.Millisecond), took[many-1].Round(time.Millisecond))
	if took[many/2] > time.Second { // a machine that others use, too, may be slow now and then
		c.Errorf("people wait longer than a second: %v", took)
	}
}
