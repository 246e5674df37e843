package store

import (
	"context"
	"flag"
	"os"
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

// The server itself ends every connection again and again, as when it is
// restarted or fails over; the work goes on, and the book closes.
func TestServerEndsConnections(t *testing.T) {
	w := newWorld(t, storetest.Database(t))
	b := w.kiosk("SQ-01")
	v := w.person(1, "SQ-01")
	killer, err := pgx.Connect(t.Context(), storetest.URL("postgres"))
	w.must(err)
	defer killer.Close(context.Background())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		n := 0
		for ctx.Err() == nil {
			tag, err := killer.Exec(context.Background(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'book%'")
			if err == nil {
				n += int(tag.RowsAffected())
			}
			time.Sleep(time.Duration(15+n%60) * time.Millisecond) // a slow machine gets through now and then
		}
		ended <- n
	}()
	for range 25 {
		w.earn(v, lotA, 10)
		b.down()
		b.settle(b.reserve(v, 4))
		b.up()
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
