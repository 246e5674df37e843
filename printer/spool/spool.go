package spool

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"yizhan/printer"
)

// Book is where jobs are kept. Its methods are called from one goroutine.
type Book interface {
	// Jobs returns the jobs that are not final, the oldest first.
	Jobs(limit int) ([]Job, error)
	// Step takes a step of a job, and returns when it is durable.
	Step(ctx context.Context, number uint64, step Step, note string) (Job, error)
	// Slips composes what the job puts on paper, one piece of paper each.
	Slips(job Job) ([]printer.Slip, error)
}

// Options say what a spool prints, and on what.
type Options struct {
	Book    Book
	Open    func() (Line, error)   // opens the port; nil: no printer is set up
	Baud    int                    // of the port; how long things take follows from it
	Profile func() printer.Profile // of the printer, as it is known now
	Known   *Ability               // what an earlier probe of this port found; nil: it was never probed
	Learned func(context.Context, Ability) error
	Told    func(Job)    // after each step; nil: nobody is told
	Changed func(Status) // whenever the printer's state changes; nil: nobody is told
	Log     *slog.Logger
}

// Status is how the printer is.
type Status struct {
	Busy    bool   // a slip is on its way to paper
	Fault   *Fault // why it cannot print; nil: it can, as far as it says
	NearEnd bool   // the roll comes to its end
	Ability Ability
	Probed  bool // Ability is what it answered, and not only unknown yet
}

// Spool prints the jobs of a book, the oldest first. Run does all of it; the other
// methods may be called from any goroutine.
type Spool struct {
	o     Options
	awake chan struct{}
	asks  chan ask
	ended chan struct{} // closed when Run has ended

	mu     sync.Mutex
	status Status

	// Only Run's goroutine looks at what follows.
	line   *session        // nil: closed
	met    bool            // the printer on the open line was probed, if it had to be
	roused bool            // on the open line, what was half sent was ended because the printer was silent
	deaf   bool            // the question before a slip found no answer
	dirty  bool            // the printer may be in the middle of something
	torn   bool            // a slip that broke off hangs out of it
	broken map[uint64]bool // slips that could not be composed; tried again when somebody wakes the spool
}

// ask is something that others want the worker to do between two jobs.
type ask struct {
	do   func(context.Context) error
	done chan error
}

// New makes a spool. Nothing happens before Run.
func New(o Options) *Spool {
	s := &Spool{o: o, awake: make(chan struct{}, 1), asks: make(chan ask), ended: make(chan struct{}), dirty: true, broken: make(map[uint64]bool)}
	if o.Known != nil {
		s.status.Ability, s.status.Probed = *o.Known, true
	}
	if o.Open == nil {
		s.status.Fault = &Fault{Reason: NoPrinter}
	}
	return s
}

// Wake lets the spool look for jobs now.
func (s *Spool) Wake() {
	select {
	case s.awake <- struct{}{}:
	default:
	}
}

// Status returns how the printer is.
func (s *Spool) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// set changes the status and tells of it.
func (s *Spool) set(change func(*Status)) {
	s.mu.Lock()
	before := s.status
	change(&s.status)
	after := s.status
	s.mu.Unlock()
	if s.o.Changed != nil && !same(before, after) {
		s.o.Changed(after)
	}
}

// same compares what a person would notice.
func same(a, b Status) bool {
	ra, rb := Reason(""), Reason("")
	if a.Fault != nil {
		ra = a.Fault.Reason
	}
	if b.Fault != nil {
		rb = b.Fault.Reason
	}
	a.Fault, b.Fault = nil, nil
	return a == b && ra == rb
}

// Run prints until ctx ends; it is called once. A slip that is being sent then is sent
// to its end. Nothing is printed before what an earlier run left behind is settled.
func (s *Spool) Run(ctx context.Context) {
	defer close(s.ended)
	defer s.hangUp()
	for settled := false; ctx.Err() == nil; {
		asks := s.asks
		if settled = settled || s.Recover(ctx); settled {
			s.Round(ctx)
		} else {
			asks = nil
		}
		select {
		case <-ctx.Done():
		case <-s.awake:
			clear(s.broken)
		case a := <-asks:
			err := a.do(ctx)
			if err != nil && ctx.Err() != nil { // whatever the printer seems to have done
				err = &Fault{Stopped, err}
			}
			a.done <- err
		case <-time.After(poll):
		}
	}
}

// Print puts slips on paper that no book knows: test pages. It waits for its turn
// and returns how they came out: StepConfirmed, StepFenced or StepPresumed. An error
// has a *Fault.
func (s *Spool) Print(ctx context.Context, pieces [][]byte) (evidence Step, err error) {
	err = s.between(ctx, func(ctx context.Context) error {
		if err := s.ready(ctx, testID); err != nil {
			return err
		}
		s.set(func(st *Status) { st.Busy = true })
		defer s.set(func(st *Status) { st.Busy = false })
		if _, err := s.write(context.WithoutCancel(ctx), pieces); err != nil {
			s.soiled()
			s.hangUp() // what waits in the kernel must not follow
			return s.failed(err)
		}
		evidence, err = s.await(ctx, testID, pieces)
		return err
	})
	return evidence, err
}

// Probe asks the printer anew what it can answer, and remembers that. A printer that
// says nothing at all is left as it was known: it may only be off. Its error has a
// *Fault.
func (s *Spool) Probe(ctx context.Context) (a Ability, err error) {
	err = s.between(ctx, func(ctx context.Context) error {
		if err := s.open(); err != nil {
			return s.failed(err)
		}
		found, err := s.line.probe(ctx, s.clean)
		if err == nil && found == (Ability{}) {
			err = &Fault{Reason: Silent}
		}
		if err != nil {
			return s.failed(err)
		}
		a = found
		s.learn(ctx, a)
		return nil
	})
	return a, err
}

// Forget takes the printer for a mute one from now on, because a person says that it
// is another one. What it answers is learned again when the port is opened next.
func (s *Spool) Forget(ctx context.Context) error {
	return s.between(ctx, func(ctx context.Context) error {
		s.hangUp()
		s.learn(ctx, Ability{})
		return nil
	})
}

// between has the worker do something between two jobs.
func (s *Spool) between(ctx context.Context, do func(context.Context) error) error {
	a := ask{do, make(chan error, 1)}
	select {
	case s.asks <- a:
		return <-a.done
	case <-s.ended:
		return &Fault{Stopped, errors.New("nothing is printed any more")}
	case <-ctx.Done():
		return &Fault{Silent, errors.New("the printer is still busy with other slips")}
	}
}

// learn keeps an ability. One that could not be written down is found out again after
// the next start.
func (s *Spool) learn(ctx context.Context, a Ability) {
	s.set(func(st *Status) { st.Ability, st.Probed = a, true })
	if err := s.o.Learned(ctx, a); err != nil {
		s.o.Log.Error("remembering what the printer answers", "answers", a, "error", err)
	}
}

// open opens the port unless it is open.
func (s *Spool) open() error {
	if s.line != nil {
		select {
		case <-s.line.ended: // unplugged since
			s.hangUp()
		default:
			return nil
		}
	}
	if s.o.Open == nil {
		return &Fault{Reason: NoPrinter}
	}
	line, err := s.o.Open()
	if err != nil {
		return &Fault{Gone, err}
	}
	s.line, s.met, s.roused, s.dirty = newSession(line, s.o.Baud), false, false, true
	return nil
}

func (s *Spool) hangUp() {
	if s.line != nil {
		s.line.close()
		s.line = nil
	}
}

// failed notes why the printer is not ready. A line that fails is closed; the next
// round opens it again.
func (s *Spool) failed(err error) error {
	f := fault(err)
	if f.Reason == Gone || f.Reason == Stuck {
		s.hangUp()
	}
	s.set(func(st *Status) { st.Fault = f })
	return f
}

// soiled notes that a slip broke off.
func (s *Spool) soiled() { s.dirty, s.torn = true, true }
