package store

import (
	"fmt"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestTwinsAreFound(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		put := func(n byte, name, initials, tail, town string) {
			t.Helper()
			w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: ledger.ID{n, 1}, Name: name, Initials: initials, Tail: tail, Number: fmt.Sprint("V", n)}, Town: town}))
		}
		put(1, "张伟", "zw", "8000", "qingxi")
		put(2, "张伟", "zw", "8001", "qingxi") // another one of that name
		put(3, "李芳", "lf", "", "qingxi")
		put(4, "李芳", "lf", "", "qingxi") // nothing is known of their phones
		put(5, "张伟", "zw", "8000", "qingxi")
		put(6, "王丽", "wl", "7000", "qingxi")
		put(7, "王丽", "wl", "7000", "lianhua")
		put(8, "章维", "zw", "8000", "qingxi")
		phones := func(n byte, name, initials string, phone byte) {
			t.Helper()
			w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: ledger.ID{n, 1}, Name: name, Initials: initials, Tail: "4000", Phone: civic.PhoneHash{phone}, Number: fmt.Sprint("V", n)}, Town: "lianhua"}))
		}
		phones(11, "陈静", "cj", 1)
		phones(12, "陈静", "cj", 1)
		phones(13, "程晶", "cj", 1) // typed as it sounds
		phones(14, "陈静", "cj", 2) // another phone that ends alike
		phones(15, "陈小静", "cxj", 1)
		alike, _, err := w.Twins(ctx, "lianhua", "")
		if w.must(err); len(alike) != 3 || alike[0].Like != LikeSound || alike[0].A.Name != "程晶" || alike[1].Like != LikeSound || alike[2].Like != LikePhone {
			t.Errorf("%+v", alike)
		}
		for n := range byte(5) {
			w.must(w.PutPerson(ctx, Person{Volunteer: civic.Volunteer{ID: ledger.ID{11 + n, 1}, Name: "已走", Number: fmt.Sprint("X", n)}, Town: "lianhua"}))
		}
		list, next, err := w.Twins(ctx, "", "")
		if err != nil || next != "" || len(list) != 2 || list[0].A.Name != "王丽" || list[0].Like != LikeTail || list[1].A.ID != (ledger.ID{1, 1}) || list[1].B.ID != (ledger.ID{5, 1}) {
			t.Fatalf("%+v, %q, %v", list, next, err)
		}
		if list, _, err := w.Twins(ctx, "qingxi", ""); err != nil || len(list) != 1 {
			t.Errorf("%+v, %v", list, err)
		}
		for _, mark := range []string{"x", "zz.", "6c662e.\xff", ".", "7a7720e5bca0e4bc9f.x"} {
			if _, _, err := w.Twins(ctx, "", mark); err != nil {
				t.Errorf("from %q: %v", mark, err)
			}
		}
		w.must(w.Merge(ctx, w.asSeen(Merge{Kept: ledger.ID{1, 1}, Other: ledger.ID{5, 1}, By: "lin"})))
		if list, _, err := w.Twins(ctx, "", ""); err != nil || len(list) != 1 {
			t.Errorf("a merged record is no twin: %+v, %v", list, err)
		}
	})
}

// A page ends where it has found enough, and the next one goes on there.
func TestPagesOfTwins(t *testing.T) {
	var g twins
	for n := range 40 {
		for k := range 3 {
			g.add(Found{ID: ledger.ID{byte(n), byte(k), 1}, sound: fmt.Sprintf("n%02d 张", n), Name: "张", Tail: "1"}, "")
			if g.next != "" {
				break
			}
		}
		if g.next != "" {
			break
		}
	}
	if len(g.list) != 51 || g.next != "6e313720." {
		t.Errorf("%d found, then %q", len(g.list), g.next)
	}
	g = twins{}
	for n := range maxTwins {
		g.add(Found{ID: ledger.ID{byte(n), byte(n >> 8), 1}, sound: "one 张", Tail: ""}, "")
	}
	if at, volunteer := twinMark(g.next); string(at) != "one 张" || volunteer == "" {
		t.Errorf("%q", g.next)
	}
}
