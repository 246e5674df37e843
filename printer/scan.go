package printer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// Splitter cuts what a scan head sends into codes. A code is printable ASCII that
// ends at CR, LF or CodeSilence without a byte. One that is longer than
// MaxCodeBytes or has another byte in it is dropped whole, never in part. The same
// code is reported once as long as it keeps coming within RepeatWindow: people
// hold a card in front of the reader until something happens.
//
// A Splitter has no clock: each call is told the time, which never runs backwards.
type Splitter struct {
	code []byte
	bad  bool // what has come since the last end is not a code
	last string
	seen time.Time // when last came for the last time
}

// Push takes bytes that arrived at now and returns the codes that they complete.
func (s *Splitter) Push(now time.Time, b []byte) []string {
	var codes []string
	for _, c := range b {
		switch {
		case c == '\r' || c == '\n':
			if code, ok := s.End(now); ok {
				codes = append(codes, code)
			}
		case c < 0x20 || c > 0x7E || len(s.code) == MaxCodeBytes:
			s.bad = true
		default:
			s.code = append(s.code, c)
		}
	}
	return codes
}

// Waiting says whether a code has begun and silence would end it.
func (s *Splitter) Waiting() bool { return len(s.code) > 0 || s.bad }

// End is for silence: it ends the code that has begun, and returns it unless it
// is bad, empty or a repetition.
func (s *Splitter) End(now time.Time) (string, bool) {
	code, bad := string(s.code), s.bad
	s.code, s.bad = s.code[:0], false
	if bad || code == "" {
		return "", false
	}
	repeated := code == s.last && now.Sub(s.seen) < RepeatWindow
	s.last, s.seen = code, now
	return code, !repeated
}

// Scan reads codes from the line of a scan head and hands each to emit, until ctx
// ends (it then returns nil) or the line fails. It closes nothing.
func Scan(ctx context.Context, port *Port, now func() time.Time, emit func(code string)) error {
	var splitter Splitter
	buf := make([]byte, MaxCodeBytes)
	for ctx.Err() == nil {
		timeout := scanPoll
		if splitter.Waiting() {
			timeout = CodeSilence
		}
		n, err := port.Read(buf, timeout)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("scanning: %w", err)
		}
		for _, code := range splitter.Push(now(), buf[:n]) {
			emit(code)
		}
		if n == 0 && splitter.Waiting() {
			if code, ok := splitter.End(now()); ok {
				emit(code)
			}
		}
	}
	return nil
}
