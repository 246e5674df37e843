package center

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"crypto/tls"

	"yizhan/center/store"
	"yizhan/center/store/storetest"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

func TestMain(m *testing.M) {
	if spec := os.Getenv(childEnv); spec != "" {
		fmt.Fprintln(os.Stderr, runChild(spec))
		os.Exit(1)
	}
	code := m.Run()
	storetest.Stop()
	os.Exit(code)
}

// engines runs a test on both databases.
func engines(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel() // the tests wait more than they work
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, filepath.Join(t.TempDir(), "book.db")))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, newWorld(t, storetest.Database(t)))
	})
}

// world is a county: one database, the keys of its center, and a tree of two towns.
// Its own store is like the command line, another program on the same database.
type world struct {
	*store.Store
	t        testing.TB
	database string
	keyDir   string
	keys     *Keys
	gifts    uint64
}

const lot = ledger.Day(4000)

func newWorld(t testing.TB, database string) *world {
	t.Helper()
	w := &world{t: t, database: database}
	w.Store = w.open()
	w.keyDir = filepath.Join(t.TempDir(), "keys")
	var err error
	w.keys, err = OpenKeys(w.keyDir, KeyOptions{Now: time.Now, Random: rand.Reader, Make: true})
	w.must(err)
	for _, s := range []store.Scope{{ID: "center", Name: "县中心"}, {ID: "qingxi", Parent: "center", Name: "清溪镇"}, {ID: "lianhua", Parent: "center", Name: "莲花镇"}} {
		w.must(w.PutScope(t.Context(), s))
	}
	return w
}

func (w *world) open() *store.Store {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), store.Config{Database: w.database, Now: time.Now})
	w.must(err)
	w.t.Cleanup(func() { s.Close() })
	return s
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// process is one center that serves.
type process struct {
	*Server
	address string
	stop    func() // ends it in good order
}

// serve starts a process of the center on a port of its own, or again on another's.
func (w *world) serve(address string) *process {
	w.t.Helper()
	s, err := New(Config{Store: w.open(), Keys: w.keys, Hosts: []string{"center.test"}, Address: "county.test:443", Now: time.Now, Random: rand.Reader,
		Log: slog.New(slog.NewTextHandler(w.t.Output(), nil))})
	w.must(err)
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	w.must(err)
	web := &http.Server{Handler: s.Handler(), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { s.Run(ctx) })
	work.Go(func() { _ = web.Serve(tls.NewListener(l, w.keys.TLS())) })
	p := &process{Server: s, address: l.Addr().String(), stop: sync.OnceFunc(func() {
		web.Close()
		cancel()
		work.Wait()
	})}
	w.t.Cleanup(p.stop)
	return p
}

// at is for a box that stays with one process.
func (p *process) at() string { return p.address }

// kiosk registers a kiosk and enrols a box for it, over the network.
func (w *world) kiosk(p *process, id, scope string) *box {
	w.t.Helper()
	w.must(w.PutKiosk(w.t.Context(), store.Kiosk{ID: id, Name: id + "站", Parent: scope}))
	b := newBox(w.t)
	w.enrol(p, b, id)
	return b
}

// enrol makes the box the kiosk.
func (w *world) enrol(p *process, b *box, id string) {
	w.t.Helper()
	code, _, err := w.MakeCode(w.t.Context(), id, "李科")
	w.must(err)
	r := link.EnrolRequest{Code: code, Least: 1, Program: "test"}
	r.Sign(w.keys.Pin(), b.key)
	a, err := link.Enrol(w.t.Context(), p.address, w.keys.Pin(), r)
	if err != nil || a.State != link.EnrolWaiting {
		w.t.Fatalf("asking to be enrolled: %+v, %v", a, err)
	}
	waiting, err := w.Waiting(w.t.Context())
	w.must(err)
	for _, e := range waiting {
		if e.Kiosk == id {
			_, err := w.Approve(w.t.Context(), e.ID, "李科")
			w.must(err)
		}
	}
	a, err = link.Enrol(w.t.Context(), p.address, w.keys.Pin(), r)
	if err != nil || a.State != link.EnrolApproved || a.Issuer != link.Digest(w.keys.Issuer()) {
		w.t.Fatalf("asking again: %+v, %v", a, err)
	}
	b.mu.Lock()
	b.head = ledger.Head{Kiosk: id, Epoch: a.Epoch}
	b.mu.Unlock()
}

func (w *world) person(n byte, home string) ledger.ID {
	w.t.Helper()
	id := ledger.ID{n, 1}
	w.must(w.PutPerson(w.t.Context(), store.Person{Volunteer: civic.Volunteer{ID: id, Name: "张伟", Cards: []civic.CardID{{n}}}, Town: "qingxi", Home: home}))
	return id
}

func (w *world) earn(v ledger.ID, points ledger.Points) {
	w.t.Helper()
	w.gifts++
	var key ledger.Key
	binary.BigEndian.PutUint64(key[:], w.gifts)
	w.must(w.Earn(w.t.Context(), v, key, civic.Earning{On: 2300, Expires: lot, What: "护河", Points: points}))
}

// soon waits for something that happens by itself.
func (w *world) soon(what string, ready func() bool) {
	w.t.Helper()
	for end := time.Now().Add(20 * time.Second); !ready(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("%s does not happen", what)
		}
	}
}

// online waits until boxes are connected. Somebody who waits there keeps them from
// resting long between their attempts.
func (w *world) online(boxes ...*box) {
	w.t.Helper()
	for _, b := range boxes {
		w.soon("being online", func() bool {
			if b.State().Online {
				return true
			}
			_, err := b.Identify(w.t.Context(), civic.CardID{})
			return err == nil
		})
	}
}

// drained waits until the center has and has folded what the boxes wrote.
func (w *world) drained(boxes ...*box) {
	w.t.Helper()
	for _, b := range boxes {
		w.soon("draining", func() bool {
			head, acked := b.Head()
			c, err := w.Chain(w.t.Context(), head.Kiosk, head.Epoch)
			w.must(err)
			return acked == head.Seq && c.Head == head && c.Folded == head.Seq
		})
	}
}

// closed proves the book, and that it earned what it should.
func (w *world) closed(earned ledger.Points) {
	w.t.Helper()
	r, err := w.Verify(context.Background())
	w.must(err)
	for _, f := range r.Findings {
		w.t.Errorf("%s: %s", f.Where, f.What)
	}
	if r.Earned != earned || r.Earned != r.Expired+r.Free+r.Out {
		w.t.Errorf("%d earned (want %d), %d expired, %d free, %d out", r.Earned, earned, r.Expired, r.Free, r.Out)
	}
}
