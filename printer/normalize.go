package printer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

// Normalize returns s as it will stand on paper: what looks the same but is
// missing in a printer's font is replaced, white space becomes plain spaces, and
// everything without a shape of its own is dropped: control characters (so no
// ESC, GS or DLE survives), bidirectional controls, joiners, byte order marks and
// variation selectors. Bytes that are not UTF-8 become □. Normalize is idempotent.
func Normalize(s string) string {
	var out strings.Builder
	out.Grow(len(s))
	for _, r := range compose(strings.Map(shown, s)) {
		switch {
		case r == '¥': // four bytes in GB18030, which a GBK ROM prints as digits
			out.WriteRune('￥')
		case r == '€': // one byte, 80h, in some GBK tables and nothing in others
			out.WriteString("EUR")
		case r == utf8.RuneError:
			out.WriteRune('□')
		case r == '\u3000':
			out.WriteRune(r) // the ideographic space has a cell pair of its own
		case unicode.IsSpace(r): // what separates words, line ends and tabs included
			out.WriteByte(' ')
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// shown drops what has no shape, as strings.Map does it: before accents are joined with
// their letters, because it may stand between the two.
func shown(r rune) rune {
	if !unicode.IsSpace(r) && isInvisible(r) {
		return -1
	}
	return r
}

// isInvisible holds for characters that only steer how others are shown.
func isInvisible(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) ||
		unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// compose joins letters with the accents that follow them, since a printer has ǎ
// but not a + ˇ. It leaves everything else alone: full NFC would also replace the
// compatibility ideographs that some people write their names with.
func compose(s string) string {
	if !strings.ContainsFunc(s, isMark) {
		return s
	}
	var out strings.Builder
	runes := []rune(s)
	for start := 0; start < len(runes); {
		end := start + 1
		for end < len(runes) && isMark(runes[end]) {
			end++
		}
		part := string(runes[start:end])
		if end > start+1 {
			part = norm.NFC.String(part)
		}
		out.WriteString(part)
		start = end
	}
	return out.String()
}

func isMark(r rune) bool { return r >= 0x0300 && r <= 0x036F }

// Cells is the width of s on paper at normal size, in cells, after normalising.
func Cells(s string) int { return cells(Normalize(s)) }

// cells is Cells for text that is normalised already.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

// runeCells is 1 for ASCII and 2 for everything else, drawn characters included.
func runeCells(r rune) int {
	if r < utf8.RuneSelf {
		return 1
	}
	return 2
}

// gbkBytes is r in the GBK that every Chinese printer has. It refuses what x/text
// knows beyond that: the one-byte euro, and the positions that came with GB18030, which
// older ROMs leave blank (䶮 is one of them).
func gbkBytes(r rune) (b [2]byte, ok bool) {
	var src [utf8.UTFMax]byte
	n := utf8.EncodeRune(src[:], r)
	var dst [4]byte
	written, _, err := simplifiedchinese.GBK.NewEncoder().Transform(dst[:], src[:n], true)
	if err != nil || written != 2 {
		return b, false
	}
	b = [2]byte{dst[0], dst[1]}
	return b, !sinceGB18030(b)
}

// sinceGB18030 holds for the positions that code page 936 lacks and GB18030 filled, as
// far as x/text knows them.
func sinceGB18030(b [2]byte) bool {
	switch b[0] {
	case 0xA8:
		return b[1] == 0xBF
	case 0xA9:
		return b[1] >= 0x89 && b[1] <= 0x95
	case 0xFE:
		return b[1] >= 0x50
	}
	return false
}

// printable holds when the printer's own font has every character of s.
func printable(s string) bool {
	for _, r := range s {
		if r >= utf8.RuneSelf {
			if _, ok := gbkBytes(r); !ok {
				return false
			}
		}
	}
	return true
}
