package sheet

import (
	"strings"
	"unicode"
)

// fault is one thing wrong with a row.
type fault struct {
	field field
	code  string
	args  []any
}

// record is one row below a header, with what was found wrong with it so far.
type record struct {
	sheet     string
	layout    *layout
	head      *header
	row       *row
	epoch1904 bool
	typed     bool // a workbook, whose cells say whether they are numbers
	faults    []fault
	odd       []oddity
}

// fail notes a fault. What a person must mend first comes first, so the order of calls is that of the fields' weight.
func (r *record) fail(f field, code string, args ...any) {
	r.faults = append(r.faults, fault{f, code, args})
}

// value gives the cell of a field when there is something in it that can be used. Anything else is noted.
func (r *record) value(f field) (cell, bool) {
	if r.head.index[f] < 0 {
		return cell{}, false
	}
	c := r.row.at(r.head.index[f])
	col := r.layout.column(f)
	switch {
	case c.covered && !(col.spreads && c.top > 0), c.spanning && col.amount:
		r.fail(f, CodeMerged)
		return c, false
	case c.kind == cellNoCalc:
		r.fail(f, CodeFormulaEmpty)
		return c, false
	case c.kind == cellError:
		r.fail(f, CodeFormulaError, shorten(c.text))
		return c, false
	case c.isBlank():
		return c, false
	case c.cut:
		r.fail(f, CodeCellLong)
		return c, false
	case c.kind == cellText:
		return r.typedText(f, c)
	}
	return c, true
}

// typedText looks at what a person typed for the traps that any text can hold.
func (r *record) typedText(f field, c cell) (cell, bool) {
	c.text = unprotect(c.text)
	looked := c.text
	if r.layout.column(f).lines {
		looked = strings.NewReplacer("\r\n", " ", "\n", " ").Replace(looked)
	}
	switch code := badText(looked); {
	case code != "":
		r.fail(f, code)
		return c, false
	case isNone(c.text):
		return c, false
	}
	if s := fold(c.text); s[0] == '=' || s[0] == '@' {
		r.fail(f, CodeFormulaText, s[:1])
		return c, false
	}
	return c, true
}

// unprotect takes away what keeps Excel from taking digits for a number: people's apostrophe, and ="13800138000" of exports.
func unprotect(s string) string {
	s = strings.TrimPrefix(trim(s), "'")
	if len(s) >= 3 && strings.HasPrefix(s, `="`) && strings.HasSuffix(s, `"`) && !strings.Contains(s[2:len(s)-1], `"`) {
		return s[2 : len(s)-1]
	}
	return s
}

// isNone tells the marks that people leave in a cell to say that there is nothing.
func isNone(s string) bool {
	switch strings.ToLower(fold(s)) {
	case "", "-", "--", "---", "—", "——", "/", "\\", "无", "暂无", "没有", "空", "null", "none", "n/a", "nil":
		return true
	}
	return false
}

// words gives a field's text of at most so many characters.
func (r *record) words(f field, maxRunes int) string {
	c, ok := r.value(f)
	if !ok {
		return ""
	}
	s := tidy(c.shown(r.epoch1904))
	switch {
	case c.look != lookPlain:
		r.fail(f, CodeBecameDate)
		return ""
	case s[0] == '+' || s[0] == '-' && c.kind == cellText:
		r.fail(f, CodeFormulaText, s[:1])
		return ""
	case len([]rune(s)) > maxRunes:
		r.fail(f, CodeTextLong)
		return ""
	}
	return s
}

// name gives a required name.
func (r *record) name(clean func(string) string) string {
	before := len(r.faults)
	c, ok := r.value(fieldName)
	if !ok {
		if len(r.faults) == before {
			r.fail(fieldName, CodeNameMissing)
		}
		return ""
	}
	s := clean(c.shown(r.epoch1904))
	switch {
	case s == "":
		r.fail(fieldName, CodeNameMissing)
	case s[0] == '+' || s[0] == '-':
		r.fail(fieldName, CodeFormulaText, s[:1])
	case len([]rune(s)) > maxNameRunes:
		r.fail(fieldName, CodeNameLong)
	case !strings.ContainsFunc(s, unicode.IsLetter):
		r.fail(fieldName, CodeNameBad)
	}
	return s
}

// person gives a required name of one person.
func (r *record) person() string {
	before := len(r.faults)
	s := r.name(tidyName)
	if namesSeveral(s) && len(r.faults) == before {
		r.fail(fieldName, CodeNameSeveral)
	}
	return s
}

// key gives a volunteer number, staff number or goods code.
func (r *record) key() string {
	c, ok := r.value(fieldNumber)
	if !ok {
		return ""
	}
	s := strings.ReplaceAll(fold(c.shown(r.epoch1904)), " ", "")
	switch {
	case c.look != lookPlain:
		r.fail(fieldNumber, CodeBecameDate)
	case isScientific(s), c.kind == cellNumber && !isDigits(s):
		r.fail(fieldNumber, CodeNumberKeyLost)
	case len(s) > maxCodeBytes || strings.ContainsFunc(s, notOfCode):
		r.fail(fieldNumber, CodeNumberKeyBad)
	}
	return strings.ToUpper(s)
}

// phone gives a mobile number of eleven digits.
func (r *record) phone() string {
	c, ok := r.value(fieldPhone)
	if !ok {
		return ""
	}
	s, code := phoneNumber(c.shown(r.epoch1904))
	if code != "" {
		r.fail(fieldPhone, code)
	}
	return s
}

// count gives a whole number from low to high.
func (r *record) count(f field, low, high int64) (int64, bool) {
	c, ok := r.value(f)
	if !ok {
		return 0, false
	}
	n, code := parseCount(c, low, high)
	if code != "" {
		r.fail(f, code, shorten(c.shown(r.epoch1904)))
	}
	return n, code == ""
}

// minutes gives a length of time.
func (r *record) minutes() (int64, bool) {
	c, ok := r.value(fieldMinutes)
	if !ok {
		return 0, false
	}
	m, code := parseMinutes(c, r.head.inMinutes)
	if code != "" {
		r.fail(fieldMinutes, code, shorten(c.shown(r.epoch1904)))
	}
	return m, code == ""
}

// date gives the last day on which something is valid, zero when it is valid for ever.
func (r *record) date(f field) Date {
	c, ok := r.value(f)
	if !ok {
		return Date{}
	}
	text := c.shown(r.epoch1904)
	switch fold(text) {
	case "长期", "长期有效", "永久", "永久有效", "不限", "无期限":
		return Date{}
	}
	d, ok := parseDate(text)
	if c.kind == cellNumber && c.look == lookPlain && !ok { // a date whose cell lost its format
		d, ok = serialDate(c.text, r.epoch1904)
	}
	switch {
	case ok && d.Year == 9999: // how data bases say for ever
		return Date{}
	case !ok || d.Year < minDateYear || d.Year > maxDateYear:
		r.fail(f, CodeDateBad, shorten(text))
		return Date{}
	}
	return d
}

// rejection tells what is wrong with the row, in both languages.
func (r *record) rejection() Rejection {
	var zh, en []string
	for _, f := range r.faults {
		t, ok := reasons[f.code]
		if !ok {
			panic("sheet: no text for the code " + f.code)
		}
		args := append([]any{r.layout.title(r.head, f.field)}, f.args...)
		zh = append(zh, fill(t.zh, args))
		en = append(en, fill(t.en, args))
	}
	return Rejection{
		Sheet: r.sheet, Row: r.row.number,
		Column: r.layout.title(r.head, r.faults[0].field), Code: r.faults[0].code,
		Reason: strings.Join(zh, "；"), ReasonEN: strings.Join(en, "; "),
		Header: r.head.titles, Cells: r.shown(),
	}
}

// shown gives the row as a person sees it.
func (r *record) shown() []string {
	cells := make([]string, 0, len(r.row.cells))
	for i := range r.row.cells {
		c := r.row.cells[i]
		if c.covered {
			c = cell{}
		}
		cells = append(cells, strings.ToValidUTF8(c.shown(r.epoch1904), "\uFFFD"))
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}
