package store

import (
	"context"
	"errors"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// perHour is a complete policy of so many points an hour.
func perHour(points int64) civic.Policy { return civic.Policy{PointsPerHour: points}.WithDefaults() }

// rule drafts a policy for a place and puts it in force from a day.
func (w *world) rule(ctx context.Context, scope string, text PolicyText, first ledger.Day) civic.Rule {
	w.t.Helper()
	v, err := w.DraftPolicy(ctx, scope, text)
	w.must(err)
	w.must(w.ForcePolicy(ctx, v.Rule(), v.Edits, first))
	return v.Rule()
}

// on fails unless the place's rules on a day are those of a rule.
func (w *world) on(scope string, day ledger.Day, points int64, want civic.Rule) {
	w.t.Helper()
	p, rule, err := w.PolicyOn(w.t.Context(), scope, day)
	w.must(err)
	if rule != want || p.PointsPerHour != points {
		w.t.Errorf("%s on %v: %q with %d points, want %q with %d", scope, day, rule, p.PointsPerHour, want, points)
	}
	rules, err := w.Rulebook(w.t.Context())
	w.must(err)
	switch v := rules.On(scope, day); {
	case v == nil && want != "", v != nil && v.Rule() != want:
		w.t.Errorf("the rulebook says %+v, want %q", v, want)
	}
}

// A version is drafted, changed, and in force from a day on; every transaction is
// run twice.
func TestPolicyVersions(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		w.Store = w.another(newFaults(1, 0).wrap)
		w.kiosk("SQ-01")
		today := w.today()
		w.on("SQ-01", today, 10, "")
		if _, _, err := w.PolicyOn(ctx, "nowhere", today); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}

		first := w.rule(ctx, "center", PolicyText{Policy: perHour(5)}, today)
		w.on("SQ-01", today, 5, "center/1")
		w.on("qingxi", today-1, 10, "")

		v, err := w.DraftPolicy(ctx, "qingxi", PolicyText{Policy: perHour(7), Why: "试行"})
		if err != nil || v.Version != 1 || v.Edits != 1 || !v.Draft || v.MadeBy != "lin" {
			t.Fatalf("%+v, %v", v, err)
		}
		w.on("qingxi", today+400, 5, first)
		if _, err := w.DraftPolicy(ctx, "qingxi", PolicyText{Policy: perHour(8)}); !errors.Is(err, ErrChanged) {
			t.Errorf("a second draft: %v", err)
		}
		if _, err := w.DraftPolicy(As(ctx, "wu"), "qingxi", PolicyText{Policy: perHour(8), Edits: 1}); err != nil {
			t.Error(err)
		}
		if _, err := w.DraftPolicy(ctx, "qingxi", PolicyText{Policy: perHour(9), Edits: 1}); !errors.Is(err, ErrChanged) {
			t.Errorf("over what somebody else wrote: %v", err)
		}
		if err := w.ForcePolicy(ctx, "qingxi/1", 1, today+3); !errors.Is(err, ErrChanged) {
			t.Errorf("in force unseen: %v", err)
		}
		for _, day := range []ledger.Day{today - 1, today + 3000} {
			if err := w.ForcePolicy(ctx, "qingxi/1", 2, day); !errors.Is(err, ErrInput) {
				t.Errorf("in force from %v: %v", day, err)
			}
		}
		w.must(w.ForcePolicy(ctx, "qingxi/1", 2, today+3))
		w.on("SQ-01", today+2, 5, "center/1")
		w.on("SQ-01", today+3, 8, "qingxi/1")
		w.on("lianhua", today+3, 5, "center/1")
		if err := w.ForcePolicy(ctx, "qingxi/1", 2, today+4); !errors.Is(err, ErrState) {
			t.Errorf("another day: %v", err)
		}
		if err := w.DropPolicy(ctx, "qingxi/1", 2); !errors.Is(err, ErrState) {
			t.Errorf("dropped in force: %v", err)
		}

		// A later version with the same day takes its place, and ending is a version too.
		w.rule(ctx, "qingxi", PolicyText{Policy: perHour(6)}, today+3)
		w.on("SQ-01", today+3, 6, "qingxi/2")
		w.rule(ctx, "qingxi", PolicyText{Policy: perHour(6), Ends: true}, today+10)
		w.on("SQ-01", today+9, 6, "qingxi/2")
		w.on("SQ-01", today+10, 5, "center/1")

		v, err = w.DraftPolicy(ctx, "qingxi", PolicyText{Policy: perHour(1)})
		w.must(err)
		if err := w.DropPolicy(ctx, v.Rule(), 7); !errors.Is(err, ErrChanged) {
			t.Errorf("dropped unseen: %v", err)
		}
		w.must(w.DropPolicy(ctx, v.Rule(), 1))
		list, err := w.Policies(ctx, "qingxi")
		if err != nil || len(list) != 3 || list[0].Version != 3 || list[0].Draft || !list[0].Ends || list[2].First != today+3 || list[2].ForceBy != "lin" || list[2].MadeBy != "wu" {
			t.Errorf("%+v, %v", list, err)
		}
		if v, err := w.PolicyVersion(ctx, "qingxi/2"); err != nil || v.Policy != perHour(6) {
			t.Errorf("%+v, %v", v, err)
		}
		for _, none := range []civic.Rule{"", "qingxi/4", "nowhere/1", "x"} {
			if _, err := w.PolicyVersion(ctx, none); !errors.Is(err, ErrUnknown) {
				t.Errorf("%q: %v", none, err)
			}
		}
		for _, bad := range []PolicyText{{}, {Policy: civic.Policy{PointsPerHour: -1}.WithDefaults()}, {Policy: perHour(1), Why: string(make([]rune, MaxPolicyWhy+1))}} {
			if _, err := w.DraftPolicy(ctx, "lianhua", bad); !errors.Is(err, ErrInput) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := w.DraftPolicy(ctx, "nowhere", PolicyText{Policy: perHour(1)}); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		acts, err := w.Acts(ctx, "qingxi", 0, 100)
		if err != nil || len(acts) != 9 { // 5 drafts, 1 of them changed, 3 in force, 1 dropped; without the scope's own, which nobody named did
			t.Errorf("%d acts, %v", len(acts), err)
		}
	})
}

// Stations are told the rules in force, when a version comes, when the day turns, and
// when a place moves; by two processes at once, and once.
func TestPoliciesReachKiosks(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		for _, id := range []string{"SQ-01", "SQ-02"} {
			w.kiosk(id)
			w.must(w.PutDocument(ctx, id, civic.Document{Station: &civic.Station{Kiosk: id, Name: "益栈", Policy: civic.Policy{MonthlyLimit: 9}}}))
		}
		w.kiosk("SQ-03") // nobody has described it
		other := w.another(nil)
		publish := func(want int) {
			t.Helper()
			rules, err := w.Rulebook(ctx)
			w.must(err)
			n, err := w.PublishPolicies(ctx, rules)
			if err != nil || n != want {
				t.Errorf("%d stations were told, want %d; %v", n, want, err)
			}
			if n, err := other.PublishPolicies(ctx, rules); n != 0 || err != nil {
				t.Errorf("%d were told again; %v", n, err)
			}
		}
		station := func(id string) civic.Station {
			t.Helper()
			list, err := w.Documents(ctx, id, KindStation, []string{id})
			w.must(err)
			return *list[0].Station
		}
		publish(0)
		today := w.today()
		w.rule(ctx, "qingxi", PolicyText{Policy: perHour(5)}, today)
		w.rule(ctx, "qingxi", PolicyText{Policy: perHour(4)}, today+1)
		self := perHour(5)
		self.SelfService = true
		w.rule(ctx, "SQ-02", PolicyText{Policy: self}, today)
		publish(2)
		if st := station("SQ-01"); st.Policy != perHour(5) || st.Rule != "qingxi/1" || st.Name != "益栈" {
			t.Errorf("%+v", st)
		}
		if st := station("SQ-02"); !st.Policy.SelfService || st.Rule != "SQ-02/1" {
			t.Errorf("%+v", st)
		}
		w.time = w.time.AddDate(0, 0, 1)
		publish(1)
		if st := station("SQ-01"); st.Policy != perHour(4) || st.Rule != "qingxi/2" {
			t.Errorf("%+v", st)
		}
		w.must(w.PutScope(ctx, Scope{ID: "shiqiao", Parent: "lianhua", Name: "石桥村"}))
		publish(1) // to a town where nobody has made rules: the usual ones
		if st := station("SQ-01"); st.Policy != perHour(10) || st.Rule != "" {
			t.Errorf("%+v", st)
		}
		w.must(w.PutScope(ctx, Scope{ID: "shiqiao", Parent: "qingxi", Name: "石桥村"}))
		w.must(w.PublishPolicy(ctx, "SQ-01"))
		publish(0)
		w.must(w.PublishPolicy(ctx, "SQ-03"))
	})
}

func TestARulebookKnowsItsState(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		seen := map[string]bool{}
		differs := func() {
			t.Helper()
			rules, err := w.Rulebook(ctx)
			w.must(err)
			if s := rules.State(w.today()); seen[s] {
				t.Errorf("a state twice: %s", s)
			} else {
				seen[s] = true
			}
			again, err := w.Rulebook(ctx)
			w.must(err)
			if again.State(w.today()) != rules.State(w.today()) {
				t.Error("one state has two names")
			}
		}
		differs()
		w.rule(ctx, "qingxi", PolicyText{Policy: perHour(5)}, w.today()+1)
		differs()
		w.time = w.time.AddDate(0, 0, 1)
		differs()
		w.must(w.PutScope(ctx, Scope{ID: "shiqiao", Parent: "lianhua", Name: "石桥村"}))
		differs()
	})
}

// The days within which a home kiosk must have synced are those of its rules.
func TestFreshDaysOfThePolicy(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		w.kiosk("SQ-01")
		w.must(w.PutDocument(ctx, "SQ-01", civic.Document{Station: &civic.Station{Kiosk: "SQ-01", Name: "益栈"}}))
		v := w.person(1, "SQ-01")
		w.time = w.time.AddDate(0, 0, 8)
		w.earn(v, lotA, 10)
		if l := w.lot(v, lotA); l.Free != 10 {
			t.Errorf("granted after eight days: %+v", l)
		}
		p := perHour(10)
		p.FreshDays = 9
		w.rule(ctx, "center", PolicyText{Policy: p}, w.today())
		w.must(w.PublishPolicy(ctx, "SQ-01"))
		w.earn(v, lotA, 10)
		if l := w.lot(v, lotA); l.Free != 0 {
			t.Errorf("not granted within nine days: %+v", l)
		}
	})
}
