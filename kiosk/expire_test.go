package kiosk

import (
	"testing"
	"time"

	"yizhan/ledger"
)

// TestReturnExpired holds that expired points go back when the clock is known to
// be right, and only then.
func TestReturnExpired(t *testing.T) {
	v := newVillage(t)
	balance := func() ledger.Points {
		a, err := v.cfg.Store.Account(id(zhang))
		if err != nil {
			t.Fatal(err)
		}
		return a.Spendable()
	}
	lastDay := time.Date(2026, 12, 31, 23, 59, 0, 0, v.cfg.Zone)
	for _, c := range []struct {
		what    string
		at      time.Time
		quality ledger.Quality
		want    ledger.Points
	}{
		{"the clock is unproven", lastDay.Add(time.Hour), ledger.ClockUnknown, 1260},
		{"a person set the clock", lastDay.Add(time.Hour), ledger.ClockHuman, 1260},
		{"the last day is not over", lastDay, ledger.ClockSynced, 1260},
		{"the first lot has expired", lastDay.Add(2 * time.Minute), ledger.ClockSynced, 1060},
		{"nothing more has", lastDay.AddDate(0, 6, 0), ledger.ClockSynced, 1060},
	} {
		v.clock.set(c.at, c.quality)
		v.returnExpired(t.Context())
		if got := balance(); got != c.want {
			t.Errorf("%s: balance %d, want %d", c.what, got, c.want)
		}
	}
}
