package printer

import "strings"

// Kinsoku: what must not begin a line, and what must not end one.
const (
	notFirst = "，。、；：？！）」』】〕》〉〗］｝＞”’％‰℃°′″…—～·々ー,.;:?!)]}%>"
	notLast  = "（「『【〔《〈〖［｛＜“‘￥＄＃№([{<$#"
)

// wrap breaks normalised text into lines of at most width cells. It breaks at
// spaces, which then disappear, or between two characters of which one is wide;
// it keeps Latin words and numbers whole and obeys kinsoku as long as something
// is left on the line. Empty text is one empty line.
func wrap(text string, width int) []string {
	var lines []string
	rest := []rune(strings.TrimRight(text, " "))
	for {
		fit := fitting(rest, width)
		if fit == len(rest) {
			return append(lines, string(rest))
		}
		cut := breakBefore(rest, fit)
		lines = append(lines, strings.TrimRight(string(rest[:cut]), " "))
		rest = rest[cut:]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
	}
}

// fitting counts the characters that fit into width cells; at least one, so that
// wrapping always ends.
func fitting(text []rune, width int) int {
	used := 0
	for i, r := range text {
		used += runeCells(r)
		if used > width && i > 0 {
			return i
		}
	}
	return len(text)
}

// breakBefore finds the last place at or before fit where text may be broken, or
// fit itself when there is none.
func breakBefore(text []rune, fit int) int {
	for i := fit; i > 0; i-- {
		if mayBreak(text, i) {
			return i
		}
	}
	return fit
}

// mayBreak says whether a line may end before text[i]. Spaces at the break vanish,
// so the rules are about what stands on either side of them; text ends with none.
func mayBreak(text []rune, i int) bool {
	end, next := i, i
	for end > 0 && text[end-1] == ' ' {
		end--
	}
	for text[next] == ' ' {
		next++
	}
	if end == 0 {
		return false // nothing but spaces before it
	}
	before, after := text[end-1], text[next]
	if strings.ContainsRune(notFirst, after) || strings.ContainsRune(notLast, before) {
		return false
	}
	return end < next || runeCells(before) == 2 || runeCells(after) == 2
}
