package store

import (
	"encoding/hex"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// checkRow is where what was seen of one person at one shift stands: the numbers of
// entries, 0 for none. The first check of each direction counts, and the last word of
// a leader.
type checkRow struct{ in, out, word uint64 }

// nameOf is the id under which a check stands: a person's, or what a strange card stands
// for until somebody knows whose it is.
func nameOf(who ledger.ID, card civic.CardID) ledger.ID {
	if who.IsZero() {
		return card.Stranger()
	}
	return who
}

func (t *tx) checkRow(key []byte) (r checkRow) {
	if raw := t.get(bCheck, key); raw != nil {
		var err error
		if r, err = parseCheckRow(raw); err != nil {
			t.fail(fmt.Errorf("%w: %v %x", err, bCheck, key))
		}
	}
	return r
}

func parseCheckRow(raw []byte) (r checkRow, err error) {
	var in, out, word int64
	rest, err := unpackInts(raw, &in, &out, &word)
	if err == nil && len(rest) > 0 {
		err = errRow
	}
	return checkRow{uint64(in), uint64(out), uint64(word)}, err
}

func (r checkRow) encode() []byte { return packInts(nil, int64(r.in), int64(r.out), int64(r.word)) }

// check folds a check-in or a check-out.
func (t *tx) check(seq uint64, b ledger.Check, out bool) {
	who := nameOf(b.Who, civic.CardID(b.Card))
	key := pairKey(b.Shift, who)
	t.put(bCheck, key, t.checkRow(key).seen(seq, out).encode())
	t.put(bServed, pairKey(who, b.Shift), nil)
	if b.By == ledger.CheckCard || b.By == ledger.CheckPhone {
		t.put(bPace, b.Shift[:], seqKey(seq))
	}
	if b.By == ledger.CheckWalkIn && !out {
		t.putJob(Job{Seq: seq, Kind: JobCheckIn, State: spool.Queued})
	}
	t.putKey(b.Key, seq)
}

func (r checkRow) seen(seq uint64, out bool) checkRow {
	switch {
	case out && r.out == 0:
		r.out = seq
	case !out && r.in == 0:
		r.in = seq
	}
	return r
}

// confirm folds what a leader said of people.
func (t *tx) confirm(seq uint64, b ledger.Confirm) {
	for _, id := range b.People {
		key := pairKey(b.Shift, id)
		r := t.checkRow(key)
		r.word = seq
		t.put(bCheck, key, r.encode())
		t.put(bServed, pairKey(id, b.Shift), nil)
	}
	t.putKey(b.Key, seq)
}

// Seen is one check as this kiosk saw it.
type Seen struct {
	Seq      uint64 // 0: it did not
	At       Instant
	By       ledger.CheckBy
	Operator ledger.ID // of a leader's check
}

// Word is what a leader said of somebody at the roster.
type Word struct {
	Seq      uint64 // 0: nothing
	Verdict  ledger.Verdict
	Minutes  int64 // 0: as they checked in and out, or to the planned end
	Operator ledger.ID
	WallMS   int64
}

// Attendance is all that is known here of one person at one shift.
type Attendance struct {
	Shift    ledger.ID
	Who      ledger.ID    // a person, a walk-in, or a strange card, see [civic.CardID.Stranger]
	Card     civic.CardID // that somebody showed whom nobody here knew; zero: none
	Name     string       // masked; "": nobody here knows it
	WalkIn   bool         // Who was drawn for somebody without a card
	Tail     string       // of a walk-in's phone; "": none was given
	In, Out  Seen
	Word     Word
	Told     *civic.Attended // by the center; nil: nothing yet
	Enlisted bool
	Post     int64 // that was claimed; 0: any
}

// Arrived and Left are when somebody came and went, in Unix milliseconds, by what this
// kiosk saw, or else what the center says; 0: not yet.
func (a Attendance) Arrived() int64 {
	return moment(a.In, a.Told, func(d *civic.Attended) int64 { return d.In })
}

// Left is the other end of Arrived.
func (a Attendance) Left() int64 {
	return moment(a.Out, a.Told, func(d *civic.Attended) int64 { return d.Out })
}

func moment(own Seen, told *civic.Attended, of func(*civic.Attended) int64) int64 {
	switch {
	case own.Seq != 0:
		return own.At.WallMS
	case told != nil:
		return of(told) * 1000
	}
	return 0
}

// Checks are Arrived and Left as the rules count them, see [civic.Counted].
func (a Attendance) Checks() (in, out civic.Check) {
	return a.In.check(a.Arrived()), a.Out.check(a.Left())
}

// check is one of them; of what this kiosk did not see the center vouches.
func (s Seen) check(moment int64) civic.Check {
	if s.Seq == 0 {
		return civic.Check{MS: moment, Quality: ledger.ClockSynced}
	}
	return civic.Check{MS: moment, Quality: s.At.Quality, Boot: hex.EncodeToString(s.At.Boot[:]), Mono: s.At.MonoMS}
}

// Unproven tells whether a check was made by a clock that nobody vouched for.
func (s Seen) Unproven() bool { return s.Seq != 0 && s.At.Quality == ledger.ClockUnknown }
