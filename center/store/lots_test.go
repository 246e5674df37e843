package store

import (
	"errors"
	"testing"

	"yizhan/ledger"
)

func TestLotsAreListedByTheirEnd(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		one, two := w.person(1, ""), w.person(2, "")
		w.earn(one, lotB, 30)
		w.earn(two, lotA, 20)
		w.earn(one, lotA, 10)
		all := func(which string) (list []LotOf) {
			t.Helper()
			for after := (LotOf{}); ; {
				page, err := w.Lots(ctx, which, after, 2)
				w.must(err)
				if len(page) == 0 {
					return list
				}
				list, after = append(list, page...), page[len(page)-1]
			}
		}
		for _, which := range []string{LotsAll, LotsFree} {
			list := all(which)
			if len(list) != 3 || list[0].Volunteer != one || list[0].Expires != lotA || list[0].Earned != 10 || list[2].Expires != lotB || list[2].Free != 30 {
				t.Errorf("%s: %+v", which, list)
			}
		}
		if list := all(LotsExpired); len(list) != 0 {
			t.Errorf("%+v", list)
		}
		w.time = (lotA + 1).Time()
		if _, err := w.Expire(ctx); err != nil {
			t.Fatal(err)
		}
		var sum ledger.Points
		for _, l := range all(LotsExpired) {
			sum += l.Expired
		}
		if list := all(LotsFree); sum != 30 || len(list) != 1 {
			t.Errorf("%d expired, %+v", sum, list)
		}
		if _, err := w.Lots(ctx, "other", LotOf{}, 2); !errors.Is(err, ErrInput) {
			t.Error(err)
		}
	})
}
