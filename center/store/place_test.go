package store

import (
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"yizhan/civic"
)

func TestPlacesAreWrittenOverWhatWasSeen(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		seen, err := w.Place(ctx, "shiqiao")
		w.must(err)
		if seen.Name != "石桥村" || seen.Parent != "qingxi" || !reflect.DeepEqual(seen.Place, civic.Place{}) {
			t.Errorf("%+v", seen)
		}
		card := civic.Place{Kind: civic.PlaceVillage, Leader: "李芳", Position: civic.Position{North: 30_450_000, East: 114_870_000},
			Venues: []civic.Venue{{Name: "图书室", Functions: []string{"阅读"}}}}
		edit := PlaceEdit{ID: "shiqiao", Seen: seen.Stand, Name: "石桥村", Parent: "qingxi", Place: card}
		for range 2 { // the second time its answer was lost
			w.must(w.EditPlace(ctx, edit))
		}
		other := edit
		other.Leader = "王强"
		if err := w.EditPlace(ctx, other); !errors.Is(err, ErrChanged) {
			t.Errorf("over what nobody has seen: %v", err)
		}
		now, err := w.Place(ctx, "shiqiao")
		w.must(err)
		if !reflect.DeepEqual(now.Place, card) {
			t.Errorf("%+v", now)
		}
		all, err := w.Places(ctx)
		w.must(err)
		if len(all) != 1 || all["shiqiao"].Leader != "李芳" {
			t.Errorf("%+v", all)
		}
		acts, err := w.Acts(ctx, "shiqiao", 0, 10)
		w.must(err)
		if len(acts) != 1 || acts[0].Kind != "scope.changed" || acts[0].Who != "lin" || !strings.Contains(string(acts[0].Body.After), "李芳") {
			t.Errorf("%+v", acts)
		}

		added := PlaceEdit{ID: "dongping", Name: "东坪村", Parent: "qingxi"}
		w.must(w.EditPlace(ctx, added))
		w.must(w.EditPlace(ctx, added))
		added.Name = "东坪"
		if err := w.EditPlace(ctx, added); !errors.Is(err, ErrChanged) {
			t.Errorf("added over one that is there: %v", err)
		}
		for want, e := range map[error]PlaceEdit{
			ErrInput:   {ID: "SQ01", Name: "石桥村", Parent: "qingxi"},
			ErrUnknown: {ID: "x", Name: "石桥村", Parent: "nowhere"},
			ErrState:   {ID: "x", Name: "石桥村"}, // a second top
		} {
			if err := w.EditPlace(ctx, e); !errors.Is(err, want) {
				t.Errorf("%+v: %v, want %v", e, err, want)
			}
		}
		w.proof()
	})
}

func TestPlacesMoveWhileTheTreeHolds(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		move := func(id, to string) error {
			t.Helper()
			p, err := w.Place(ctx, id)
			w.must(err)
			return w.EditPlace(ctx, PlaceEdit{ID: id, Seen: p.Stand, Name: p.Name, Parent: to, Place: p.Place})
		}
		w.must(w.PutKiosk(ctx, Kiosk{ID: "NEW1", Name: "新机器", Parent: "shiqiao"}))
		w.must(move("shiqiao", "lianhua")) // its kiosk has no box yet
		w.must(move("shiqiao", "qingxi"))
		if err := move("qingxi", "shiqiao"); !errors.Is(err, ErrState) {
			t.Errorf("below itself: %v", err)
		}
		w.kiosk("SQ01")
		if err := move("shiqiao", "lianhua"); !errors.Is(err, ErrState) || !strings.Contains(err.Error(), "SQ01") {
			t.Errorf("with a kiosk: %v", err)
		}
		w.must(w.EditPlace(ctx, PlaceEdit{ID: "a", Name: "甲", Parent: "center"}))
		w.must(w.EditPlace(ctx, PlaceEdit{ID: "b", Name: "乙", Parent: "center"}))
		var both sync.WaitGroup
		both.Go(func() { move("a", "b") })
		both.Go(func() { move("b", "a") })
		both.Wait()
		for _, id := range []string{"a", "b"} {
			if chain, err := w.Scopes(ctx, id); err != nil || chain[len(chain)-1].ID != "center" {
				t.Errorf("%s hangs on %+v, %v", id, chain, err)
			}
		}
		w.must(w.EditPlace(ctx, PlaceEdit{ID: "d3", Name: "三", Parent: "shiqiao"}))
		for _, e := range []PlaceEdit{{ID: "d4", Parent: "d3"}, {ID: "d5", Parent: "d4"}, {ID: "d6", Parent: "d5"}, {ID: "d7", Parent: "d6"}} {
			e.Name = e.ID
			w.must(w.EditPlace(ctx, e))
		}
		if err := w.EditPlace(ctx, PlaceEdit{ID: "d8", Name: "d8", Parent: "d7"}); !errors.Is(err, ErrState) {
			t.Errorf("too deep: %v", err)
		}
	})
}
