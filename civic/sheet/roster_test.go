package sheet

import (
	"path/filepath"
	"testing"

	"yizhan/civic/sheet/sheettest"
)

// TestMessyRosters reads generated rosters in every format and compares each row with what was meant.
func TestMessyRosters(t *testing.T) {
	for _, tt := range []struct {
		file    string
		dialect sheettest.Dialect
	}{
		{"messy.xlsx", sheettest.Dialect{}},
		{"utf8.csv", sheettest.Dialect{}},
		{"bom.csv", sheettest.Dialect{Encoding: "bom", Separator: ";", LineEnd: "\n"}},
		{"gb.csv", sheettest.Dialect{Encoding: "gb18030", LineEnd: "\r"}},
		{"export.xls", sheettest.Dialect{Encoding: "gb18030"}},
		{"unicode.xls", sheettest.Dialect{Encoding: "utf-16"}},
	} {
		t.Run(tt.file, func(t *testing.T) {
			const seed = 7
			path := filepath.Join(t.TempDir(), tt.file)
			truth, err := sheettest.Roster(path, sheettest.Options{Seed: seed, Rows: 3000, Faults: 150, Dialect: tt.dialect})
			if err != nil {
				t.Fatal(err)
			}
			people, rejected, summary, err := roster(t, path)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, truth, people, rejected)
			if summary.Accepted != len(truth.People) || summary.Rejected != len(truth.Traps) || summary.Rows != 3000 {
				t.Errorf("summary = %+v", summary)
			}
		})
	}
}

// compare holds what was read against what was meant.
func compare(t *testing.T, truth sheettest.Truth, people []Person, rejected []Rejection) {
	t.Helper()
	if len(people) != len(truth.People) {
		t.Errorf("accepted %d rows, want %d", len(people), len(truth.People))
	}
	traps := map[int]sheettest.Trap{}
	for _, trap := range truth.Traps {
		traps[trap.Row] = trap
	}
	for _, r := range rejected {
		if trap := traps[r.Row]; trap.Code != r.Code || trap.Column != r.Column || trap.Sheet != r.Sheet {
			t.Errorf("rejected %+v, want %+v", r, trap)
		}
		delete(traps, r.Row)
	}
	for _, trap := range traps {
		t.Errorf("not rejected: %+v", trap)
	}
	want := map[int]sheettest.Person{}
	for _, p := range truth.People {
		want[p.Row] = p
	}
	for _, p := range people {
		got := sheettest.Person{Sheet: p.Sheet, Row: p.Row, Name: p.Name, Number: p.Number, IDNumber: p.IDNumber, Phone: p.Phone,
			Minutes: p.Minutes, Points: p.Points, Expires: p.Expires.String()}
		if got != want[p.Row] {
			t.Fatalf("read %+v\nwant %+v", got, want[p.Row])
		}
	}
}
