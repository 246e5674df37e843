package printer

import (
	"fmt"
	"strings"
)

// row is one printed line: text that fits the paper in its style, or one of the
// things that are not text.
type row struct {
	kind  lineKind // textLine, qrLine, feedLine or cutLine
	text  string   // normalised text, or the payload of a QR code
	style style
	lines int
}

// rowCells is the width of each short column of a Row.
const rowCells = 8

// layout breaks a slip into printed lines. Everything a caller can do wrong with
// a slip is found here.
func layout(s Slip, p Profile) ([]row, error) {
	if len(s) > MaxLines {
		return nil, fmt.Errorf("slip has %d lines: at most %d are printed", len(s), MaxLines)
	}
	var rows []row
	for i, line := range s {
		more, err := layoutLine(line, p)
		if err != nil {
			return nil, fmt.Errorf("line %d of the slip: %w", i+1, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func layoutLine(l Line, p Profile) ([]row, error) {
	parts := make([]string, len(l.parts))
	for i, s := range l.parts {
		if len(s) > MaxTextBytes {
			return nil, fmt.Errorf("text of %d bytes: at most %d are printed", len(s), MaxTextBytes)
		}
		parts[i] = Normalize(s)
	}
	width := p.Columns / l.style.scaleX()
	switch l.kind {
	case textLine:
		return textRows(wrap(parts[0], width), l.style), nil
	case pairLine:
		return textRows(pair(parts[0], parts[1], width), l.style), nil
	case rowLine:
		return textRows(table(parts[0], parts[1:], width), l.style), nil
	case ruleLine:
		return textRows([]string{rule(l.style.bold, p.Columns)}, style{}), nil
	case qrLine:
		return []row{{kind: qrLine, text: l.parts[0]}}, checkQR(l.parts[0])
	case feedLine:
		if l.lines < 0 || l.lines > MaxFeed {
			return nil, fmt.Errorf("feed of %d lines: want 0 to %d", l.lines, MaxFeed)
		}
		return []row{{kind: feedLine, lines: l.lines}}, nil
	default:
		return []row{{kind: cutLine}}, nil
	}
}

func textRows(lines []string, st style) []row {
	rows := make([]row, len(lines))
	for i, text := range lines {
		rows[i] = row{kind: textLine, text: text, style: st}
	}
	return rows
}

// rule fills the paper's width with the box-drawing line that joins up.
func rule(bold bool, columns int) string {
	dash := "─"
	if bold {
		dash = "━"
	}
	return strings.Repeat(dash, columns/2)
}

// pair puts value at the right edge of the label's last line, or of a line of its
// own when they don't fit beside each other.
func pair(label, value string, width int) []string {
	label, value = strings.TrimRight(label, " "), strings.TrimSpace(value)
	if value == "" {
		return wrap(label, width)
	}
	values := wrap(value, width)
	lines := wrap(label, width)
	if len(values) > 1 {
		for i, v := range values {
			values[i] = padLeft(v, width)
		}
		return append(lines, values...)
	}
	last := lines[len(lines)-1]
	gap := width - cells(last) - cells(value)
	if gap < 1 && last != "" {
		return append(lines, padLeft(value, width))
	}
	lines[len(lines)-1] = last + strings.Repeat(" ", max(gap, 0)) + value
	return lines
}

// table sets the first column left and the others right. When the short columns
// leave the first less than a third of the line, they go on a line of their own.
func table(first string, others []string, width int) []string {
	var right strings.Builder
	for _, s := range others {
		s = strings.TrimSpace(s)
		right.WriteString(padLeft(s, max(rowCells, cells(s)+1)))
	}
	tail := right.String()
	room := width - cells(tail)
	if room < width/3 {
		return pair(first, tail, width)
	}
	lines := wrap(first, room)
	last := lines[len(lines)-1]
	lines[len(lines)-1] = last + strings.Repeat(" ", room-cells(last)) + tail
	return lines
}

// padLeft fills s up to width cells from the left.
func padLeft(s string, width int) string {
	return strings.Repeat(" ", max(0, width-cells(s))) + s
}
