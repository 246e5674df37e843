package civic

import (
	"slices"
	"testing"
	"time"

	"yizhan/civic/code"
)

func TestEveryWayToCheckInHasItsNationalCode(t *testing.T) {
	for _, c := range []struct {
		in, out Checked
		want    string
	}{
		{CheckedOwn, CheckedOwn, MethodScanned},
		{CheckedNot, CheckedOwn, MethodScanned}, // the code before the door was not read
		{CheckedOwn, CheckedNot, MethodForced},  // forgotten
		{CheckedOwn, CheckedStaff, MethodForced},
		{CheckedStaff, CheckedOwn, MethodTeam},
		{CheckedStaff, CheckedStaff, MethodTeam},
		{CheckedStaff, CheckedNot, MethodTeam},
		{CheckedNot, CheckedNot, MethodTeam},
		{CheckedNot, CheckedStaff, MethodTeam},
		{CheckedObject, CheckedNot, MethodApplied},
		{CheckedOwn, CheckedObject, MethodApplied},
	} {
		if got := MethodOf(c.in, c.out); got != c.want {
			t.Errorf("in %d, out %d: %s, want %s", c.in, c.out, got, c.want)
		}
	}
	for state, want := range map[string]string{AttendOpen: "1", AttendPending: "1", AttendConfirmed: "2", AttendRefused: "3"} {
		if got := ValidityOf(state); got != want {
			t.Errorf("%s: %s, want %s", state, got, want)
		}
	}
	for table, codes := range map[*code.Table][]string{code.Method: {MethodForced, MethodTeam, MethodApplied, MethodFace, MethodScanned},
		code.Validity: {ValidityPending, ValidityInForce, ValidityDeleted}, code.Kind: {KindCredit, KindHonour}} {
		for _, c := range codes {
			if !table.Has(c) {
				t.Errorf("%s has no %s", table.Name, c)
			}
		}
		if len(table.Entries) != len(codes) {
			t.Errorf("%s has codes that are not known here", table.Name)
		}
	}
}

func TestANationalRecordIsWrittenByItsFields(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 2, 0, 0, time.UTC)
	r := NationalRecord{Number: "420-1", Name: "张建伟", Project: "P7", ProjectName: "护河", Team: "石桥护路队", Minutes: 120, Start: at, End: at.Add(2 * time.Hour),
		Method: MethodScanned, Validity: ValidityInForce, Kind: KindCredit}
	want := []string{"420-1", "张建伟", "P7", "护河", "", "石桥护路队", "120", "2026-11-23 08:02", "2026-11-23 10:02", "4", "2", "1", "快速打卡", "已生效", "信用时长"}
	if got := r.Cells(); !slices.Equal(got, want) || len(got) != len(NationalHeadings) {
		t.Errorf("%q", got)
	}
	r.Team = "4201-0007"
	if got := r.Cells(); got[4] != r.Team || got[5] != "" {
		t.Errorf("%q", got)
	}
}
