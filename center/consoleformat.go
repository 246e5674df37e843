package center

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// functions are what templates may call besides those of package assets.
func (c *console) functions(texts assets.Catalogue) template.FuncMap {
	return template.FuncMap{
		"num":      number,
		"day":      func(d ledger.Day) string { return dateText(texts, d.Time()) },
		"month":    func(d ledger.Day) string { return monthText(texts.Lang, d.Time()) },
		"monthday": func(d ledger.Day) string { return d.Time().Format("01-02") },
		"date":     func(t time.Time) string { return dateText(texts, t.In(c.Zone)) },
		"moment":   func(t time.Time) string { return c.momentText(texts, t) },
		"clock":    func(t time.Time) string { return t.In(c.Zone).Format("15:04") },
		"unix":     func(s int64) time.Time { return time.Unix(s, 0) },
		"second":   func(t time.Time) string { return t.In(c.Zone).Format("15:04:05") },
		"stamp":    func(t time.Time) string { return t.In(c.Zone).Format("2006-01-02 15:04") },
		"long":     func(d time.Duration) string { return longText(texts, d) },
		"qr":       qrPicture,
		"millis":   func(ms int64) string { return longText(texts, time.Duration(ms)*time.Millisecond) },
		"hash":     func(h ledger.Hash) string { return hex.EncodeToString(h[:8]) },
		"size":     sizeText,
		"stem":     stem,
		"yuan":     yuanText,
		"iso":      dayWord,
		"serial":   civic.SerialText,
		"skew":     func(s station) string { return skewText(texts, s) },
		"paper":    func(s station) string { return paperText(texts, s) },
		"change":   func(a store.Act) string { return changeText(texts, a) },
		"split":    splitWords,
		"verbicon": func(verb string) string { return verbIcons[verb] },
		"shiftday": func(t time.Time) string { return shiftDay(texts, t) },
		"span":     func(from, to time.Time) string { return c.spanText(from, to) },
		"isoday":   func(t time.Time) string { return t.Format(time.DateOnly) },
		"holdwhy":  func(kind, why string) string { return holdText(texts, kind, why) },
		"agent":    agentName,
		"replan":   func(a store.Act) string { return c.activityChangeText(texts, a) },
	}
}

// number writes an integer with separators of thousands: 1,260.
func number(v any) (string, error) {
	n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	if n2, ok := v.(ledger.Points); ok {
		n, err = int64(n2), nil
	}
	if err != nil {
		return "", fmt.Errorf("%v is not an integer", v)
	}
	digits, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		digits, sign = digits[1:], "−"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits, nil
}

func dateText(texts assets.Catalogue, t time.Time) string {
	return texts.Text("date.day", "year", t.Year(), "month", monthText(texts.Lang, t), "day", t.Day())
}

func monthText(lang assets.Lang, t time.Time) string {
	if lang == assets.English {
		return t.Month().String()[:3]
	}
	return fmt.Sprint(int(t.Month()))
}

// momentText writes a moment as shortly as it is clear today.
func (c *console) momentText(texts assets.Catalogue, t time.Time) string {
	if t.IsZero() {
		return texts.Text("center.never")
	}
	now, t := c.Now().In(c.Zone), t.In(c.Zone)
	switch {
	case now.Sub(t) < time.Minute && now.Sub(t) > -time.Minute:
		return texts.Text("center.just_now")
	case now.YearDay() == t.YearDay() && now.Year() == t.Year():
		return t.Format("15:04")
	case now.Year() == t.Year():
		return t.Format("01-02 15:04")
	}
	return t.Format("2006-01-02 15:04")
}

// longText writes how long something lasts, in its largest unit.
func longText(texts assets.Catalogue, d time.Duration) string {
	d = d.Abs()
	for _, unit := range []struct {
		word string
		size time.Duration
	}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}} {
		if d >= 2*unit.size || d >= unit.size && unit.word == "minutes" {
			return texts.Text("center.long."+unit.word, "n", int64(d/unit.size))
		}
	}
	return texts.Text("center.long.seconds", "n", int64(d/time.Second))
}

// qrPicture draws a QR code, black on white, with its quiet zone.
func qrPicture(text string) (template.HTML, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", fmt.Errorf("making a QR code: %w", err)
	}
	modules := code.Bitmap()
	size := strconv.Itoa(len(modules))
	return template.HTML(`<svg class="qr" viewBox="0 0 ` + size + ` ` + size + `" shape-rendering="crispEdges" aria-hidden="true"><path fill="#fff" d="M0 0h` + size + `v` + size + `H0z"/><path d="` + assets.QRPath(modules) + `"/></svg>`), nil
}

// sizeText writes bytes for people who look for a full disk.
func sizeText(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

// skewText says how far a kiosk's clock is off.
func skewText(texts assets.Catalogue, s station) string {
	switch {
	case !s.Known:
		return "–"
	case s.Late():
		return texts.Text("center.station.behind", "long", longText(texts, s.Skew))
	case s.Early():
		return texts.Text("center.station.ahead", "long", longText(texts, s.Skew))
	}
	return texts.Text("center.station.exact")
}

// paperText says in a word how printing is at a kiosk. Words of a kiosk that is
// newer than the center are shown as they are.
func paperText(texts assets.Catalogue, s station) string {
	switch {
	case !s.Known || s.Says.Printer == "" && s.Says.Paper == "":
		return texts.Text("center.unknown")
	case s.Says.Paper == "out":
		return texts.Text("chip.printer.paper")
	case s.Says.Paper == "low" && (s.Says.Printer == "ok" || s.Says.Printer == ""):
		return texts.Text("chip.printer.near_end")
	}
	word := s.Says.Printer
	if word == "missing" {
		word = "gone"
	}
	if key := "chip.printer." + word; texts.Has(key) {
		return texts.Text(key)
	}
	return texts.Text("center.printer.other", "word", word)
}

// changeText says what an act changed: what stood there, and what stands there now.
func changeText(texts assets.Catalogue, a store.Act) string {
	var before, after map[string]any
	if json.Unmarshal(a.Body.After, &after) != nil {
		var text string
		if json.Unmarshal(a.Body.After, &text) == nil && (a.Kind == "loss.proposed" || a.Kind == "kiosk.stopped") {
			return texts.Text("center.loss.reason", "why", text)
		}
		return ""
	}
	switch a.Kind {
	case "person.adjusted":
		return texts.Text("center.changed.points_given", "n", plain(after["points"]), "why", plain(after["reason"]))
	case "person.honour":
		minutes, _ := after["minutes"].(float64)
		return texts.Text("center.changed.hours_entered", "day", plain(after["day"]), "hours", assets.Hours(int64(minutes)), "what", plain(after["what"]))
	}
	if json.Unmarshal(a.Body.Before, &before) != nil {
		return ""
	}
	if strings.HasPrefix(a.Kind, "good.") {
		return goodChangeText(texts, a)
	}
	if strings.HasPrefix(a.Kind, "merchant.") {
		return merchantChangeText(texts, a)
	}
	var changes []string
	for _, field := range []string{"name", "parent", "cap", "number", "tail", "town", "home", "household"} {
		if before[field] != after[field] {
			changes = append(changes, texts.Text("center.changed."+field)+" "+plain(before[field])+" → "+plain(after[field]))
		}
	}
	return strings.Join(changes, "; ")
}

// plain writes a value of JSON for a person.
func plain(v any) string {
	if n, ok := v.(float64); ok {
		text, _ := number(int64(n)) // it is an integer
		return text
	}
	return fmt.Sprint(v)
}
