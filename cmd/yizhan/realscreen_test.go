package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/ledger"
)

// deal is a redemption that a screen has confirmed.
type deal struct {
	seq   uint64
	who   *walker
	good  string
	cost  ledger.Points
	state ledger.State
}

// act is something that moves points, from the moment its form is posted until a
// screen says what came of it. Posted again, it is the same act.
type act struct {
	what  string // redeem, settle, withhold, giveback, refund
	path  string
	form  url.Values
	deal  *deal        // of a redemption: without its number
	then  ledger.State // the deal's state afterwards
	tries int
}

var (
	errUnsure = errors.New("the screen does not say what came of it")
	errAway   = errors.New("the card is unknown here, and the center cannot be asked")
)

// errStatus is a page that no kiosk should ever show.
type errStatus struct {
	path   string
	status int
}

func (e errStatus) Error() string { return fmt.Sprintf("%s answered %d", e.path, e.status) }

// work lets people come to the screen until ctx ends.
func (b *booth) work(ctx context.Context) {
	for ctx.Err() == nil {
		b.mu.Lock()
		began := b.down.Load()
		err := b.somebody()
		if err != nil && !began && !b.down.Load() && !errors.Is(err, errAway) && !errors.Is(err, errUnsure) {
			b.county.Errorf("%s: %v", b.kiosk, err)
		}
		pause := time.Duration(b.rng.IntN(60)) * time.Millisecond
		b.mu.Unlock()
		if err != nil {
			pause += 50 * time.Millisecond
		}
		time.Sleep(pause)
	}
}

// somebody comes to the screen: whoever is not sure yet, a volunteer, or staff.
func (b *booth) somebody() error {
	if b.pending != nil {
		return b.settleAct()
	}
	if b.rng.IntN(4) == 0 && b.find(ledger.Reserved, ledger.Settled) != nil {
		return b.staffHour()
	}
	return b.visit(b.county.people[b.rng.IntN(len(b.county.people))])
}

// find draws one of the last deals in one of the states; nil: there is none.
func (b *booth) find(states ...ledger.State) *deal {
	last := b.deals[max(0, len(b.deals)-60):]
	open := slices.DeleteFunc(slices.Clone(last), func(d *deal) bool { return !slices.Contains(states, d.state) })
	if len(open) == 0 {
		return nil
	}
	return open[b.rng.IntN(len(open))]
}

// visit is a volunteer who redeems, now and then gives something back, and leaves.
func (b *booth) visit(w *walker) error {
	if err := b.signIn(w); err != nil {
		return err
	}
	for range 1 + b.rng.IntN(2) {
		if err := b.redeem(w); err != nil {
			return err
		}
	}
	if d := b.find(ledger.Reserved); d != nil && d.who == w && b.rng.IntN(3) == 0 {
		if err := b.giveBack(d); err != nil {
			return err
		}
	}
	return b.leave()
}

// redeem takes a good that the screen offers.
func (b *booth) redeem(w *walker) error {
	good := []string{"G005", "G020", "G070"}[b.rng.IntN(3)]
	if err := b.get(fmt.Sprintf("/redeem/%s?n=%d", good, 1+b.rng.IntN(4))); err != nil {
		return err
	}
	if !strings.Contains(b.screen.page, `action="/redeem"`) {
		return nil // there are not enough points
	}
	form := b.screen.hidden()
	n, err := strconv.ParseInt(form.Get("quantity"), 10, 64)
	if err != nil {
		return err
	}
	cost := ledger.Points(n) * realPrices[good]
	b.pending = &act{what: "redeem", path: "/redeem", form: form, then: ledger.Reserved, deal: &deal{who: w, good: good, cost: cost}}
	if b.rng.IntN(5) == 0 {
		if err := b.doubleTap(form); err != nil {
			return err
		}
	}
	return b.settleAct()
}

// doubleTap posts the form twice at the same time. What came of it the next post tells,
// which is the same act, too.
func (b *booth) doubleTap(form url.Values) error {
	tapped := make(chan struct{})
	go func() {
		defer close(tapped)
		tap := http.Client{Jar: b.screen.http.Jar, Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		if response, err := tap.PostForm(b.base+"/redeem", form); err == nil {
			response.Body.Close()
		}
	}()
	err := b.post("/redeem", form)
	<-tapped
	return err
}

func (b *booth) giveBack(d *deal) error {
	path := fmt.Sprintf("/giveback/%d", d.seq)
	if err := b.get(path); err != nil {
		return err
	}
	b.pending = &act{what: "giveback", path: path, form: b.screen.hidden(), deal: d, then: ledger.Cancelled}
	return b.settleAct()
}

// staffHour is the leader at work: goods are handed over, withheld, or come back.
func (b *booth) staffHour() error {
	if err := b.staffIn(); err != nil {
		return err
	}
	for range 2 + b.rng.IntN(6) {
		d := b.find(ledger.Reserved)
		if d == nil || b.rng.IntN(5) == 0 {
			d = b.find(ledger.Settled)
		}
		if d == nil {
			break
		}
		if err := b.dealWith(d); err != nil {
			return err
		}
	}
	return b.leave()
}

// dealWith does one thing about a deal.
func (b *booth) dealWith(d *deal) error {
	a := &act{deal: d}
	switch {
	case d.state == ledger.Settled:
		a.what, a.path, a.then = "refund", fmt.Sprintf("/staff/refund/%d", d.seq), ledger.Refunded
		if err := b.get(a.path + "?reason=unwanted&restock=yes"); err != nil {
			return err
		}
	case b.rng.IntN(4) == 0:
		a.what, a.path, a.then = "withhold", fmt.Sprintf("/staff/withhold/%d", d.seq), ledger.Cancelled
		if err := b.get(a.path); err != nil {
			return err
		}
	default:
		a.what, a.path, a.then = "settle", "/staff/settle", ledger.Settled
		if err := b.get(fmt.Sprintf("/staff/exchange/%d", d.seq)); err != nil {
			return err
		}
	}
	a.form = b.screen.hidden()
	if a.what == "withhold" {
		a.form.Set("reason", "gone")
	}
	b.pending = a
	return b.settleAct()
}

// settleAct posts what is pending and finds out what came of it.
func (b *booth) settleAct() error {
	a := b.pending
	if a.tries++; a.tries > 1 { // somebody has to be before the screen again
		if a.tries > 50 {
			return fmt.Errorf("%s %v: 50 times no screen said what came of it: %s", a.what, a.form, b.screen.at)
		}
		if err := b.comeBack(a); err != nil {
			return err
		}
	}
	if err := b.post(a.path, a.form); err != nil {
		return err
	}
	if err := b.asking(); err != nil {
		return err
	}
	at := b.screen.at
	switch {
	case b.screen.status >= 400: // the page says that nothing was done
		b.pending = nil
		b.done[a.what+" refused"]++
		return nil
	case a.what == "redeem" && strings.HasPrefix(at, "/done/"):
		seq, err := strconv.ParseUint(strings.TrimPrefix(at, "/done/"), 10, 64)
		if err != nil {
			return err
		}
		a.deal.seq = seq
		b.deals = append(b.deals, a.deal)
	case a.what == "giveback" && at == fmt.Sprintf("/orders/%d", a.deal.seq),
		a.what == "refund" && at == fmt.Sprintf("/staff/exchange/%d", a.deal.seq),
		(a.what == "settle" || a.what == "withhold") && at == "/staff":
	default:
		return fmt.Errorf("%s led to %s: %w", a.what, at, errUnsure)
	}
	a.deal.state = a.then
	b.pending = nil
	b.done[a.what]++
	return nil
}

// comeBack lets the person whose act is pending in again.
func (b *booth) comeBack(a *act) error {
	if a.what == "redeem" || a.what == "giveback" {
		return b.signIn(a.deal.who)
	}
	return b.staffIn()
}

func (b *booth) signIn(w *walker) error {
	if err := b.post("/scan", url.Values{"text": {w.card}}); err != nil {
		return err
	}
	if err := b.asking(); err != nil {
		return err
	}
	switch at := b.screen.at; at {
	case "/balance":
		return nil
	case "/code/away", "/code/unasked":
		b.done["card unknown offline"]++
		return errAway
	default:
		return fmt.Errorf("the card of %s led to %s", w.name, at)
	}
}

func (b *booth) staffIn() error {
	if err := b.post("/scan", url.Values{"text": {b.staff}}); err != nil {
		return err
	}
	if b.screen.at == "/staff" {
		return nil
	}
	if err := b.post("/staff/pin", url.Values{"typed": {b.pin}, "key": {"go"}}); err != nil {
		return err
	}
	if b.screen.at != "/staff" {
		return fmt.Errorf("the leader's card and PIN led to %s", b.screen.at)
	}
	return nil
}

func (b *booth) leave() error { return b.post("/leave", nil) }

// asking waits, as a browser does, while the kiosk asks the center.
func (b *booth) asking() error {
	began := time.Now()
	var seen []string
	for time.Since(began) < patience {
		at := b.screen.at
		if !strings.HasPrefix(at, "/asking/") || b.screen.status >= 400 {
			return nil
		}
		if !slices.Contains(seen, at) {
			seen = append(seen, at)
		}
		time.Sleep(30 * time.Millisecond)
		if err := b.get(at); err != nil {
			return err
		}
	}
	return fmt.Errorf("after %v the page still says that the center is being asked: %q\n%s", time.Since(began), seen, b.screen.page)
}

// patience is longer than any kiosk may ask its center, even on a machine as busy as
// that of a test.
const patience = 12 * time.Second

func (b *booth) get(path string) error {
	return b.shown(b.screen.hears(b.screen.http.Get(b.base + path)))
}

func (b *booth) post(path string, form url.Values) error {
	return b.shown(b.screen.hears(b.screen.http.PostForm(b.base+path, form)))
}

// shown finds pages that nobody should ever see.
func (b *booth) shown(err error) error {
	if err == nil && b.screen.status >= 500 && b.screen.status != http.StatusServiceUnavailable {
		return errStatus{b.screen.at, b.screen.status}
	}
	return err
}
