package sheet

import (
	"context"
	"errors"
	"strings"
)

// style is what a cell format makes of a number.
type style struct {
	look cellLook
	pad  uint8
}

// loadStyles reads how each cell format shows numbers.
func (w *workbook) loadStyles(ctx context.Context, part string) ([]style, error) {
	formats := map[int]style{}
	var styles []style
	inCells := false
	err := w.scan(ctx, part, func(x *xmlScanner, t xmlToken) error {
		switch name := string(x.name); {
		case t == xmlText:
		case name == "cellXfs":
			inCells = t == xmlOpen
		case t == xmlOpen && name == "numFmt":
			formats[x.attrNumber("numFmtId")] = formatStyle(x.attrText("formatCode"))
		case t == xmlOpen && name == "xf" && inCells:
			id := x.attrNumber("numFmtId")
			s, ok := formats[id]
			if !ok {
				s.look = builtInLook(id)
			}
			styles = append(styles, s)
		}
		if len(styles) > maxStyles || len(formats) > maxStyles {
			return errors.New("too many styles")
		}
		return nil
	})
	return styles, err
}

// builtInLook knows the number formats that files name by number only, with those of the Chinese edition (ECMA-376 18.8.30).
func builtInLook(id int) cellLook {
	switch {
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return lookDate
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47, id == 55, id == 56:
		return lookTime
	}
	return lookPlain
}

// formatStyle reads a number format such as yyyy"年"m"月"d"日", [h]:mm or 000000.
func formatStyle(code string) style {
	code, _, _ = strings.Cut(code, ";") // the part for positive numbers
	if len(code) <= 20 && len(code) > 1 && strings.Trim(code, "0") == "" {
		return style{pad: uint8(len(code))}
	}
	letters := strings.ToLower(bareFormat(code))
	switch {
	case strings.Contains(letters, "general"), strings.Contains(letters, "通用"):
		return style{}
	case strings.ContainsAny(letters, "yd"), strings.Contains(letters, "m") && !strings.ContainsAny(letters, "hs"):
		return style{look: lookDate}
	case strings.ContainsAny(letters, "hs"):
		return style{look: lookTime}
	}
	return style{}
}

// bareFormat drops quoted text, escaped characters, and brackets other than those of durations.
func bareFormat(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			n := strings.IndexByte(code[i+1:], '"')
			if n < 0 {
				return b.String()
			}
			i += n + 1
		case '\\', '_', '*':
			i++
		case '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				return b.String()
			}
			if inner := strings.ToLower(code[i+1 : i+n]); strings.Trim(inner, "hms") == "" {
				b.WriteString(inner)
			}
			i += n
		default:
			b.WriteByte(code[i])
		}
	}
	return b.String()
}
