package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"yizhan/ledger"
	"yizhan/printer/spool"
)

// Jobs returns the print jobs that are not done: those that are to be printed, the
// oldest first, and then those that wait for a person. Questions that nobody answers
// so keep nothing from being printed.
func (s *Store) Jobs(limit int) (jobs []Job, err error) {
	limit = min(limit, maxPage)
	var asked []Job
	err = s.view(func(t *tx) {
		for r := range t.up(bOpenJob, nil) {
			j, found := t.job(keySeq(r.key))
			switch {
			case len(jobs) == limit || !found:
				return
			case j.State != spool.Uncertain:
				jobs = append(jobs, j)
			case len(asked) < limit:
				asked = append(asked, j)
			}
		}
	})
	return append(jobs, asked[:min(len(asked), limit-len(jobs))]...), err
}

// Job returns the print job of an entry, done or not.
func (s *Store) Job(seq uint64) (j Job, err error) {
	found := false
	err = s.view(func(t *tx) { j, found = t.job(seq) })
	if err == nil && !found {
		err = fmt.Errorf("%w: print job %d", ErrUnknown, seq)
	}
	return j, err
}

// machineSteps are those that the spool takes; the others are a person's.
var machineSteps = []spool.Step{spool.StepSending, spool.StepPresumed, spool.StepUncertain, spool.StepHeld,
	spool.StepDrained, spool.StepConfirmed, spool.StepFenced, spool.StepReleased, spool.StepDropped}

// Print records a step that the spool took with a job. Note says what the printer
// said. A step that the job's state does not allow answers ledger.ErrState.
func (s *Store) Print(ctx context.Context, job uint64, step spool.Step, note string) (Job, error) {
	if !slices.Contains(machineSteps, step) {
		return Job{}, fmt.Errorf("%w: step %v is a person's", ErrInput, step)
	}
	return s.printStep(ctx, job, step, ledger.ID{}, note)
}

// Seen records that somebody has seen the whole slip of an uncertain job. Operator is
// who; zero: the volunteer.
func (s *Store) Seen(ctx context.Context, job uint64, operator ledger.ID) (Job, error) {
	return s.printStep(ctx, job, spool.StepSeen, operator, "")
}

// Void records that somebody has seen that the slip of an uncertain job is not whole,
// and asks for the next copy.
func (s *Store) Void(ctx context.Context, job uint64, operator ledger.ID) (Job, error) {
	return s.printStep(ctx, job, spool.StepVoided, operator, "")
}

// Doubt records that somebody misses a slip that is presumed to be there.
func (s *Store) Doubt(ctx context.Context, job uint64, operator ledger.ID) (Job, error) {
	return s.printStep(ctx, job, spool.StepUncertain, operator, "")
}

// Reprint asks for a new copy of a slip that is done.
func (s *Store) Reprint(ctx context.Context, job uint64, operator ledger.ID) (Job, error) {
	return s.printStep(ctx, job, spool.StepAgain, operator, "")
}

func (s *Store) printStep(ctx context.Context, job uint64, step spool.Step, operator ledger.ID, note string) (Job, error) {
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		j, found := t.job(job)
		if !found {
			return nil, fmt.Errorf("%w: print job %d", ErrUnknown, job)
		}
		j, err := j.step(step, note)
		return []ledger.Body{ledger.Print{Job: job, Step: ledger.PrintStep(step), Copy: j.Copy, Operator: operator, Note: note}}, err
	}, func(t *tx) Job {
		j, _ := t.job(job)
		return j
	})
}

// lateSteps would let a job that is for now alone happen later than it was asked for, or twice.
var lateSteps = []spool.Step{spool.StepHeld, spool.StepUncertain, spool.StepAgain}

// step returns the job after a step, or ledger.ErrState.
func (j Job) step(step spool.Step, note string) (Job, error) {
	next, err := j.State.Next(step)
	switch {
	case err != nil:
		return j, fmt.Errorf("%w: %w", ledger.ErrState, err)
	case step == spool.StepDropped && !j.Kind.Fleeting(), j.Kind.Fleeting() && slices.Contains(lateSteps, step):
		return j, fmt.Errorf("%w: %v of a job of kind %d", ledger.ErrState, step, j.Kind)
	}
	if step == spool.StepAgain || step == spool.StepVoided {
		if j.Copy == maxCopies {
			return j, fmt.Errorf("%w: %d copies of one slip", ErrLimit, j.Copy)
		}
		ended := j.State
		if step == spool.StepVoided {
			ended = spool.Voided
		}
		j.Copy, j.Past = j.Copy+1, append(slices.Clip(j.Past), ended)
	}
	j.State, j.Last, j.Note = next, step, note
	return j, nil
}

// PrintStock makes the print job of a change of stock, or asks for another copy.
func (s *Store) PrintStock(ctx context.Context, seq uint64, operator ledger.ID) (Job, error) {
	return s.printOnce(ctx, seq, operator, func(t *tx) error {
		if _, err := t.servingStaff(operator); err != nil {
			return err
		}
		if t.get(bStockMove, seqKey(seq)) == nil {
			return fmt.Errorf("%w: change of stock %d", ErrUnknown, seq)
		}
		return nil
	})
}

// printOnce makes the print job of an entry that has none by itself, or asks for
// another copy of its slip.
func (s *Store) printOnce(ctx context.Context, seq uint64, operator ledger.ID, may func(*tx) error) (Job, error) {
	job, err := s.Job(seq)
	switch {
	case err == nil && job.State.Final():
		return s.Reprint(ctx, seq, operator)
	case err == nil || !errors.Is(err, ErrUnknown):
		return job, err // it is on its way
	}
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		if err := may(t); err != nil {
			return nil, err
		}
		if _, found := t.job(seq); found { // asked for twice at once
			return nil, nil
		}
		return []ledger.Body{ledger.Print{Job: seq, Step: ledger.PrintAsked, Operator: operator}}, nil
	}, func(t *tx) Job {
		j, _ := t.job(seq)
		return j
	})
}

// OpenDrawer makes the job that opens the drawer, at most once.
func (s *Store) OpenDrawer(ctx context.Context, key ledger.Key, operator ledger.ID) error {
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		_, again, err := t.again(key, func(b ledger.Body) bool {
			e, ok := b.(ledger.Staff)
			return ok && e.Act == ledger.StaffDrawer && e.Operator == operator
		})
		if again || err != nil {
			return nil, err
		}
		_, err = t.servingStaff(operator)
		return []ledger.Body{ledger.Staff{Key: key, Operator: operator, Act: ledger.StaffDrawer}}, err
	}})
}

// Printer returns what is known of the printer on a port.
func (s *Store) Printer(port string) (p KnownPrinter, known bool, err error) {
	err = s.view(func(t *tx) { p, known = t.printer(port) })
	return p, known, err
}

// KnowPrinter remembers what was found out about a printer.
func (s *Store) KnowPrinter(ctx context.Context, p KnownPrinter) error {
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		if again, err := parseKnownPrinter(p.text()); err != nil || again != p {
			return nil, fmt.Errorf("%w: a printer: %w", ErrInput, err)
		}
		if old, known := t.printer(p.Port); known && old == p {
			return nil, nil
		}
		return []ledger.Body{ledger.Device{Event: ledger.DevicePrinter, Text: p.text()}}, nil
	}})
}
