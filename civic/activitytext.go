package civic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/ledger"
)

// As people write an activity's lists, one thing on a line: what it is called, with its
// English name behind a stroke, a colon, and what belongs to it.
//
//	石桥路口 / Stone Bridge crossing：SQ01、SQ02
//	劝导员 / Crossing guard：4；会说普通话

// ParseSpots reads a line for each spot: its name, and the kiosks at which one checks in.
func ParseSpots(text string) (all []Spot) {
	for line := range strings.Lines(text) {
		name, rest := cutName(line)
		s := Spot{}
		if s.Place, s.PlaceEN = cutEnglish(name); s.Place == "" && rest == "" {
			continue
		}
		for _, kiosk := range splitList(rest) {
			s.Kiosks = append(s.Kiosks, strings.ToUpper(kiosk))
		}
		all = append(all, s)
	}
	return all
}

// SpotsText writes what ParseSpots reads.
func SpotsText(all []Spot) string {
	var b strings.Builder
	for _, s := range all {
		writeName(&b, s.Place, s.PlaceEN)
		if len(s.Kiosks) > 0 {
			b.WriteString("：" + strings.Join(s.Kiosks, "、"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ParsePosts reads a line for each post: its name, how many people are wanted (none: as
// many as come), and what they need. A number that is none makes a post that no check
// lets pass.
func ParsePosts(text string) (all []Post) {
	for line := range strings.Lines(text) {
		name, rest := cutName(line)
		p := Post{}
		if p.Name, p.NameEN = cutEnglish(name); p.Name == "" && rest == "" {
			continue
		}
		wanted, needs, _ := strings.Cut(strings.ReplaceAll(rest, "；", ";"), ";")
		p.Needs = strings.TrimSpace(needs)
		if wanted = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(wanted), "人")); wanted != "" {
			n, err := strconv.ParseInt(wanted, 10, 32)
			if p.Wanted = n; err != nil || n < 1 {
				p.Wanted = -1
			}
		}
		all = append(all, p)
	}
	return all
}

// PostsText writes what ParsePosts reads.
func PostsText(all []Post) string {
	var b strings.Builder
	for _, p := range all {
		writeName(&b, p.Name, p.NameEN)
		if p.Wanted > 0 || p.Needs != "" {
			b.WriteString("：")
		}
		if p.Wanted > 0 {
			fmt.Fprint(&b, p.Wanted)
		}
		if p.Needs != "" {
			b.WriteString("；" + p.Needs)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ParseDays reads days, 2006-01-02, with commas of any kind or spaces in between.
func ParseDays(text string) (days []ledger.Day, err error) {
	for _, part := range strings.Fields(strings.Join(splitList(text), " ")) {
		day, err := time.Parse(time.DateOnly, part)
		if err != nil || ledger.DayOf(day) < 1 || ledger.DayOf(day) > ledger.MaxDay {
			return nil, fmt.Errorf("%q is no day", part)
		}
		days = append(days, ledger.DayOf(day))
	}
	slices.Sort(days)
	return slices.Compact(days), nil
}

// DaysText writes what ParseDays reads.
func DaysText(days []ledger.Day) string {
	var list []string
	for _, day := range days {
		list = append(list, day.Time().Format(time.DateOnly))
	}
	return strings.Join(list, ", ")
}

// cutEnglish takes a name and its English one apart.
func cutEnglish(name string) (chinese, english string) {
	chinese, english, _ = strings.Cut(strings.ReplaceAll(name, "／", "/"), "/")
	return strings.TrimSpace(chinese), strings.TrimSpace(english)
}

func writeName(b *strings.Builder, name, english string) {
	b.WriteString(name)
	if english != "" {
		b.WriteString(" / " + english)
	}
}
