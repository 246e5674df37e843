package screentest

import (
	"cmp"
	"context"
	"encoding/json"
	"sync"
	"testing"

	"yizhan/civic"
	"yizhan/kiosk"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// era of the center's book.
const era = "2026"

// goneGood stands on no shelf here, and seekKey asks where else it does.
const (
	goneGood = "G06"
	seekKey  = `form[action^="/nearby/"] .main`
	keepKey  = `form[action="/keep"] .main`
)

// otherStation is where the other kiosk stands.
const otherStation = "青山镇文明实践所"

// centerLot is when all points of this center expire.
const centerLot = "2028-12-31"

// beyond is a center and one other kiosk, as far as the screen can tell.
type beyond struct {
	testing.TB
	books *store.Store

	mu      sync.Mutex
	offline bool
	state   link.State    // the rest of it
	outcome link.Outcome  // of every answer; "": as it should be
	held    chan struct{} // answers wait until it is closed; nil: they don't
	free    ledger.Points // of Zhang's points, at the center
	other   link.Holding  // at the other kiosk
	stuck   ledger.Points // of those: waiting with goods
	granted ledger.Points // to the kiosk
	midway  func(*beyond) // happens once, while points are on their way
	places  []link.Place  // where goods stand that are gone here
	order   link.Outcome  // how an order at one of them ends
}

// newLinkedBox sets up a kiosk of a center. Zhang has earned 1,260 points: 300 are
// here, 400 free, 560 at the kiosk QX-02.
func newLinkedBox(t testing.TB, p panel, options ...func(*kiosk.Config)) (*box, *beyond) {
	t.Helper()
	c := &beyond{TB: t, free: 400, other: link.Holding{Kiosk: "QX-02", Name: otherStation, Points: 560, Online: true}}
	b := bareBox(t, p, append(options, func(cfg *kiosk.Config) { c.books, cfg.Center = cfg.Store, c })...)
	var documents []json.RawMessage
	for _, d := range villageDocuments(t, kioskName) {
		if d.Volunteer != nil {
			d.Volunteer.Linked = true
		}
		raw, err := json.Marshal(d)
		b.must(err)
		documents = append(documents, raw)
	}
	b.must(b.books.Apply(t.Context(), era, kioskName, 1, documents))
	c.granted = 300
	b.must(b.books.Apply(t.Context(), era, "", 0, c.grant()))
	return b, c
}

// change changes the world.
func (c *beyond) change(change func(*beyond)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

func (c *beyond) State() link.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.state
	st.Online = !c.offline
	return st
}

func (c *beyond) Identify(context.Context, civic.CardID) (link.Answer, error) {
	if err := c.way(); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return link.Answer{Outcome: cmp.Or(c.outcome, link.OutcomeUnknown)}, nil
}

// way is the way to the center and back.
func (c *beyond) way() error {
	c.mu.Lock()
	held := c.held
	c.mu.Unlock()
	if held != nil {
		<-held
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offline {
		return link.ErrOffline
	}
	return nil
}

func (c *beyond) TopUp(ctx context.Context, volunteer ledger.ID, granted, wanted ledger.Points) (link.Answer, error) {
	c.change(func(c *beyond) {
		if wanted > 0 && c.midway != nil {
			c.midway(c)
			c.midway = nil
		}
	})
	if err := c.way(); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.outcome != "" || volunteer != id(zhang) {
		return link.Answer{Outcome: cmp.Or(c.outcome, link.OutcomeUnknown)}, nil
	}
	need := max(0, granted+wanted-c.granted)
	free := min(need, c.free)
	c.free, need = c.free-free, need-free
	recalled := ledger.Points(0)
	if c.other.Online {
		recalled = max(0, min(need, c.other.Points-c.stuck))
	}
	c.other.Points -= recalled
	c.granted += free + recalled
	a := link.Answer{Outcome: link.OutcomeOK, Documents: c.grant(), Free: c.free}
	if c.other.Points > 0 {
		a.Elsewhere = link.List[link.Holding]{c.other}
	}
	return a, c.books.Apply(ctx, era, "", 0, a.Documents)
}

func (c *beyond) Find(context.Context, string) (link.Answer, error) {
	if err := c.way(); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return link.Answer{Outcome: cmp.Or(c.outcome, link.OutcomeOK), Places: c.places}, nil
}

func (c *beyond) Reserve(_ context.Context, w link.Wish, _ string) (link.Answer, error) {
	if err := c.way(); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a := link.Answer{Outcome: c.order}
	if a.Outcome == link.OutcomeOK {
		a.Kept = link.Kept{Redemption: 131, Claim: 37, Until: 1798761600}
		c.free -= w.Cost()
	}
	return a, nil
}

func (c *beyond) Certify(context.Context, ledger.ID) (link.Answer, error) {
	if err := c.way(); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return link.Answer{Outcome: cmp.Or(c.outcome, link.OutcomeOK), Certificate: link.Certificate{Serial: "7F2K9Q3M0000WXYZ", Proof: "https://yz.example/proof/7F2K9Q3M0000WXYZ",
		Center: "青禾县新时代文明实践中心", Day: day(c.TB, "2026-11-23"), First: day(c.TB, "2024-03-09"), Last: day(c.TB, "2026-11-22"), Listed: 1200, Credit: 5790, Honour: 720, Stars: 1}}, nil
}

// grant is the document of what was granted.
func (c *beyond) grant() []json.RawMessage {
	raw, err := json.Marshal(civic.Document{Grant: &civic.Grant{Volunteer: id(zhang), Kiosk: kioskName, Epoch: 1, Version: 1,
		Lots: []civic.GrantedLot{{Expires: day(c.TB, centerLot), Granted: c.granted}}}})
	if err != nil {
		c.Fatal(err)
	}
	return []json.RawMessage{raw}
}

// hold lets questions wait until the function that it returns is called.
func (c *beyond) hold() (release func()) {
	held := make(chan struct{})
	c.change(func(c *beyond) { c.held = held })
	return func() {
		c.change(func(c *beyond) { c.held = nil })
		close(held)
	}
}

// walkCenter is everything that a kiosk shows only when it has a center.
func (a *auditor) walkCenter(c *beyond) {
	a.Helper()
	a.walkStrangers(c)
	a.walkBalances(c)
	a.walkShort(c)
	a.walkElsewhere(c)
}

// walkNearby is a good that is gone here and is put aside at another kiosk.
func (a *auditor) walkNearby(c *beyond) {
	a.Helper()
	a.signIn(zhang, "/balance")
	a.sees(zhangBalance)
	a.goTo("nearby-ask", "/redeem/"+goneGood)
	release := c.hold()
	a.tap(seekKey).on("/asking/")
	a.page("asking-where")
	release()
	a.on("/nearby/" + goneGood)
	a.page("nearby-none")
	c.change(func(c *beyond) {
		c.places = []link.Place{{Kiosk: "QX-02", Name: otherStation, NameEN: "Qingshan Town Station", Counter: "一楼大厅，进门左手边", CounterEN: "hall, left of the door", Left: 3, Price: 150},
			{Kiosk: "LH-01", Name: "莲花村益栈", NameEN: "Lianhua Village", Left: 1, Price: 150}, {Kiosk: "HX-03", Name: "河西村新时代文明实践站", NameEN: "Hexi Village", Left: 12, Price: 140},
			{Kiosk: "DT-01", Name: "东塘社区爱心超市", NameEN: "Dongtang Community Shop", Left: 2, Price: 9000}}
	})
	a.visit("/redeem/" + goneGood).on("/redeem/" + goneGood).tap(seekKey).on("/nearby/" + goneGood)
	a.page("nearby")
	a.goTo("keep", "/nearby/"+goneGood+"/QX-02")
	c.change(func(c *beyond) { c.order = link.OutcomeUnsure })
	release = c.hold()
	a.tap(keepKey).on("/asking/")
	a.page("asking-keep")
	release()
	a.on("/kept")
	a.page("unheard")
	c.change(func(c *beyond) { c.offline = true })
	a.visit("/kept").on("/kept")
	a.page("unheard-offline")
	a.goTo("nearby-offline", "/redeem/"+goneGood)
	c.change(func(c *beyond) { c.offline, c.order = false, link.OutcomeOK })
	a.visit("/kept").on("/kept").tap(keepKey).on("/kept")
	a.page("kept")
	for _, outcome := range []link.Outcome{link.OutcomeAway, link.OutcomeGone, link.OutcomePrice, link.OutcomeLimit, link.OutcomePoints, link.OutcomeFailed} {
		c.change(func(c *beyond) { c.order = outcome })
		a.visit("/nearby/" + goneGood + "/QX-02").on("/nearby/" + goneGood + "/QX-02").tap(keepKey).on("/trouble")
		a.page("trouble-far-" + string(outcome))
	}
	c.change(func(c *beyond) { c.free += 150 }) // so that the next walk begins alike
	a.leave()
}

// walkStrangers is a card that nobody here knows, and the first page offline.
func (a *auditor) walkStrangers(c *beyond) {
	a.Helper()
	a.goTo("linked-home", "/")
	a.goTo("linked-identify", "/identify")
	for _, what := range []string{"nobody", "away", "unasked"} {
		a.goTo("code-"+what, "/code/"+what)
	}
	release := c.hold()
	a.leave().scan(secretOf(99).Text()).on("/asking/")
	a.page("asking-card")
	release()
	a.on("/code/nobody")
	c.change(func(c *beyond) { c.offline = true })
	a.leave().sees(says(a, "frame.offline_works"))
	a.page("offline-home")
	c.change(func(c *beyond) { c.offline = false })
	a.leave()
}

// walkBalances is what a page of points says of those that are elsewhere.
func (a *auditor) walkBalances(c *beyond) {
	a.Helper()
	a.signIn(zhang, "/balance")
	a.sees(zhangBalance)
	a.page("linked-balance")
	a.goTo("linked-goods", "/goods")
	a.goTo("linked-redeem", "/redeem/G03")
	a.goTo("linked-points", "/points")
	c.change(func(c *beyond) { c.other.Online = false })
	a.signIn(zhang, "/balance")
	a.sees("700")
	a.page("away-balance")
	a.goTo("away-points", "/points")
	a.goTo("away-redeem", "/redeem/G04")
	c.change(func(c *beyond) { c.offline = true })
	a.visit("/balance").on("/balance")
	a.within(stepLimit, "the page that says that it is offline", func() bool {
		return eval[bool](a.tab, `return !!document.querySelector(".rest")`)
	})
	a.page("offline-balance")
	a.goTo("offline-points", "/points")
	a.goTo("offline-goods", "/goods")
	c.change(func(c *beyond) { c.offline, c.other.Online = false, true })
	c.change(func(c *beyond) { c.state.Quarantine = link.Quarantine{Reason: link.ReasonFork} })
	a.visit("/balance").on("/balance")
	a.page("halted-balance")
	a.goTo("halted-points", "/points")
	c.change(func(c *beyond) { c.state.Quarantine = link.Quarantine{} })
	release := c.hold()
	a.signIn(zhang, "/balance")
	a.page("asked-balance")
	release()
	a.sees(zhangBalance) // by itself
}

// walkShort is a redemption for which points have to be fetched, and do not come.
func (a *auditor) walkShort(c *beyond) {
	a.Helper()
	for name, happens := range map[string]func(*beyond){
		"cut":  func(c *beyond) { c.offline = true },
		"less": func(c *beyond) { c.stuck, c.free = 560, 50 },
		"busy": func(c *beyond) { c.outcome = link.OutcomeRefused },
	} {
		a.signIn(zhang, "/balance")
		a.sees(zhangBalance).visit("/redeem/G12").on("/redeem/G12")
		c.change(func(c *beyond) { c.midway = happens })
		free := c.free
		a.tap(confirmKey).on("/trouble")
		a.page("trouble-short-" + name)
		c.change(func(c *beyond) {
			if name == "less" { // gives back, so that the next begins alike
				c.free = free - (c.granted - 300)
			}
			c.offline, c.outcome, c.stuck = false, "", 0
		})
	}
}

// walkElsewhere is an account of which some was used, and some went, elsewhere.
func (a *auditor) walkElsewhere(c *beyond) {
	a.Helper()
	_, err := a.books.GiveBack(a.Context(), id(zhang), 100)
	a.must(err)
	c.change(func(c *beyond) { c.other.Points -= 60 })
	a.signIn(zhang, "/balance")
	a.goTo("elsewhere-points", "/points")
	a.goTo("elsewhere", "/why/elsewhere")
	a.goTo("why-moved", "/why/4")
	a.visit("/redeem/G12").on("/redeem/G12")
	release := c.hold()
	a.tap(confirmKey).on("/asking/")
	a.page("asking-points")
	release()
	a.on("/done/")
	a.page("linked-done")
}
