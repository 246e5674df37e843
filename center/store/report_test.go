package store

import (
	"errors"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// A report is signed once, stays as it was signed, and leaves an act with its hash.
func TestAReportIsSigned(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx, week := t.Context(), WeekOf(w.today())
		r := SignedReport{Scope: "qingxi", Span: SpanWeek, Day: (week - 1).Monday(), By: "lin", Body: []byte(`{"figures":1}`)}
		for name, change := range map[string]func(*SignedReport){
			"by nobody": func(r *SignedReport) { r.By = "" }, "of a day": func(r *SignedReport) { r.Span = SpanDay }, "from a Tuesday on": func(r *SignedReport) { r.Day++ },
			"of this week": func(r *SignedReport) { r.Day += 7 }, "empty": func(r *SignedReport) { r.Body = nil },
		} {
			wrong := r
			change(&wrong)
			if err := w.SignReport(ctx, wrong); !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.must(w.SignReport(ctx, r))
		w.must(w.SignReport(ctx, r))
		other := r
		other.By = "chen"
		if err := w.SignReport(ctx, other); !errors.Is(err, ErrState) {
			t.Errorf("signed by a second: %v", err)
		}
		month := r
		month.Span = SpanMonth
		month.Day, _ = MonthOf(r.Day)
		w.must(w.SignReport(ctx, month))
		r.Day -= 7
		w.must(w.SignReport(ctx, r))
		list, err := w.SignedReports(ctx, "qingxi", SpanWeek, 0, week.Monday(), 9)
		w.must(err)
		if len(list) != 2 || list[0].Day != r.Day+7 || list[0].By != "lin" || string(list[0].Body) != `{"figures":1}` || list[0].HashText()[:8] != list[1].HashText()[:8] {
			t.Errorf("%+v", list)
		}
		acts, err := w.Acts(ctx, "qingxi", 0, 9)
		w.must(err)
		if len(acts) != 3 || acts[0].Kind != "report.signed" || acts[0].Who != "lin" {
			t.Errorf("%+v", acts)
		}
		w.proof()
		_, err = w.db.ExecContext(ctx, `UPDATE report SET body = hash WHERE span = 'month'`)
		w.must(err)
		if r, err := w.Verify(ctx); err != nil || r.OK() {
			t.Errorf("a report that was changed is not found: %v", err)
		}
	})
}

// Residents are entered by year, over what was seen, with an act.
func TestResidents(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		r := Residents{Year: 2025, Count: 12_000, Source: "统计年鉴", Who: "lin"}
		for name, change := range map[string]func(*Residents){"nobody": func(r *Residents) { r.Count = 0 }, "of next year": func(r *Residents) { r.Year = 2027 },
			"without a source": func(r *Residents) { r.Source = "" }, "by nobody": func(r *Residents) { r.Who = "" }} {
			wrong := r
			change(&wrong)
			if err := w.PutResidents(ctx, "qingxi", wrong, Residents{}); !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.must(w.PutResidents(ctx, "qingxi", r, Residents{}))
		w.must(w.PutResidents(ctx, "qingxi", r, Residents{}))
		other := r
		other.Count, other.Who = 12_500, "chen"
		if err := w.PutResidents(ctx, "qingxi", other, Residents{}); !errors.Is(err, ErrChanged) {
			t.Errorf("over what was not seen: %v", err)
		}
		w.must(w.PutResidents(ctx, "qingxi", other, r))
		older := r
		older.Year = 2024
		w.must(w.PutResidents(ctx, "qingxi", older, Residents{}))
		list, err := w.ResidentsOf(ctx, "qingxi")
		w.must(err)
		all, err := w.AllResidents(ctx)
		w.must(err)
		if len(list) != 2 || list[0].Count != 12_500 || list[1].Year != 2024 || len(all) != 1 || all["qingxi"].Count != 12_500 || all["qingxi"].Who != "chen" {
			t.Errorf("%+v %+v", list, all)
		}
		acts, err := w.Acts(ctx, "qingxi", 0, 9)
		w.must(err)
		if len(acts) != 3 || acts[1].Kind != "residents.entered" || acts[1].Who != "chen" {
			t.Errorf("%+v", acts)
		}
		w.proof()
	})
}

// What a town's days come to, people once a day.
func TestTownSums(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		today, v, x := w.today(), w.person(1, ""), w.person(2, "")
		for _, e := range []struct {
			v    ledger.ID
			day  ledger.Day
			days int64
		}{{v, today, 60}, {v, today, 30}, {x, today, 60}, {v, today - 1, 60}, {x, today - 200, 60}} {
			w.must(w.Earn(t.Context(), e.v, w.earnKey(), civic.Earning{On: e.day, Expires: lotA, What: "护河", Minutes: e.days, Points: 10}))
		}
		w.told()
		sums, err := w.TownSums(t.Context(), today-100, today)
		w.must(err)
		if want := (TownSum{Earned: 40, Minutes: 210, ManDays: 3}); len(sums) != 1 || sums["qingxi"] != want {
			t.Errorf("%+v, want %+v", sums, want)
		}
		kiosks, err := w.KioskSums(t.Context(), SpanMonth, today)
		if err != nil || len(kiosks) != 0 {
			t.Errorf("%+v, %v", kiosks, err)
		}
		minutes, err := w.HonourMinutes(t.Context(), 0, today)
		if err != nil || len(minutes) != 0 {
			t.Errorf("%+v, %v", minutes, err)
		}
	})
}
