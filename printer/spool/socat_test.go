package spool_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// cable is a serial line made by socat: what goes in at one end comes out at the other.
// A pseudo-terminal knows no speed, so the printer's end reads no faster than the line
// would carry.
type cable struct {
	*testing.T
	host string // the path of the kiosk's end
	end  *os.File
	baud int

	mu  sync.Mutex
	got []byte // by the printer
}

func newCable(t *testing.T, baud int) *cable {
	t.Helper()
	socat, err := exec.LookPath("socat")
	switch {
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("socat (Debian: socat) is not installed")
	case err != nil:
		t.Skip("SKIPPED: socat (Debian: socat) is not installed, so no serial line was tried")
	}
	dir := t.TempDir()
	path := func(end string) string { return filepath.Join(dir, end) }
	address := func(end string) string { return fmt.Sprintf("pty,raw,echo=0,b%d,link=%s", baud, path(end)) }
	process := exec.Command(socat, "-d", "-d", address("host"), address("printer"))
	var said bytes.Buffer
	process.Stderr = &said
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Process.Kill()
		process.Wait()
		if t.Failed() {
			t.Logf("socat said: %s", said.String())
		}
	})
	c := &cable{T: t, host: path("host"), baud: baud}
	// socat ends when nobody has its ends open.
	c.plug("host")
	c.end = c.plug("printer")
	return c
}

// plug opens an end of the cable until the test ends.
func (c *cable) plug(end string) *os.File {
	path := filepath.Join(filepath.Dir(c.host), end)
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		file, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
		if err == nil {
			c.Cleanup(func() { file.Close() })
			return file
		}
		if time.Since(began) > 10*time.Second {
			c.Fatal(err)
		}
	}
}

// carry brings what comes out to a printer, at the speed of the line, until the test
// ends.
func (c *cable) carry(to io.Writer) {
	buf := make([]byte, max(1, c.baud/10/50)) // a fiftieth of a second
	for next := time.Now(); ; {
		n, err := c.end.Read(buf)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.got = append(c.got, buf[:n]...)
		c.mu.Unlock()
		if next = next.Add(c.takes(n)); next.Before(time.Now()) {
			next = time.Now() // it was idle
		}
		time.Sleep(time.Until(next))
		to.Write(buf[:n])
	}
}

// takes is how long n bytes take on the line.
func (c *cable) takes(n int) time.Duration {
	return time.Duration(n) * 10 * time.Second / time.Duration(c.baud)
}

func (c *cable) received() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.got)
}

// everyByte has each value more than once, those that lines like to swallow among
// others of their kind.
func everyByte() []byte {
	var all []byte
	for _, b := range rand.New(rand.NewPCG(1, 2)).Perm(256) {
		all = append(all, byte(b), 0x00, 0x11, 0x13, '\r', '\n', 0xFF, 0x03, 0x04, 0x7F)
	}
	return append(all, 0x11, 0x11, 0x13, 0x13, 0x00, 0x00)
}

// speeds are those of the printers in use: the slowest and the fastest.
var speeds = []int{9600, 115200}

// TestEveryByteOverSocat: a line changes no byte, in either direction.
func TestEveryByteOverSocat(t *testing.T) {
	t.Parallel()
	for _, baud := range speeds {
		t.Run(fmt.Sprint(baud), func(t *testing.T) {
			t.Parallel()
			c := newCable(t, baud)
			go c.carry(io.Discard)
			port, err := printer.OpenPort(c.host, baud)
			if err != nil {
				t.Fatal(err)
			}
			defer port.Close()
			receipt, err := printer.Encode(slipOf(spool.Job{Number: 1}), printer.Profile58)
			if err != nil {
				t.Fatal(err)
			}
			sent := append(everyByte(), receipt...)
			began := time.Now()
			if n, err := port.Send(t.Context(), sent); n != len(sent) || err != nil {
				t.Fatalf("sent %d of %d bytes: %v", n, len(sent), err)
			}
			if err := port.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			for time.Since(began) < 20*time.Second && len(c.received()) < len(sent) {
				time.Sleep(10 * time.Millisecond)
			}
			took := time.Since(began)
			if !bytes.Equal(c.received(), sent) {
				t.Errorf("%d bytes were sent, and others came out", len(sent))
			}
			if needs := c.takes(len(sent)); took < needs*9/10 || took > needs+5*time.Second {
				t.Errorf("%d bytes took %v, the line needs %v", len(sent), took, needs)
			}
			answersComeBack(t, c, port)
		})
	}
}

func answersComeBack(t *testing.T, c *cable, port *printer.Port) {
	all := everyByte()
	go c.end.Write(all)
	got := make([]byte, 0, 2*len(all))
	for len(got) < len(all) {
		buf := make([]byte, 512)
		n, err := port.Read(buf, 5*time.Second)
		if err != nil {
			t.Fatalf("%d of %d bytes came back: %v", len(got), len(all), err)
		}
		got = append(got, buf[:n]...)
	}
	if !bytes.Equal(got, all) {
		t.Error("other bytes came back")
	}
}

// TestASlipOverSocat: a slip comes out and is proven, and one whose paper ends is not.
func TestASlipOverSocat(t *testing.T) {
	t.Parallel()
	for _, baud := range speeds {
		t.Run(fmt.Sprint(baud), func(t *testing.T) {
			t.Parallel()
			c := newCable(t, baud)
			w := &world{T: t, kind: kind{level: sim.Confirmed}, baud: baud, real: true, voids: make(map[uint64]bool),
				known: &spool.Ability{Status: true, Fence: true, ID: true, Macro: true}}
			w.printer = sim.New(sim.Options{Profile: printer.Profile58, Level: w.level, Answer: c.end, OnPaper: w.keep})
			go c.carry(w.printer)
			n := w.add(false)
			w.startWith((*book)(w), func() (spool.Line, error) {
				port, err := printer.OpenPort(c.host, baud)
				if err != nil {
					return nil, err
				}
				return port, nil
			})
			defer w.halt()
			if j := w.until(n, settled...); j.State != spool.Printed || w.whole(j) != 1 {
				t.Fatalf("%+v, %q", j, w.paper())
			}
			w.printer.FailAt(w.printer.Received()+120, sim.PaperOut)
			n = w.add(false)
			w.spool.Wake()
			if j := w.until(n, settled...); j.State != spool.Uncertain || spool.ReasonOf(j.Note) != spool.NoPaper || w.whole(j) != 0 {
				t.Errorf("without paper: %+v, %q", j, w.paper())
			}
			if baud == speeds[0] && *offsets == 0 {
				return // to end what was half sent takes seconds
			}
			w.printer.Mend()
			w.comeTrue(n)
		})
	}
}
