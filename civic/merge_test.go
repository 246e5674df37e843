package civic

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"yizhan/ledger"
)

func TestMergeKeepsWhatGrantsMore(t *testing.T) {
	older := Volunteer{Version: 3, Name: "张伟", Minutes: 90, Earned: []Earning{{On: 1, Expires: 10, Points: 5}, {On: 2, Expires: 20, Points: 9}, {On: 3, Expires: 30, Points: 1}}}
	newer := Volunteer{Version: 4, Name: "张炜", Minutes: 60, Earned: []Earning{{On: 1, Expires: 10, Points: 6}, {On: 4, Expires: 20, Points: 2}}}
	want := Volunteer{Version: 4, Name: "张炜", Minutes: 90, Earned: []Earning{{On: 1, Expires: 10, Points: 6}, {On: 2, Expires: 20, Points: 9}, {On: 3, Expires: 30, Points: 1}}}
	if got := older.Merge(newer); !reflect.DeepEqual(got, want) {
		t.Errorf("merged %+v", got)
	}
	if got := newer.Merge(older); !reflect.DeepEqual(got, want) {
		t.Errorf("merged the other way round %+v", got)
	}
	if len(newer.Earned) != 2 {
		t.Error("Merge changed what it was given")
	}
}

func TestMergeGood(t *testing.T) {
	older, newer := Good{Version: 1, Name: "米", Delivered: 20}, Good{Version: 2, Name: "大米", Delivered: 12}
	want := Good{Version: 2, Name: "大米", Delivered: 20}
	if older.Merge(newer) != want || newer.Merge(older) != want {
		t.Errorf("merged %+v and %+v", older.Merge(newer), newer.Merge(older))
	}
}

// Whatever order and however often documents come, what is granted in a lot
// never falls, and the same document again changes nothing.
func TestMergeNeverLosesAGrant(t *testing.T) {
	volunteer := rapid.Custom(func(t *rapid.T) Volunteer {
		v := Volunteer{Version: rapid.Uint64Range(1, 4).Draw(t, "version"), Minutes: rapid.Int64Range(0, 9).Draw(t, "minutes")}
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			v.Earned = append(v.Earned, Earning{On: ledger.Day(rapid.Int32Range(0, 9).Draw(t, "on")),
				Expires: ledger.Day(rapid.Int32Range(10, 13).Draw(t, "lot")), Points: ledger.Points(rapid.Int64Range(0, 9).Draw(t, "points"))})
		}
		return v
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := volunteer.Draw(t, "a"), volunteer.Draw(t, "b")
		merged := a.Merge(b)
		for _, v := range []Volunteer{a, b} {
			for lot, points := range v.Granted() {
				if merged.Granted()[lot] < points {
					t.Fatalf("lot %v fell from %d to %d", lot, points, merged.Granted()[lot])
				}
			}
		}
		for _, again := range []Volunteer{merged.Merge(a), merged.Merge(b), merged.Merge(merged)} {
			if !reflect.DeepEqual(again.Granted(), merged.Granted()) || again.Minutes != merged.Minutes || again.Version != merged.Version {
				t.Fatalf("merging again: %+v, before %+v", again, merged)
			}
		}
	})
}

// A bundle from before a volunteer was linked must not grant anything again.
func TestMergeStaysLinked(t *testing.T) {
	linked := Volunteer{Version: 2, Name: "张伟", Linked: true, Earned: []Earning{{On: 1, Expires: 10, Points: 5}}}
	for _, version := range []uint64{1, 3} {
		alone := Volunteer{Version: version, Name: "张炜", Earned: []Earning{{On: 1, Expires: 10, Points: 50}, {On: 1, Expires: 20, Points: 9}}}
		want := linked
		if version == 3 {
			want = alone
			want.Linked = true
		}
		if got := linked.Merge(alone); !reflect.DeepEqual(got, want) {
			t.Errorf("with version %d: merged %+v", version, got)
		}
		if got := alone.Merge(linked); !reflect.DeepEqual(got, want) {
			t.Errorf("with version %d the other way round: merged %+v", version, got)
		}
	}
}

func TestMergeGrant(t *testing.T) {
	a := Grant{Volunteer: ledger.ID{1}, Kiosk: "SQ-01", Epoch: 1, Version: 7, Lots: []GrantedLot{{10, 50}, {20, 5}}}
	b := Grant{Volunteer: ledger.ID{1}, Kiosk: "SQ-01", Epoch: 1, Version: 8, Lots: []GrantedLot{{10, 40}, {15, 1}}}
	want := Grant{Volunteer: ledger.ID{1}, Kiosk: "SQ-01", Epoch: 1, Version: 8, Lots: []GrantedLot{{10, 50}, {15, 1}, {20, 5}}}
	for _, got := range []Grant{a.Merge(b), b.Merge(a), a.Merge(b).Merge(b), want.Merge(a)} {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("merged %+v", got)
		}
	}
	next := Grant{Volunteer: ledger.ID{1}, Kiosk: "SQ-01", Epoch: 2, Version: 1, Lots: []GrantedLot{{10, 3}}}
	if got := a.Merge(next); !reflect.DeepEqual(got, next) {
		t.Errorf("a later epoch took over what was granted to an earlier: %+v", got)
	}
	if got := next.Merge(a); !reflect.DeepEqual(got, next) {
		t.Errorf("an earlier epoch came back: %+v", got)
	}
}

func TestGoneMergesByTheLater(t *testing.T) {
	a, b := Gone{GoneGood, "oil", 3}, Gone{GoneGood, "oil", 5}
	if a.Merge(b) != b || b.Merge(a) != b || a.Merge(a) != a {
		t.Errorf("%v and %v are %v", a, b, a.Merge(b))
	}
}
