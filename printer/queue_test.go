package printer

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// descriptor is a file whose kernel's queue can be full: a pseudo-terminal hands
// everything over at once, but a socket keeps what its peer has not read, and answers
// the same question.
type descriptor int

func (d descriptor) Control(f func(fd uintptr)) error { f(uintptr(d)); return nil }

// TestDrainWaits until the kernel has sent what it took, and says how much is left when
// nobody waits any longer.
func TestDrainWaits(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	if _, err := unix.Write(pair[0], []byte("not sent yet")); err != nil {
		t.Fatal(err)
	}
	port := &Port{device: "pair", baud: 9600, raw: descriptor(pair[0])}
	ctx, cancel := context.WithTimeout(t.Context(), 5*drainPoll)
	defer cancel()
	if err := port.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "have not left") {
		t.Errorf("a full queue drained: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- port.Drain(t.Context()) }()
	select {
	case err := <-ended:
		t.Fatalf("a full queue drained: %v", err)
	case <-time.After(5 * drainPoll):
	}
	if _, err := unix.Read(pair[1], make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("an empty queue does not drain")
	}
}
