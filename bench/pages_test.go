package bench

import (
	"crypto/rand"
	"encoding/binary"
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
	pagesOnly  = flag.String("pages.only", "", "measure only the pages whose address, with its {k} and the like, matches this; and the floor")
)

// consolePages are the console's pages, with the parts of their addresses that vary:
// v is a volunteer, k a kiosk, t a town, p the end of a phone number, m the Monday of
// last week, f the first of last month, and n that of the month that is not over.
var consolePages = []string{
	"/me", "/", "/fleet", "/fleet?sort=points&q=益栈", "/station/{k}", "/boxes", "/places", "/places?q=清溪", "/place/{t}", "/addkiosk",
	"/volunteers", "/volunteers?sort=number&in={t}", "/volunteers?in={k}", "/volunteers?q=王", "/volunteers?q=zw", "/volunteers?q={p}", "/volunteer/{v}", "/account/{v}",
	"/goods", "/good/center/G001", "/stock", "/stock?at={k}", "/pieces/{k}/G001/sold", "/audit", "/audit?place={k}",
	"/owed", "/owed?at={t}", "/journal/{k}", "/staff", "/twins", "/move/{v}", "/adjust/{v}", "/second", "/jobs", "/numbers", "/policy", "/merchants", "/deliveries", "/senddelivery?to={k}", "/moves/{k}", "/best",
	"/reports", "/report/center/week/{m}", "/report/{t}/week/{m}", "/report/center/month/{f}", "/report/center/month/{n}", "/report/{t}/month/{f}",
	"/redemptions", "/redemptions?state=refunded", "/redemptions?at={t}", "/redemptions?at={k}&good=G001", "/redemptions?good=G001&slip=uncertain", "/redemptions?who={v}", "/redemptions?q=A037", "/settlement",
	"/hours", "/hours?show=confirmed&at={t}", "/objections", "/signs", "/walkins", "/stars", "/certificate/{v}", "/national",
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
				if code, body := ask(http.MethodGet, path); code != http.StatusOK {
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
func newCounty(b *testing.B) (county, func(method, path string) (int, string)) {
	b.Helper()
	database := storetest.Database(b)
	book, err := store.Open(b.Context(), store.Config{Database: database, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { book.Close() })
	c := county{towns: *pagesTowns, volunteers: *pagesTowns * *pagesTown, entries: *pagesTowns * *pagesTown * 10}
	c.town = newTown(b, book, seedTown{volunteers: *pagesTown, kiosks: 10, entries: *pagesTown * 10})
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
	pages := server.Console()
	return c, func(method, path string) (int, string) {
		r := httptest.NewRequestWithContext(b.Context(), method, "http://127.0.0.1:8400"+path, nil)
		r.AddCookie(&http.Cookie{Name: "yizhan-session", Value: cookie})
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
func signReports(b *testing.B, ask func(method, path string) (int, string)) {
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

// fill puts another volunteer, kiosk and town into a pattern each time, those of a
// copied town too.
func (c county) fill(pattern string, i int) string {
	town := i * 7 % c.towns
	end := ""
	if town > 0 {
		end = fmt.Sprintf("-%d", town)
	}
	var id ledger.ID
	binary.BigEndian.PutUint32(id[2:], uint32(i*7919%len(c.town.people))+1)
	who := id.String()
	if town > 0 {
		who = strings.NewReplacer("0", "B", "1", "C", "2", "D", "3", "E", "4", "F", "5", "G", "6", "H", "7", "I", "8", "J", "9", "K").Replace(fmt.Sprintf("%03d", town)) + who[3:]
	}
	return strings.NewReplacer("{v}", who, "{k}", c.town.boxes[i%len(c.town.boxes)].kiosk+end, "{t}", countyTown+end, "{p}", fmt.Sprintf("%04d", i*7919%*pagesTown),
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
