package kiosk

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// testCenter is a center and the other kiosks, as far as one kiosk sees them: what is
// free, and what lies where, in points of one lot for each volunteer.
type testCenter struct {
	store *store.Store

	mu      sync.Mutex
	offline bool
	deaf    bool         // it answers nothing any more, and the link has not noticed
	wrong   link.Outcome // of every answer; "": as it should be
	issued  link.Certificate
	slow    time.Duration // before each answer
	cards   map[civic.CardID]civic.Volunteer
	purses  map[ledger.ID]*purse
	asked   []ledger.Points // what was wanted
	before  func()          // called before an answer to a question that wants points

	places []link.Place  // where any good stands
	ends   []link.Answer // how orders at other kiosks end, one after the other; none left: unsure
	orders []link.Wish
}

// purse is where the points of one volunteer are.
type purse struct {
	expires ledger.Day
	granted ledger.Points // to this kiosk
	free    ledger.Points
	at      []link.Holding // other kiosks
	stuck   ledger.Points  // of those at the first: waiting with goods
}

func (c *testCenter) State() link.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	reason, text := c.store.Quarantined()
	return link.State{Online: !c.offline, Quarantine: link.Quarantine{Reason: link.Reason(reason), Text: text}}
}

// change changes the world.
func (c *testCenter) change(change func(*testCenter)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

// wait is the way to the center and back.
func (c *testCenter) wait(ctx context.Context) error {
	c.mu.Lock()
	offline, deaf, slow := c.offline, c.deaf, c.slow
	c.mu.Unlock()
	if offline {
		return link.ErrOffline
	}
	if deaf {
		<-ctx.Done()
		return context.Cause(ctx)
	}
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offline {
		return link.ErrOffline
	}
	return nil
}

func (c *testCenter) Identify(ctx context.Context, card civic.CardID) (link.Answer, error) {
	if err := c.wait(ctx); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	v, known := c.cards[card]
	switch {
	case c.wrong != "":
		return link.Answer{Outcome: c.wrong}, nil
	case !known:
		return link.Answer{Outcome: link.OutcomeUnknown}, nil
	}
	return c.answer(ctx, link.Answer{}, civic.Document{Volunteer: &v})
}

// answer takes documents in, as the kiosk's end of the link does.
func (c *testCenter) answer(ctx context.Context, a link.Answer, documents ...civic.Document) (link.Answer, error) {
	for _, d := range documents {
		raw, err := json.Marshal(d)
		if err != nil {
			return a, err
		}
		a.Documents = append(a.Documents, raw)
	}
	a.Outcome = link.OutcomeOK
	return a, c.store.Apply(ctx, testEra, "", 0, a.Documents)
}

const testEra = "2026"

func (c *testCenter) TopUp(ctx context.Context, volunteer ledger.ID, granted, wanted ledger.Points) (link.Answer, error) {
	if wanted > 0 {
		c.mu.Lock()
		before := c.before
		c.before = nil
		c.mu.Unlock()
		if before != nil {
			before()
		}
	}
	if err := c.wait(ctx); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, wanted)
	p := c.purses[volunteer]
	switch {
	case c.wrong != "":
		return link.Answer{Outcome: c.wrong}, nil
	case p == nil:
		return link.Answer{Outcome: link.OutcomeUnknown}, nil
	}
	p.grant(granted + wanted - p.granted)
	a := link.Answer{Free: p.free}
	for _, h := range p.at {
		if h.Points > 0 {
			a.Elsewhere = append(a.Elsewhere, h)
		}
	}
	return c.answer(ctx, a, civic.Document{Grant: &civic.Grant{Volunteer: volunteer, Kiosk: "SQ-01", Epoch: 1, Version: 1,
		Lots: []civic.GrantedLot{{Expires: p.expires, Granted: p.granted}}}})
}

func (c *testCenter) Find(ctx context.Context, good string) (link.Answer, error) {
	if err := c.wait(ctx); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrong != "" {
		return link.Answer{Outcome: c.wrong}, nil
	}
	return link.Answer{Outcome: link.OutcomeOK, Places: c.places}, nil
}

func (c *testCenter) Reserve(ctx context.Context, w link.Wish, kiosk string) (link.Answer, error) {
	if err := c.wait(ctx); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.orders = append(c.orders, w)
	if len(c.ends) == 0 {
		return link.Answer{Outcome: link.OutcomeUnsure}, nil
	}
	end := c.ends[0]
	c.ends = c.ends[1:]
	if p := c.purses[w.Volunteer]; end.Outcome == link.OutcomeOK {
		p.free -= w.Cost()
	}
	return end, nil
}

func (c *testCenter) Certify(ctx context.Context, volunteer ledger.ID) (link.Answer, error) {
	if err := c.wait(ctx); err != nil {
		return link.Answer{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wrong != "" {
		return link.Answer{Outcome: c.wrong}, nil
	}
	a := link.Answer{Outcome: link.OutcomeOK, Certificate: c.issued}
	c.issued.Again = true
	return a, nil
}

// grant moves points to this kiosk: free ones first, then those at kiosks online.
func (p *purse) grant(need ledger.Points) {
	take := func(from *ledger.Points, most ledger.Points) {
		n := max(0, min(need, most))
		*from, need, p.granted = *from-n, need-n, p.granted+n
	}
	take(&p.free, p.free)
	for i := range p.at {
		if p.at[i].Online {
			stuck := ledger.Points(0)
			if i == 0 {
				stuck = p.stuck
			}
			take(&p.at[i].Points, p.at[i].Points-stuck)
		}
	}
}

// linkedVillage is a kiosk of a center: zhang has 300 points here, 400 free and 560
// at another kiosk that is online.
func linkedVillage(t testing.TB, options ...func(*testCenter)) (*village, *testCenter) {
	t.Helper()
	lot := day(t, "2028-12-31")
	c := &testCenter{cards: make(map[civic.CardID]civic.Volunteer), purses: map[ledger.ID]*purse{
		id(zhang): {expires: lot, free: 400, at: []link.Holding{{Kiosk: "QX-02", Points: 560, Online: true}}},
		id(wang):  {expires: lot},
	}}
	v := newVillage(t, func(cfg *Config) {
		cfg.Store = emptyStore(t, cfg.Clock, func(c *store.Config) { c.Issuer = issuerKey.Public().(ed25519.PublicKey) })
		c.store = cfg.Store
		for _, option := range options {
			option(c)
		}
		cfg.Center = c
	})
	var raw []json.RawMessage
	for d, err := range documents(t) {
		v.must(err)
		if d.Volunteer != nil {
			d.Volunteer.Linked = true
		}
		b, err := json.Marshal(d)
		v.must(err)
		raw = append(raw, b)
	}
	v.must(c.store.Apply(t.Context(), testEra, "SQ-01", 1, raw))
	if p := c.purses[id(zhang)]; p.granted == 0 {
		v.must(c.give(t.Context(), zhang, 300))
	}
	return v, c
}

// give grants points to this kiosk that come from nowhere.
func (c *testCenter) give(ctx context.Context, person byte, points ledger.Points) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.purses[id(person)]
	p.granted += points
	_, err := c.answer(ctx, link.Answer{}, civic.Document{Grant: &civic.Grant{Volunteer: id(person), Kiosk: "SQ-01", Epoch: 1, Version: 1,
		Lots: []civic.GrantedLot{{Expires: p.expires, Granted: p.granted}}}})
	return err
}

// stranger is a volunteer whom only the center knows.
func stranger(t testing.TB) (byte, civic.Volunteer) {
	const n = byte(77)
	return n, civic.Volunteer{ID: id(n), Version: 9, Name: "赵国强", Cards: []civic.CardID{secretOf(n).ID()}, Linked: true,
		Earned: []civic.Earning{{On: day(t, "2026-01-02"), Expires: day(t, "2028-12-31"), What: "守望", Points: 150}}}
}

func TestACardFromElsewhere(t *testing.T) {
	n, person := stranger(t)
	v, c := linkedVillage(t, func(c *testCenter) {
		c.cards[person.Cards[0]] = person
		c.purses[person.ID] = &purse{expires: day(t, "2028-12-31"), at: []link.Holding{{Kiosk: "QX-02", Points: 150, Online: true}}}
	})
	s := v.screen()
	s.scanCard(n).on("/balance").sees("赵*强", "150").lacks("断网")
	s.post("/leave")
	c.change(func(c *testCenter) { c.offline = true }) // known here by now
	s.scanCard(n).on("/balance").sees("赵*强", "这里现在能用 0 分", "另有 150 分在兑换点 QX-02")
}

func TestACardThatNobodyKnows(t *testing.T) {
	for name, is := range map[string]struct {
		set  func(*testCenter)
		page string
		says []string
	}{
		"nobody's":        {func(c *testCenter) {}, "/code/nobody", []string{"中心都没有", "安全"}},
		"offline":         {func(c *testCenter) { c.offline = true }, "/code/away", []string{"网络断了", "安全", "常去的兑换点", "网好了"}},
		"in quarantine":   {func(c *testCenter) { c.wrong = link.OutcomeRefused }, "/code/unasked", []string{"中心", "过一会儿再刷"}},
		"a center at sea": {func(c *testCenter) { c.wrong = link.OutcomeFailed }, "/code/unasked", []string{"安全"}},
	} {
		t.Run(name, func(t *testing.T) {
			v, c := linkedVillage(t)
			c.change(is.set)
			s := v.screen()
			s.scanCard(99).on(is.page).sees(is.says...)
			s.get("/").sees("刷卡")
			if v.current() != nil {
				t.Error("somebody is signed in")
			}
		})
	}
}

// A slow center stops no screen: a page says what goes on, and leads on by itself.
func TestACardThatTakesItsTime(t *testing.T) {
	n, person := stranger(t)
	v, c := linkedVillage(t, func(c *testCenter) { c.cards[person.Cards[0]] = person })
	c.change(func(c *testCenter) { c.slow = 2 * centerPatience })
	s := v.screen().get("/")
	page := v.connect(s)
	began := time.Now()
	v.Scan(card(n))
	if took := time.Since(began); took > 2*centerPatience {
		t.Errorf("the scanner stood still for %v", took)
	}
	to := page.led()
	if !strings.HasPrefix(to, "/asking/") {
		t.Fatalf("led to %q", to)
	}
	s.get(to).on(to).sees("正在问中心", "http-equiv") // which is for a browser without the script
	asking := v.connect(s)
	v.await(func() bool { return v.current() != nil })
	asking.hears(`"go":"/ticket/`)
	s.get(to).on("/balance").sees("赵*强")
	v.screen().get(to).on("/") // nobody finds that page later
}

// A page that asks again in the very moment in which the card's person comes in, while
// it is being written down that staff have left, leads on like any other.
func TestACardThatComesInWhileThePageAsks(t *testing.T) {
	n, person := stranger(t)
	v, c := linkedVillage(t, func(c *testCenter) { c.cards[person.Cards[0]] = person })
	c.change(func(c *testCenter) { c.slow = centerPatience + 50*time.Millisecond })
	s := v.screen().onDutyAs(clerk)
	asking := s.scanCard(n).at
	for s.at == asking {
		s.get(asking)
	}
	s.on("/balance").sees("赵*强")
}

// Whoever signs in while a card is looked up stays signed in.
func TestACardThatComesTooLate(t *testing.T) {
	n, person := stranger(t)
	v, c := linkedVillage(t, func(c *testCenter) { c.cards[person.Cards[0]] = person })
	c.change(func(c *testCenter) { c.slow = 2 * centerPatience })
	s := v.screen()
	asking := s.scanCard(n).at
	s.scanCard(wang).on("/balance").sees("王*英")
	v.await(func() bool { _, err := v.cfg.Store.Volunteer(person.ID); return err == nil })
	time.Sleep(centerPatience)
	s.get(asking).on("/balance").sees("王*英").lacks("赵")
}

// A question that outlives the center's silence ends.
func TestACenterThatAnswersNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes as long as a person waits")
	}
	v, c := linkedVillage(t)
	c.change(func(c *testCenter) { c.deaf = true })
	s := v.screen()
	asking := s.scanCard(99).at
	s.sees("正在问中心")
	v.await(func() bool { return s.get(asking).at != asking })
	s.on("/code/unasked").sees("安全")
}

func TestTheFirstPageSaysThatItIsOffline(t *testing.T) {
	v, c := linkedVillage(t)
	s := v.screen().get("/").sees("网络正常", `id="offline" role="status" hidden`)
	v.tick()
	page := v.connect(s)
	c.change(func(c *testCenter) { c.offline = true })
	v.tick()
	page.hears(`"renew":"/"`)
	s.get("/").sees("网络断了", "换东西照常").lacks(`id="offline" role="status" hidden`)
	notice := s.body[strings.Index(s.body, `id="offline"`):]
	if strings.Index(notice, "换东西照常") > strings.Index(notice, "网络断了") {
		t.Error("the notice does not begin with what still works")
	}
	newVillage(t).screen().get("/").sees("记账正常", `id="offline" role="status" hidden`).lacks("网络正常")
}

// A kiosk whose book the center has stopped says so wherever points are, and takes
// nothing; when it goes on, so do the pages.
func TestAHaltedKioskSaysSoWherePointsAre(t *testing.T) {
	v, _ := linkedVillage(t)
	s := v.screen()
	s.scanCard(zhang).sees("1,260")
	page := v.connect(s)
	v.must(v.cfg.Store.Quarantine(t.Context(), "fork", "two boxes"))
	v.tick()
	page.hears(`"renew":"/balance"`)
	s.get("/balance").sees("这里先不能换", "一分不少")
	s.get("/redeem/G01")
	s.confirm().on("/trouble").sees("没扣积分")
	v.stands(zhang, 300, 0)
	v.must(v.cfg.Store.Quarantine(t.Context(), "", ""))
	s.get("/balance").sees("1,260").lacks("先不能换")
}

func TestAPhoneFindsOnlyWhoIsKnownHere(t *testing.T) {
	v, _ := linkedVillage(t)
	v.screen().get("/identify").sees("别处来的，请刷卡")
	newVillage(t).screen().get("/identify").lacks("别处来的")
}

// sorted is for comparing what was asked for.
func sorted(list []ledger.Points) []ledger.Points {
	list = slices.Clone(list)
	slices.Sort(list)
	return list
}
