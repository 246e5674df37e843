package store

import (
	"context"
	"fmt"
	"slices"

	"yizhan/ledger"
)

// Jobs returns the print jobs that are not done, the oldest first.
func (s *Store) Jobs(limit int) (jobs []Job, err error) {
	err = s.view(func(t *tx) {
		for r := range t.up(bOpenJob, nil) {
			j, found := t.job(keySeq(r.key))
			if len(jobs) == min(limit, maxPage) || !found {
				return
			}
			jobs = append(jobs, j)
		}
	})
	return jobs, err
}

// Print records a step of a print job. Note says what the printer said.
func (s *Store) Print(ctx context.Context, job uint64, step ledger.PrintStep, note string) (Job, error) {
	if step == ledger.PrintAgain {
		return Job{}, fmt.Errorf("%w: a new copy is asked for with Reprint", ErrInput)
	}
	return s.printStep(ctx, job, step, ledger.ID{}, note)
}

// Reprint asks for a new copy. Operator is who asked; zero: the volunteer.
func (s *Store) Reprint(ctx context.Context, job uint64, operator ledger.ID) (Job, error) {
	return s.printStep(ctx, job, ledger.PrintAgain, operator, "")
}

func (s *Store) printStep(ctx context.Context, job uint64, step ledger.PrintStep, operator ledger.ID, note string) (Job, error) {
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		j, found := t.job(job)
		if !found {
			return nil, fmt.Errorf("%w: print job %d", ErrUnknown, job)
		}
		j, err := j.step(step, note)
		return []ledger.Body{ledger.Print{Job: job, Step: step, Copy: j.Copy, Operator: operator, Note: note}}, err
	}, func(t *tx) Job {
		j, _ := t.job(job)
		return j
	})
}

// steps says from which states each step of a print job may be taken. A job
// that was sending when the kiosk died is settled by whoever looks at the paper:
// done or uncertain, and then again.
var steps = map[ledger.PrintStep]struct {
	from []JobState
	to   JobState
}{
	ledger.PrintSending:   {[]JobState{JobQueued, JobHeld}, JobSending},
	ledger.PrintDone:      {[]JobState{JobSending, JobUncertain}, JobDone},
	ledger.PrintUncertain: {[]JobState{JobSending}, JobUncertain},
	ledger.PrintHeld:      {[]JobState{JobQueued, JobSending, JobHeld}, JobHeld},
	ledger.PrintAgain:     {[]JobState{JobDone, JobUncertain}, JobQueued},
}

// step returns the job after a step, or ledger.ErrState.
func (j Job) step(step ledger.PrintStep, note string) (Job, error) {
	way, known := steps[step]
	if !known || !slices.Contains(way.from, j.State) {
		return j, fmt.Errorf("%w: print step %d of a job that is %v", ledger.ErrState, step, j.State)
	}
	if step == ledger.PrintAgain {
		j.Copy++
	}
	j.State, j.Note = way.to, note
	return j, nil
}
