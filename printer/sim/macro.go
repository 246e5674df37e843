package sim

// macro is the command sequence that GS : defines and GS ^ executes. It lives in
// the printer's working memory: ESC @ leaves it, a power cut takes it. So a macro
// that was defined before a job and answers after it proves that the printer kept
// its power in between.
//
// The rules are those of the Epson, Bixolon, Wincor and Toshiba manuals: what comes
// while a macro is defined is obeyed at once too; GS : directly after GS : leaves
// none; GS ^ inside a definition ends and clears it; GS ^ without one does nothing.
type macro struct {
	defining bool
	running  bool
	body     []byte
}

// hasMacros says whether the firmware has macros. One that has not swallows both
// commands without a mistake: a probe must ask printers of every kind, and what an
// old one really makes of the question (nothing, or a stray character) is for the
// probe to keep harmless, not for us to punish.
func (p *Printer) hasMacros() bool {
	return p.options.Level >= Fence && !p.options.NoMacro
}

// record keeps a complete command or character for the macro that is defined.
func (p *Printer) record(command []byte) {
	m := &p.macro
	switch {
	case !m.defining, command[0] == dle, isMacroCommand(command):
	case len(m.body)+len(command) > maxMacroBytes:
		p.mistake("GS :: the macro is longer than %d bytes", maxMacroBytes)
	default:
		m.body = append(m.body, command...)
	}
}

func isMacroCommand(c []byte) bool { return c[0] == gs && (c[1] == ':' || c[1] == '^') }

// obeyMacroMark is GS :, the beginning or the end of a definition.
func (p *Printer) obeyMacroMark() {
	if !p.hasMacros() {
		return
	}
	m := &p.macro
	m.defining = !m.defining
	if m.defining {
		m.body = nil
	}
}

// obeyMacro is GS ^ r t m.
func (p *Printer) obeyMacro(c []byte) {
	m := &p.macro
	switch {
	case !p.hasMacros(), m.running: // bytes read in another mode may look like a GS ^
	case m.defining:
		*m = macro{}
	case c[2] != 1 || c[4] != 0:
		p.mistake("GS ^ %d %d %d: want once, at once", c[2], c[3], c[4])
	default:
		m.running = true
		for _, b := range m.body {
			p.process(b, p.began)
		}
		m.running = false
	}
}
