package civic

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"yizhan/ledger"
)

func aShift() Shift {
	return Shift{ID: ledger.ID{1}, Version: 3, Activity: ledger.ID{2}, Title: "路口文明劝导", Place: "石桥路口", Scope: "qingxi", Start: 1_795_000_000, End: 1_795_007_200,
		Kiosks: []string{"SQ01"}, Posts: []Post{{Name: "劝导员", Wanted: 4}}, Enlisted: []Enlisted{{ledger.ID{5}, 1}, {ledger.ID{6}, 0}},
		Codes: "HTTPS://JIFEN.QINGHE.GOV.CN:8443/C/", Tickets: "HTTPS://JIFEN.QINGHE.GOV.CN:8443/P/", CheckEarly: 1800, CheckLate: 3600}
}

func TestShiftsAreChecked(t *testing.T) {
	read := func(d Document) error {
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadDocument(line, "SQ01")
		return err
	}
	if err := read(Document{Shift: new(aShift())}); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(*Shift){
		"is nobody's":     func(s *Shift) { s.Activity = ledger.ID{} },
		"lasts from":      func(s *Shift) { s.End = s.Start },
		"is open":         func(s *Shift) { s.CheckEarly = -1 },
		"no address":      func(s *Shift) { s.Codes = "https://jifen.qinghe.gov.cn/c/" },
		"comes twice":     func(s *Shift) { s.Enlisted[1] = s.Enlisted[0] },
		"claimed post 2":  func(s *Shift) { s.Enlisted[0].Post = 2 },
		"has one already": func(s *Shift) { s.Waiting = s.Enlisted[:1] },
		"kiosk \"a b\"":   func(s *Shift) { s.Kiosks[0] = "a b" },
		"post 1":          func(s *Shift) { s.Posts[0].Name = "" },
		"title":           func(s *Shift) { s.Title = "" },
		"version 0":       func(s *Shift) { s.Version = 0 },
	} {
		s := aShift()
		spoil(&s)
		if err := read(Document{Shift: &s}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	a := Attended{Shift: ledger.ID{1}, Who: ledger.ID{2}, Version: 1, Name: "张*伟", In: 1_795_000_000, State: AttendOpen}
	if err := read(Document{Attended: &a}); err != nil {
		t.Error(err)
	}
	a.State = "there"
	if err := read(Document{Attended: &a}); err == nil {
		t.Error("a strange state is taken")
	}
	if err := read(Document{Gone: &Gone{Kind: GoneAttended, ID: a.Key(), Version: 2}}); err != nil {
		t.Error(err)
	}
	if err := read(Document{Gone: &Gone{Kind: GoneAttended, ID: "x-y", Version: 2}}); err == nil {
		t.Error("an attendance of nobody goes")
	}
}

func TestShiftsAreOrderedAsPeopleLookForThem(t *testing.T) {
	var want, list []Shift
	for _, start := range []int64{100, 200} {
		for _, place := range []string{"东门", "路口", "路口1", "路口2", "路口02东", "路口10", "路口11", "路口11北"} {
			want = append(want, Shift{ID: ledger.ID{byte(255 - len(want))}, Start: start, Title: "劝导", Place: place})
		}
	}
	for i := range want {
		list = append(list, want[i*5%len(want)])
	}
	slices.SortFunc(list, ByTime)
	for i := range want {
		if list[i].ID != want[i].ID {
			t.Errorf("%d is %s, want %s", i, list[i].Place, want[i].Place)
		}
	}
}
