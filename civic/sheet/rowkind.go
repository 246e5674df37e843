package sheet

import (
	"slices"
	"strings"
)

// isBlankRow tells whether a person sees nothing in a row.
func isBlankRow(w *row) bool {
	return !w.wide && !slices.ContainsFunc(w.cells, func(c cell) bool { return !c.covered && !c.isBlank() })
}

// holdsKnown tells whether a row has anything in a column that is understood. Lists often have a number prepared in front of every empty row.
func holdsKnown(head *header, w *row) bool {
	for f, i := range head.index {
		if i >= 0 && !field(f).isAside() {
			if c := w.at(i); !c.covered && !c.isBlank() {
				return true
			}
		}
	}
	return false
}

// totals and signs begin the rows that stand below a list without belonging to it. A sign ends with a colon or with the cell.
var (
	totals = []string{"合计", "总计", "小计", "共计"}
	signs  = []string{"制表", "制表人", "填表人", "填报人", "审核", "审核人", "备注", "说明", "注", "统计日期", "制表日期", "打印日期", "total"}
)

// isRemark tells whether a row is a total or a remark: its first words say so, and it names nobody.
func isRemark(r *record) bool {
	i := slices.IndexFunc(r.row.cells, func(c cell) bool { return !c.covered && !c.isBlank() })
	if i < 0 || r.row.cells[i].kind != cellText {
		return false
	}
	first := strings.ToLower(strings.ReplaceAll(fold(r.row.cells[i].text), " ", ""))
	sign, _, _ := strings.Cut(first, ":")
	isTotal := slices.ContainsFunc(totals, func(s string) bool { return strings.HasPrefix(first, s) })
	if !isTotal && !slices.Contains(signs, sign) {
		return false
	}
	if i == r.head.index[fieldName] {
		return r.lacks(fieldNumber) && r.lacks(fieldID)
	}
	return r.lacks(fieldName)
}

func (r *record) lacks(f field) bool {
	i := r.head.index[f]
	return i < 0 || r.row.at(i).covered || r.row.at(i).isBlank()
}

// isShifted tells whether a row of a text table has more cells than its header: a separator too many moves all that follow.
func isShifted(r *record) bool {
	if r.row.wide {
		return true
	}
	return !r.typed && slices.ContainsFunc(r.row.cells[min(r.head.width, len(r.row.cells)):], func(c cell) bool { return !c.isBlank() })
}
