package center

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
)

// sides says of an act what stood there before, what stands there since, and why it
// was done, as far as each is known.
func (c *console) sides(texts assets.Catalogue, a store.Act) (before, after, why string) {
	var old, now any
	json.Unmarshal(a.Body.Before, &old) // what cannot be read, or is not there, is nil and says nothing
	json.Unmarshal(a.Body.After, &now)
	switch a.Kind {
	case "loss.proposed":
		return "", c.epochText(texts, old), valueText(now)
	case "loss.confirmed", "loss.dropped":
		return texts.Text("center.audit.proposed", "who", valueText(old)), c.epochText(texts, now), ""
	case "kiosk.approved":
		return c.epochText(texts, old), c.epochText(texts, now), ""
	case "kiosk.stopped":
		return "", "", reasonFor(texts, valueText(now))
	case "kiosk.lifted":
		return reasonFor(texts, valueText(old)), c.epochText(texts, now), ""
	case "kiosk.code":
		return "", texts.Text("center.audit.until", "when", c.sideText(texts, now)), ""
	case "sheet.closed":
		return "", sheetActText(texts, a.Body.After), ""
	case "sheet.withdrawn":
		return sheetActText(texts, a.Body.Before), "", valueText(now)
	case "delivery.sent":
		return "", deliveryText(texts, a.Body.After), ""
	case "delivery.cancelled":
		return texts.Text("center.delivery.name", "id", valueText(old)), "", valueText(now)
	case "person.adjusted", "person.honour":
		return "", changeText(texts, a), ""
	case "points.reversed":
		return "", reversalText(texts, now), ""
	case "kiosk.refused": // the number of a box that nobody knows by it
		return "", "", ""
	}
	if strings.HasPrefix(a.Kind, "activity.") || strings.HasPrefix(a.Kind, "shift.") {
		return c.activitySides(texts, a)
	}
	if fields, ok := now.(map[string]any); ok && strings.HasPrefix(a.Kind, "second.") {
		return "", c.requestText(texts, fields), valueText(fields["reason"])
	}
	if strings.HasPrefix(a.Kind, "policy.") {
		return c.policySides(texts, a)
	}
	if x, y, ok := changed(old, now); ok {
		old, now = x, y
	}
	return c.sideText(texts, old), c.sideText(texts, now), ""
}

// reversalText says of an act that took points back how many, and of what.
func reversalText(texts assets.Catalogue, v any) string {
	e, _ := v.(map[string]any)
	return strings.TrimSpace(texts.Text("center.changed.points") + " " + valueText(e["points"]) + " " + valueText(e["what"]))
}

// requestText says what an act about a request is about, but for its reason.
func (c *console) requestText(texts assets.Catalogue, fields map[string]any) string {
	var parts []string
	n, _ := fields["amount"].(float64)
	if key := "center.second." + askedWords(valueText(fields["kind"]), int64(n)); texts.Has(key) {
		size := max(int64(n), -int64(n))
		parts = append(parts, texts.Text(key, "n", size, "hours", assets.Hours(size)))
	}
	for _, field := range []string{"volunteer", "evidence", "answer"} {
		if text := valueText(fields[field]); text != "" {
			parts = append(parts, texts.Text("center.changed."+field)+" "+text)
		}
	}
	return strings.Join(parts, "; ")
}

// changed leaves of two records only what differs between them.
func changed(old, now any) (x, y map[string]any, ok bool) {
	before, ok1 := old.(map[string]any)
	after, ok2 := now.(map[string]any)
	if !ok1 || !ok2 {
		return nil, nil, false
	}
	x, y = maps.Clone(before), maps.Clone(after)
	for field, value := range before {
		if other, both := after[field]; both && fmt.Sprint(value) == fmt.Sprint(other) {
			delete(x, field)
			delete(y, field)
		}
	}
	return x, y, true
}

// sideText writes one side of an act, whatever it is made of.
func (c *console) sideText(texts assets.Catalogue, v any) string {
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for _, field := range slices.Sorted(maps.Keys(v)) {
			label := field
			if key := "center.changed." + field; texts.Has(key) {
				label = texts.Text(key)
			}
			value := c.sideText(texts, v[field])
			if key := "center.role." + value; field == "role" && texts.Has(key) {
				value = texts.Text(key)
			}
			if value != "" {
				parts = append(parts, label+" "+value)
			}
		}
		return strings.Join(parts, "; ")
	case []any:
		var parts []string
		for _, one := range v {
			if text := c.sideText(texts, one); text != "" {
				parts = append(parts, text)
			}
		}
		return strings.Join(parts, " / ")
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return at.In(c.Zone).Format("2006-01-02 15:04")
		}
		return v
	}
	return valueText(v)
}

// valueText writes a value of JSON that is one number or text; nothing for nothing.
func valueText(v any) string {
	if v == nil {
		return ""
	}
	return plain(v)
}

func (c *console) epochText(texts assets.Catalogue, v any) string {
	if n := valueText(v); n != "" && n != "0" {
		return texts.Text("center.audit.epoch", "n", n)
	}
	return ""
}

// reasonFor is why a chain was stopped.
func reasonFor(texts assets.Catalogue, text string) string {
	q := quarantineOf(text)
	return strings.TrimSuffix(texts.Text("center.reason."+string(q.Reason))+": "+q.Text, ": ")
}
