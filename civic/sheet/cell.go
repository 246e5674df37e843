package sheet

import (
	"strconv"
	"strings"
)

// cellKind tells what a cell holds.
type cellKind uint8

const (
	cellBlank  cellKind = iota
	cellText            // as typed; every cell of a text table
	cellNumber          // a number of a workbook, in the digits the file stores
	cellBool
	cellError  // a formula's error value, such as #N/A
	cellNoCalc // a formula without a stored result
)

// cellLook is what the number format makes of a number.
type cellLook uint8

const (
	lookPlain cellLook = iota
	lookDate           // shows a day
	lookTime           // shows a time of day or a duration
)

// cell is one cell as read. text is raw: nothing is trimmed or folded yet.
type cell struct {
	text string
	kind cellKind
	look cellLook
	pad  uint8 // digits that a format of zeros fills up to

	cut      bool // text is longer than maxCellBytes and was cut
	covered  bool // inside a merged range, whose value stands elsewhere
	top      int  // row of the first cell of the range that covers this one from above, with its text here; else 0
	spanning bool // first cell of a range that reaches into rows below
}

// row is one row with its number, from 1. The cells are valid until the next row is read.
type row struct {
	number int
	hidden bool
	wide   bool // content beyond maxColumns
	cells  []cell
}

// at gives the cell of a column, blank beyond the end.
func (r *row) at(column int) cell {
	if column < 0 || column >= len(r.cells) {
		return cell{}
	}
	return r.cells[column]
}

// isBlank tells whether a person sees nothing in the cell.
func (c cell) isBlank() bool {
	return c.kind == cellBlank || c.kind == cellText && trim(c.text) == ""
}

// shown gives what a person sees in the cell, near enough to find it again.
func (c cell) shown(epoch1904 bool) string {
	switch {
	case c.kind == cellNoCalc:
		return ""
	case c.kind != cellNumber:
		return c.text
	case c.look == lookDate:
		if d, ok := serialDate(c.text, epoch1904); ok {
			return d.String()
		}
	case c.look == lookTime:
		if m, ok := serialMinutes(c.text); ok {
			return strconv.FormatInt(m/60, 10) + ":" + twoDigits(int(m%60))
		}
	}
	return c.digits()
}

// digits gives the number as Excel shows it: 15 significant digits, filled with zeros up to the format's width, and a power of ten when
// it has more places than a number keeps.
func (c cell) digits() string {
	s := plainNumber(c.text)
	if len(s) > keptDigits && isDigits(s) {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return strings.ToUpper(strconv.FormatFloat(f, 'e', 5, 64))
		}
	}
	if n := int(c.pad) - len(s); n > 0 && isDigits(s) {
		return strings.Repeat("0", n) + s
	}
	return s
}

// plainNumber writes a stored number without an exponent and without the noise of binary fractions.
func plainNumber(stored string) string {
	if isDigits(stored) {
		return stored // also the usual case
	}
	f, err := strconv.ParseFloat(stored, 64)
	if err != nil {
		return stored
	}
	f, err = strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil {
		return stored
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// keptDigits is how many digits a number in a workbook can have before it loses the last ones.
const keptDigits = 15

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
