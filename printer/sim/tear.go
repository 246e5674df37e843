package sim

// TearOff tears off what hangs out of the printer, without the blade. It does
// nothing when nothing hangs out.
func (p *Printer) TearOff() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tearOff()
	p.handOver()
}

// tearOff ends the piece of paper as a hand does. A line that has begun is still
// in the printer's memory, and is printed on what comes next.
func (p *Printer) tearOff() {
	if p.paper.image.Height == 0 {
		return
	}
	line, width := p.paper.line, p.paper.width
	p.paper.torn = true
	p.cutOff()
	p.paper.line, p.paper.width = line, width
}

// FailAtDots makes f happen when dots rows of paper hang out of the printer, before
// it takes the next byte: in the middle of a slip, however much was said before it.
// One such fault is armed at a time; dots of 0 disarm it.
func (p *Printer) FailAtDots(dots int, f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.health.atDots, p.health.armed = dots, f
}

// Condition is what somebody sees who looks at a printer.
type Condition struct {
	PaperOut, NearEnd, CoverOpen bool
	Stalled, Unplugged           bool
	PowerCycles                  int   // so far
	Held                         int   // bytes in the receive buffer, waiting for paper or the cover
	Armed                        Fault // of FailAtDots, not come yet; 0 when there is none
}

// Condition tells how the printer is now.
func (p *Printer) Condition() Condition {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := &p.health
	c := Condition{PaperOut: h.paperOut, NearEnd: h.nearEnd, CoverOpen: h.coverOpen, Stalled: h.stalled,
		Unplugged: h.unplugged, PowerCycles: h.powerCycles, Held: len(h.held)}
	if h.atDots > 0 {
		c.Armed = h.armed
	}
	return c
}
