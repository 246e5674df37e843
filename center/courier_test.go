package center

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	kioskbook "yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// office is the world's desk.
func (w *world) office() Office {
	return Office{Store: w.Store, Keys: w.keys, Now: time.Now, Random: rand.Reader}
}

// file writes a list.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// rosterOf is a list of so many volunteers with so many points each.
func rosterOf(t *testing.T, people, points int) string {
	var b strings.Builder
	b.WriteString("姓名,志愿者编号,积分\n")
	for i := range people {
		fmt.Fprintf(&b, "王小明,V%05d,%d\n", i, points)
	}
	return file(t, "roster.csv", b.String())
}

// outpost is a kiosk that no network reaches: a real book, fed by sticks.
type outpost struct {
	*kioskbook.Store
	w   *world
	cfg kioskbook.Config
	key ed25519.PrivateKey
}

// clerk hands goods over at every outpost.
var clerk = ledger.ID{9}

// outpost enrols a box for a kiosk, at the center's table, and describes its
// station.
func (w *world) outpost(id string) *outpost {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.PutKiosk(ctx, store.Kiosk{ID: id, Name: id + "站", Parent: "qingxi"}))
	w.must(w.office().PutStation(ctx, id, civic.Station{Name: id + "站"}))
	w.must(w.PutDocument(ctx, id, civic.Document{Staff: &civic.Staff{ID: clerk, Name: "陈店员", Role: civic.RoleClerk, Cards: []civic.CardID{}}}))
	return w.box(id)
}

// box puts a new box into the kiosk's place.
func (w *world) box(id string) *outpost {
	w.t.Helper()
	ctx := w.t.Context()
	o := &outpost{w: w, cfg: kioskbook.Config{Dir: filepath.Join(w.t.TempDir(), "data"), Kiosk: id, Issuer: w.keys.Issuer(), Program: "test",
		Clock: kioskbook.NewSystemClock(), Random: rand.Reader}}
	w.must(os.MkdirAll(o.cfg.Dir, 0o700))
	keys, err := kioskbook.BoxKey(o.cfg.Dir, "", rand.Reader)
	w.must(err)
	o.key = keys.Signing()
	code, _, err := w.MakeCode(ctx, id, "李科")
	w.must(err)
	e, err := w.Enrol(ctx, code, keys.PublicKey(), 1)
	w.must(err)
	e, err = w.Approve(ctx, e.ID, "李科")
	w.must(err)
	o.cfg.Epoch = e.Epoch
	o.Store, err = kioskbook.Open(ctx, o.cfg)
	w.must(err)
	w.t.Cleanup(func() { o.Store.Close() })
	return o
}

// bundle makes a bundle of the center for a kiosk.
func (w *world) bundle(id string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), id+".yzb")
	f, err := os.Create(path)
	w.must(err)
	defer f.Close()
	_, err = w.office().Bundle(w.t.Context(), f, id)
	w.must(err)
	return path
}

// load loads a bundle at the kiosk.
func (o *outpost) load(path string) kioskbook.LoadReport {
	o.w.t.Helper()
	report, err := o.LoadBundle(o.w.t.Context(), path, kioskbook.LoadOptions{})
	o.w.must(err)
	return report
}

// redeem buys one piece for a volunteer, whom the kiosk finds by initials.
func (o *outpost) redeem(v ledger.ID, price ledger.Points) {
	o.w.t.Helper()
	ctx := o.w.t.Context()
	var key ledger.Key
	rand.Read(key[:])
	r, err := o.Reserve(ctx, kioskbook.Reserve{Key: key, Volunteer: v, Good: "G001", Quantity: 1, Price: price})
	o.w.must(err)
	rand.Read(key[:])
	_, err = o.Settle(ctx, key, r.Seq, clerk)
	o.w.must(err)
}

// journal is the kiosk's journal after a number, as a stick brings it.
func (o *outpost) journal(after uint64) []byte {
	o.w.t.Helper()
	var b bytes.Buffer
	_, err := link.WriteJournal(o.w.t.Context(), &b, o, o.key, "test", after)
	o.w.must(err)
	return b.Bytes()
}

// proved fails unless the center's whole book can be proved.
func (w *world) proved() *store.Report {
	w.t.Helper()
	r, err := w.Verify(w.t.Context())
	w.must(err)
	for _, f := range r.Findings {
		w.t.Errorf("%s: %s", f.Where, f.What)
	}
	return r
}

const goodsList = "编码,物品名称,单位,所需积分,库存\nG001,大米,袋,120,40\n"

// A list becomes points, a bundle carries them to a kiosk that no network reaches,
// somebody redeems there, the journal comes back, and the books close.
func TestCourierThereAndBack(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.outpost("SQ-01")
		in := Import{Town: "qingxi", Home: "SQ-01", Roster: rosterOf(t, 30, 500), Goods: file(t, "goods.csv", goodsList)}
		if out, err := w.office().Import(ctx, in); err != nil || out.Files[0].New != 30 || out.Files[1].New != 1 {
			t.Fatalf("%+v, %v", out, err)
		}
		first := w.bundle("SQ-01")
		if r := o.load(first); r.New == 0 {
			t.Fatalf("%+v", r)
		}
		found, err := o.Search("wxm", 100)
		if err != nil || len(found) < 3 {
			t.Fatalf("%v, %v", found, err)
		}
		for _, v := range found[:3] {
			o.redeem(v, 120)
		}
		carried, err := w.office().TakeJournal(ctx, bytes.NewReader(o.journal(0)))
		if err != nil || carried.New() != carried.Header.Last.Seq || carried.Folded != int(carried.After) || carried.Waits != nil {
			t.Fatalf("%+v, %v", carried, err)
		}
		if r := w.proved(); r.Earned != 15000 || r.Out != 15000 || r.Free != 0 || r.Entries < 6 {
			t.Errorf("%+v", r)
		}
		a, err := w.Account(ctx, found[0])
		if err != nil || a.Rights[0].Spent != 120 || a.Rights[0].Spendable() != 380 {
			t.Errorf("%+v, %v", a, err)
		}

		// The same stick again, and the same list: nothing is new.
		if carried, err := w.office().TakeJournal(ctx, bytes.NewReader(o.journal(0))); err != nil || carried.New() != 0 {
			t.Errorf("%+v, %v", carried, err)
		}
		if out, err := w.office().Import(ctx, in); err != nil || out.Files[0].Same != 30 {
			t.Errorf("%+v, %v", out.Files[0], err)
		}

		// Totals have grown: the next bundle brings the growth, an older one nothing.
		in.Roster = rosterOf(t, 30, 560)
		if out, err := w.office().Import(ctx, in); err != nil || out.Files[0].Changed != 30 {
			t.Errorf("%+v, %v", out.Files[0], err)
		}
		o.load(w.bundle("SQ-01"))
		if a, err := o.Account(found[0]); err != nil || a.Spendable() != 440 {
			t.Errorf("%+v, %v", a, err)
		}
		if _, acked := o.Head(); acked != carried.After {
			t.Errorf("the bundle acknowledges %d entries, the center has %d", acked, carried.After)
		}
		if _, err := o.LoadBundle(ctx, first, kioskbook.LoadOptions{}); !errors.Is(err, kioskbook.ErrBundleOlder) {
			t.Errorf("an older bundle: %v", err)
		}
		o.redeem(found[0], 120)
		if end, err := w.office().TakeJournal(ctx, bytes.NewReader(o.journal(carried.After))); err != nil || end.New() != end.Header.Entries() {
			t.Errorf("the end of the journal alone: %+v, %v", end, err)
		}
		w.proved()
	})
}

// A bundle speaks of its era and of how far its documents go, and one that was made
// for another kiosk, or in another era, grants nothing.
func TestBundleIsForOneKioskInOneEra(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	ctx := t.Context()
	a, b := w.outpost("SQ-01"), w.outpost("SQ-02")
	if _, err := w.office().Import(ctx, Import{Town: "qingxi", Home: "SQ-01", Roster: rosterOf(t, 3, 500)}); err != nil {
		t.Fatal(err)
	}
	path := w.bundle("SQ-01")
	h := header(t, path)
	era, err := w.Era(ctx)
	w.must(err)
	if h.Era != era || len(h.Cursors) != 3 || h.Cursors[0].Scope != "SQ-01" || h.Cursors[2].Version == 0 || h.Counts.Grants != 3 || h.Counts.Volunteers != 3 {
		t.Errorf("%+v", h)
	}
	if _, err := b.LoadBundle(ctx, path, kioskbook.LoadOptions{}); !errors.Is(err, kioskbook.ErrBundleOther) {
		t.Errorf("at another kiosk: %v", err)
	}
	a.load(path)
	if _, at := a.Cursors(); at["qingxi"] != h.Cursors[2].Version {
		t.Errorf("cursors %v", at)
	}
	if h := header(t, w.bundle("SQ-02")); h.Counts.Volunteers != 3 || h.Counts.Grants != 0 {
		t.Errorf("%+v", h)
	}

	// The center is restored: what the kiosk was granted before it must tell first.
	w.must(w.Restored(ctx))
	if h := header(t, w.bundle("SQ-01")); h.Era == era {
		t.Errorf("the era is still %s", h.Era)
	}

	// A new box of the kiosk: bundles of the epoch before are not for it.
	later := w.box("SQ-01")
	if _, err := later.LoadBundle(ctx, path, kioskbook.LoadOptions{}); !errors.Is(err, kioskbook.ErrBundleOther) {
		t.Errorf("of an epoch that is over: %v", err)
	}
	if h := header(t, w.bundle("SQ-01")); h.Epoch != 2 || h.Counts.Grants != 0 {
		t.Errorf("%+v", h)
	}
}

func header(t *testing.T, path string) civic.BundleHeader {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	b, err := civic.OpenBundle(f, info.Size(), civic.Trust{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range b.Documents() {
		if err != nil {
			t.Fatal(err)
		}
	}
	return b.Header
}

// What stands in several scopes comes once; what was taken out comes as gone.
func TestBundleOfSeveralScopes(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.outpost("SQ-01")
		for i := range 40 {
			p := civic.Picture{Name: fmt.Sprintf("p-%d", i), Type: "image/png", Data: make([]byte, 200<<10)}
			rand.Read(p.Data)
			w.must(w.PutDocument(ctx, "center", civic.Document{Picture: &p}))
		}
		for _, scope := range []string{"center", "qingxi", "SQ-01"} {
			w.must(w.PutDocument(ctx, scope, civic.Document{Good: &civic.Good{Code: "G001", Name: "大米 " + scope, Unit: "袋", Price: 120, Delivered: int64(len(scope))}}))
			w.must(w.PutDocument(ctx, scope, civic.Document{Staff: &civic.Staff{ID: ledger.ID{5}, Name: "赵敏", Role: civic.RoleClerk, Cards: []civic.CardID{}}}))
		}
		for n, town := range []string{"qingxi", "qingxi", "lianhua"} {
			w.must(w.PutPerson(ctx, store.Person{Volunteer: civic.Volunteer{ID: ledger.ID{byte(n + 1), 3}, Name: "张伟"}, Town: town}))
		}
		w.must(w.PutPerson(ctx, store.Person{Volunteer: civic.Volunteer{ID: ledger.ID{1, 3}, Name: "张伟"}, Town: "lianhua"}))
		path := w.bundle("SQ-01")
		if c := header(t, path).Counts; c.Goods != 1 || c.Staff != 2 || c.Pictures != 40 || c.Volunteers != 1 || c.Gone != 1 {
			t.Errorf("%+v", c)
		}
		o.load(path)
		if g, err := o.Good("G001"); err != nil || g.Delivered != 6 {
			t.Errorf("%+v, %v", g, err)
		}
	})
}

func TestBundleThatCannotBeMade(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	ctx := t.Context()
	if _, err := w.office().Bundle(ctx, nil, "SQ-09"); !errors.Is(err, store.ErrUnknown) {
		t.Error(err)
	}
	w.must(w.PutKiosk(ctx, store.Kiosk{ID: "SQ-09", Parent: "qingxi"}))
	if _, err := w.office().Bundle(ctx, nil, "SQ-09"); !errors.Is(err, ErrNoBox) {
		t.Error(err)
	}
	w.box("SQ-09")
	if _, err := w.office().Bundle(ctx, nil, "SQ-09"); !errors.Is(err, ErrNoStation) {
		t.Error(err)
	}
	if err := w.office().PutStation(ctx, "SQ-77", civic.Station{Name: "x"}); !errors.Is(err, store.ErrUnknown) {
		t.Error(err)
	}
}

// Whatever comes on a stick that is not the next stretch of the kiosk's own chain
// is refused, says why, and moves nothing; only a contradiction that the kiosk has
// signed itself stops it.
func TestJournalThatIsNotTaken(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		o := w.outpost("SQ-01")
		w.must(w.PutPerson(ctx, store.Person{Volunteer: civic.Volunteer{ID: ledger.ID{1, 3}, Name: "张伟"}, Town: "qingxi", Home: "SQ-01"}))
		w.must(w.Earn(ctx, ledger.ID{1, 3}, ledger.Key{1}, civic.Earning{On: 2300, Expires: lot, What: "护河", Points: 500}))
		w.must(w.PutDocument(ctx, "SQ-01", civic.Document{Good: &civic.Good{Code: "G001", Name: "大米", Unit: "袋", Price: 120, Delivered: 9}}))
		o.load(w.bundle("SQ-01"))
		o.redeem(ledger.ID{1, 3}, 120)
		good := o.journal(0)
		foreign := &otherKiosk{o, "SQ-55", 1}
		early := &otherKiosk{o, "SQ-01", 9}
		for _, c := range []struct {
			name string
			file []byte
			want error
		}{
			{"of an unknown kiosk", foreign.journal(o.key), ErrJournalKiosk},
			{"of an unknown epoch", early.journal(o.key), ErrJournalEpoch},
			{"of another box", (&otherKiosk{o, "SQ-01", 1}).journal(ed25519.NewKeyFromSeed(make([]byte, 32))), ErrJournalKey},
			{"with entries missing", o.journal(2), ErrJournalGap},
			{"cut short", good[:len(good)-5], link.ErrBreaksOff},
			{"empty", nil, link.ErrBreaksOff},
			{"something else", []byte("dear center, all is well here"), link.ErrCourier},
		} {
			got, err := w.office().TakeJournal(ctx, bytes.NewReader(c.file))
			if !errors.Is(err, c.want) || got.New() != 0 {
				t.Errorf("%s: %v, %+v", c.name, err, got)
			}
			if _, chain, err := w.Kiosk(ctx, "SQ-01"); err != nil || chain.State != store.ChainOpen || chain.Head.Seq != 0 {
				t.Fatalf("%s: the chain is %+v, %v", c.name, chain, err)
			}
		}
		got, err := w.office().TakeJournal(ctx, bytes.NewReader(good))
		if err != nil || got.New() == 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		if h, c, err := w.office().CompareJournal(ctx, bytes.NewReader(good)); err != nil || c.Shared != h.Entries() || c.Differs != 0 {
			t.Errorf("%+v, %v", c, err)
		}

		// A copy of the box has gone another way: both have signed the same number.
		fork := o.fork()
		if _, c, err := w.office().CompareJournal(ctx, bytes.NewReader(fork)); err != nil || c.Differs == 0 {
			t.Errorf("%+v, %v", c, err)
		}
		if _, err := w.office().TakeJournal(ctx, bytes.NewReader(fork)); !errors.Is(err, ErrJournalFork) {
			t.Errorf("a fork: %v", err)
		}
		if _, chain, err := w.Kiosk(ctx, "SQ-01"); err != nil || chain.State != store.ChainQuarantined || chain.Head.Seq != got.After {
			t.Errorf("%+v, %v", chain, err)
		}
		o.redeem(ledger.ID{1, 3}, 120)
		if got, err := w.office().TakeJournal(ctx, bytes.NewReader(o.journal(0))); err != nil || got.New() == 0 || got.Waits == nil {
			t.Errorf("what follows in quarantine: %+v, %v", got, err)
		}
		w.must(w.Reopen(ctx, "SQ-01", 1, "李科"))
		if got, err := w.office().TakeJournal(ctx, bytes.NewReader(o.journal(0))); err != nil || got.Folded == 0 {
			t.Errorf("after it was lifted: %+v, %v", got, err)
		}
		w.proved()
	})
}

// otherKiosk is a journal of one entry that says it is of another chain.
type otherKiosk struct {
	*outpost
	kiosk string
	epoch uint32
}

func (o *otherKiosk) raw() []byte {
	e := ledger.Entry{Kiosk: o.kiosk, Epoch: o.epoch, Seq: 1, Body: ledger.Device{Event: ledger.DeviceStart, Text: "x"}}
	b, err := e.Encode()
	o.w.must(err)
	return b
}

func (o *otherKiosk) Head() (ledger.Head, uint64) {
	return ledger.Head{Kiosk: o.kiosk, Epoch: o.epoch, Seq: 1, Hash: ledger.HashOf(o.raw())}, 0
}

func (o *otherKiosk) Since(context.Context, uint64, int, int) ([][]byte, error) {
	return [][]byte{o.raw()}, nil
}

func (o *otherKiosk) journal(key ed25519.PrivateKey) []byte {
	var b bytes.Buffer
	_, err := link.WriteJournal(o.w.t.Context(), &b, o, key, "test", 0)
	o.w.must(err)
	return b.Bytes()
}

// fork is a journal of this box that begins otherwise.
func (o *outpost) fork() []byte { return (&otherKiosk{o, "SQ-01", 1}).journal(o.key) }

// An import that is broken off leaves whole volunteers with their cards, and goes
// on when it is done again.
func TestImportIsBrokenOff(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	in := Import{Town: "qingxi", Roster: rosterOf(t, 1300, 70), Cards: filepath.Join(t.TempDir(), "cards.html")}
	in.Progress = func(done int) {
		if done == 500 {
			stop()
		}
	}
	out, err := w.office().Import(ctx, in)
	if !errors.Is(err, context.Canceled) || out.CardsFile != in.Cards || out.Cards != 500 {
		t.Fatalf("%+v, %v", out, err)
	}
	if r := w.proved(); r.Volunteers != 500 || r.Earned != 500*70 {
		t.Errorf("%+v", r)
	}
	in.Progress = nil
	again, err := w.office().Import(t.Context(), in)
	if err != nil || again.Files[0].Same != 500 || again.Files[0].New != 800 || again.Cards != 800 || again.CardsFile == in.Cards {
		t.Errorf("%+v, %v", again, err)
	}
	if r := w.proved(); r.Volunteers != 1300 || r.Earned != 1300*70 || r.Free != 1300*70 {
		t.Errorf("%+v", r)
	}
	for path, want := range map[string]int{in.Cards: 500, again.CardsFile: 800} {
		page, err := os.ReadFile(path)
		if n := strings.Count(string(page), `class="card"`); err != nil || n != want {
			t.Errorf("%s: %d cards, %v", path, n, err)
		}
	}
}

// A list that is refused writes nothing, nor do the others beside it.
// What a list tells late in the evening, as the world's clock has it, was earned on
// the day that has begun where the center is.
func TestADayBeginsWhereTheCenterIs(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.must(w.PutKiosk(t.Context(), store.Kiosk{ID: "SQ-01", Name: "石桥", Parent: "qingxi"}))
		office := w.office()
		office.Now = func() time.Time { return time.Date(2026, 5, 4, 17, 0, 0, 0, time.UTC) }
		_, err := office.Import(t.Context(), Import{Town: "qingxi", Home: "SQ-01", Roster: rosterOf(t, 1, 30)})
		w.must(err)
		for p, err := range w.People(t.Context()) {
			w.must(err)
			person, err := w.Person(t.Context(), p.ID)
			w.must(err)
			if len(person.Earned) != 1 || person.Earned[0].On.String() != "2026-05-05" {
				t.Errorf("%+v", person.Earned)
			}
		}
	})
}

func TestImportOfARefusedList(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	w.must(w.PutKiosk(t.Context(), store.Kiosk{ID: "SQ-01", Parent: "qingxi"}))
	out, err := w.office().Import(t.Context(), Import{Town: "qingxi", Home: "SQ-01", Roster: rosterOf(t, 3, 70), Goods: file(t, "goods.csv", "a,b\n1,2\n"),
		Cards: filepath.Join(t.TempDir(), "cards.html")})
	if !errors.Is(err, issuer.ErrNothingTaken) || out.CardsFile != "" || len(out.Files) != 2 || out.Files[0].New != 3 {
		t.Errorf("%+v, %v", out, err)
	}
	if r := w.proved(); r.Volunteers != 0 {
		t.Errorf("%+v", r)
	}
}

// A volunteer whom only a kiosk knew after a restore gets a name from the list.
func TestImportNamesWhomARestoreForgot(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	ctx := t.Context()
	in := Import{Town: "qingxi", Roster: rosterOf(t, 1, 70)}
	if _, err := w.office().Import(ctx, in); err != nil {
		t.Fatal(err)
	}
	var known store.Registered
	for r, err := range w.People(ctx) {
		w.must(err)
		known = r
	}
	other := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	other.keys = w.keys
	o := other.outpost("SQ-01")
	lots := []civic.GrantedLot{{Expires: lot, Granted: 30}}
	other.must(other.Report(ctx, "SQ-01", o.cfg.Epoch, []civic.Grant{{Volunteer: known.ID, Kiosk: "SQ-01", Epoch: o.cfg.Epoch, Lots: lots}}, true))
	if _, err := other.office().Import(ctx, in); err != nil {
		t.Fatal(err)
	}
	if p, err := other.Person(ctx, known.ID); err != nil || p.Name != "王小明" || p.Town != "qingxi" {
		t.Errorf("%+v, %v", p, err)
	}
	other.proved()
}
