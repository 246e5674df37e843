package sheet

import (
	"context"
	"strings"
)

var rosterLayout = &layout{
	kind: KindRoster,
	columns: []column{
		{field: fieldName, headings: []string{"姓名", "名字", "真实姓名", "志愿者", "name"}},
		{field: fieldNumber, headings: []string{"志愿者编号", "编号", "志愿编号", "志愿者号", "志愿者id", "志愿服务编号", "注册编号", "volunteerid", "number"}},
		{field: fieldIDType, headings: []string{"证件类型", "证件类别", "证件种类", "idtype"}},
		{field: fieldID, headings: []string{"证件号码", "证件号", "身份证号", "身份证号码", "身份证", "身份证件号码", "身份证件号", "居民身份证",
			"居民身份证号", "居民身份证号码", "公民身份号码", "公民身份证号码", "身份号码", "idnumber"}},
		{field: fieldPhone, headings: phoneHeadings},
		{field: fieldMinutes, amount: true, headings: []string{"时长", "服务时长", "总时长", "累计时长", "信用时长", "志愿时长", "志愿服务时长", "服务总时长",
			"累计服务时长", "总服务时长", "累计信用时长", "服务时数", "时数", "信用时数", "累计时数", "小时数", "服务小时数", "志愿服务时数",
			"hours", "minutes"}},
		{field: fieldPoints, amount: true, headings: []string{"积分", "累计积分", "可用积分", "当前积分", "剩余积分", "现有积分", "总积分", "积分余额",
			"志愿积分", "积分数", "points"}},
		{field: fieldExpires, spreads: true, headings: []string{"有效期", "到期日", "到期日期", "有效期至", "有效期限", "积分有效期", "积分有效期至", "积分到期日",
			"积分到期日期", "失效日期", "截止日期", "expires"}},
		{field: fieldSex, spreads: true, headings: []string{"性别", "sex", "gender"}},
		{field: fieldNation, spreads: true, headings: []string{"民族", "nation"}},
		{field: fieldPolitical, spreads: true, headings: []string{"政治面貌", "政治身份"}},
		{field: fieldEducation, spreads: true, headings: []string{"学历", "文化程度", "最高学历", "受教育程度"}},
		{field: fieldOccupation, spreads: true, headings: []string{"职业", "从业状况", "职业类别"}},
		{field: fieldArea, spreads: true, headings: []string{"居住区域", "所在区域", "所属区域", "区域", "居住地区", "居住地", "常住地"}},
		{field: fieldKinds, spreads: true, headings: []string{"服务类别", "服务类型", "意向服务类别", "志愿服务类别"}},
		{field: fieldTimes, spreads: true, headings: []string{"空闲时间", "空闲时段", "可服务时间"}},
		{field: fieldSkills, spreads: true, headings: []string{"技能", "特长", "专业技能", "个人特长", "技能特长"}},
	},
	required: [][]field{{fieldName}, {fieldNumber, fieldID}},
	example:  "姓名、志愿者编号、证件号码、手机、积分",
}

var phoneHeadings = []string{"手机", "手机号", "手机号码", "联系电话", "电话", "电话号码", "移动电话", "联系方式", "联系手机", "联系号码", "手机电话", "mobile", "phone"}

// ReadRoster reads a list of volunteers. accept and reject are called in the order of the rows, from this goroutine; an error of theirs
// ends the reading and is returned as it is. A file that is refused whole gives an *Error.
//
// A person is the same as one accepted before when the volunteer number or the id number is the same; such a row is rejected and
// names the first one.
func ReadRoster(ctx context.Context, path string, accept func(Person) error, reject func(Rejection) error) (Summary, error) {
	return read(ctx, path, rosterLayout, list[Person]{parse: parsePerson, accept: accept, reject: reject})
}

func parsePerson(r *record) (Person, identity) {
	p := Person{Sheet: r.sheet, Row: r.row.number, Cells: r.shown(), Name: r.person()}
	before := len(r.faults)
	p.Number = r.key()
	p.IDType, p.IDNumber = r.document()
	if p.Number == "" && p.IDNumber == "" && len(r.faults) == before {
		r.fail(r.keyField(), CodeKeyMissing)
	}
	p.Phone = r.phone()
	p.Minutes, p.HasMinutes = r.minutes()
	p.Points, p.HasPoints = r.count(fieldPoints, 0, maxPoints)
	p.Expires = r.date(fieldExpires)
	p.Profile = r.profile(p.IDType)
	return p, identity{label: p.Name, keys: []key{{fieldNumber, p.Number}, {fieldID, p.IDNumber}}}
}

// keyField is the column to blame when a person has neither number.
func (r *record) keyField() field {
	if r.head.index[fieldNumber] < 0 {
		return fieldID
	}
	return fieldNumber
}

// document gives the type and the number of a person's document.
func (r *record) document() (kind, number string) {
	kind = r.words(fieldIDType, maxShortRunes)
	c, ok := r.value(fieldID)
	if !ok {
		return kind, ""
	}
	s := strings.Map(dropGaps, fold(c.shown(r.epoch1904)))
	var code string
	switch {
	case isScientific(s):
		code = CodeIDDamaged
	case !r.typed && r.row.at(r.head.index[fieldID]).text == s && looksRounded(s):
		code = CodeIDDamaged
	case isResidentType(kind):
		if number, code = residentID(s); code == CodeIDLength && looksForeign(s) {
			code = CodeIDType
		}
	default:
		number, code = otherID(s)
	}
	if code != "" {
		r.fail(fieldID, code)
	}
	return kind, number
}

// dropGaps removes what people put between groups of digits.
func dropGaps(r rune) rune {
	switch r {
	case ' ', '-', '‐', '‑', '–', '—', '−':
		return -1
	}
	return r
}

// RosterHeadings are the columns of a roster, by the headings that we write ourselves.
func RosterHeadings() (headings []string) {
	for _, c := range rosterLayout.columns {
		headings = append(headings, c.headings[0])
	}
	return headings
}
