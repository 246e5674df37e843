package store

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func other() ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = 1
	return ed25519.NewKeyFromSeed(seed)
}

func TestLoadingTwiceChangesNothing(t *testing.T) {
	spec := standard(40)
	w := newWorld(t, spec)
	rows, head := w.dump(), w.Health().Head
	var last int
	path := spec.write(t, filepath.Join(tempDir(t), "again.bundle"))
	report, err := w.LoadBundle(bg, path, LoadOptions{Progress: func(done, total int) {
		if done < last || total != 50 {
			t.Errorf("%d of %d", done, total)
		}
		last = done
	}})
	if err != nil || report.Same != 50 || report.New != 0 || report.Changed != 0 || last != 50 {
		t.Fatalf("%+v, %d, %v", report, last, err)
	}
	sameDump(t, w.dump(), rows)
	if w.Health().Head != head {
		t.Fatal("an entry was written")
	}
}

// TestMergingAgainChangesNothing loads a newer bundle whose documents are those
// of the one before, version for version.
func TestMergingAgainChangesNothing(t *testing.T) {
	w := newWorld(t, standard(40))
	w.reserve(want(3, 2))
	rows := w.dump()
	spec := standard(40)
	spec.serial = 2
	spec.change = func(d *civic.Document) {
		switch {
		case d.Station != nil:
			d.Station.Version = 1
		case d.Staff != nil:
			d.Staff.Version = 1
		case d.Good != nil:
			d.Good.Version = 1
		case d.Picture != nil:
			d.Picture.Version = 1
		case d.Volunteer != nil:
			d.Volunteer.Version = 1
		}
	}
	if report := w.load(spec); report != (LoadReport{Serial: 2, Same: 50}) {
		t.Fatalf("%+v", report)
	}
	after := w.dump()
	for _, key := range []string{"state", fmt.Sprintf("loaded %x", loadedKey), fmt.Sprintf("entry %x", seqKey(3))} {
		if after[key] == rows[key] {
			t.Errorf("row %s does not tell of the second bundle", key)
		}
		delete(rows, key)
		delete(after, key)
	}
	sameDump(t, after, rows)
}

func TestANewerBundleMerges(t *testing.T) {
	w := newWorld(t, standard(10))
	held := w.reserve(want(1, 2))
	w.settle(held.Seq)
	w.reserve(want(1, 2))
	spec := standard(12)
	spec.serial = 2
	spec.change = func(d *civic.Document) {
		switch {
		case d.Volunteer != nil && d.Volunteer.ID == volunteerID(1): // earned more, and an old lot shows less
			d.Volunteer.Name, d.Volunteer.Cards = "张三", []civic.CardID{cardOf("new", 1).ID()}
			d.Volunteer.Earned[0].Points = 100
			d.Volunteer.Earned[1].Points = 900
		case d.Volunteer != nil && d.Volunteer.ID == volunteerID(2):
		case d.Volunteer != nil && d.Volunteer.Version == 2:
			v := testVolunteer(indexOf(d.Volunteer.ID), 1)
			d.Volunteer = &v
		case d.Good != nil && d.Good.Code == "G02":
			d.Good.Delivered = 1200
		case d.Good != nil:
			d.Good.Version, d.Good.Delivered = 1, 1000
		}
	}
	report := w.load(spec)
	// New: two people. Changed: station, three staff, picture, G02, two people.
	if report.New != 2 || report.Changed != 8 || report.Same != 12 {
		t.Fatalf("%+v", report)
	}
	if got := w.spendable(1); got != 300+900-60 {
		t.Fatalf("%d points: what was granted once must stay", got)
	}
	if g, _ := w.Good("G02"); g.Shelf != (ledger.Shelf{Delivered: 1200, Sold: 1, Held: 1}) {
		t.Fatalf("%+v", g.Shelf)
	}
	if _, err := w.ByCard(cardOf("volunteer", 1).ID()); !errors.Is(err, ErrUnknown) {
		t.Fatalf("the card that was replaced: %v", err)
	}
	if p, err := w.ByCard(cardOf("new", 1).ID()); err != nil || p.ID != volunteerID(1) {
		t.Fatalf("%+v, %v", p, err)
	}
	if h := w.Health(); h.BundleSerial != 2 || h.Volunteers != 12 {
		t.Fatalf("%+v", h)
	}
	kept, _ := os.ReadDir(filepath.Join(w.cfg.Dir, bundleDir))
	if len(kept) != keepBundles {
		t.Fatalf("%d bundles are kept", len(kept))
	}
	w.reopen()
	if p, err := w.ByCard(cardOf("new", 1).ID()); err != nil || p.ID != volunteerID(1) {
		t.Fatalf("after a restart: %+v, %v", p, err)
	}
}

func indexOf(id ledger.ID) int {
	for n := 0; ; n++ {
		if volunteerID(n) == id {
			return n
		}
	}
}

func TestBundlesThatAreRefused(t *testing.T) {
	w := newWorld(t, standard(3))
	spec := standard(3)
	spec.serial = 5
	w.load(spec)
	before := w.dump()
	change := func(f func(*bundleSpec)) bundleSpec {
		s := standard(3)
		s.serial = 6
		f(&s)
		return s
	}
	for name, c := range map[string]struct {
		spec bundleSpec
		want error
	}{
		"older":                     {change(func(b *bundleSpec) { b.serial = 4 }), ErrBundleOlder},
		"other kiosk":               {change(func(b *bundleSpec) { b.kiosk = "SQ-02" }), ErrBundleOther},
		"other epoch":               {change(func(b *bundleSpec) { b.epoch = 2 }), ErrBundleOther},
		"other issuer":              {change(func(b *bundleSpec) { b.signer = other() }), ErrBundleOther},
		"same number, other people": {change(func(b *bundleSpec) { b.serial, b.volunteers = 5, 4 }), ErrBundleOther},
	} {
		path := c.spec.write(t, filepath.Join(tempDir(t), "x.bundle"))
		if _, err := w.LoadBundle(bg, path, LoadOptions{Trust: true}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	path := spec.write(t, filepath.Join(tempDir(t), "x.bundle"))
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-20] ^= 1
	os.WriteFile(path, raw, 0o600)
	if _, err := w.LoadBundle(bg, path, LoadOptions{Trust: true}); !errors.Is(err, ErrBundleForged) {
		t.Errorf("forged: %v", err)
	}
	if _, err := w.LoadBundle(bg, path+".none", LoadOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	sameDump(t, w.dump(), before)
}

func TestTheFirstIssuerMustBeTrusted(t *testing.T) {
	w := &world{t: t, clock: newClock()}
	w.cfg = testConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.open()
	path := standard(3).write(t, filepath.Join(tempDir(t), "x.bundle"))
	if _, err := w.LoadBundle(bg, path, LoadOptions{}); !errors.Is(err, ErrBundleTrust) {
		t.Fatal(err)
	}
	if _, err := w.Account(volunteerID(1)); !errors.Is(err, ErrNoDocuments) {
		t.Fatal(err)
	}
	if _, err := w.LoadBundle(bg, path, LoadOptions{Trust: true}); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	next := standard(3)
	next.serial = 2
	path = next.write(t, filepath.Join(tempDir(t), "x.bundle"))
	if _, err := w.LoadBundle(bg, path, LoadOptions{}); err != nil {
		t.Fatalf("the pinned issuer: %v", err)
	}
	w.close()
	w.cfg.Issuer = other().Public().(ed25519.PublicKey)
	w.open()
	next.serial = 3
	path = next.write(t, filepath.Join(tempDir(t), "x.bundle"))
	if _, err := w.LoadBundle(bg, path, LoadOptions{Trust: true}); !errors.Is(err, ErrBundleOther) {
		t.Fatalf("the configured issuer is another: %v", err)
	}
}

// TestAReflashedBoxTakesItsEpochFromTheBundle loads a bundle for epoch 3 into an
// empty folder.
func TestAReflashedBoxTakesItsEpochFromTheBundle(t *testing.T) {
	spec := standard(3)
	spec.epoch = 3
	w := newWorld(t, spec)
	r := w.reserve(want(1, 1))
	if _, e, err := w.Entry(r.Seq); err != nil || e.Epoch != 3 {
		t.Fatalf("%+v, %v", e, err)
	}
	w.reopen()
	w.reserve(want(1, 1))
	w.close()
	if r, err := Verify(bg, w.cfg); err != nil || !r.OK || r.Book.Epoch != 3 || r.Journal.Epoch != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
}

// TestTwoKiosksOfTwoBundles shows one volunteer at two kiosks: each spends its
// own right and knows nothing of the other.
func TestTwoKiosksOfTwoBundles(t *testing.T) {
	here, there := standard(3), standard(3)
	there.kiosk = "SQ-02"
	there.change = func(d *civic.Document) {
		if d.Volunteer != nil {
			d.Volunteer.Earned = d.Volunteer.Earned[:1]
		}
	}
	a := newWorld(t, here)
	b := &world{t: t, clock: newClock()}
	b.cfg = testConfig(filepath.Join(tempDir(t), "data"), b.clock)
	b.cfg.Kiosk = "SQ-02"
	b.open()
	b.load(there)
	a.reserve(want(1, 4))
	if a.spendable(1) != 950 || b.spendable(1) != 300 {
		t.Fatalf("%d and %d", a.spendable(1), b.spendable(1))
	}
	if string(a.PublicKey()) == string(b.PublicKey()) {
		t.Fatal("two boxes have one key")
	}
	b.close()
	b.cfg.Kiosk = testKiosk
	if _, err := Open(bg, b.cfg); !errors.Is(err, ErrInput) {
		t.Fatalf("a data folder of another kiosk: %v", err)
	}
}

func TestFamiliesSharePhones(t *testing.T) {
	w := newWorld(t, standard(10))
	ids, err := w.ByPhone(phoneOf(4))
	if err != nil || len(ids) != 2 || (ids[0] != volunteerID(4) && ids[1] != volunteerID(4)) {
		t.Fatalf("%v, %v", ids, err)
	}
	if ids, err := w.ByPhone("13912345678"); err != nil || len(ids) != 0 {
		t.Fatalf("%v, %v", ids, err)
	}
	if p, err := w.ByCard(cardOf("staff", 1).ID()); err != nil || !p.Staff || p.ID != leader() {
		t.Fatalf("%+v, %v", p, err)
	}
	if s, err := w.Staff(leader()); err != nil || s.Role != civic.RoleLeader {
		t.Fatalf("%+v, %v", s, err)
	}
	if v, err := w.Volunteer(volunteerID(4)); err != nil || v.Name != "张伟4" {
		t.Fatalf("%+v, %v", v, err)
	}
	if w.Station().Name != "石桥村益栈" {
		t.Fatal(w.Station())
	}
}
