package center

import (
	"sync/atomic"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// Two kiosks, one county: what is written reaches them, what they spend comes up,
// and points follow their volunteer from one to the other within a second.
func TestPointsFollowTheirVolunteer(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home, away := w.kiosk(p, "QX-01", "qingxi"), w.kiosk(p, "LH-01", "lianhua")
		home.connect(w.keys.Pin(), p.at)
		away.connect(w.keys.Pin(), p.at)
		w.online(home, away)
		v := w.person(1, "QX-01")
		w.soon("the document", func() bool { return home.knows(v) })
		w.soon("being seen", func() bool { k, _, err := w.Kiosk(t.Context(), "QX-01"); return err == nil && !k.Seen.IsZero() })
		w.earn(v, 100)
		w.soon("the grant", func() bool { return home.spendable(v) == 100 })
		w.must(home.spend(v, 30))
		w.drained(home)

		// At the other kiosk: nobody knows the card there, and then the points come.
		a, err := away.Identify(t.Context(), civic.CardID{1})
		if err != nil || a.Outcome != link.OutcomeOK || !away.knows(v) {
			t.Fatalf("%+v, %v", a, err)
		}
		a, err = away.TopUp(t.Context(), v, 0, 0)
		if err != nil || a.Outcome != link.OutcomeOK || a.Free != 0 || len(a.Elsewhere) != 1 || a.Elsewhere[0] != (link.Holding{Kiosk: "QX-01", Name: "QX-01站", Points: 70, Online: true}) || len(a.Documents) != 0 {
			t.Fatalf("asking alone: %+v, %v", a, err)
		}
		start := time.Now()
		a, err = away.TopUp(t.Context(), v, 0, 50)
		if err != nil || a.Outcome != link.OutcomeOK || away.spendable(v) != 50 || home.spendable(v) != 20 {
			t.Fatalf("%+v, %v; %d there, %d at home", a, err, away.spendable(v), home.spendable(v))
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("the top-up took %v", took)
		}
		w.must(away.spend(v, 50))
		w.drained(home, away)
		w.closed(100)

		// Nobody's card, and a volunteer who is nobody.
		if a, err := away.Identify(t.Context(), civic.CardID{9}); err != nil || a.Outcome != link.OutcomeUnknown {
			t.Errorf("%+v, %v", a, err)
		}
		if a, err := away.TopUp(t.Context(), ledger.ID{9}, 0, 5); err != nil || a.Outcome != link.OutcomeUnknown {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

// A kiosk that was away for long is granted what its volunteers earned meanwhile
// as soon as it is back.
func TestAKioskThatComesBackIsGranted(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home := w.kiosk(p, "QX-01", "qingxi") // never seen: nothing goes there
		v := w.person(1, "QX-01")
		w.earn(v, 100)
		if free, _, err := w.Holders(t.Context(), v); err != nil || free != 100 {
			t.Fatalf("%d free, %v", free, err)
		}
		home.connect(w.keys.Pin(), p.at)
		w.soon("the grant", func() bool { return home.spendable(v) == 100 })
		w.closed(100)
	})
}

// The center is stopped between two steps of the kiosk, and another one starts on
// the same database: nothing is lost and nothing is counted twice.
func TestTheCenterStopsAndStarts(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home := w.kiosk(p, "QX-01", "qingxi")
		v := w.person(1, "QX-01")
		home.connect(w.keys.Pin(), p.at)
		w.online(home)
		w.soon("being seen", func() bool { k, _, err := w.Kiosk(t.Context(), "QX-01"); return err == nil && !k.Seen.IsZero() })
		w.earn(v, 100)
		w.soon("the grant", func() bool { return home.spendable(v) == 100 })
		for range 3 {
			w.must(home.spend(v, 10))
			p.stop()
			w.must(home.spend(v, 10)) // offline, from its own rights
			w.soon("being offline", func() bool { return !home.State().Online })
			w.earn(v, 5)
			p = w.serve(p.address)
			w.soon("the grant", func() bool { return home.granted(v) == ledger.Points(100+5*int(w.gifts-1)) })
		}
		w.drained(home)
		if home.spendable(v) != 55 {
			t.Errorf("%d are left", home.spendable(v))
		}
		w.closed(115)
	})
}

// What an officer decides at the command line reaches a connected kiosk at once.
func TestDecisionsReachConnectedKiosks(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home := w.kiosk(p, "QX-01", "qingxi")
		stop := home.connect(w.keys.Pin(), p.at)
		w.online(home)
		w.must(w.Store.Quarantine(t.Context(), "QX-01", 1, reasonText(link.Quarantine{Reason: link.ReasonOfficer, Text: "查账"})))
		w.soon("the quarantine", func() bool {
			return home.State().Quarantine == link.Quarantine{Reason: link.ReasonOfficer, Text: "查账"}
		})
		v := w.person(1, "QX-01")
		if a, err := home.TopUp(t.Context(), v, 0, 5); err != nil || a.Outcome != link.OutcomeRefused {
			t.Errorf("a top-up in quarantine: %+v, %v", a, err)
		}
		w.must(w.Reopen(t.Context(), "QX-01", 1, "李科"))
		w.soon("its end", func() bool { return home.State().Quarantine.Reason == "" })

		w.must(w.Revoke(t.Context(), "QX-01"))
		w.soon("being revoked", func() bool { return home.State().Refused.Reason == link.ReasonRevoked })
		stop()
		w.enrol(p, home, "QX-01") // the same box once more: a new epoch
		home.connect(w.keys.Pin(), p.at)
		w.online(home)
		if head, _ := home.Head(); head.Epoch != 2 {
			t.Errorf("epoch %d", head.Epoch)
		}
		other := newBox(t)
		w.enrol(p, other, "QX-01")
		w.soon("being replaced", func() bool { return home.State().Refused.Reason == link.ReasonReplaced })
	})
}

// A box whose disk was copied: the chain forks, and both screens say so.
func TestAForkIsQuarantined(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home := w.kiosk(p, "QX-01", "qingxi")
		v := w.person(1, "QX-01")
		stop := home.connect(w.keys.Pin(), p.at)
		w.online(home)
		w.soon("being seen", func() bool { k, _, err := w.Kiosk(t.Context(), "QX-01"); return err == nil && !k.Seen.IsZero() })
		w.earn(v, 100)
		w.soon("the grant", func() bool { return home.spendable(v) == 100 })
		stop()
		clone := newBox(t)
		clone.key, clone.head, clone.era, clone.at, clone.accounts = home.key, home.head, home.era, home.at, home.accounts
		clone.volunteers = home.volunteers
		clone.accounts = map[ledger.ID]ledger.Account{v: home.accounts[v]}
		w.must(clone.spend(v, 60))
		clone.connect(w.keys.Pin(), p.at)
		w.drained(clone)
		w.must(home.spend(v, 70))
		w.must(home.spend(v, 7))
		home.connect(w.keys.Pin(), p.at)
		w.soon("the quarantine", func() bool { return home.State().Quarantine.Reason == link.ReasonFork })
		w.soon("the center's own", func() bool {
			_, c, err := w.Kiosk(t.Context(), "QX-01")
			return err == nil && c.State == store.ChainQuarantined && quarantineOf(c.Reason).Reason == link.ReasonFork
		})
		w.closed(100)
	})
}

// The database is put back from a copy. Until the kiosk has told what it holds,
// nothing is granted; then the books close again.
func TestARestoredCenterAsksFirst(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home, away := w.kiosk(p, "QX-01", "qingxi"), w.kiosk(p, "LH-01", "lianhua")
		home.connect(w.keys.Pin(), p.at)
		awayStop := away.connect(w.keys.Pin(), p.at)
		w.online(home, away)
		v := w.person(1, "QX-01")
		w.soon("being seen", func() bool { k, _, err := w.Kiosk(t.Context(), "QX-01"); return err == nil && !k.Seen.IsZero() })
		w.earn(v, 100)
		w.soon("the grant", func() bool { return home.spendable(v) == 100 })
		awayStop()
		p.stop()
		w.must(w.Restored(t.Context())) // as if it were a copy
		p = w.serve(p.address)
		w.online(home)
		w.soon("telling", func() bool { k, _, err := w.Kiosk(t.Context(), "QX-01"); return err == nil && !k.Unreported })
		w.earn(v, 10) // the other kiosk has not told: it stays free, and is not offered
		a, err := home.TopUp(t.Context(), v, 100, 10)
		if err != nil || a.Outcome != link.OutcomeOK || a.Free != 0 || home.spendable(v) != 100 {
			t.Errorf("%+v, %v, %d", a, err, home.spendable(v))
		}
		away.connect(w.keys.Pin(), p.at)
		w.online(away)
		w.soon("telling", func() bool { return w.Whole(t.Context()) == nil })
		w.soon("the grant", func() bool {
			_, err := home.TopUp(t.Context(), v, 100, 10)
			return err == nil && home.spendable(v) == 110
		})
		w.must(home.spend(v, 110))
		w.drained(home)
		w.closed(110)
	})
}

// Two processes of one center, a kiosk at each: points are recalled across. One of
// them dies without a word, and its kiosk goes on at the other.
func TestTwoProcessesOfOneCenter(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		one, two := w.serve(""), w.serve("")
		home, away := w.kiosk(one, "QX-01", "qingxi"), w.kiosk(two, "LH-01", "lianhua")
		var at atomic.Value
		at.Store(one.address)
		home.connect(w.keys.Pin(), func() string { return at.Load().(string) })
		away.connect(w.keys.Pin(), two.at)
		w.online(home, away)
		v := w.person(1, "QX-01")
		w.soon("being seen", func() bool { k, _, err := w.Kiosk(t.Context(), "QX-01"); return err == nil && !k.Seen.IsZero() })
		w.earn(v, 100)
		w.soon("the grant", func() bool { return home.spendable(v) == 100 })
		w.soon("knowing each other", func() bool {
			a, err := away.TopUp(t.Context(), v, 0, 0)
			return err == nil && len(a.Elsewhere) == 1 && a.Elsewhere[0].Online
		})
		start := time.Now()
		a, err := away.TopUp(t.Context(), v, 0, 60)
		if err != nil || a.Outcome != link.OutcomeOK || away.spendable(v) != 60 || home.spendable(v) != 40 {
			t.Fatalf("%+v, %v; %d there, %d at home", a, err, away.spendable(v), home.spendable(v))
		}
		t.Logf("points came across in %v", time.Since(start))
		w.must(away.spend(v, 60))
		w.must(home.spend(v, 40))

		at.Store(two.address)
		one.stop()
		w.soon("moving over", func() bool { return two.Link().Connected("QX-01") })
		w.online(home)
		w.earn(v, 10)
		w.soon("the grant", func() bool { return home.spendable(v) == 10 })
		w.drained(home, away)
		w.closed(110)
	})
}

// A kiosk that is where nobody can reach it any more gives nothing, and the one
// who waits is told so in time.
func TestASeatThatNobodySitsOn(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home, away := w.kiosk(p, "QX-01", "qingxi"), w.kiosk(p, "LH-01", "lianhua")
		stop := home.connect(w.keys.Pin(), p.at)
		away.connect(w.keys.Pin(), p.at)
		w.online(home, away)
		v := w.person(1, "QX-01")
		w.soon("being seen", func() bool { k, _, err := w.Kiosk(t.Context(), "QX-01"); return err == nil && !k.Seen.IsZero() })
		w.earn(v, 100)
		w.soon("the grant", func() bool { return home.spendable(v) == 100 })
		stop()
		w.soon("leaving", func() bool { return !p.Link().Connected("QX-01") })
		w.must(w.TakeSeat(t.Context(), "QX-01", "a process that died"))
		w.soon("the seat", func() bool {
			a, err := away.TopUp(t.Context(), v, 0, 0)
			return err == nil && len(a.Elsewhere) == 1 && a.Elsewhere[0].Online
		})
		start := time.Now()
		a, err := away.TopUp(t.Context(), v, 0, 60)
		if err != nil || a.Outcome != link.OutcomeOK || away.spendable(v) != 0 {
			t.Errorf("%+v, %v, %d", a, err, away.spendable(v))
		}
		if took := time.Since(start); took < link.RecallTime || took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
		w.closed(100)
	})
}
