package kiosk

import (
	"context"
	"fmt"
	"sync"
	"time"

	"yizhan/assets"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
)

// Printer is the receipt printer. Its methods are called from one goroutine.
type Printer interface {
	// Ready tells whether a slip could be sent now. It puts nothing on paper.
	Ready(ctx context.Context) error
	// Print sends one encoded slip and returns when all of it has left, or how many
	// bytes were sent before it failed. After none, trying again is safe.
	Print(ctx context.Context, slip []byte) (sent int, err error)
}

// paperPoll is how often the printer is looked at while nothing wakes the worker,
// and so how soon held slips are printed after it has recovered.
const paperPoll = 2 * time.Second

// paper prints the store's jobs, the oldest first. A redemption never waits for it:
// its job stands in the store before, and every step is durable before the act.
type paper struct {
	cfg   Config
	texts assets.Catalogue // what paper says
	told  func(store.Job)  // after each step
	awake chan struct{}
	tests chan chan error // askers of a test page, see testpage.go

	mu      sync.Mutex
	sending bool
	fault   error           // why the printer is not ready; nil: it is
	broken  map[uint64]bool // jobs that cannot be composed: our own bug, logged once
}

func newPaper(cfg Config, texts assets.Catalogue, told func(store.Job)) *paper {
	return &paper{cfg: cfg, texts: texts, told: told, awake: make(chan struct{}, 1), tests: make(chan chan error), broken: make(map[uint64]bool)}
}

// wake lets the worker look for jobs now.
func (p *paper) wake() {
	select {
	case p.awake <- struct{}{}:
	default:
	}
}

// printing tells whether bytes are on their way to paper.
func (p *paper) printing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sending
}

func (p *paper) state(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// chip says how the printer is.
func (p *paper) chip(texts assets.Catalogue) chip {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.cfg.Printer == nil:
		return chip{"off", "nopaper", texts.Text("chip.printer.none")}
	case p.sending:
		return chip{"ok", "printer", texts.Text("chip.printer.busy")}
	case p.fault != nil:
		return chip{"warn", "nopaper", texts.Text("chip.printer.fault")}
	}
	return chip{"ok", "printer", texts.Text("chip.printer.ok")}
}

// run prints until ctx ends.
func (p *paper) run(ctx context.Context) {
	p.doubt(ctx)
	for {
		p.round(ctx)
		select {
		case <-ctx.Done():
			return
		case <-p.awake:
		case answer := <-p.tests:
			answer <- p.testPage(ctx)
		case <-time.After(paperPoll):
		}
	}
}

// doubt marks jobs found half sent, which are from before a power cut: only a person
// can tell whether their paper is complete.
func (p *paper) doubt(ctx context.Context) {
	for _, job := range p.jobs() {
		if job.State == store.JobSending {
			p.step(ctx, job, ledger.PrintUncertain, "the kiosk stopped while printing")
		}
	}
}

func (p *paper) jobs() []store.Job {
	jobs, err := p.cfg.Store.Jobs(jobBatch)
	if err != nil {
		p.cfg.Log.Error("looking for slips to print", "error", err)
	}
	return jobs
}

// round prints what waits, or holds it when the printer is not ready.
func (p *paper) round(ctx context.Context) {
	fault := fmt.Errorf("no printer is set up")
	if p.cfg.Printer != nil {
		fault = p.cfg.Printer.Ready(ctx)
	}
	p.state(func() { p.fault = fault })
	for _, job := range p.jobs() {
		waits := job.State == store.JobQueued || job.State == store.JobHeld
		switch {
		case ctx.Err() != nil:
			return
		case !waits || p.broken[job.Seq]:
		case fault == nil:
			if fault = p.print(ctx, job); fault != nil {
				p.state(func() { p.fault = fault })
			}
		case job.State == store.JobQueued:
			p.step(ctx, job, ledger.PrintHeld, fault.Error())
		}
	}
}

// print sends one job. Its error is the printer's, and later jobs wait.
func (p *paper) print(ctx context.Context, job store.Job) error {
	slip, err := p.compose(job)
	if err != nil {
		p.cfg.Log.Error("composing a slip", "job", job.Seq, "error", err)
		p.broken[job.Seq] = true
		p.step(ctx, job, ledger.PrintHeld, err.Error())
		return nil
	}
	if !p.step(ctx, job, ledger.PrintSending, "") {
		return nil
	}
	p.state(func() { p.sending = true })
	sent, err := p.cfg.Printer.Print(ctx, slip)
	p.state(func() { p.sending = false })
	// The step after the bytes is written even when the kiosk is being stopped.
	ctx = context.WithoutCancel(ctx)
	switch {
	case err == nil:
		p.step(ctx, job, ledger.PrintDone, "")
	case sent == 0:
		p.step(ctx, job, ledger.PrintHeld, err.Error())
	default:
		p.step(ctx, job, ledger.PrintUncertain, err.Error())
	}
	return err
}

// step makes one step of a job durable, and tells whether it is.
func (p *paper) step(ctx context.Context, job store.Job, step ledger.PrintStep, note string) bool {
	job, err := p.cfg.Store.Print(ctx, job.Seq, step, note[:min(len(note), ledger.MaxText)])
	if err != nil {
		p.cfg.Log.Error("recording a print job", "job", job.Seq, "step", step, "error", err)
		return false
	}
	p.told(job)
	return true
}

// compose makes the bytes of a job's slip.
func (p *paper) compose(job store.Job) ([]byte, error) {
	slip, err := p.slip(job)
	if err != nil {
		return nil, fmt.Errorf("composing the slip of job %d: %w", job.Seq, err)
	}
	return printer.Encode(slip, p.cfg.Paper)
}
