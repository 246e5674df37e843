package spool

import (
	"context"
	"errors"
	"slices"

	"yizhan/printer"
)

// jobID is the id by which a printer names a copy of a job: four characters of 32,
// so that an answer to an earlier question is never taken for this one's.
func jobID(j Job) string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	n := j.Number*100 + uint64(j.Copy)
	id := make([]byte, idBytes)
	for i := range id {
		id[i] = digits[n%32]
		n /= 32
	}
	return string(id)
}

// Round prints what waits, or holds it when the printer is not ready. Run calls it
// again and again; nobody else may meanwhile. It ends early when somebody wakes the
// spool, because of a drawer that is not to wait for all the slips, and when the book
// takes no steps at the moment.
func (s *Spool) Round(ctx context.Context) {
	select {
	case <-s.awake: // for what is read now, and for what could not be composed before
		clear(s.broken)
	default:
	}
	jobs, err := s.o.Book.Jobs(batch)
	if err != nil {
		s.o.Log.Error("looking for slips to print", "error", err)
		return
	}
	slices.SortStableFunc(jobs, kicksFirst)
	fault := s.look(ctx)
	for _, job := range jobs {
		durable, woken := true, false
		switch {
		case ctx.Err() != nil:
			return
		case job.State == Sending || job.State == Drained: // its end could not be written down
			durable = s.lost(ctx, job, unwritten)
		case !job.State.Waits() || s.broken[job.Number]:
		case fault != nil:
			durable = s.hold(ctx, job, fault)
		default:
			fault, durable = s.print(ctx, job)
			woken = len(s.awake) > 0
		}
		if !durable || woken {
			return
		}
	}
}

// unwritten is what befell a job whose end the book did not take.
var unwritten = &Fault{Unwritten, errors.New("what came of it could not be written down")}

// kicksFirst orders jobs: the drawer is opened now or not at all.
func kicksFirst(a, b Job) int {
	switch {
	case a.Kick == b.Kick:
		return 0
	case a.Kick:
		return -1
	}
	return 1
}

// look sees how the printer is, whether or not there is something to print: a screen
// shows it, an empty roll is noticed before somebody wants a slip, and what hangs out
// half printed is cut off before. A mute printer that was stuck is well again when its
// line moves. One that left the question before a slip unanswered is asked that again,
// because its status alone would say that it is well.
func (s *Spool) look(ctx context.Context) *Fault {
	err := s.open()
	if err == nil && !s.met {
		err = s.meet(ctx)
	}
	if err == nil && s.Status().Ability.Status {
		var nearEnd bool
		if nearEnd, err = s.check(ctx); err == nil {
			s.set(func(st *Status) { st.NearEnd = nearEnd })
		}
	}
	if err == nil && s.dirty {
		err = s.clean(ctx)
	}
	if err == nil && s.deaf {
		err = s.prepare(ctx, s.Status().Ability, readyID)
	}
	return s.found(ctx, err)
}

// check asks the printer how it is. One that is silent may be in the middle of what
// was half sent to it, and take the question for a part of that: so that is ended
// once, and it is asked again.
func (s *Spool) check(ctx context.Context) (nearEnd bool, err error) {
	nearEnd, err = s.line.check(ctx)
	if err == nil || fault(err).Reason != Silent || !s.dirty || s.roused {
		return nearEnd, err
	}
	s.roused = true
	if err := s.line.resync(ctx, s.o.Profile()); err != nil {
		return false, err
	}
	return s.line.check(ctx)
}

// found makes the printer's state of what a look at it gave.
func (s *Spool) found(ctx context.Context, err error) *Fault {
	switch {
	case ctx.Err() != nil: // not the printer's doing
		return nil
	case err != nil:
		return fault(s.failed(err))
	}
	s.set(func(st *Status) { st.Fault = nil })
	return nil
}

// meet probes a printer of which nothing is known. One that says nothing is taken
// for mute, and asked again when the port is opened the next time: it may only have
// been switched off.
func (s *Spool) meet(ctx context.Context) error {
	if s.Status().Ability == (Ability{}) {
		found, err := s.line.probe(ctx, s.clean)
		if err != nil {
			return err
		}
		if found == (Ability{}) {
			s.set(func(st *Status) { st.Probed = true })
		} else {
			s.learn(ctx, found)
		}
	}
	s.met = true
	return nil
}

// hold lets a job wait, and tells whether that is durable. The same reason is not
// written twice.
func (s *Spool) hold(ctx context.Context, job Job, f *Fault) (durable bool) {
	durable = true
	switch {
	case job.fleeting():
		_, durable = s.step(ctx, job, StepDropped, note(f))
	case job.State != Held || ReasonOf(job.Note) != f.Reason:
		_, durable = s.step(ctx, job, StepHeld, note(f))
	}
	return durable
}

// step takes a step, and tells whether it is durable.
func (s *Spool) step(ctx context.Context, job Job, step Step, note string) (Job, bool) {
	// What the printer did is written down even while the kiosk is being stopped.
	after, err := s.o.Book.Step(context.WithoutCancel(ctx), job.Number, step, note)
	if err != nil {
		s.o.Log.Error("recording a print job", "job", job.Number, "step", step, "error", err)
		return job, false
	}
	if s.o.Told != nil {
		s.o.Told(after)
	}
	return after, true
}

// print brings one job as far as it goes. Its fault is the printer's, and later jobs
// wait. durable is false when the book takes no steps, and then nothing was sent.
func (s *Spool) print(ctx context.Context, job Job) (f *Fault, durable bool) {
	pieces, err := s.pieces(job)
	if err != nil {
		s.o.Log.Error("composing a slip", "job", job.Number, "error", err)
		s.broken[job.Number] = true
		return nil, s.hold(ctx, job, &Fault{Broken, err})
	}
	id := jobID(job)
	if err := s.ready(ctx, id); err != nil {
		if ctx.Err() != nil {
			return nil, true
		}
		return fault(err), s.hold(ctx, job, fault(err))
	}
	durable = true
	if job.State == Held {
		job, durable = s.step(ctx, job, StepReleased, "")
	}
	if durable {
		job, durable = s.step(ctx, job, StepSending, "")
	}
	if !durable {
		return nil, false
	}
	s.set(func(st *Status) { st.Busy = true })
	defer s.set(func(st *Status) { st.Busy = false })
	sent, err := s.write(context.WithoutCancel(ctx), pieces)
	if err != nil {
		return s.broke(ctx, job, sent, err), true
	}
	if job, durable = s.step(ctx, job, StepDrained, ""); !durable {
		return nil, true // the next round ends it
	}
	return s.settle(ctx, job, id, pieces), true
}

// pieces composes a job.
func (s *Spool) pieces(job Job) (pieces [][]byte, err error) {
	if job.Kick {
		return [][]byte{printer.Kick()}, nil
	}
	slips, err := s.o.Book.Slips(job)
	if err != nil {
		return nil, err
	}
	for _, slip := range slips {
		more, err := printer.Pieces(slip, s.o.Profile())
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, more...)
	}
	return pieces, nil
}

// broke ends a job whose bytes did not all leave.
func (s *Spool) broke(ctx context.Context, job Job, sent int, err error) *Fault {
	f := fault(s.failed(err))
	s.hangUp()     // what waits in the kernel must not follow
	if sent == 0 { // nothing can be on paper
		s.hold(ctx, job, f)
	} else {
		s.lost(ctx, job, f)
	}
	return f
}

// settle waits for the evidence of a job that has left, and writes down what came of it.
func (s *Spool) settle(ctx context.Context, job Job, id string, pieces [][]byte) *Fault {
	if job.Kick { // nobody can say more of it
		s.step(ctx, job, StepPresumed, "")
		return nil
	}
	evidence, err := s.await(ctx, id, pieces)
	switch {
	case err == nil:
		s.step(ctx, job, evidence, "")
	case ctx.Err() != nil: // it stays drained; the next start goes on from there
	default:
		step := StepUncertain
		if job.Now {
			step = StepDropped
		}
		s.step(ctx, job, step, note(fault(err)))
		return s.Status().Fault
	}
	return nil
}

// ready makes sure that the printer can print now and has nothing left to do, and
// prepares the question after the slip with this id. It puts nothing on paper. Its
// error is a *Fault or the context's.
func (s *Spool) ready(ctx context.Context, id string) error {
	if f := s.look(ctx); f != nil {
		return f
	}
	if err := s.prepare(ctx, s.Status().Ability, id); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return s.failed(err)
	}
	return nil
}

func (s *Spool) prepare(ctx context.Context, a Ability, id string) error {
	if s.line == nil { // ctx has ended while it was looked at
		return ctx.Err()
	}
	if !a.ordered() {
		s.deaf = false
		return nil
	}
	if a.Macro {
		if err := s.line.define(ctx, a, id); err != nil {
			return err
		}
	}
	kind, own := a.evidence(readyID)
	ready, err := s.line.answers(ctx, a.question(readyID), kind, own)
	if err != nil {
		return err
	}
	if s.deaf = !ready; s.deaf {
		return &Fault{Silent, errors.New("it did not answer before the slip")}
	}
	return nil
}

// clean brings the printer to the beginning of an empty line, and what hangs out of
// it half printed to an end of its own.
func (s *Spool) clean(ctx context.Context) error {
	profile := s.o.Profile()
	if err := s.line.resync(ctx, profile); err != nil {
		return err
	}
	if s.torn {
		end, err := printer.Encode(printer.Slip{printer.Feed(1), printer.Cut()}, profile)
		if err != nil {
			return &Fault{Broken, err}
		}
		if _, err := s.line.send(ctx, end); err != nil {
			return err
		}
	}
	s.dirty, s.torn = false, false
	return nil
}

// write sends pieces until all have left the kernel, and returns how many bytes were
// taken. Between two it looks whether the printer still prints: so the kernel must
// have sent the first, or much would follow a fault, and the question come too late.
func (s *Spool) write(ctx context.Context, pieces [][]byte) (sent int, err error) {
	s.line.forget()
	for i, piece := range pieces {
		n, err := s.line.send(ctx, piece)
		sent += n
		if err != nil {
			return sent, err
		}
		if err := s.line.line.Drain(ctx); err != nil {
			return sent, lineFault(err)
		}
		if i == len(pieces)-1 || !s.Status().Ability.Status {
			continue
		}
		if err := s.stopped(ctx); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// stopped looks at the answers to earlier questions and asks the next. It does not
// wait: the answer comes while later pieces leave.
func (s *Spool) stopped(ctx context.Context) error {
	for range heardAnswers { // and no more, on a line that never falls silent
		select {
		case a := <-s.line.heard:
			s.line.took(a)
			if a.kind == statusAnswer && a.value&offlineBit != 0 {
				return s.line.cause(ctx)
			}
			continue
		default:
		}
		break
	}
	return s.line.ask(ctx, 1)
}
