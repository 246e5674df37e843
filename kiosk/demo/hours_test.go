package demo

import (
	"testing"
	"time"

	"yizhan/kiosk/store"
)

func TestNightIsPassedOver(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	for hour := range 24 {
		var h Hours
		now := time.Now().In(zone)
		h.Pass(time.Date(now.Year(), now.Month(), now.Day()+1, hour, 30, 0, 0, zone).Sub(now))
		before := h.Now()
		h.ToDaytime(zone)
		got := h.Now().In(zone)
		if got.Hour() < dayBegins || got.Hour() >= dayEnds || got.Before(before) || got.Sub(before) > 13*time.Hour {
			t.Errorf("%v becomes %v", before.In(zone), got)
		}
		if day := hour >= dayBegins && hour < dayEnds; day && got.Sub(before) > time.Second {
			t.Errorf("%v is day, and becomes %v", before.In(zone), got)
		}
	}
}

// The key moves the clocks by two hours, but never into a night's activity.
func TestTwoHoursOrTheMorning(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	for hour := range 24 {
		var h Hours
		now := time.Now().In(zone)
		h.Pass(time.Date(now.Year(), now.Month(), now.Day()+1, hour, 59, 0, 0, zone).Sub(now))
		before := h.Now().In(zone)
		h.PassTwo(zone)
		got := h.Now().In(zone)
		if night(before) && (got.Hour() != opens || got.Sub(before) > 12*time.Hour) || !night(before) && got.Sub(before).Round(time.Minute) != 2*time.Hour {
			t.Errorf("%v becomes %v", before, got)
		}
	}
}

// Both clocks of a kiosk move on together, or a stay would be of unproven time.
func TestAllClocksPass(t *testing.T) {
	var h Hours
	clock := h.Clock(store.NewSystemClock())
	before := clock.Now()
	h.Pass(2 * time.Hour)
	h.Pass(-time.Hour)
	after := clock.Now()
	want := (2 * time.Hour).Milliseconds()
	if wall, mono := after.WallMS-before.WallMS, after.MonoMS-before.MonoMS; wall < want || mono < want || wall > want+60_000 || mono > want+60_000 {
		t.Errorf("wall %d ms, mono %d ms", wall, mono)
	}
	if h.Ahead() != 2*time.Hour {
		t.Errorf("%v ahead", h.Ahead())
	}
}
