package sheet

import (
	"bufio"
	"io"
)

// textParser parts a text table into rows (RFC 4180, with what people's programs make of it): a row ends with CR, LF or both; a
// quotation mark inside an unquoted cell stands for itself; text after a closing one belongs to the cell.
type textParser struct {
	in        *bufio.Reader
	separator byte
	line      int // rows begun
	buf       []byte
	size      int // bytes of the cell, also beyond what buf keeps
}

// maxQuotedBytes ends a quoted cell that swallows the rows behind it.
const maxQuotedBytes = 64 << 10

// next reads one row into r. At the end it gives io.EOF.
func (p *textParser) next(r *row) error {
	r.cells, r.wide = r.cells[:0], false
	p.line++
	if _, err := p.in.Peek(1); err != nil {
		return p.ended(err)
	}
	for {
		last, err := p.cell()
		if err != nil {
			return err
		}
		p.keep(r)
		if last {
			return nil
		}
	}
}

// keep adds the cell just parsed to the row.
func (p *textParser) keep(r *row) {
	if len(r.cells) == maxColumns {
		r.wide = r.wide || trim(string(p.buf)) != ""
		return
	}
	c := cell{text: string(p.buf), kind: cellText, cut: p.size > len(p.buf)}
	if c.text == "" {
		c.kind = cellBlank
	}
	r.cells = append(r.cells, c)
}

func (p *textParser) add(b byte) {
	p.size++
	if len(p.buf) < maxCellBytes {
		p.buf = append(p.buf, b)
	}
}

// cell parses one cell into buf and tells whether the row ends behind it.
func (p *textParser) cell() (last bool, err error) {
	p.buf, p.size = p.buf[:0], 0
	b, err := p.in.ReadByte()
	if err == nil && b == '"' {
		if err := p.quoted(); err != nil {
			return true, err
		}
		b, err = p.in.ReadByte()
	}
	for ; err == nil; b, err = p.in.ReadByte() {
		switch b {
		case p.separator:
			return false, nil
		case '\r':
			if next, err := p.in.Peek(1); err == nil && next[0] == '\n' {
				p.in.Discard(1)
			}
			return true, nil
		case '\n':
			return true, nil
		}
		p.add(b)
	}
	if err := p.ended(err); err != io.EOF {
		return true, err
	}
	return true, nil
}

// quoted parses to the closing quotation mark; a doubled one stands for one.
func (p *textParser) quoted() error {
	for {
		b, err := p.in.ReadByte()
		if err == io.EOF || p.size > maxQuotedBytes {
			return refuse(RefusedQuote, nil, p.line)
		}
		if err != nil {
			return p.ended(err)
		}
		if b == '"' {
			next, err := p.in.Peek(1)
			if err != nil || next[0] != '"' {
				return nil
			}
			p.in.Discard(1)
		}
		p.add(b)
	}
}

// ended leaves io.EOF alone and refuses the file for any other error.
func (p *textParser) ended(err error) error {
	if err == io.EOF || err == nil {
		return err
	}
	return refuse(RefusedOpen, err)
}
