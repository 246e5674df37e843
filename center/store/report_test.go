package store

import (
	"errors"
	"testing"
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
