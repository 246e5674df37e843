package enrol

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"

	"yizhan/link"
)

// Config is the world of an enrolment. Everything but Changed must be there.
type Config struct {
	Dir     string // data folder
	Program string
	// Box tells the box's key, which it makes when there is none, and the lowest
	// epoch that its journal can begin.
	Box func() (key ed25519.PrivateKey, least uint32, err error)
	// See and Ask are link.SeePin and link.Enrol.
	See     func(ctx context.Context, address string) (link.Digest, error)
	Ask     func(ctx context.Context, address string, center link.Digest, r link.EnrolRequest) (link.EnrolAnswer, error)
	Changed func() // called after State has changed; it must not wait
	Log     *slog.Logger
}

// Phase is how far an enrolment is.
type Phase string

// Phases.
const (
	Nothing  Phase = ""         // nobody has invited the box
	Calling  Phase = "calling"  // the center has not answered yet
	Waiting  Phase = "waiting"  // an officer compares the fingerprints
	Stopped  Phase = "stopped"  // see State.Trouble; a person must do something
	Enrolled Phase = "enrolled" // the box is a kiosk
)

// State is what a screen says of an enrolment.
type State struct {
	Phase       Phase
	Address     string
	Kiosk       string // that the box becomes; "" before the center has answered
	Fingerprint string // to be compared with the center's screen; "" before that
	Trouble     Trouble
}

// errKeep wraps what went wrong with the files of this package.
var errKeep = errors.New("enrol: the box cannot keep its enrolment")

// Enrolment makes the box a kiosk. Its methods may be called from any goroutine.
type Enrolment struct {
	Config
	wake chan struct{} // there is something new to ask

	mu     sync.Mutex
	asking asking // empty: nothing
	state  State
	turn   int                // one more for each beginning; what was asked in an earlier one counts no more
	cancel context.CancelFunc // of the question on its way
}

// New returns the enrolment of a data folder, which Run brings to life. One that
// was on its way goes on.
func New(cfg Config) (*Enrolment, error) {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	e := &Enrolment{Config: cfg, wake: make(chan struct{}, 1), cancel: func() {}}
	a, err := loadAsking(cfg.Dir)
	switch {
	case err == nil:
		e.begin(a)
	case errors.Is(err, ErrFile):
		cfg.Log.Error("an enrolment on its way is forgotten", "error", err) // the code is scanned once more
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return e, nil
}

// State tells how far the enrolment is.
func (e *Enrolment) State() State {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.state
}

// Invite begins an enrolment, in the place of any other. The same invitation once
// more, as scanners read it, changes nothing.
func (e *Enrolment) Invite(i link.Invitation) error {
	if err := link.CheckAddress(i.Address); err != nil {
		return err
	}
	return e.change(func() error {
		if e.state.Phase != Stopped && i.Address == e.asking.Address && i.Code == e.asking.Code {
			return nil
		}
		return e.replace(asking{i.Address, i.Code, i.Center})
	})
}

// Forget ends the enrolment; the box waits for another invitation.
func (e *Enrolment) Forget() error {
	return e.change(func() error { return e.replace(asking{}) })
}

// Again asks once more, at once.
func (e *Enrolment) Again() {
	_ = e.change(func() error { e.begin(e.asking); return nil }) // nothing to keep, nothing to fail
}

// change does something under mu, and says so when State is another after it.
func (e *Enrolment) change(do func() error) error {
	e.mu.Lock()
	before := e.state
	err := do()
	changed := e.state != before
	e.mu.Unlock()
	if changed {
		e.Changed()
	}
	return err
}

// replace keeps a before anything is asked for it. It needs mu.
func (e *Enrolment) replace(a asking) error {
	if err := a.keep(e.Dir); err != nil {
		return fmt.Errorf("%w: %w", errKeep, err)
	}
	e.begin(a)
	return nil
}

// begin goes on with a. It needs mu.
func (e *Enrolment) begin(a asking) {
	e.asking, e.state = a, State{}
	if a != (asking{}) {
		e.state = State{Phase: Calling, Address: a.Address}
	}
	e.turn++
	e.cancel()
	select {
	case e.wake <- struct{}{}:
	default:
	}
}
