package center

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// childEnv makes the test binary a center of its own: folder of the keys,
// database and address, one a line.
const childEnv = "YIZHAN_TEST_CENTER"

// clockEnv is by how much a child's clock is ahead, for what takes long.
const clockEnv = "YIZHAN_TEST_CLOCK"

// runChild serves until it is killed.
func runChild(spec string) error {
	parts := strings.Split(spec, "\n")
	ahead, _ := time.ParseDuration(os.Getenv(clockEnv)) // unset: by nothing
	now := func() time.Time { return time.Now().Add(ahead) }
	book, err := store.Open(context.Background(), store.Config{Database: parts[1], Now: now})
	if err != nil {
		return err
	}
	keys, err := OpenKeys(parts[0], KeyOptions{Now: now, Random: rand.Reader})
	if err != nil {
		return err
	}
	server, err := New(Config{Store: book, Keys: keys, Now: now, Random: rand.Reader})
	if err != nil {
		return err
	}
	server.counting()
	l, err := net.Listen("tcp", parts[2])
	if err != nil {
		return err
	}
	go server.Run(context.Background())
	return (&http.Server{Handler: server.Handler()}).Serve(tls.NewListener(l, keys.TLS()))
}

// child is a process of the center that can be killed.
func (w *world) child(address string, env ...string) *exec.Cmd {
	w.t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), fmt.Sprintf("%s=%s\n%s\n%s", childEnv, w.keyDir, w.database, address))
	c.Env = append(c.Env, env...)
	c.Stderr = w.t.Output()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	w.must(c.Start())
	return c
}

// The center is killed again and again, in whatever step it may be, while two
// kiosks redeem, top up and give back. At the end nothing is lost, nothing is
// counted twice, and the book closes.
func TestTheCenterIsKilled(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		p := w.serve("")
		home, away := w.kiosk(p, "QX-01", "qingxi"), w.kiosk(p, "LH-01", "lianhua")
		p.stop()
		c := w.child(p.address)
		defer func() { _ = c.Process.Kill(); _ = c.Wait() }()
		home.connect(w.keys.Pin(), p.at)
		away.connect(w.keys.Pin(), p.at)
		w.online(home, away)
		people := []ledger.ID{w.person(1, "QX-01"), w.person(2, "LH-01"), w.person(3, "QX-01")}
		var earned, spent atomic.Int64
		random := mathrand.New(mathrand.NewPCG(7, 7))
		for round := range 4 {
			for end := time.Now().Add(time.Duration(300+random.IntN(900)) * time.Millisecond); time.Now().Before(end); {
				v, b := people[random.IntN(3)], home
				if random.IntN(2) == 0 {
					b = away
				}
				switch points := ledger.Points(1 + random.IntN(20)); random.IntN(4) {
				case 0:
					w.earn(v, points)
					earned.Add(int64(points))
				case 1:
					_, _ = b.TopUp(t.Context(), v, b.granted(v), points) // it may be on its way still when the center dies
				default:
					if b.spend(v, points) == nil {
						spent.Add(int64(points))
					}
				}
			}
			w.must(c.Process.Kill())
			_ = c.Wait()
			t.Logf("round %d: %d earned, %d spent", round, earned.Load(), spent.Load())
			c = w.child(p.address)
			w.online(home, away)
		}
		w.drained(home, away)
		if spent.Load() == 0 || earned.Load() < spent.Load() {
			t.Errorf("%d earned, %d spent", earned.Load(), spent.Load())
		}
		var atCenter ledger.Points
		for _, b := range []*box{home, away} {
			head, _ := b.Head()
			chain, err := w.Chain(t.Context(), head.Kiosk, head.Epoch)
			w.must(err)
			atCenter += chain.Spent
		}
		if int64(atCenter) != spent.Load() {
			t.Errorf("%d were spent, the center has %d", spent.Load(), atCenter)
		}
		w.soon("everybody agreeing", func() bool {
			for _, v := range people {
				a, err := w.Account(t.Context(), v)
				w.must(err)
				for _, r := range a.Rights {
					b := home
					if r.Kiosk == "LH-01" {
						b = away
					}
					if b.granted(v) != r.Granted || b.spendable(v) != r.Spendable() {
						return false
					}
				}
			}
			return true
		})
		w.closed(ledger.Points(earned.Load()))
	})
}
