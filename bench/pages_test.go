package bench

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/center"
	"yizhan/center/store"
	"yizhan/center/store/storetest"
	"yizhan/ledger"
)

var (
	pagesTowns = flag.Int("pages.towns", 5, "towns of the county whose pages are measured: 50 make 1,000,000 volunteers and 10,000,000 entries")
	pagesTown  = flag.Int("pages.volunteers", 2000, "volunteers in each of its towns: 20,000 for the above; ten entries of each")
	pagesOften = flag.Int("pages.attendances", 2, "attendances of each volunteer in a year: 2 make 2,000,000 of 1,000,000 volunteers, at 20,000 shifts")
	pagesOnly  = flag.String("pages.only", "", "measure only the pages whose address, with its {k} and the like, matches this; and the floor")
)

// consolePages are the console's pages, with the parts of their addresses that vary:
// v is a volunteer, k a kiosk, t a town, p the end of a phone number, m the Monday of
// last week, f the first of last month, and n that of the month that is not over; s is a
// shift to which the volunteer came, and a an activity. What begins with /my is that
// volunteer's phone.
var consolePages = []string{
	"/me", "/", "/fleet", "/fleet?sort=points&q=益栈", "/station/{k}", "/boxes", "/places", "/places?q=清溪", "/place/{t}", "/addkiosk",
	"/volunteers", "/volunteers?sort=number&in={t}", "/volunteers?in={k}", "/volunteers?q=王", "/volunteers?q=zw", "/volunteers?q={p}", "/volunteer/{v}", "/account/{v}",
	"/goods", "/good/center/G001", "/stock", "/stock?at={k}", "/pieces/{k}/G001/sold", "/audit", "/audit?place={k}",
	"/owed", "/owed?at={t}", "/journal/{k}", "/staff", "/twins", "/move/{v}", "/adjust/{v}", "/second", "/jobs", "/numbers", "/policy", "/merchants", "/deliveries", "/senddelivery?to={k}", "/moves/{k}", "/best",
	"/reports", "/report/center/week/{m}", "/report/{t}/week/{m}", "/report/center/month/{f}", "/report/center/month/{n}", "/report/{t}/month/{f}",
	"/redemptions", "/redemptions?state=refunded", "/redemptions?at={t}", "/redemptions?at={k}&good=G001", "/redemptions?good=G001&slip=uncertain", "/redemptions?who={v}", "/redemptions?q=A037", "/settlement",
	"/hours", "/hours?show=confirmed&at={t}", "/hours/{s}", "/hours/{s}/{v}", "/objections", "/signs", "/walkins", "/stars", "/certificate/{v}", "/national", "/statistics",
	"/activities", "/activities?in={t}", "/activity/{t}/{a}", "/calendar", "/calendar?in={t}", "/shift/{s}",
	"/my", "/my/points", "/my/hours", "/my/hours/{s}", "/my/near", "/my/goods", "/my/holds", "/my/objections", "/my/missed",
}

const pageAsked = 20 // times that each page is asked for

// BenchmarkPages measures how long the console's pages take on a PostgreSQL that has
// the book of a whole county. The first of them reads nothing but who is signed in,
// and is the floor of the others.
func BenchmarkPages(b *testing.B) {
	only, err := regexp.Compile(*pagesOnly)
	if err != nil {
		b.Fatal(err)
	}
	c, ask := newCounty(b)
	for _, when := range []string{"before the books were added up", "after that, as a server does by itself"} {
		began := time.Now()
		ask(http.MethodGet, "/")
		fmt.Printf("/ %s: %.1f ms\n", when, ms(time.Since(began)))
	}
	signReports(b, ask)
	for b.Loop() {
		var worst time.Duration
		var slowest string
		floor := time.Duration(0)
		for i, pattern := range consolePages {
			if i > 0 && !only.MatchString(pattern) {
				continue
			}
			var times []time.Duration
			for i := range pageAsked {
				path := c.fill(pattern, i)
				began := time.Now()
				if code, body := ask(http.MethodGet, path, c.phones[i]); code != http.StatusOK {
					b.Fatalf("%s answers %d: %s", path, code, body)
				}
				times = append(times, time.Since(began))
			}
			slices.Sort(times)
			p50, p95 := times[len(times)/2], times[len(times)*95/100]
			if pattern == consolePages[0] {
				floor = p50
			}
			if p95 > worst {
				worst, slowest = p95, pattern
			}
			fmt.Printf("%-36s p50 %8.1f ms  p95 %8.1f ms  %6.1f x floor\n", pattern, ms(p50), ms(p95), float64(p50)/float64(floor))
		}
		fmt.Printf("%d volunteers, %d entries; the slowest is %s\n", c.volunteers, c.entries, slowest)
		b.ReportMetric(ms(worst), "slowest-page-p95-ms")
		b.ReportMetric(float64(worst)/float64(floor), "x-floor")
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// newCounty makes the book and signs an officer in.
func newCounty(b *testing.B) (county, func(method, path string, phone ...*http.Cookie) (int, string)) {
	b.Helper()
	database := storetest.Database(b)
	book, err := store.Open(b.Context(), store.Config{Database: database, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { book.Close() })
	c := county{towns: *pagesTowns, volunteers: *pagesTowns * *pagesTown, entries: *pagesTowns * *pagesTown * 10}
	c.town = newTown(b, book, seedTown{volunteers: *pagesTown, kiosks: 10, entries: *pagesTown * 10, attendances: *pagesOften})
	copyTown(b, database, c.towns-1)
	keys, err := center.OpenKeys(filepath.Join(b.TempDir(), "keys"), center.KeyOptions{Now: time.Now, Random: rand.Reader, Make: true})
	if err != nil {
		b.Fatal(err)
	}
	server, err := center.New(center.Config{Store: book, Keys: keys, Now: time.Now, Random: rand.Reader, Address: "127.0.0.1:8443"})
	if err != nil {
		b.Fatal(err)
	}
	cookie := signIn(b, book)
	for i := range pageAsked {
		c.phones = append(c.phones, signPhoneIn(b, book, c.who(i)))
	}
	pages := server.Console()
	return c, func(method, path string, phone ...*http.Cookie) (int, string) {
		r := httptest.NewRequestWithContext(b.Context(), method, "http://127.0.0.1:8400"+path, nil)
		r.AddCookie(&http.Cookie{Name: "yizhan-session", Value: cookie})
		r.AddCookie(&http.Cookie{Name: "yizhan-device", Value: benchDevice})
		for _, cookie := range phone {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
}

// Reports that were signed off before those that are measured, which look whether more
// came in of their days.
const (
	signedWeeks  = 13
	signedMonths = 6
)

// signReports signs off the county's reports of those weeks and months, one after the
// other.
func signReports(b *testing.B, ask func(method, path string, phone ...*http.Cookie) (int, string)) {
	b.Helper()
	var reports []string
	for i := range signedWeeks {
		reports = append(reports, "week/"+lastMonday().AddDate(0, 0, 7*(i-signedWeeks)).Format(time.DateOnly))
	}
	for i := range signedMonths {
		reports = append(reports, "month/"+monthsAgo(1+signedMonths-i).Format(time.DateOnly))
	}
	for _, report := range reports {
		if code, body := ask(http.MethodPost, "/report/center/"+report+"/sign"); code != http.StatusSeeOther {
			b.Fatalf("signing %s answers %d: %s", report, code, body)
		}
	}
}

// signIn begins the session of a new officer.
func signIn(b *testing.B, book *store.Store) (token string) {
	b.Helper()
	ctx := b.Context()
	err := book.AddOfficer(ctx, "bench", store.RoleOfficer, "center", "bench")
	if err == nil {
		token, _, err = book.MakeLink(ctx, "bench", []byte("secret"), "bench")
	}
	if err == nil {
		err = book.UseLink(ctx, token, "no password", 1)
	}
	if err == nil {
		token, err = book.SignIn(ctx, "bench", 2, "bench")
	}
	if err != nil {
		b.Fatal(err)
	}
	return token
}

// benchDevice is the number by which all phones' browser is known, see findDevice.
var benchDevice = base64.RawURLEncoding.EncodeToString(make([]byte, 16))

// signPhoneIn signs a volunteer in on a phone, and returns what that keeps.
func signPhoneIn(b *testing.B, book *store.Store, who string) *http.Cookie {
	b.Helper()
	id, err := ledger.ParseID(who)
	if err != nil {
		b.Fatal(err)
	}
	device := sha256.Sum256([]byte("yizhan phone device v1\n" + benchDevice))
	token, err := book.BeginPhone(b.Context(), id, store.Device(device[:]), "bench", "bench")
	if err != nil {
		b.Fatal(err)
	}
	return &http.Cookie{Name: "yizhan-phone", Value: token}
}

// townOf is the town of the i-th time that a page is asked for.
func (c county) townOf(i int) int { return i * 7 % c.towns }

// person is the number of its volunteer in that town.
func (c county) person(i int) int { return i * 7919 % len(c.town.people) }

// who is that volunteer.
func (c county) who(i int) string {
	return c.named(c.town.people[c.person(i)], c.townOf(i))
}

// named is what a town's copy calls somebody or something, see copyStatement.
func (c county) named(id ledger.ID, town int) string {
	if town == 0 {
		return id.String()
	}
	return strings.NewReplacer("0", "B", "1", "C", "2", "D", "3", "E", "4", "F", "5", "G", "6", "H", "7", "I", "8", "J", "9", "K").Replace(fmt.Sprintf("%03d", town)) + id.String()[3:]
}

// fill puts another volunteer, kiosk and town into a pattern each time, those of a
// copied town too.
func (c county) fill(pattern string, i int) string {
	town, end := c.townOf(i), ""
	if town > 0 {
		end = fmt.Sprintf("-%d", town)
	}
	shift := c.person(i) / yearEach
	return strings.NewReplacer("{v}", c.who(i), "{k}", c.town.boxes[i%len(c.town.boxes)].kiosk+end, "{t}", countyTown+end, "{p}", fmt.Sprintf("%04d", i*7919%*pagesTown),
		"{s}", c.named(yearID(1, shift), town), "{a}", c.named(yearID(2, i%yearActivities), town),
		"{m}", lastMonday().Format(time.DateOnly), "{f}", monthsAgo(1).Format(time.DateOnly), "{n}", monthsAgo(0).Format(time.DateOnly)).Replace(pattern)
}

func lastMonday() time.Time {
	now := time.Now().UTC()
	return now.AddDate(0, 0, -int(now.Weekday()+6)%7-7)
}

func monthsAgo(n int) time.Time {
	now := time.Now().UTC()
	return time.Date(now.Year(), now.Month()-time.Month(n), 1, 0, 0, 0, 0, time.UTC)
}
