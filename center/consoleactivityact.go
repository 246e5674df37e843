package center

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
)

// activitySides says of an act about an activity what stood there, what stands there
// since, and why.
func (c *console) activitySides(texts assets.Catalogue, act store.Act) (before, after, why string) {
	if strings.HasPrefix(act.Kind, "shift.") {
		var told struct {
			Title, Place, Why, Volunteer string
			Start                        int64
		}
		json.Unmarshal(act.Body.After, &told) // what cannot be read says nothing
		return "", strings.Join(strings.Fields(told.Title+" "+told.Place+" "+time.Unix(told.Start, 0).In(c.Zone).Format("2006-01-02 15:04")+" "+told.Volunteer), " "), told.Why
	}
	var was, now civic.Activity
	json.Unmarshal(act.Body.Before, &was)
	json.Unmarshal(act.Body.After, &now)
	switch act.Kind {
	case "activity.added":
		return "", now.Title + " " + timesText(texts, now.Times), ""
	case "activity.changed":
		var x, y []string
		for _, change := range c.activityChanges(texts, was, now) {
			x, y = append(x, change[0]+" "+change[1]), append(y, change[0]+" "+change[2])
		}
		return strings.Join(x, "; "), now.Title + "; " + strings.Join(y, "; "), ""
	}
	var closed struct{ Closed *store.Undone }
	json.Unmarshal(act.Body.After, &closed)
	if closed.Closed != nil {
		why = closed.Closed.Why
	}
	return "", now.Title, why
}

// activityChanges are the fields that an act changed, as people read them: what it is
// called, what stood there, what stands there now.
func (c *console) activityChanges(texts assets.Catalogue, was, now civic.Activity) (list [][3]string) {
	before, after := activityFormOf(was), activityFormOf(now)
	for _, field := range activityFields {
		if before[field] != after[field] {
			line := func(f activityForm) string {
				return strings.ReplaceAll(c.activityValue(texts.Lang, field, f), "\n", " / ")
			}
			list = append(list, [3]string{texts.Text("center.activity.field." + field), line(before), line(after)})
		}
	}
	return list
}

// activityChangeText says what an act changed of an activity.
func (c *console) activityChangeText(texts assets.Catalogue, act store.Act) string {
	if act.Kind != "activity.changed" {
		_, after, why := c.activitySides(texts, act)
		if act.Kind == "activity.added" || !strings.HasPrefix(act.Kind, "shift.") {
			after = ""
		}
		return strings.TrimSpace(cmp.Or(after+" "+why, ""))
	}
	var was, now civic.Activity
	json.Unmarshal(act.Body.Before, &was)
	json.Unmarshal(act.Body.After, &now)
	var changes []string
	for _, change := range c.activityChanges(texts, was, now) {
		changes = append(changes, change[0]+" "+change[1]+" → "+change[2])
	}
	return strings.Join(changes, "; ")
}
