package printer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/printer"
	"yizhan/printer/sim"
)

func open(t *testing.T, path string, baud int) *printer.Port {
	t.Helper()
	port, err := printer.OpenPort(path, baud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { port.Close() })
	return port
}

// wait returns what comes from ended, within a time in which nothing hangs.
func wait(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(5 * time.Second):
		t.Fatal("it hangs")
		return nil
	}
}

func TestReceiptOverTheLine(t *testing.T) {
	t.Parallel()
	for _, baud := range []int{9600, 115200} {
		for _, p := range profiles {
			papers := make(chan sim.Paper, 1)
			device, err := sim.Start(sim.Options{Profile: p, OnPaper: func(paper sim.Paper) { papers <- paper }}, baud)
			if err != nil {
				t.Fatal(err)
			}
			port := open(t, device.Path, baud)
			stream := encode(t, receipt(), p)
			began := time.Now()
			if n, err := port.Send(t.Context(), stream); n != len(stream) || err != nil {
				t.Fatalf("sent %d of %d bytes: %v", n, len(stream), err)
			}
			if err := port.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			select {
			case paper := <-papers:
				if want := onPaper(t, p, stream); paper.Text() != want.Text() || len(paper.Mistakes) > 0 {
					t.Errorf("%s at %d baud: the paper says\n%s\n%v", p.Name, baud, paper.Text(), paper.Mistakes)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("%s at %d baud: no paper", p.Name, baud)
			}
			// The last chunk is printed before the line's time for it is over.
			atLeast := time.Duration(len(stream)-256) * 10 * time.Second / time.Duration(baud)
			if took := time.Since(began); took < atLeast {
				t.Errorf("%s at %d baud: %d bytes in %v, but the line needs %v", p.Name, baud, len(stream), took, atLeast)
			}
			if err := errors.Join(port.Close(), device.Close()); err != nil {
				t.Error(err)
			}
		}
	}
}

// Every byte value arrives as it was sent, in both directions.
func TestPortIsEightBitClean(t *testing.T) {
	peer, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	port := open(t, path, 115200)
	var all []byte
	for _, i := range rand.New(rand.NewPCG(1, 2)).Perm(256) {
		all = append(all, byte(i), '\r', '\n', 0x00, 0xFF, 0x11, 0x13)
	}
	if _, err := port.Send(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(all))
	if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, all) {
		t.Errorf("the peer got something else: %v", err)
	}
	if _, err := peer.Write(all); err != nil {
		t.Fatal(err)
	}
	for read := 0; read < len(all); {
		n, err := port.Read(got[read:], time.Second)
		if err != nil {
			t.Fatal(err)
		}
		read += n
	}
	if !bytes.Equal(got, all) {
		t.Error("the port got something else")
	}
}

func TestReadEnds(t *testing.T) {
	peer, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	port := open(t, path, 9600)
	began := time.Now()
	if _, err := port.Read(make([]byte, 8), 30*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("nothing came: %v", err)
	}
	if took := time.Since(began); took < 30*time.Millisecond || took > 2*time.Second {
		t.Errorf("waited %v, want about 30 ms", took)
	}
	ended := make(chan error, 1)
	go func() { _, err := port.Read(make([]byte, 8), 0); ended <- err }()
	time.Sleep(20 * time.Millisecond)
	if err := port.Close(); err != nil {
		t.Error(err)
	}
	if err := wait(t, ended); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed while reading: %v", err)
	}
}

// A printer that takes nothing holds nobody up for longer than the deadline says,
// and Close not at all.
func TestStalledPrinter(t *testing.T) {
	peer, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	endless := make([]byte, 1<<20)

	t.Run("context", func(t *testing.T) {
		port := open(t, path, 9600)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		ended := make(chan error, 1)
		go func() {
			n, err := port.Send(ctx, endless)
			if n == 0 || n == len(endless) {
				t.Errorf("sent %d bytes", n)
			}
			ended <- err
		}()
		if err := wait(t, ended); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), path) {
			t.Errorf("a send whose context ended: %v", err)
		}
		go func() { ended <- port.Close() }()
		if err := wait(t, ended); err != nil {
			t.Error(err)
		}
	})
	t.Run("close", func(t *testing.T) {
		port := open(t, path, 9600)
		ended := make(chan error, 2)
		go func() { _, err := port.Send(t.Context(), endless); ended <- err }()
		time.Sleep(30 * time.Millisecond)
		if err := port.Close(); err != nil {
			t.Error(err)
		}
		if err := wait(t, ended); !errors.Is(err, os.ErrClosed) {
			t.Errorf("a send on a port that was closed: %v", err)
		}
	})
}

// A stalled printer that nobody gives up on is given up on by the deadline.
func TestStalledPrinterDeadline(t *testing.T) {
	if testing.Short() {
		t.Skip("takes 10 s")
	}
	t.Parallel()
	peer, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	port := open(t, path, 115200)
	began := time.Now()
	_, err = port.Send(t.Context(), make([]byte, 1<<20))
	if took := time.Since(began); !errors.Is(err, os.ErrDeadlineExceeded) || took < 10*time.Second || took > 14*time.Second {
		t.Errorf("after %v: %v, want a deadline after 10 s and a chunk", took, err)
	}
}

// A pseudo-terminal hands everything over at once, so its queue never holds more than
// nothing; TestDrainWaits has a full one.
func TestDrainOnAnEmptyQueue(t *testing.T) {
	peer, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	port := open(t, path, 9600)
	if _, err := port.Send(t.Context(), []byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := port.Drain(t.Context()); err != nil {
		t.Error(err)
	}
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	if err := port.Drain(t.Context()); err == nil {
		t.Error("a closed port drained")
	}
}

// What has not left when a port is closed is gone: it must not come out with the next
// slip. The other end of a terminal holds some 4 KiB, which have left; the rest has not.
func TestCloseDropsWhatWasNotSent(t *testing.T) {
	peer, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	port := open(t, path, 9600)
	torn := bytes.Repeat([]byte("t"), 12<<10)
	if _, err := port.Send(t.Context(), torn); err != nil {
		t.Fatal(err)
	}
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, path, 9600)
	if _, err := again.Send(t.Context(), []byte("next")); err != nil {
		t.Fatal(err)
	}
	if err := peer.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var got []byte
	for part := make([]byte, 4<<10); !bytes.HasSuffix(got, []byte("next")); {
		n, err := peer.Read(part)
		if err != nil {
			t.Fatalf("%d bytes came out, then %v", len(got), err)
		}
		got = append(got, part[:n]...)
	}
	if left := len(got) - len("next"); left >= len(torn) {
		t.Errorf("all %d bytes of the torn slip came out", left)
	}
}

func TestOpenPortSaysWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	peer, path, err := sim.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	for _, c := range []struct {
		name, device string
		baud         int
		want         string
	}{
		{"not there", "/dev/ttyNone", 9600, "check the cable"},
		{"a file", file, 9600, "not a serial device"},
		{"not a terminal", "/dev/null", 9600, "not a serial device"},
		{"a rate that no line has", path, 12345, "usual rates"},
		{"no rate", path, 0, "usual rates"},
	} {
		port, err := printer.OpenPort(c.device, c.baud)
		if err == nil {
			port.Close()
			t.Errorf("%s: opened", c.name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.device) {
			t.Errorf("%s: %q does not name %s and say %q", c.name, err, c.device, c.want)
		}
	}
	// None of the failures left the line claimed.
	open(t, path, 9600)
}

// Two programs that write to one printer would mix their receipts.
func TestPortIsClaimed(t *testing.T) {
	device, err := sim.Start(sim.Options{Profile: printer.Profile58}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	other, err := os.OpenFile(device.Path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	claimed := func() bool {
		n, err := unix.IoctlGetInt(int(other.Fd()), unix.TIOCGEXCL)
		if err != nil {
			t.Fatal(err)
		}
		return n != 0
	}
	port := open(t, device.Path, 9600)
	if !claimed() {
		t.Error("an open port is not claimed")
	}
	// Root may open it all the same, but a second kiosk does not.
	if _, err := printer.OpenPort(device.Path, 9600); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("opened twice: %v", err)
	}
	if set, err := unix.IoctlGetTermios(int(other.Fd()), unix.TCGETS); err != nil || set.Iflag&unix.IGNBRK == 0 {
		t.Errorf("a break is heard as a byte: %+v, %v", set, err)
	}
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	if claimed() {
		t.Error("a closed port is still claimed")
	}
	open(t, device.Path, 9600)
}

func TestUnplugged(t *testing.T) {
	device, err := sim.Start(sim.Options{Profile: printer.Profile58}, 0)
	if err != nil {
		t.Fatal(err)
	}
	port := open(t, device.Path, 9600)
	if err := device.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := port.Send(t.Context(), []byte("abc")); err == nil || !strings.Contains(err.Error(), "0 of 3 bytes") {
		t.Errorf("sent to a printer that has been unplugged: %v", err)
	}
	if _, err := printer.OpenPort(device.Path, 9600); err == nil {
		t.Error("opened a printer that has been unplugged")
	}
}
