package issuer

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/unicode/norm"

	"yizhan/civic"
)

// surnames are read otherwise as a family name than as a word: the first letters
// of the sound, the longer names first.
var surnames = []struct{ name, initials string }{
	{"单于", "cy"}, {"尉迟", "yc"}, {"万俟", "mq"}, {"长孙", "zs"}, {"澹台", "tt"},
	{"单", "s"}, {"曾", "z"}, {"解", "x"}, {"仇", "q"}, {"区", "o"}, {"朴", "p"}, {"查", "z"}, {"翟", "z"}, {"盖", "g"},
	{"覃", "q"}, {"乐", "y"}, {"缪", "m"}, {"种", "c"}, {"员", "y"}, {"折", "s"}, {"繁", "p"}, {"秘", "b"}, {"召", "s"},
	{"藏", "z"}, {"祭", "z"}, {"冼", "x"}, {"洗", "x"}, {"逄", "p"}, {"郗", "x"}, {"句", "g"}, {"乜", "n"}, {"黑", "h"},
	{"那", "n"}, {"车", "c"}, {"宓", "m"}, {"尉", "w"}, {"阚", "k"}, {"牟", "m"}, {"万", "w"}, {"长", "c"}, {"重", "c"},
}

var firstLetter = pinyin.Args{Style: pinyin.FirstLetter, Fallback: func(rune, pinyin.Args) []string { return nil }}

// Initials gives the first letters of a name's sounds, a to z, by which staff
// search: 张伟 is zw, 单雄信 is sxx, John Smith is js. A character whose sound is
// not known is left out.
func Initials(name string) string {
	var b strings.Builder
	for _, s := range surnames {
		if rest, ok := strings.CutPrefix(name, s.name); ok {
			b.WriteString(s.initials)
			name = rest
			break
		}
	}
	wordStart := true
	for _, r := range norm.NFD.String(name) {
		letter := byte(0)
		switch {
		case unicode.Is(unicode.Han, r):
			if sounds := pinyin.SinglePinyin(r, firstLetter); len(sounds) > 0 && len(sounds[0]) == 1 {
				letter = sounds[0][0]
			}
			wordStart = true
		case unicode.IsLetter(r):
			if l := unicode.ToLower(r); wordStart && l >= 'a' && l <= 'z' {
				letter = byte(l)
			}
			wordStart = false
		case !unicode.Is(unicode.Mn, r) && r != '\'' && r != '’':
			wordStart = true
		}
		if letter >= 'a' && letter <= 'z' && b.Len() < civic.MaxNameRunes {
			b.WriteByte(letter)
		}
	}
	return b.String()
}
