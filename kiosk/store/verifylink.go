package store

import (
	"encoding/json"
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

// linkProof is what Verify holds against each other of what a center sent.
type linkProof struct {
	cursors int
	guests  map[ledger.ID]bool // that no document was met for
}

// linkRow takes a row that no entry explains: it must say something that this
// program could have written.
func (p *proof) linkRow(b bucket, key, plain []byte) {
	var version, fetched, member int64
	id := func() bool { return len(key) == idBytes && ledger.ID(key) != ledger.ID{} }
	rest, err := plain, error(nil)
	good := false
	switch b {
	case bCursor:
		rest, err = unpackInts(plain, &version)
		good = len(key) > 0 && len(key) <= maxScopeBytes
		p.cursors++
	case bGuest:
		rest, err = unpackInts(plain, &fetched, &member)
		if good = id() && (member == 0 || member == 1); good {
			p.guests[ledger.ID(key)] = true
		}
	case bStale:
		rest, err = unpackInts(plain, &version)
		good = id()
	case bGone:
		rest, err = unpackInts(plain, &version)
		kind, _, cut := strings.Cut(string(key), " ")
		_, known := goneFrom[kind]
		good = known && cut && version > 0
	case bServed:
		good = len(key) == 2*idBytes
	case bCalendar:
		good = len(key) == 8+idBytes
	case bShift, bAttended:
		rest, good = nil, shiftRow(b, key, plain)
	}
	if err != nil || len(rest) > 0 || !good {
		p.damage("row", "%v %x is none of ours", b, key)
	}
}

// volunteerRow takes the document of a volunteer.
func (p *proof) volunteerRow(key, plain []byte) {
	var v struct {
		ID     ledger.ID `json:"id"`
		Linked bool      `json:"linked"`
	}
	if err := json.Unmarshal(plain, &v); err != nil || len(key) != idBytes || v.ID != ledger.ID(key) {
		p.damage("volunteer", "%x is not that person's document", key)
		return
	}
	delete(p.guests, v.ID)
	if p.state.Era != "" && !v.Linked {
		p.damage("volunteer", "%v is granted what was earned, beside a center", v.ID)
	}
}

// judgeLink compares the rest.
func (p *proof) judgeLink() {
	if p.fold.era != p.state.Era || p.fold.halt != p.state.Halt {
		p.damage("state", "it knows of era %q and halt %q, the entries of %q and %q", p.state.Era, p.state.Halt, p.fold.era, p.fold.halt)
	}
	if p.cursors > 0 && p.state.Era == "" {
		p.damage("cursor", "%d scopes of no era", p.cursors)
	}
	for id := range p.guests {
		p.damage("guest", "%v has no document", id)
	}
}

// shiftRow tells whether the document of a shift, or of an attendance, lies where it
// belongs.
func shiftRow(b bucket, key, plain []byte) bool {
	if b == bShift {
		var v civic.Shift
		return json.Unmarshal(plain, &v) == nil && string(v.ID[:]) == string(key)
	}
	var v civic.Attended
	return json.Unmarshal(plain, &v) == nil && string(pairKey(v.Shift, v.Who)) == string(key)
}
