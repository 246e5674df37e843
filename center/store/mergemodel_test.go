package store

import (
	"flag"
	"path/filepath"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

var mergeStories = flag.Int("mergestories", 3, "stories of records that are merged and parted while people come and go")

var mergeFrom = flag.Int("mergefrom", 0, "the first of them")

// Whatever is merged and parted, and whenever, while cards, phones, rosters, officers and
// late kiosks go on: no second of a person counts twice, nothing is both credited and
// entered, no point is there twice, and the book can be proved, in between and at the end.
func TestRecordsAreMergedAndPartedInAnyOrder(t *testing.T) {
	for seed := uint64(*mergeFrom); seed < uint64(*mergeFrom+*mergeStories); seed++ {
		w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
		st := newAttendStory(w, 1000+seed)
		for n := range 90 {
			st.step()
			if st.dice.IntN(4) == 0 {
				st.paper(st.people[st.dice.IntN(storyPeople)])
			}
			if n%30 == 29 {
				st.closes(seed)
			}
		}
		st.closes(seed)
		for _, v := range st.people[:storyPeople] { // all are of their own again, if none of the points are spent
			w.mayBe(w.Unmerge(t.Context(), v, "李敏"))
		}
		st.closes(seed)
	}
}

// closes brings everything in, and proves it; and adds up by itself what each person has.
func (st *attendStory) closes(seed uint64) {
	w, ctx := st.w, st.w.t.Context()
	w.t.Helper()
	for _, b := range st.boxes {
		b.up()
	}
	for range 2 {
		w.time = w.time.Add(2 * sweepAfter)
		_, err := w.Sweep(ctx)
		w.must(err)
	}
	if report, err := w.Verify(ctx); err != nil || !report.OK() {
		w.t.Errorf("seed %d: %v %+v", seed, err, report.Findings)
		for _, v := range st.people[:storyPeople] {
			m, _ := w.Merged(ctx, v)
			w.t.Logf("%v merged %v turn %d", v, m.Into, m.Turn)
		}
		w.t.FailNow()
	}
	for _, v := range st.people[:storyPeople] {
		m, err := w.Merged(ctx, v)
		w.must(err)
		list, credit, err := w.AttendancesOf(ctx, v, AttendMark{}, MaxAttendances)
		w.must(err)
		if m.Is() {
			if len(list) > 0 {
				w.t.Fatalf("seed %d: %v was merged, and attends %+v", seed, v, list)
			}
			continue
		}
		var spans []civic.Span
		var points ledger.Points
		for _, a := range list {
			if a.State == civic.AttendConfirmed {
				spans, points = append(spans, a.Counted), points+a.Points
			}
		}
		sum, times, err := w.Services(ctx, v)
		w.must(err)
		for _, x := range times {
			if x.Honour {
				from := w.midnight() + x.First*60
				spans = append(spans, civic.Span{From: from, To: from + (x.Last-x.First)*60})
			}
		}
		var whole int64
		for _, s := range civic.Union(spans) {
			whole += s.Seconds()
		}
		if sum.Credit != credit || (sum.Credit+sum.Honour)*60 > whole || sum.Credit+sum.Honour > 720 {
			w.t.Fatalf("seed %d: %v has %+v of %d seconds", seed, v, sum, whole)
		}
		var earned ledger.Points
		account, err := w.Account(ctx, v)
		w.must(err)
		for _, l := range account.Lots {
			earned += l.Earned
		}
		if earned > points { // nobody spends in these stories, so all points of a person are here
			w.t.Fatalf("seed %d: %v has %d points of attendances of %d", seed, v, earned, points)
		}
	}
}
