package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	centerbook "yizhan/center/store"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// tally is what a kiosk's journal comes to, folded by nothing but this test.
type tally struct {
	head     uint64
	deals    map[uint64]*tallied
	keys     map[ledger.Key]uint64 // of redemptions
	returned map[ledger.ID]ledger.Points
	wrong    []string
}

// tallied is one redemption in a journal.
type tallied struct {
	ledger.Reserve
	state ledger.State
}

func (t *tally) find(format string, args ...any) {
	t.wrong = append(t.wrong, fmt.Sprintf(format, args...))
}

// read folds one entry.
func (t *tally) read(e ledger.Entry) {
	if e.Seq != t.head+1 {
		t.find("entry %d after %d", e.Seq, t.head)
	}
	t.head = e.Seq
	switch body := e.Body.(type) {
	case ledger.Reserve:
		if before := t.keys[body.Key]; before != 0 {
			t.find("redemption %d is %d once more", e.Seq, before)
		}
		t.keys[body.Key], t.deals[e.Seq] = e.Seq, &tallied{body, ledger.Reserved}
	case ledger.Settle:
		t.move(e.Seq, body.Redemption, ledger.Reserved, ledger.Settled)
	case ledger.Cancel:
		t.move(e.Seq, body.Redemption, ledger.Reserved, ledger.Cancelled)
	case ledger.Refund:
		t.move(e.Seq, body.Redemption, ledger.Settled, ledger.Refunded)
	case ledger.Return:
		t.returned[body.Volunteer] += ledger.Sum(body.Parts)
	}
}

func (t *tally) move(seq, redemption uint64, from, to ledger.State) {
	d := t.deals[redemption]
	if d == nil || d.state != from {
		t.find("entry %d makes redemption %d %v, which was %+v", seq, redemption, to, d)
		return
	}
	d.state = to
}

// used is what somebody has spent here or left waiting.
func (t *tally) used(id ledger.ID) (n ledger.Points) {
	for _, d := range t.deals {
		if d.Volunteer == id && (d.state == ledger.Reserved || d.state == ledger.Settled) {
			n += ledger.Sum(d.Parts)
		}
	}
	return n
}

// journal writes the journal of a kiosk that does not run.
func (b *booth) journal() string {
	file := filepath.Join(b.county.dir, b.kiosk+".yzj")
	os.Remove(file)
	yizhan(b.county.T, "journal", "--data", b.data, "--from", "1", "--out", file)
	return file
}

// tally reads the journal of a kiosk that does not run.
func (b *booth) tally() *tally {
	c := b.county
	c.Helper()
	f, err := os.Open(b.journal())
	if err != nil {
		c.Fatal(err)
	}
	defer f.Close()
	file, err := link.ReadJournal(f)
	if err != nil {
		c.Fatal(err)
	}
	t := &tally{deals: make(map[uint64]*tallied), keys: make(map[ledger.Key]uint64), returned: make(map[ledger.ID]ledger.Points)}
	for frame, err := range file.Frames() {
		if err != nil {
			c.Fatal(err)
		}
		for _, raw := range frame.Entries {
			e, err := ledger.DecodeEntry(raw)
			if err != nil {
				c.Fatal(err)
			}
			t.read(e)
		}
	}
	return t
}

// judge holds the journal of a killed kiosk against what its screens said.
func (b *booth) judge() *tally {
	c := b.county
	c.Helper()
	b.proven()
	t := b.tally()
	for _, what := range t.wrong {
		c.Errorf("%s: %s", b.kiosk, what)
	}
	for _, d := range b.deals {
		got := t.deals[d.seq]
		switch {
		case got == nil:
			c.Errorf("%s: redemption %d of %s for %d was confirmed on the screen and is not in the journal", b.kiosk, d.seq, d.who.name, d.cost)
		case got.Volunteer != d.who.id || ledger.Sum(got.Parts) != d.cost || got.Good != d.good:
			c.Errorf("%s: redemption %d: the screen said %s, %s for %d, the journal %+v", b.kiosk, d.seq, d.who.name, d.good, d.cost, got)
		case got.state != d.state && (b.pending == nil || b.pending.deal != d || got.state != b.pending.then):
			c.Errorf("%s: redemption %d is %v in the journal; the screen said %v; pending %+v", b.kiosk, d.seq, got.state, d.state, b.pending)
		}
	}
	more := len(t.deals) - len(b.deals)
	if more != 0 && (more != 1 || b.pending == nil || b.pending.what != "redeem") {
		c.Errorf("%s: %d redemptions in the journal that no screen has confirmed; pending %+v", b.kiosk, more, b.pending)
	}
	return t
}

// fleet is what 'yizhan center kiosk list' says of a kiosk.
func (c *realCounty) fleet(b *booth) (k listedKiosk) {
	c.Helper()
	var f fleet
	if err := json.Unmarshal([]byte(c.office("kiosk", "list", "--json")), &f); err != nil {
		c.Fatal(err)
	}
	for _, k := range f.Kiosks {
		if k.Kiosk == b.kiosk {
			return k
		}
	}
	c.Fatalf("%s is not in the list", b.kiosk)
	return k
}

// converge heals everything, lets those finish who are not sure, and proves that the
// center and both kiosks agree to the last point.
func (c *realCounty) converge() {
	c.Helper()
	for _, b := range c.booths {
		if err := b.wire.heal(); err != nil {
			c.Fatal(err)
		}
	}
	for _, b := range c.booths {
		took := c.await(b.kiosk+" to be online after everything was healed", 6*time.Minute, func() bool { return b.hurry() && b.online() })
		c.Logf("%s was online %v after everything was healed", b.kiosk, took.Round(time.Millisecond))
		c.await(b.kiosk+" to say what came of everything", time.Minute, b.quiet)
	}
	for range 10 {
		if c.agree() {
			c.shown()
			return
		}
	}
	c.Fatal("the center never had all that the kiosks wrote")
}

// hurry lets somebody from elsewhere come, for whom the center is needed.
func (b *booth) hurry() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.signIn(b.county.people[(1-b.number)*realPeople])
	return err == nil && b.leave() == nil
}

// quiet lets whoever is not sure find out, and tells whether everybody is sure.
func (b *booth) quiet() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pending != nil {
		if err := b.settleAct(); err != nil {
			b.county.Logf("%s: %v", b.kiosk, err)
		}
	}
	return b.pending == nil && b.leave() == nil
}

// agree waits until the center has everything, kills both kiosks, and compares. False:
// a kiosk has written something at the last moment.
func (c *realCounty) agree() bool {
	c.Helper()
	for _, b := range c.booths {
		last := uint64(0)
		c.await(b.kiosk+" to be acknowledged and applied", time.Minute, func() bool {
			k := c.fleet(b)
			still := k.Head == last && k.Folded == k.Head
			last = k.Head
			return still && k.State == "serving"
		})
	}
	for _, b := range c.booths {
		b.kill()
		defer b.resume()
	}
	tallies := make([]*tally, len(c.booths))
	for i, b := range c.booths {
		tallies[i] = b.judge()
		if c.fleet(b).Head != tallies[i].head {
			return false
		}
		var same compared
		out := c.office("verify", "--json", "--journal", filepath.Join(c.dir, b.kiosk+".yzj"))
		if err := json.Unmarshal([]byte(out), &same); err != nil || same.Differs != 0 || same.Shared != tallies[i].head || same.Center != tallies[i].head {
			c.Errorf("%s has %d entries; the center says %s %v", b.kiosk, tallies[i].head, out, err)
		}
	}
	return c.close(tallies)
}

// close proves that the center's books close, and are what the kiosks have. False: a
// grant is on its way.
func (c *realCounty) close(tallies []*tally) (all bool) {
	c.Helper()
	c.prove()
	all = true
	c.inBook(func(ctx context.Context, book *centerbook.Store) error {
		books, err := book.Books(ctx)
		if err != nil {
			return err
		}
		if books.Off() != 0 || books.Missing != 0 || books.Lost != 0 {
			c.Errorf("the center's books do not close: %+v, off by %d", books, books.Off())
		}
		for _, w := range c.people {
			a, err := book.Account(ctx, w.id)
			if err != nil {
				return err
			}
			all = c.compare(w, a, tallies) && all
		}
		c.Logf("agreed: %+v; %d and %d entries", books, tallies[0].head, tallies[1].head)
		return nil
	})
	return all
}

// compare holds one account at the center against the journals, the kiosks' own books
// and what the screens said. False: a grant is on its way.
func (c *realCounty) compare(w *walker, a centerbook.Account, tallies []*tally) (all bool) {
	c.Helper()
	all = true
	var earned, rest ledger.Points
	for _, l := range a.Lots {
		earned += l.Earned
		rest += l.Free
	}
	for i, b := range c.booths {
		var right ledger.Right
		for _, r := range a.Rights {
			if r.Kiosk == b.kiosk {
				right.Granted += r.Granted
				right.Spent += r.Spent + r.Held - r.Refunded
				right.Returned += r.Returned
				rest += r.Spendable()
			}
		}
		if right.Spent != tallies[i].used(w.id) || right.Returned != tallies[i].returned[w.id] {
			c.Errorf("%s at %s: the center says %+v, the journal %d used and %d returned", w.name, b.kiosk, right, tallies[i].used(w.id), tallies[i].returned[w.id])
		}
		here, granted := b.account(w)
		if want := granted - right.Spent - right.Returned; here != want || granted > right.Granted {
			c.Errorf("%s at %s: %d spendable of %d granted there, the center says %d of %d", w.name, b.kiosk, here, granted, want, right.Granted)
		}
		all = all && granted == right.Granted
	}
	if earned != c.earned(w) || rest != c.earned(w)-c.net(w) {
		c.Errorf("%s: the center says %d earned and %d left; %d were given and the screens leave %d", w.name, earned, rest, c.earned(w), c.earned(w)-c.net(w))
	}
	return all
}

// account reads what somebody has at a kiosk that does not run.
func (b *booth) account(w *walker) (spendable, granted ledger.Points) {
	c := b.county
	c.Helper()
	b.inBooks(b.data, func(books *store.Store) error {
		a, err := books.Account(w.id)
		if errors.Is(err, store.ErrUnknown) {
			return nil // never was there
		}
		spendable, granted = a.Spendable(), a.Granted()
		return err
	})
	return spendable, granted
}

// inBooks opens the books of a kiosk that does not run.
func (b *booth) inBooks(data string, do func(*store.Store) error) {
	c := b.county
	c.Helper()
	appliance := kioskCommand{box: box{Data: data, Zone: "Asia/Shanghai"}}
	if err := appliance.settle(); err != nil {
		c.Fatal(err)
	}
	cfg, err := appliance.storeConfig(quietWorld())
	if err != nil {
		c.Fatal(err)
	}
	cfg.Program = "" // no kiosk starts, so nothing is written of that
	books, err := store.Open(c.Context(), cfg)
	if err != nil {
		c.Fatal(err)
	}
	defer books.Close()
	if err := do(books); err != nil {
		c.Fatal(err)
	}
}

// prove lets the center prove its book.
func (c *realCounty) prove() {
	c.Helper()
	if out, err := exec.Command("yizhan", c.centerArgs("verify")...).CombinedOutput(); err != nil {
		c.Errorf("the center's book: %v\n%s", err, out)
	}
}

// shown lets every volunteer look at both screens, which say what there is.
func (c *realCounty) shown() {
	c.Helper()
	for _, b := range c.booths {
		c.await(b.kiosk+" to be online", time.Minute, b.online)
	}
	for _, w := range c.people {
		want := pointsText(c.earned(w) - c.net(w))
		b := c.booths[w.home]
		c.await(fmt.Sprintf("the screen of %s to say that %s has %s", b.kiosk, w.name, want), time.Minute, func() bool {
			b.mu.Lock()
			defer b.mu.Unlock()
			if err := b.signIn(w); err != nil {
				return false
			}
			return strings.Contains(b.screen.page, ">"+want+"<")
		})
	}
}

// pointsText writes points as the screen does.
func pointsText(n ledger.Points) string {
	if n < 1000 {
		return fmt.Sprint(int64(n))
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
