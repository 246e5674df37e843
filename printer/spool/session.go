package spool

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"yizhan/printer"
)

// Line is an open line to a printer; [printer.Port] is one. Every method ends in a
// bounded time.
type Line interface {
	// Send sends b and returns how many bytes were taken. os.ErrDeadlineExceeded
	// in the error's chain means that the line is stuck.
	Send(ctx context.Context, b []byte) (int, error)
	// Drain waits until everything that was taken has left.
	Drain(ctx context.Context) error
	// Read waits at most timeout, 0 for ever, for what the printer says.
	Read(b []byte, timeout time.Duration) (int, error)
	// Close closes the line and ends a Read that waits.
	io.Closer
}

// The questions. Bytes are those of Epson's ESC/POS.
var (
	askFence  = []byte{0x1D, 'r', 1}
	callMacro = []byte{0x1D, '^', 1, 0, 0}
	markMacro = []byte{0x1D, ':'}
)

func askStatus(n byte) []byte { return []byte{0x10, 0x04, n} }

func askID(id string) []byte {
	return append([]byte{0x1D, '(', 'H', 2 + idBytes, 0, '0', '0'}, id...)
}

// session is a line while it is open, and who listens to it.
type session struct {
	line   Line
	baud   int
	heard  chan answer
	ended  chan struct{} // closed when nothing can be heard any more
	arrive time.Time     // when the printer has all that was sent, at the latest
	owed   int           // questions for the status whose answers were not heard yet
}

func newSession(line Line, baud int) *session {
	s := &session{line: line, baud: baud, heard: make(chan answer, heardAnswers), ended: make(chan struct{})}
	go s.listen()
	return s
}

// listen hears everything that the printer says. What nobody waits for is dropped,
// the oldest first.
func (s *session) listen() {
	defer close(s.ended)
	var e ear
	buf := make([]byte, heardBytes)
	for {
		n, err := s.line.Read(buf, 0)
		for _, b := range buf[:n] {
			e.hear(b, s.keep)
		}
		if err != nil {
			return
		}
	}
}

func (s *session) keep(a answer) {
	for {
		select {
		case s.heard <- a:
			return
		default:
		}
		select {
		case <-s.heard:
		default:
		}
	}
}

// close closes the line and waits for the listener.
func (s *session) close() {
	_ = s.line.Close() // it is given up; the next one is opened anew
	<-s.ended
}

// forget drops what was heard before a question. On a line that never falls silent it
// ends, too.
func (s *session) forget() {
	for range heardAnswers {
		select {
		case a := <-s.heard:
			s.took(a)
		default:
			return
		}
	}
}

// took notes that an answer was taken out of what was heard.
func (s *session) took(a answer) {
	if a.kind == statusAnswer && s.owed > 0 {
		s.owed--
	}
}

// errSilence means that no answer came in time.
var errSilence = errors.New("no answer")

// wait returns the next answer of the wanted kinds that comes within the time. Others are
// dropped; noise reports whether there was something among them that is no answer.
func (s *session) wait(ctx context.Context, within time.Duration, kinds ...answerKind) (a answer, noise bool, err error) {
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		select {
		case a := <-s.heard:
			s.took(a)
			if slices.Contains(kinds, a.kind) {
				return a, noise, nil
			}
			noise = noise || a.kind == noiseAnswer
		case <-timer.C:
			return answer{}, noise, errSilence
		case <-s.ended:
			return answer{}, noise, &Fault{Gone, errors.New("the line has hung up")}
		case <-ctx.Done():
			return answer{}, noise, context.Cause(ctx)
		}
	}
}

// still waits until nothing was heard for a while, and reports whether there was noise:
// a line that never falls silent has nothing else.
func (s *session) still(ctx context.Context) (noise bool, err error) {
	for end := time.Now().Add(fenceWait); time.Now().Before(end); {
		a, _, err := s.wait(ctx, quiet, statusAnswer, fenceAnswer, idAnswer, noiseAnswer)
		switch {
		case errors.Is(err, errSilence):
			return noise, nil
		case err != nil:
			return noise, err
		}
		noise = noise || a.kind == noiseAnswer
	}
	return true, nil
}

// lag is how long bytes that were sent may still be on their way to the printer, in
// the buffer of an adapter of which the kernel knows nothing.
func (s *session) lag() time.Duration { return max(0, time.Until(s.arrive)) }

// send sends all of b; its error is a *Fault.
func (s *session) send(ctx context.Context, b []byte) (int, error) {
	n, err := s.line.Send(ctx, b)
	s.arrive = time.Now().Add(s.lag() + gap(n, s.baud))
	if err != nil {
		return n, lineFault(err)
	}
	return n, nil
}

// lineFault says whether a line is stuck or gone.
func lineFault(err error) *Fault {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Fault{Stuck, err}
	}
	return &Fault{Gone, err}
}

// ask asks DLE EOT n.
func (s *session) ask(ctx context.Context, n byte) error {
	_, err := s.send(ctx, askStatus(n))
	if err == nil {
		s.owed++
	}
	return err
}

// status asks DLE EOT n, a second time when nothing comes. Silence is errSilence.
func (s *session) status(ctx context.Context, n byte) (byte, error) {
	if err := s.overdue(ctx, statusWait); err != nil {
		return 0, err
	}
	for try := 0; ; try++ {
		s.forget()
		if err := s.ask(ctx, n); err != nil {
			return 0, err
		}
		a, _, err := s.wait(ctx, statusWait+s.lag(), statusAnswer)
		if err == nil { // after a second try, the first answer may only have been late
			err = s.overdue(ctx, 2*statusWait)
		}
		if errors.Is(err, errSilence) && try == 0 {
			continue
		}
		s.owed = 0
		return a.value, err
	}
}

// overdue waits for the answers to earlier questions. They all look alike, so one that
// is late would be taken for the answer to the next: being offline for having no paper.
func (s *session) overdue(ctx context.Context, within time.Duration) error {
	s.forget()
	for s.owed > 0 {
		_, _, err := s.wait(ctx, within+s.lag(), statusAnswer)
		switch {
		case errors.Is(err, errSilence):
			s.owed = 0
		case err != nil:
			return err
		}
	}
	return nil
}

// Bits of the answers to DLE EOT (Epson ESC/POS).
const (
	offlineBit = 0x08 // n=1
	coverBit   = 0x04 // n=2
	paperBit   = 0x20
	errorBit   = 0x40
	cutterBit  = 0x08 // n=3
	nearEndBit = 0x0C // n=4: at least one of the two sensors
	paperEnd   = 0x60
)

// check asks a printer with Status how it is. Its error is a *Fault or the context's.
func (s *session) check(ctx context.Context) (nearEnd bool, err error) {
	online, err := s.status(ctx, 1)
	if err != nil {
		return false, silentFault(err)
	}
	if online&offlineBit != 0 {
		err := s.cause(ctx)
		if f, known := errors.AsType[*Fault](err); !known || f.Reason != Offline {
			return false, err
		}
		// It names no cause: it may have been mended between the two questions.
		if online, again := s.status(ctx, 1); again != nil || online&offlineBit != 0 {
			return false, err
		}
	}
	roll, err := s.status(ctx, 4)
	switch {
	case errors.Is(err, errSilence): // many small printers have no sensor for it
		return false, nil
	case err != nil:
		return false, err
	case roll&paperEnd != 0:
		return false, &Fault{Reason: NoPaper}
	}
	return roll&nearEndBit != 0, nil
}

// cause asks an offline printer what keeps it.
func (s *session) cause(ctx context.Context) error {
	why, err := s.status(ctx, 2)
	switch {
	case errors.Is(err, errSilence):
		return &Fault{Reason: Offline}
	case err != nil:
		return err
	case why&coverBit != 0:
		return &Fault{Reason: CoverOpen}
	case why&paperBit != 0:
		return &Fault{Reason: NoPaper}
	case why&errorBit == 0:
		return &Fault{Reason: Offline}
	}
	kind, err := s.status(ctx, 3)
	if err == nil && kind&cutterBit != 0 {
		return &Fault{Jammed, errors.New("the cutter")}
	}
	return &Fault{Reason: Jammed}
}

// silentFault turns silence into the Silent fault.
func silentFault(err error) error {
	if errors.Is(err, errSilence) {
		return &Fault{Reason: Silent}
	}
	return err
}

// gap is how long bytes that were sent take on a line.
func gap(n, baud int) time.Duration { return time.Duration(n) * 10 * time.Second / time.Duration(baud) }

// resync makes a printer forget what was half sent, see printer.Resync.
func (s *session) resync(ctx context.Context, p printer.Profile) error {
	if _, err := s.send(ctx, printer.Resync(p)); err != nil {
		return err
	}
	if err := s.line.Drain(ctx); err != nil {
		return lineFault(err)
	}
	return nil
}
