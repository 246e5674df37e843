package sheet

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"yizhan/civic/sheet/sheettest"
)

// writeRejected writes the rejected rows of a file.
func writeRejected(t *testing.T, rejected []Rejection, path string) {
	t.Helper()
	w, err := NewRejectedWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rejected {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestRejectedRowsComeBack writes the rejected rows of a messy roster and reads the result: the same rows fail for the same reason, unless the
// failure was with other rows, or with what a plain text cannot hold.
func TestRejectedRowsComeBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "messy.xlsx")
	if _, err := sheettest.Roster(path, sheettest.Options{Seed: 3, Rows: 1500, Faults: 400}); err != nil {
		t.Fatal(err)
	}
	_, rejected, _, err := roster(t, path)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := []string{CodeDuplicate, CodeConflict, CodeMerged, CodeFormulaEmpty, CodeFormulaError}
	for _, name := range []string{"again.xlsx", "again.csv"} {
		again := filepath.Join(t.TempDir(), name)
		writeRejected(t, rejected, again)
		_, second, summary, err := roster(t, again)
		if err != nil {
			t.Fatal(err)
		}
		if summary.Rows != len(rejected) || !slices.Contains(summary.Sheets[0].Unknown, ReasonColumn) {
			t.Errorf("%s: summary = %+v, want %d rows", name, summary, len(rejected))
		}
		codes := map[int]string{}
		for _, r := range second {
			codes[r.Row] = r.Code
		}
		for i, r := range rejected {
			if got := codes[i+2]; got != r.Code && !slices.Contains(elsewhere, r.Code) {
				t.Errorf("%s row %d: code %q, want %q: %q", name, i+2, got, r.Code, r.Cells)
			}
		}
	}
}

func TestRejectedBookHoldsTextAndReason(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.xlsx")
	header := []string{"姓名", ReasonColumn, "证件号码"}
	writeRejected(t, []Rejection{
		{Sheet: "一/村", Row: 3, Reason: "甲", Header: header, Cells: []string{"=1+1", "旧原因", "11010519491231002X"}},
		{Sheet: "二村", Row: 4, Reason: "乙", Header: header, Cells: []string{"李四"}},
		{Sheet: "二村", Row: 5, Reason: "丙", Header: header, Cells: []string{"王五", "", "1", "多出来的"}},
	}, path)
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{"一_村", "二村"}) {
		t.Errorf("sheets = %q", got)
	}
	for sheet, want := range map[string][][]string{
		"一_村": {{"姓名", "证件号码", "原因"}, {"=1+1", "11010519491231002X", "甲"}},
		"二村":  {{"姓名", "证件号码", "原因"}, {"李四", "", "乙"}, {"王五", "1", "丙", "多出来的"}},
	} {
		got, err := f.GetRows(sheet)
		if err != nil || !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("%s = %q, %v", sheet, got, err)
		}
	}
	if calc, err := f.GetCellFormula("一_村", "A2"); err != nil || calc != "" {
		t.Errorf("the cell became a formula: %q, %v", calc, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, %v", info.Mode(), err)
	}
}

func TestRejectedTextIsSafeInExcel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	header := []string{"姓名", "证件号码"}
	writeRejected(t, []Rejection{{Row: 2, Reason: "甲,乙", Header: header, Cells: []string{`=cmd|"x"`, "110105194912310021"}}}, path)
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "\uFEFF姓名,证件号码,原因\r\n\"'=cmd|\"\"x\"\"\",\"110105194912310021\t\",\"甲,乙\"\r\n"
	if !bytes.Equal(got, []byte(want)) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestRejectedWriterRefusesOtherNames(t *testing.T) {
	if _, err := NewRejectedWriter(filepath.Join(t.TempDir(), "out.txt")); err == nil {
		t.Error("a .txt file was accepted")
	}
	if _, err := NewRejectedWriter(filepath.Join(t.TempDir(), "no", "out.xlsx")); err == nil {
		t.Error("a missing folder was accepted")
	}
}
