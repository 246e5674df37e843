package bench

import (
	"slices"
	"testing"
	"time"
)

// BenchmarkSearch measures the slowest of a hundred staff searches among
// 100,000 volunteers: by initials and by the tail of a number.
func BenchmarkSearch(b *testing.B) {
	const people = 100_000
	s := station(b, b.TempDir(), people)
	queries := []string{"w", "zw", "zha", "lcy", "0042", "99999", "1234", "xsm", "yyy", "00007"}
	var times []time.Duration
	for b.Loop() {
		for _, q := range queries {
			times = append(times, timed(func() {
				if _, err := s.Search(q, 20); err != nil {
					b.Fatal(err)
				}
			}))
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Nanoseconds())/1000, "p99-us")
	b.ReportMetric(float64(times[len(times)/2].Nanoseconds())/1000, "p50-us")
}
