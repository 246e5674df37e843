package kiosk

import (
	"testing"

	"pgregory.net/rapid"

	"yizhan/ledger"
	"yizhan/link"
)

// accountOf is an account of one lot.
func accountOf(granted, spent, returned ledger.Points) ledger.Account {
	return ledger.Account{Rights: []ledger.Right{{Expires: 20000, Granted: granted, Spent: spent, Returned: returned}}}
}

func TestFunds(t *testing.T) {
	here := accountOf(300, 0, 0)
	heard := whereabouts{granted: 300, free: 400, elsewhere: []link.Holding{{Kiosk: "B", Points: 500, Online: true}, {Kiosk: "C", Points: 60}}}
	for _, c := range []struct {
		name           string
		w              whereabouts
		account        ledger.Account
		online         bool
		here, now, all ledger.Points
		first          string // of those away
	}{
		{"nothing heard", whereabouts{granted: 300}, here, true, 300, 300, 300, "-"},
		{"all but what is offline", heard, here, true, 300, 1200, 1260, "C"},
		{"offline: what is here", heard, here, false, 300, 300, 1260, "B"},
		{"spent here", heard, accountOf(300, 100, 0), true, 200, 1100, 1160, "C"},
		{"recalled from here: where it went is not known", heard, accountOf(300, 0, 50), true, 250, 1150, 1210, "C"},
		{"what came here since was free", heard, accountOf(450, 0, 0), true, 450, 1200, 1260, "C"},
		{"what came here since was elsewhere, too", heard, accountOf(1250, 0, 0), true, 1250, 1250, 1260, "C"},
		{"what was refused", heard.refused(), here, true, 300, 300, 1260, "B"},
		{"what was refused and came late", whereabouts{granted: 300, free: 500, elsewhere: []link.Holding{{Kiosk: "B", Points: 400, Online: true}},
			kept: map[string]ledger.Points{"": 400, "B": 500}}, here, true, 300, 400, 1200, ""},
	} {
		f := c.w.funds(c.account, c.online)
		if f.Here != c.here || f.Now() != c.now || f.All() != c.all {
			t.Errorf("%s: %d here, %d now, %d in all; want %d, %d, %d", c.name, f.Here, f.Now(), f.All(), c.here, c.now, c.all)
		}
		first := "-"
		if len(f.Away) > 0 {
			first = f.Away[0].Kiosk
		}
		if first != c.first {
			t.Errorf("%s: most is away at %q, want %q", c.name, first, c.first)
		}
	}
}

// TestFundsOfferNoMoreThanThereIs: a center, this kiosk and another, and everything
// that can happen to the points of one volunteer while the last answer grows old. As
// long as only this kiosk and the center act, what the page offers can be had; and
// whatever the others do, what is offered as certain can be.
func TestFundsOfferNoMoreThanThereIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := func(name string) ledger.Points { return ledger.Points(rapid.Int64Range(0, 500).Draw(t, name)) }
		var granted, spent, returned ledger.Points
		free, other := points("free"), points("other")
		online := rapid.Bool().Draw(t, "the other kiosk is online")
		var w whereabouts
		stale, heard := false, false
		ask := func() {
			w = whereabouts{granted: granted, free: free, elsewhere: []link.Holding{{Kiosk: "B", Points: other, Online: online}}}
			stale, heard = false, true
		}
		t.Repeat(map[string]func(*rapid.T){
			"ask": func(*rapid.T) { ask() },
			"granted": func(t *rapid.T) {
				n := min(points("granted"), free)
				free, granted = free-n, granted+n
			},
			"topped up from the other": func(t *rapid.T) {
				n := min(points("topped up"), free+other)
				if !online {
					n = min(n, free)
				}
				first := min(n, free)
				free, other, granted = free-first, other-(n-first), granted+n
			},
			"spent here": func(t *rapid.T) { spent += min(points("spent"), granted-spent-returned) },
			"recalled": func(t *rapid.T) {
				n := min(points("recalled"), granted-spent-returned)
				returned, other = returned+n, other+n
			},
			"spent there": func(t *rapid.T) { other, stale = other-min(points("there"), other), true },
			"went there": func(t *rapid.T) {
				n := min(points("went"), free)
				free, other, stale = free-n, other+n, stale || !online
			},
			"": func(t *rapid.T) {
				f := w.funds(accountOf(granted, spent, returned), true)
				here := granted - spent - returned
				if f.Here != here {
					t.Fatalf("%d offered as certain, %d are here", f.Here, here)
				}
				have := here + free
				if online {
					have += other
				}
				if heard && !stale && f.Now() > have {
					t.Fatalf("%d offered, %d can be had", f.Now(), have)
				}
				if off := w.funds(accountOf(granted, spent, returned), false); off.Now() != here {
					t.Fatalf("%d offered offline, %d are here", off.Now(), here)
				}
				if f.Beyond < 0 || f.Apart() < 0 {
					t.Fatalf("funds %+v", f)
				}
			},
		})
	})
}
