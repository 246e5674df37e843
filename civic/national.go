package civic

import (
	"strconv"
	"time"

	"yizhan/civic/code"
)

// Codes of a national record of service. Their names stand in package code.
const (
	MethodForced  = "0" // nobody checked the volunteer out, or a leader did [albx0173]
	MethodTeam    = "1" // the organiser entered it
	MethodApplied = "2" // the volunteer asked for it, and the organiser agreed
	MethodFace    = "3" // not used here: nobody's face is looked at
	MethodScanned = "4" // the volunteer checked in and out with a card, a code or a phone

	ValidityPending = "1" // [albx0174]
	ValidityInForce = "2"
	ValidityDeleted = "3"

	KindCredit = "1" // [albx0187]
	KindHonour = "2"
)

// Checked is how a check of an attendance came to be, as far as the national system
// tells such apart.
type Checked int

// Ways to be checked in or out.
const (
	CheckedNot    Checked = iota // nobody saw it
	CheckedOwn                   // by the volunteer
	CheckedStaff                 // by a leader
	CheckedObject                // an objection that was upheld says so
)

// MethodOf is the national code of how an attendance came to be: what is weaker than
// the volunteer's own check-in and check-out wins.
func MethodOf(in, out Checked) string {
	switch {
	case in == CheckedObject || out == CheckedObject:
		return MethodApplied
	case in == CheckedStaff || in == CheckedNot && out != CheckedOwn:
		return MethodTeam
	case out != CheckedOwn:
		return MethodForced
	}
	return MethodScanned
}

// ValidityOf is the national code of an attendance's state.
func ValidityOf(state string) string {
	switch state {
	case AttendConfirmed:
		return ValidityInForce
	case AttendRefused:
		return ValidityDeleted
	}
	return ValidityPending
}

// NationalRecord is one record of service as the national volunteer information system
// has it.
type NationalRecord struct {
	Number      string // of the volunteer [albp0029]; "": none is known
	Name        string // [albp0003]
	Project     string // number of the activity [albx0013]
	ProjectName string // [albx0002]
	Team        string // number [albe0041], or else its name [albe0002]
	Minutes     int64  // [albx0172]
	Start, End  time.Time
	Method      string // [albx0173]
	Validity    string // [albx0174]
	Kind        string // [albx0187]
}

// NationalHeadings are the columns of a list of records, each with the national field.
var NationalHeadings = []string{"志愿者编号 albp0029", "姓名 albp0003", "项目编号 albx0013", "项目名称 albx0002", "团队编号 albe0041", "团队名称 albe0002",
	"服务时长(分钟) albx0172", "开始时间", "结束时间", "记录方式 albx0173", "有效状态 albx0174", "时长类型 albx0187", "记录方式", "有效状态", "时长类型"}

// Cells are the columns of the record; the last ones are what its codes mean.
func (r NationalRecord) Cells() []string {
	const minute = "2006-01-02 15:04"
	number, name := r.Team, ""
	if !each(r.Team, '-', '9') { // digits with hyphens are a number
		number, name = "", r.Team
	}
	return []string{r.Number, r.Name, r.Project, r.ProjectName, number, name, strconv.FormatInt(r.Minutes, 10), r.Start.Format(minute), r.End.Format(minute),
		r.Method, r.Validity, r.Kind, code.Method.Label(r.Method, false), code.Validity.Label(r.Validity, false), code.Kind.Label(r.Kind, false)}
}
