package sim

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
)

// Device is a simulated printer behind a pseudo-terminal.
type Device struct {
	*Printer
	Path string // of the terminal, to be opened like a serial port

	terminal *os.File
	baud     int
	done     chan struct{}
	hang     func() error // hangs up, once
}

// Start switches on a printer behind a new pseudo-terminal. At a baud rate it reads
// no faster than such a line carries; 0 is as fast as bytes come. Answers go back
// over the terminal, whatever o.Answer says. Close ends it.
func Start(o Options, baud int) (*Device, error) {
	terminal, path, err := OpenPTY()
	if err != nil {
		return nil, fmt.Errorf("starting the simulated printer: %w", err)
	}
	// The host's end stays open here too: without it the terminal hangs up, and
	// forgets its line, whenever the host closes it.
	other, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		terminal.Close()
		return nil, fmt.Errorf("starting the simulated printer: %w", err)
	}
	o.Answer = answerLine{terminal}
	d := &Device{Printer: New(o), Path: path, terminal: terminal, baud: baud,
		done: make(chan struct{})}
	d.hang = sync.OnceValue(func() error { return errors.Join(other.Close(), terminal.Close()) })
	d.Printer.health.onUnplug = func() { _ = d.hang() } // Close reports what it returns
	go d.run()
	return d, nil
}

// answerLine writes to a host that may not be reading: after a second the answer
// is lost, as it would be on a line without flow control.
type answerLine struct{ terminal *os.File }

func (a answerLine) Write(b []byte) (int, error) {
	if err := a.terminal.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
		return 0, err
	}
	return a.terminal.Write(b)
}

func (d *Device) run() {
	defer close(d.done)
	buf := make([]byte, d.chunk())
	for {
		n, err := d.terminal.Read(buf)
		_, _ = d.Printer.Write(buf[:n])
		switch {
		case err == nil:
		case errors.Is(err, syscall.EIO):
			time.Sleep(5 * time.Millisecond)
		case errors.Is(err, os.ErrClosed), errors.Is(err, io.EOF):
			return
		default:
			return
		}
		if d.baud > 0 {
			time.Sleep(time.Duration(n) * 10 * time.Second / time.Duration(d.baud))
		}
	}
}

// chunk is how many bytes are read at once: what the line carries in the fiftieth
// part of a second, so that the paper comes out as evenly as it does from a printer.
func (d *Device) chunk() int {
	if d.baud == 0 {
		return chunkBytes
	}
	return max(1, min(chunkBytes, d.baud/10/50))
}

// Gone is closed when the printer has stopped, unplugged by a fault or by Close.
func (d *Device) Gone() <-chan struct{} { return d.done }

// Close unplugs the printer and waits until it has stopped.
func (d *Device) Close() error {
	d.Fail(Unplug)
	<-d.done
	if err := d.hang(); err != nil {
		return fmt.Errorf("closing the simulated printer: %w", err)
	}
	return nil
}
