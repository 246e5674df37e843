package sheet

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// trim removes what nobody sees at both ends: spaces of every width, line breaks, zero-width characters.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) })
}

// isInvisible tells characters that take no room on screen and come along when people copy from pages and chats.
// The joiners of Indic and Arabic scripts are among them; names here are matched without.
func isInvisible(r rune) bool {
	switch {
	case r == 0xAD, r == 0x61C, r == 0x180E, r == 0xFEFF:
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r >= 0xE0100 && r <= 0xE01EF: // variation selectors: the character is the same without
		return true
	}
	return false
}

// foldWidth writes full-width ASCII as ASCII, so that １２３ and 123 are one.
func foldWidth(r rune) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		return r - 0xFEE0
	}
	return r
}

// isPlain tells that a string is printable ASCII without a space, which no cleaning changes.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7F {
			return false
		}
	}
	return true
}

// fold prepares a code, number or heading: nothing invisible, ASCII width, single spaces.
func fold(s string) string {
	if isPlain(s) {
		return s
	}
	return squeeze(s, foldWidth)
}

// tidy prepares text that people read: nothing invisible, single spaces, letters and digits in ASCII width. Chinese
// punctuation stays as it is.
func tidy(s string) string {
	if isPlain(s) {
		return s
	}
	return squeeze(s, func(r rune) rune {
		if f := foldWidth(r); f != r && (unicode.IsLetter(f) || unicode.IsDigit(f)) {
			return f
		}
		return r
	})
}

// squeeze maps a string's characters, drops the invisible ones and joins runs of white space to one space.
func squeeze(s string, change func(rune) rune) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case isInvisible(r):
		case unicode.IsSpace(r):
			space = b.Len() > 0
		default:
			if space {
				b.WriteByte(' ')
				space = false
			}
			b.WriteRune(change(r))
		}
	}
	return b.String()
}

// tidyName prepares a person's name. People pad short names (张　三) to the width of long ones, write the middle dot of
// 买买提·艾力 in many ways, and copy radicals (⽂) from PDF files that only look like characters.
func tidyName(s string) string {
	var b strings.Builder
	last := ' '
	for _, r := range joinPadded(tidy(s)) {
		switch {
		case isMiddleDot(r) || r == '.' && unicode.Is(unicode.Han, last):
			b.WriteRune('·')
		case r >= 0x2E80 && r <= 0x2FD5:
			b.WriteString(norm.NFKC.String(string(r)))
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// joinPadded takes the spaces out of 张 三 and 张 三丰. It leaves them in 张三 李四, who may be two.
func joinPadded(s string) string {
	parts := strings.Split(s, " ")
	joined := []rune(strings.Join(parts, ""))
	const longestPadded = 3
	switch {
	case len(parts) == 1, len(joined) > longestPadded && len(joined) > len(parts):
		return s
	case slices.ContainsFunc(joined, func(r rune) bool { return !unicode.Is(unicode.Han, r) }):
		return s
	}
	return string(joined)
}

// namesSeveral tells a cell that lists people: 张三、李四. A comma alone may also part a foreign family name.
func namesSeveral(s string) bool {
	before, after, comma := strings.Cut(strings.ReplaceAll(s, "，", ","), ",")
	isHan := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	return strings.ContainsAny(s, "、；;/／") || comma && strings.ContainsFunc(before, isHan) && strings.ContainsFunc(after, isHan)
}

func isMiddleDot(r rune) bool {
	switch r {
	case '·', '•', '‧', '∙', '⋅', '・', '･', '．', '●', '᛫', '᛭', 'ㆍ':
		return true
	}
	return false
}

// badText names what makes a text unusable: CodeBadChar, CodeControlChar, or nothing.
func badText(s string) string {
	if isPlain(s) {
		return ""
	}
	for i, r := range s {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Co, r), r&0xFFFE == 0xFFFE:
			return CodeBadChar // private-use characters show as boxes on every other machine
		case unicode.IsControl(r) && !unicode.IsSpace(r):
			return CodeControlChar
		case (r == '\n' || r == '\r') && trim(s[:i]) != "" && trim(s[i:]) != "":
			return CodeControlChar
		}
	}
	return ""
}

// shorten cuts a value that a reason repeats. Of what could be an id number or a phone number only the beginning is left.
func shorten(s string) string {
	s = squeeze(s, foldWidth)
	limit := maxShownRunes
	if len(strings.Map(onlyDigits, s)) >= privateDigits {
		limit = 3
	}
	n := 0
	for i := range s {
		if n++; n > limit {
			return s[:i] + "…"
		}
	}
	return s
}

func onlyDigits(r rune) rune {
	if r >= '0' && r <= '9' {
		return r
	}
	return -1
}
