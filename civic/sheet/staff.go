package sheet

import "context"

var staffLayout = &layout{
	kind: KindStaff,
	columns: []column{
		{field: fieldName, headings: []string{"姓名", "名字", "真实姓名", "name"}},
		{field: fieldNumber, headings: []string{"工号", "编号", "志愿者编号", "职工号", "员工号", "number"}},
		{field: fieldPhone, headings: phoneHeadings},
		{field: fieldRole, spreads: true, headings: []string{"角色", "岗位", "职务", "职责", "权限", "role"}},
	},
	required: [][]field{{fieldName}, {fieldRole}},
	example:  "姓名、工号、角色、手机",
}

// roleWords are the writings of the roles. A word that could mean more than one gives the lesser right.
var roleWords = map[string]string{
	"clerk": RoleClerk, "店员": RoleClerk, "营业员": RoleClerk, "工作人员": RoleClerk, "值班员": RoleClerk, "兑换员": RoleClerk,
	"管理员": RoleClerk, "超市管理员": RoleClerk, "站点管理员": RoleClerk, "服务员": RoleClerk,
	"leader": RoleLeader, "站长": RoleLeader, "副站长": RoleLeader, "所长": RoleLeader, "负责人": RoleLeader, "站点负责人": RoleLeader,
	"店长": RoleLeader, "主任": RoleLeader, "书记": RoleLeader, "队长": RoleLeader,
	"technician": RoleTechnician, "技术员": RoleTechnician, "技术人员": RoleTechnician, "维护员": RoleTechnician, "运维": RoleTechnician,
	"运维人员": RoleTechnician, "维护人员": RoleTechnician, "维修员": RoleTechnician, "工程师": RoleTechnician,
}

// ReadStaff reads a list of staff, as ReadRoster reads people. An officer is the same as one accepted before when the number is
// the same or, without a number, the name.
func ReadStaff(ctx context.Context, path string, accept func(Officer) error, reject func(Rejection) error) (Summary, error) {
	return read(ctx, path, staffLayout, list[Officer]{parse: parseOfficer, accept: accept, reject: reject})
}

func parseOfficer(r *record) (Officer, identity) {
	o := Officer{Sheet: r.sheet, Row: r.row.number, Cells: r.shown(), Name: r.person(), Number: r.key(), Role: r.role(), Phone: r.phone()}
	if o.Number == "" {
		return o, identity{label: o.Name, keys: []key{{fieldName, o.Name}}}
	}
	return o, identity{label: o.Name, keys: []key{{fieldNumber, o.Number}}}
}

// role gives the required role of an officer.
func (r *record) role() string {
	before := len(r.faults)
	words := r.words(fieldRole, maxShortRunes)
	if words == "" {
		if len(r.faults) == before {
			r.fail(fieldRole, CodeValueMissing)
		}
		return ""
	}
	word, _ := headingKey(words)
	role, ok := roleWords[word]
	if !ok {
		r.fail(fieldRole, CodeRoleBad, shorten(words))
	}
	return role
}
