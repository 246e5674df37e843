package demo

import (
	"sync/atomic"
	"time"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// Hours lets the county's clocks run ahead of the machine's, so that nobody has to
// wait two hours for the end of an activity. They never go back.
type Hours struct{ ahead atomic.Int64 }

// Ahead is how far they are.
func (h *Hours) Ahead() time.Duration { return time.Duration(h.ahead.Load()) }

// Pass moves every clock on.
func (h *Hours) Pass(d time.Duration) { h.ahead.Add(int64(max(0, d))) }

// Now is the time in the county.
func (h *Hours) Now() time.Time { return time.Now().Add(h.Ahead()) }

// Clock is the machine's clock as the county's kiosks read it.
func (h *Hours) Clock(machine store.Clock) store.Clock { return clock{machine, h} }

type clock struct {
	store.Clock
	hours *Hours
}

// Now reads the clock. It is the center's as well, so it is as right as a clock can be
// here, whatever the machine's own is.
func (c clock) Now() store.Instant {
	now, ahead := c.Clock.Now(), c.hours.Ahead().Milliseconds()
	now.Quality = ledger.ClockSynced
	now.WallMS += ahead
	now.MonoMS += ahead
	return now
}

// The county's day: whoever starts the demo at night comes to a morning, because an
// activity lasts two hours and ends on its day. One that has begun by nightFrom has.
const dayBegins, dayEnds, opens, nightFrom = 7, 20, 9, 22

// ToDaytime moves the clocks on to the next morning, unless it is day already.
func (h *Hours) ToDaytime(zone *time.Location) {
	now := h.Now().In(zone)
	if now.Hour() < dayBegins || now.Hour() >= dayEnds {
		h.Pass(toMorning(now))
	}
}

// PassTwo moves the clocks on by two hours, in which an activity ends, and at night to
// the next morning.
func (h *Hours) PassTwo(zone *time.Location) {
	if now := h.Now().In(zone); night(now) {
		h.Pass(toMorning(now))
		return
	}
	h.Pass(2 * time.Hour)
}

func night(now time.Time) bool { return now.Hour() < dayBegins || now.Hour() >= nightFrom }

func toMorning(now time.Time) time.Duration {
	morning := time.Date(now.Year(), now.Month(), now.Day(), opens, 0, 0, 0, now.Location())
	if morning.Before(now) {
		morning = morning.AddDate(0, 0, 1)
	}
	return morning.Sub(now)
}
