package kiosk

import (
	"context"
	"sync"

	"yizhan/assets"
	"yizhan/kiosk/store"
	"yizhan/printer"
	"yizhan/printer/spool"
)

// PrinterPort is where the receipt printer is.
type PrinterPort struct {
	Name string // such as /dev/ttyS1; what the printer was found to be is remembered under it
	Baud int
	Open func() (spool.Line, error)
}

// SerialPort is a printer on a serial line. The device may come and go: it is opened
// again whenever it is needed.
func SerialPort(device string, baud int) *PrinterPort {
	return &PrinterPort{Name: device, Baud: baud, Open: func() (spool.Line, error) {
		port, err := printer.OpenPort(device, baud)
		if err != nil {
			return nil, err // and not a Line that holds a nil *Port
		}
		return port, nil
	}}
}

// paper is the store's print jobs and what they put on paper; the spool prints them.
// A redemption never waits for it.
type paper struct {
	*spool.Spool
	cfg   Config
	texts assets.Catalogue // what paper says
	slips *slipBook        // and how

	mu    sync.Mutex
	known store.KnownPrinter
}

// newPaper reads what is known of the printer. told is called after each step of a
// job, changed whenever the printer's state is another.
func newPaper(cfg Config, texts assets.Catalogue, slips *slipBook, told func(store.Job), changed func()) (*paper, error) {
	p := &paper{cfg: cfg, texts: texts, slips: slips}
	options := spool.Options{Book: jobBook{p, told}, Baud: 1, Profile: p.profile, Learned: p.learned, Log: cfg.Log,
		Changed: func(spool.Status) { changed() }}
	if port := cfg.Printer; port != nil {
		known, found, err := cfg.Store.Printer(port.Name)
		if err != nil {
			return nil, err
		}
		p.known = known
		p.known.Port = port.Name
		options.Open, options.Baud = port.Open, port.Baud
		if found {
			options.Known = &known.Ability
		}
	}
	p.Spool = spool.New(options)
	return p, nil
}

// profile is what slips are encoded for: what a person found by the probe page, else
// what the box was set up with.
func (p *paper) profile() printer.Profile {
	p.mu.Lock()
	defer p.mu.Unlock()
	if profile, err := printer.ParseProfile(p.known.Profile); err == nil {
		return profile
	}
	return p.cfg.Paper
}

// learned remembers what the printer answers.
func (p *paper) learned(ctx context.Context, a spool.Ability) error {
	return p.know(ctx, func(k *store.KnownPrinter) { k.Ability = a })
}

// setProfile remembers what a person found about the printer.
func (p *paper) setProfile(ctx context.Context, profile printer.Profile) error {
	return p.know(ctx, func(k *store.KnownPrinter) { k.Profile = profile.String() })
}

func (p *paper) know(ctx context.Context, change func(*store.KnownPrinter)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.known
	change(&known)
	if err := p.cfg.Store.KnowPrinter(ctx, known); err != nil {
		return err
	}
	p.known = known
	return nil
}

// chip says how the printer is.
func (p *paper) chip(texts assets.Catalogue) chip {
	switch st := p.Status(); {
	case p.cfg.Printer == nil:
		return chip{"off", "nopaper", texts.Text("chip.printer.none")}
	case st.Fault != nil:
		return chip{"warn", "nopaper", texts.Text("chip.printer." + string(st.Fault.Reason))}
	case st.Busy:
		return chip{"ok", "printer", texts.Text("chip.printer.busy")}
	case st.NearEnd:
		return chip{"warn", "printer", texts.Text("chip.printer.near_end")}
	}
	return chip{"ok", "printer", texts.Text("chip.printer.ok")}
}

// jobBook is the store as the spool sees it.
type jobBook struct {
	paper *paper
	told  func(store.Job)
}

// Jobs returns the jobs that are not done.
func (b jobBook) Jobs(limit int) ([]spool.Job, error) {
	list, err := b.paper.cfg.Store.Jobs(limit)
	jobs := make([]spool.Job, len(list))
	for i, j := range list {
		jobs[i] = spoolJob(j)
	}
	return jobs, err
}

// Step makes a step durable.
func (b jobBook) Step(ctx context.Context, number uint64, step spool.Step, note string) (spool.Job, error) {
	job, err := b.paper.cfg.Store.Print(ctx, number, step, note)
	if err != nil {
		return spool.Job{}, err
	}
	b.told(job)
	return spoolJob(job), nil
}

// Slips composes what a job puts on paper: before a copy that follows one which was
// not whole, a slip that says so.
func (b jobBook) Slips(job spool.Job) (slips []printer.Slip, err error) {
	j, err := b.paper.cfg.Store.Job(job.Number)
	if err != nil {
		return nil, err
	}
	if voided(j) {
		void, err := b.paper.voidSlip(j)
		if err != nil {
			return nil, err
		}
		slips = append(slips, void)
	}
	slip, err := b.paper.slip(j)
	return append(slips, slip), err
}

func spoolJob(j store.Job) spool.Job {
	return spool.Job{Number: j.Seq, Copy: j.Copy, State: j.State, Note: j.Note, Kick: j.Kind == store.JobDrawer, Now: j.Kind == store.JobTicket}
}
