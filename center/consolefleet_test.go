package center

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// kioskIn is a kiosk of the fleet in a state.
func kioskIn(word, id string, points ledger.Points) station {
	return station{Station: store.Station{Kiosk: store.Kiosk{ID: id, Name: "站" + id, Cap: 1000}, Chain: store.Chain{Granted: points}}, Word: word, Place: "清溪镇"}
}

func ids(rows []station) string {
	var list []string
	for _, s := range rows {
		list = append(list, s.ID)
	}
	return strings.Join(list, " ")
}

func TestTheFleetsTable(t *testing.T) {
	all := []station{kioskIn(stationOK, "A", 10), kioskIn(stationPaper, "B", 900), kioskIn(stationStopped, "C", 30), kioskIn(stationOK, "D", 500), kioskIn(stationOffline, "E", 40)}
	for query, want := range map[string]string{
		"":                       "C E B A D", // troubles first
		"sort=points":            "B D E C A",
		"sort=name":              "A B C D E",
		"state=ok":               "A D",
		"state=ok&sort=points":   "D A",
		"q=站b":                   "B",
		"q=清溪":                   "C E B A D",
		"q=nothing":              "",
		"state=nonsense&sort=no": "C E B A D",
		"page=99":                "C E B A D",
		"page=-1":                "C E B A D",
	} {
		q, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(tabulate(all, readFleetQuery(q)).Rows); got != want {
			t.Errorf("%q shows %q, want %q", query, got, want)
		}
	}
	if got := ids(all); got != "A B C D E" {
		t.Errorf("the fleet itself was sorted: %s", got)
	}
	p := tabulate(all, readFleetQuery(url.Values{"state": {"ok"}}))
	if p.Filters[0].N != 5 || len(p.Filters) != 5 || !p.Filters[4].On || p.Filters[1].To != "/fleet?state=stopped" {
		t.Errorf("%+v", p.Filters)
	}
}

func TestTheFleetIsPaged(t *testing.T) {
	var all []station
	for i := range 2*fleetRows + 1 {
		all = append(all, kioskIn(stationOK, fmt.Sprintf("K%03d", i), 1))
	}
	seen := 0
	at := "/fleet?q=K"
	for range 9 {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		p := tabulate(all, readFleetQuery(u.Query()))
		seen += len(p.Rows)
		if p.To-p.From+1 != len(p.Rows) || p.Found != len(all) || p.Again != at {
			t.Errorf("%+v", p)
		}
		if p.Next == "" {
			break
		}
		at = p.Next
	}
	if seen != len(all) || at != "/fleet?page=3&q=K" {
		t.Errorf("%d of %d, the last page is %s", seen, len(all), at)
	}
}

func FuzzFleetQuery(f *testing.F) {
	f.Add("state=ok&q=x&sort=points&page=2")
	f.Add("page=9999999999999999999&q=%FF")
	f.Fuzz(func(t *testing.T, text string) {
		values, _ := url.ParseQuery(text)
		q := readFleetQuery(values)
		u, err := url.Parse(q.path())
		if err != nil || readFleetQuery(u.Query()) != q {
			t.Errorf("%q is %+v, whose address %s says something else", text, q, q.path())
		}
		tabulate([]station{kioskIn(stationOK, "A", 1)}, q)
	})
}

func TestHowAKioskIs(t *testing.T) {
	o := newOffice(t)
	connected := false
	o.server.desk.Connected = func(string) bool { return connected }
	seen := o.now
	status := func(printer, paper string, skew time.Duration) []byte {
		return fmt.Appendf(nil, `{"printer":%q,"paper":%q,"wall_ms":%d}`, printer, paper, seen.Add(skew).UnixMilli())
	}
	ok := store.Station{Kiosk: store.Kiosk{ID: "A", Epoch: 1, Seen: seen, Status: status("ok", "ok", 0)}, Chain: store.Chain{State: store.ChainOpen}}
	change := func(f func(*store.Station)) store.Station { s := ok; f(&s); return s }
	for name, c := range map[string]struct {
		at   time.Duration
		link bool
		is   store.Station
		want string
	}{
		"well":            {0, false, ok, stationOK},
		"a while ago":     {offlineAfter - time.Second, false, ok, stationOK},
		"long ago":        {offlineAfter, false, ok, stationOffline},
		"connected":       {time.Hour, true, ok, stationOK},
		"no box":          {0, false, change(func(s *store.Station) { s.Epoch = 0; s.Seen = time.Time{} }), stationEmpty},
		"never came":      {0, false, change(func(s *store.Station) { s.Seen = time.Time{} }), stationEmpty},
		"revoked":         {0, false, change(func(s *store.Station) { s.Revoked = true }), stationRevoked},
		"in quarantine":   {time.Hour, false, change(func(s *store.Station) { s.State = store.ChainQuarantined; s.Revoked = true }), stationStopped},
		"out of paper":    {0, false, change(func(s *store.Station) { s.Status = status("ok", "out", 0) }), stationPaper},
		"a cover":         {0, false, change(func(s *store.Station) { s.Status = status("cover", "ok", 0) }), stationPaper},
		"no printer":      {0, false, change(func(s *store.Station) { s.Status = status("none", "", 0) }), stationOK},
		"a clock behind":  {0, false, change(func(s *store.Station) { s.Status = status("ok", "ok", -time.Hour) }), stationClock},
		"says nothing":    {0, false, change(func(s *store.Station) { s.Status = nil }), stationOK},
		"says nonsense":   {0, false, change(func(s *store.Station) { s.Status = []byte(`{"wall_ms":"x"}`) }), stationOK},
		"a newer program": {0, false, change(func(s *store.Station) { s.Status = []byte(`{"printer":"x","wall_ms":1,"more":2}`) }), stationClock},
	} {
		o.now, connected = seen.Add(c.at), c.link
		got := o.server.desk.look(c.is, nil)
		if got.Word != c.want {
			t.Errorf("%s: %s, want %s", name, got.Word, c.want)
		}
		if got.Icon() == "" || got.Class() == "" || !slices.Contains(stationStates, got.Word) {
			t.Errorf("%s: %q %q", name, got.Icon(), got.Class())
		}
	}
}
