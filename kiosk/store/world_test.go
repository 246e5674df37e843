package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// A small station that tests run on: people, goods and staff that are made from
// their number alone, so that every process makes the same ones.

var (
	bg     = context.Background()
	issuer = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	today  = ledger.DayOf(time.Date(2026, 5, 20, 0, 0, 0, 0, time.UTC))
	early  = today + 40  // the lot that expires first
	late   = today + 400 // and the other one
)

const testKiosk = "SQ-01"

// testClock is a clock that tests turn by hand.
type testClock struct{ wall, mono atomic.Int64 }

func newClock() *testClock {
	c := &testClock{}
	c.wall.Store(time.Date(2026, 5, 20, 10, 0, 0, 0, time.FixedZone("", 8*3600)).UnixMilli())
	return c
}

func (c *testClock) Now() Instant {
	return Instant{WallMS: c.wall.Load(), MonoMS: c.mono.Load(), Boot: [8]byte{1}, Quality: ledger.ClockHuman}
}

func (c *testClock) pass(d time.Duration) {
	c.wall.Add(d.Milliseconds())
	c.mono.Add(d.Milliseconds())
}

func personID(kind string, n int) ledger.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, n))
	return ledger.ID(sum[:10])
}

func volunteerID(n int) ledger.ID { return personID("volunteer", n) }
func clerk() ledger.ID            { return personID("staff", 0) }
func leader() ledger.ID           { return personID("staff", 1) }
func technician() ledger.ID       { return personID("staff", 2) }

func cardOf(kind string, n int) civic.CardSecret {
	sum := sha256.Sum256(fmt.Appendf(nil, "card %s %d", kind, n))
	return civic.CardSecret(sum[:16])
}

func phoneOf(n int) string  { return fmt.Sprintf("138%08d", n/2) } // two people share one
func numberOf(n int) string { return fmt.Sprintf("3301%09d", n*7919%1_000_000_000) }

// initialsOf has 26 surnames and 676 given names.
func initialsOf(n int) string {
	return string([]byte{byte('a' + n%26), byte('a' + n/26%26), byte('a' + n/676%26)})
}

func testVolunteer(n int, version uint64) civic.Volunteer {
	return civic.Volunteer{
		ID: volunteerID(n), Version: version, Name: fmt.Sprintf("张伟%d", n), Initials: initialsOf(n), Number: numberOf(n),
		Phone: civic.HashPhone(phoneKey(), phoneOf(n)), Tail: phoneOf(n)[7:], Cards: []civic.CardID{cardOf("volunteer", n).ID()},
		Minutes: 6000, Earned: []civic.Earning{
			{On: today - 300, Expires: early, What: "垃圾分类宣传", Minutes: 1800, Rate: 10, Points: 300},
			{On: today - 30, Expires: late, What: "文明交通劝导", Minutes: 4200, Rate: 10, Points: 700},
		}}
}

func phoneKey() []byte { return slices.Repeat([]byte{7}, 32) }

func testGood(n int, version uint64) civic.Good {
	return civic.Good{Code: fmt.Sprintf("G%02d", n), Version: version, Name: fmt.Sprintf("大米%d", n), Size: "5 公斤", Unit: "袋",
		Price: ledger.Points(10 * (n + 1)), Limit: 50, Delivered: 1000}
}

// bundleSpec says what a test bundle holds.
type bundleSpec struct {
	kiosk      string
	epoch      uint32
	serial     uint64
	volunteers int
	goods      int
	policy     civic.Policy
	signer     ed25519.PrivateKey
	change     func(*civic.Document) // edits documents on their way
}

func standard(volunteers int) bundleSpec {
	return bundleSpec{kiosk: testKiosk, epoch: 1, serial: 1, volunteers: volunteers, goods: 5, signer: issuer}
}

func (b bundleSpec) documents() iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		docs := []civic.Document{{Station: &civic.Station{Version: b.serial, Kiosk: b.kiosk, Name: "石桥村益栈", PhoneKey: phoneKey(), Policy: b.policy}}}
		var staff []civic.Document
		for n, role := range []civic.Role{civic.RoleClerk, civic.RoleLeader, civic.RoleTechnician} {
			staff = append(staff, civic.Document{Staff: &civic.Staff{ID: personID("staff", n), Version: b.serial, Name: "李娜", Role: role,
				Cards: []civic.CardID{cardOf("staff", n).ID()}}})
		}
		slices.SortFunc(staff, func(x, y civic.Document) int { return slices.Compare(x.Staff.ID[:], y.Staff.ID[:]) })
		docs = append(docs, staff...)
		for n := range b.goods {
			g := testGood(n, b.serial)
			docs = append(docs, civic.Document{Good: &g})
		}
		docs = append(docs, civic.Document{Picture: &civic.Picture{Name: "rice", Version: b.serial, Type: "image/png", Data: []byte("png")}})
		order := make([]int, b.volunteers)
		for n := range order {
			order[n] = n
		}
		slices.SortFunc(order, func(x, y int) int {
			a, b := volunteerID(x), volunteerID(y)
			return slices.Compare(a[:], b[:])
		})
		emit := func(d civic.Document) bool {
			if b.change != nil {
				b.change(&d)
			}
			return yield(d, nil)
		}
		for _, d := range docs {
			if !emit(d) {
				return
			}
		}
		for _, n := range order {
			v := testVolunteer(n, b.serial)
			if !emit(civic.Document{Volunteer: &v}) {
				return
			}
		}
	}
}

// write makes the bundle's file.
func (b bundleSpec) write(t testing.TB, path string) string {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, err = civic.WriteBundle(f, civic.BundleHeader{Kiosk: b.kiosk, Epoch: b.epoch, Serial: b.serial, Made: time.Unix(1.7e9, 0)}, b.signer, b.documents())
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// world is a store under test.
type world struct {
	*Store
	t     testing.TB
	cfg   Config
	clock *testClock
	fatal atomic.Pointer[error]
}

func testConfig(dir string, clock Clock) Config {
	return Config{Dir: dir, Kiosk: testKiosk, Clock: clock, Random: rand.Reader, Tick: make(chan time.Time), Program: "test"}
}

// newWorld opens a store in a new folder with a bundle loaded.
func newWorld(t testing.TB, spec bundleSpec) *world {
	t.Helper()
	dir := tempDir(t)
	w := &world{t: t, clock: newClock()}
	w.cfg = testConfig(filepath.Join(dir, "data"), w.clock)
	w.cfg.Fatal = func(err error) { w.fatal.Store(&err) }
	w.open()
	w.load(spec)
	return w
}

func (w *world) open() {
	w.t.Helper()
	s, err := Open(bg, w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Store = s
	w.t.Cleanup(func() { s.Close() })
}

func (w *world) close() {
	w.t.Helper()
	if err := w.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) reopen() {
	w.t.Helper()
	w.close()
	w.open()
}

func (w *world) load(spec bundleSpec) LoadReport {
	w.t.Helper()
	path := spec.write(w.t, filepath.Join(tempDir(w.t), "stick.bundle"))
	report, err := w.LoadBundle(bg, path, LoadOptions{Trust: true})
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

var lastKey atomic.Uint64

// newKey makes a key that no other request of the test binary has.
func newKey() (k ledger.Key) {
	binary.BigEndian.PutUint64(k[:], lastKey.Add(1))
	return k
}

// want reserves one piece of good n for a volunteer.
func want(volunteer, good int) Reserve {
	return Reserve{Key: newKey(), Volunteer: volunteerID(volunteer), Good: testGood(good, 1).Code, Quantity: 1, Price: testGood(good, 1).Price}
}

func (w *world) reserve(r Reserve) Redemption {
	w.t.Helper()
	got, err := w.Reserve(bg, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *world) settle(seq uint64) Redemption {
	w.t.Helper()
	got, err := w.Settle(bg, newKey(), seq, clerk())
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *world) spendable(volunteer int) ledger.Points {
	w.t.Helper()
	a, err := w.Account(volunteerID(volunteer))
	if err != nil {
		w.t.Fatal(err)
	}
	if err := a.Check(); err != nil {
		w.t.Fatal(err)
	}
	return a.Spendable()
}

// dump returns the rows of the book when it has all that was answered.
func (w *world) dump() map[string]string {
	w.t.Helper()
	if _, err := w.Today(); err != nil {
		w.t.Fatal(err)
	}
	return w.book.dump(w.t)
}

// dump returns every plain row that follows from entries and documents, for
// comparing two books. The sums of the state are left out: they are made of
// random nonces.
func (b *book) dump(t testing.TB) map[string]string {
	t.Helper()
	rows := make(map[string]string)
	err := b.view(func(x *tx) {
		for in := bEntry; in < buckets; in++ {
			for r := range x.up(in, nil) {
				rows[fmt.Sprintf("%v %x", in, r.key)] = string(r.value)
			}
		}
		rows["state"] = fmt.Sprintf("%+v %+v %s", x.state.Head, x.state.Totals, x.state.Bundle.text())
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// sameDump fails the test when two dumps differ.
func sameDump(t testing.TB, got, want map[string]string) {
	t.Helper()
	for k, v := range want {
		if g, ok := got[k]; !ok || g != v {
			t.Fatalf("row %s\n got %.300q\nwant %.300q", k, g, v)
		}
	}
	for k := range got {
		if _, ok := want[k]; !ok {
			t.Fatalf("row %s should not be there", k)
		}
	}
}
