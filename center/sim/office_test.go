package sim

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing/synctest"
	"time"

	"yizhan/center"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// office is the center: its database, and the process that serves it.
type office struct {
	w      *world
	path   string // of the database of now
	files  int
	skew   time.Duration
	disk   *sqlDisk
	store  *store.Store
	server *center.Server
	copies []*copied
	untold bool // the database was put back, and nobody has said so yet

	mu       sync.Mutex
	up       bool
	ctx      context.Context
	stop     context.CancelFunc
	running  sync.WaitGroup // sessions, and what the server does by itself
	restores int
}

// copied is a backup, and what everybody had been answered when it was made.
type copied struct {
	path     string
	booked   map[ledger.ID]ledger.Points
	acked    map[chain]uint64
	heads    map[string]uint64 // of the chains that it has
	era      string
	earnings int // of the world's, that it has
}

// earning is one that was booked, so that it can be entered once more.
type earning struct {
	person  ledger.ID
	key     ledger.Key
	earning civic.Earning
}

// theKeys are made once: no world depends on which they are.
var theKeys = sync.OnceValues(func() (*center.Keys, error) {
	dir, err := os.MkdirTemp("", "yizhan-sim-keys-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	return center.OpenKeys(filepath.Join(dir, "keys"), center.KeyOptions{Hosts: []string{"center"}, Now: time.Now, Random: rand.Reader, Make: true})
})

func newOffice(w *world) *office {
	o := &office{w: w}
	o.path = o.newPath()
	o.open()
	return o
}

func (o *office) newPath() string {
	o.files++
	return filepath.Join(o.w.dir, fmt.Sprintf("center-%d.db", o.files))
}

func (o *office) now() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.now().Add(o.skew)
}

func (o *office) turnClock(skew time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.skew = skew
}

// open starts the center's process on its database.
func (o *office) open() {
	w := o.w
	o.disk = &sqlDisk{dice: mathrand.New(mathrand.NewPCG(w.seed, uint64(100+o.files))), left: -1}
	var err error
	o.store, err = store.Open(w.ctx, store.Config{Database: o.path, Now: o.now, Random: rand.Reader, Wrap: o.disk.wrap})
	w.must(err)
	keys, err := theKeys()
	w.must(err)
	o.server, err = center.New(center.Config{Store: o.store, Keys: keys, Now: o.now, Random: rand.Reader})
	w.must(err)
	o.mu.Lock()
	o.ctx, o.stop = context.WithCancel(w.ctx)
	o.up = true
	ctx, server := o.ctx, o.server
	o.mu.Unlock()
	o.running.Go(func() { server.Run(ctx) })
}

// close ends the process.
func (o *office) close() {
	o.mu.Lock()
	o.up = false
	o.mu.Unlock()
	o.stop()
	o.running.Wait()
	o.store.Close()
}

// serve takes a kiosk's connection; false: nobody answers.
func (o *office) serve(conn link.Conn) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.up || o.ctx.Err() != nil {
		return false
	}
	ctx, server := o.ctx, o.server
	o.running.Go(func() { _ = server.Link().Serve(ctx, conn) })
	return true
}

// crash lets the power go after some statements, while f works.
func (o *office) crash(f func()) {
	w := o.w
	o.mu.Lock()
	stop := o.stop
	o.mu.Unlock()
	o.disk.cutIn(w.dice.IntN(60), stop)
	f()
	w.wait(time.Duration(w.dice.IntN(3000)) * time.Millisecond)
	o.reboot()
}

// reboot opens the database again, as the crash left it.
func (o *office) reboot() {
	o.disk.cutIn(0, func() {})
	o.close()
	o.open()
}

// scope makes a node of the org tree.
func (o *office) scope(id, parent string) {
	o.w.must(o.store.PutScope(o.w.ctx, store.Scope{ID: id, Parent: parent, Name: id}))
}

func (o *office) put(scope string, d civic.Document) {
	o.w.must(o.store.PutDocument(o.w.ctx, scope, d))
}

// register writes a volunteer. It repeats what a crash interrupted, as a clerk
// would.
func (o *office) register(p *person, home string) {
	o.surely(func() error {
		return o.store.PutPerson(o.w.ctx, store.Person{Town: p.town, Home: home,
			Volunteer: civic.Volunteer{ID: p.id, Name: p.name, Cards: []civic.CardID{p.card}}})
	})
}

// surely does something again when the power went in the middle of it.
func (o *office) surely(do func() error) {
	o.w.t.Helper()
	for range 5 {
		err := do()
		if err == nil {
			return
		}
		if !errors.Is(err, errPower) && o.ctx.Err() == nil {
			o.w.must(err)
		}
		o.reboot()
	}
	o.w.violated("the center does not come back")
}

// earn books points. What was not answered is asked for again, with the same key.
func (w *world) earn(p *person, points ledger.Points) {
	w.earnIn(p, w.today()+pick(w.dice, []ledger.Day{20, 60, 400}), points)
}

func (w *world) earnIn(p *person, lot ledger.Day, points ledger.Points) {
	e := earning{p.id, w.key(), civic.Earning{On: w.today(), Expires: lot, What: "护河", Points: points}}
	w.truth.earn(p.id, points)
	w.office.surely(func() error { return w.office.store.Earn(w.ctx, e.person, e.key, e.earning) })
	w.truth.book(p.id, points)
	w.earnings = append(w.earnings, e)
	w.touched[p] = true
}

// reverse takes some of an earning back, as whoever finds that it was wrong.
func (w *world) reverse() {
	e := pick(w.dice, w.earnings)
	points := 1 + ledger.Points(w.dice.IntN(int(e.earning.Points)))
	id, _ := e.key.MarshalText()
	key, back := w.key(), civic.Earning{On: w.today(), Expires: e.earning.Expires, What: "入错表", Points: -points, Of: string(id)}
	w.truth.reverse(e.person, points)
	var r store.Reversal
	w.office.surely(func() (err error) {
		r, err = w.office.store.Reverse(w.ctx, e.person, key, back)
		if errors.Is(err, ledger.ErrNotEnough) || errors.Is(err, store.ErrRestored) { // others want it back, or it was forgotten
			return nil
		}
		return err
	})
	w.say("%d of %d are taken back, %q", r.Taken, points, r.State)
	for _, p := range w.people {
		if p.id != e.person {
			continue
		}
		w.touched[p] = true
		if w.oneIn(2) { // and the right number is entered
			w.earnIn(p, e.earning.Expires, 1+ledger.Points(w.dice.IntN(200)))
		}
	}
}

// backup copies the database while it serves.
func (o *office) backup() {
	path := o.newPath()
	o.w.must(o.store.Backup(o.w.ctx, path))
	c := &copied{path: path, booked: o.w.truth.bookedNow(), acked: o.w.truth.ackedNow(), earnings: len(o.w.earnings), heads: make(map[string]uint64)}
	for _, s := range o.w.stations {
		_, has, err := o.store.Kiosk(o.w.ctx, s.id)
		o.w.must(err)
		c.heads[s.id] = has.Head.Seq
	}
	var err error
	c.era, err = o.store.Era(o.w.ctx)
	o.w.must(err)
	o.copies = append(o.copies, c)
}

// take takes entries in as the center takes in what a courier brings.
func (o *office) take(kiosk string, epoch uint32, key ed25519.PrivateKey, e link.Entries) error {
	book := center.NewBook(o.store, slog.New(slog.DiscardHandler))
	_, err := link.Take(o.w.ctx, book, kiosk, epoch, key.Public().(ed25519.PublicKey), e)
	if q, ok := errors.AsType[link.Quarantine](err); ok {
		err = errors.Join(err, book.Quarantine(o.w.ctx, kiosk, epoch, q))
	}
	if err == nil {
		_, err = o.store.Fold(o.w.ctx, kiosk, epoch)
	}
	if errors.Is(err, store.ErrRestored) {
		return nil
	}
	return err
}

// restore puts an old copy in the place of the database. Told: an officer says so
// before anybody is served.
func (o *office) restore(c *copied, told bool) {
	w := o.w
	o.close()
	synctest.Wait()
	o.path = o.newPath()
	w.must(copyFile(c.path, o.path))
	w.truth.forget(c)
	o.restores++
	o.untold = !told
	if told {
		s, err := store.Open(w.ctx, store.Config{Database: o.path, Now: o.now, Random: rand.Reader})
		w.must(err)
		w.must(s.Restored(w.ctx))
		w.must(s.Close())
	}
	o.open()
}

// copyFolder copies the files of a folder, which only their owner may read.
func copyFolder(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil || d.IsDir() {
			return errors.Join(err, os.MkdirAll(filepath.Join(to, name), 0o700))
		}
		return copyFile(path, filepath.Join(to, name))
	})
}

func copyFile(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}
