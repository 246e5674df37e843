package spool

import (
	"errors"
	"fmt"
	"slices"
)

// State is where a job stands. The numbers are those in the books of kiosks.
type State uint8

// States of a job; see the table in the package comment.
const (
	Queued    State = 1
	Sending   State = 2
	Printed   State = 3
	Uncertain State = 4
	Held      State = 5
	Drained   State = 6
	Presumed  State = 7
	Voided    State = 8
)

// String returns the state's name for logs and JSON.
func (s State) String() string {
	names := [...]string{"none", "queued", "sending", "printed", "uncertain", "held", "drained", "presumed", "voided"}
	if int(s) >= len(names) {
		return fmt.Sprintf("state %d", s)
	}
	return names[s]
}

// Final holds when nothing but a person changes the state any more, and nobody is
// asked to.
func (s State) Final() bool { return s == Printed || s == Presumed || s == Voided }

// Waits holds when the spool will print the job by itself.
func (s State) Waits() bool { return s == Queued || s == Held }

// Step is what happened to a job. The numbers are those in the journals of kiosks.
type Step uint8

// Steps of a job.
const (
	StepSending   Step = 1  // the first byte leaves next
	StepPresumed  Step = 2  // every byte left and nothing speaks against it
	StepUncertain Step = 3  // nobody can tell how much is on paper
	StepHeld      Step = 4  // the printer is not ready, and nothing was sent
	StepAgain     Step = 5  // a person wants another copy
	StepDrained   Step = 6  // every byte has left the kernel
	StepConfirmed Step = 7  // the printer named the job's id: it is on paper
	StepFenced    Step = 8  // the printer answered what it comes to only after the paper
	StepSeen      Step = 9  // a person has seen the whole slip
	StepVoided    Step = 10 // a person has seen that it is not whole; another copy follows
	StepReleased  Step = 11 // the printer is ready again
	StepDropped   Step = 12 // a kick, or a slip that nobody waits for later, that is not carried out, or nobody knows whether
)

// String returns the step's name for logs and JSON.
func (s Step) String() string {
	names := [...]string{"none", "sending", "presumed", "uncertain", "held", "again", "drained", "confirmed", "fenced", "seen", "voided", "released", "dropped"}
	if int(s) >= len(names) {
		return fmt.Sprintf("step %d", s)
	}
	return names[s]
}

// ErrStep means that a job's state does not allow the step.
var ErrStep = errors.New("spool: the job's state does not allow this step")

// ways says from which states each step may be taken, and where it leads.
var ways = map[Step]struct {
	from []State
	to   State
}{
	StepSending:   {[]State{Queued}, Sending},
	StepPresumed:  {[]State{Drained}, Presumed},
	StepUncertain: {[]State{Sending, Drained, Presumed}, Uncertain},
	StepHeld:      {[]State{Queued, Held, Sending}, Held},
	StepAgain:     {[]State{Printed, Presumed}, Queued},
	StepDrained:   {[]State{Sending}, Drained},
	StepConfirmed: {[]State{Drained}, Printed},
	StepFenced:    {[]State{Drained}, Printed},
	StepSeen:      {[]State{Uncertain}, Printed},
	StepVoided:    {[]State{Uncertain}, Queued},
	StepReleased:  {[]State{Held}, Queued},
	StepDropped:   {[]State{Queued, Sending, Drained}, Voided},
}

// Next is the state after a step, or ErrStep.
func (s State) Next(step Step) (State, error) {
	way, known := ways[step]
	if !known || !slices.Contains(way.from, s) {
		return s, fmt.Errorf("%w: %v of a job that is %v", ErrStep, step, s)
	}
	return way.to, nil
}

// Job is one slip, or one kick of the drawer, on its way to the printer.
type Job struct {
	Number uint64 // names the job for ever
	Copy   int64  // 0: the original; n: the n-th copy
	State  State
	Note   string // of its last step; see ReasonOf
	Kick   bool   // it opens the drawer and prints nothing
	Now    bool   // it is printed at once or not at all: later it would come out into somebody else's hands
}

// fleeting tells whether a job is carried out now or never.
func (j Job) fleeting() bool { return j.Kick || j.Now }
