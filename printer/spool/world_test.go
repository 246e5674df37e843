package spool_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

// world is a printer that outlives its lines, a book that outlives its spools, and
// the paper that has come out. It lives in a synctest bubble, so its hours are free,
// unless it is real.
type world struct {
	*testing.T
	kind
	baud    int
	adapter bool

	uncomposable bool // slips
	real         bool // the line is one of the operating system's, and time is time

	mu      sync.Mutex
	jobs    []spool.Job
	voids   map[uint64]bool // the copy before was voided
	steps   []string        // of all jobs, in order
	papers  []sim.Paper
	known   *spool.Ability
	dieAt   int // the step, counted from 1, after which the process dies; 0: none
	printer *sim.Printer
	line    *sim.Line
	fresh   bool // nobody has opened line yet
	gone    bool // the device is not there
	stop    context.CancelFunc
	ended   chan struct{}
	spool   *spool.Spool
}

// kind is what a printer answers.
type kind struct {
	level           sim.Level
	noMacro, inTurn bool
}

// bubble runs f in a world of its own.
func bubble(t *testing.T, k kind, baud int, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, kind: k, baud: baud, voids: make(map[uint64]bool)}
		w.plugIn()
		defer func() { // so that nothing of the bubble stays
			w.halt()
			w.Fail(sim.Unplug)
			w.line.Close()
			time.Sleep(time.Second)
		}()
		f(w)
	})
}

// plugIn connects a printer that has just been switched on.
func (w *world) plugIn() {
	var left []sim.Paper
	if w.printer != nil { // what hangs out of the old one
		left = append(left, w.printer.Paper())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.papers = append(w.papers, left...)
	w.printer, w.line = sim.Connect(sim.Options{Profile: printer.Profile58, Level: w.level, NoMacro: w.noMacro, InTurn: w.inTurn, OnPaper: w.keep}, w.baud)
	w.fresh, w.gone = true, false
}

// Fail and Mend break and repair the printer.
func (w *world) Fail(f sim.Fault) { w.printer.Fail(f) }
func (w *world) Mend()            { w.printer.Mend() }

func (w *world) keep(p sim.Paper) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.papers = append(w.papers, p)
}

func (w *world) open() (spool.Line, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return nil, errors.New("no such device")
	}
	if !w.fresh {
		w.line = w.line.Again()
	}
	w.fresh = false
	if w.adapter {
		return adapter{w.line}, nil
	}
	return w.line, nil
}

// adapter is a line whose bytes leave the kernel at once, and wait on the way.
type adapter struct{ *sim.Line }

func (adapter) Drain(context.Context) error { return nil }

// start starts a process that prints.
func (w *world) start() { w.startWith((*book)(w), w.open) }

func (w *world) startWith(b spool.Book, open func() (spool.Line, error)) {
	baud := w.baud
	if baud == 0 {
		baud = 115200
	}
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.ended = stop, make(chan struct{})
	w.spool = spool.New(spool.Options{Book: b, Open: open, Baud: baud, Known: w.known,
		Profile: func() printer.Profile { return printer.Profile58 },
		Learned: func(_ context.Context, a spool.Ability) error { w.known = &a; return nil },
		Log:     slog.New(slog.DiscardHandler)})
	go func() {
		defer close(w.ended)
		w.spool.Run(ctx)
	}()
}

// halt ends it, as a service manager does.
func (w *world) halt() {
	if w.stop != nil {
		w.stop()
		<-w.ended
		w.stop = nil
	}
}

// book is the world's book.
type book world

func (b *book) Jobs(int) ([]spool.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(b.jobs), func(j spool.Job) bool { return j.State.Final() }), nil
}

func (b *book) Step(_ context.Context, number uint64, step spool.Step, note string) (spool.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	j := &b.jobs[number-1]
	next, err := j.State.Next(step)
	if err != nil {
		b.Errorf("job %d: %v", number, err)
		return *j, err
	}
	if step == spool.StepAgain || step == spool.StepVoided {
		j.Copy++
		b.voids[number] = step == spool.StepVoided
	}
	j.State, j.Note = next, note
	b.steps = append(b.steps, step.String())
	if len(b.steps) == b.dieAt {
		b.mu.Unlock()
		defer b.mu.Lock()
		die()
	}
	return *j, nil
}

func (b *book) Slips(j spool.Job) ([]printer.Slip, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.uncomposable {
		return nil, errors.New("the template is broken")
	}
	slip := slipOf(j)
	if b.voids[j.Number] {
		return []printer.Slip{{printer.Text(fmt.Sprintf("VOID %d", j.Number)), printer.Cut()}, slip}, nil
	}
	return []printer.Slip{slip}, nil
}

// slipOf has one of everything that a stream can be inside of.
func slipOf(j spool.Job) printer.Slip {
	return printer.Slip{
		printer.Text(fmt.Sprintf("NO.%d/%d", j.Number, j.Copy)).Bold(),
		printer.Text("张㛃"),
		printer.QR("YZ1:A"),
		printer.Text(fmt.Sprintf("END.%d/%d", j.Number, j.Copy)),
		printer.Cut(),
	}
}

// add puts a job into the book.
func (w *world) add(kick bool) uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := uint64(len(w.jobs) + 1)
	w.jobs = append(w.jobs, spool.Job{Number: n, State: spool.Queued, Kick: kick})
	return n
}

func (w *world) job(n uint64) spool.Job {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.jobs[n-1]
}

// person takes a step that only a person takes.
func (w *world) person(n uint64, step spool.Step) {
	w.Helper()
	if _, err := (*book)(w).Step(w.Context(), n, step, ""); err != nil {
		w.Fatal(err)
	}
	w.spool.Wake()
}

// until lets time pass until the job is in one of the states, at most ten minutes.
func (w *world) until(n uint64, states ...spool.State) spool.Job {
	w.Helper()
	for range 6000 {
		if !w.real {
			synctest.Wait()
		}
		if j := w.job(n); slices.Contains(states, j.State) {
			return j
		}
		time.Sleep(100 * time.Millisecond)
	}
	w.Fatalf("job %d is %v after ten minutes: %v", n, w.job(n).State, w.steps)
	return spool.Job{}
}

// settled are the states in which the spool does nothing more by itself.
var settled = []spool.State{spool.Printed, spool.Presumed, spool.Uncertain, spool.Voided}

// paper is the text of every piece of paper, the one that hangs out last.
func (w *world) paper() []string {
	w.mu.Lock()
	papers := slices.Clone(w.papers)
	w.mu.Unlock()
	var texts []string
	for _, p := range append(papers, w.printer.Paper()) {
		texts = append(texts, p.Text())
	}
	return texts
}

// whole counts the pieces of paper that have all of a slip: its number at the top, its
// code, and its number at the bottom.
func (w *world) whole(j spool.Job) int {
	n := 0
	for _, text := range w.paper() {
		_, rest, top := strings.Cut(text, fmt.Sprintf("NO.%d/%d", j.Number, j.Copy))
		body, _, bottom := strings.Cut(rest, fmt.Sprintf("END.%d/%d", j.Number, j.Copy))
		if top && bottom && strings.Contains(body, "YZ1:A") {
			n++
		}
	}
	return n
}

// touched tells whether anything of a slip is on paper.
func (w *world) touched(j spool.Job) bool {
	for _, text := range w.paper() {
		if strings.Contains(text, fmt.Sprintf("NO.%d/%d", j.Number, j.Copy)) || strings.Contains(text, fmt.Sprintf("END.%d/%d", j.Number, j.Copy)) {
			return true
		}
	}
	return false
}
