package journal

import (
	"fmt"

	"yizhan/ledger"
)

// Kind says what is wrong with a place of a journal.
type Kind string

// Kinds of damage.
const (
	Torn   Kind = "torn"   // the last write did not finish; nobody was told that it had; Open cuts it
	Lost   Kind = "lost"   // entries First to Last cannot be read
	Header Kind = "header" // the header of a segment; its entries are proved by themselves
	Unread Kind = "unread" // the disk does not give some blocks back; what that costs is lost besides
	Stray  Kind = "stray"  // bytes that belong to no entry; nothing is lost
)

// Damage is one thing wrong. First and Last are the numbers of the entries it
// concerns; for a torn tail the first one not written, and the last one of
// which there is a trace.
type Damage struct {
	Kind   Kind   `json:"kind"`
	File   string `json:"file"`   // the path; empty: there is no file
	Offset int64  `json:"offset"` // bytes
	First  uint64 `json:"first,omitempty"`
	Last   uint64 `json:"last,omitempty"`
	Note   string `json:"note,omitempty"`
}

func (d Damage) String() string {
	s := fmt.Sprintf("%s at byte %d of %s", d.Kind, d.Offset, d.File)
	if d.First > 0 {
		s += fmt.Sprintf(", entries %d to %d", d.First, d.Last)
	}
	if d.Note != "" {
		s += ": " + d.Note
	}
	return s
}

// Range is an unbroken stretch of entries.
type Range struct {
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
}

// Report is what Scan found.
type Report struct {
	Segments int         `json:"segments"`
	Bytes    int64       `json:"bytes"`
	Good     []Range     `json:"good"` // sealed, and each fits the one before
	Head     ledger.Head `json:"head"` // the last entry of the last good range
	Damage   []Damage    `json:"damage"`
}

// Whole tells whether every entry from 1 to the head is good and the files hold
// nothing else, but perhaps a torn tail.
func (r Report) Whole() bool {
	for _, d := range r.Damage {
		if d.Kind != Torn {
			return false
		}
	}
	return true
}
