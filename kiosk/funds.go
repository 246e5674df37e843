package kiosk

import (
	"encoding/json"
	"maps"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// funds is what a volunteer can have at this kiosk now, and what there is besides.
type funds struct {
	Here   ledger.Points  // spendable by the own book: certain, with a network or without
	Beyond ledger.Points  // to be had for the asking: free at the center, or at kiosks that are online
	Away   []link.Holding // where nobody can be asked now, the largest first; no kiosk: at the center
	Told   bool           // the center has said, now or earlier, where the rest is
	Link   linkState
}

// linkState is what a volunteer's points elsewhere are known by.
type linkState string

// States of the link, for one volunteer.
const (
	linkNone    linkState = ""        // the kiosk stands alone, or the volunteer's points are all here
	linkAsking  linkState = "asking"  // the center has not answered yet
	linkKnown   linkState = "known"   // it has, in this visit
	linkSilent  linkState = "silent"  // it did not in time, or could not
	linkOffline linkState = "offline" // it cannot be asked
	linkHalted  linkState = "halted"  // the center has stopped this kiosk's book
)

func (f funds) equal(g funds) bool {
	return f.Here == g.Here && f.Beyond == g.Beyond && f.Told == g.Told && f.Link == g.Link && slices.Equal(f.Away, g.Away)
}

// Now is what can be had now.
func (f funds) Now() ledger.Points { return f.Here + f.Beyond }

// Apart is what cannot be had now, as far as it is known.
func (f funds) Apart() (n ledger.Points) {
	for _, h := range f.Away {
		n += h.Points
	}
	return n
}

// All is everything that the volunteer has.
func (f funds) All() ledger.Points { return f.Now() + f.Apart() }

// whereabouts is what the center said of the points that one volunteer has not here.
type whereabouts struct {
	granted   ledger.Points            // to this kiosk in all, when that was said
	free      ledger.Points            // at the center
	elsewhere []link.Holding           // at other kiosks
	kept      map[string]ledger.Points // by kiosk: what it did not give when it was asked in this visit
}

// heardFrom reads an answer. The grant in it tells up to where the rest counts; an
// answer without one is taken for older than anything granted since asked.
func heardFrom(a link.Answer, asked ledger.Points) whereabouts {
	w := whereabouts{granted: asked, free: a.Free, elsewhere: a.Elsewhere}
	for _, raw := range a.Documents {
		var d civic.Document
		if json.Unmarshal(raw, &d) != nil || d.Grant == nil {
			continue
		}
		w.granted = 0
		for _, l := range d.Grant.Lots {
			w.granted += l.Granted
		}
	}
	return w
}

// refused notes, after points were asked for and not enough came, that the rest is not
// to be had: kiosks online were slow or keep it for goods that wait there, and what is
// free at the center may be more than may lie at this kiosk.
func (w whereabouts) refused() whereabouts {
	w.kept = maps.Clone(w.kept)
	if w.kept == nil {
		w.kept = make(map[string]ledger.Points)
	}
	w.kept[""] = w.free
	for _, h := range w.elsewhere {
		if h.Online {
			w.kept[h.Kiosk] = h.Points
		}
	}
	return w
}

// keeping takes over what earlier questions of the same visit were refused.
func (w whereabouts) keeping(before whereabouts) whereabouts {
	w.kept = before.kept
	return w
}

// places lists where the rest is, in the order in which the center looks there.
func (w whereabouts) places() []link.Holding {
	list := []link.Holding{{Points: w.free, Online: true}}
	for _, online := range []bool{true, false} {
		for _, h := range w.elsewhere {
			if h.Online == online {
				list = append(list, h)
			}
		}
	}
	return list
}

// funds sums up an account here with what was heard of the rest. What has been
// granted here since then was among the rest, and is not counted twice: it came from
// what was free, then from kiosks online.
func (w whereabouts) funds(account ledger.Account, online bool) funds {
	f := funds{Here: account.Spendable()}
	came := max(0, account.Granted()-w.granted)
	take := func(n ledger.Points) ledger.Points {
		left := max(0, n-came)
		came = max(0, came-n)
		return left
	}
	for _, h := range w.places() {
		h.Points = take(h.Points)
		if online && h.Online {
			had := max(0, h.Points-w.kept[h.Kiosk])
			f.Beyond += had
			h.Points -= had
		}
		if h.Points > 0 {
			f.Away = append(f.Away, h)
		}
	}
	slices.SortStableFunc(f.Away, func(a, b link.Holding) int { return int(b.Points - a.Points) })
	return f
}
