package sim

import "sync"

// Fault is something that goes wrong with a printer or its line.
type Fault int

const (
	// PaperOut and CoverOpen take the printer offline: it prints nothing, keeps
	// what fits its receive buffer, and answers DLE EOT. Mended, it goes on where
	// it stopped.
	PaperOut Fault = iota + 1
	CoverOpen
	// PowerCycle loses everything but the paper: the receive buffer, the line, the
	// command that was half there, the macro, and what ESC and GS had set.
	PowerCycle
	// Stall takes no more bytes and answers nothing, as a printer does whose line
	// is held; Write waits. Mended, it goes on.
	Stall
	// Garbage is noise on the line to the host, that of a mute printer too. It holds
	// no valid status.
	Garbage
	// Unplug ends the printer. Bytes are lost from then on, and behind a
	// pseudo-terminal the host sees it hang up.
	Unplug
	// TearOut is PaperOut by a hand: what hangs out of the printer is torn off.
	TearOut
)

// noise is what the host hears of Garbage: nearly a status, nearly an id.
var noise = []byte{0xFF, 0x00, 0x55, 0x13, 0x37, 0x22, 0x80, 0x7F}

// health is what faults change and Mend puts right.
type health struct {
	paperOut, coverOpen, stalled, unplugged bool
	nearEnd                                 bool
	powerCycles                             int
	due                                     map[int64]Fault
	atDots                                  int        // of paper that hangs out, when armed happens; 0: none
	armed                                   Fault      // see FailAtDots
	held                                    []heldByte // the receive buffer while offline
	wake                                    *sync.Cond
	onUnplug                                func()
}

// heldByte is a byte in the receive buffer with its place in the stream.
type heldByte struct {
	c  byte
	at int64
}

func (h *health) offline() bool { return h.paperOut || h.coverOpen }

// Fail makes f happen now.
func (p *Printer) Fail(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail(f)
	p.handOver()
}

// FailAt makes f happen when offset bytes have been received, before the next is
// taken. One fault stands at an offset; an offset that has passed never comes.
func (p *Printer) FailAt(offset int64, f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.health.due[offset] = f
}

// Mend puts in paper, closes the cover and lets a stalled printer go on.
func (p *Printer) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := &p.health
	wasOffline := h.offline()
	h.paperOut, h.coverOpen, h.stalled, h.nearEnd = false, false, false, false
	if wasOffline {
		p.report()
	}
	held := h.held
	h.held = nil
	for _, b := range held {
		p.process(b.c, b.at)
	}
	h.wake.Broadcast()
	p.handOver()
}

// SetNearEnd says that the roll is, or is not, coming to its end. Printing goes on.
func (p *Printer) SetNearEnd(near bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.health.nearEnd != near {
		p.health.nearEnd = near
		p.report()
	}
}

func (p *Printer) fail(f Fault) {
	h := &p.health
	switch f {
	case PaperOut:
		h.paperOut = true
		p.report()
	case CoverOpen:
		h.coverOpen = true
		p.report()
	case PowerCycle:
		h.powerCycles++
		h.held, h.stalled, p.asb = nil, false, false
		p.command, p.state, p.macro = nil, resetState(), macro{}
		p.paper.dropLine()
	case Stall:
		h.stalled = true
	case Garbage:
		p.answer(Mute, noise...)
	case Unplug:
		h.unplugged = true
		if h.onUnplug != nil {
			h.onUnplug()
		}
	case TearOut:
		h.paperOut = true
		p.tearOff()
		p.report()
	}
	h.wake.Broadcast()
}

// receive takes one byte from the line.
func (p *Printer) receive(c byte) {
	h := &p.health
	if f, ok := h.due[p.received]; ok {
		delete(h.due, p.received)
		p.fail(f)
	}
	if h.atDots > 0 && p.paper.image.Height >= h.atDots {
		h.atDots = 0
		p.fail(h.armed)
	}
	for !h.unplugged && (h.stalled || h.offline() && len(h.held) >= bufferBytes) {
		h.wake.Wait()
	}
	if h.unplugged {
		return
	}
	at := p.received
	p.received++
	if !h.offline() {
		p.process(c, at)
		return
	}
	h.held = append(h.held, heldByte{c, at})
	p.realTimeStatus()
}

// realTimeStatus answers a DLE EOT at the end of the receive buffer and takes it
// out: of all commands this one is obeyed offline.
func (p *Printer) realTimeStatus() {
	held := p.health.held
	n := len(held) - 3
	if n < 0 || held[n].c != dle || held[n+1].c != 0x04 || held[n+2].c < 1 || held[n+2].c > 4 {
		return
	}
	p.answer(Status, p.status(held[n+2].c))
	p.health.held = held[:n]
}

// status is the answer to DLE EOT n.
func (p *Printer) status(n byte) byte {
	h := &p.health
	status := byte(0x12)
	set := func(on bool, bits byte) {
		if on {
			status |= bits
		}
	}
	switch n {
	case 1:
		set(h.offline(), 0x08)
	case 2:
		set(h.coverOpen, 0x04)
		set(h.paperOut, 0x20)
	case 4:
		set(h.nearEnd, 0x0C)
		set(h.paperOut, 0x60)
	}
	return status
}

// report sends the automatic status if the host has asked for it with GS a.
func (p *Printer) report() {
	if p.asb {
		p.answer(Status, p.automaticStatus()...)
	}
}

// automaticStatus is the four bytes of GS a.
func (p *Printer) automaticStatus() []byte {
	h := &p.health
	status := []byte{0x10, 0x00, 0x00, 0x00}
	if h.offline() {
		status[0] |= 0x08
	}
	if h.coverOpen {
		status[0] |= 0x20
	}
	status[2] = p.paperSensor()
	return status
}

// paperSensor is the answer to GS r 1, and the third byte of GS a.
func (p *Printer) paperSensor() byte {
	var sensor byte
	if p.health.nearEnd {
		sensor |= 0x03
	}
	if p.health.paperOut {
		sensor |= 0x0C
	}
	return sensor
}
