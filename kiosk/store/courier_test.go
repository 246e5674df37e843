package store

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// centerBundle is a bundle that came from the center by USB stick.
type centerBundle struct {
	era     string
	epoch   uint32
	serial  uint64
	cursors []civic.Cursor
	taken   *civic.Taken
	docs    []civic.Document // in the bundle's order
}

func (b centerBundle) write(t testing.TB) string {
	t.Helper()
	path := filepath.Join(tempDir(t), "center.bundle")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := civic.BundleHeader{Kiosk: testKiosk, Epoch: b.epoch, Serial: b.serial, Made: time.Unix(1.7e9, 0), Era: b.era, Cursors: b.cursors, Taken: b.taken}
	_, err = civic.WriteBundle(f, h, issuer, func(yield func(civic.Document, error) bool) {
		for _, d := range b.docs {
			if !yield(d, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (w *world) courier(b centerBundle) (LoadReport, error) {
	return w.LoadBundle(bg, b.write(w.t), LoadOptions{})
}

func (w *world) mustCourier(b centerBundle) LoadReport {
	w.t.Helper()
	report, err := w.courier(b)
	w.must(err)
	return report
}

// enrolledWorld is a linked kiosk that no center has spoken to yet.
func enrolledWorld(t *testing.T) *world {
	w := &world{t: t, clock: newClock()}
	w.cfg = smallConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.cfg.Epoch, w.cfg.Issuer = 3, issuer.Public().(ed25519.PublicKey)
	w.open()
	return w
}

// weekly is what the center sends by courier to this kiosk.
func weekly(serial uint64, granted int64) centerBundle {
	return centerBundle{era: testEra, epoch: 3, serial: serial, cursors: []civic.Cursor{{Scope: testKiosk, Version: serial}, {Scope: "qingxi", Version: 10 * serial}},
		docs: []civic.Document{stationDocument(1), civicStaff(0), docGood(testGood(0, 1)), linkedVolunteer(1, 1), grantTo(1, 10*ledger.Points(granted), 0)}}
}

func TestBundlesOfACenter(t *testing.T) {
	w := enrolledWorld(t)
	if r := w.mustCourier(weekly(1, 3)); r.New != 4 || r.Changed != 1 || r.Withheld != 0 {
		t.Fatalf("%+v", r)
	}
	w.wantCursors(testEra, map[string]uint64{testKiosk: 1, "qingxi": 10})
	w.settle(w.reserve(want(1, 0)).Seq)
	// The link was faster with one scope, the next bundle with the other.
	w.apply("qingxi", 25, linkedVolunteer(2, 1))
	w.apply(testKiosk, 1, grantTo(2, 5, 5))
	next := weekly(2, 2)
	next.docs = append(next.docs, goneVolunteer(7, 1))
	w.mustCourier(next)
	w.wantCursors(testEra, map[string]uint64{testKiosk: 2, "qingxi": 25})
	if got := w.spendable(1); got != 20 {
		t.Fatalf("%d points", got)
	}
	if _, err := w.courier(weekly(1, 9)); !errors.Is(err, ErrBundleOlder) {
		t.Fatalf("an older bundle: %v", err)
	}
	w.reopen()
	w.wantCursors(testEra, map[string]uint64{testKiosk: 2, "qingxi": 25})
	if p, err := w.ByCard(cardOf("volunteer", 2).ID()); err != nil || p.ID != volunteerID(2) {
		t.Fatalf("%+v, %v", p, err)
	}
}

// TestBundleOfAnotherEra brings documents, but no grants and no cursors: the
// center may have forgotten what it granted, and have granted it again.
func TestBundleOfAnotherEra(t *testing.T) {
	w := enrolledWorld(t)
	w.must(w.Apply(bg, "next", "center", 1, lines(t, stationDocument(1))))
	if r := w.mustCourier(weekly(1, 3)); r.Withheld != 1 || r.New != 3 {
		t.Fatalf("%+v", r)
	}
	w.wantCursors("next", map[string]uint64{"center": 1})
	if got := w.spendable(1); got != 0 {
		t.Fatalf("%d points", got)
	}
	now := weekly(2, 3)
	now.era = "next"
	w.mustCourier(now)
	if got := w.spendable(1); got != 30 {
		t.Fatalf("%d points", got)
	}
	// The era outlives the book, so a bundle of before is known for what it is.
	w.close()
	w.lose(bookFile)
	w.lose(bundleDir)
	w.mend()
	w.open()
	w.wantCursors("next", map[string]uint64{})
	if r := w.mustCourier(weekly(3, 9)); r.Withheld != 1 {
		t.Fatalf("%+v", r)
	}
	if a, err := w.Account(volunteerID(1)); err != nil || a.Spendable() != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
}

// TestBookIsLostAndBundlesAreNot: cursors come back with the documents of the
// bundles, and no further.
func TestBookIsLostAndBundlesAreNot(t *testing.T) {
	w := enrolledWorld(t)
	w.mustCourier(weekly(1, 3))
	w.apply("qingxi", 25, linkedVolunteer(2, 1))
	w.apply(testKiosk, 9, grantTo(1, 50, 0))
	w.close()
	w.lose(bookFile)
	w.mend()
	w.open()
	w.wantCursors(testEra, map[string]uint64{testKiosk: 1, "qingxi": 10})
	if got := w.spendable(1); got != 30 {
		t.Fatalf("%d points", got)
	}
	if _, err := w.Volunteer(volunteerID(2)); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
}

// TestAnEpochIsACentersOrStandsAlone, never both: earned lines and grants of the
// same points would add up.
func TestAnEpochIsACentersOrStandsAlone(t *testing.T) {
	w := enrolledWorld(t)
	w.apply("center", 1, stationDocument(1))
	spec := standard(2)
	spec.epoch = 3
	path := spec.write(t, filepath.Join(tempDir(t), "stick.bundle"))
	if _, err := w.LoadBundle(bg, path, LoadOptions{}); !errors.Is(err, ErrBundleOther) {
		t.Fatalf("a bundle for a kiosk that stands alone: %v", err)
	}
	alone := newWorld(t, standard(2))
	if err := alone.Apply(bg, testEra, "center", 1, lines(t, stationDocument(1))); !errors.Is(err, ErrEpoch) {
		t.Fatalf("documents of a center: %v", err)
	}
	b := weekly(2, 3)
	b.epoch, b.docs[4].Grant.Epoch = 1, 1
	if _, err := alone.courier(b); !errors.Is(err, ErrBundleOther) {
		t.Fatalf("a bundle of a center: %v", err)
	}
	if era, at := alone.Cursors(); era != "" || len(at) != 0 {
		t.Fatalf("%q, %v", era, at)
	}
	if got := alone.spendable(1); got != 1000 {
		t.Fatalf("%d points", got)
	}
	// One for another epoch is not taken, though nothing was written yet.
	fresh := enrolledWorld(t)
	fresh.close()
	fresh.lose(journalFolder)
	fresh.lose(bookFile)
	fresh.open()
	b = weekly(1, 3)
	b.epoch, b.docs[4].Grant.Epoch = 2, 2
	if _, err := fresh.courier(b); !errors.Is(err, ErrBundleOther) {
		t.Fatalf("a bundle of another epoch: %v", err)
	}
}

// TestBundleAcknowledgesEntries that stand here as the center has them, and takes
// nothing back.
func TestBundleAcknowledgesEntries(t *testing.T) {
	w := enrolledWorld(t)
	w.mustCourier(weekly(1, 3))
	w.settle(w.reserve(want(1, 0)).Seq)
	hashOf := func(seq uint64) civic.BodyHash {
		list, err := w.Since(bg, seq-1, 1, 1<<20)
		w.must(err)
		return civic.BodyHash(ledger.HashOf(list[0]))
	}
	for i, c := range []struct {
		name  string
		taken *civic.Taken
		era   string
		want  uint64
	}{
		{"nothing", nil, testEra, 0},
		{"some", &civic.Taken{Seq: 2, Hash: hashOf(2)}, testEra, 2},
		{"fewer", &civic.Taken{Seq: 1, Hash: hashOf(1)}, testEra, 2},
		{"another entry", &civic.Taken{Seq: 3, Hash: hashOf(2)}, testEra, 2},
		{"one that is not here", &civic.Taken{Seq: 99, Hash: hashOf(2)}, testEra, 2},
		{"of another era", &civic.Taken{Seq: 3, Hash: hashOf(3)}, "other", 2},
		{"more", &civic.Taken{Seq: 3, Hash: hashOf(3)}, testEra, 3},
	} {
		b := weekly(uint64(i+2), 3)
		b.taken, b.era = c.taken, c.era
		w.mustCourier(b)
		if _, acked := w.Head(); acked != c.want {
			t.Errorf("%s: %d acknowledged, want %d", c.name, acked, c.want)
		}
	}
	w.reopen()
	if _, acked := w.Head(); acked != 3 {
		t.Errorf("%d acknowledged after a start", acked)
	}
}
