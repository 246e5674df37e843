package store

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// request is points that lin asks for somebody.
func request(id string, v ledger.ID, points int64) Asked {
	return Asked{Place: "qingxi", ID: id, Kind: "adjust", Volunteer: v, Amount: points, Body: json.RawMessage(`{}`), Reason: "漏记", Evidence: "签到表第 3 页", Who: "lin"}
}

func TestASecondPersonDecides(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, name := range []string{"lin", "chen", "zhou"} {
			w.officer(name)
		}
		v := w.person(1, "")
		rule := AskRule{Since: w.time.Add(-time.Hour), Alone: 100}
		ask := func(id string, points int64) Asked {
			t.Helper()
			x, err := w.Ask(ctx, request(id, v, points), rule)
			w.must(err)
			return x
		}
		if x := ask("00000000000000a1", 60); x.State != AskedConfirmed || x.Second != "" {
			t.Errorf("a small sum waits: %+v", x)
		}
		if x := ask("00000000000000a2", -50); x.State != AskedWaiting {
			t.Errorf("two small sums are more than the rule lets one officer do: %+v", x)
		}
		if x := ask("00000000000000a2", -50); x.State != AskedWaiting {
			t.Errorf("asking twice: %+v", x)
		}
		_, err := w.Ask(ctx, request("00000000000000a2", v, -51), rule)
		w.wants(ErrKeyReused, err)
		_, err = w.Ask(ctx, request("00000000000000a3", v, 10), AskRule{Since: rule.Since, Quota: 119})
		w.wants(ErrQuota, err)
		if signs, err := w.Signs(ctx, false, AskedMark{}, 10); err != nil || len(signs) != 1 || signs[0].Word != SignQuota || signs[0].N == 0 {
			t.Errorf("who asked for more than the quota is not listed: %+v %v", signs, err)
		}

		decide := func(id, who string, yes bool, why string) error {
			_, err := w.Decide(ctx, "qingxi", id, who, yes, why)
			return err
		}
		w.wants(ErrSameOfficer, decide("00000000000000a2", "lin", true, ""))
		w.wants(ErrSameOfficer, decide("00000000000000a2", "Ｌｉｎ", true, ""))
		w.wants(ErrInput, decide("00000000000000a2", "chen", false, ""))
		w.wants(ErrUnknown, decide("00000000000000ff", "chen", true, ""))
		w.must(decide("00000000000000a2", "chen", false, "签到表上没有"))
		w.must(decide("00000000000000a2", "chen", false, "签到表上没有"))
		w.wants(ErrState, decide("00000000000000a2", "zhou", true, ""))

		if x := ask("00000000000000a4", 300); x.State != AskedWaiting {
			t.Errorf("%+v", x)
		}
		_, err = w.Withdraw(ctx, "qingxi", "00000000000000a4", "chen")
		w.wants(ErrState, err)
		_, err = w.Withdraw(ctx, "qingxi", "00000000000000a4", "lin")
		w.must(err)
		ask("00000000000000a5", 400)
		list, err := w.AskedWaitingAll(ctx)
		w.must(err)
		if len(list) != 1 || list[0].ID != "00000000000000a5" || list[0].Evidence == "" || list[0].Volunteer != v {
			t.Errorf("%+v", list)
		}
		w.time = w.time.Add(time.Minute)
		w.must(decide("00000000000000a5", "chen", true, ""))
		undone, err := w.AskedUndone(ctx, w.time.Add(time.Second))
		w.must(err)
		if len(undone) != 2 { // the small one was never carried out either
			t.Errorf("%d are not carried out", len(undone))
		}
		w.must(w.AskedDone(ctx, "qingxi", "00000000000000a1", ""))
		w.must(w.AskedDone(ctx, "qingxi", "00000000000000a1", "late"))
		w.must(w.AskedDone(ctx, "qingxi", "00000000000000a5", "state"))
		x, err := w.AskedOf(ctx, "qingxi", "00000000000000a5")
		w.must(err)
		if x.State != AskedFailed || x.Answer != "state" || x.Second != "chen" {
			t.Errorf("%+v", x)
		}
		ended, err := w.AskedEnded(ctx, AskedMark{}, 2)
		w.must(err)
		more, err := w.AskedEnded(ctx, AskedMark{ended[1].Ended, ended[1].Place, ended[1].ID}, 10)
		w.must(err)
		if len(ended) != 2 || ended[0].ID != "00000000000000a5" || len(more) != 2 {
			t.Errorf("%d and %d were decided", len(ended), len(more))
		}
		mine, err := w.AskedBy(ctx, "lin", AskedMark{}, 10)
		w.must(err)
		if len(mine) != 4 {
			t.Errorf("lin asked for %d", len(mine))
		}
		acts, err := w.Acts(ctx, "qingxi", 0, 20)
		w.must(err)
		var kinds []string
		for _, a := range acts {
			kinds = append(kinds, a.Kind+" "+a.Who)
		}
		if got := strings.Join(kinds, ", "); got != "second.failed chen, second.confirmed chen, second.asked lin, second.withdrawn lin, second.asked lin, second.refused chen, second.asked lin, second.alone lin" {
			t.Error(got)
		}
		w.proof()
	})
}

func TestNobodyDecidesForTheirOwn(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for _, name := range []string{"lin", "chen", "zhou", "张伟"} {
			w.officer(name)
		}
		one, two, three := w.person(1, ""), w.person(2, ""), w.person(3, "")
		household := func(v ledger.ID, text string) {
			r, err := w.Record(ctx, v)
			w.must(err)
			w.must(w.Edit(ctx, Edit{ID: v, Seen: r.Stand, Kind: "person.changed", By: "zhou", To: func(p Person) Person { p.Household = text; return p }}))
		}
		household(one, "0412")
		household(two, "0412")
		w.must(w.SetOwn(ctx, "lin", one, "zhou"))
		w.must(w.SetOwn(ctx, "chen", two, "zhou"))
		w.must(w.SetOwn(ctx, "zhou", three, "zhou"))
		rule := AskRule{Alone: 1000}
		for _, v := range []ledger.ID{one, two} { // their own, and their household's
			_, err := w.Ask(ctx, request("00000000000000b1", v, 10), rule)
			w.wants(ErrOwn, err)
		}
		x := request("00000000000000b2", one, 10)
		x.Who = "zhou"
		_, err := w.Ask(ctx, x, AskRule{})
		w.must(err)
		_, err = w.Decide(ctx, "qingxi", x.ID, "chen", true, "")
		w.wants(ErrOwn, err)
		_, err = w.Decide(ctx, "qingxi", x.ID, "张伟", true, "") // whose record nobody knows, and whose name it is
		w.wants(ErrOwn, err)
		household(one, "") // they have parted
		_, err = w.Decide(ctx, "qingxi", x.ID, "chen", true, "")
		w.must(err)

		w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: two, Name: "张伟"}, Town: "lianhua"})) // a list knows of no households
		r, err := w.Record(ctx, two)
		w.must(err)
		if r.Household != "0412" {
			t.Errorf("a list took the household away: %+v", r)
		}
		w.wants(ErrUnknown, w.SetOwn(ctx, "lin", ledger.ID{9, 9}, "zhou"))
		w.must(w.SetOwn(ctx, "lin", ledger.ID{}, "zhou"))
		o, err := w.Officer(ctx, "lin")
		w.must(err)
		if !o.Own.IsZero() {
			t.Errorf("%+v", o)
		}
	})
}

func TestOnlySoMuchWaits(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/book.db")
	v := w.person(1, "")
	x := request("", v, 1)
	for i := range maxAskedWaiting {
		x.ID = strings.Repeat("0", 13) + string(rune('a'+i/100)) + string(rune('0'+i/10%10)) + string(rune('0'+i%10))
		_, err := w.Ask(t.Context(), x, AskRule{})
		w.must(err)
	}
	x.ID = "ffffffffffffffff"
	_, err := w.Ask(t.Context(), x, AskRule{})
	w.wants(ErrFull, err)
	for name, change := range map[string]func(*Asked){"no place": func(x *Asked) { x.Place = "" }, "no reason": func(x *Asked) { x.Reason = "" }, "two lines": func(x *Asked) { x.Reason = "a\nb" },
		"a short id": func(x *Asked) { x.ID = "1" }, "nobody": func(x *Asked) { x.Who = "" }, "long evidence": func(x *Asked) { x.Evidence = strings.Repeat("长", MaxEvidence+1) }} {
		bad := request("00000000000000c1", v, 1)
		change(&bad)
		if _, err := w.Ask(t.Context(), bad, AskRule{}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestHoursAreEnteredAfterwards(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v := w.person(1, "")
		today := w.today()
		h := Honour{Volunteer: v, ID: "1", Day: today - 1, First: 9 * 60, Last: 12 * 60, What: "路口文明劝导", Who: "lin", Second: "chen"}
		w.must(w.PutHonour(ctx, h, 480))
		w.must(w.PutHonour(ctx, h, 480))
		other := func(change func(*Honour)) error {
			n := h
			n.ID = "2"
			change(&n)
			return w.PutHonour(ctx, n, 480)
		}
		w.wants(ErrQuota, other(func(n *Honour) { n.First, n.Last = 11*60, 13*60 }))
		w.wants(ErrQuota, other(func(n *Honour) { n.First, n.Last = 12*60, 17*60+1 })) // 8 hours and a minute
		w.wants(ErrInput, other(func(n *Honour) { n.Day = today + 1 }))
		w.wants(ErrInput, other(func(n *Honour) { n.Day = today - MaxHonourDays - 1 }))
		w.wants(ErrInput, other(func(n *Honour) { n.First, n.Last = 23*60, 24*60+1 }))
		w.wants(ErrInput, other(func(n *Honour) { n.Last = n.First }))
		w.wants(ErrUnknown, other(func(n *Honour) { n.Volunteer = ledger.ID{8, 8} }))
		w.must(other(func(n *Honour) { n.First, n.Last = 12*60, 17*60 }))
		list, minutes, err := w.HonoursOf(ctx, v, 10)
		w.must(err)
		if p, err := w.Person(ctx, v); err != nil || p.Served != 8*60 {
			t.Errorf("kiosks hear of %d minutes, %v", p.Served, err)
		}
		if len(list) != 2 || minutes != 8*60 || list[0].Minutes() != 5*60 || list[1].Second != "chen" {
			t.Errorf("%d minutes: %+v", minutes, list)
		}
		first, err := w.Honours(ctx, AskedMark{}, 1)
		w.must(err)
		rest, err := w.Honours(ctx, first[0].Mark(), 10)
		w.must(err)
		if len(first) != 1 || len(rest) != 1 || first[0].ID == rest[0].ID {
			t.Errorf("%+v and %+v", first, rest)
		}
		acts, err := w.PersonActs(ctx, v, 0, 10)
		w.must(err)
		if len(acts) != 2 || acts[0].Kind != "person.honour" || acts[0].Who != "chen" {
			t.Errorf("%+v", acts)
		}
		a, err := w.Account(ctx, v)
		w.must(err)
		if len(a.Lots) != 0 {
			t.Errorf("hours that were entered afterwards are worth points: %+v", a)
		}
		w.proof()
	})
}

// Points that an officer gives are booked with their act, once.
func TestPointsOfAnOfficer(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		v := w.person(1, "")
		e := civic.Earning{On: 2300, Expires: lotA, What: "漏记", Points: 50}
		for range 2 {
			w.must(w.EarnBy(t.Context(), v, ledger.Key{7}, e, "chen", "person.adjusted", map[string]any{"points": 50}))
		}
		acts, err := w.PersonActs(context.Background(), v, 0, 10)
		w.must(err)
		if len(acts) != 1 || acts[0].Kind != "person.adjusted" {
			t.Errorf("%+v", acts)
		}
		w.proof()
	})
}

func TestAMarkIsReadAsItWasWritten(t *testing.T) {
	m := AskedMark{time.UnixMilli(1234), "town:qingxi", "00000000000000a1"}
	if got := ParseAskedMark(m.String()); got != m {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", "x", "1.2", "0.a.", "-5.a.61", "1.a.zz", "01.a.61", m.String() + ".1", "1.a." + strings.Repeat("61", maxPlace+1)} {
		if got := ParseAskedMark(text); got != (AskedMark{}) {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
