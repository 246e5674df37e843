package link

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/ledger"
)

// world is a center and some kiosks in one bubble.
type world struct {
	office *office
	boxes  map[string]*box
	fates  func(kiosk string) Fates // of the next connection; nil: none breaks
	ctx    context.Context
	mu     sync.Mutex
	away   map[string]bool // kiosks whose calls do not come through
	dials  int
	backup *office
	links  map[string]int // connections that were made
}

// box is a kiosk of a world.
type box struct {
	*book
	kiosk *Kiosk
	stop  context.CancelFunc
	ended chan struct{}
}

// inWorld runs a test in a bubble, and ends everything after it.
func inWorld(t *testing.T, f func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		w := &world{office: newOffice(), boxes: map[string]*box{}, away: map[string]bool{}, links: map[string]int{}, ctx: ctx}
		w.office.link = NewCenter(CenterConfig{Key: Digest{1}, Random: &locked{r: rand.NewChaCha8([32]byte{})}, Now: time.Now,
			Registry: w.office, Chains: w.office, Shelf: w.office, Desk: w.office, Shop: w.office, Witness: w.office})
		f(t, w)
		stop()
		for _, b := range w.boxes {
			<-b.ended
		}
		synctest.Wait()
	})
}

// locked makes a source of chance safe for many goroutines.
type locked struct {
	mu sync.Mutex
	r  *rand.ChaCha8
}

func (l *locked) Read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(b)
}

func keyOf(kiosk string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(kiosk))
	return ed25519.NewKeyFromSeed(seed[:])
}

// enrol registers a kiosk and starts it.
func (w *world) enrol(kiosk string) *box { return w.enrolWith(kiosk, newBook(kiosk)) }

func (w *world) enrolWith(kiosk string, bk *book) *box {
	w.office.enrol(kiosk, keyOf(kiosk).Public().(ed25519.PublicKey))
	return w.start(kiosk, bk)
}

// start runs a kiosk on a book.
func (w *world) start(kiosk string, bk *book) *box {
	b := &box{book: bk, ended: make(chan struct{})}
	b.kiosk = NewKiosk(KioskConfig{Key: keyOf(kiosk), Center: Digest{1}, Program: "test", Dial: func(ctx context.Context) (Conn, error) { return w.dial(kiosk) },
		Now: time.Now, Random: rand.New(rand.NewChaCha8(sha256.Sum256([]byte(kiosk)))), Journal: bk, Library: bk, Purse: bk, Guard: bk,
		Serve: bk.serve, Release: bk.release, Status: func() Status { return Status{Printer: "ok", Paper: "ok"} }})
	bk.grown = b.kiosk.Wake
	w.run(b)
	w.boxes[kiosk] = b
	return b
}

func (w *world) run(b *box) {
	ctx, stop := context.WithCancel(w.ctx)
	b.stop = stop
	go func() { defer close(b.ended); _ = b.kiosk.Run(ctx) }()
}

func (w *world) dial(kiosk string) (Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dials++
	if w.away[kiosk] {
		return nil, errors.New("no route")
	}
	w.links[kiosk]++
	var fates Fates
	if w.fates != nil {
		fates = w.fates(kiosk)
	}
	near, far := Pipe(fates)
	go func() { _ = w.office.link.Serve(w.ctx, far) }()
	return near, nil
}

// cut takes a kiosk off the net, or puts it back.
func (w *world) cut(kiosk string, away bool) {
	w.mu.Lock()
	w.away[kiosk] = away
	w.mu.Unlock()
	if s := w.office.link.session(kiosk); away && s != nil {
		s.peer.conn.Close()
	}
	synctest.Wait()
}

// dialed counts the calls of all kiosks.
func (w *world) dialed() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dials
}

// linked counts the connections of a kiosk.
func (w *world) linked(kiosk string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.links[kiosk]
}

// settle waits until nothing is on its way any more.
func (w *world) settle() { time.Sleep(12 * time.Minute); synctest.Wait() }

// safe holds that no more is out at kiosks than was earned, as the books
// themselves say.
func (w *world) safe() error {
	w.office.mu.Lock()
	defer w.office.mu.Unlock()
	for id, lot := range w.office.lots {
		var out ledger.Points
		for kiosk, b := range w.boxes {
			a := b.account(id)
			if err := a.Check(); err != nil {
				return fmt.Errorf("kiosk %s: %w", kiosk, err)
			}
			for _, r := range a.Rights {
				out += r.Granted - r.Returned
			}
		}
		if out > lot.Earned {
			return fmt.Errorf("%d points are out, %d were earned", out, lot.Earned)
		}
	}
	return nil
}

// converged holds that the center and the books tell the same.
func (w *world) converged() error {
	if err := w.safe(); err != nil {
		return err
	}
	w.office.mu.Lock()
	defer w.office.mu.Unlock()
	w.office.fold()
	for kiosk, b := range w.boxes {
		head, acked := b.Head()
		if r := w.office.boxes[kiosk]; r.head != head || acked != head.Seq || r.untold {
			return fmt.Errorf("the center has %s up to %d, the kiosk up to %d, %d acknowledged; untold: %v", kiosk, r.head.Seq, head.Seq, acked, r.untold)
		}
		if _, at := b.Cursors(); at["center"] != uint64(len(w.office.scopes["center"])) || at[own(kiosk)] != uint64(len(w.office.scopes[own(kiosk)])) {
			return fmt.Errorf("%s has documents up to %v", kiosk, at)
		}
		for _, raw := range w.office.scopes["center"] {
			var n note
			if err := json.Unmarshal(raw, &n); err != nil || !b.texts[n.Text] {
				return fmt.Errorf("%s does not have the text %.40s: %v", kiosk, raw, err)
			}
		}
	}
	for id, lot := range w.office.lots {
		if err := lot.Check(); err != nil {
			return err
		}
		for kiosk, b := range w.boxes {
			here, there := ledger.Right{Expires: lot.Expires}, lot.At[kiosk]
			if i := slices.IndexFunc(b.account(id).Rights, func(r ledger.Right) bool { return r.Expires == lot.Expires }); i >= 0 {
				here = b.account(id).Rights[i]
			}
			if there.Expires = lot.Expires; here != there {
				return fmt.Errorf("of %s the center has %+v, kiosk %s %+v", id, lot.At[kiosk], kiosk, b.account(id))
			}
		}
	}
	return nil
}
