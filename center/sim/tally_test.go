package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tally counts what happened in worlds.
type tally struct {
	steps, kiosks, people int
	// Redemptions that somebody asked for who had the points somewhere, and those
	// that were answered with goods, by whether the kiosk was online.
	offered, served [2]int
	events          map[string]int
	violations      int
}

func (s *tally) count(event string) {
	if s.events == nil {
		s.events = make(map[string]int)
	}
	s.events[event]++
}

func (s *tally) add(o tally) {
	s.steps, s.kiosks, s.people = s.steps+o.steps, s.kiosks+o.kiosks, s.people+o.people
	for i := range s.offered {
		s.offered[i] += o.offered[i]
		s.served[i] += o.served[i]
	}
	s.violations += o.violations
	for event, n := range o.events {
		if s.events == nil {
			s.events = make(map[string]int)
		}
		s.events[event] += n
	}
}

func (s *tally) report(first uint64, seeds int) string {
	rate := func(i int) string {
		if s.offered[i] == 0 {
			return "none"
		}
		return fmt.Sprintf("%d of %d, %.2f", s.served[i], s.offered[i], float64(s.served[i])/float64(s.offered[i]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "seeds %d to %d: %d kiosks, %d people, %d steps\n", first, first+uint64(seeds)-1, s.kiosks, s.people, s.steps)
	fmt.Fprintf(&b, "redemptions served online: %s; offline: %s (had the center to be asked: none)\n", rate(1), rate(0))
	for _, event := range slices.Sorted(maps.Keys(s.events)) {
		fmt.Fprintf(&b, "%7d %s\n", s.events[event], event)
	}
	fmt.Fprintf(&b, "violations: %d\n", s.violations)
	return b.String()
}
