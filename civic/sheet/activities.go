package sheet

import "context"

var activitiesLayout = &layout{
	kind: KindActivities,
	columns: []column{
		{field: fieldName, headings: []string{"活动名称", "名称", "项目名称", "活动", "活动项目", "title"}},
		{field: fieldNameEN, headings: []string{"英文名称", "英文名", "english title"}},
		{field: fieldNumber, headings: []string{"编码", "系统编码", "code", "id"}},
		{field: fieldNational, headings: []string{"全国系统编号", "项目编号", "活动编号", "number in the national system"}},
		{field: fieldParent, spreads: true, headings: []string{"地方", "所属", "主办单位", "组织单位", "举办单位", "place"}},
		{field: fieldPlatforms, spreads: true, headings: []string{"服务平台", "平台", "platform"}},
		{field: fieldCategory, spreads: true, headings: []string{"服务类别", "类别", "活动类别", "category"}},
		{field: fieldTeam, spreads: true, headings: []string{"队伍", "志愿队伍", "服务队", "team"}},
		{field: fieldTheme, spreads: true, headings: []string{"月度主题", "主题", "theme of the month", "theme"}},
		{field: fieldFestival, spreads: true, headings: []string{"节日", "festival"}},
		{field: fieldAbout, lines: true, headings: []string{"说明", "活动内容", "内容", "简介", "description"}},
		{field: fieldServed, headings: []string{"服务对象", "for whom"}},
		{field: fieldFrom, spreads: true, headings: []string{"开始日期", "活动日期", "日期", "first day"}},
		{field: fieldTo, spreads: true, headings: []string{"结束日期", "last day"}},
		{field: fieldStart, headings: []string{"几点开始", "开始时间", "begins at"}},
		{field: fieldEnd, headings: []string{"几点结束", "结束时间", "ends at"}},
		{field: fieldWeekdays, spreads: true, headings: []string{"每周哪几天", "星期", "周几", "days of the week"}},
		{field: fieldExcept, headings: []string{"哪些日子不办", "days left out"}},
		{field: fieldSpots, lines: true, headings: []string{"集合地点", "活动地点", "地点", "where people meet"}},
		{field: fieldPosts, lines: true, headings: []string{"岗位", "岗位和人数", "posts"}},
	},
	required: [][]field{{fieldName}, {fieldFrom}},
	example:  "活动名称、地方、开始日期、结束日期、每周哪几天、几点开始、几点结束、集合地点、岗位",
}

// ReadActivities reads a list of activities, as ReadRoster reads people. An activity is the
// same as one accepted before when its code is the same.
func ReadActivities(ctx context.Context, path string, accept func(Happening) error, reject func(Rejection) error) (Summary, error) {
	return read(ctx, path, activitiesLayout, list[Happening]{parse: parseHappening, accept: accept, reject: reject})
}

func parseHappening(r *record) (Happening, identity) {
	h := Happening{Sheet: r.sheet, Row: r.row.number, Cells: r.shown(), Title: r.words(fieldName, maxPathRunes)}
	if h.Title == "" && len(r.faults) == 0 {
		r.fail(fieldName, CodeNameMissing)
	}
	h.Code = r.words(fieldNumber, maxCodeBytes)
	if h.From = r.date(fieldFrom); h.From.IsZero() && len(r.faults) == 0 {
		r.fail(fieldFrom, CodeValueMissing)
	}
	h.To = r.date(fieldTo)
	for f, at := range map[field]*string{fieldNameEN: &h.TitleEN, fieldNational: &h.Number, fieldParent: &h.Place, fieldPlatforms: &h.Platform, fieldCategory: &h.Category,
		fieldTeam: &h.Team, fieldTheme: &h.Theme, fieldFestival: &h.Festival, fieldServed: &h.Served, fieldStart: &h.Start, fieldEnd: &h.End, fieldWeekdays: &h.Weekdays} {
		*at = r.words(f, maxPathRunes)
	}
	h.Except = r.words(fieldExcept, maxPathRunes*4)
	for f, at := range map[field]*string{fieldAbout: &h.About, fieldSpots: &h.Spots, fieldPosts: &h.Posts} {
		*at = r.lines(f)
	}
	id := identity{label: h.Title}
	if h.Code != "" {
		id.keys = []key{{fieldNumber, h.Code}}
	}
	return h, id
}
