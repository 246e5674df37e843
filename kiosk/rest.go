package kiosk

import (
	"strings"

	"yizhan/ledger"
	"yizhan/link"
)

// rest says, where points are shown, what is known of those that cannot be had now,
// or why nothing is.
type rest struct {
	State, Icon string
	Text, Short string
}

// restOf is nil when all that there is can be had now, and that is certain.
func (s *Server) restOf(a *ask, f funds) *rest {
	pairs := []any{"here", number(f.Here), "n", number(f.Apart()), "where", s.placesText(a, f.Away)}
	say := func(icon, key string) *rest {
		return &rest{"off", icon, s.text(a, "rest."+key, pairs...), s.text(a, "rest."+key+".short")}
	}
	switch {
	case f.Link == linkHalted:
		halted := say("error", "halted")
		halted.State = "error"
		return halted
	case f.Link == linkAsking:
		return say("clock", "asking")
	case f.Link == linkSilent:
		return say("offline", "silent")
	case f.Link == linkOffline && f.Apart() > 0:
		return say("offline", "offline_known")
	case f.Link == linkOffline && f.Told:
		return say("offline", "offline_all")
	case f.Link == linkOffline:
		return say("offline", "offline")
	case f.Apart() > 0:
		return say("offline", "away")
	}
	return nil
}

// placesText names where points are, the most first, and not more places than a
// person keeps in mind.
func (s *Server) placesText(a *ask, places []link.Holding) string {
	var names []string
	for _, h := range places[:min(len(places), maxPlaces)] {
		if h.Kiosk == "" {
			names = append(names, s.text(a, "rest.center"))
			continue
		}
		names = append(names, or(h.Name, s.text(a, "rest.kiosk", "kiosk", h.Kiosk)))
	}
	text := strings.Join(names, s.text(a, "rest.and"))
	if len(places) > maxPlaces {
		text += s.text(a, "rest.more")
	}
	return text
}

// wanting is how many points of a cost are missing here, and must come first.
func (f funds) wanting(cost ledger.Points) ledger.Points { return max(0, cost-f.Here) }
