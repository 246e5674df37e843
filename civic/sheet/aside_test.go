package sheet

import (
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/civic/sheet/sheettest"
)

// What a list says besides is read as codes; a word that is none costs the field and
// not the row.
func TestAsides(t *testing.T) {
	path := workbookFile(t, func(b *sheettest.Workbook) {
		s := b.Sheet("名单", "")
		s.Row(texts("姓名", "编号", "性别", "民族", "文化程度", "学历", "职业", "区域", "服务类别", "空闲时间", "技能", "证件类型")...)
		s.Row(texts("张三", "1", "女", "汉", "本科", "小学", "80", "清溪镇 石桥村", "助老、环保，助老", "星期六上午;17", "医疗急救、魔术", "护照")...)
		s.Row(cellOf("李四"), cellOf("2"), sheettest.Number("1"), cellOf("火星族"), sheettest.Failed("A1/0", "#DIV/0!"), cellOf(""), cellOf("教师"), cellOf("13800138000"))
		s.Row(texts("", "", "女", "汉族")...) // a row made ready for somebody
	})
	people, rejected, summary, err := roster(t, path)
	if err != nil || len(rejected) > 0 || len(people) != 2 {
		t.Fatalf("%+v, %+v, %v", people, rejected, err)
	}
	want := civic.Profile{IDType: "05", Sex: "2", Nation: "01", Education: "20", Occupation: "80", Area: "清溪镇 石桥村", Kinds: []string{"助老", "环保"}, Times: []string{"16", "17"}, Skills: []string{"01"}}
	if !people[0].Profile.Equal(want) {
		t.Errorf("%+v", people[0].Profile)
	}
	if !people[1].Profile.Equal(civic.Profile{Sex: "1"}) {
		t.Errorf("%+v", people[1].Profile)
	}
	told := ""
	for _, n := range summary.Notices {
		if told += n.Text + "\n"; n.Code == NoticeOdd && anyCause.MatchString(n.TextEN) {
			t.Error(n.TextEN)
		}
	}
	for _, text := range []string{"有 1 行的“民族”", "火星族", "有 1 行的“职业”", "教师", "有 1 行的“技能”", "魔术", "有 1 行的“区域”", "有 1 行的“文化程度”"} {
		if !strings.Contains(told, text) {
			t.Errorf("no notice says %q: %s", text, told)
		}
	}
	if strings.Contains(told, "13800138000") {
		t.Error("a notice repeats a phone number")
	}
}
