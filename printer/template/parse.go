package template

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"yizhan/printer"
)

// Parse reads a template whose values are fields. Its error is always Errors.
func Parse(text string, fields Fields) (*Template, error) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "\uFEFF")
	if len(text) > MaxBytes {
		return nil, Errors{{Code: TooLong, Data: data("most", strconv.Itoa(MaxBytes))}}
	}
	texts := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(texts) > MaxLines {
		return nil, Errors{{Code: TooManyLines, Line: MaxLines + 1, Data: data("most", strconv.Itoa(MaxLines))}}
	}
	t := &Template{fields: fields}
	var wrong Errors
	for i, s := range texts {
		l, err := (&parser{fields: fields}).line(s)
		l.at = i + 1
		if err != nil {
			err.Line = l.at
			wrong = append(wrong, err)
		}
		if !strings.HasPrefix(s, "#") {
			t.lines = append(t.lines, l)
		}
	}
	if len(wrong) == 0 {
		wrong = append(t.crowded(), t.lost()...)
	}
	if len(wrong) > 0 {
		return nil, wrong[:min(len(wrong), MaxErrors)]
	}
	return t, nil
}

// data pairs names with values.
func data(pairs ...string) map[string]string {
	m := make(map[string]string, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}

// parser reads one line.
type parser struct {
	fields Fields
	in     []rune
	pos    int // of what is read next
	out    line
	values int // met so far
	used   []usedMark
}

// usedMark remembers where a mark stands, for the error about it.
type usedMark struct {
	mark
	word   string
	column int
}

// mistake is an error about the character at pos.
func mistake(pos int, code string, pairs ...string) *Error {
	return &Error{Code: code, Column: pos + 1, Data: data(pairs...)}
}

func (p *parser) line(s string) (line, *Error) {
	for i, r := range []rune(s) {
		if r == '\t' {
			r = ' '
		}
		if unicode.IsControl(r) || r == utf8.RuneError {
			return p.out, mistake(i, BadCharacter)
		}
		p.in = append(p.in, r)
	}
	if len(p.in) > MaxCharacters {
		return p.out, mistake(MaxCharacters, LineLong, "most", strconv.Itoa(MaxCharacters))
	}
	if strings.HasPrefix(s, "#") {
		return p.out, nil
	}
	if err := p.marks(); err != nil {
		return p.out, err
	}
	begin := p.pos
	if err := p.body(); err != nil {
		return p.out, err
	}
	for _, m := range p.used {
		if !m.fits(p.out.kind) {
			return p.out, mistake(m.column, MarkPlace, "mark", m.word)
		}
	}
	return p.out, p.sound(begin)
}

// marks reads what stands in brackets at the beginning, and the space after it.
func (p *parser) marks() *Error {
	if len(p.in) == 0 || p.in[0] != '[' {
		return nil
	}
	p.pos = 1
	for {
		for p.pos < len(p.in) && unicode.IsSpace(p.in[p.pos]) {
			p.pos++
		}
		column := p.pos
		word := p.word()
		switch {
		case word != "":
			if err := p.mark(word, column); err != nil {
				return err
			}
		case p.pos == len(p.in):
			return mistake(0, MarkOpen)
		default: // at ]
			p.pos++
			if p.pos < len(p.in) && p.in[p.pos] == ' ' {
				p.pos++
			}
			return nil
		}
	}
}

// word reads on to the next space or bracket.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.in) && p.in[p.pos] != ']' && !unicode.IsSpace(p.in[p.pos]) {
		p.pos++
	}
	return string(p.in[start:p.pos])
}

// mark takes in one mark with what belongs to it.
func (p *parser) mark(word string, column int) *Error {
	m, ok := marks[strings.ToLower(word)]
	if !ok {
		return p.feed(word, column)
	}
	for _, used := range p.used {
		if m.clashes(used.mark) {
			return mistake(column, MarkTwice, "mark", word)
		}
	}
	p.used = append(p.used, usedMark{m, word, column})
	p.out.apply(m)
	if m == markIf {
		return p.condition()
	}
	return nil
}

// feed reads the number after feed, the only word that is no mark.
func (p *parser) feed(word string, column int) *Error {
	n, err := strconv.Atoi(word)
	if err != nil || len(p.used) == 0 || p.used[len(p.used)-1].mark != markFeed {
		return mistake(column, MarkUnknown, "mark", word)
	}
	if n < 1 || n > printer.MaxFeed {
		return mistake(column, FeedNumber, "most", strconv.Itoa(printer.MaxFeed))
	}
	p.out.feed = n
	return nil
}

// condition reads the name after if.
func (p *parser) condition() *Error {
	for p.pos < len(p.in) && unicode.IsSpace(p.in[p.pos]) {
		p.pos++
	}
	column := p.pos
	name := strings.Trim(p.word(), "{}")
	if name == "" {
		return mistake(column, IfAlone)
	}
	p.out.onlyIf = name
	if p.fields.hasList(name) {
		return nil
	}
	return p.use(name, column)
}

// use notes that the line needs a value.
func (p *parser) use(name string, column int) *Error {
	if !p.fields.has(name) {
		return mistake(column, FieldUnknown, "name", name, "known", p.fields.known())
	}
	list, _, ok := strings.Cut(name, ".")
	switch {
	case !ok || p.out.list == list:
	case p.out.list == "":
		p.out.list = list
	default:
		return mistake(column, ListsMixed, "name", list, "other", p.out.list)
	}
	return nil
}

// body reads what stands after the marks.
func (p *parser) body() *Error {
	rest := strings.TrimSpace(string(p.in[p.pos:]))
	switch {
	case p.out.kind == feedKind:
		if rest != "" {
			return mistake(p.pos, FeedText)
		}
		return nil
	case rest == "" && len(p.in) > 0 && p.in[0] == '[':
		return mistake(0, MarkAlone)
	case rest == "":
		p.out.kind, p.out.feed = feedKind, 1
		return nil
	case len(rest) >= 3 && strings.Trim(rest, "-") == "":
		p.out.kind = thinRule
		return nil
	case len(rest) >= 3 && strings.Trim(rest, "=") == "":
		p.out.kind = thickRule
		return nil
	}
	return p.columns()
}

// columns reads text, values and bars to the end of the line.
func (p *parser) columns() *Error {
	var column []piece
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			column = append(column, piece{text: text.String()})
			text.Reset()
		}
	}
	for ; p.pos < len(p.in); p.pos++ {
		switch r := p.in[p.pos]; r {
		case '\\':
			p.pos++
			if p.pos == len(p.in) || !strings.ContainsRune(`\{}|[]#-=`, p.in[p.pos]) {
				return mistake(p.pos-1, Escape)
			}
			text.WriteRune(p.in[p.pos])
		case '{':
			flush()
			name, err := p.value()
			if err != nil {
				return err
			}
			column = append(column, piece{field: name})
		case '}':
			return mistake(p.pos, BraceClose)
		case '｛', '｝':
			return mistake(p.pos, BraceWide, "sign", string(r))
		case '|':
			flush()
			if len(p.out.columns)+1 == MaxColumns {
				return mistake(p.pos, Columns, "most", strconv.Itoa(MaxColumns))
			}
			p.add(column)
			column = nil
		default:
			text.WriteRune(r)
		}
	}
	flush()
	p.add(column)
	if len(p.out.columns) > 1 && p.out.kind == textKind {
		p.out.kind = columnsKind
	}
	return nil
}

// value reads {name}.
func (p *parser) value() (string, *Error) {
	start := p.pos
	for p.pos++; p.pos < len(p.in) && p.in[p.pos] != '}'; p.pos++ {
		if p.in[p.pos] == '{' {
			break
		}
	}
	if p.pos == len(p.in) || p.in[p.pos] == '{' {
		return "", mistake(start, BraceOpen)
	}
	if p.values++; p.values > MaxValues {
		return "", mistake(start, ManyValues, "most", strconv.Itoa(MaxValues))
	}
	name := strings.TrimSpace(string(p.in[start+1 : p.pos]))
	return name, p.use(name, start)
}

// add ends a column. The spaces beside a bar go, and those around a code; others that
// begin the line stay, because they indent it.
func (p *parser) add(column []piece) {
	if n := len(column); n > 0 {
		column[n-1].text = strings.TrimRight(column[n-1].text, " ")
		if len(p.out.columns) > 0 || p.out.kind == qrKind {
			column[0].text = strings.TrimLeft(column[0].text, " ")
		}
	}
	column = slices.DeleteFunc(column, func(one piece) bool { return one == piece{} })
	p.out.columns = append(p.out.columns, column)
}

// sound checks what goes into a QR code: plain text, or alone a value that was made for
// one. Any other value might be too long, or hold what no scanner reads.
func (p *parser) sound(begin int) *Error {
	if p.out.kind != qrKind {
		return nil
	}
	refused := mistake(begin, QRText, "known", p.fields.known(QR))
	if len(p.out.columns) > 1 || len(p.out.columns[0]) != 1 {
		return refused
	}
	one := p.out.columns[0][0]
	if one.field != "" && p.fields.must(one.field) != QR {
		return refused
	}
	for _, r := range one.text {
		if r < ' ' || r > '~' {
			return refused
		}
	}
	return nil
}
