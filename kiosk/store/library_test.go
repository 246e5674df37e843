package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// What a center sends to the test kiosk.

const testEra = "k3v9"

// newLinked opens a store that was enrolled and has heard of its station.
func newLinked(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: newClock()}
	w.cfg = smallConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.cfg.Epoch = 3
	w.cfg.Fatal = func(err error) { w.fatal.Store(&err) }
	w.open()
	w.apply("center", 1, stationDocument(1))
	return w
}

func stationDocument(version uint64) civic.Document {
	return civic.Document{Station: &civic.Station{Version: version, Kiosk: testKiosk, Name: "石桥村益栈", PhoneKey: phoneKey()}}
}

func linkedVolunteer(n int, version uint64) civic.Document {
	v := testVolunteer(n, version)
	v.Linked = true
	return civic.Document{Volunteer: &v}
}

// grantTo grants totals in the lot that ends early and in the late one.
func grantTo(n int, earlyPoints, latePoints ledger.Points) civic.Document {
	return civic.Document{Grant: &civic.Grant{Volunteer: volunteerID(n), Kiosk: testKiosk, Epoch: 3, Version: 1,
		Lots: []civic.GrantedLot{{Expires: early, Granted: earlyPoints}, {Expires: late, Granted: latePoints}}}}
}

func goneVolunteer(n int, version uint64) civic.Document {
	return civic.Document{Gone: &civic.Gone{Kind: civic.GoneVolunteer, ID: volunteerID(n).String(), Version: version}}
}

func lines(t testing.TB, docs ...civic.Document) (raws []json.RawMessage) {
	t.Helper()
	for _, d := range docs {
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, raw)
	}
	return raws
}

// apply takes a batch of a scope in; "" is the answer to a call.
func (w *world) apply(scope string, version uint64, docs ...civic.Document) {
	w.t.Helper()
	if err := w.Apply(bg, testEra, scope, version, lines(w.t, docs...)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) wantCursors(era string, want map[string]uint64) {
	w.t.Helper()
	got, at := w.Cursors()
	if got != era || fmt.Sprint(at) != fmt.Sprint(want) {
		w.t.Fatalf("cursors %v of era %q, want %v of %q", at, got, want, era)
	}
}

func TestDocumentsOfACenter(t *testing.T) {
	w := newLinked(t)
	good := testGood(1, 1)
	w.apply("qingxi", 7, civic.Document{Good: &good}, linkedVolunteer(1, 2))
	if got := w.spendable(1); got != 0 {
		t.Fatalf("what a linked volunteer earned grants %d points", got)
	}
	w.apply(testKiosk, 4, grantTo(1, 40, 60))
	w.apply(testKiosk, 5, grantTo(1, 30, 60)) // a late one takes nothing away
	if got := w.spendable(1); got != 100 {
		t.Fatalf("%d points", got)
	}
	if p, err := w.ByCard(cardOf("volunteer", 1).ID()); err != nil || p.ID != volunteerID(1) {
		t.Fatalf("%+v, %v", p, err)
	}
	w.reserve(want(1, 1))
	w.reopen()
	w.wantCursors(testEra, map[string]uint64{"center": 1, "qingxi": 7, testKiosk: 5})
	if got := w.spendable(1); got != 80 {
		t.Fatalf("%d points after a restart", got)
	}
	if found, err := w.Search(initialsOf(1), 5); err != nil || !slices.Equal(found, []ledger.ID{volunteerID(1)}) {
		t.Fatalf("%v, %v", found, err)
	}
	if h := w.Health(); h.Head.Epoch != 3 || !h.Documents {
		t.Fatalf("%+v", h)
	}
}

// TestAnotherEraForgetsCursors, and nothing else.
func TestAnotherEraForgetsCursors(t *testing.T) {
	w := newLinked(t)
	w.apply("qingxi", 7, linkedVolunteer(1, 2))
	if err := w.Apply(bg, "next", "", 0, nil); err != nil {
		t.Fatal(err)
	}
	w.wantCursors("next", map[string]uint64{})
	w.reopen()
	w.wantCursors("next", map[string]uint64{})
	if _, err := w.Volunteer(volunteerID(1)); err != nil {
		t.Fatal(err)
	}
	for _, era := range []string{"", string(make([]byte, 41)), "\xff"} {
		if err := w.Apply(bg, era, "qingxi", 8, nil); !errors.Is(err, ErrInput) {
			t.Errorf("era %q: %v", era, err)
		}
	}
}

// TestUnreadableDocuments stop a whole batch.
func TestUnreadableDocuments(t *testing.T) {
	w := newLinked(t)
	unlinked := testVolunteer(2, 1)
	other := grantTo(2, 1, 1)
	other.Grant.Kiosk = "SQ-02"
	station := stationDocument(9)
	station.Station.Kiosk = "SQ-02"
	for name, raw := range map[string]json.RawMessage{
		"nonsense":             json.RawMessage(`{"vip":1}`),
		"two in one":           json.RawMessage(`{}`),
		"earned lines":         lines(t, civic.Document{Volunteer: &unlinked})[0],
		"another kiosk's":      lines(t, other)[0],
		"another station":      lines(t, station)[0],
		"written otherwise":    append(json.RawMessage(" "), lines(t, grantTo(2, 1, 1))[0]...),
		"a grant taken back":   lines(t, civic.Document{Gone: &civic.Gone{Kind: "grant", ID: volunteerID(1).String(), Version: 1}})[0],
		"nobody is taken back": lines(t, civic.Document{Gone: &civic.Gone{Kind: civic.GoneStaff, ID: "x", Version: 1}})[0],
	} {
		if err := w.Apply(bg, testEra, "qingxi", 2, append(lines(t, linkedVolunteer(2, 1)), raw)); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.wantCursors(testEra, map[string]uint64{"center": 1})
	if _, err := w.Volunteer(volunteerID(2)); !errors.Is(err, ErrUnknown) {
		t.Fatalf("half a batch was taken: %v", err)
	}
	if err := w.Apply(bg, testEra, string(make([]byte, 65)), 2, nil); !errors.Is(err, ErrInput) {
		t.Errorf("a long scope: %v", err)
	}
}

// TestGrantsOfAnotherEpoch belong to a chain that is closed.
func TestGrantsOfAnotherEpoch(t *testing.T) {
	w := newLinked(t)
	for _, epoch := range []uint32{2, 4} {
		g := grantTo(1, 40, 60)
		g.Grant.Epoch = epoch
		w.apply(testKiosk, uint64(epoch), g, linkedVolunteer(1, 1))
	}
	if got := w.spendable(1); got != 0 {
		t.Fatalf("%d points", got)
	}
}

// TestWhatIsTakenBack stays away, whatever comes late.
func TestWhatIsTakenBack(t *testing.T) {
	w := newLinked(t)
	good, picture := testGood(1, 5), civic.Picture{Name: "rice", Version: 5, Type: "image/png", Data: []byte("png")}
	staff := civic.Staff{ID: clerk(), Version: 5, Name: "李娜", Role: civic.RoleClerk, Cards: []civic.CardID{cardOf("staff", 0).ID()}}
	docs := []civic.Document{{Good: &good}, {Picture: &picture}, {Staff: &staff}, linkedVolunteer(1, 5)}
	gone := []civic.Document{{Gone: &civic.Gone{Kind: civic.GoneGood, ID: good.Code, Version: 5}}, {Gone: &civic.Gone{Kind: civic.GonePicture, ID: "rice", Version: 5}},
		{Gone: &civic.Gone{Kind: civic.GoneStaff, ID: clerk().String(), Version: 5}}, goneVolunteer(1, 5)}
	there := func() (list []bool) {
		_, err1 := w.Good(good.Code)
		_, err2 := w.Picture("rice")
		_, err3 := w.ByCard(cardOf("staff", 0).ID())
		_, err4 := w.ByCard(cardOf("volunteer", 1).ID())
		for _, err := range []error{err1, err2, err3, err4} {
			if err != nil && !errors.Is(err, ErrUnknown) {
				t.Fatal(err)
			}
			list = append(list, err == nil)
		}
		return list
	}
	all, none := []bool{true, true, true, true}, []bool{false, false, false, false}
	for _, step := range []struct {
		name string
		docs []civic.Document
		want []bool
	}{
		{"they come", docs, all},
		{"an earlier state goes", []civic.Document{{Gone: &civic.Gone{Kind: civic.GoneGood, ID: good.Code, Version: 4}}, goneVolunteer(1, 4)}, all},
		{"they go", gone, none},
		{"once more", gone, none},
		{"a late state of before", docs, none},
	} {
		w.apply("qingxi", 9, step.docs...)
		if got := there(); !slices.Equal(got, step.want) {
			t.Fatalf("%s: %v", step.name, got)
		}
		w.reopen()
		if got := there(); !slices.Equal(got, step.want) {
			t.Fatalf("%s, and a restart: %v", step.name, got)
		}
	}
	good.Version, picture.Version, staff.Version = 6, 6, 6
	w.apply("qingxi", 10, docs[0], docs[1], docs[2], linkedVolunteer(1, 6))
	if got := there(); !slices.Equal(got, all) {
		t.Fatalf("they come again: %v", got)
	}
}

// TestGuests are dropped when their time is over and nothing of theirs is here.
func TestGuests(t *testing.T) {
	w := newLinked(t)
	good := testGood(0, 1)
	w.apply("center", 2, civic.Document{Good: &good})
	known := func(n int) bool {
		_, err := w.ByCard(cardOf("volunteer", n).ID())
		return err == nil
	}
	w.apply("", 0, linkedVolunteer(1, 2))
	w.apply("", 0, linkedVolunteer(2, 2), grantTo(2, 10, 0))
	w.apply("", 0, linkedVolunteer(3, 2))
	w.apply("qingxi", 3, linkedVolunteer(3, 2)) // lives here
	w.apply("qingxi", 4, linkedVolunteer(4, 2))
	w.apply("", 0, linkedVolunteer(4, 3)) // lives here, the card was faster
	w.apply("", 0, linkedVolunteer(7, 3))
	w.apply("qingxi", 5, linkedVolunteer(7, 2)) // and here, much faster
	w.clock.pass(keepGuests + time.Minute)
	w.apply("", 0, linkedVolunteer(5, 2))
	sweep := func(want ...bool) {
		t.Helper()
		if err := w.dropGuests(bg); err != nil {
			t.Fatal(err)
		}
		w.reopen()
		for n, there := range want {
			if known(n+1) != there {
				t.Fatalf("volunteer %d: %v", n+1, known(n+1))
			}
		}
	}
	sweep(false, true, true, true, true)
	r := w.reserve(want(2, 0))
	w.clock.pass(keepGuests + time.Minute)
	sweep(false, true, true, true, false)
	w.apply("center", 3, civic.Document{Staff: &civic.Staff{ID: clerk(), Version: 1, Name: "李娜", Role: civic.RoleClerk, Cards: []civic.CardID{}}})
	w.settle(r.Seq)
	w.apply("qingxi", 6, goneVolunteer(4, 2), goneVolunteer(7, 2)) // moved away: now only a card knows version 3
	w.apply("qingxi", 7, goneVolunteer(3, 2))
	sweep(false, false, false, false, false, false, false)
	if left, _, err := w.Lines(volunteerID(2), 0, 5); !errors.Is(err, ErrUnknown) || len(left) > 0 {
		t.Fatalf("%v, %v", left, err)
	}
	w.apply("", 0, linkedVolunteer(2, 4))
	if got := w.spendable(2); got != 0 {
		t.Fatalf("%d points", got)
	}
	// Points that are here when somebody moves away can still be spent.
	w.apply("qingxi", 8, linkedVolunteer(6, 1), grantTo(6, 10, 0))
	w.apply("qingxi", 9, goneVolunteer(6, 1))
	if got := w.spendable(6); got != 10 {
		t.Fatalf("%d points", got)
	}
	// A clock that was years ahead begins the time anew.
	w.clock.pass(-5 * 365 * 24 * time.Hour)
	sweep(false, true)
	w.clock.pass(keepGuests + time.Minute)
	sweep(false, false, false, false, false, true)
}

// TestGuestsAreSweptInTime: nobody has to ask for it.
func TestGuestsAreSweptInTime(t *testing.T) {
	w := &world{t: t, clock: newClock()}
	tick := make(chan time.Time)
	w.cfg = smallConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.cfg.Epoch, w.cfg.Tick = 3, tick
	w.open()
	w.apply("center", 1, stationDocument(1))
	w.apply("", 0, linkedVolunteer(1, 1))
	known := func() bool {
		_, err := w.Volunteer(volunteerID(1))
		return err == nil
	}
	second := func() {
		tick <- time.Time{}
		tick <- time.Time{} // heard when all that the first one asked for has begun
		w.background.Wait()
	}
	second() // the first look finds nothing
	w.clock.pass(keepGuests - time.Hour/2)
	second()
	w.clock.pass(time.Hour / 2)
	second()
	if !known() {
		t.Fatal("dropped too early, or looked for too often")
	}
	w.clock.pass(sweepEvery)
	if second(); known() {
		t.Fatal("still here")
	}
	if _, err := w.ByCard(cardOf("volunteer", 1).ID()); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
}
