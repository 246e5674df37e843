package store

import (
	"bytes"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// linkedLife is what a center sends to a store that then has every sort of row.
func (w *world) linkedLife() {
	w.t.Helper()
	town := []civic.Document{docGood(testGood(0, 1)), docGood(testGood(1, 1)), civicStaff(0), civicStaff(1)}
	var own []civic.Document
	for n := range 30 {
		town = append(town, linkedVolunteer(n, 1))
		own = append(own, grantTo(n, 300, 700))
	}
	w.apply("center", 9, stationDocument(1))
	w.apply("qingxi", 9, append(town, docShift(testShift(0, 9)), docShift(testShift(45, 9)), docShift(testShift(46, 9)), goneVolunteer(3, 1), goneVolunteer(40, 1),
		gone(civic.GoneShift, shiftID(46).String(), 9))...)
	w.apply(testKiosk, 9, append(own, onTheWay("CCCC2222", 9, twoGoods[:2]...), docAttended(45, 9, 9, 1.7e9, 0), docAttended(45, 8, 9, 1.7e9, 0),
		gone(civic.GoneAttended, docAttended(45, 8, 9, 0, 0).Attended.Key(), 9))...)
}

// attendLife makes every sort of row of check-ins, rosters, claims and objections.
func (w *world) attendLife() {
	w.t.Helper()
	card := Check{Key: newKey(), Shift: shiftID(0), Card: cardOf("volunteer", 70).ID(), By: ledger.CheckCard}
	for _, c := range []Check{byCardOf(0, 5), card, {Key: newKey(), Shift: shiftID(0), By: ledger.CheckWalkIn, Tail: "0421"}} {
		w.clock.pass(time.Minute)
		_, err := w.CheckIn(bg, c)
		w.must(err)
	}
	w.clock.pass(time.Minute)
	_, err1 := w.CheckOut(bg, byCardOf(0, 5))
	_, err2 := w.ConfirmRoster(bg, Roll{Key: newKey(), Shift: shiftID(0), Operator: leader(), Verdict: ledger.VerdictThere, People: []ledger.ID{volunteerID(5), volunteerID(9)}})
	_, err3 := w.ObjectTo(bg, ledger.Object{Key: newKey(), Volunteer: volunteerID(5), Shift: shiftID(0), Reason: ledger.ObjectFewer})
	_, err4 := w.EnlistIn(bg, ledger.Enlist{Key: newKey(), Volunteer: volunteerID(5), Shift: shiftID(45), Post: 1})
	w.must(err1, err2, err3, err4)
}

func liveLinked(t testing.TB) lived {
	t.Helper()
	w := newLinked(t)
	w.linkedLife()
	for n := range 20 {
		r := w.reserve(want(n+5, n%2))
		if n%2 == 0 {
			w.settle(r.Seq)
		}
		_, err := w.GiveBack(bg, volunteerID(n+5), 10)
		w.must(err)
	}
	w.apply("", 0, linkedVolunteer(50, 2))
	_, err := w.ReceiveDelivery(bg, newKey(), "CCCC2222", []Found{{20, ""}, {4, "broken"}}, clerk())
	w.must(err)
	w.attendLife()
	w.must(err, w.Quarantine(bg, "fork", "x"), w.Quarantine(bg, "", ""))
	l := w.lived()
	w.close()
	return l
}

// lasting leaves out of a dump what a book that was built anew does not have in
// the same way, though it answers alike.
func lasting(rows map[string]string, seq uint64) map[string]string {
	rows = before(rows, seq)
	for k := range rows {
		if what, _, _ := strings.Cut(k, " "); slices.Contains([]string{"index", "stale", "guest"}, what) || k == fmt.Sprintf("volunteer %x", volunteerKey(50)) {
			delete(rows, k)
		}
	}
	return rows
}

// TestFlippedBytesOfALinkedBook: the book is whole, or has lost cursors and
// documents together; when the center has sent them again it is as before.
func TestFlippedBytesOfALinkedBook(t *testing.T) {
	whole := liveLinked(t)
	seed := mathrand.Uint64()
	t.Logf("seed %d", seed)
	rng := mathrand.New(mathrand.NewPCG(seed, 0))
	p := newProver(t)
	anew := 0
	for range *flips / 8 {
		l := copyStore(t, whole)
		flip(t, filepath.Join(l.dir, bookFile), 8, rng)
		w := &world{t: t, clock: newClock(), cfg: smallConfig(l.dir, newClock())}
		w.cfg.Epoch = 3
		r, err := Mend(bg, w.cfg, p.verify(t, l.dir))
		if err != nil || !r.OK || r.NewEra {
			t.Fatalf("%+v, %v", r, err)
		}
		w.open()
		if era, at := w.Cursors(); era != testEra || len(at) != 0 && len(at) != 3 {
			t.Fatalf("cursors %v of %q", at, era)
		} else if len(at) == 0 {
			anew++
			w.linkedLife()
		}
		sameDump(t, lasting(w.dump(), l.head.Seq), lasting(l.rows, l.head.Seq))
		w.close()
		os.RemoveAll(l.dir)
	}
	if anew == 0 {
		t.Error("no flip hurt the book")
	}
}

// TestVerifyProvesWhatACenterSent plants rows that no program of ours writes, with
// good seals and sums.
func TestVerifyProvesWhatACenterSent(t *testing.T) {
	l := liveLinked(t)
	id := volunteerID(60)
	unlinked := testVolunteer(60, 1)
	for name, plant := range map[string]func(*tx){
		"a scope of no name":      func(t *tx) { t.put(bCursor, make([]byte, maxScopeBytes+1), packInts(nil, 1)) },
		"a version of no number":  func(t *tx) { t.put(bCursor, []byte("qingxi"), nil) },
		"more than a version":     func(t *tx) { t.put(bCursor, []byte("qingxi"), packInts(nil, 1, 2)) },
		"a guest of no document":  func(t *tx) { t.putGuest(id, guestRow{}) },
		"a guest of no sort":      func(t *tx) { t.put(bGuest, volunteerKey(1), packInts(nil, 1, 2)) },
		"a guest with a short id": func(t *tx) { t.put(bGuest, []byte("x"), packInts(nil, 1, 1)) },
		"a stale nobody":          func(t *tx) { t.put(bStale, make([]byte, idBytes), packInts(nil, 1)) },
		"a grant is gone":         func(t *tx) { t.put(bGone, goneKey("grant", "x"), packInts(nil, 1)) },
		"gone at no version":      func(t *tx) { t.put(bGone, goneKey(civic.GoneGood, "G09"), packInts(nil, 0)) },
		"an arrival of no entry":  func(t *tx) { t.put(bArrived, arrivalKey("CCCC2222", 3), seqKey(1)) },
		"another arrival":         func(t *tx) { t.put(bArrived, arrivalKey("CCCC2222", 1), seqKey(1)) },
		"a lost arrival":          func(t *tx) { t.del(bArrived, arrivalKey("CCCC2222", 1)) },
		"a check-in of no entry":  func(t *tx) { t.put(bCheck, pairKey(shiftID(0), id), packInts(nil, 1, 0, 0)) },
		"another check-in": func(t *tx) {
			t.put(bCheck, pairKey(shiftID(0), volunteerID(5)), packInts(nil, 1, 0, 0))
		},
		"a lost check-in":     func(t *tx) { t.del(bCheck, pairKey(shiftID(0), volunteerID(5))) },
		"another pace":        func(t *tx) { t.put(bPace, volunteerKey(1), seqKey(1)) },
		"a claim of no entry": func(t *tx) { t.put(bEnlist, pairKey(shiftID(0), id), seqKey(1)) },
		"a lost objection": func(t *tx) {
			for r := range t.up(bObjection, nil) {
				t.del(bObjection, bytes.Clone(r.key))
				return
			}
		},
		"half a person served": func(t *tx) { t.put(bServed, id[:], nil) },
		"a day of no shift":    func(t *tx) { t.put(bCalendar, id[:], nil) },
		"another shift":        func(t *tx) { t.putJSON(bShift, id[:], testShift(0, 9)) },
		"another attendance":   func(t *tx) { t.putJSON(bAttended, pairKey(id, id), docAttended(0, 9, 9, 1, 0).Attended) },
		"another era":          func(t *tx) { t.state.Era = "other" },
		"no era":               func(t *tx) { t.state.Era = "" },
		"a halt":               func(t *tx) { t.state.Halt = "fork x" },
		"a volunteer unlinked": func(t *tx) { t.putJSON(bVolunteer, unlinked.ID[:], unlinked) },
		"another volunteer":    func(t *tx) { t.putJSON(bVolunteer, volunteerKey(1), unlinked) },
		"nonsense for one":     func(t *tx) { t.put(bVolunteer, volunteerKey(1), []byte("{")) },
	} {
		t.Run(name, func(t *testing.T) {
			other := copyStore(t, l)
			cfg := smallConfig(other.dir, newClock())
			keys, err := Keys(cfg)
			if err != nil {
				t.Fatal(err)
			}
			plantIn(t, cfg, keys, plant)
			r, err := Verify(bg, cfg)
			if err != nil || r.OK || r.Book.Verdict != VerdictDamaged {
				t.Fatalf("%+v, %v", r, err)
			}
			if r, err = Mend(bg, cfg, r); err != nil || !r.OK || r.NewEra {
				t.Fatalf("%+v, %v", r, err)
			}
		})
	}
}

func volunteerKey(n int) []byte {
	id := volunteerID(n)
	return id[:]
}

// plantIn changes the book of a closed store.
func plantIn(t *testing.T, cfg Config, keys *Keyring, plant func(*tx)) {
	t.Helper()
	sealer, _, err := keys.sealers()
	if err != nil {
		t.Fatal(err)
	}
	b, err := openBook(cfg.path(bookFile), sealer, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.update(rand.Reader, plant); err != nil {
		t.Fatal(err)
	}
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
}
