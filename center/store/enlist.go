package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectEnlisted = `SELECT volunteer, post, state, who, made_ms, origin FROM enlisted WHERE scope = $1 AND shift = $2`
	upsertEnlisted = `INSERT INTO enlisted (scope, shift, volunteer, post, state, who, made_ms, origin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (scope, shift, volunteer) DO UPDATE SET post = excluded.post, state = excluded.state, who = excluded.who, made_ms = excluded.made_ms, origin = excluded.origin`
	scatterEnlisted = `SELECT scope, shift, volunteer, post, state, who, made_ms, origin FROM enlisted WHERE volunteer = $1 ORDER BY made_ms DESC, shift LIMIT $2`
	selectHeard     = `SELECT seq FROM enlistheard WHERE scope = $1 AND shift = $2 AND volunteer = $3 AND kiosk = $4 AND epoch = $5`
	selectHeardAt   = `SELECT volunteer, kiosk, epoch, seq FROM enlistheard WHERE scope = $1 AND shift = $2 ORDER BY volunteer, kiosk, epoch LIMIT $3`
	upsertHeard     = `INSERT INTO enlistheard (scope, shift, volunteer, kiosk, epoch, seq) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (scope, shift, volunteer, kiosk, epoch) DO UPDATE SET seq = excluded.seq`
)

// EnlistState is what became of a claim.
type EnlistState string

// States of a claim. Whoever waits moves up by itself when somebody gives up.
const (
	EnlistedIn      EnlistState = "in"
	EnlistedWaiting EnlistState = "waiting" // the post is full
	EnlistedOff     EnlistState = "off"     // it was given up, or struck out
	EnlistedMoved   EnlistState = "moved"   // the record was merged: the claim is the kept one's
	EnlistedLate    EnlistState = "late"    // a kiosk told of it when the shift was over or called off, or too many waited
)

// Enlistment is a volunteer's claim of a post of a shift.
type Enlistment struct {
	Scope     string
	Shift     ledger.ID
	Volunteer ledger.ID
	Post      int64 // from 1; 0: any, or the shift has none
	State     EnlistState
	Who       string    // officer; "": the volunteer
	Made      time.Time // since when it is so; the order in which one waits

	origin string // the record that made it, when that was merged into this one
}

// Claim asks for a post of a shift, or gives it up.
type Claim struct {
	Shift, Volunteer ledger.ID
	Post             int64  // from 1; 0: any
	Off              bool   // gives it up
	Wait             bool   // when it is full, waits for a place
	By               string // officer; "": the volunteer
}

// Enlist claims a post for a volunteer, or gives it up, and tells the kiosks, in one
// transaction of the shift's scope. It answers ErrNotOpen when the shift is called off
// or over, ErrFull when the post is and nobody is to wait, ErrInput when there is no
// such post. The same again changes nothing. Whoever gives up lets the first move up
// who waits.
func (s *Store) Enlist(ctx context.Context, c Claim) (e Enlistment, err error) {
	return s.enlist(ctx, c, nil)
}

// EnlistEntry does what an entry of a kiosk says of a post. It may be told again, and
// in any order: of each chain the last entry stands. Nobody can be asked any more, so
// a claim of a full post waits, and one that comes too late stays as such. Only a shift
// that this book does not know is refused, with ErrUnknown.
func (s *Store) EnlistEntry(ctx context.Context, kiosk string, epoch uint32, seq uint64, b ledger.Enlist) (Enlistment, error) {
	return s.enlist(ctx, Claim{Shift: b.Shift, Volunteer: b.Volunteer, Post: b.Post, Off: b.Off, Wait: true}, &heard{kiosk, epoch, seq})
}

// heard is the entry that a claim comes from.
type heard struct {
	kiosk string
	epoch uint32
	seq   uint64
}

func (s *Store) enlist(ctx context.Context, c Claim, from *heard) (e Enlistment, err error) {
	if c.Volunteer.IsZero() {
		return e, fmt.Errorf("%w: a claim of nobody", ErrInput)
	}
	named := c.Volunteer
	if c.Volunteer, err = s.Survivor(ctx, named); err != nil {
		return e, err
	}
	scope, err := s.shiftScope(ctx, c.Shift)
	if err != nil {
		return e, err
	}
	err = s.write(ctx, "claiming a post", scope, func(t *txn) error {
		r, err := t.roll(c.Shift)
		if err != nil {
			return err
		}
		if from != nil {
			if known, err := t.hear(c.Shift, named, *from); err != nil || known {
				e = r.of(c.Volunteer)
				return err
			}
		}
		if e, err = r.claim(s.now(), c, from != nil); err != nil {
			return err
		}
		return r.save(s.now(), c, from != nil)
	})
	return e, err
}

// hear notes an entry, and tells whether a later one of its chain is known.
func (t *txn) hear(shift, named ledger.ID, from heard) (known bool, err error) {
	var seq int64
	found, err := t.one(selectHeard, []any{shift.String(), named.String(), from.kiosk, int64(from.epoch)}, &seq)
	if err != nil || found && uint64(seq) >= from.seq {
		return true, err
	}
	return false, t.change(upsertHeard, shift.String(), named.String(), from.kiosk, int64(from.epoch), int64(from.seq))
}

// roll is a shift and everybody who ever claimed a post of it.
type roll struct {
	t       *txn
	shift   Shift
	claims  []Enlistment // by volunteer; those who wait behind, the first first
	changed []Enlistment
}

func (t *txn) roll(id ledger.ID) (r *roll, err error) {
	r = &roll{t: t}
	if r.shift, err = t.shift(id); err == nil {
		r.claims, err = t.enlistments(id)
	}
	return r, err
}

func (r *roll) of(volunteer ledger.ID) Enlistment {
	for _, e := range r.claims {
		if e.Volunteer == volunteer {
			return e
		}
	}
	return Enlistment{Scope: r.shift.Scope, Shift: r.shift.ID, Volunteer: volunteer, State: EnlistedOff}
}

// set puts a claim in the place of what stood there.
func (r *roll) set(e Enlistment) {
	r.claims = slices.DeleteFunc(r.claims, func(o Enlistment) bool { return o.Volunteer == e.Volunteer })
	r.claims = append(r.claims, e)
	sortClaims(r.claims)
	r.changed = append(r.changed, e)
}

// room finds a post that has a place: the one that is asked for, or the first.
func (r *roll) room(post int64) (int64, bool) {
	taken, all := make(map[int64]int64), 0
	for _, e := range r.claims {
		if e.State == EnlistedIn {
			taken[e.Post]++
			all++
		}
	}
	if all >= civic.MaxEnlisted {
		return 0, false
	}
	for i, p := range r.shift.Posts {
		n := int64(i + 1)
		if (post == 0 || post == n) && (p.Wanted == 0 || taken[n] < p.Wanted) {
			return n, true
		}
	}
	return 0, len(r.shift.Posts) == 0
}

// claim does what is asked for. Late is of a kiosk that tells afterwards.
func (r *roll) claim(now int64, c Claim, late bool) (Enlistment, error) {
	before := r.of(c.Volunteer)
	if late && c.Post > int64(len(r.shift.Posts)) { // the shift was changed meanwhile
		c.Post = 0
	}
	e := before
	e.Post, e.Who, e.Made, e.origin = c.Post, c.By, time.UnixMilli(now), ""
	closed := r.shift.Closed || now >= r.shift.End*1000
	held := before.State == EnlistedIn || before.State == EnlistedWaiting
	switch {
	case c.Post < 0 || c.Post > int64(len(r.shift.Posts)):
		return before, fmt.Errorf("%w: post %d of shift %v", ErrInput, c.Post, c.Shift)
	case c.Off && !held, held && !c.Off && (c.Post == 0 || c.Post == before.Post):
		return before, nil
	case closed && !late:
		return before, fmt.Errorf("%w: shift %v", ErrNotOpen, c.Shift)
	case closed && held:
		return before, nil
	case closed:
		e.State = EnlistedLate
	case c.Off:
		e.Post, e.State = before.Post, EnlistedOff
	default:
		post, free := r.room(c.Post)
		switch e.State = EnlistedWaiting; {
		case free:
			e.Post, e.State = post, EnlistedIn
		case !c.Wait:
			return before, fmt.Errorf("%w: post %d of shift %v", ErrFull, c.Post, c.Shift)
		case before.State == EnlistedIn: // keeps the place that is there
			return before, nil
		case r.shift.Waits >= civic.MaxEnlisted && late:
			e.State = EnlistedLate
		case r.shift.Waits >= civic.MaxEnlisted:
			return before, fmt.Errorf("%w: those who wait for shift %v", ErrFull, c.Shift)
		}
	}
	r.set(e)
	r.moveUp(now)
	return e, nil
}

// moveUp gives places that are free to those who wait, the first first.
func (r *roll) moveUp(now int64) {
	for _, e := range slices.Clone(r.claims) {
		if e.State != EnlistedWaiting || r.shift.Closed {
			continue
		}
		if post, free := r.room(e.Post); free {
			e.Post, e.State, e.Made = post, EnlistedIn, time.UnixMilli(now)
			r.set(e)
		}
	}
}

// save writes what has changed, and an act when an officer did it. A kiosk is told that
// its entry was heard though nothing has.
func (r *roll) save(now int64, c Claim, heard bool) error {
	if len(r.changed) == 0 && !heard {
		return nil
	}
	for _, e := range r.changed {
		if err := r.t.change(upsertEnlisted, r.shift.ID.String(), e.Volunteer.String(), e.Post, string(e.State), e.Who, e.Made.UnixMilli(), e.origin); err != nil {
			return err
		}
	}
	kind := "shift.enlisted"
	if c.Off {
		kind = "shift.struck"
	}
	if err := r.t.act(now, c.By, kind, nil, map[string]any{"activity": r.shift.Activity, "shift": r.shift.ID, "title": r.shift.Title, "start": r.shift.Start, "volunteer": c.Volunteer, "post": c.Post}); err != nil {
		return err
	}
	r.shift.Claimed, r.shift.Waits = 0, 0
	for _, e := range r.claims {
		switch e.State {
		case EnlistedIn:
			r.shift.Claimed++
		case EnlistedWaiting:
			r.shift.Waits++
		}
	}
	return r.t.tellShift(now, r.shift, false)
}

// sortClaims puts those who wait last, in the order in which they came, and the others
// by volunteer.
func sortClaims(list []Enlistment) {
	waits := func(e Enlistment) int {
		if e.State == EnlistedWaiting {
			return 1
		}
		return 0
	}
	slices.SortFunc(list, func(x, y Enlistment) int {
		order := waits(x) - waits(y)
		if order == 0 && x.State == EnlistedWaiting {
			order = x.Made.Compare(y.Made)
		}
		return cmp.Or(order, slices.Compare(x.Volunteer[:], y.Volunteer[:]))
	})
}

// Enlistments returns everybody who claimed a post of a shift, those who gave it up as
// well: by volunteer, and those who wait last, in their order.
func (s *Store) Enlistments(ctx context.Context, shift ledger.ID) (list []Enlistment, err error) {
	scope, err := s.shiftScope(ctx, shift)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, "listing who claimed a post", scope, func(t *txn) error {
		list, err = t.enlistments(shift)
		return err
	})
	return list, err
}

func (t *txn) enlistments(shift ledger.ID) (list []Enlistment, err error) {
	err = t.each(selectEnlisted, []any{shift.String()}, func(rows scanner) error {
		e, err := scanEnlistment(rows)
		e.Scope, e.Shift = fmt.Sprint(t.shard), shift
		list = append(list, e)
		return err
	})
	sortClaims(list)
	return list, err
}

// scanEnlistment reads a row; into are the columns before the volunteer.
func scanEnlistment(rows scanner, into ...any) (e Enlistment, err error) {
	var volunteer, state string
	var made int64
	if err := rows.Scan(append(into, &volunteer, &e.Post, &state, &e.Who, &made, &e.origin)...); err != nil {
		return e, err
	}
	if e.Volunteer, err = ledger.ParseID(volunteer); err != nil {
		return e, bug("a claim of %q", volunteer)
	}
	e.State, e.Made = EnlistState(state), time.UnixMilli(made)
	return e, nil
}

// moveClaims has what a merged record has claimed be the kept one's, or gives it back when
// they are parted, as long as the shift is not over. Somebody who has two places has one
// then, and whoever waits moves up. It may be done again.
func (s *Store) moveClaims(ctx context.Context, other ledger.ID, m Merged) error {
	list, err := s.EnlistmentsOf(ctx, other, maxClaims)
	if err != nil {
		return err
	}
	for _, e := range list {
		if m.Is() && e.State != EnlistedIn && e.State != EnlistedWaiting || !m.Is() && e.State != EnlistedMoved {
			continue
		}
		err := s.write(ctx, "passing claims on", e.Scope, func(t *txn) error {
			r, err := t.roll(e.Shift)
			if err != nil || s.now() >= r.shift.End*1000 {
				return err
			}
			who := Claim{Shift: e.Shift, Volunteer: m.Into, By: m.Who}
			if m.Is() {
				r.pass(other, m.Into, EnlistedMoved, other.String())
			} else if who.Volunteer = other; r.of(m.Into).origin == other.String() {
				r.pass(m.Into, other, EnlistedOff, "")
			}
			r.moveUp(s.now())
			return r.save(s.now(), who, false)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pass has a claim be another record's, unless that one has a place already.
func (r *roll) pass(from, to ledger.ID, left EnlistState, origin string) {
	e, theirs := r.of(from), r.of(to)
	if e.State != EnlistedIn && e.State != EnlistedWaiting {
		return
	}
	old := e
	old.State, old.origin = left, ""
	r.set(old)
	if theirs.State != EnlistedIn {
		e.Volunteer, e.origin = to, origin
		r.set(e)
	}
}

// EnlistmentsOf returns what a volunteer has claimed, the latest first, at most limit.
func (s *Store) EnlistmentsOf(ctx context.Context, volunteer ledger.ID, limit int) (list []Enlistment, err error) {
	args := []any{volunteer.String(), int64(min(limit, maxClaims))}
	err = s.scatter(ctx, "listing what somebody claimed", scatterEnlisted, args, func() { list = nil }, func(rows scanner) error {
		var scope, shift string
		e, err := scanEnlistment(rows, &scope, &shift)
		if err != nil {
			return err
		}
		e.Scope = scope
		if e.Shift, err = ledger.ParseID(shift); err != nil {
			return bug("a claim of shift %q", shift)
		}
		list = append(list, e)
		return nil
	})
	return list, err
}
