package civic

import (
	"fmt"
	"strconv"
	"strings"
)

// As people write a place's lists, one thing on a line: what it is called, a colon,
// and what belongs to it, with commas of any kind in between.
//
//	图书室：阅读、宣讲
//	理论宣讲：县委宣传部；县委党校、县融媒体中心

// ParsePosition reads two numbers of degrees in either order, as maps give them;
// in China the two cannot be mistaken for each other. An empty text is no position.
func ParsePosition(text string) (p Position, err error) {
	parts := splitList(text)
	if len(parts) == 0 {
		return p, nil
	}
	if len(parts) == 1 {
		parts = strings.Fields(parts[0])
	}
	if len(parts) != 2 {
		return p, fmt.Errorf("%q is not two numbers", text)
	}
	var at [2]int64
	for i, part := range parts {
		degrees, err := strconv.ParseFloat(part, 64)
		if err != nil || !(degrees > 0 && degrees < 180) {
			return p, fmt.Errorf("%q is not a number of degrees", part)
		}
		at[i] = int64(degrees*1e6 + .5)
	}
	p = Position{North: at[0], East: at[1]}
	if at[0] > at[1] {
		p = Position{North: at[1], East: at[0]}
	}
	return p, p.check()
}

// String writes degrees north, then east; nothing when it is not known.
func (p Position) String() string {
	if p == (Position{}) {
		return ""
	}
	return fmt.Sprintf("%.6f, %.6f", float64(p.North)/1e6, float64(p.East)/1e6)
}

// ParseVenues reads a line for each venue.
func ParseVenues(text string) (all []Venue) {
	for line := range strings.Lines(text) {
		name, rest := cutName(line)
		if v := (Venue{Name: name, Functions: splitList(rest)}); name != "" || v.Functions != nil {
			all = append(all, v)
		}
	}
	return all
}

// VenuesText writes what ParseVenues reads.
func VenuesText(all []Venue) string {
	var b strings.Builder
	for _, v := range all {
		b.WriteString(v.Name)
		if len(v.Functions) > 0 {
			b.WriteString("：" + strings.Join(v.Functions, "、"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ParsePlatforms reads a line for each platform. standard tells the code of one of
// the seven by what it is called, in any language.
func ParsePlatforms(text string, standard map[string]string) (all []Platform) {
	for line := range strings.Lines(text) {
		name, rest := cutName(line)
		lead, members, _ := strings.Cut(strings.ReplaceAll(rest, "；", ";"), ";")
		p := Platform{Name: name, Lead: strings.TrimSpace(lead), Members: splitList(members)}
		if code := standard[strings.ToLower(name)]; code != "" {
			p.Code, p.Name = code, ""
		}
		if name != "" || p.Lead != "" || p.Members != nil {
			all = append(all, p)
		}
	}
	return all
}

// PlatformsText writes what ParsePlatforms reads; names are those of the seven.
func PlatformsText(all []Platform, names map[string]string) string {
	var b strings.Builder
	for _, p := range all {
		b.WriteString(p.Name + names[p.Code])
		if p.Lead != "" || len(p.Members) > 0 {
			b.WriteString("：" + p.Lead)
		}
		if len(p.Members) > 0 {
			b.WriteString("；" + strings.Join(p.Members, "、"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// cutName takes what stands before the first colon.
func cutName(line string) (name, rest string) {
	name, rest, _ = strings.Cut(strings.ReplaceAll(line, "：", ":"), ":")
	return strings.TrimSpace(name), strings.TrimSpace(rest)
}

// splitList takes apart what stands between commas; empty parts are no parts.
func splitList(text string) (list []string) {
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("、，,;；\n", r) }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
