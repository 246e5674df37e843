// Package template lets staff say what a slip says: a small text that compiles to
// a [printer.Slip].
//
// One line of the text is one line of paper, and every line stands by itself:
// nothing has to be opened or closed, so any line can be changed, moved or taken
// out alone. This is a whole template:
//
//	# 兑换小票: a line that begins with # is a note and is not printed
//	[居中 大字] {station}
//	[centre bold] 兑换小票
//	[centre bold] {copy}
//	---
//	单号 | {number}
//	志愿者 | {person}
//	===
//	{good} | ×{pieces} | {cost}分
//	  {lot.day}到期 | {lot.points}分
//
//	[if shelf] 请从架上自取
//	[qr] {code}
//	[centre] 谢谢您的志愿服务
//	单号 | {number}
//	[centre bold] {copy}
//
// # Lines
//
//	text            stands at the left and wraps at the paper's edge
//	left | right    a label and its value at the right edge
//	a | b | c       one row of a table; the first column wraps, the others stand right
//	---  ===        a thin and a thick line across the paper
//	                an empty line is an empty line of paper
//	# note          is for whoever edits
//
// # Marks
//
// In square brackets at the beginning of a line, in Chinese or English:
//
//	居中 centre   靠右 right                  where a text stands
//	大字 big   宽字 wide   高字 tall   加粗 bold   how it looks
//	二维码 qr                                 the rest of the line as a QR code
//	空行 feed     空行 3 feed 3               so many empty lines
//	如有 NAME     if NAME                     only if there is a value of that name
//
// # Values
//
// {name} stands for a value. A line whose values are all empty is left out, so
// "领货处：{counter}" needs no condition. A value with a dot, as {lot.day}, belongs
// to a list: its line is printed once for each item, and lines of one list that
// follow each other are printed together for each item. Values are plain text: what
// a person's name contains is never a mark, a column or a name of another value.
//
// A backslash prints the sign after it, which is one of \ { } | [ ] # - = as it is.
//
// The paper is cut after the last line, so a template says nothing about it.
//
// # What may not be lost
//
// The caller's [Fields] say which values there are, and which of them a template
// must show, see [Must]. A text that breaks any rule is no template: [Parse] answers
// [Errors], each with its line and column, a code and the data for a sentence in
// the reader's language.
package template

import (
	"fmt"
	"iter"
	"strings"

	"yizhan/printer"
)

// Template is a text that was found good.
type Template struct {
	fields Fields
	lines  []line
}

// line is one line of paper, or one for each item of a list.
type line struct {
	at      int // in the text, from 1
	kind    kind
	align   mark // centre or right, 0: left
	bold    bool
	wide    bool
	tall    bool
	onlyIf  string // the line is printed only if this has a value
	list    string // whose items the line is printed for; "": once
	columns [][]piece
	feed    int
}

// kind is what a line becomes on paper.
type kind int

const (
	textKind kind = iota
	columnsKind
	thinRule
	thickRule
	qrKind
	feedKind
)

// piece is some text, or a value that stands there.
type piece struct {
	text  string
	field string
}

// Values are what is printed in one slip: texts by name, and items of lists by the
// list's name.
type Values struct {
	Text map[string]string              `json:"text"`
	List map[string][]map[string]string `json:"list"`
}

// Render returns the slip that says values. A value that is missing is empty; one
// that the template's fields don't know is our own mistake and an error.
func (t *Template) Render(v Values) (printer.Slip, error) {
	if err := t.fields.know(v); err != nil {
		return nil, err
	}
	var slip printer.Slip
	for start := 0; start < len(t.lines); {
		end := start + 1
		for list := t.lines[start].list; list != "" && end < len(t.lines) && t.lines[end].list == list; {
			end++
		}
		slip = append(slip, group(t.lines[start:end], v)...)
		start = end
	}
	return append(slip, printer.Cut()), nil
}

// group renders lines that belong together: those of one list for each of its items,
// or a line that belongs to no list.
func group(lines []line, v Values) (slip printer.Slip) {
	items := []map[string]string{nil}
	if list := lines[0].list; list != "" {
		items = v.List[list]
	}
	for _, item := range items {
		for _, l := range lines {
			if s := (scope{v, item}); s.shows(l) {
				slip = append(slip, s.line(l))
			}
		}
	}
	return slip
}

// scope is the values that one line can see.
type scope struct {
	Values
	item map[string]string
}

func (s scope) value(name string) string {
	if _, of, ok := strings.Cut(name, "."); ok {
		return s.item[of]
	}
	return s.Text[name]
}

// shows tells whether a line is printed at all.
func (s scope) shows(l line) bool {
	if l.onlyIf != "" && s.value(l.onlyIf) == "" && len(s.List[l.onlyIf]) == 0 {
		return false
	}
	named := false
	for name := range l.names() {
		if s.value(name) != "" {
			return true
		}
		named = true
	}
	return !named
}

func (s scope) line(l line) printer.Line {
	texts := make([]string, len(l.columns))
	for i, column := range l.columns {
		for _, p := range column {
			texts[i] += p.text
			if p.field != "" {
				texts[i] += s.value(p.field)
			}
		}
	}
	switch l.kind {
	case thinRule:
		return printer.Rule()
	case thickRule:
		return printer.Rule().Bold()
	case qrKind:
		return printer.QR(texts[0])
	case feedKind:
		return printer.Feed(l.feed)
	case columnsKind:
		if len(texts) == 2 {
			return l.styled(printer.Pair(texts[0], texts[1]))
		}
		return l.styled(printer.Row(texts[0], texts[1:]...))
	}
	return l.styled(printer.Text(texts[0]))
}

func (l line) styled(p printer.Line) printer.Line {
	switch l.align {
	case markCentre:
		p = p.Centre()
	case markRight:
		p = p.Right()
	}
	if l.bold {
		p = p.Bold()
	}
	if l.wide {
		p = p.Wide()
	}
	if l.tall {
		p = p.Tall()
	}
	return p
}

// names yields the values that the line shows.
func (l line) names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, column := range l.columns {
			for _, p := range column {
				if p.field != "" && !yield(p.field) {
					return
				}
			}
		}
	}
}

// know refuses values that no field is named for.
func (f Fields) know(v Values) error {
	for name := range v.Text {
		if !f.has(name) || strings.Contains(name, ".") {
			return fmt.Errorf("rendering a slip: no field is called %q", name)
		}
	}
	for list, items := range v.List {
		if len(items) > MaxListItems {
			return fmt.Errorf("rendering a slip: %d items of %q, at most %d", len(items), list, MaxListItems)
		}
		for _, item := range items {
			for name := range item {
				if !f.has(list + "." + name) {
					return fmt.Errorf("rendering a slip: no field is called %q", list+"."+name)
				}
			}
		}
	}
	return nil
}
