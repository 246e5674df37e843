package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// await waits until the printer has proven the paper, or cannot be expected to.
func (s *Spool) await(ctx context.Context, id string, pieces [][]byte) (Step, error) {
	a, takes := s.Status().Ability, s.estimate(pieces)
	var evidence Step
	var err error
	if a.ordered() {
		evidence, err = s.line.prove(ctx, a, id, takes+fenceGrace)
	} else {
		evidence, err = StepPresumed, s.line.outlast(ctx, a, takes)
	}
	if err != nil && ctx.Err() == nil {
		s.soiled()
		return 0, s.failed(err)
	}
	return evidence, err
}

// estimate is how long the paper takes from the last byte on.
func (s *Spool) estimate(pieces [][]byte) time.Duration {
	n, lines := 0, 0
	for _, piece := range pieces {
		n += len(piece)
		lines += bytes.Count(piece, []byte{'\n'})
	}
	return gap(n, s.o.Baud) + time.Duration(lines)*lineTime + slipTime
}

// prove asks the question that the printer comes to after the slip, and waits for
// the answer as long as the printer says that it is well.
func (s *session) prove(ctx context.Context, a Ability, id string, within time.Duration) (Step, error) {
	question := a.question(id)
	if a.Macro {
		question = callMacro
	}
	s.forget()
	if _, err := s.send(ctx, question); err != nil {
		return 0, err
	}
	kind, own := a.evidence(id)
	noisy := false
	for end := time.Now().Add(within); time.Now().Before(end); {
		got, noise, err := s.wait(ctx, watch, kind)
		noisy = noisy || noise
		switch {
		case err == nil && got.id != own: // of an earlier question
			continue
		case err == nil && kind == fenceAnswer && noisy:
			return 0, errNoise
		case err == nil:
			return s.believe(ctx, a, got)
		case !errors.Is(err, errSilence):
			return 0, err
		}
		if a.Status {
			noise, err := s.stillOnline(ctx, kind)
			if err != nil {
				return 0, err
			}
			noisy = noisy || noise
		}
	}
	return 0, &Fault{Silent, fmt.Errorf("no answer after the slip within %v", within)}
}

// errNoise is a Fault because nobody can tell which byte was the answer.
var errNoise = &Fault{Noise, errors.New("an answer among noise")}

// believe says what an answer proves. One without an id is a single byte of zeros as a
// rule, and such a byte is also what the line carries when a printer's power goes. So
// the macro is called once more: one that went with the power does not answer.
func (s *session) believe(ctx context.Context, a Ability, got answer) (Step, error) {
	if got.kind == idAnswer {
		if !a.Macro {
			return StepPresumed, nil
		}
		return StepConfirmed, nil
	}
	noise, err := s.still(ctx)
	switch {
	case err != nil:
		return 0, err
	case noise:
		return 0, errNoise
	case got.value&fencePaperEnd != 0:
		return 0, &Fault{Reason: NoPaper}
	case !a.Macro:
		return StepPresumed, nil
	}
	again, err := s.answers(ctx, callMacro, fenceAnswer, "")
	switch {
	case err != nil:
		return 0, err
	case !again:
		return 0, &Fault{Silent, errors.New("it answered after the slip, but not a second time")}
	}
	return StepFenced, nil
}

// fencePaperEnd is set in the answer to GS r 1 when the roll is at its end.
const fencePaperEnd = 0x0C

// stillOnline asks for the status while another answer is waited for, which is put
// back if it comes meanwhile. Silence is no fault here: the printer is busy. noise
// reports whether there was something that is no answer.
func (s *session) stillOnline(ctx context.Context, awaited answerKind) (noise bool, err error) {
	if err := s.ask(ctx, 1); err != nil {
		return false, err
	}
	a, noise, err := s.wait(ctx, statusWait, statusAnswer, awaited)
	switch {
	case errors.Is(err, errSilence):
		return noise, nil
	case err != nil:
		return noise, err
	case a.kind == awaited:
		s.keep(a)
	case a.value&offlineBit != 0:
		return noise, s.cause(ctx)
	}
	return noise, nil
}

// outlast waits for as long as the paper takes, and then has the printer, if it
// answers at all, say twice that it is well.
func (s *session) outlast(ctx context.Context, a Ability, takes time.Duration) error {
	select {
	case <-time.After(takes):
	case <-s.ended:
		return &Fault{Gone, errors.New("the line has hung up")}
	case <-ctx.Done():
		return ctx.Err()
	}
	if !a.Status {
		return nil
	}
	for range 2 {
		if _, err := s.check(ctx); err != nil {
			return err
		}
	}
	return nil
}
