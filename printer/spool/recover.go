package spool

import (
	"context"
	"errors"
	"slices"
)

// stopped is what befell the jobs of an earlier run.
var stopped = &Fault{Stopped, errors.New("the kiosk stopped while it printed")}

// Recover settles what an earlier run left behind, and tells whether all of that is
// durable; Run begins with it. Nothing was sent by this one yet, so a job that had left
// whole can still be asked after.
func (s *Spool) Recover(ctx context.Context) (settled bool) {
	jobs, err := s.o.Book.Jobs(batch)
	if err != nil {
		s.o.Log.Error("looking for slips of before", "error", err)
		return false
	}
	settled = true
	for _, job := range slices.Backward(jobs) { // the last one may still be asked after
		durable := true
		switch {
		case job.fleeting(), job.State == Sending:
			durable = s.lost(ctx, job, stopped)
		case job.State == Drained:
			durable = s.resume(ctx, job)
		case job.State == Uncertain:
			s.torn = true
		}
		settled = settled && durable
	}
	return settled
}

// lost ends a job of which nobody can tell how far it came, and tells whether that is
// durable.
func (s *Spool) lost(ctx context.Context, job Job, f *Fault) (durable bool) {
	step := StepUncertain
	if job.fleeting() {
		step = StepDropped
	}
	if !job.Kick && job.State != Queued { // some of it may be on paper
		s.soiled()
	}
	_, durable = s.step(ctx, job, step, note(f))
	return durable
}

// resume asks after a job that was drained when the kiosk stopped. Only a macro that
// is still there proves that the printer kept its power since.
func (s *Spool) resume(ctx context.Context, job Job) (durable bool) {
	a := s.Status().Ability
	f := stopped
	if a.Macro {
		err := s.open()
		if err == nil {
			var evidence Step
			if evidence, err = s.line.prove(ctx, a, jobID(job), fenceGrace); err == nil {
				_, durable = s.step(ctx, job, evidence, "")
				return durable
			}
		}
		if ctx.Err() != nil {
			return false
		}
		f = fault(s.failed(err))
	}
	return s.lost(ctx, job, f)
}
