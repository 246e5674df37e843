package center

import (
	"fmt"
	"path/filepath"
	"testing"

	"yizhan/center/store"
	"yizhan/civic"
)

// rule puts rules of so many points an hour in force at a place, today.
func (w *world) rule(scope string, pointsPerHour int64) civic.Rule {
	w.t.Helper()
	ctx := store.As(w.t.Context(), "lin")
	v, err := w.DraftPolicy(ctx, scope, store.PolicyText{Policy: civic.Policy{PointsPerHour: pointsPerHour}.WithDefaults()})
	w.must(err)
	w.must(w.ForcePolicy(ctx, v.Rule(), v.Edits, w.Today()))
	return v.Rule()
}

// A version that comes in force reaches stations by itself, whichever process looks,
// and what a station is described with later gives way to it.
func TestRulesReachStations(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.serve("")
		w.serve("")
		w.must(w.PutKiosk(ctx, store.Kiosk{ID: "SQ-01", Name: "石桥村益栈", Parent: "qingxi"}))
		own := civic.Station{Name: "石桥村益栈", Policy: civic.Policy{PointsPerHour: 3}}
		w.must(w.office().PutStation(ctx, "SQ-01", own))
		station := func() civic.Station {
			t.Helper()
			s, err := w.office().station(ctx, "SQ-01")
			w.must(err)
			return s
		}
		if s := station(); s.Policy != own.Policy || s.Rule != "" {
			t.Errorf("where nobody has made rules: %+v", s)
		}
		rule := w.rule("qingxi", 5)
		w.soon("the rules", func() bool { s := station(); return s.Rule == rule && s.Policy.PointsPerHour == 5 })
		own.Name = "石桥村爱心超市"
		w.must(w.office().PutStation(ctx, "SQ-01", own))
		if s := station(); s.Rule != rule || s.Policy.PointsPerHour != 5 || s.Name != own.Name {
			t.Errorf("described anew: %+v", s)
		}
	})
}

// Hours of a list count by the rules in force where the volunteers are at home, and
// each line says which those were.
func TestAListCountsByTheRulesInForce(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	ctx := t.Context()
	w.must(w.PutKiosk(ctx, store.Kiosk{ID: "SQ-01", Name: "x", Parent: "qingxi"}))
	w.must(w.PutKiosk(ctx, store.Kiosk{ID: "LH-01", Name: "x", Parent: "lianhua"}))
	w.must(w.office().PutStation(ctx, "LH-01", civic.Station{Name: "x", Policy: civic.Policy{PointsPerHour: 3}}))
	n := 0
	line := func(town, home, columns, row string) civic.Earning {
		t.Helper()
		n++
		number := fmt.Sprint("V", n)
		list := file(t, "roster.csv", "姓名,志愿者编号,"+columns+"\n王小明,"+number+","+row+"\n")
		out, err := w.office().Import(ctx, Import{Town: town, Home: home, Roster: list})
		if err != nil || out.Files[0].New != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		found, err := w.Find(ctx, store.Lookup{Text: number})
		w.must(err)
		p, err := w.Person(ctx, found.Found[0].ID)
		w.must(err)
		return p.Earned[0]
	}
	hours := "服务时长"
	if e := line("lianhua", "LH-01", hours, "10"); e.Points != 30 || e.Rate != 3 || e.Rule != "" {
		t.Errorf("by a station's own rules: %+v", e)
	}
	rule := w.rule("center", 5)
	e := line("qingxi", "", hours, "10")
	if e.Points != 50 || e.Rate != 5 || e.Rule != rule || e.Minutes != 600 {
		t.Errorf("%+v", e)
	}
	if e := line("qingxi", "SQ-01", "积分", "70"); e.Points != 70 || e.Rule != rule || e.Expires != (civic.Policy{}).Expiry(w.Today()) {
		t.Errorf("given as such, by the usual expiry: %+v", e)
	}
	if e := line("qingxi", "SQ-01", "积分,有效期", "70,2029-05-31"); e.Rule != "" || e.Expires.String() != "2029-05-31" {
		t.Errorf("given with its last day: %+v", e)
	}
	if e := line("lianhua", "LH-01", hours, "10"); e.Points != 50 || e.Rule != rule {
		t.Errorf("a station's own rules after there are others: %+v", e)
	}
}
