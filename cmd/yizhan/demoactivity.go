package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/demo"
	"yizhan/ledger"
)

// demoLasts is how long the demo's activity goes on, and how far its clocks can be
// moved at once.
const demoLasts = 2 * time.Hour

// demoTimes are the activities of the demo: one that goes on now in each village, and
// some to claim a post of. Start is in days from today and hours of the day; of what
// goes on now it is not looked at.
var demoTimes = []struct {
	kiosk       string
	day, hour   int
	title, in   string
	place, at   string
	post, needs string
	wanted      int64
}{
	{"SQ01", 0, 0, "路口文明劝导", "Traffic courtesy", "石桥路口", "Shiqiao crossing", "劝导员", "", 15},
	{"LH01", 0, 0, "清洁家园", "Village clean-up", "柳河村口", "Liuhe village gate", "清洁员", "", 10},
	{"SQ01", 1, 9, "敬老院理发", "Haircuts at the old people's home", "清溪镇敬老院", "Qingxi old people's home", "理发师", "会理发", 3},
	{"LH01", 2, 14, "红白理事会议事", "Village customs council", "柳河村委会", "Liuhe village office", "", "", 0},
	{"SQ01", 3, 19, "戏曲下乡", "Opera comes to the village", "石桥村大礼堂", "Shiqiao hall", "引导员", "", 20},
}

// goOn sees to it that an activity goes on in each village, and that there are some to
// come. It is called at the start, and whenever the clocks have moved.
func (c *demoCenter) goOn(ctx context.Context) error {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		return err
	}
	now := c.w.now().In(zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	known, err := c.book.ShiftsOn(ctx, []string{demo.Town}, today, today.AddDate(0, 0, 8), len(demoTimes)*10)
	if err != nil {
		return err
	}
	for _, d := range demoTimes {
		start := today.AddDate(0, 0, d.day).Add(time.Duration(d.hour) * time.Hour)
		if d.day == 0 {
			start = now.Truncate(10 * time.Minute)
		}
		there := false
		for _, s := range known {
			soon := d.day > 0 || s.Start <= now.Unix() && now.Unix() < s.End
			there = there || s.Title == d.title && soon
		}
		if there {
			continue
		}
		s := civic.Shift{Title: d.title, TitleEN: d.in, Platform: "customs", Place: d.place, PlaceEN: d.at, Start: start.Unix(), End: start.Add(demoLasts).Unix(),
			Kiosks: []string{d.kiosk}, CheckEarly: 30 * 60, CheckLate: 60 * 60, Codes: c.phones("C"), Tickets: c.phones("P")}
		if d.post != "" {
			s.Posts = []civic.Post{{Name: d.post, Wanted: d.wanted, Needs: d.needs}}
		}
		for _, id := range []*ledger.ID{&s.ID, &s.Activity} {
			if _, err := io.ReadFull(c.w.random, id[:]); err != nil {
				return fmt.Errorf("reading randomness: %w", err)
			}
		}
		if err := c.book.PutShift(ctx, demo.Town, s); err != nil {
			return err
		}
	}
	return nil
}

// phones is the address of the center's pages for phones in the capitals of a QR code.
// In the demo a phone is a small window on this machine.
func (c *demoCenter) phones(page string) string {
	return strings.ToUpper("http://"+c.local.Addr().String()) + "/" + page + "/"
}
