package link

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// listen serves kiosks over TLS on a loopback port.
func listen(t testing.TB, serve func(context.Context, Conn) error, maxTLS uint16) (addr string, pin Digest) {
	t.Helper()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := Accept(w, r); err == nil {
			_ = serve(r.Context(), c)
		}
	}))
	srv.TLS = &tls.Config{MaxVersion: maxTLS}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // strangers are part of the test
	srv.StartTLS()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), Pin(srv.Certificate())
}

func echo(ctx context.Context, c Conn) error {
	defer c.Close()
	for {
		f, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if err := c.Write(ctx, f); err != nil {
			return err
		}
	}
}

func TestSocket(t *testing.T) {
	addr, pin := listen(t, echo, 0)
	c, err := Dial(t.Context(), addr, pin)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range samples() {
		if err := c.Write(t.Context(), f); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Read(t.Context()); err != nil || golden(got) != golden(f) {
			t.Fatalf("%T came back as %v, %v", f, got, err)
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if _, err := c.Read(ctx); !errors.Is(err, ErrCut) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a Read that was given up: %v", err)
	}
	if err := c.Write(t.Context(), Returned{1, 1}); !errors.Is(err, ErrCut) {
		t.Errorf("after that: %v", err)
	}
}

// TestNotTheCenter: another key, an old TLS, and no TLS at all.
func TestNotTheCenter(t *testing.T) {
	addr, pin := listen(t, echo, 0)
	if _, err := Dial(t.Context(), addr, Digest{1}); !errors.Is(err, ErrPin) {
		t.Errorf("another key: %v", err)
	}
	old, oldPin := listen(t, echo, tls.VersionTLS12)
	if _, err := Dial(t.Context(), old, oldPin); err == nil || errors.Is(err, ErrPin) {
		t.Errorf("TLS 1.2: %v", err)
	}
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = Accept(w, r) }))
	defer plain.Close()
	if _, err := Dial(t.Context(), plain.Listener.Addr().String(), pin); err == nil {
		t.Error("connected without TLS")
	}
	resp, err := http.Get(plain.URL + Path)
	if err != nil || resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("%v, %v", resp, err)
	}
}

// TestTooLong: a frame that is longer up than it may be ends the connection.
func TestTooLong(t *testing.T) {
	heard := make(chan error, 1)
	addr, pin := listen(t, func(ctx context.Context, c Conn) error {
		_, err := c.Read(ctx)
		heard <- err
		return c.Close()
	}, 0)
	c, err := Dial(t.Context(), addr, pin)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	long := json.RawMessage(`{"text":"` + strings.Repeat("x", MaxFrameUp) + `"}`)
	if err := c.Write(t.Context(), Documents{"center", 0, 1, List[json.RawMessage]{long}}); err != nil {
		t.Log(err) // the center may hang up before all is written
	}
	if err := <-heard; !errors.Is(err, ErrCut) || !strings.Contains(err.Error(), "read limit") {
		t.Errorf("the center hears %v", err)
	}
}

// TestOverTLS: both ends over a real connection that a cable in between cuts; the
// kiosk comes back, and the books agree.
func TestOverTLS(t *testing.T) {
	o := newOffice()
	serving := make(chan struct{})
	addr, pin := listen(t, func(ctx context.Context, c Conn) error {
		<-serving
		return o.link.Serve(ctx, c)
	}, 0)
	o.link = NewCenter(CenterConfig{Key: pin, Random: rand.Reader, Now: time.Now, Registry: o, Chains: o, Shelf: o, Desk: o, Witness: o})
	close(serving)
	o.enrol("A", keyOf("A").Public().(ed25519.PublicKey))
	bk := newBook("A")
	bk.events(1000)
	cable := make(chan net.Conn, 8)
	kiosk := NewKiosk(KioskConfig{Key: keyOf("A"), Center: pin, Program: "test", Now: time.Now, Random: mathrand.New(mathrand.NewPCG(1, 1)),
		Dial:    func(ctx context.Context) (Conn, error) { return Dial(ctx, through(t, addr, cable), pin) },
		Journal: bk, Library: bk, Purse: bk, Guard: bk, Status: func() Status { return Status{} }})
	bk.grown = kiosk.Wake
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = kiosk.Run(ctx) }()
	until(t, func() bool { s := kiosk.State(); return s.Online && s.Unsent == 0 })
	(<-cable).Close()
	bk.events(10)
	until(t, func() bool { s := kiosk.State(); return s.Online && s.Unsent == 0 })
	o.earn(zhang, "A", 100)
	until(t, func() bool { return bk.account(zhang).Spendable() == 100 })
	if err := bk.spend(zhang, 30); err != nil {
		t.Error(err)
	}
	began := time.Now()
	if a, err := kiosk.TopUp(ctx, zhang, 100, 10); err != nil || a.Outcome != OutcomeOK {
		t.Errorf("%+v, %v", a, err)
	}
	t.Logf("a call took %v", time.Since(began))
	until(t, func() bool { return kiosk.State().Unsent == 0 })
	if head, _ := bk.Head(); o.boxes["A"].head != head {
		t.Errorf("the center has %+v, the kiosk %+v", o.boxes["A"].head, head)
	}
	stop()
	<-ended
}

// BenchmarkUpload is how fast a journal goes up over TLS, both ends' checks and
// signatures included, into a book and a database that cost nothing.
func BenchmarkUpload(b *testing.B) {
	o := newOffice()
	serving := make(chan struct{})
	addr, pin := listen(b, func(ctx context.Context, c Conn) error {
		<-serving
		return o.link.Serve(ctx, c)
	}, 0)
	o.link = NewCenter(CenterConfig{Key: pin, Random: rand.Reader, Now: time.Now, Registry: o, Chains: o, Shelf: o, Desk: o, Witness: o})
	close(serving)
	o.enrol("A", keyOf("A").Public().(ed25519.PublicKey))
	bk := newBook("A")
	bk.events(b.N)
	kiosk := NewKiosk(KioskConfig{Key: keyOf("A"), Center: pin, Program: "test", Now: time.Now, Random: mathrand.New(mathrand.NewPCG(1, 1)),
		Dial:    func(ctx context.Context) (Conn, error) { return Dial(ctx, addr, pin) },
		Journal: bk, Library: bk, Purse: bk, Guard: bk, Status: func() Status { return Status{} }})
	ctx, stop := context.WithCancel(b.Context())
	ended := make(chan struct{})
	b.ResetTimer()
	go func() { defer close(ended); _ = kiosk.Run(ctx) }()
	for kiosk.State().Unsent > 0 {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	stop()
	<-ended
}

// through forwards one connection to addr and hands the test its end.
func through(t *testing.T, addr string, cable chan<- net.Conn) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer l.Close()
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", addr)
		if err != nil {
			near.Close()
			return
		}
		cable <- near
		go func() { _, _ = io.Copy(far, near); far.Close() }()
		_, _ = io.Copy(near, far)
		near.Close()
	}()
	return l.Addr().String()
}

func until(t *testing.T, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come")
		}
	}
}
