package sheet

import "context"

var placesLayout = &layout{
	kind: KindPlaces,
	columns: []column{
		{field: fieldName, headings: []string{"名称", "单位名称", "站所名称", "站点名称", "场所名称", "镇村名称", "机构名称", "name"}},
		{field: fieldNumber, headings: []string{"编码", "编号", "代码", "区划代码", "code", "id"}},
		{field: fieldParent, spreads: true, headings: []string{"上级", "上级单位", "上级编码", "所属", "所属乡镇", "所属单位", "隶属", "parent"}},
		{field: fieldCategory, spreads: true, headings: []string{"级别", "类别", "类型", "层级", "kind", "level"}},
		{field: fieldLeader, headings: []string{"负责人", "站长", "所长", "主任", "联系人", "leader"}},
		{field: fieldContact, headings: []string{"电话", "联系电话", "联系方式", "固定电话", "phone", "tel"}},
		{field: fieldAddress, headings: []string{"地址", "详细地址", "位置", "address"}},
		{field: fieldPosition, headings: []string{"坐标", "经纬度", "地图坐标", "position"}},
		{field: fieldVenues, lines: true, headings: []string{"场所和功能", "场所", "场地", "活动场所", "venues"}},
		{field: fieldPlatforms, lines: true, headings: []string{"服务平台", "平台", "platforms"}},
	},
	required: [][]field{{fieldName}, {fieldNumber}},
	example:  "编码、名称、上级、级别、负责人、电话、地址",
}

// ReadPlaces reads a list of the org tree, as ReadRoster reads people. A place is the same as one accepted before when its code
// is the same.
func ReadPlaces(ctx context.Context, path string, accept func(Site) error, reject func(Rejection) error) (Summary, error) {
	return read(ctx, path, placesLayout, list[Site]{parse: parseSite, accept: accept, reject: reject})
}

func parseSite(r *record) (Site, identity) {
	s := Site{Sheet: r.sheet, Row: r.row.number, Cells: r.shown(), Name: r.name(tidy)}
	before := len(r.faults)
	if s.Code = r.words(fieldNumber, maxCodeBytes); s.Code == "" && len(r.faults) == before {
		r.fail(fieldNumber, CodeValueMissing)
	}
	s.Parent = r.words(fieldParent, maxShortRunes)
	s.Kind = r.words(fieldCategory, maxShortRunes)
	s.Leader = r.words(fieldLeader, maxShortRunes)
	s.Phone = r.words(fieldContact, maxShortRunes)
	s.Address = r.words(fieldAddress, maxPathRunes)
	s.Position = r.words(fieldPosition, maxShortRunes)
	s.Venues = r.lines(fieldVenues)
	s.Platforms = r.lines(fieldPlatforms)
	return s, identity{label: s.Name, keys: []key{{fieldNumber, s.Code}}}
}

// lines gives the text of a cell that has several lines, each as it is.
func (r *record) lines(f field) string {
	c, ok := r.value(f)
	if !ok {
		return ""
	}
	return c.shown(r.epoch1904)
}
