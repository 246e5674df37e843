package store

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"yizhan/center/store/storetest"
)

// rounds makes the random tests longer; CI runs them as they are.
var rounds = flag.Int("rounds", 1, "how many times longer the random tests run")

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	storetest.Stop()
	os.Exit(code)
}

// killer ends every connection to the test's databases, waits until they are gone, and
// tells how many there were.
func killer(t *testing.T) func() int {
	conn, err := pgx.Connect(t.Context(), storetest.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return func() int {
		tag, err := conn.Exec(context.Background(), "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname LIKE 'book%'")
		if err != nil {
			t.Error(err)
		}
		return int(tag.RowsAffected())
	}
}

// The server itself ends every connection again and again, as when it is
// restarted or fails over; the work goes on, and the book closes. How often it may in one
// piece of work is counted, not timed: on a slow machine nothing would ever get through.
func TestServerEndsConnections(t *testing.T) {
	w := newWorld(t, storetest.Database(t))
	b := w.kiosk("SQ-01")
	v := w.person(1, "SQ-01")
	kill := killer(t)
	const most = 4 // in one piece of work; an attempt is lost to each at most
	var left atomic.Int64
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		n := 0
		for ctx.Err() == nil {
			if left.Add(-1) >= 0 {
				n += kill()
			}
			time.Sleep(time.Duration(2+n%30) * time.Millisecond)
		}
		ended <- n
	}()
	for range 25 {
		for _, work := range []func(){func() { w.earn(v, lotA, 10) }, b.down, func() { b.settle(b.reserve(v, 4)) }, b.up} {
			left.Store(most)
			work()
		}
	}
	stop()
	if n := <-ended; n == 0 {
		t.Error("no connection was ended")
	}
	b.same(v)
	if l := w.lot(v, lotA); l.Earned != 250 || l.Free != 0 {
		t.Errorf("%+v", l)
	}
	w.proof()
}

// After the server has ended every connection, what comes next loses no attempt to those
// that lie idle, however many there are.
func TestIdleConnectionsThatDied(t *testing.T) {
	w := newWorld(t, storetest.Database(t))
	w.kiosk("SQ-01")
	kill := killer(t)
	var repeated atomic.Int64
	s, err := Open(t.Context(), Config{Database: w.database, Now: func() time.Time { return w.time }, Log: slog.New(repeats{slog.DiscardHandler, &repeated})})
	w.must(err)
	defer s.Close()
	var together sync.WaitGroup
	for range maxAttempts + 2 {
		together.Go(func() {
			if err := s.Seen(t.Context(), "SQ-01", nil); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	idle := s.db.Stats().Idle
	repeated.Store(0)
	if n := kill(); n < idle || idle == 0 {
		t.Fatalf("%d connections ended of %d", n, idle)
	}
	_, err = s.Chain(t.Context(), "SQ-01", 1)
	w.must(err)
	w.must(s.Seen(t.Context(), "SQ-01", nil))
	if n := repeated.Load(); n > 0 {
		t.Errorf("%d attempts were lost to %d idle connections", n, idle)
	}
}

// repeats counts the transactions that are repeated, as the log tells.
type repeats struct {
	slog.Handler
	n *atomic.Int64
}

func (repeats) Enabled(context.Context, slog.Level) bool { return true }

func (r repeats) Handle(_ context.Context, rec slog.Record) error {
	if rec.Message == "a transaction is repeated" {
		r.n.Add(1)
	}
	return nil
}
