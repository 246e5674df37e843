package spool

import (
	"errors"
	"strings"
)

// Reason says in one word why a job is held or uncertain. Screens have a text for
// each.
type Reason string

// Reasons, in the order in which staff can do something about them.
const (
	NoPaper   Reason = "paper"   // the roll is at its end
	CoverOpen Reason = "cover"   // the cover is open
	Jammed    Reason = "jam"     // the cutter or another part is stuck
	Offline   Reason = "offline" // it says that it cannot print, but not why
	Silent    Reason = "silent"  // it does not answer although it can
	Stuck     Reason = "stuck"   // the line takes no more bytes
	Gone      Reason = "gone"    // the port does not open, or has gone away
	Noise     Reason = "noise"   // what it said cannot be told from noise
	Stopped   Reason = "stopped" // the kiosk stopped in between
	Unwritten Reason = "full"    // the book did not take what came of it
	Broken    Reason = "broken"  // the slip cannot be composed: a mistake of ours
	NoPrinter Reason = "none"    // no printer is set up
)

// reasons are all of them.
var reasons = []Reason{NoPaper, CoverOpen, Jammed, Offline, Silent, Stuck, Gone, Noise, Stopped, Unwritten, Broken, NoPrinter}

// Fault is why a printer cannot print, or why nobody knows whether it did.
type Fault struct {
	Reason Reason
	Err    error // the detail for technicians; nil: the reason says it all
}

func (f *Fault) Error() string {
	if f.Err == nil {
		return string(f.Reason)
	}
	return string(f.Reason) + ": " + f.Err.Error()
}

// Unwrap returns the detail.
func (f *Fault) Unwrap() error { return f.Err }

// fault is the Fault in err's chain; another error is one of the line.
func fault(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return &Fault{Gone, err}
}

// ReasonOf reads the reason from the note of a job; "" when it has none.
func ReasonOf(note string) Reason {
	word, _, _ := strings.Cut(note, ":")
	for _, r := range reasons {
		if string(r) == word {
			return r
		}
	}
	return ""
}

// note is what a fault leaves in the book: valid text of bounded length.
func note(f *Fault) string {
	text := strings.ToValidUTF8(f.Error(), "")
	if len(text) > noteBytes {
		text = strings.ToValidUTF8(text[:noteBytes], "")
	}
	return text
}
