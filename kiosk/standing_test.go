package kiosk

import (
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/link"
)

// What the center has against a kiosk, and whether its books stand still for it.
func TestWrong(t *testing.T) {
	for _, c := range []struct {
		st     link.State
		reason link.Reason
		still  bool
	}{
		{link.State{}, "", false},
		{link.State{Online: true}, "", false},
		{link.State{Refused: link.Refused{Reason: link.ReasonBusy}}, "", false},
		{link.State{Refused: link.Refused{Reason: link.ReasonElsewhere}}, "", false},
		{link.State{Refused: link.Refused{Reason: link.ReasonUnknown}}, link.ReasonUnknown, false},
		{link.State{Online: true, Refused: link.Refused{Reason: link.ReasonUnknown}}, "", false},
		{link.State{Quarantine: link.Quarantine{Reason: link.ReasonReplaced}, Refused: link.Refused{Reason: link.ReasonReplaced}}, link.ReasonReplaced, true},
		{link.State{Online: true, Quarantine: link.Quarantine{Reason: link.ReasonFork}}, link.ReasonFork, true},
	} {
		if reason, still := wrong(c.st); reason != c.reason || still != c.still {
			t.Errorf("%+v: %q, %v", c.st, reason, still)
		}
	}
}

// Each reason that package link knows has words in both languages; one from a later
// center has words too.
func TestReasonsHaveWords(t *testing.T) {
	v := newVillage(t)
	for lang, texts := range v.texts {
		other := wrongText(texts, "from-the-future", "what")
		for _, reason := range append(dismissals, link.ReasonFork, link.ReasonGap, link.ReasonForged, link.ReasonRegressed, link.ReasonOfficer) {
			for _, of := range []string{"what", "next"} {
				if !texts.Has("center." + string(reason) + "." + of) {
					t.Errorf("%s: no text for %s.%s", lang, reason, of)
				}
			}
		}
		if other == "" || wrongText(texts, link.ReasonFork, "what") == other {
			t.Errorf("%s: %q", lang, other)
		}
	}
}

func TestSinceText(t *testing.T) {
	v := newVillage(t)
	texts := v.texts[assets.English]
	now := time.UnixMilli(v.clock.Now().WallMS).In(v.cfg.Zone)
	if got := v.offlineText(texts, now); got != "Offline since "+now.Format("15:04") {
		t.Error(got)
	}
	if got := v.offlineText(texts, now.AddDate(0, 0, -3)); got != "Offline since "+now.AddDate(0, 0, -3).Format("2 Jan") {
		t.Error(got)
	}
	if got := v.offlineText(texts, time.Time{}); got != "Offline" {
		t.Error(got)
	}
}
