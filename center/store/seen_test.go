package store

import (
	"errors"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestStaffAreWrittenOverWhatWasSeen(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		li := civic.Staff{ID: ledger.ID{1}, Name: "李芳", Role: civic.RoleClerk, Cards: []civic.CardID{{7}}}
		for range 2 { // the second time its answer was lost
			w.must(w.PutStaff(ctx, "shiqiao", 0, li, "staff.added"))
		}
		one := func() civic.Staff {
			t.Helper()
			list, err := w.Staff(ctx, "shiqiao")
			w.must(err)
			if len(list) != 1 {
				t.Fatalf("%+v", list)
			}
			return list[0]
		}
		seen := one()
		if scopes, err := w.StaffScopes(ctx); err != nil || len(scopes) != 1 || scopes[0] != "shiqiao" {
			t.Errorf("%v, %v", scopes, err)
		}
		changed := seen
		changed.Role = civic.RoleLeader
		for range 2 {
			w.must(w.PutStaff(ctx, "shiqiao", seen.Version, changed, "staff.changed"))
		}
		if now := one(); now.Role != civic.RoleLeader || now.Version <= seen.Version {
			t.Errorf("%+v", now)
		}
		changed.Name = "王强"
		if err := w.PutStaff(ctx, "shiqiao", seen.Version, changed, "staff.changed"); !errors.Is(err, ErrChanged) {
			t.Errorf("over what nobody has seen: %v", err)
		}
		changed.Role = "boss"
		if err := w.PutStaff(ctx, "shiqiao", one().Version, changed, "staff.changed"); !errors.Is(err, ErrInput) {
			t.Errorf("a role that kiosks do not know: %v", err)
		}
		acts, err := w.Acts(ctx, "shiqiao", 0, 10)
		w.must(err)
		if len(acts) != 2 || acts[0].Kind != "staff.changed" || acts[1].Kind != "staff.added" {
			t.Errorf("%+v", acts)
		}

		w.kiosk("SQ01")
		station := civic.Station{Kiosk: "SQ01", Name: "石桥村益栈", Parent: "清溪镇"}
		w.must(w.PutStation(ctx, 0, station))
		if err := w.PutStation(ctx, 0, civic.Station{Kiosk: "SQ01", Name: "石桥"}); !errors.Is(err, ErrChanged) {
			t.Errorf("a second description: %v", err)
		}
		w.proof()
	})
}
