package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"yizhan/civic"
	"yizhan/ledger"
)

// office is a center in the plainest words: scopes with numbered changes, of which
// the latest of each document counts.
type office struct {
	era     string
	scopes  map[string][]change
	people  map[int]uint64 // versions of volunteers
	granted map[int]map[ledger.Day]ledger.Points
}

type change struct {
	key string
	doc civic.Document
}

// put is a change of a scope; it takes the place of the one before it.
func (o *office) put(scope, key string, doc civic.Document) {
	list := o.scopes[scope]
	for i := range list {
		if list[i].key == key {
			list[i].key = ""
		}
	}
	o.scopes[scope] = append(list, change{key, doc})
}

// after returns the documents after a version, at most limit changes of them, and
// the version that they go up to.
func (o *office) after(scope string, version uint64, limit int) (docs []civic.Document, to uint64) {
	list := o.scopes[scope]
	to = min(version+uint64(limit), uint64(len(list)))
	for _, c := range list[min(version, to):to] {
		if c.key != "" {
			docs = append(docs, c.doc)
		}
	}
	return docs, to
}

func (o *office) grant(n int) civic.Document {
	return grantTo(n, o.granted[n][early], o.granted[n][late])
}

// linkRun is one random run of a kiosk and its center.
type linkRun struct {
	s     *Store
	cfg   Config
	clock *testClock
	o     *office
	used  map[int]map[ledger.Day]ledger.Points            // held, spent or returned
	known map[int]map[ledger.Day]ledger.Points            // of the grants that the book was told of
	snaps map[uint64]map[int]map[ledger.Day]ledger.Points // known, in the snapshot at an entry
	halt  string
}

const linkPeople = 4

// TestLinkedAgainstAModel makes a center and a kiosk do anything in any order,
// with restarts, lost books and lost journals in between. No cursor may stand
// without its documents, and nothing is spent that the center has not granted.
func TestLinkedAgainstAModel(t *testing.T) {
	base := tempDir(t)
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(base, "run")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		r := &linkRun{clock: newClock(), used: lotsOfAll(), known: lotsOfAll(), snaps: make(map[uint64]map[int]map[ledger.Day]ledger.Points),
			o: &office{era: "era0", scopes: make(map[string][]change), people: make(map[int]uint64), granted: lotsOfAll()}}
		r.cfg = smallConfig(filepath.Join(dir, "data"), r.clock)
		r.cfg.Epoch = 3
		r.o.put("center", "station", stationDocument(1))
		good := testGood(0, 1)
		good.Limit, good.Delivered = ledger.MaxQuantity, 1e6
		r.o.put("center", "good", docGood(good))
		r.o.put("center", "staff", civicStaff(0))
		r.open(t)
		defer func() { r.s.Close() }()
		t.Repeat(map[string]func(*rapid.T){
			"town": r.town, "grant": r.grant, "sync": r.sync, "sync more": r.sync, "card": r.card, "reserve": r.reserve, "give back": r.giveBack,
			"settle": r.settle, "quarantine": r.quarantine, "era": r.newEra, "time": r.time, "snapshot": r.snapshot, "restart": r.restart, "": r.check,
		})
	})
}

func lotsOfAll() map[int]map[ledger.Day]ledger.Points {
	m := make(map[int]map[ledger.Day]ledger.Points)
	for n := range linkPeople {
		m[n] = make(map[ledger.Day]ledger.Points)
	}
	return m
}

func (r *linkRun) open(t *rapid.T) {
	var err error
	if r.s, err = Open(bg, r.cfg); err != nil {
		t.Fatal(err)
	}
}

// snapshot copies the book, unless there is a copy at this entry already.
func (r *linkRun) snapshot(t *rapid.T) {
	head, _ := r.s.Head()
	if _, err := r.s.Today(); err != nil || head.Seq == 0 {
		t.Skip("nothing to copy")
	}
	if err := r.s.Snapshot(); err != nil {
		t.Fatal(err)
	}
	if r.snaps[head.Seq] == nil {
		r.snaps[head.Seq] = cloneLots(r.known)
	}
}

func cloneLots(m map[int]map[ledger.Day]ledger.Points) map[int]map[ledger.Day]ledger.Points {
	m = maps.Clone(m)
	for n := range m {
		m[n] = maps.Clone(m[n])
	}
	return m
}

func who(t *rapid.T) int { return rapid.IntRange(0, linkPeople-1).Draw(t, "volunteer") }

// town registers or changes a volunteer, or lets one move away.
func (r *linkRun) town(t *rapid.T) {
	n := who(t)
	key := fmt.Sprint("volunteer ", n)
	last := r.o.people[n]
	r.o.people[n]++
	if last > 0 && rapid.IntRange(0, 2).Draw(t, "move") == 0 {
		r.o.put("qingxi", key, goneVolunteer(n, last))
		return
	}
	r.o.put("qingxi", key, linkedVolunteer(n, last+1))
}

func (r *linkRun) grant(t *rapid.T) {
	n := who(t)
	r.o.granted[n][rapid.SampledFrom([]ledger.Day{early, late}).Draw(t, "lot")] += ledger.Points(rapid.IntRange(1, 40).Draw(t, "points"))
	r.o.put(testKiosk, fmt.Sprint("grant ", n), r.o.grant(n))
}

// learn notes what grants in a batch tell.
func (r *linkRun) learn(docs []civic.Document) {
	for _, d := range docs {
		for n := range linkPeople {
			if d.Grant == nil || d.Grant.Volunteer != volunteerID(n) {
				continue
			}
			for _, lot := range d.Grant.Lots {
				r.known[n][lot.Expires] = max(r.known[n][lot.Expires], lot.Granted)
			}
		}
	}
}

func (r *linkRun) apply(t *rapid.T, scope string, version uint64, docs []civic.Document) {
	if err := r.s.Apply(bg, r.o.era, scope, version, r.lines(t, docs)); err != nil {
		t.Fatal(err)
	}
	r.learn(docs)
}

func (r *linkRun) sync(t *rapid.T) {
	scope := rapid.SampledFrom([]string{"center", "qingxi", testKiosk}).Draw(t, "scope")
	era, at := r.s.Cursors()
	if era != r.o.era {
		at = nil
	}
	docs, to := r.o.after(scope, at[scope], rapid.IntRange(1, 6).Draw(t, "changes"))
	r.apply(t, scope, to, docs)
}

// card fetches whoever shows one, wherever they live.
func (r *linkRun) card(t *rapid.T) {
	n := who(t)
	if r.o.people[n] == 0 {
		t.Skip("nobody")
	}
	docs := []civic.Document{linkedVolunteer(n, r.o.people[n])}
	if rapid.Bool().Draw(t, "topped up") {
		docs = append(docs, r.o.grant(n))
	}
	r.apply(t, "", 0, docs)
}

func (r *linkRun) spendable(n int) (p ledger.Points, closed bool) {
	for _, lot := range []ledger.Day{early, late} {
		left := r.known[n][lot] - r.used[n][lot]
		p, closed = p+left, closed || left < 0
	}
	return p, closed
}

func (r *linkRun) reserve(t *rapid.T) {
	n := who(t)
	q := want(n, 0)
	q.Quantity = int64(rapid.IntRange(1, 4).Draw(t, "pieces"))
	got, err := r.s.Reserve(bg, q)
	left, closed := r.spendable(n)
	cost := q.Price * ledger.Points(q.Quantity)
	switch {
	case err == nil && (closed || left < cost || r.halt != ""):
		t.Fatalf("%d points spent of %d, closed %v, halt %q", cost, left, closed, r.halt)
	case errors.Is(err, ErrUnknown), errors.Is(err, ErrNoDocuments):
	case errors.Is(err, ErrQuarantine) && r.halt != "", errors.Is(err, ledger.ErrNotEnough) && left < cost:
	case err != nil:
		t.Fatalf("%d of %d points: %v", cost, left, err)
	}
	for _, p := range got.Parts {
		r.used[n][p.Expires] += p.Points
	}
}

func (r *linkRun) settle(t *rapid.T) {
	list, _, err := r.s.Waiting(0, 10)
	if err != nil || len(list) == 0 {
		t.Skip("nothing waits")
	}
	x := rapid.SampledFrom(list).Draw(t, "redemption")
	_, err = r.s.Settle(bg, newKey(), x.Seq, clerk())
	if err == nil && r.halt != "" {
		t.Fatal("settled in quarantine")
	}
	if err != nil && !errors.Is(err, ErrQuarantine) && !errors.Is(err, ErrNoDocuments) && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrNotStaff) {
		t.Fatal(err)
	}
}

func (r *linkRun) giveBack(t *rapid.T) {
	n := who(t)
	points := ledger.Points(rapid.IntRange(1, 60).Draw(t, "points"))
	left, closed := r.spendable(n)
	seq, err := r.s.GiveBack(bg, volunteerID(n), points)
	switch gives := !closed && left > 0; {
	case gives && r.halt != "":
		if !errors.Is(err, ErrQuarantine) {
			t.Fatalf("entry %d, %v", seq, err)
		}
		return
	case err != nil || gives != (seq > 0):
		t.Fatalf("%d of %d, closed %v: entry %d, %v", points, left, closed, seq, err)
	case seq == 0:
		return
	}
	_, e, err := r.s.Entry(seq)
	parts := e.Body.(ledger.Return).Parts
	if err != nil || ledger.Sum(parts) != min(points, left) {
		t.Fatalf("%v of %d points, %d asked, %v", parts, left, points, err)
	}
	for _, p := range parts {
		r.used[n][p.Expires] += p.Points
	}
}

func (r *linkRun) quarantine(t *rapid.T) {
	r.halt = rapid.SampledFrom([]string{"", "", "fork", "officer"}).Draw(t, "reason")
	text := ""
	if r.halt != "" {
		text = "because"
	}
	if err := r.s.Quarantine(bg, r.halt, text); err != nil {
		t.Fatal(err)
	}
}

// newEra restores the center: its versions begin where they did.
func (r *linkRun) newEra(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "restored") > 0 {
		t.Skip("not yet")
	}
	r.o.era = fmt.Sprintf("era%d", len(r.o.era)+rapid.IntRange(0, 1000).Draw(t, "era"))
}

func (r *linkRun) time(t *rapid.T) {
	r.clock.pass(time.Duration(rapid.IntRange(-300, 300).Draw(t, "hours")) * time.Hour)
	if err := r.s.dropGuests(bg); err != nil {
		t.Fatal(err)
	}
}

// restart closes the store, now and then takes a file away, and opens again.
func (r *linkRun) restart(t *rapid.T) {
	if err := r.s.Close(); err != nil {
		t.Fatal(err)
	}
	file := rapid.SampledFrom([]string{"", "", bookFile, journalFolder}).Draw(t, "lost")
	if head, _ := r.s.Head(); file == bookFile && head.Seq > 0 {
		r.known = lotsOfAll()
		if newest := slices.Max(append(slices.Collect(maps.Keys(r.snaps)), 0)); newest > 0 {
			r.known = cloneLots(r.snaps[newest])
		}
	}
	if file != "" {
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

func (r *linkRun) check(t *rapid.T) {
	era, at := r.s.Cursors()
	err := r.s.view(func(x *tx) {
		for scope, version := range at {
			for i, c := range r.o.scopes[scope][:min(version, uint64(len(r.o.scopes[scope])))] {
				if c.key != "" && era == r.o.era {
					r.checkDocument(t, x, fmt.Sprintf("%s %d: %s", scope, i+1, c.key), c.doc)
				}
			}
		}
		for n := range linkPeople {
			a := x.account(volunteerID(n))
			for _, right := range a.Rights {
				if right.Granted != r.known[n][right.Expires] || right.Granted > r.o.granted[n][right.Expires] ||
					right.Spent+right.Held+right.Returned != r.used[n][right.Expires] {
					t.Fatalf("volunteer %d has %+v, want granted %v of %v, used %v", n, right, r.known[n], r.o.granted[n], r.used[n])
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if reason, _ := r.s.Quarantined(); reason != r.halt {
		t.Fatalf("quarantine %q, want %q", reason, r.halt)
	}
	for n := range linkPeople {
		p, err := r.s.ByCard(cardOf("volunteer", n).ID())
		_, err2 := r.s.Volunteer(volunteerID(n))
		if (err == nil) != (err2 == nil) || err == nil && p.ID != volunteerID(n) {
			t.Fatalf("the card of volunteer %d finds %v, %v, beside %v", n, p, err, err2)
		}
	}
}

// checkDocument holds that a document whose version a cursor has passed is here.
func (r *linkRun) checkDocument(t *rapid.T, x *tx, what string, d civic.Document) {
	switch {
	case d.Volunteer != nil:
		var v civic.Volunteer
		if !x.document(bVolunteer, d.Volunteer.ID[:], &v) || v.Version < d.Volunteer.Version {
			t.Fatalf("%s is at version %d, not %d", what, v.Version, d.Volunteer.Version)
		}
		if g, found := x.guest(v.ID); found && !g.member {
			t.Fatalf("%s lives here and is a guest", what)
		}
	case d.Grant != nil:
		n := slices.Index([]ledger.ID{volunteerID(0), volunteerID(1), volunteerID(2), volunteerID(3)}, d.Grant.Volunteer)
		for _, lot := range d.Grant.Lots {
			if r.known[n][lot.Expires] < lot.Granted {
				t.Fatalf("%s: %d of lot %v are known, not %d", what, r.known[n][lot.Expires], lot.Expires, lot.Granted)
			}
		}
	case d.Gone != nil:
		id, _ := ledger.ParseID(d.Gone.ID)
		var v civic.Volunteer
		g, guest := x.guest(id)
		if x.document(bVolunteer, id[:], &v) && (!guest || g.member) {
			t.Fatalf("%s: version %d is here, and nobody's guest", what, v.Version)
		}
	case d.Station != nil && !x.state.Open:
		t.Fatalf("%s: accounts are closed", what)
	}
}

func (r *linkRun) lines(t *rapid.T, docs []civic.Document) (raws []json.RawMessage) {
	for _, d := range docs {
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, raw)
	}
	return raws
}
