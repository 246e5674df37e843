package store

import (
	"encoding/hex"
	"fmt"

	"yizhan/ledger"
)

// Verdict says how a file is.
type Verdict string

// Verdicts, from best to worst.
const (
	VerdictOK      Verdict = "ok"
	VerdictNew     Verdict = "new"     // there has never been one
	VerdictBehind  Verdict = "behind"  // whole, and the other file has more; Open sees to it
	VerdictMissing Verdict = "missing" // it was there once
	VerdictDamaged Verdict = "damaged"
)

// Finding is one thing that is wrong, or worth knowing.
type Finding struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// FileReport is what Verify found in one of the two files.
type FileReport struct {
	Verdict  Verdict   `json:"verdict"`
	Epoch    uint32    `json:"epoch"`
	Seq      uint64    `json:"seq"` // the last entry
	Hash     string    `json:"hash,omitempty"`
	Bytes    int64     `json:"bytes"`
	Findings []Finding `json:"findings,omitempty"`
	More     int       `json:"more,omitempty"` // findings beyond the first ones
}

func (f *FileReport) find(where, what string, args ...any) {
	if len(f.Findings) < maxFindings {
		f.Findings = append(f.Findings, Finding{where, fmt.Sprintf(what, args...)})
	} else {
		f.More++
	}
}

// damage is find for what spoils the file.
func (f *FileReport) damage(where, what string, args ...any) {
	f.Verdict = VerdictDamaged
	f.find(where, what, args...)
}

func (f *FileReport) stand(h ledger.Head) {
	f.Epoch, f.Seq = h.Epoch, h.Seq
	if h.Seq > 0 {
		f.Hash = hex.EncodeToString(h.Hash[:])
	}
}

// Report is the proof of a store, or what speaks against it.
type Report struct {
	Kiosk   string     `json:"kiosk"`
	OK      bool       `json:"ok"` // Open will serve; nothing to mend
	Book    FileReport `json:"book"`
	Journal FileReport `json:"journal"`
	Rows    int64      `json:"rows"` // of the book whose seals were broken and found good
	Plan    []string   `json:"plan,omitempty"`
	Done    []string   `json:"done,omitempty"` // by Mend
	NewEra  bool       `json:"new_epoch"`      // Mend began a new epoch: accounts are closed until a bundle for it comes
}

// decide judges both files together and says what Mend will do.
func (r *Report) decide() {
	b, j := &r.Book, &r.Journal
	bookGood := b.Verdict == VerdictOK || b.Verdict == VerdictBehind
	switch {
	case b.Verdict == VerdictNew && j.Verdict == VerdictNew:
	case bookGood && j.Verdict == VerdictNew && b.Seq == 0:
	case bookGood && j.Verdict == VerdictOK && j.Seq > b.Seq:
		b.Verdict = VerdictBehind
		r.Plan = append(r.Plan, fmt.Sprintf("the book follows the journal from entry %d to %d", b.Seq, j.Seq))
		r.OK = true
		return
	case bookGood && j.Verdict == VerdictOK && j.Seq < b.Seq:
		j.damage("end", "it ends at entry %d, the book at %d", j.Seq, b.Seq)
	case bookGood && j.Verdict == VerdictNew:
		j.Verdict = VerdictMissing
	}
	if b.Verdict == VerdictNew && j.Verdict != VerdictNew {
		b.Verdict = VerdictMissing
	}
	if b.Verdict == VerdictDamaged || b.Verdict == VerdictMissing {
		r.Plan = append(r.Plan, "set the book aside and build it anew from the newest snapshot, the bundle and the journal")
	}
	if j.Verdict == VerdictDamaged || j.Verdict == VerdictMissing {
		r.Plan = append(r.Plan, "set the journal aside and write it anew from the entries of both files")
	}
	r.OK = len(r.Plan) == 0
}
