package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yizhan/civic"
	"yizhan/ledger"
)

// attendRun is one random run of people at two shifts. What it expects is told in the
// plainest words: who was seen, and of whom the center says so.
type attendRun struct {
	s       *Store
	cfg     Config
	clock   *testClock
	version uint64
	docs    map[string]civic.Document // the center's, each as it is now
	known   map[int]bool              // whose documents are here
	seen    map[attendKey]*seenBoth
	told    map[attendKey]bool // by phone
	word    map[attendKey]ledger.Verdict
	walkIns map[int]int
	asked   []Check // in order, with what they were
	way     []bool
}

type attendKey struct{ shift, person int }

type seenBoth struct{ in, out uint64 }

const attendPeople, attendShifts = 3, 2

// TestAttendAgainstAModel lets people come and go in any order, by cards that nobody
// knows yet and by phone, with leaders, documents that come and go, restarts, lost books
// and lost journals in between.
func TestAttendAgainstAModel(t *testing.T) {
	base := tempDir(t)
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "run")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r := &attendRun{clock: newClock(), version: 1, docs: make(map[string]civic.Document), known: make(map[int]bool), seen: make(map[attendKey]*seenBoth),
			told: make(map[attendKey]bool), word: make(map[attendKey]ledger.Verdict), walkIns: make(map[int]int)}
		r.cfg = smallConfig(filepath.Join(dir, "data"), r.clock)
		r.cfg.Epoch = 3
		r.docs["station"], r.docs["staff"] = stationDocument(1), civicStaff(1)
		for n := range attendShifts {
			v := testShift(0, 1)
			v.ID = shiftID(n)
			r.docs[v.ID.String()] = docShift(v)
		}
		r.open(t)
		defer func() { r.s.Close() }()
		t.Repeat(map[string]func(*rapid.T){"check": r.checkSomebody, "check more": r.checkSomebody, "again": r.again, "walk in": r.walkIn, "phone": r.phone, "forget": r.forget,
			"learn": r.learn, "confirm": r.confirm, "snapshot": r.snapshot, "restart": r.restart, "": r.check})
	})
}

// open opens the books, and the center tells everything anew: what the book has already
// changes nothing.
func (r *attendRun) open(t *rapid.T) {
	var err error
	if r.s, err = Open(bg, r.cfg); err != nil {
		t.Fatal(err)
	}
	for _, d := range r.docs {
		r.tell(t, d)
	}
}

func (r *attendRun) tell(t *rapid.T, d civic.Document) {
	lines := (&linkRun{}).lines(t, []civic.Document{d})
	r.version++
	if err := r.s.Apply(bg, testEra, testKiosk, r.version, lines); err != nil {
		t.Fatal(err)
	}
}

func (r *attendRun) pick(t *rapid.T) attendKey {
	return attendKey{rapid.IntRange(0, attendShifts-1).Draw(t, "shift"), rapid.IntRange(0, attendPeople-1).Draw(t, "person")}
}

func (r *attendRun) both(k attendKey) *seenBoth {
	if r.seen[k] == nil {
		r.seen[k] = &seenBoth{}
	}
	return r.seen[k]
}

// asCard is a check by a card: of a person whom the kiosk knows, or of nobody.
func (r *attendRun) asCard(k attendKey) Check {
	c := Check{Key: newKey(), Shift: shiftID(k.shift), Who: volunteerID(k.person), By: ledger.CheckCard}
	if !r.known[k.person] {
		c.Who, c.Card = ledger.ID{}, cardOf("volunteer", k.person).ID()
	}
	return c
}

func (r *attendRun) ask(c Check, out bool) (Attendance, error) {
	if out {
		return r.s.CheckOut(bg, c)
	}
	return r.s.CheckIn(bg, c)
}

func (r *attendRun) checkSomebody(t *rapid.T) {
	k, out := r.pick(t), rapid.Bool().Draw(t, "out")
	r.clock.pass(2 * time.Second)
	c, b := r.asCard(k), r.both(k)
	got, err := r.ask(c, out)
	before := b.in != 0 || r.told[k] && r.known[k.person]
	if out {
		before = b.out != 0
	}
	if before {
		if !errors.Is(err, ErrAlready) {
			t.Fatalf("%+v, out %v: %v, want that it was done before", k, out, err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if r.asked, r.way = append(r.asked, c), append(r.way, out); out {
		b.out = got.Out.Seq
	} else {
		b.in = got.In.Seq
	}
}

// again sends a request once more: it writes nothing.
func (r *attendRun) again(t *rapid.T) {
	if len(r.asked) == 0 {
		t.Skip("nothing was asked")
	}
	i := rapid.IntRange(0, len(r.asked)-1).Draw(t, "request")
	head, _ := r.s.Head()
	if _, err := r.ask(r.asked[i], r.way[i]); err != nil {
		t.Fatal(err)
	}
	if after, _ := r.s.Head(); after != head {
		t.Fatal("a request that was answered wrote something")
	}
}

func (r *attendRun) walkIn(t *rapid.T) {
	shift := rapid.IntRange(0, attendShifts-1).Draw(t, "shift")
	if _, err := r.s.CheckIn(bg, Check{Key: newKey(), Shift: shiftID(shift), By: ledger.CheckWalkIn}); err != nil {
		t.Fatal(err)
	}
	r.walkIns[shift]++
}

func attendName(k attendKey) string {
	return shiftID(k.shift).String() + volunteerID(k.person).String()
}

func (r *attendRun) phone(t *rapid.T) {
	k := r.pick(t)
	r.told[k] = true
	d := civic.Document{Attended: &civic.Attended{Shift: shiftID(k.shift), Who: volunteerID(k.person), Version: r.version + 1, In: r.clock.wall.Load() / 1000, State: civic.AttendOpen}}
	r.docs[attendName(k)] = d
	r.tell(t, d)
}

// forget lets the center take its word back.
func (r *attendRun) forget(t *rapid.T) {
	k := r.pick(t)
	d, has := r.docs[attendName(k)]
	if !has || d.Attended == nil {
		t.Skip("the center says nothing")
	}
	delete(r.told, k)
	g := gone(civic.GoneAttended, d.Attended.Key(), r.version+1)
	r.docs[attendName(k)] = g
	r.tell(t, g)
}

func (r *attendRun) learn(t *rapid.T) {
	n := rapid.IntRange(0, attendPeople-1).Draw(t, "person")
	r.known[n] = true
	d := linkedVolunteer(n, r.version+1)
	r.docs[volunteerID(n).String()] = d
	r.tell(t, d)
}

func (r *attendRun) confirm(t *rapid.T) {
	k := r.pick(t)
	id := volunteerID(k.person)
	if !r.known[k.person] {
		id = cardOf("volunteer", k.person).ID().Stranger()
	}
	verdict := rapid.SampledFrom([]ledger.Verdict{ledger.VerdictThere, ledger.VerdictAbsent}).Draw(t, "verdict")
	if _, err := r.s.ConfirmRoster(bg, Roll{Key: newKey(), Shift: shiftID(k.shift), Operator: leader(), Verdict: verdict, People: []ledger.ID{id}}); err != nil {
		t.Fatal(err)
	}
	r.word[k] = verdict
}

func (r *attendRun) snapshot(t *rapid.T) {
	if head, _ := r.s.Head(); head.Seq == 0 {
		t.Skip("nothing to copy")
	}
	if _, err := r.s.Today(); err != nil {
		t.Fatal(err)
	}
	if err := r.s.Snapshot(); err != nil {
		t.Fatal(err)
	}
}

// restart closes the books, now and then takes one away, and opens them again.
func (r *attendRun) restart(t *rapid.T) {
	if err := r.s.Close(); err != nil {
		t.Fatal(err)
	}
	if file := rapid.SampledFrom([]string{"", bookFile, journalFolder}).Draw(t, "lost"); file != "" {
		os.RemoveAll(filepath.Join(r.cfg.Dir, file))
	}
	report, err := Verify(bg, r.cfg)
	if err == nil {
		report, err = Mend(bg, r.cfg, report)
	}
	if err != nil || !report.OK || report.NewEra {
		t.Fatalf("%+v, %v", report, err)
	}
	r.open(t)
}

func (r *attendRun) check(t *rapid.T) {
	for shift := range attendShifts {
		come := r.walkIns[shift]
		for n := range attendPeople {
			k := attendKey{shift, n}
			b, id := r.both(k), volunteerID(n)
			if !r.known[n] {
				id = cardOf("volunteer", n).ID().Stranger()
				if r.told[k] {
					come++ // nobody here can say that both are one
				}
			}
			a, err := r.s.Attendance(shiftID(shift), id)
			if err != nil || a.In.Seq != b.in || a.Out.Seq != b.out || a.Word.Verdict != r.word[k] || r.known[n] && (a.Told != nil) != r.told[k] {
				t.Fatalf("%+v is %+v, want in %d, out %d, told %v, word %d, %v", k, a, b.in, b.out, r.told[k], r.word[k], err)
			}
			if b.in != 0 || r.known[n] && r.told[k] {
				come++
			}
		}
		if got, _, err := r.s.Counts(shiftID(shift)); err != nil || got != come {
			t.Fatalf("%d have come to shift %d, want %d, %v", got, shift, come, err)
		}
	}
}
