package kiosk

import (
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/ledger"
)

// anyNumber lets templates write any integer with number.
func anyNumber(v any) (string, error) {
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return number(r.Int()), nil
	case r.CanUint():
		return number(int64(r.Uint())), nil
	}
	return "", fmt.Errorf("%v is not an integer", v)
}

// shortCells is how much of an activity's name a line of a list has room for, two
// for a Chinese character and one for a Latin letter.
const shortCells = 18

// short cuts a name to what a line has room for; the line's own page has it whole.
func short(name string) string {
	cells := 0
	for i, r := range name {
		if cells++; r >= 0x2E80 {
			cells++
		}
		if cells > shortCells && len(name[i:]) > utf8.RuneLen(r) {
			return strings.TrimSpace(name[:i]) + "…"
		}
	}
	return name
}

// dayText writes a date. One that ends a month, as expiries do, is called that
// month's end.
func dayText(texts assets.Catalogue, d ledger.Day) string {
	t := d.Time()
	key := "date.day"
	if t.AddDate(0, 0, 1).Month() != t.Month() {
		key = "date.month_end"
	}
	return texts.Text(key, "year", t.Year(), "month", monthText(texts.Lang, t), "day", t.Day())
}

// dateText writes a date on which something happened.
func dateText(texts assets.Catalogue, d ledger.Day) string {
	t := d.Time()
	return texts.Text("date.day", "year", t.Year(), "month", monthText(texts.Lang, t), "day", t.Day())
}

// whenText writes a moment, given in Unix milliseconds, in the kiosk's zone.
func (s *Server) whenText(texts assets.Catalogue, wallMS int64) string {
	t := time.UnixMilli(wallMS).In(s.cfg.Zone)
	return texts.Text("date.moment", "month", monthText(texts.Lang, t), "day", t.Day(), "time", t.Format("15:04"))
}

func monthText(lang assets.Lang, t time.Time) string {
	if lang == assets.English {
		return t.Month().String()[:3]
	}
	return fmt.Sprint(int(t.Month()))
}

// today is the date by the kiosk's clock, which nothing but words depends on.
func (s *Server) today() ledger.Day {
	return ledger.DayOf(time.UnixMilli(s.cfg.Clock.Now().WallMS).In(s.cfg.Zone))
}

// nowMS is the monotonic time of the clock, in milliseconds.
func (s *Server) nowMS() int64 { return s.cfg.Clock.Now().MonoMS }

// goodName is a good's name in the language of the screen.
func goodName(lang assets.Lang, g civic.Good) string {
	if lang == assets.English && g.NameEN != "" {
		return g.NameEN
	}
	return g.Name
}

// goodTitle is a good's name with its size.
func goodTitle(texts assets.Catalogue, g civic.Good) string {
	name := goodName(texts.Lang, g)
	if name == "" {
		name = g.Code
	}
	if g.Size == "" {
		return name
	}
	return name + " " + g.Size
}
