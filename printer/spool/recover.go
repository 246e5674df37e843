package spool

import (
	"context"
	"errors"
	"slices"
)

// Recover settles what an earlier run left behind; Run begins with it. Nothing was
// sent by this one yet, so a job that had left whole can still be asked after.
func (s *Spool) Recover(ctx context.Context) {
	jobs, err := s.o.Book.Jobs(batch)
	if err != nil {
		s.o.Log.Error("looking for slips of before", "error", err)
		return
	}
	stopped := &Fault{Stopped, errors.New("the kiosk stopped while it printed")}
	for _, job := range slices.Backward(jobs) { // the last one may still be asked after
		switch {
		case job.Kick:
			s.step(ctx, job, StepDropped, note(stopped))
		case job.State == Sending:
			s.torn = true
			s.step(ctx, job, StepUncertain, note(stopped))
		case job.State == Drained:
			s.resume(ctx, job, stopped)
		case job.State == Uncertain:
			s.torn = true
		}
	}
}

// resume asks after a job that was drained when the kiosk stopped. Only a macro that
// is still there proves that the printer kept its power since.
func (s *Spool) resume(ctx context.Context, job Job, stopped *Fault) {
	a := s.Status().Ability
	f := stopped
	if a.Macro {
		err := s.open()
		if err == nil {
			var evidence Step
			if evidence, err = s.line.prove(ctx, a, jobID(job), fenceGrace); err == nil {
				s.step(ctx, job, evidence, "")
				return
			}
		}
		if ctx.Err() != nil {
			return
		}
		f = fault(s.failed(err))
	}
	s.torn = true
	s.step(ctx, job, StepUncertain, note(f))
}
