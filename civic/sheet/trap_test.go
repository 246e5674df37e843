package sheet

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/civic/sheet/sheettest"
)

// workbookFile makes a workbook for a test.
func workbookFile(t testing.TB, fill func(*sheettest.Workbook)) string {
	t.Helper()
	var buf bytes.Buffer
	b := sheettest.NewWorkbook(&buf)
	fill(b)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	return write(t, "book.xlsx", buf.String())
}

func texts(values ...string) []sheettest.Cell {
	cells := make([]sheettest.Cell, len(values))
	for i, v := range values {
		if v != "" {
			cells[i] = sheettest.Text(v)
		}
	}
	return cells
}

var (
	soundID  = sheettest.IDNumber("11010519491231002")
	cellOf   = sheettest.Text
	anyCause = regexp.MustCompile(`%!|\d{8}`) // a formatting slip, or somebody's number
)

// TestTraps puts one cell of each kind into an otherwise sound row of a workbook.
func TestTraps(t *testing.T) {
	long := strings.Repeat("长", 2000)
	for _, tt := range []struct {
		column string
		cell   sheettest.Cell
		code   string
	}{
		{"姓名", sheettest.Blank(), CodeNameMissing},
		{"姓名", cellOf("无"), CodeNameMissing},
		{"姓名", cellOf("\u200B\u00A0"), CodeNameMissing},
		{"姓名", cellOf(strings.Repeat("字", 51)), CodeNameLong},
		{"姓名", cellOf("·"), CodeNameBad},
		{"姓名", cellOf("张三、李四"), CodeNameSeveral},
		{"姓名", cellOf("张三，李四"), CodeNameSeveral},
		{"姓名", sheettest.Number("44561"), CodeNameBad},
		{"姓名", sheettest.Day("46000", ""), CodeNameBad},
		{"姓名", cellOf("张_x0007_三"), CodeControlChar},
		{"姓名", cellOf("张三\r\n李四"), CodeControlChar},
		{"姓名", cellOf("张\uFFFD"), CodeBadChar},
		{"姓名", cellOf("张\uE863"), CodeBadChar},
		{"姓名", cellOf("=HYPERLINK(1)"), CodeFormulaText},
		{"姓名", cellOf("＝１＋１"), CodeFormulaText},
		{"姓名", cellOf("+张三"), CodeFormulaText},
		{"姓名", cellOf("-张三"), CodeFormulaText},
		{"姓名", cellOf("@张三"), CodeFormulaText},
		{"姓名", cellOf(long), CodeCellLong},
		{"姓名", sheettest.Uncalculated("A1"), CodeFormulaEmpty},
		{"姓名", sheettest.Failed("A1", "#REF!"), CodeFormulaError},
		{"编号", cellOf("1.23457E+12"), CodeNumberKeyLost},
		{"编号", sheettest.Number("1234567890123456"), CodeNumberKeyLost},
		{"编号", sheettest.Number("12.5"), CodeNumberKeyLost},
		{"编号", sheettest.Day("46000", ""), CodeBecameDate},
		{"编号", cellOf("1.23457E12"), CodeNumberKeyLost},
		{"编号", cellOf("A#1"), CodeNumberKeyBad},
		{"编号", cellOf(strings.Repeat("A", 41)), CodeNumberKeyBad},
		{"证件号码", cellOf("1101051949123100"), CodeIDLength},
		{"证件号码", cellOf("11010519491231002Y"), CodeIDLength},
		{"证件号码", cellOf("110105194912310021"), CodeIDCheck},
		{"证件号码", cellOf(sheettest.IDNumber("11010519500229002")), CodeIDBirth},
		{"证件号码", cellOf("110105500229002"), CodeIDBirth},
		{"证件号码", cellOf(sheettest.IDNumber("11010517991231002")), CodeIDBirth},
		{"证件号码", sheettest.Number("1.10105194912310E+17"), CodeIDDamaged},
		{"证件号码", sheettest.Number("110105194912310000"), CodeIDDamaged},
		{"证件号码", cellOf("1.10105E+17"), CodeIDDamaged},
		{"证件号码", cellOf("110105194912310000"), CodeIDDamaged},
		{"证件号码", cellOf("E12345678"), CodeIDType},
		{"证件号码", cellOf("H12345678"), CodeIDType},
		{"手机", cellOf("12345678901"), CodePhoneBad},
		{"手机", cellOf("0512-65123456"), CodePhoneBad},
		{"手机", cellOf("138001380001"), CodePhoneBad},
		{"手机", sheettest.Number("1380013800"), CodePhoneBad},
		{"手机", cellOf("1.38E+10"), CodePhoneDamaged},
		{"手机", cellOf("13800138000、13900139000"), CodePhoneSeveral},
		{"手机", cellOf("13800138000\n13900139000"), CodeControlChar},
		{"时长", cellOf("半天"), CodeTimeBad},
		{"时长", cellOf("1小时75分"), CodeTimeBad},
		{"时长", cellOf("-3"), CodeNumberNegative},
		{"时长", sheettest.Number("1e300"), CodeNumberLarge},
		{"时长", sheettest.Clock("-0.5", ""), CodeTimeBad},
		{"积分", cellOf("100.5"), CodeNumberFraction},
		{"积分", cellOf("(100)"), CodeNumberNegative},
		{"积分", cellOf("1,20"), CodeNumberBad},
		{"积分", cellOf("1e3"), CodeNumberBad},
		{"积分", sheettest.Bool(true), CodeNumberBad},
		{"积分", cellOf("9999999999999999999999"), CodeNumberLarge},
		{"积分", sheettest.Uncalculated("SUM(A1)"), CodeFormulaEmpty},
		{"积分", sheettest.Failed("A1/0", "#DIV/0!"), CodeFormulaError},
		{"有效期", cellOf("12个月"), CodeDateBad},
		{"有效期", cellOf("12/31/2028"), CodeDateBad},
		{"有效期", cellOf("28-12-31"), CodeDateBad},
		{"有效期", cellOf("2028-02-30"), CodeDateBad},
		{"有效期", sheettest.Number("28"), CodeDateBad},
	} {
		t.Run(tt.column+" "+tt.code, func(t *testing.T) {
			columns := []string{"姓名", "编号", "证件号码", "手机", "时长", "积分", "有效期"}
			row := texts("张三", "A1", soundID, "13800138000", "1", "10", "2028-12-31")
			row[slices.Index(columns, tt.column)] = tt.cell
			path := workbookFile(t, func(b *sheettest.Workbook) {
				s := b.Sheet("名单", "")
				s.Row(texts(columns...)...)
				s.Row(row...)
			})
			people, rejected, _, err := roster(t, path)
			if err != nil || len(people) != 0 || len(rejected) != 1 {
				t.Fatalf("accepted %+v, rejected %+v, %v", people, rejected, err)
			}
			r := rejected[0]
			if r.Code != tt.code || r.Column != tt.column || r.Row != 2 || r.Sheet != "名单" {
				t.Errorf("rejected %+v, want %s in %s", r, tt.code, tt.column)
			}
			if anyCause.MatchString(r.Reason) || anyCause.MatchString(r.ReasonEN) {
				t.Errorf("reason %q / %q", r.Reason, r.ReasonEN)
			}
		})
	}
}

// TestSoundCells puts cells that look odd but are clear into a workbook.
func TestSoundCells(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("名单", "")
		s.Row(texts("姓名", "编号", "证件类型", "证件号码", "手机", "时长", "积分", "有效期")...)
		s.Row(cellOf("张 三"), sheettest.Padded("42"), cellOf("护照"), cellOf("e1234-5678"), sheettest.Number("13800138000"),
			sheettest.Clock("0.145833333333333", ""), sheettest.Number("1200.0000000000002"), sheettest.Day("47483", ""))
		s.Row(cellOf("⽂天祥"), sheettest.Number("1.0"), cellOf("01"), cellOf("110105491231002"), cellOf("0086 138-0013-8000"),
			sheettest.Formula("1+1", "2"), sheettest.TextFormula("A1", "1,200 分"), sheettest.Number("47483.75"))
		s.Row(sheettest.Inline("Müller, Anna"), cellOf("苏-001/2"), sheettest.Blank(), cellOf(" "+sheettest.IDNumber("11010519491231003")+"\t"),
			cellOf("—"), cellOf("1.333小时"), sheettest.TextFormula("A1", ""), cellOf("长期"))
	})
	people, rejected, _, err := roster(t, path)
	if err != nil || len(rejected) > 0 {
		t.Fatalf("%+v, %v", rejected, err)
	}
	until := Date{2029, 12, 31}
	want := []Person{
		{Sheet: "名单", Row: 2, Name: "张三", Number: "000042", IDType: "护照", IDNumber: "E12345678", Phone: "13800138000", Profile: civic.Profile{IDType: "05"},
			Minutes: 210, Points: 1200, HasMinutes: true, HasPoints: true, Expires: until},
		{Sheet: "名单", Row: 3, Name: "文天祥", Number: "1", IDType: "01", IDNumber: soundID, Phone: "13800138000", Profile: civic.Profile{IDType: "01"},
			Minutes: 120, Points: 1200, HasMinutes: true, HasPoints: true, Expires: until},
		{Sheet: "名单", Row: 4, Name: "Müller, Anna", Number: "苏-001/2", IDNumber: sheettest.IDNumber("11010519491231003"), Minutes: 80, HasMinutes: true},
	}
	for i := range want {
		if !equalPeople(people[i], want[i]) {
			t.Errorf("row %d:\n got %+v\nwant %+v", i+2, people[i], want[i])
		}
	}
}

func equalPeople(a, b Person) bool {
	a.Cells, b.Cells = nil, nil
	return reflect.DeepEqual(a, b)
}

// TestTextTraps has the traps of text tables.
func TestTextTraps(t *testing.T) {
	path := write(t, "a.csv", strings.Join([]string{
		"编号,姓名,证件号码,手机",
		"1,张三,110105194912310000,",   // rounded by Excel, check digit wrong
		"2,李四,320501199001011000,",   // rounded, and right by chance
		"3,王五,320501 19900101 1000,", // really so
		"4,赵六,1.10105E+17,",          // cut by Excel
		"5,钱七,,1.38E+10",             //
		"6,孙八,,=13800138000+1",       // a formula
		`7,周九,,"=""13800138000"""`,   // the usual protection of digits
		"8,吴十,,13800138000,山东省,济南市",  // a separator too many
		"9,郑\xEF\xBF\xBD,,",          // replaced by another program
		"10,冯\xFF,,",                 // a broken byte
		"11,陈一,,'13800138000",        //
		"合计,,,",                      //
		"制表人：张三,,,",                  //
		"12,\"卫二",                    // nothing closes this
	}, "\n")+"\"\n")
	people, rejected, _, err := roster(t, path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rejected {
		got = append(got, r.Code)
	}
	want := []string{CodeIDDamaged, CodeIDDamaged, CodeIDDamaged, CodePhoneDamaged, CodeFormulaText, CodeTooWide,
		CodeBadChar, CodeBadChar, CodeTotalRow, CodeTotalRow}
	if !slices.Equal(got, want) {
		t.Errorf("codes = %q\nwant    %q", got, want)
	}
	var names []string
	for _, p := range people {
		names = append(names, p.Name+p.Phone)
	}
	if want := []string{"王五", "周九13800138000", "陈一13800138000", "卫二"}; !slices.Equal(names, want) {
		t.Errorf("accepted %q, want %q", names, want)
	}
}

// TestSamePersonTwice has the ways in which one person stands in a list twice.
func TestSamePersonTwice(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("一村", "")
		s.Row(texts("姓名", "编号", "证件号码", "手机")...)
		s.Row(texts("张三", "A1", soundID, "")...)
		s.Row(texts("张三", "a1", "", "")...)                       // same number in small letters
		s.Row(texts("李四", "A1", "", "")...)                       // another name
		s.Row(texts("张三", "A2", strings.ToLower(soundID), "")...) // another number, same document
		s.Row(texts("王五", "B1", "", "123")...)                    // refused, so it takes no number
		s.Row(texts("王五", "B1", "", "")...)
		s = b.Sheet("二村", "")
		s.Row(texts("姓名", "编号")...)
		s.Row(texts("张三", "A1")...)
	})
	people, rejected, _, err := roster(t, path)
	if err != nil || len(people) != 2 {
		t.Fatalf("%+v, %v", people, err)
	}
	var got []string
	for _, r := range rejected {
		got = append(got, r.Code+" "+r.Column)
	}
	want := []string{"duplicate 编号", "conflict 编号", "duplicate 证件号码", "phone_bad 手机", "duplicate 编号"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if r := rejected[4].Reason; !strings.Contains(r, "“一村”第 2 行") {
		t.Errorf("reason = %q", r)
	}
}

// TestAllFaultsOfARowAreTold: a person mends a row once.
func TestAllFaultsOfARowAreTold(t *testing.T) {
	_, rejected, _, err := roster(t, write(t, "a.csv", "姓名,编号,手机,积分\n,,123,-5\n"))
	if err != nil || len(rejected) != 1 {
		t.Fatalf("%+v, %v", rejected, err)
	}
	r := rejected[0]
	if r.Code != CodeNameMissing || strings.Count(r.Reason, "；") < 3 || !strings.Contains(r.Reason, "负数") {
		t.Errorf("%+v", r)
	}
	if !slices.Equal(r.Cells, []string{"", "", "123", "-5"}) || !slices.Equal(r.Header, []string{"姓名", "编号", "手机", "积分"}) {
		t.Errorf("%q %q", r.Header, r.Cells)
	}
}

// TestEveryCodeHasItsTexts holds the tables of texts against the constants.
func TestEveryCodeHasItsTexts(t *testing.T) {
	for name, table := range map[string]int{"reason.go": len(reasons) + len(notices), "error.go": len(refusals)} {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		constants := regexp.MustCompile(`(?m)^\t(Code|Notice|Refused)\w+ += "`).FindAll(source, -1)
		if len(constants) != table {
			t.Errorf("%s has %d constants and %d texts", name, len(constants), table)
		}
	}
}

func TestErrorsOfTheCallerEndTheReading(t *testing.T) {
	path := write(t, "a.csv", "姓名,编号\n张三,1\n,2\n李四,3\n")
	calls := 0
	stop := context.DeadlineExceeded
	_, err := ReadRoster(context.Background(), path, func(Person) error { calls++; return stop }, func(Rejection) error { return nil })
	if err != stop || calls != 1 {
		t.Errorf("accept: %v after %d calls", err, calls)
	}
	_, err = ReadRoster(context.Background(), path, func(Person) error { return nil }, func(Rejection) error { return stop })
	if err != stop {
		t.Errorf("reject: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{"big.csv", "big.xlsx"} {
		big := filepath.Join(t.TempDir(), name)
		if _, err := sheettest.Roster(big, sheettest.Options{Seed: 1, Rows: 3000}); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRoster(ctx, big, func(Person) error { return nil }, func(Rejection) error { return nil }); err != context.Canceled {
			t.Errorf("%s: %v", name, err)
		}
	}
}
