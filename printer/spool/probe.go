package spool

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Ids that are no job's: those have no question mark, see jobID.
const (
	probeID = "YZ?1"
	macroID = "YZ?2"
	readyID = "YZ?3"
	testID  = "YZ?4" // of paper that no book knows
)

// probe finds out what a printer answers. One that is not online is not asked what
// it would only answer online: that is its Fault, and it is probed when it has
// recovered. clean is called before anything else than DLE EOT is sent, which a
// printer inside a half received picture would take for dots.
//
// GS ( H is sent only to a printer that has answered one of the older questions,
// because one that does not know it may print the rest of the command.
func (s *session) probe(ctx context.Context, clean func(context.Context) error) (a Ability, err error) {
	_, err = s.check(ctx)
	if f, known := errors.AsType[*Fault](err); err != nil && !(known && f.Reason == Silent) {
		return a, err
	}
	a.Status = err == nil
	if err := clean(ctx); err != nil {
		return a, err
	}
	if a.Fence, err = s.answers(ctx, askFence, fenceAnswer, ""); err != nil {
		return a, err
	}
	if !a.Status && !a.Fence {
		return a, nil
	}
	if a.ID, err = s.answers(ctx, askID(probeID), idAnswer, probeID); err != nil || !a.ordered() {
		return a, err
	}
	if err := s.define(ctx, a, macroID); err != nil {
		return a, err
	}
	if _, err := s.still(ctx); err != nil { // the questions in it may be answered at once, too
		return a, err
	}
	kind, id := a.evidence(macroID)
	a.Macro, err = s.answers(ctx, callMacro, kind, id)
	return a, err
}

// evidence is which answer proves the paper, and its id.
func (a Ability) evidence(id string) (answerKind, string) {
	if a.ID {
		return idAnswer, id
	}
	return fenceAnswer, ""
}

// question is what is asked in order, by the best means that the printer has.
func (a Ability) question(id string) []byte {
	if a.ID {
		return askID(id)
	}
	return askFence
}

// define puts the question into the printer's macro, and in the place of the one before.
func (s *session) define(ctx context.Context, a Ability, id string) error {
	// A call ends a definition that was left open, and otherwise only has a question
	// answered whose answer nobody waits for.
	_, err := s.send(ctx, slices.Concat(callMacro, markMacro, a.question(id), markMacro))
	return err
}

// answers tells whether a question is answered. Only its own id counts; an answer
// without one counts when no noise is heard around it.
func (s *session) answers(ctx context.Context, question []byte, kind answerKind, id string) (bool, error) {
	s.forget()
	if _, err := s.send(ctx, question); err != nil {
		return false, err
	}
	for end := time.Now().Add(fenceWait + s.lag()); ; {
		a, noise, err := s.wait(ctx, time.Until(end), kind)
		switch {
		case errors.Is(err, errSilence):
			return false, nil
		case err != nil:
			return false, err
		case a.id != id: // of an earlier question
			continue
		case kind == idAnswer:
			return true, nil
		}
		after, err := s.still(ctx)
		return !noise && !after, err
	}
}
