package sheet

import (
	"errors"
	"strings"
)

// sheetReader turns the XML of one sheet into rows.
type sheetReader struct {
	xml    *xmlScanner
	book   *workbook
	merged overlay
	yield  func(*row) error
	row    row
	value  []byte // text of the cell being read
}

const lastRow = 1 << 20 // of any workbook

var (
	errRowOrder = errors.New("rows out of order")
	errNoRows   = errors.New("sheet without rows")
)

// read yields every row that the file has, blank ones too.
func (s *sheetReader) read() error {
	inRows := false
	for {
		t, err := s.xml.next()
		switch {
		case err != nil:
			return refuse(RefusedDamaged, err)
		case t == xmlEnd:
			return refuse(RefusedDamaged, errNoRows)
		case t == xmlText:
		case string(s.xml.name) == "sheetData":
			if t == xmlClose {
				return nil // the parts behind were proved with the merged ranges
			}
			inRows = true
		case inRows && t == xmlOpen && string(s.xml.name) == "row":
			if err := s.readRow(); err != nil {
				return err
			}
		}
	}
}

// readRow reads to the end of a row and yields it. Errors of yield come back as they are.
func (s *sheetReader) readRow() error {
	r := &s.row
	if err := s.begin(r); err != nil {
		return refuse(RefusedDamaged, err)
	}
	for {
		t, err := s.xml.within()
		if err == nil && t == xmlOpen && string(s.xml.name) == "c" {
			err = s.readCell(r)
		}
		if err != nil {
			return refuse(RefusedDamaged, err)
		}
		if t == xmlClose && string(s.xml.name) == "row" {
			break
		}
	}
	if err := s.merged.apply(r); err != nil {
		return refuse(RefusedDamaged, err)
	}
	return s.yield(r)
}

// begin starts a row. Some programs leave the numbers out; then rows count on.
func (s *sheetReader) begin(r *row) error {
	number := r.number + 1
	if a := s.xml.attr("r"); a != nil {
		number = atoi(a)
	}
	if number <= r.number || number > lastRow {
		return errRowOrder
	}
	hidden := string(s.xml.attr("hidden"))
	r.number, r.hidden, r.wide, r.cells = number, hidden == "1" || hidden == "true", false, r.cells[:0]
	return nil
}

// readCell reads to the end of a cell and puts it in its column.
func (s *sheetReader) readCell(r *row) error {
	column := len(r.cells) + 1
	if a := s.xml.attr("r"); a != nil {
		var ok bool
		if column, _, ok = parseRef(a); !ok {
			return errXMLSyntax
		}
	}
	var kind [12]byte
	n := copy(kind[:], s.xml.attr("t"))
	format := s.xml.attrNumber("s")
	hasFormula, hasValue, err := s.readValue()
	if err != nil {
		return err
	}
	c, err := s.cell(string(kind[:n]), format, hasFormula, hasValue)
	if err != nil {
		return err
	}
	if column > maxColumns {
		r.wide = r.wide || !c.isBlank()
		return nil
	}
	for len(r.cells) < column {
		r.cells = append(r.cells, cell{})
	}
	r.cells[column-1] = c
	return nil
}

// readValue collects the value of a cell and tells what elements it had.
func (s *sheetReader) readValue() (hasFormula, hasValue bool, err error) {
	s.value = s.value[:0]
	var rich richText
	inValue := false
	for {
		t, err := s.xml.within()
		if err != nil {
			return false, false, err
		}
		if t == xmlText {
			if inValue && len(s.value) <= maxCellBytes {
				s.value, err = s.xml.appendTo(s.value)
			} else if !inValue {
				s.value, err = rich.collect(s.value, s.xml, t)
			}
			if err != nil {
				return false, false, err
			}
			continue
		}
		switch string(s.xml.name) {
		case "c":
			return hasFormula, hasValue, nil
		case "v":
			inValue, hasValue = t == xmlOpen, true
		case "f":
			hasFormula = true
		default:
			rich.collect(nil, s.xml, t)
		}
	}
}

// cell makes a cell of what was read.
func (s *sheetReader) cell(kind string, format int, hasFormula, hasValue bool) (cell, error) {
	switch {
	case hasFormula && (!hasValue || len(s.value) == 0 && kind != "str"):
		return cell{kind: cellNoCalc}, nil
	case len(s.value) == 0:
		return cell{}, nil
	}
	c := cell{kind: cellText}
	switch kind {
	case "s":
		text, err := s.book.shared.get(atoi(s.value))
		if err != nil {
			return c, err
		}
		c.text = text
	case "e":
		c.kind, c.text = cellError, string(s.value)
	case "b":
		c.kind, c.text = cellBool, "FALSE"
		if s.value[0] == '1' {
			c.text = "TRUE"
		}
	case "", "n":
		c.text = string(s.value)
		if !isNumeric(c.text) {
			break // some programs leave the kind out for text too
		}
		c.kind = cellNumber
		if format >= 0 && format < len(s.book.styles) {
			c.look, c.pad = s.book.styles[format].look, s.book.styles[format].pad
		}
	default: // str, inlineStr, d
		c.text = string(unescapeControl(s.value))
	}
	if len(c.text) > maxCellBytes {
		c.text, c.cut = c.text[:maxCellBytes], true
	}
	return c, nil
}

// isNumeric tells whether a stored value has the characters of a number and at least one digit.
func isNumeric(s string) bool {
	return strings.Trim(s, "0123456789+-.eE") == "" && strings.ContainsAny(s, "0123456789")
}
