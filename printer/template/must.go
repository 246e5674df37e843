package template

import "strconv"

// crowded finds the line with which too many lines are printed for each item.
func (t *Template) crowded() Errors {
	lines := 0
	for _, l := range t.lines {
		if l.list == "" {
			continue
		}
		if lines++; lines > MaxListLines {
			return Errors{{Code: ManyItems, Line: l.at, Data: data("most", strconv.Itoa(MaxListLines))}}
		}
	}
	return nil
}

// lost checks what the template may not lose.
func (t *Template) lost() (wrong Errors) {
	for _, f := range t.fields {
		if err := t.check(f); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

func (t *Template) check(f Field) *Error {
	first, last := t.surely(f.Name)
	switch {
	case f.Must == Free:
		return nil
	case f.Must == QR && !t.inCode(f.Name):
		return &Error{Code: MustQR, Data: data("name", f.Name)}
	case f.Must == QR:
		return nil
	case first < 0:
		return &Error{Code: MustOnce, Data: data("name", f.Name)}
	case f.Must == Once:
		return nil
	case first >= HeadLines:
		return &Error{Code: MustTop, Line: t.lines[first].at, Data: data("name", f.Name, "lines", strconv.Itoa(HeadLines))}
	}
	for _, l := range t.lines[last+1:] {
		if other := t.loose(l); other != "" {
			return &Error{Code: MustBottom, Line: l.at, Data: data("name", f.Name, "other", other)}
		}
	}
	if first == last {
		return &Error{Code: MustBottom, Line: t.lines[len(t.lines)-1].at, Data: data("name", f.Name, "other", f.Name)}
	}
	return nil
}

// surely finds the first and the last line that show a value whenever there is one;
// below 0: none does.
func (t *Template) surely(name string) (first, last int) {
	first, last = -1, -1
	for i, l := range t.lines {
		if l.list != "" || l.onlyIf != "" && l.onlyIf != name || l.kind == qrKind {
			continue
		}
		for shown := range l.names() {
			if shown == name {
				if first < 0 {
					first = i
				}
				last = i
			}
		}
	}
	return first, last
}

// loose is a value of the line that need not stand at both ends; "": it has none.
func (t *Template) loose(l line) string {
	if l.onlyIf != "" && t.fields.must(l.onlyIf) != Ends {
		return l.onlyIf
	}
	for name := range l.names() {
		if t.fields.must(name) != Ends {
			return name
		}
	}
	return ""
}

// inCode tells whether a value stands alone in a QR code.
func (t *Template) inCode(name string) bool {
	for _, l := range t.lines {
		if l.kind == qrKind && (l.onlyIf == "" || l.onlyIf == name) && l.columns[0][0].field == name {
			return true
		}
	}
	return false
}
