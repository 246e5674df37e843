package main

import (
	"context"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/demo"
	"yizhan/ledger"
)

// demoLasts is how long the demo's activities go on.
const demoLasts = 2 * time.Hour

// demoPlanner plans the demo's activities; the officer to try with has reviewed them.
const demoPlanner = "office"

// demoActivities are one that begins in a moment in each village, and some to claim a post of:
// in how many days, and at what hour.
var demoActivities = []struct {
	days, hour int
	civic.Activity
}{
	{0, 0, civic.Activity{Title: "路口文明劝导", TitleEN: "Traffic courtesy", Platform: "customs",
		Spots: []civic.Spot{{Place: "石桥路口", PlaceEN: "Shiqiao crossing", Kiosks: []string{"SQ01"}}},
		Posts: []civic.Post{{Name: "劝导员", NameEN: "Steward", Wanted: 15}}}},
	{0, 0, civic.Activity{Title: "清洁家园", TitleEN: "Village clean-up", Platform: "customs",
		Spots: []civic.Spot{{Place: "柳河村口", PlaceEN: "Liuhe village gate", Kiosks: []string{"LH01"}}}}},
	{1, 9, civic.Activity{Title: "敬老院理发", TitleEN: "Haircuts at the old people's home", Platform: "education",
		Spots: []civic.Spot{{Place: "清溪镇敬老院", PlaceEN: "Qingxi old people's home", Kiosks: []string{"SQ01"}}},
		Posts: []civic.Post{{Name: "理发师", NameEN: "Hairdresser", Wanted: 3, Needs: "会理发"}, {Name: "帮手", NameEN: "Helper", Wanted: 6}}}},
	{2, 14, civic.Activity{Title: "红白理事会议事", TitleEN: "Village customs council", Platform: "customs",
		Spots: []civic.Spot{{Place: "柳河村委会", PlaceEN: "Liuhe village office", Kiosks: []string{"LH01"}}}}},
	{3, 19, civic.Activity{Title: "戏曲下乡", TitleEN: "Opera comes to the village", Platform: "culture",
		Spots: []civic.Spot{{Place: "石桥村大礼堂", PlaceEN: "Shiqiao hall", Kiosks: []string{"SQ01"}}},
		Posts: []civic.Post{{Name: "引导员", NameEN: "Usher", Wanted: 20}}}},
}

// goOn sees to it that people can check in at each village, and that there are some to
// come. It is called at the start, and whenever the clocks have moved.
func (c *demoCenter) goOn(ctx context.Context) error {
	now := c.w.now().In(demo.Zone)
	today := ledger.DayOf(now)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, demo.Zone)
	known, err := c.book.ShiftsOn(ctx, []string{demo.Town}, midnight, midnight.AddDate(0, 0, 8), store.MaxShiftsShown)
	if err != nil {
		return err
	}
	for _, d := range demoActivities {
		start := int64(d.hour * 60)
		if d.days == 0 {
			start = int64(now.Sub(midnight)/(10*time.Minute)*10) + 10 // nothing is published that has begun
		}
		there := false
		for _, s := range known {
			there = there || s.Title == d.Title && (d.days > 0 || now.Before(time.Unix(s.End, 0).Add(-demoLasts/2)))
		}
		if there || start+int64(demoLasts/time.Minute) >= 24*60 { // late in the evening none begins
			continue
		}
		day := today + ledger.Day(d.days)
		d.Times = civic.Recurrence{From: day, To: day, Start: start, End: start + int64(demoLasts/time.Minute)}
		if err := c.publish(ctx, d.Activity); err != nil {
			return err
		}
	}
	return nil
}

// publish goes the way of every activity: it is planned, reviewed by somebody else, and
// told to the kiosks.
func (c *demoCenter) publish(ctx context.Context, activity civic.Activity) (err error) {
	if activity.ID, err = c.book.NewActivityID(); err != nil {
		return err
	}
	shifts := activity.Shifts(demo.Town, demo.Zone)
	rules := civic.Policy{}.WithDefaults()
	at := strings.ToUpper("http://" + c.local.Addr().String())
	for i := range shifts {
		shifts[i].Codes, shifts[i].Tickets = at+"/C/", at+"/P/"
		shifts[i].CheckEarly, shifts[i].CheckLate = rules.EarlyMinutes*60, rules.LateMinutes*60
	}
	planner, officer := store.As(ctx, demoPlanner), store.As(ctx, demoOfficer)
	if err := c.book.SaveActivity(planner, 0, store.Activity{Activity: activity, Scope: demo.Town}, nil); err != nil {
		return err
	}
	if err := c.book.MoveActivity(officer, 1, demo.Town, activity.ID, store.ActivityReviewed, "", nil); err != nil {
		return err
	}
	return c.book.MoveActivity(officer, 2, demo.Town, activity.ID, store.ActivityPublished, "", shifts)
}
