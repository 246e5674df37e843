package enrol

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"yizhan/link"
)

// office is a center that enrols: a real TLS server with one code.
type office struct {
	*httptest.Server
	pin link.Digest

	mu     sync.Mutex
	user   link.Digest // key of the box that used the code
	state  link.EnrolState
	status int // other than 200
	asked  int
	least  uint32
}

const goodCode = "ABCDEFGHJKLMNPQR"

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{state: link.EnrolWaiting}
	o.Server = httptest.NewUnstartedServer(o)
	o.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	o.StartTLS()
	t.Cleanup(o.Close)
	o.pin = link.Pin(o.Certificate())
	return o
}

func (o *office) address() string { return o.Listener.Addr().String() }

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked++
	var q link.EnrolRequest
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil || q.Verify(o.pin) != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	switch {
	case o.status != 0:
		http.Error(w, "no", o.status)
	case q.Code != goodCode || o.user != link.Digest{} && o.user != q.Key:
		http.Error(w, "no such code", http.StatusForbidden)
	default:
		o.user, o.least = q.Key, q.Least
		json.NewEncoder(w).Encode(link.EnrolAnswer{State: o.state, Kiosk: "SQ-01", Epoch: 3, Issuer: link.Digest{8}})
	}
}

func (o *office) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// box is a box's side: its folder and its key.
type box struct {
	*testing.T
	dir     string
	key     ed25519.PrivateKey
	keyless error // why the key cannot be read
}

func newBox(t *testing.T) *box {
	return &box{T: t, dir: t.TempDir(), key: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}
}

// start switches the box on. stop ends it, as a power cut would: nothing is said.
func (b *box) start() (e *Enrolment, enrolled <-chan Center, stop func()) {
	b.Helper()
	e, err := New(Config{Dir: b.dir, Program: "test", See: link.SeePin, Ask: link.Enrol, Log: slog.New(slog.DiscardHandler),
		Box: func() (ed25519.PrivateKey, uint32, error) { return b.key, 3, b.keyless }})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	done, result := make(chan struct{}), make(chan Center, 1)
	go func() {
		defer close(done)
		if c, err := e.Run(ctx); err == nil {
			result <- c
		}
	}()
	stop = func() { cancel(); <-done }
	b.Cleanup(stop)
	return e, result, stop
}

// until waits for a state.
func (b *box) until(e *Enrolment, is func(State) bool) State {
	b.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if s := e.State(); is(s) {
			return s
		}
	}
	b.Fatalf("waited in vain; it is %+v", e.State())
	return State{}
}

func (b *box) phase(e *Enrolment, want Phase, trouble Trouble) State {
	b.Helper()
	return b.until(e, func(s State) bool { return s.Phase == want && s.Trouble == trouble })
}

func (b *box) left() []string {
	var names []string
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range entries {
		names = append(names, f.Name())
	}
	return names
}

// TestEnrolment: from an invitation with and without the center's key to a kept
// center, with the box switched off at each step between.
func TestEnrolment(t *testing.T) {
	for name, withPin := range map[string]bool{"by QR code": true, "typed": false} {
		t.Run(name, func(t *testing.T) {
			o, b := newOffice(t), newBox(t)
			e, _, stop := b.start()
			if s := e.State(); s != (State{}) {
				t.Fatalf("before anything: %+v", s)
			}
			i := link.Invitation{Address: o.address(), Code: goodCode}
			if withPin {
				i.Center = o.pin
			}
			if err := e.Invite(i); err != nil {
				t.Fatal(err)
			}
			stop() // perhaps nothing was asked yet
			e, _, stop = b.start()
			s := b.phase(e, Waiting, "")
			if s.Kiosk != "SQ-01" || s.Fingerprint != link.Fingerprint(b.key.Public().(ed25519.PublicKey), o.pin) || s.Address != o.address() {
				t.Fatalf("%+v", s)
			}
			stop()
			if _, err := Load(b.dir); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("a center before it was approved: %v", err)
			}
			o.set(func() { o.state = link.EnrolApproved })
			e, enrolled, _ := b.start()
			b.phase(e, Enrolled, "")
			want := Center{o.address(), o.pin, "SQ-01", 3, link.Digest{8}}
			if got := <-enrolled; got != want {
				t.Errorf("enrolled as %+v", got)
			}
			if got, err := Load(b.dir); err != nil || got != want {
				t.Errorf("kept %+v, %v", got, err)
			}
			if left := b.left(); len(left) != 1 || o.least != 3 {
				t.Errorf("left %q; asked for epoch %d", left, o.least)
			}
			if info, err := os.Stat(filepath.Join(b.dir, centerFile)); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		})
	}
}

// TestTroubles: each thing that can go wrong has its own word, and a way on.
func TestTroubles(t *testing.T) {
	o, b := newOffice(t), newBox(t)
	e, enrolled, _ := b.start()
	good := link.Invitation{Address: o.address(), Code: goodCode}
	invite := func(change func(*link.Invitation)) {
		t.Helper()
		i := good
		change(&i)
		if err := e.Invite(i); err != nil {
			t.Fatal(err)
		}
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(stranger.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()

	invite(func(i *link.Invitation) { i.Code = "WRONG" })
	b.phase(e, Stopped, TroubleCode)
	invite(func(i *link.Invitation) { i.Center = link.Digest{1} })
	b.phase(e, Stopped, TroubleKey)
	invite(func(i *link.Invitation) { i.Address = plain.Listener.Addr().String() })
	b.phase(e, Stopped, TroubleStranger)
	invite(func(i *link.Invitation) { i.Address, i.Center = plain.Listener.Addr().String(), o.pin })
	b.phase(e, Stopped, TroubleStranger)
	invite(func(i *link.Invitation) { i.Address = stranger.Listener.Addr().String() })
	b.phase(e, Stopped, TroubleStranger)
	invite(func(i *link.Invitation) { i.Address = closed.Addr().String() })
	b.phase(e, Calling, TroubleNetwork)
	if err := e.Invite(link.Invitation{Address: "nowhere", Code: goodCode}); !errors.Is(err, link.ErrEnrol) {
		t.Errorf("an address without a port: %v", err)
	}
	if err := e.Forget(); err != nil || e.State() != (State{}) || len(b.left()) != 0 {
		t.Errorf("forgotten: %v, %+v, left %q", err, e.State(), b.left())
	}

	invite(func(*link.Invitation) {})
	s := b.phase(e, Waiting, "")
	o.set(func() { o.status = http.StatusServiceUnavailable })
	if away := b.phase(e, Waiting, TroubleNetwork); away.Fingerprint != s.Fingerprint {
		t.Errorf("the fingerprint went away: %+v", away)
	}
	o.set(func() { o.status, o.state = 0, link.EnrolRefused })
	e.Again()
	b.phase(e, Stopped, TroubleRefused)
	o.set(func() { o.state = link.EnrolApproved })
	e.Again()
	b.phase(e, Enrolled, "")
	<-enrolled
}

// TestAnotherCenterLater: the key that was seen first is kept, so nobody can step in
// after the fingerprints were compared.
func TestAnotherCenterLater(t *testing.T) {
	o, b := newOffice(t), newBox(t)
	e, _, stop := b.start()
	if err := e.Invite(link.Invitation{Address: o.address(), Code: goodCode}); err != nil {
		t.Fatal(err)
	}
	b.phase(e, Waiting, "")
	stop()
	e, err := New(Config{Dir: b.dir, Log: slog.New(slog.DiscardHandler), Program: "test", Ask: link.Enrol,
		Box: func() (ed25519.PrivateKey, uint32, error) { return b.key, 3, nil },
		See: func(context.Context, string) (link.Digest, error) { t.Error("looked twice"); return link.Digest{}, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if e.asking.Pin != o.pin {
		t.Errorf("kept %+v", e.asking)
	}
}

// TestDisk: what cannot be kept is not asked.
func TestDisk(t *testing.T) {
	o, b := newOffice(t), newBox(t)
	b.keyless = errors.New("no key")
	e, _, _ := b.start()
	os.RemoveAll(b.dir)
	if err := e.Invite(link.Invitation{Address: o.address(), Code: goodCode}); !errors.Is(err, errKeep) || e.State() != (State{}) {
		t.Fatalf("%v, %+v", err, e.State())
	}
	os.MkdirAll(b.dir, 0o700)
	if err := e.Invite(link.Invitation{Address: o.address(), Code: goodCode}); err != nil {
		t.Fatal(err)
	}
	b.phase(e, Stopped, TroubleDisk)
	if o.asked != 0 {
		t.Errorf("asked %d times", o.asked)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	good := Center{"10.0.0.5:8443", link.Digest{1}, "SQ-01", 2, link.Digest{2}}
	if err := good.save(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, centerFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "{}", "[]", string(text) + "{}", strings.Replace(string(text), "SQ-01", "sq 1", 1), strings.Replace(string(text), `"epoch": 2`, `"epoch": 0`, 1),
		strings.Replace(string(text), "10.0.0.5:8443", "10.0.0.5", 1), strings.Replace(string(text), "kiosk", "Kiosque", 1), strings.Repeat(" ", maxFileBytes) + string(text)} {
		os.WriteFile(path, []byte(wrong), 0o600)
		if c, err := Load(dir); !errors.Is(err, ErrFile) {
			t.Errorf("%.40q became %+v, %v", wrong, c, err)
		}
	}
	os.WriteFile(filepath.Join(dir, askingFile), []byte("{"), 0o600)
	if e, err := New(Config{Dir: dir, Log: slog.New(slog.DiscardHandler)}); err != nil || e.State() != (State{}) {
		t.Errorf("a broken invitation: %v", err)
	}
}

func FuzzCenter(f *testing.F) {
	b, err := json.Marshal(Center{"10.0.0.5:8443", link.Digest{1}, "SQ-01", 2, link.Digest{2}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"address":"a:1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var c, again Center
		if parse(b, &c) != nil || c.check() != nil {
			return
		}
		b, err := json.Marshal(c)
		if err != nil || parse(b, &again) != nil || again != c {
			t.Errorf("%+v became %+v, %v", c, again, err)
		}
	})
}
