package sheet

import (
	"slices"
	"strings"
	"testing"
)

func TestHeadings(t *testing.T) {
	for heading, want := range map[string]field{
		"姓名": fieldName, "志愿者姓名": fieldName, " 姓　名 ": fieldName, "姓名*": fieldName, "*姓名": fieldName, "姓名（必填）": fieldName, "★姓名：": fieldName,
		"姓\n名": fieldName, "必填姓名": fieldName, "人员姓名": fieldName, "Name": fieldName, "真实姓名": fieldName, "\uFEFF姓名": fieldName, "“姓名”": fieldName,
		"手机": fieldPhone, "手机号": fieldPhone, "手机号码": fieldPhone, "联系电话": fieldPhone, "电话": fieldPhone, "移动电话": fieldPhone, "志愿者手机号": fieldPhone, "手机（选填，11位）": fieldPhone,
		"证件号码": fieldID, "身份证号": fieldID, "身份证号码": fieldID, "身份证": fieldID, "ＩＤ ＮＵＭＢＥＲ": fieldID, "居民身份证号码": fieldID,
		"志愿者编号": fieldNumber, "编号": fieldNumber, "志愿者ID": fieldNumber, "证件类型": fieldIDType,
		"时长": fieldMinutes, "服务时长": fieldMinutes, "总时长": fieldMinutes, "累计时长": fieldMinutes, "信用时长": fieldMinutes, "服务时长(小时)": fieldMinutes, "服务时长/分钟": fieldMinutes, "时长【分钟】": fieldMinutes,
		"性别": fieldSex, "民族": fieldNation, "学历": fieldEducation, "文化程度": fieldEducation, "志愿者职业": fieldOccupation, "特长": fieldSkills, "空闲时间": fieldTimes,
		"服务时长小时": fieldMinutes, "积分": fieldPoints, "累计积分": fieldPoints, "可用积分": fieldPoints, "积分（分）": fieldPoints, "有效期": fieldExpires, "到期日": fieldExpires, "有效期至": fieldExpires,
	} {
		if got, _, ok := rosterLayout.find(heading); !ok || got != want {
			t.Errorf("%q = %v %v, want %v", heading, got, ok, want)
		}
	}
	for _, heading := range []string{"", "序号", "曾任职务", "备注", "原因", "荣誉时长", "（姓名）", "姓名拼音", "曾用名", "张三", "志愿者星级", "家长姓名", "紧急联系人电话", "13800138000"} {
		if f, _, ok := rosterLayout.find(heading); ok {
			t.Errorf("%q = %v", heading, f)
		}
	}
	for heading, want := range map[string]field{
		"名称": fieldName, "物品名称": fieldName, "商品名称": fieldName, "编码": fieldNumber, "物品编码": fieldNumber, "规格": fieldSize, "单位": fieldUnit, "积分": fieldPoints, "所需积分": fieldPoints,
		"兑换积分": fieldPoints, "价格": fieldPoints, "库存": fieldStock, "数量": fieldStock, "库存数量": fieldStock, "分类": fieldCategory, "类别": fieldCategory, "每人限兑": fieldLimit, "限兑": fieldLimit,
		"捐赠方": fieldDonor, "保质期": fieldExpires, "图片": fieldPicture, "价格（积分）": fieldPoints, "英文名称": fieldNameEN,
	} {
		if got, _, ok := goodsLayout.find(heading); !ok || got != want {
			t.Errorf("%q = %v %v, want %v", heading, got, ok, want)
		}
	}
}

func TestUnitsInHeadings(t *testing.T) {
	for heading, minutes := range map[string]bool{
		"服务时长": false, "服务时长(小时)": false, "服务时长(分钟)": true, "服务时长（单位：分钟）": true, "时长/分钟": true, "时长分钟": true, "时长（分）": true, "时长(min)": true, "时长(h)": false,
	} {
		if _, got, ok := rosterLayout.find(heading); !ok || got != minutes {
			t.Errorf("%q: minutes %v %v", heading, got, ok)
		}
	}
	people, _, _, err := roster(t, write(t, "a.csv", "姓名,编号,服务时长(分钟)\n张三,1,90\n李四,2,1.5小时\n"))
	if err != nil || len(people) != 2 || people[0].Minutes != 90 || people[1].Minutes != 90 {
		t.Errorf("%+v, %v", people, err)
	}
}

// TestHeadingsNameOneFieldEach: no heading may stand for two fields of a list.
func TestHeadingsNameOneFieldEach(t *testing.T) {
	for _, l := range []*layout{rosterLayout, goodsLayout, staffLayout, placesLayout} {
		seen := map[string]bool{}
		for _, c := range l.columns {
			for _, h := range c.headings {
				if key, _ := headingKey(h); seen[h] || key != h {
					t.Errorf("%s: heading %q is there twice, or is not its own key %q", l.kind, h, key)
				}
				if f, _, ok := l.find(h); !ok || f != c.field {
					t.Errorf("%s: heading %q finds %v", l.kind, h, f)
				}
				seen[h] = true
			}
		}
	}
}

func TestHeaderIsFoundBelowTitles(t *testing.T) {
	for titles := range headerRows {
		path := write(t, "a.csv", strings.Repeat("某某村志愿者名单,,\n\n", titles)+"编号,备注,姓名\n1,好人,张三\n")
		people, _, summary, err := roster(t, path)
		if err != nil || len(people) != 1 || summary.Sheets[0].HeaderRow != 2*titles+1 {
			t.Errorf("%d titles: %+v, %v", titles, summary, err)
		}
		if got := summary.Sheets[0]; !slices.Equal(got.Columns, []string{"编号", "姓名"}) || !slices.Equal(got.Unknown, []string{"备注"}) {
			t.Errorf("%+v", got)
		}
	}
}

// FuzzHeader: any heading is understood the same with decoration as without, and no row of headings makes a panic.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"姓名", "手机（必填）", "服务时长(分钟)", "((", "））", "志愿者", "时长/分钟", "*", "ＩＤ", "积分\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, l := range []*layout{rosterLayout, goodsLayout, staffLayout, placesLayout} {
			want, _, ok := l.find(s)
			if got, _, again := l.find("* " + s + "\u3000"); len(s) < 100 && (again != ok || got != want) {
				t.Fatalf("%q: %v %v, decorated %v %v", s, want, ok, got, again)
			}
			r := &row{number: 1, cells: []cell{text("姓名"), text("编号"), text(s), text("积分"), text("角色"), text(s)}}
			h, err := l.match(r)
			if err != nil && h == nil {
				t.Fatalf("%q: no header beside %v", s, err)
			}
			for _, i := range h.index {
				if i >= len(h.titles) {
					t.Fatalf("%q: column %d of %d", s, i, len(h.titles))
				}
			}
			l.extend(h, r)
			h.preview()
		}
	})
}
