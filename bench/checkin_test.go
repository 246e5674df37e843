package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// pupils are how many arrive at once.
const pupils = 500

// BenchmarkCheckIn lets a school arrive at one kiosk, each with a card: how many check in
// in a second, beside one raw write and fdatasync of the same size each, and how long the
// number of those who have come takes, which the screen shows after each. The rule of two
// seconds between two cards is kept by a clock that runs faster.
func BenchmarkCheckIn(b *testing.B) {
	floor := openFloor(b)
	var ours, raw, count []time.Duration
	for b.Loop() {
		s, shift := dutyKiosk(b)
		for i := range pupils {
			raw = append(raw, timed(func() { floor.write(b) }))
			ours = append(ours, timed(func() { swipe(b, s, shift, volunteerID(i)) }))
			count = append(count, timed(func() {
				if n, _, err := s.Counts(shift); err != nil || n != i+1 {
					b.Fatalf("%d have come, want %d: %v", n, i+1, err)
				}
			}))
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	one, least := median(ours), median(raw)
	b.ReportMetric(float64(len(ours))/total(ours).Seconds(), "checkins/s")
	b.ReportMetric(float64(one.Microseconds()), "checkin-us")
	b.ReportMetric(float64(least.Microseconds()), "fdatasync-us")
	b.ReportMetric(float64(one)/float64(least), "x-fdatasync")
	b.ReportMetric(float64(count[len(count)-1].Microseconds()), "count-500-us")
}

func total(list []time.Duration) (sum time.Duration) {
	for _, d := range list {
		sum += d
	}
	return sum
}

// fastClock lets three seconds pass between two looks at it.
type fastClock struct{ looks atomic.Int64 }

var dutyBegins = time.Date(2026, 5, 20, 8, 0, 0, 0, time.UTC)

func (c *fastClock) Now() store.Instant {
	passed := c.looks.Add(1) * 3_000 % (2 * 3600 * 1000)
	return store.Instant{WallMS: dutyBegins.UnixMilli() + passed, MonoMS: c.looks.Load() * 3_000, Boot: [8]byte{1}, Quality: ledger.ClockSynced}
}

// dutyKiosk is a kiosk that knows a school of volunteers and a shift.
func dutyKiosk(b *testing.B) (*store.Store, ledger.ID) {
	b.Helper()
	cfg := config(b.TempDir())
	cfg.Epoch, cfg.Clock = 1, &fastClock{}
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	start := dutyBegins.Unix()
	shift := civic.Shift{ID: ledger.ID{9}, Version: 1, Activity: ledger.ID{8}, Title: "校园清洁日", Place: "操场", Scope: "town", Start: start, End: start + 7200, Kiosks: []string{benchKiosk}}
	docs := []civic.Document{{Station: &civic.Station{Version: 1, Kiosk: benchKiosk, Name: "学校"}}, {Shift: &shift}}
	for i := range pupils {
		docs = append(docs, civic.Document{Volunteer: &civic.Volunteer{ID: volunteerID(i), Version: 1, Name: fmt.Sprint("张", i), Linked: true}})
	}
	var lines []json.RawMessage
	for _, d := range docs {
		line, err := json.Marshal(d)
		if err != nil {
			b.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := s.Apply(context.Background(), "era", "town", 1, lines); err != nil {
		b.Fatal(err)
	}
	return s, shift.ID
}

func swipe(b *testing.B, s *store.Store, shift, who ledger.ID) {
	if _, err := s.CheckIn(context.Background(), store.Check{Key: newKey(), Shift: shift, Who: who, By: ledger.CheckCard}); err != nil {
		b.Fatal(err)
	}
}
