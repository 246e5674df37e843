package kiosk

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// The people of the test village. Ids are their number.
const (
	zhang  = byte(1) // card, phone, PIN; 1,260 points in three lots
	wang   = byte(2) // card; shares a phone with her husband
	liu    = byte(3) // the husband; PIN, no card
	chen   = byte(4) // card, no points
	clerk  = byte(11)
	leader = byte(12)

	zhangPhone, zhangPIN = "13805714260", "260714"
	homePhone, liuPIN    = "13905710001", "802571"
	clerkPIN             = "471103"
)

// village is a kiosk with sample documents and everything around it handed in.
type village struct {
	testing.TB
	*Server
	clock   *testClock
	printer *testPrinter
	log     *bytes.Buffer
}

// testClock goes only when it is told to.
type testClock struct {
	mu sync.Mutex
	at store.Instant
}

func (c *testClock) Now() store.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *testClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at.WallMS += d.Milliseconds()
	c.at.MonoMS += d.Milliseconds()
}

// vouch says how good the clock is from now on.
func (c *testClock) vouch(quality ledger.Quality) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at.Quality = quality
}

// set moves the wall clock, vouched for or not; the monotonic one goes on as it was.
func (c *testClock) set(at time.Time, quality ledger.Quality) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at.WallMS, c.at.Quality = at.UnixMilli(), quality
}

// testPrinter is a simulated printer on a line that can be broken.
type testPrinter struct {
	*sim.Printer
	line *sim.Line
	open bool

	mu     sync.Mutex
	papers []sim.Paper
}

// start switches it on.
func (p *testPrinter) start(profile printer.Profile, level sim.Level) {
	p.Printer, p.line = sim.Connect(sim.Options{Profile: profile, Level: level, OnPaper: p.keep}, 0)
}

// change plugs in another one. What hangs out of the one before is torn off.
func (p *testPrinter) change(profile printer.Profile, level sim.Level) {
	p.Fail(sim.Unplug)
	p.line.Close()
	p.TearOff()
	p.start(profile, level)
	p.open = false
}

func (p *testPrinter) keep(paper sim.Paper) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.papers = append(p.papers, paper)
}

// connect opens the line; the printer stays the same.
func (p *testPrinter) connect() (spool.Line, error) {
	if p.open {
		p.line = p.line.Again()
	}
	p.open = true
	return p.line, nil
}

// failAfter lets the fault happen when so many bytes of the next slip have come in.
func (p *testPrinter) failAfter(n int64, f sim.Fault) { p.FailAt(p.Received()+n, f) }

// cut is every piece of paper that was cut off so far.
func (p *testPrinter) cut() []sim.Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.papers)
}

func (p *testPrinter) count() int { return len(p.cut()) }

// newVillage opens a kiosk in a folder of its own.
func newVillage(t testing.TB, options ...func(*Config)) *village {
	t.Helper()
	v := &village{TB: t, clock: &testClock{at: store.Instant{WallMS: time.Date(2026, 11, 23, 6, 30, 0, 0, time.UTC).UnixMilli(), MonoMS: 1e6}}, printer: &testPrinter{}, log: &bytes.Buffer{}}
	cfg := Config{
		Clock:            v.clock,
		Random:           rand.Reader,
		Log:              slog.New(slog.NewTextHandler(&lockedWriter{w: v.log}, nil)),
		Printer:          &PrinterPort{Name: "/dev/ttyS1", Baud: 1_000_000, Open: v.printer.connect},
		Paper:            printer.Profile58,
		Screen:           Screen{DiagonalInch: 21.5},
		Lang:             assets.Chinese,
		Zone:             time.FixedZone("UTC+8", 8*60*60),
		PINCost:          testPINCost,
		IdleSeconds:      DefaultIdleSeconds,
		CountdownSeconds: DefaultCountdownSeconds,
	}
	cfg.Store = openStore(t, v.clock)
	for _, option := range options {
		option(&cfg)
	}
	v.printer.start(cfg.Paper, sim.Confirmed)
	t.Cleanup(func() { v.printer.Fail(sim.Unplug) })
	var err error
	if v.Server, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return v
}

type lockedWriter struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

// testPINCost is too cheap for the field and quick in tests.
var testPINCost = civic.PINCost{MemoryKiB: 64, Passes: 1}

// openStore opens a store with the village's documents loaded.
func openStore(t testing.TB, clock store.Clock, options ...func(*store.Config)) *store.Store {
	t.Helper()
	s := emptyStore(t, clock, options...)
	load(t, s)
	return s
}

// load gives a store the village's documents, each changed as wanted.
func load(t testing.TB, s *store.Store, changes ...func(*civic.Document)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "village.bundle")
	writeBundle(t, path, changes...)
	if _, err := s.LoadBundle(t.Context(), path, store.LoadOptions{Trust: true}); err != nil {
		t.Fatal(err)
	}
}

// emptyStore opens a store that has no documents yet.
func emptyStore(t testing.TB, clock store.Clock, options ...func(*store.Config)) *store.Store {
	t.Helper()
	cfg := store.Config{Dir: t.TempDir(), Kiosk: "SQ-01", Clock: clock, Random: rand.Reader, Zone: time.FixedZone("UTC+8", 8*60*60)}
	for _, option := range options {
		option(&cfg)
	}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// issuerKey is the center's, or whoever else's, who signs the village's documents.
var issuerKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

func writeBundle(t testing.TB, path string, changes ...func(*civic.Document)) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	header := civic.BundleHeader{Kiosk: "SQ-01", Epoch: 1, Serial: 1, Made: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	_, err = civic.WriteBundle(file, header, issuerKey, documents(t, changes...))
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// id is the id of one of the people above.
func id(n byte) ledger.ID { return ledger.ID{n} }

// card is the card of one of them, as the scanner reads it.
func card(n byte) string { return secretOf(n).Text() }

func secretOf(n byte) civic.CardSecret { return civic.CardSecret(bytes.Repeat([]byte{n}, 16)) }

var phoneKey = bytes.Repeat([]byte{9}, 32)

// documents are the village's, in the order of a bundle.
func documents(t testing.TB, changes ...func(*civic.Document)) iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		for _, d := range slices.Concat(stationDocuments(), staffDocuments(t), goodsDocuments(), volunteerDocuments(t)) {
			for _, change := range changes {
				change(&d)
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}

func stationDocuments() []civic.Document {
	return []civic.Document{{Station: &civic.Station{Version: 1, Kiosk: "SQ-01", Name: "石桥村益栈", NameEN: "Shiqiao Yizhan", Parent: "清溪镇 · 文明实践站", ParentEN: "Qingxi Township",
		Counter: "进门左手边", CounterEN: "left of the door", Phone: "0512-65123456", PhoneKey: phoneKey}}}
}

func staffDocuments(t testing.TB) []civic.Document {
	staff := func(n byte, name string, role civic.Role) civic.Document {
		return civic.Document{Staff: &civic.Staff{ID: id(n), Version: 1, Name: name, Role: role, Cards: []civic.CardID{secretOf(n).ID()}, PIN: verifier(t, clerkPIN)}}
	}
	return []civic.Document{staff(clerk, "李芳芳", civic.RoleClerk), staff(leader, "陈建国", civic.RoleLeader)}
}

func goodsDocuments() []civic.Document {
	good := func(code, name, english, size, unit, category string, price ledger.Points, stock int64, picture string) civic.Document {
		return civic.Document{Good: &civic.Good{Code: code, Version: 1, Name: name, NameEN: english, Size: size, Unit: unit, Category: category, Price: price, Delivered: stock, Picture: picture}}
	}
	return []civic.Document{
		good("G01", "东北大米", "Rice", "5 公斤", "袋", "粮油", 280, 12, "rice"),
		good("G02", "土鸡蛋", "Eggs", "20 个", "篮", "粮油", 160, 9, "eggs"),
		good("G03", "菜籽油", "Rapeseed oil", "5 升", "桶", "粮油", 420, 1, "oil"),
		good("G04", "保温水壶", "Thermos", "2 升", "个", "日用", 1600, 3, "thermos"),
		good("G05", "棉毛巾", "Towels", "3 条", "份", "日用", 90, 30, "towel"),
		good("G06", "晴雨伞", "Umbrella", "1 把", "把", "家居", 150, 0, "umbrella"),
		good("G07", "洗衣皂", "Laundry soap", "200 克", "块", "日用", 60, 40, "soap"),
		good("G08", "笔记本", "Notebook", "1 本", "本", "文具", 30, 50, "notebook"),
	}
}

func volunteerDocuments(t testing.TB) []civic.Document {
	earned := func(on, expires, what string, minutes int64) civic.Earning {
		return civic.Earning{On: day(t, on), Expires: day(t, expires), What: what, Minutes: minutes, Rate: 10, Points: ledger.Points(minutes / 6)}
	}
	person := func(n byte, name, initials, phone, pin string, earnings ...civic.Earning) civic.Document {
		v := &civic.Volunteer{ID: id(n), Version: 1, Name: name, Initials: initials, Number: "33010000000" + string('0'+n), Earned: earnings}
		if phone != "" {
			v.Phone, v.Tail = civic.HashPhone(phoneKey, phone), phone[7:]
		}
		if n != liu {
			v.Cards = []civic.CardID{secretOf(n).ID()}
		}
		if pin != "" {
			v.PIN = verifier(t, pin)
		}
		return civic.Document{Volunteer: v}
	}
	list := []civic.Document{
		person(zhang, "张小伟", "zxw", zhangPhone, zhangPIN,
			earned("2023-12-20", "2026-12-31", "路口文明劝导", 1200), earned("2024-10-03", "2027-12-31", "秋收帮忙", 2760), earned("2025-11-02", "2028-12-31", "社区清洁日", 3600)),
		person(wang, "王秀英", "wxy", homePhone, "", earned("2025-05-01", "2028-05-31", "敬老院陪伴", 600)),
		person(liu, "刘大山", "lds", homePhone, liuPIN, earned("2025-05-01", "2028-05-31", "敬老院陪伴", 300)),
		person(chen, "陈李", "cl", "", ""),
	}
	list[0].Volunteer.Earned[1].Rule = "center/3" // a center had numbered its rules by then
	return list
}

func verifier(t testing.TB, pin string) string {
	t.Helper()
	salt := sha256.Sum256([]byte(pin))
	v, err := civic.HashPIN(pin, testPINCost, bytes.NewReader(salt[:]))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func day(t testing.TB, s string) ledger.Day {
	t.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// screen is a browser without script in front of the kiosk.
type screen struct {
	*village
	handler http.Handler
	cookies map[string]string
	at      string // the page shown now
	body    string
	header  http.Header
	code    int
}

func (v *village) screen() *screen {
	return &screen{village: v, handler: v.Handler(), cookies: make(map[string]string)}
}

// get opens a page and follows where it leads.
func (s *screen) get(path string) *screen { return s.do(http.MethodGet, path, nil) }

// post sends a form and follows where it leads.
func (s *screen) post(path string, pairs ...string) *screen {
	form := make(url.Values)
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return s.do(http.MethodPost, path, form)
}

func (s *screen) do(method, path string, form url.Values) *screen {
	s.Helper()
	for range 5 {
		r := httptest.NewRequest(method, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
		}
		for name, value := range s.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if c.MaxAge < 0 {
				delete(s.cookies, c.Name)
			} else {
				s.cookies[c.Name] = c.Value
			}
		}
		s.at, s.body, s.header, s.code = path, w.Body.String(), w.Header(), w.Code
		if w.Code != http.StatusSeeOther {
			if strings.Contains(s.body, "⟦") {
				s.Errorf("%s shows a text that is missing: %s", path, regexp.MustCompile("⟦.*?⟧").FindString(s.body))
			}
			return s
		}
		method, path, form = http.MethodGet, w.Header().Get("Location"), nil
	}
	s.Fatalf("%s leads nowhere", path)
	return s
}

// scanCard holds a card under the scanner and lets the screen go where it is sent.
func (s *screen) scanCard(n byte) *screen {
	s.Helper()
	return s.get(s.Server.scan(card(n)))
}

// on fails unless the screen shows the page.
func (s *screen) on(path string) *screen {
	s.Helper()
	if s.at != path {
		s.Fatalf("on page %s, want %s", s.at, path)
	}
	return s
}

// sees fails unless the page says all of texts.
func (s *screen) sees(texts ...string) *screen {
	s.Helper()
	for _, text := range texts {
		if !strings.Contains(s.body, text) {
			s.Fatalf("%s does not say %q:\n%s\n%s", s.at, text, words(s.body), s.log)
		}
	}
	return s
}

// lacks fails when the page says any of texts.
func (s *screen) lacks(texts ...string) *screen {
	s.Helper()
	for _, text := range texts {
		if strings.Contains(s.body, text) {
			s.Fatalf("%s says %q", s.at, text)
		}
	}
	return s
}

var (
	tags  = regexp.MustCompile(`(?s)<svg.*?</svg>|<[^>]*>`)
	space = regexp.MustCompile(`\s+`)
)

// words is what a page says, without its markup.
func words(body string) string { return space.ReplaceAllString(tags.ReplaceAllString(body, " "), " ") }

// field reads a hidden field of the form on the page.
func (s *screen) field(name string) string {
	s.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(s.body)
	if m == nil {
		s.Fatalf("%s has no field %q", s.at, name)
	}
	return m[1]
}

// confirm presses the one key of the page that redeems.
func (s *screen) confirm() *screen {
	s.Helper()
	return s.post("/redeem", "key", s.field("key"), "good", s.field("good"), "quantity", s.field("quantity"), "price", s.field("price"))
}

// newest is the last redemption of a person.
func (v *village) newest(person byte) store.Redemption {
	v.Helper()
	list, err := v.cfg.Store.RedemptionsOf(id(person), 0, 1)
	if err != nil || len(list) == 0 {
		v.Fatalf("no redemption: %v", err)
	}
	return list[0]
}

// escape makes a value safe within a query.
func escape(s string) string { return url.QueryEscape(s) }
