package issuer

import (
	"fmt"

	"yizhan/civic/sheet"
)

// Codes of rows that a spreadsheet allows and the register does not. They stand
// beside those of package sheet.
const (
	CodePointsLess  = "points_less"  // fewer points than were granted
	CodeMinutesLess = "minutes_less" // less time than was counted
	CodeStockLess   = "stock_less"   // fewer pieces than were delivered
	CodeExpired     = "expired"      // new points that expire before today
	CodeDateFar     = "date_far"
	CodeTwoPeople   = "two_people"  // the two numbers belong to two persons
	CodeSamePerson  = "same_person" // another row is the same person under another number
	CodeIDConflict  = "id_conflict" // number known, but name and ID-card number are others
	CodePrivate     = "name_private"
	CodeSameGood    = "same_good"
	CodeElsewhere   = "elsewhere" // somebody whom whoever imports may not change
)

var reasons = map[string]struct{ column, zh, en string }{
	CodePointsLess: {"积分", "积分 %[2]d 比已经发到这个益栈的 %[1]d 还少。这一列要填累计发放数，不是剩余数；发多了请在益栈处理",
		"%[2]d points are fewer than the %[1]d granted here: give the total granted so far, not what is left"},
	CodeMinutesLess: {"时长", "时长 %[2]d 分钟比已经计过积分的 %[1]d 分钟还少，请核对", "%[2]d minutes are less than the %[1]d counted before"},
	CodeStockLess: {"库存", "库存 %[2]d 比已经发到这个益栈的 %[1]d 还少。这一列要填累计送货数，不是剩余数；盘点请在益栈做",
		"%[2]d pieces are fewer than the %[1]d delivered: give the total delivered so far, count the shelf at the kiosk"},
	CodeExpired:    {"有效期", "这些新积分的有效期 %[1]s 已经过了，请改正日期", "the new points expired on %[1]s"},
	CodeDateFar:    {"有效期", "有效期 %[1]s 太远，请核对年份", "the date %[1]s is too far away"},
	CodeTwoPeople:  {"志愿者编号", "志愿者编号和证件号码在以前的名册里是两个人的，请核对", "the volunteer number and the ID number belonged to two persons before"},
	CodeSamePerson: {"志愿者编号", "和第 %[1]d 行是同一个人（以前的名册里编号和证件号码在一起），已导入那一行", "the same person as row %[1]d, which was taken"},
	CodeIDConflict: {"证件号码", "志愿者编号以前是另一个人的：姓名和证件号码都不同，请核对编号", "the volunteer number belonged to another name and ID number before"},
	CodePrivate:    {"姓名", "姓名里有手机号或证件号码，请删去", "the name holds a phone or ID number"},
	CodeElsewhere: {"志愿者编号", "这个人已经登记在别处，不归您管。要改请当地或上级的工作人员来办，或者请他们把人转过来",
		"registered elsewhere already, out of your reach: ask the staff of that place, or of the one above"},
	CodeSameGood: {"编码", "和第 %[1]d 行是同一种物品，已导入那一行", "the same good as row %[1]d, which was taken"},
}

// reject makes the rejection of a row.
func reject(in string, row int, code string, args ...any) *sheet.Rejection {
	t, ok := reasons[code]
	if !ok {
		panic("issuer: no text for the code " + code)
	}
	fill := func(text string) string {
		if len(args) == 0 {
			return text
		}
		return fmt.Sprintf(text, args...)
	}
	return &sheet.Rejection{Sheet: in, Row: row, Column: t.column, Code: code, Reason: fill(t.zh), ReasonEN: fill(t.en)}
}
