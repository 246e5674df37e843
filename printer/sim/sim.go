// Package sim is a receipt printer made of nothing but Go, for tests and for the
// demo.
//
// It is strict where real firmware is forgiving: a byte or a command that it does
// not know, a parameter out of range, a line wider than the paper, a cut in the
// middle of a line, text outside the character set are all mistakes. A mistake
// is kept with the offset of its byte in the stream, and stands in
// words on the paper, so that nobody overlooks it. Parsing then goes on. Only one that
// is Lax, for people to look at, keeps it to itself.
//
// It is a printer of the kind that its profile describes: one without a native QR
// code knows no GS ( k, one with UTF-8 firmware knows FS C FF, one with user
// characters FS 2. What it prints is drawn dot by dot with the glyphs of package
// glyph and can be had as an image, as plain text, and by the payload of its QR codes.
//
// A [Printer] takes bytes by Write and answers by Options.Answer. [Start] puts one
// behind a pseudo-terminal, where it looks like a serial port.
//
// Fail, FailAt and Mend break and repair it: see [Fault].
package sim

import (
	"fmt"
	"io"
	"sync"

	"yizhan/printer"
	"yizhan/printer/bitmap"
)

// Level is how much a printer answers, as the probe of a real one finds it.
type Level int

// The levels. Each answers what the one before it does, and more.
const (
	Mute      Level = iota // L0: nothing
	Status                 // L1: DLE EOT, at once
	Fence                  // L2: GS r 1, after everything before it has been printed
	Confirmed              // L3: GS ( H, print confirmation by id
)

// Options describe a simulated printer.
type Options struct {
	Profile printer.Profile
	Level   Level
	NoMacro bool // at the levels Fence and Confirmed, which have GS : and GS ^ else
	InTurn  bool // DLE EOT is obeyed in its turn, and not in the middle of another command
	// Lax printers do what those in use do with mistakes: they leave out what they do
	// not know, and go on in the next line when one is full. Mistakes has all of it, but
	// the paper does not say so.
	Lax bool
	// Answer takes what the printer says, a few bytes at a time; nil drops it. A
	// Write that blocks holds the printer up.
	Answer io.Writer
	// OnPaper is called with every piece of paper that is cut off, in order, while
	// the printer waits. It may call Printer's methods.
	OnPaper func(Paper)
}

// Mistake is something in the stream that a printer may get wrong.
type Mistake struct {
	Offset int64 // of the byte that the command begins with, since the beginning
	Text   string
}

func (m Mistake) Error() string { return fmt.Sprintf("byte %d: %s", m.Offset, m.Text) }

// Printer is a simulated printer. Its methods may be called from any goroutine,
// but the bytes of one stream must come from one.
type Printer struct {
	options Options

	mu       sync.Mutex
	health   health
	received int64  // bytes since the beginning
	command  []byte // the command or character that is not complete yet
	began    int64  // offset of its first byte
	state    state
	asb      bool // GS a: report changes unasked
	macro    macro
	kicks    int // of the cash drawer
	paper    *sheet
	cut      []Paper // cut off, but not handed to OnPaper yet
	handing  bool    // somebody is handing over
	pieces   int
}

// state is what commands change and ESC @ resets.
type state struct {
	chinese bool // FS &
	utf8    bool // FS C FF
	align   byte // 0 left, 1 centre, 2 right
	bold    bool
	spacing int // dots from line to line
	// Size of ASCII and, where the firmware keeps them apart, of Chinese.
	asciiX, asciiY     int
	chineseX, chineseY int
	qr                 qrState
	user               map[byte]*bitmap.Image // FS 2, by the second byte of the code
}

// resetState is the state after power-on and ESC @. Chinese mode is off, and no
// characters are defined: firmware differs, so a stream has to say what it wants.
func resetState() state {
	return state{spacing: 30, asciiX: 1, asciiY: 1, chineseX: 1, chineseY: 1}
}

// New returns a printer that has just been switched on.
func New(o Options) *Printer {
	p := &Printer{options: o, state: resetState(), paper: newSheet(o.Profile.Dots)}
	p.health.due = map[int64]Fault{}
	p.health.wake = sync.NewCond(&p.mu)
	return p
}

// Write feeds the printer. It takes everything and never fails: what is wrong with
// the bytes stands in Mistakes and on the paper. It waits while a fault holds the
// printer up.
func (p *Printer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range b {
		p.receive(c)
		p.handOver()
	}
	return len(b), nil
}

// handOver gives what was cut off to OnPaper, one piece after the other and without
// the lock. When it is doing so already, the piece waits its turn there.
func (p *Printer) handOver() {
	if p.handing {
		return
	}
	p.handing = true
	for len(p.cut) > 0 {
		paper := p.cut[0]
		p.cut = p.cut[1:]
		if p.options.OnPaper != nil {
			p.mu.Unlock()
			p.options.OnPaper(paper)
			p.mu.Lock()
		}
	}
	p.handing = false
}

// Paper is what hangs out of the printer now, printed but not cut off.
func (p *Printer) Paper() Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.paper.paper(p.pieces + 1)
}

// Received is how many bytes have come in since the beginning.
func (p *Printer) Received() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.received
}

// Kicks is how often the cash drawer has been opened.
func (p *Printer) Kicks() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kicks
}

// Pending says whether something has come in that is not on paper: a command or a
// line that has begun, or what an offline printer holds.
func (p *Printer) Pending() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.command) > 0 || len(p.paper.line) > 0 || len(p.health.held) > 0
}

// answer says something to the host.
func (p *Printer) answer(level Level, b ...byte) {
	if p.options.Level >= level && p.options.Answer != nil {
		// A host that has gone away is no concern of a printer's.
		_, _ = p.options.Answer.Write(b)
	}
}

// mistake keeps what is wrong with the command that began at p.began.
func (p *Printer) mistake(format string, args ...any) {
	p.paper.mistake(Mistake{Offset: p.began, Text: fmt.Sprintf(format, args...)}, !p.options.Lax)
}

// cutOff ends the piece of paper.
func (p *Printer) cutOff() {
	p.pieces++
	p.cut = append(p.cut, p.paper.paper(p.pieces))
	p.paper = newSheet(p.options.Profile.Dots)
}
