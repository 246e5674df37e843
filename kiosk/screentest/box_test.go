package screentest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/kiosk"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
	"yizhan/printer/sim"
)

// panel is a touchscreen as kiosks are built with.
type panel struct {
	name          string
	width, height int64 // pixels
	inches        float64
}

var (
	tall   = panel{"tall", 1080, 1920, 21.5}
	wide   = panel{"wide", 1280, 800, 10.1}
	panels = []panel{tall, wide}
)

// zone is where the village lies.
var zone = time.FixedZone("UTC+8", 8*60*60)

// clock goes at the world's pace, from an afternoon on which the village's
// documents are as they are meant to be.
type clock struct{ started time.Time }

func (c clock) Now() store.Instant {
	passed := time.Since(c.started).Milliseconds()
	return store.Instant{WallMS: time.Date(2026, 11, 23, 14, 30, 0, 0, zone).UnixMilli() + passed, MonoMS: 1e6 + passed}
}

// box is a kiosk with its books, its printer and its address. It can be switched
// off and on again.
type box struct {
	testing.TB
	panel
	dir     string // of the books
	address string // 127.0.0.1:PORT, the same after each start
	clock   clock
	options []func(*kiosk.Config)
	log     lockedBuffer
	free    atomic.Int64 // bytes on the medium, as the books are told

	books  *store.Store
	server *kiosk.Server
	stop   func() // switches off; may be called twice

	printer *sim.Device
	mu      sync.Mutex
	papers  []sim.Paper
}

// newBox sets up a kiosk with the village's documents, and switches it on.
func newBox(t testing.TB, p panel, options ...func(*kiosk.Config)) *box {
	t.Helper()
	b := bareBox(t, p, options...)
	path := filepath.Join(b.dir, "village.yzb")
	writeBundle(t, path, kioskName, 1)
	if _, err := b.books.LoadBundle(t.Context(), path, store.LoadOptions{Trust: true}); err != nil {
		t.Fatal(err)
	}
	return b
}

// bareBox sets up a kiosk without any documents, and switches it on.
func bareBox(t testing.TB, p panel, options ...func(*kiosk.Config)) *box {
	t.Helper()
	b := &box{TB: t, panel: p, dir: t.TempDir(), address: "127.0.0.1:0", clock: clock{time.Now()}, options: options}
	b.free.Store(1 << 40)
	b.plug()
	t.Cleanup(func() { b.unplug() })
	b.start()
	t.Cleanup(func() { b.stop() })
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what the kiosk logged:\n%s", b.log.String())
		}
	})
	return b
}

// start opens the books and serves the screen.
func (b *box) start() {
	b.Helper()
	var err error
	b.books, err = store.Open(b.Context(), store.Config{Dir: filepath.Join(b.dir, "kiosk"), Kiosk: kioskName, Clock: b.clock, Random: rand.Reader, Zone: zone,
		FreeBytes: func(string) (int64, error) { return b.free.Load(), nil }})
	b.must(err)
	cfg := kiosk.Config{
		Store: b.books, Clock: b.clock, Random: rand.Reader, Log: slog.New(slog.NewTextHandler(&b.log, nil)), Zone: zone,
		Printer: kiosk.SerialPort(b.device(), 115200), Paper: printer.Profile58,
		Screen: kiosk.Screen{DiagonalInch: b.inches}, Lang: assets.Chinese, PINCost: pinCost,
		IdleSeconds: 600, CountdownSeconds: 600,
	}
	for _, option := range b.options {
		option(&cfg)
	}
	b.server, err = kiosk.New(cfg)
	b.must(err)
	b.serve()
}

// serve listens on the box's address until stop.
func (b *box) serve() {
	b.Helper()
	listener, err := net.Listen("tcp", b.address)
	b.must(err)
	b.address = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	web := &http.Server{Handler: b.server.Handler()}
	var work sync.WaitGroup
	work.Go(func() { b.server.Run(ctx) })
	work.Go(func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			b.Error(err)
		}
	})
	books := b.books
	b.stop = sync.OnceFunc(func() {
		cancel()
		if err := web.Close(); err != nil {
			b.Error(err)
		}
		work.Wait()
		if err := books.Close(); err != nil {
			b.Error(err)
		}
	})
}

// device is the name under which the kiosk knows its printer; it stays when the
// printer is unplugged.
func (b *box) device() string { return filepath.Join(b.dir, "printer") }

// plug connects a printer.
func (b *box) plug() {
	b.Helper()
	var err error
	b.printer, err = sim.Start(sim.Options{Profile: printer.Profile58, Level: sim.Confirmed, OnPaper: b.keep}, 0)
	b.must(err)
	b.must(os.Symlink(b.printer.Path, b.device()))
}

// unplug takes the printer away. Without one nothing happens.
func (b *box) unplug() {
	b.Helper()
	if b.printer == nil {
		return
	}
	b.must(os.Remove(b.device()))
	b.must(b.printer.Close())
	b.printer = nil
}

// keep takes a piece of paper out of the printer.
func (b *box) keep(p sim.Paper) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.papers = append(b.papers, p)
	for _, m := range p.Mistakes {
		b.Errorf("the printer got something wrong: %v", m)
	}
}

// paper waits until n pieces of paper have come out, and returns the last.
func (b *box) paper(n int) sim.Paper {
	b.Helper()
	var last sim.Paper
	b.within(10*time.Second, "a piece of paper", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.papers) > n {
			b.Fatalf("%d pieces of paper came out, want %d", len(b.papers), n)
		}
		if len(b.papers) == n {
			last = b.papers[n-1]
		}
		return len(b.papers) == n
	})
	return last
}

// redemptions are all of a person's, the newest first.
func (b *box) redemptions(person byte) []store.Redemption {
	b.Helper()
	list, err := b.books.RedemptionsOf(id(person), 0, 100)
	b.must(err)
	return list
}

// balance is what a person can spend, by the books.
func (b *box) balance(person byte) ledger.Points {
	b.Helper()
	account, err := b.books.Account(id(person))
	b.must(err)
	return account.Spendable()
}

// reserve redeems for somebody who is not at the screen.
func (b *box) reserve(person byte, good string, price ledger.Points) store.Redemption {
	b.Helper()
	r, err := b.books.Reserve(b.Context(), store.Reserve{Key: b.key(), Volunteer: id(person), Good: good, Quantity: 1, Price: price})
	b.must(err)
	return r
}

func (b *box) key() (key ledger.Key) {
	b.Helper()
	_, err := rand.Read(key[:])
	b.must(err)
	return key
}

func (b *box) must(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// within waits for something to become true.
func (b *box) within(limit time.Duration, what string, is func() bool) {
	b.Helper()
	for end := time.Now().Add(limit); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("waited %v in vain: %s", limit, what)
		}
	}
}

// lockedBuffer keeps what many goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(l.b.String())
}
