package sheet

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"yizhan/civic/sheet/sheettest"
)

func codes(rejected []Rejection) []string {
	list := []string{}
	for _, r := range rejected {
		list = append(list, r.Code)
	}
	return list
}

func noticeCodes(s Summary) []string {
	list := []string{}
	for _, n := range s.Notices {
		list = append(list, n.Code)
	}
	return list
}

// TestMergedCells: the value of a merged cell belongs to its first row, and an amount to none of them.
func TestMergedCells(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("名单", "")
		s.Row(texts("2026年志愿者名单")...)
		s.Merge("A1:E1")
		s.Row(texts("姓名", "编号", "积分", "有效期", "备注")...)
		s.Row(texts("张三", "1", "10", "2028-12-31", "一组")...) // 3
		s.Row(texts("", "2", "10", "", "")...)
		s.Row(texts("", "3", "10", "", "")...)
		s.Merge("A3:A5")
		s.Merge("D3:D7")                          // one expiry for all
		s.Merge("E3:E9")                          // a remark that nobody reads
		s.Row(texts("李四", "4", "300", "", "")...) // 6
		s.Row(texts("王五", "5", "", "", "")...)
		s.Merge("C6:C7")                        // a family's points
		s.Row(texts("赵六", "", "10", "", "")...) // 8: name and number in one cell
		s.Merge("A8:B8")
		s.Row(texts("", "", "", "", "")...) // 9: merged with nothing in it
	})
	people, rejected, _, err := roster(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if len(people) != 1 || people[0].Row != 3 || people[0].Expires != (Date{2028, 12, 31}) {
		t.Errorf("people = %+v", people)
	}
	var got []string
	for _, r := range rejected {
		got = append(got, r.Code+" "+r.Column)
	}
	want := []string{"merged 姓名", "merged 姓名", "merged 积分", "merged 积分", "merged 编号"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMergedExpirySpreads(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("名单", "")
		s.Row(texts("姓名", "编号", "有效期")...)
		s.Row(cellOf("张三"), cellOf("1"), sheettest.Day("47483", ""))
		s.Row(texts("李四", "2")...)
		s.Merge("C2:C3")
	})
	people, rejected, _, err := roster(t, path)
	if err != nil || len(rejected) > 0 || len(people) != 2 || people[1].Expires != (Date{2029, 12, 31}) {
		t.Errorf("%+v, %+v, %v", people, rejected, err)
	}
}

// TestHeaderOfTwoRows has headings in groups, as printed forms do.
func TestHeaderOfTwoRows(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("名单", "")
		s.Row(texts("序号", "姓名", "编号", "积分", "", "联系方式", "")...)
		s.Row(texts("", "", "", "已用", "可用", "邮箱", "手机")...)
		for _, ref := range []string{"A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:G1"} {
			s.Merge(ref)
		}
		s.Row(texts("1", "张三", "A1", "5", "95", "a@example.com", "13800138000")...)
	})
	people, rejected, summary, err := roster(t, path)
	if err != nil || len(rejected) > 0 || len(people) != 1 {
		t.Fatalf("%+v, %+v, %v", people, rejected, err)
	}
	if p := people[0]; p.Points != 95 || p.Phone != "13800138000" || p.Row != 3 {
		t.Errorf("%+v", p)
	}
	if got := summary.Sheets[0]; !slices.Equal(got.Columns, []string{"姓名", "编号", "可用积分", "手机"}) || !slices.Equal(got.Unknown, []string{"序号", "已用", "邮箱"}) {
		t.Errorf("%+v", got)
	}
}

// TestSeveralSheets: visible sheets with a header are read, the others are told of.
func TestSeveralSheets(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("填写说明", "")
		s.Row(texts("请按要求填写")...)
		s = b.Sheet("一村", "")
		s.Skip(4)
		s.Row(texts("姓名", "编号")...)
		s.Row(texts("张三", "1")...)
		s.HiddenRow(texts("李四", "2")...)
		b.Sheet("空表", "")
		s = b.Sheet("旧", "veryHidden")
		s.Row(texts("姓名", "编号")...)
		s.Row(texts("鬼", "9")...)
		s = b.Sheet("二村", "")
		s.Row(texts("志愿者编号*", "志愿者姓名*", "爱好")...)
		s.Row(texts("3", "王五", "唱歌")...)
		s.Row(texts("", "", "跳舞")...)
		s.Row(texts("志愿者编号*", "志愿者姓名*", "爱好")...)
		s.Row(texts("4", "赵六")...)
		s.Row(texts("姓名", "编号")...) // another table below, the other way round
		s.Row(texts("钱七", "5")...)
	})
	people, rejected, summary, err := roster(t, path)
	if err != nil || len(rejected) > 0 {
		t.Fatalf("%+v, %v", rejected, err)
	}
	var names []string
	for _, p := range people {
		names = append(names, p.Sheet+p.Name+p.Number)
	}
	if want := []string{"一村张三1", "一村李四2", "二村王五3", "二村赵六4", "二村钱七5"}; !slices.Equal(names, want) {
		t.Errorf("people = %q", names)
	}
	want := []string{NoticeNoHeader, NoticeHiddenRows, NoticeEmptySheet, NoticeHiddenSheet, NoticeUnknownTitle, NoticeHeaderAgain, NoticeOnlyUnknown}
	if got := noticeCodes(summary); !slices.Equal(got, want) {
		t.Errorf("notices = %q\nwant      %q", got, want)
	}
	if summary.Rows != 5 || summary.Sheets[1].HeaderRow != 5 || summary.Sheets[3].Skipped != NoticeHiddenSheet {
		t.Errorf("%+v", summary)
	}
}

func TestDatesFrom1904(t *testing.T) {
	for _, epoch1904 := range []bool{false, true} {
		path := workbookFile(t, func(b *sheettest.Workbook) {
			b.Date1904 = epoch1904
			s := b.Sheet("名单", "")
			s.Row(texts("姓名", "编号", "有效期")...)
			serial := "47483"
			if epoch1904 {
				serial = "46021"
			}
			s.Row(cellOf("张三"), cellOf("1"), sheettest.Day(serial, ""))
			s.Row(cellOf("李四"), cellOf("2"), sheettest.Number(serial))
		})
		people, rejected, _, err := roster(t, path)
		if err != nil || len(rejected) > 0 || len(people) != 2 {
			t.Fatalf("%+v, %+v, %v", people, rejected, err)
		}
		for _, p := range people {
			if p.Expires != (Date{2029, 12, 31}) {
				t.Errorf("1904 %v: %v", epoch1904, p.Expires)
			}
		}
		if got := people[0].Cells[2]; got != "2029-12-31" {
			t.Errorf("shown as %q", got)
		}
	}
}

// TestWorkbookOfAnotherWriter reads what excelize writes: shared strings and inline ones, styles, dates, rich text.
func TestWorkbookOfAnotherWriter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "excelize.xlsx")
	f := excelize.NewFile()
	for cell, value := range map[string]any{
		"A1": "姓名", "B1": "身份证号", "C1": "积分", "D1": "到期日", "E1": "手机",
		"B2": soundID, "C2": 1200, "D2": time.Date(2028, 6, 30, 0, 0, 0, 0, time.UTC), "E2": int64(13800138000),
	} {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SetCellRichText("Sheet1", "A2", []excelize.RichTextRun{{Text: "张"}, {Text: "三", Font: &excelize.Font{Bold: true}}}); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	people, rejected, _, err := roster(t, path)
	if err != nil || len(rejected) > 0 || len(people) != 1 {
		t.Fatalf("%+v, %+v, %v", people, rejected, err)
	}
	p := people[0]
	if p.Name != "张三" || p.IDNumber != soundID || p.Points != 1200 || p.Phone != "13800138000" || p.Expires != (Date{2028, 6, 30}) {
		t.Errorf("%+v", p)
	}
}

// TestPrefixedNames reads the dialect of some programs: name-space prefixes, no references, CDATA, comments, absolute targets.
func TestPrefixedNames(t *testing.T) {
	path := zipFile(t, map[string]string{
		"_rels/.rels":         `<x:Relationships xmlns:x="p"><x:Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument" Target="/Book.xml"/></x:Relationships>`,
		"book.xml":            `<?xml version='1.0' encoding='utf-8'?><x:workbook xmlns:x="m" xmlns:q="r"><x:sheets><x:sheet name='A&amp;B&#x4E00;' q:id="s"/></x:sheets></x:workbook>`,
		"_rels/Book.xml.rels": `<Relationships><Relationship Id="s" Type="http://x/worksheet" Target="sheets\one.xml"/></Relationships>`,
		"sheets/one.xml": `<x:worksheet xmlns:x="m"><!-- > --><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>姓名</x:t></x:is></x:c><x:c t="inlineStr"><x:is><x:r><x:t>编</x:t></x:r>` +
			`<x:rPh><x:t>bian</x:t></x:rPh><x:r><x:t>号</x:t></x:r></x:is></x:c></x:row><x:row><x:c t="str"><x:v><![CDATA[A<B]]>张三</x:v></x:c><x:c><x:v>7</x:v></x:c></x:row>` +
			`</x:sheetData><x:mergeCells><x:mergeCell ref="A9:A10"/></x:mergeCells></x:worksheet>`,
	})
	people, rejected, _, err := roster(t, path)
	if err != nil || len(rejected) > 0 || len(people) != 1 {
		t.Fatalf("%+v, %+v, %v", people, rejected, err)
	}
	if p := people[0]; p.Name != "A<B张三" || p.Number != "7" || p.Sheet != "A&B一" || p.Row != 2 {
		t.Errorf("%+v", p)
	}
}

// TestEmptyRows passes a million of them, and rows of fifty formatted blanks, without taking long.
func TestEmptyRows(t *testing.T) {
	const rows, wide = 1_000_000, 20_000
	blank := make([]sheettest.Cell, 50)
	for i := range blank {
		blank[i] = sheettest.Blank()
	}
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("名单", "")
		s.Row(texts("姓名", "编号")...)
		for range rows {
			s.Row()
		}
		for range wide {
			s.Row(blank...)
		}
		s.Row(texts("张三", "1")...)
	})
	start := time.Now()
	people, rejected, summary, err := roster(t, path)
	if err != nil || len(rejected) > 0 || len(people) != 1 || people[0].Row != rows+wide+2 || summary.Rows != 1 {
		t.Errorf("%+v, %+v, %+v, %v", people, rejected, summary, err)
	}
	t.Logf("%d empty rows in %v", rows+wide, time.Since(start).Round(time.Millisecond))
	text := write(t, "a.csv", "姓名,编号"+strings.Repeat(",", 50)+"\n"+strings.Repeat(strings.Repeat(",", 51)+"\n", wide)+"张三,1\n")
	people, rejected, _, err = roster(t, text)
	if err != nil || len(rejected) > 0 || len(people) != 1 || people[0].Row != wide+2 {
		t.Errorf("%+v, %+v, %v", people, rejected, err)
	}
}

// TestWideRows: what stands beyond the columns that are looked at is not lost in silence.
func TestWideRows(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("名单", "")
		s.Row(texts("姓名", "编号")...)
		s.Row(append(texts("张三", "1"), make([]sheettest.Cell, 300)...)...)
		row := append(texts("李四", "2"), make([]sheettest.Cell, 300)...)
		row[300] = cellOf("远处")
		s.Row(row...)
	})
	people, rejected, _, err := roster(t, path)
	if err != nil || len(people) != 1 || !slices.Equal(codes(rejected), []string{CodeTooWide}) {
		t.Errorf("%+v, %+v, %v", people, rejected, err)
	}
}

func TestGoods(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("物品", "")
		s.Row(texts("分类", "物品名称", "编码", "规格", "单位", "兑换积分", "库存数量", "每人限兑", "捐赠方", "保质期", "图片", "英文名")...)
		s.Row(cellOf("粮油"), cellOf("大米"), cellOf("g-1"), cellOf("5kg"), cellOf("袋"), sheettest.Number("500"), cellOf("20袋"), cellOf("2件/月"),
			cellOf("某某超市"), sheettest.Day("46752", ""), cellOf("rice.png"), cellOf("Rice"))
		s.Row(texts("", "食用油", "", "1.8L", "桶", "800 积分", "", "", "", "2027年3月")...)
		s.Row(texts("", "食用油", "", "5L", "桶", "1,800")...)
		s.Merge("A2:A4")
		s.Row(texts("日用", "食用油", "", "5L", "桶", "1800")...)
		s.Row(texts("日用", "毛巾", "g-2", "", "", "0")...)
		s.Row(texts("日用", "脸盆", "g-3", "", "", "")...)
		s.Row(texts("日用", "牙膏", "g-4", "", "", "20", "", "0")...)
		s.Row(texts("日用", "香皂", "G-1", "", "", "20")...)
		s.Row(cellOf("日用"), cellOf("水杯"), cellOf("g-5"), sheettest.Day("46000", ""), cellOf("个"), cellOf("20"))
		s.Row(texts("日用", "雨伞", "g-6", "", "", "20", "", "", "", "18个月")...)
		s.Row(texts("合计", "", "", "", "", "3000")...)
	})
	var items []Item
	var rejected []Rejection
	summary, err := ReadGoods(context.Background(), path,
		func(i Item) error { items = append(items, i); return nil },
		func(r Rejection) error { rejected = append(rejected, r); return nil })
	if err != nil || summary.Kind != KindGoods {
		t.Fatalf("%+v, %v", summary, err)
	}
	want := []string{CodeDuplicate, CodeNumberSmall, CodeValueMissing, CodeNumberSmall, CodeConflict, CodeBecameDate, CodeDateBad, CodeTotalRow}
	if got := codes(rejected); !slices.Equal(got, want) {
		t.Errorf("codes = %q\nwant    %q", got, want)
	}
	if len(items) != 3 {
		t.Fatalf("items = %+v", items)
	}
	rice, oil := items[0], items[1]
	if rice.Code != "G-1" || rice.Price != 500 || rice.Stock != 20 || !rice.HasStock || rice.Limit != 2 || rice.BestBefore != (Date{2027, 12, 31}) ||
		rice.NameEN != "Rice" || rice.Picture != "rice.png" || rice.Donor != "某某超市" || rice.Size != "5kg" {
		t.Errorf("%+v", rice)
	}
	if oil.Category != "粮油" || oil.Price != 800 || oil.HasStock || oil.HasLimit || oil.BestBefore != (Date{2027, 3, 31}) || oil.Code != "" {
		t.Errorf("%+v", oil)
	}
}

func TestStaff(t *testing.T) {
	path := write(t, "员工.csv", "姓名,工号,角色,手机\n张三,7,站长,13800138000\n李四,8,店员（兼职）,\n王五,,Technician,\n赵六,9,保洁,\n钱七,10,,\n孙八,7,店员,\n王五,,店员,\n")
	var officers []Officer
	var rejected []Rejection
	_, err := ReadStaff(context.Background(), path,
		func(o Officer) error { officers = append(officers, o); return nil },
		func(r Rejection) error { rejected = append(rejected, r); return nil })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range officers {
		got = append(got, o.Name+o.Number+o.Role+o.Phone)
	}
	if want := []string{"张三7leader13800138000", "李四8clerk", "王五technician"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if want := []string{CodeRoleBad, CodeValueMissing, CodeConflict, CodeDuplicate}; !slices.Equal(codes(rejected), want) {
		t.Errorf("%q", codes(rejected))
	}
}

func TestGeneratedGoods(t *testing.T) {
	path := filepath.Join(t.TempDir(), "goods.xlsx")
	want, traps, err := sheettest.Goods(path, 9, 500)
	if err != nil {
		t.Fatal(err)
	}
	var got []sheettest.Item
	var rejected []Rejection
	_, err = ReadGoods(context.Background(), path, func(i Item) error {
		got = append(got, sheettest.Item{Row: i.Row, Code: i.Code, Name: i.Name, Size: i.Size, Price: i.Price, Stock: i.Stock, Category: i.Category, Picture: i.Picture})
		return nil
	}, func(r Rejection) error { rejected = append(rejected, r); return nil })
	if err != nil || !slices.Equal(got, want) || len(rejected) != len(traps) || len(traps) == 0 {
		t.Errorf("%d items of %d, %d rejected of %d, %v", len(got), len(want), len(rejected), len(traps), err)
	}
	for i, r := range rejected {
		if r.Row != traps[i].Row || r.Code != traps[i].Code || r.Column != traps[i].Column {
			t.Errorf("%+v, want %+v", r, traps[i])
		}
	}
}
