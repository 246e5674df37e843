package center

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base32"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// office is a center's console with its books, at a moment that stands still.
type office struct {
	*testing.T
	store  *store.Store
	keys   *Keys
	server *Server
	pages  http.Handler // of the server, see console
	now    time.Time
	scope  string // that officers are bound to
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, scope: "center", now: time.Date(2026, 11, 23, 6, 30, 0, 0, time.UTC)}
	now := func() time.Time { return o.now }
	var err error
	o.store, err = store.Open(t.Context(), store.Config{Database: filepath.Join(t.TempDir(), "book.db"), Now: now})
	o.must(err)
	t.Cleanup(func() { o.store.Close() })
	o.keys, err = OpenKeys(filepath.Join(t.TempDir(), "keys"), KeyOptions{Now: now, Random: rand.Reader, Make: true})
	o.must(err)
	o.server, err = New(Config{Store: o.store, Keys: o.keys, Now: now, Random: rand.Reader, Address: "10.0.0.5:8443"})
	o.must(err)
	for _, s := range []store.Scope{{ID: "center", Name: "青禾县中心"}, {ID: "qingxi", Parent: "center", Name: "清溪镇"}, {ID: "shiqiao", Parent: "qingxi", Name: "石桥村"}} {
		o.must(o.store.PutScope(t.Context(), s))
	}
	return o
}

// console is the server's pages. Their hundreds of routes are registered once.
func (o *office) console() http.Handler {
	if o.pages == nil {
		o.pages = o.server.Console()
	}
	return o.pages
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// browser is one person's browser.
type browser struct {
	*office
	cookies map[string]string
	secret  []byte // of the authenticator app beside it
	code    int    // status of the last answer
	at      string // path of the page that is shown
	body    string
	header  http.Header
	host    string // as the browser calls the center; "": by its address
	referer string // page that the next form is sent from
}

func (o *office) browser() *browser { return &browser{office: o, cookies: make(map[string]string)} }

// send sends a request and follows where the answer leads.
func (b *browser) send(method, path string, form url.Values) *browser {
	b.Helper()
	for range 5 {
		var body io.Reader
		if form != nil {
			body = strings.NewReader(form.Encode())
		}
		r := httptest.NewRequestWithContext(b.Context(), method, "http://"+cmp.Or(b.host, "127.0.0.1:8400")+path, body)
		r.Header.Set("User-Agent", "Firefox on a test")
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			if b.referer != "" {
				r.Header.Set("Referer", "http://127.0.0.1:8400"+b.referer)
			}
		}
		for name, value := range b.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		b.console().ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if c.MaxAge < 0 {
				delete(b.cookies, c.Name)
			} else {
				b.cookies[c.Name] = c.Value
			}
		}
		b.code, b.at, b.body, b.header = w.Code, path, w.Body.String(), w.Header()
		if w.Code != http.StatusSeeOther {
			if i := strings.Index(b.body, "⟦"); i >= 0 {
				b.Errorf("%s lacks a text: %.60s", path, b.body[i:])
			}
			return b
		}
		method, path, form = http.MethodGet, w.Header().Get("Location"), nil
	}
	b.Fatalf("%s leads on and on", path)
	return b
}

func (b *browser) get(path string) *browser { b.Helper(); return b.send(http.MethodGet, path, nil) }

// from says which page forms are sent from.
func (b *browser) from(path string) *browser { b.referer = path; return b }

// post sends a form of names and values.
func (b *browser) post(path string, pairs ...string) *browser {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.send(http.MethodPost, path, form)
}

// shows fails the test unless the answer has the status and says all of texts.
func (b *browser) shows(code int, texts ...string) *browser {
	b.Helper()
	if b.code != code {
		b.Fatalf("%s answers %d, want %d: %s", b.at, b.code, code, visible(b.body))
	}
	for _, text := range texts {
		if !strings.Contains(visible(b.body), text) {
			b.Fatalf("%s does not say %q, but: %s", b.at, text, visible(b.body))
		}
	}
	return b
}

// hides fails the test if the page says one of texts.
func (b *browser) hides(texts ...string) *browser {
	b.Helper()
	for _, text := range texts {
		if strings.Contains(visible(b.body), text) {
			b.Fatalf("%s says %q: %s", b.at, text, visible(b.body))
		}
	}
	return b
}

var tags = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)

// visible is a page's text on one line.
func visible(page string) string {
	page = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(tags.ReplaceAllString(page, " "))
	return strings.Join(strings.Fields(page), " ")
}

const goodPassword = "一只白鹭飞过六月的稻田"

// invited follows the link of an officer up to the sign-in.
func (o *office) invited(name string, role store.Role) *browser {
	o.Helper()
	o.must(o.store.AddOfficer(o.Context(), name, role, o.scope, "terminal"))
	link, _, err := InviteOfficer(o.Context(), o.store, o.keys, rand.Reader, name, "terminal")
	o.must(err)
	b := o.browser()
	b.get(link).shows(200, name)
	b.secret = secretOn(o.T, b.body)
	b.post(link, "password", goodPassword, "again", goodPassword, "code", b.now6()).shows(200, "密码设好了")
	return b
}

var secretText = regexp.MustCompile(`class="secret">([A-Z2-7 ]+)<`)

func secretOn(t *testing.T, page string) []byte {
	t.Helper()
	m := secretText.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no secret on the page: %s", visible(page))
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(m[1], " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// now6 is what the authenticator app shows now.
func (b *browser) now6() string { return hotp(b.secret, totpStep(b.now), totpDigits) }

// signedIn is the browser of an officer who has just signed in.
func (o *office) signedIn(name string, role store.Role) *browser {
	o.Helper()
	b := o.invited(name, role)
	o.now = o.now.Add(totpSeconds * time.Second)
	b.post("/signin", "name", name, "password", goodPassword, "code", b.now6()).shows(200, "今天")
	return b
}

// testBox is a box with its chain.
type testBox struct {
	*office
	key  ed25519.PrivateKey
	head ledger.Head
	raw  [][]byte
}

func (o *office) kiosk(id, name string) {
	o.Helper()
	o.must(o.store.PutKiosk(o.Context(), store.Kiosk{ID: id, Name: name, Parent: "shiqiao"}))
}

// box enrols a box, which says that all is well.
func (o *office) box(kiosk string) *testBox {
	o.Helper()
	b := &testBox{office: o}
	var err error
	_, b.key, err = ed25519.GenerateKey(nil)
	o.must(err)
	code, _, err := o.store.MakeCode(o.Context(), kiosk, "lin")
	o.must(err)
	e, err := o.store.Enrol(o.Context(), code, b.key.Public().(ed25519.PublicKey), 1)
	o.must(err)
	e, err = o.store.Approve(o.Context(), e.ID, "lin")
	o.must(err)
	b.head = ledger.Head{Kiosk: kiosk, Epoch: e.Epoch}
	b.says(`"printer":"ok","paper":"ok"`, 0)
	return b
}

// says sends how the box is, by a clock that is off by skew.
func (b *testBox) says(words string, skew time.Duration) {
	b.Helper()
	status := `{` + words + `,"disk_free_bytes":3221225472,"wall_ms":` + itoa(b.now.Add(skew).UnixMilli()) + `,"clock":2,"unsent":3,"unsent_ms":7200000,"program":"3.2.1"}`
	b.must(b.store.Seen(b.Context(), b.head.Kiosk, []byte(status)))
}

func itoa(n int64) string { s, _ := number(n); return strings.ReplaceAll(s, ",", "") }

// does appends to the box's chain, sends it up and has it folded.
func (b *testBox) does(bodies ...ledger.Body) {
	b.Helper()
	first := b.head.Seq + 1
	b.keeps(bodies...)
	_, err := b.store.Append(b.Context(), store.Batch{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, First: first, Entries: b.raw[first-1:], Head: b.head, Signature: b.head.Sign(b.key)})
	b.must(err)
	_, err = b.store.Fold(b.Context(), b.head.Kiosk, b.head.Epoch)
	b.must(err)
}

// keeps appends to the box's chain and sends nothing.
func (b *testBox) keeps(bodies ...ledger.Body) {
	b.Helper()
	for _, body := range bodies {
		e := ledger.Entry{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, Seq: b.head.Seq + 1, Prev: b.head.Hash, WallMS: b.now.UnixMilli(), Body: body}
		raw, err := e.Encode()
		b.must(err)
		b.head, _, err = b.head.Next(raw)
		b.must(err)
		b.raw = append(b.raw, raw)
	}
}

// volunteer registers somebody who has earned points, which are at the home kiosk.
func (o *office) volunteer(n byte, name, number, home string, points ledger.Points) ledger.ID {
	o.Helper()
	id := ledger.ID{n, 7}
	o.must(o.store.PutPerson(o.Context(), store.Person{Volunteer: civic.Volunteer{ID: id, Name: name, Number: number, Tail: "4412"}, Town: "qingxi", Home: home}))
	e := civic.Earning{On: ledger.DayOf(o.now), Expires: ledger.DayOf(o.now) + 1000, What: "路口文明劝导", Minutes: int64(points) * 6, Rate: 10, Points: points}
	o.must(o.store.Earn(o.Context(), id, ledger.Key{n, 1}, e))
	return id
}

// Pages are parsed when they are first shown. That each of them can be is shown here.
func TestEveryPageParses(t *testing.T) {
	o := newOffice(t)
	for _, lang := range assets.Langs {
		o.must(o.server.desk.pages[lang].Check())
		o.must(o.server.phone.pages[lang].Check())
	}
}

// every page answers in both languages, with all its texts, and to nobody who is
// not signed in.
func TestEveryPageAnswers(t *testing.T) {
	o := newOffice(t)
	lin := o.signedIn("lin", store.RoleOfficer)
	o.kiosk("SQ01", "石桥村益栈")
	box := o.box("SQ01")
	zhang := o.volunteer(1, "张建伟", "420-118-2207", "SQ01", 500)
	box.does(ledger.Reserve{Volunteer: zhang, Good: "rice", Quantity: 1, Parts: []ledger.Part{{Expires: ledger.DayOf(o.now) + 1000, Points: 280}}})
	o.kiosk("LH02", "柳树村益栈")
	o.must(o.store.PutDocument(t.Context(), "shiqiao", civic.Document{Good: &civic.Good{Code: "rice", Name: "大米", Unit: "袋", Price: 280}}))
	lin.post("/adjust/"+zhang.String(), "request", "00000000000000a1", "points", "900", "reason", "漏记", "evidence", "签到表").shows(200, "等另一个人核对")
	asked := "/second/qingxi/00000000000000a1"
	pages := []string{"/", "/fleet", "/fleet?state=ok&sort=points&q=石桥", "/station/SQ01", "/station/LH02", "/station/SQ01/code", "/station/LH02/code", "/station/SQ01/cap",
		"/station/SQ01/stop", "/station/SQ01/revoke", "/boxes", "/addkiosk", "/lots", "/lots?show=free", "/lots?show=expired", "/staff", "/staff?at=SQ01", "/member/SQ01", "/describe/SQ01", "/journal/SQ01", "/journal/SQ01?epoch=1&before=1", "/journal/LH02", "/goodlist/shiqiao", "/places", "/places?q=石桥&sort=name", "/places?at=qingxi", "/place", "/place/shiqiao", "/placelist", "/volunteers", "/volunteers?q=nobody", "/volunteers?sort=number&in=SQ01", "/volunteer", "/volunteer/" + zhang.String(), "/card/" + zhang.String() + "/issue", "/phones/" + zhang.String(), "/twins", "/merge/" + zhang.String(), "/move/" + zhang.String(), "/move/" + zhang.String() + "?to=LH02", "/account/" + zhang.String(), "/audit", "/audit?place=SQ01&prove=1", "/audit?place=nowhere", "/me",
		"/goods", "/goods?at=SQ01&q=nothing", "/good/shiqiao", "/good/shiqiao/rice", "/good/shiqiao/rice/withdraw", "/stock", "/stock?good=rice", "/pieces/SQ01/rice/held", "/pieces/SQ01/rice/moved"}
	pages = append(pages, "/adjust/"+zhang.String(), "/enter/"+zhang.String(), "/second", "/second?show=waiting", "/second?show=asked", "/second?show=ended", asked, "/numbers")
	pages = append(pages, "/redemptions", "/redemptions?state=refunded&q=A000", "/redemptions?q=x&who=nobody", "/redemption/SQ01-1-000001")
	pages = append(pages, "/verify", "/verify?text=x", "/verify?text=YZ1:AEA")
	pages = append(pages, "/certificate/"+zhang.String(), "/hours", "/hours?show=confirmed&at=shiqiao&what=x&day=2026-11-23", "/objections", "/objections?show=refused", "/signs", "/signs?show=settled", "/walkins", "/national", "/groups")
	pages = append(pages, "/owed", "/owed?at=qingxi&sort=cover")
	pages = append(pages, "/reports", "/reports?at=qingxi&of=month", "/report/qingxi/week/2026-11-23", "/report/center/month/2026-11-01", "/report/qingxi/week/2026-11-16/sign", "/statistics", "/statistics?sort=share", "/residents/qingxi")
	activity, shift := o.planned()
	pages = append(pages, "/activities", "/activitylist", "/activities?at=qingxi&month=2026-11&platform=customs&category=文明劝导&label=敬老月&show=published&q=路口&sort=title", "/activity/qingxi", "/activity/qingxi?like="+activity.ID.String(),
		activityPath("qingxi", activity.ID), activityPath("qingxi", activity.ID)+"/close", "/calendar", "/calendar?month=2026-12&at=qingxi", "/calendar?day=2026-11-28", shiftPath(shift), shiftPath(shift)+"?q=张", shiftPath(shift)+"/off",
		shiftPath(shift)+"/strike/"+zhang.String())
	for _, lang := range assets.Langs {
		lin.post("/language", "to", string(lang), "page", "/me")
		for _, page := range pages {
			lin.get(page).shows(200)
			if !strings.Contains(lin.body, `<html lang="`+string(lang)+`"`) {
				t.Errorf("%s is not in %s", page, lang)
			}
			o.browser().get(page).shows(200, "登录名").hides("石桥村", "张建伟", "SQ01")
		}
		lin.get("/nowhere").shows(404)
	}
}

func init() {
	civic.PasswordCost = civic.PINCost{MemoryKiB: 8, Passes: 1} // what a test compares needs no defence
}
