package printer

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Dots of one cell, and the gap that keeps two lines of text apart.
const (
	cellDots  = 12
	glyphDots = 24
	gapDots   = 8
)

// tearLines is how far paper must come out to be torn off above the print head.
const tearLines = 4

// Encode writes s for the printer that p describes. The bytes are complete in
// themselves: they begin by resetting the printer. An error names the line of the
// slip that cannot be printed; nothing a person typed into a text can cause one,
// except its length.
func Encode(s Slip, p Profile) ([]byte, error) {
	pieces, err := Pieces(s, p)
	if err != nil {
		return nil, err
	}
	return bytes.Join(pieces, nil), nil
}

// Resync is what to send first to a printer that may be in the middle of something:
// after a job that broke off, or a power cut of the printer alone. A picture that
// was half sent is filled up with white, a half line is dropped, and the printer
// is reset. On one that waits for nothing it does nothing.
func Resync(p Profile) []byte {
	return append(make([]byte, MaxBandRows*p.Dots/8), 0x1B, '@')
}

// encoder remembers what the printer is set to, so that only changes are sent.
type encoder struct {
	profile Profile
	out     bytes.Buffer
	rests   []int // places in out between commands and between lines, ascending
	style   style
	spacing int              // dots from line to line; 0 is the printer's own
	lineEnd bool             // nothing waits in the printer's line buffer
	defined map[rune][2]byte // characters that this slip has defined, and their codes
}

func newEncoder(p Profile) *encoder {
	e := &encoder{profile: p, lineEnd: true, defined: map[rune][2]byte{}}
	e.out.WriteString("\x1b@") // ESC @
	if p.Encoding == UTF8 {
		e.out.WriteString("\x1cC\xff") // FS C FF
	} else {
		e.out.WriteString("\x1c&") // FS &
	}
	return e
}

func (e *encoder) row(r row) error {
	switch r.kind {
	case textLine:
		e.text(r)
	case qrLine:
		return e.qr(r.text)
	case feedLine:
		e.feed(r.lines)
	case cutLine:
		e.cut()
	}
	return nil
}

// text sends one line, as text when the printer's font has all of it or can be
// taught what is missing.
func (e *encoder) text(r row) {
	if !printable(r.text) && !e.define(r.text) {
		e.drawn(r)
		return
	}
	e.set(r.style)
	for _, c := range r.text {
		e.char(c)
	}
	e.out.WriteByte('\n')
	e.lineEnd = true
}

func (e *encoder) char(c rune) {
	if c < utf8.RuneSelf || e.profile.Encoding == UTF8 {
		e.out.WriteRune(c)
		return
	}
	b, ok := gbkBytes(c)
	if !ok {
		b, ok = e.defined[c]
	}
	if !ok {
		panic(fmt.Sprintf("printer: %U sent as text but GBK has no such character", c))
	}
	e.out.Write(b[:])
}

// set changes the printer's style to st.
func (e *encoder) set(st style) {
	if st.align != e.style.align {
		e.out.Write([]byte{0x1B, 'a', byte(st.align)}) // ESC a
	}
	if st.bold != e.style.bold {
		e.out.Write([]byte{0x1B, 'E', flag(st.bold, 1)}) // ESC E
	}
	if st.wide != e.style.wide || st.tall != e.style.tall {
		e.out.Write([]byte{0x1D, '!', flag(st.wide, 0x10) | flag(st.tall, 0x01)}) // GS !
		if e.profile.ChineseSize {
			e.out.Write([]byte{0x1C, '!', flag(st.wide, 0x04) | flag(st.tall, 0x08)}) // FS !
		}
	}
	e.spaceLines(lineDots(st))
	e.style = st
}

// spaceLines sets how far the paper moves from line to line.
func (e *encoder) spaceLines(dots int) {
	if dots != e.spacing {
		e.out.Write([]byte{0x1B, '3', byte(dots)}) // ESC 3
		e.spacing = dots
	}
}

// lineDots is the height of a line of text with the gap below it.
func lineDots(st style) int { return glyphDots*st.scaleY() + gapDots }

func flag(on bool, bit byte) byte {
	if on {
		return bit
	}
	return 0
}

func (e *encoder) feed(lines int) {
	e.set(style{})
	for range lines {
		e.out.WriteByte('\n')
	}
	e.lineEnd = e.lineEnd || lines > 0
}

// cut ends the paper. GS V does nothing while the printer is inside a line, and
// after a picture some firmware thinks it is: so a line end always stands before.
func (e *encoder) cut() {
	switch {
	case !e.profile.Cutter:
		e.feed(tearLines)
	case !e.lineEnd:
		e.feed(1)
	}
	if e.profile.Cutter {
		e.out.Write([]byte{0x1D, 'V', 66, 0}) // GS V: feed to the blade, partial cut
	}
}
