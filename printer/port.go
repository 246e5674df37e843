package printer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/tarm/serial"
	"golang.org/x/sys/unix"
)

// Port is an open serial line, of a printer or of a scan head: 8 data bits, no
// parity, 1 stop bit, no flow control, no translation of any byte.
//
// The file is ours and not blocking, so that every wait has an end: reads and
// writes have deadlines, and Close wakes whoever waits. One goroutine may read
// while another writes.
type Port struct {
	device string
	baud   int
	file   *os.File
	raw    ioctler
}

// ioctler runs f on the file's descriptor without making it blocking.
type ioctler interface {
	Control(f func(fd uintptr)) error
}

// drainPoll is how often Drain looks at the kernel's queue.
const drainPoll = 10 * time.Millisecond

// chunkGrace is added to the time a chunk needs on the line.
const chunkGrace = 10 * time.Second

// OpenPort opens a serial device such as /dev/ttyUSB0 at a baud rate. The error
// says what a technician can do about it.
func OpenPort(device string, baud int) (*Port, error) {
	// Ours first, so that the line's settings, which the kernel forgets when the
	// last file closes, stay after tarm has set them and gone.
	file, err := os.OpenFile(device, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, openError(device, err)
	}
	p := &Port{device: device, baud: baud, file: file}
	if err := p.prepare(); err != nil {
		file.Close()
		return nil, err
	}
	return p, nil
}

func (p *Port) prepare() error {
	raw, err := p.file.SyscallConn()
	if err != nil {
		return fmt.Errorf("opening the serial line %s: %w", p.device, err)
	}
	p.raw = raw
	if _, err := p.queued(); err != nil {
		return fmt.Errorf("opening the serial line %s: it is not a serial device; set the path of the printer or scanner, such as /dev/ttyUSB0: %w", p.device, err)
	}
	if err := p.file.SetDeadline(time.Time{}); err != nil {
		return fmt.Errorf("opening the serial line %s: it has no deadlines: %w", p.device, err)
	}
	port, err := serial.OpenPort(&serial.Config{Name: p.device, Baud: p.baud})
	if err != nil {
		return fmt.Errorf("setting the serial line %s to %d baud: %w; usual rates are 9600, 19200, 38400 and 115200", p.device, p.baud, err)
	}
	if err := port.Close(); err != nil {
		return fmt.Errorf("setting the serial line %s: %w", p.device, err)
	}
	if err := p.ignoreBreaks(); err != nil {
		return fmt.Errorf("setting the serial line %s: %w", p.device, err)
	}
	return p.claim()
}

// ignoreBreaks keeps a break, which a printer makes that loses its power, from being
// heard as a zero byte.
func (p *Port) ignoreBreaks() error {
	var err error
	controlErr := p.raw.Control(func(fd uintptr) {
		var t *unix.Termios
		if t, err = unix.IoctlGetTermios(int(fd), unix.TCGETS); err == nil {
			t.Iflag |= unix.IGNBRK
			err = unix.IoctlSetTermios(int(fd), unix.TCSETS, t)
		}
	})
	return errors.Join(controlErr, err)
}

// claim keeps others away from the device: TIOCEXCL everybody but root, and the lock
// another kiosk, whoever runs it.
func (p *Port) claim() error {
	var err error
	controlErr := p.raw.Control(func(fd uintptr) { err = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) })
	if err = errors.Join(controlErr, err); err != nil {
		return fmt.Errorf("claiming the serial line %s: another program has it open: %w", p.device, err)
	}
	return p.control("claiming", unix.TIOCEXCL, 0)
}

// control changes something about the line; doing is what, for the error.
func (p *Port) control(doing string, request uint, value int) error {
	var err error
	controlErr := p.raw.Control(func(fd uintptr) {
		err = unix.IoctlSetInt(int(fd), request, value)
	})
	if err = errors.Join(controlErr, err); err != nil {
		return fmt.Errorf("%s the serial line %s: %w", doing, p.device, err)
	}
	return nil
}

// openError adds what can be done to the reason why a device did not open.
func openError(device string, err error) error {
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "; check the cable and the power, and the path with: ls -l /dev/serial/by-id"
	case errors.Is(err, fs.ErrPermission):
		hint = "; add the user that runs yizhan to the group dialout"
	case errors.Is(err, unix.EBUSY):
		hint = "; another program has it open"
	case errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV), errors.Is(err, unix.EIO):
		hint = "; the device has been unplugged"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return fmt.Errorf("opening the serial line %s: %w%s", device, err, hint)
}

// Device is the path that the line was opened by.
func (p *Port) Device() string { return p.device }

// Send writes b and returns how many bytes the kernel has taken. It fails when a
// chunk does not leave in chunk x 10 / baud + 10 s, and when ctx ends. What
// follows is the caller's to decide: some of b may be on paper. All of b taken
// does not mean that it has left; see Drain.
func (p *Port) Send(ctx context.Context, b []byte) (int, error) {
	defer p.abortWith(ctx)()
	sent := 0
	for sent < len(b) {
		if err := ctx.Err(); err != nil {
			return sent, p.failed("sending to", sent, len(b), err)
		}
		chunk := b[sent:min(sent+MaxChunkBytes, len(b))]
		if err := p.file.SetWriteDeadline(time.Now().Add(p.chunkTime(len(chunk)))); err != nil {
			return sent, p.failed("sending to", sent, len(b), err)
		}
		n, err := p.write(ctx, chunk)
		sent += n
		if err != nil {
			return sent, p.failed("sending to", sent, len(b), err)
		}
	}
	return sent, nil
}

// abortWith ends a write that waits when ctx ends, until stop is called.
func (p *Port) abortWith(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(done)
		// A port that is closed has nobody waiting.
		_ = p.file.SetWriteDeadline(time.Unix(1, 0))
	})
	return func() {
		if !cancel() {
			<-done // so that it does not hit the next Send
		}
	}
}

// write writes a chunk. ctx may have ended between the check and the deadline that
// its end sets, which would then be overwritten; so it is looked at once more.
func (p *Port) write(ctx context.Context, chunk []byte) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := p.file.Write(chunk)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err()
	}
	return n, err
}

// chunkTime is how long n bytes may take.
func (p *Port) chunkTime(n int) time.Duration {
	return chunkGrace + time.Duration(n)*10*time.Second/time.Duration(p.baud)
}

// Drain waits until everything sent has left the kernel, as far as it knows: a
// USB adapter has a buffer of its own. It fails after the time that what is left
// may take, and when ctx ends.
func (p *Port) Drain(ctx context.Context) error {
	left, err := p.queued()
	if err != nil {
		return fmt.Errorf("draining the serial line %s: %w", p.device, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.chunkTime(left), os.ErrDeadlineExceeded)
	defer cancel()
	poll := time.NewTicker(drainPoll)
	defer poll.Stop()
	for left > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("draining the serial line %s: %d bytes have not left: %w", p.device, left, context.Cause(ctx))
		case <-poll.C:
		}
		if left, err = p.queued(); err != nil {
			return fmt.Errorf("draining the serial line %s: %w", p.device, err)
		}
	}
	return nil
}

// queued is how many bytes wait in the kernel.
func (p *Port) queued() (int, error) {
	var n int
	var err error
	if controlErr := p.raw.Control(func(fd uintptr) {
		n, err = unix.IoctlGetInt(int(fd), unix.TIOCOUTQ)
	}); controlErr != nil {
		return 0, controlErr
	}
	return n, err
}

// Read waits at most timeout for bytes; 0 waits for ever. When none come the error
// is os.ErrDeadlineExceeded; after Close it is os.ErrClosed.
func (p *Port) Read(b []byte, timeout time.Duration) (int, error) {
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if err := p.file.SetReadDeadline(deadline); err != nil {
		return 0, fmt.Errorf("reading from the serial line %s: %w", p.device, err)
	}
	n, err := p.file.Read(b)
	if err != nil {
		return n, fmt.Errorf("reading from the serial line %s: %w", p.device, reason(err))
	}
	return n, nil
}

// Close closes the line at once. What the kernel has not sent by then is dropped:
// it would otherwise hold the close up for as long as the line is stuck.
func (p *Port) Close() error {
	// Best effort, both: the device may be gone, and then there is nothing to drop.
	_ = p.control("flushing", unix.TCFLSH, unix.TCOFLUSH)
	_ = p.control("releasing", unix.TIOCNXCL, 0)
	if err := p.file.Close(); err != nil {
		return fmt.Errorf("closing the serial line %s: %w", p.device, err)
	}
	return nil
}

func (p *Port) failed(doing string, sent, all int, err error) error {
	return fmt.Errorf("%s the serial line %s, %d of %d bytes: %w", doing, p.device, sent, all, reason(err))
}

// reason is err without the path, which the message has already.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) && !strings.Contains(path.Op, "open") {
		return path.Err
	}
	return err
}
