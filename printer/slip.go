package printer

import "slices"

// Slip is what one piece of paper says, line by line from the top. It is a plain
// value: append to it, print it twice, compare its encoding.
//
//	slip := printer.Slip{
//		printer.Text("石桥村益栈").Centre().Big(),
//		printer.Rule(),
//		printer.Pair("单号", "SQ01-1-000123"),
//		printer.QR(payload),
//		printer.Cut(),
//	}
type Slip []Line

// Line is one line of a slip, made by Text, Pair, Row, Rule, QR, Feed or Cut and
// changed by its methods, each of which returns the changed line.
type Line struct {
	kind  lineKind
	parts []string // the text, its columns, or the payload of a QR code
	style style
	lines int // blank lines of a Feed
}

type lineKind int

const (
	textLine lineKind = iota
	pairLine
	rowLine
	ruleLine
	qrLine
	feedLine
	cutLine
)

type align byte

const (
	alignLeft align = iota
	alignCentre
	alignRight
)

// style is how a line looks. Width and height double independently.
type style struct {
	align      align
	bold       bool
	wide, tall bool
}

// scaleX is how many times wider than normal a cell of the style is.
func (s style) scaleX() int {
	if s.wide {
		return 2
	}
	return 1
}

// scaleY is how many times higher than normal a cell of the style is.
func (s style) scaleY() int {
	if s.tall {
		return 2
	}
	return 1
}

// Text is a paragraph: it wraps at the paper's edge, keeps Latin words and
// numbers whole and leaves no comma at the start of a line. Text stands left
// unless Centre or Right says otherwise.
func Text(s string) Line { return Line{kind: textLine, parts: []string{s}} }

// Pair is a label at the left edge and its value at the right edge. When both
// don't fit in one line the label wraps first and the value keeps the right edge.
func Pair(label, value string) Line {
	return Line{kind: pairLine, parts: []string{label, value}}
}

// Row is one line of a table: the first column stands left, wraps and takes what
// the others leave; the others stand right, eight cells wide each or as wide as
// their text. Rows with the same number of short columns align with each other.
func Row(first string, others ...string) Line {
	return Line{kind: rowLine, parts: append([]string{first}, others...)}
}

// Rule is a line across the paper; a bold one is thicker.
func Rule() Line { return Line{kind: ruleLine} }

// QR is a QR code in the middle of the paper, of level M, as large as fits but
// not larger than is useful. The payload is printable ASCII of at most
// MaxQRBytes bytes; upper-case letters and digits make the smallest code.
func QR(payload string) Line { return Line{kind: qrLine, parts: []string{payload}} }

// Feed is a number of blank lines.
func Feed(lines int) Line { return Line{kind: feedLine, lines: lines} }

// Cut ends the piece of paper. Where there is no cutter the paper is fed out far
// enough to be torn off.
func Cut() Line { return Line{kind: cutLine} }

// Centre puts a Text in the middle of the paper.
func (l Line) Centre() Line { l.style.align = alignCentre; return l }

// Right puts a Text at the right edge.
func (l Line) Right() Line { l.style.align = alignRight; return l }

// Bold prints the line in bold.
func (l Line) Bold() Line { l.style.bold = true; return l }

// Wide doubles the width of the characters, so half as many fit a line.
func (l Line) Wide() Line { l.style.wide = true; return l }

// Tall doubles the height of the characters.
func (l Line) Tall() Line { l.style.tall = true; return l }

// Big doubles both.
func (l Line) Big() Line { return l.Wide().Tall() }

// With returns the slip with lines added, leaving s itself unchanged.
func (s Slip) With(lines ...Line) Slip { return append(slices.Clip(s), lines...) }
