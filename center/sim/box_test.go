package sim

import (
	"context"
	"crypto/ed25519"
	crypto "crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	center "yizhan/center/store"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/kiosk/store/journal/faulty"
	"yizhan/ledger"
	"yizhan/link"
)

// station is a place where a kiosk stands.
type station struct {
	w       *world
	id      string
	town    string
	shelf   bool // self-service
	box     *box // the box that serves
	twin    *box // a second box of the same disk; nil: there is none
	retired []*box
	images  []*image
	boxes   int
	cut     atomic.Bool // no net
}

func (s *station) isAway() bool { return s.cut.Load() }

// box is one kiosk: a disk, and the process that runs on it.
type box struct {
	station *station
	epoch   uint32
	dir     string
	disk    *faulty.Disk
	key     ed25519.PrivateKey
	skew    atomic.Int64 // of its clock, in ms
	boot    [8]byte
	booted  time.Time
	away    atomic.Bool // its own cable is out
	suspect bool        // its disk is a copy, or was copied
	store   *store.Store
	link    *link.Kiosk
	stop    context.CancelFunc
	ended   chan struct{}
	conn    atomic.Pointer[link.Conn]
	applied atomic.Uint64 // batches of documents

	// Promises, guarded by the truth's mutex.
	said    map[uint64]ledger.State // what a screen said of a redemption
	floor   uint64                  // the last entry that somebody was told of
	cursors map[string]uint64       // how far the center was told that documents are here

	// Of a box that was taken away: what its book said, and its journal.
	left    map[ledger.ID]ledger.Account
	entries [][]byte
}

// found sets up a station with its first box.
func (w *world) found(n int) {
	s := &station{w: w, id: fmt.Sprintf("K-%02d", n), town: townName(n % w.size.towns), shelf: w.oneIn(4)}
	w.stations = append(w.stations, s)
	w.must(w.office.store.PutKiosk(w.ctx, center.Kiosk{ID: s.id, Name: s.id, Parent: s.town, Cap: ledger.Points(2000 + w.dice.IntN(1_000_000))}))
	w.office.put(s.id, civic.Document{Station: &civic.Station{Version: 1, Kiosk: s.id, Name: "益栈", Policy: civic.Policy{SelfService: s.shelf, MonthlyLimit: 99}}})
	for _, good := range goods {
		w.office.put(s.id, civic.Document{Good: &civic.Good{Code: good, Version: 1, Name: "大米", Unit: "袋", Price: prices[good], Delivered: 20}})
	}
	s.replace()
}

var goods = []string{"EGG", "OIL", "RICE", "SALT"}

var prices = map[string]ledger.Points{"EGG": 10, "OIL": 70, "RICE": 30, "SALT": 1}

// replace puts a new box into the station's place: a new epoch.
func (s *station) replace() {
	w := s.w
	if s.box != nil {
		s.box.retire()
		s.retired = append(s.retired, s.box)
	}
	if s.twin != nil {
		s.twin.powerOff()
		s.twin = nil
	}
	s.images = nil
	s.boxes++
	b := &box{station: s, dir: filepath.Join(w.dir, fmt.Sprintf("%s-%d", s.id, s.boxes)), disk: faulty.New(),
		said: make(map[uint64]ledger.State), cursors: make(map[string]uint64)}
	w.must(os.MkdirAll(b.dir, 0o700))
	keys, err := store.Keys(b.config())
	w.must(err)
	b.key = keys.Signing()
	b.epoch = w.enrol(s.id, b.key)
	s.box = b
	b.powerOn()
}

// enrol brings a box to the center as an officer and a technician do.
func (w *world) enrol(kiosk string, key ed25519.PrivateKey) (epoch uint32) {
	w.office.surely(func() error {
		code, _, err := w.office.store.MakeCode(w.ctx, kiosk, "officer")
		if err != nil {
			return err
		}
		e, err := w.office.store.Enrol(w.ctx, code, key.Public().(ed25519.PublicKey), 1)
		if err != nil {
			return err
		}
		e, err = w.office.store.Approve(w.ctx, e.ID, "officer")
		epoch = e.Epoch
		return err
	})
	return epoch
}

// Now is the box's clock.
func (b *box) Now() store.Instant {
	w := b.station.w
	return store.Instant{WallMS: w.now().UnixMilli() + b.skew.Load(), MonoMS: time.Since(b.booted).Milliseconds(), Boot: b.boot, Quality: ledger.ClockSynced}
}

func (b *box) time() time.Time { return time.UnixMilli(b.Now().WallMS) }

func (b *box) config() store.Config {
	return store.Config{Dir: b.dir, JournalDir: "/journal", JournalFS: b.disk, Kiosk: b.station.id, Epoch: b.epoch, Clock: b, Random: crypto.Reader,
		Program: "sim", Tick: make(chan time.Time), SegmentBytes: 64 << 10, FreeBytes: func(string) (int64, error) { return 1 << 40, nil }}
}

// library counts what is applied, and leaves the rest to the store.
type library struct {
	*store.Store
	box *box
}

func (l library) Apply(ctx context.Context, era, scope string, version uint64, documents []json.RawMessage) error {
	l.box.applied.Add(1)
	return l.Store.Apply(ctx, era, scope, version, documents)
}

// powerOn verifies the books, and starts the kiosk's process on them.
func (b *box) powerOn() {
	w := b.station.w
	binary.BigEndian.PutUint64(b.boot[:], rand.Uint64())
	b.booted = time.Now()
	report, err := store.Verify(w.ctx, b.config())
	w.must(err)
	if !report.OK {
		w.violated("%s: after a start its books are not whole: %+v", b.station.id, report)
	}
	b.store, err = store.Open(w.ctx, b.config())
	w.must(err)
	keys, err := theKeys()
	w.must(err)
	b.link = link.NewKiosk(link.KioskConfig{Key: b.key, Center: keys.Pin(), Program: "sim", Now: b.time, Random: rand.New(rand.NewPCG(w.seed, uint64(b.epoch))),
		Dial:    func(context.Context) (link.Conn, error) { return w.net.dial(b) },
		Journal: b.store, Library: library{b.store, b}, Purse: b.store, Guard: b.store, Serve: b.serve, Release: b.release,
		Status: func() link.Status { return link.Status{Printer: "ok", Paper: "ok"} }})
	b.store.Watch(b.link.Wake)
	ctx, stop := context.WithCancel(w.ctx)
	b.stop, b.ended = stop, make(chan struct{})
	go func(l *link.Kiosk, ended chan struct{}) { defer close(ended); _ = l.Run(ctx) }(b.link, b.ended)
}

// powerOff ends the process.
func (b *box) powerOff() {
	b.stop()
	<-b.ended
	_ = b.store.Close() // a store that a crash ended says so
}

// connected keeps the connection, so that it can be cut.
func (b *box) connected(c link.Conn) { b.conn.Store(&c) }

func (b *box) disconnect() {
	if c := b.conn.Load(); c != nil {
		(*c).Close()
	}
}

func (b *box) online() bool { return b.link.State().Online }

// chain names the box's chain.
func (b *box) chain() chain { return chain{b.station.id, b.epoch} }

// retire takes the box away for good; what its book says is remembered.
func (b *box) retire() {
	b.left, b.entries = b.accounts(), b.journal()
	b.powerOff()
}

// journal reads the whole chain.
func (b *box) journal() (all [][]byte) {
	for {
		list, err := b.store.Since(b.station.w.ctx, uint64(len(all)), 500, 1<<20)
		b.station.w.must(err)
		if len(list) == 0 {
			return all
		}
		all = append(all, list...)
	}
}

// accounts reads every account of the book that was ever granted something.
func (b *box) accounts() map[ledger.ID]ledger.Account {
	all := make(map[ledger.ID]ledger.Account)
	var after ledger.ID
	for {
		ids, accounts, err := b.store.Granted(b.station.w.ctx, after, 500)
		b.station.w.must(err)
		if len(ids) == 0 {
			return all
		}
		for i, id := range ids {
			all[id] = accounts[i]
		}
		after = ids[len(ids)-1]
	}
}

// hash is that of an entry of the box's chain; false: it does not reach that far.
func (b *box) hash(seq uint64) (ledger.Hash, bool) {
	if seq == 0 {
		return ledger.Hash{}, true
	}
	list, err := b.store.Since(b.station.w.ctx, seq-1, 1, 1)
	b.station.w.must(err)
	if len(list) == 0 {
		return ledger.Hash{}, false
	}
	return ledger.HashOf(list[0]), true
}

// running are the boxes that serve at the station: one, or two of one disk.
func (s *station) running() []*box {
	if s.twin != nil {
		return []*box{s.box, s.twin}
	}
	return []*box{s.box}
}

func (s *station) close() {
	for _, b := range s.running() {
		b.powerOff()
	}
}

// image is a copy of a box's disk.
type image struct {
	dir     string
	disk    *faulty.Disk
	epoch   uint32
	key     ed25519.PrivateKey
	said    map[uint64]ledger.State
	floor   uint64
	cursors map[string]uint64
}

// image copies the disk of the box while it runs.
func (b *box) image() *image {
	s := b.station
	s.boxes++
	i := &image{dir: filepath.Join(s.w.dir, fmt.Sprintf("%s-image-%d", s.id, s.boxes)), disk: b.disk.Copy(), epoch: b.epoch, key: b.key}
	s.w.must(copyFolder(b.dir, i.dir))
	s.w.truth.locked(func() {
		i.said, i.floor, i.cursors = maps.Clone(b.said), b.floor, maps.Clone(b.cursors)
	})
	return i
}

// boxOf runs a box on a copy of an image.
func (s *station) boxOf(i *image) *box {
	s.boxes++
	b := &box{station: s, epoch: i.epoch, key: i.key, dir: filepath.Join(s.w.dir, fmt.Sprintf("%s-%d", s.id, s.boxes)), disk: i.disk.Copy(),
		suspect: true, said: maps.Clone(i.said), floor: i.floor, cursors: maps.Clone(i.cursors)}
	s.w.must(copyFolder(i.dir, b.dir))
	b.powerOn()
	return b
}
