package store

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// Attendance returns what is known of one person at one shift; the zero Attendance but
// for its names when nothing is.
func (s *Store) Attendance(shift, who ledger.ID) (a Attendance, err error) {
	err = s.view(func(t *tx) { a = t.attendance(shift, who) })
	return a, err
}

// attendance puts together what is known of somebody at a shift. A person whose card
// was strange when it was shown is one with it.
func (t *tx) attendance(shift, who ledger.ID) Attendance {
	a := Attendance{Shift: shift, Who: who}
	var v struct {
		Name string `json:"name"`
	}
	if t.document(bVolunteer, who[:], &v) || t.document(bStaff, who[:], &v) {
		a.Name = civic.MaskName(v.Name)
	}
	t.fill(&a, who)
	for _, id := range t.strangers(who) {
		t.fill(&a, id)
	}
	return a
}

// strangers are the ids under which a volunteer stands where the cards were not known
// yet.
func (t *tx) strangers(who ledger.ID) (ids []ledger.ID) {
	var v struct {
		Cards []civic.CardID `json:"cards"`
	}
	t.document(bVolunteer, who[:], &v)
	for _, card := range v.Cards {
		ids = append(ids, card.Stranger())
	}
	return ids
}

// fill takes what is said under an id into an attendance: the first check of each
// direction, the last word of a leader, and the center's.
func (t *tx) fill(a *Attendance, id ledger.ID) {
	r := t.checkRow(pairKey(a.Shift, id))
	if r.in != 0 && (a.In.Seq == 0 || r.in < a.In.Seq) {
		a.In = t.seen(a, r.in)
	}
	if r.out != 0 && (a.Out.Seq == 0 || r.out < a.Out.Seq) {
		a.Out = t.seen(a, r.out)
	}
	if r.word > a.Word.Seq {
		_, e, _ := t.entry(r.word)
		b, _ := e.Body.(ledger.Confirm)
		a.Word = Word{Seq: e.Seq, Verdict: b.Verdict, Minutes: b.Minutes, Operator: b.Operator, WallMS: e.WallMS}
	}
	if told, found := t.attended(a.Shift, id); found && a.Told == nil {
		a.Told = &told
		if a.Name == "" {
			a.Name = told.Name
		}
	}
}

func (t *tx) seen(a *Attendance, seq uint64) Seen {
	_, e, _ := t.entry(seq)
	b, _, ok := checkOf(e.Body)
	if !ok {
		t.fail(fmt.Errorf("%w: check %d has no entry", ErrDamaged, seq))
	}
	if b.By == ledger.CheckWalkIn {
		a.WalkIn = true
	}
	if b.Who.IsZero() {
		a.Card = civic.CardID(b.Card)
	}
	if b.Tail != "" {
		a.Tail = b.Tail
	}
	return Seen{Seq: e.Seq, At: Instant{WallMS: e.WallMS, MonoMS: e.MonoMS, Boot: e.Boot, Quality: e.Quality}, By: b.By, Operator: b.Operator}
}

// checkOf returns what a check-in or a check-out says.
func checkOf(body ledger.Body) (b ledger.Check, out, ok bool) {
	switch e := body.(type) {
	case ledger.CheckIn:
		return e.Check, false, true
	case ledger.CheckOut:
		return e.Check, true, true
	}
	return b, false, false
}

// Claim is a post that somebody claimed.
type Claim struct {
	Who  ledger.ID
	Post int64 // 0: any
	Seq  uint64
	// Asked says that it was asked for here and the center has not said so yet; Sent that
	// the center has heard of it. Off: it was given up, which is no news to the center.
	Asked, Sent, Off bool
	Ended            string // why the center does not keep it, or not any more, see civic.ClaimLate; "": it does
	Waits            bool   // for a place, because the post is full
	Line             int    // place in that line, from 1
}

// claims returns who claimed a post of a shift: what the shift's document says, and
// what was asked for here and is not in it yet, by person.
func (t *tx) claims(shift civic.Shift, acked uint64) map[ledger.ID]Claim {
	all := make(map[ledger.ID]Claim)
	for _, e := range shift.Enlisted {
		all[e.Who] = Claim{Who: e.Who, Post: e.Post}
	}
	line := make(map[int64]int) // of each post
	for _, e := range shift.Waiting {
		line[e.Post]++
		all[e.Who] = Claim{Who: e.Who, Post: e.Post, Waits: true, Line: line[e.Post]}
	}
	heard, ended := t.heardOf(shift)
	for r := range t.up(bEnlist, shift.ID[:]) {
		if len(r.key) != 2*idBytes {
			t.fail(fmt.Errorf("%w: %v %x", errRow, bEnlist, r.key))
			return nil
		}
		_, e, _ := t.entry(keySeq(r.value))
		b, _ := e.Body.(ledger.Enlist)
		told, has := all[b.Volunteer]
		if e.Seq <= heard[b.Volunteer] { // what the shift says is what became of it
			if why := ended[b.Volunteer]; !has && !b.Off && why != civic.ClaimGiven && why != "" {
				all[b.Volunteer] = Claim{Who: b.Volunteer, Post: b.Post, Seq: e.Seq, Ended: why}
			}
			continue
		}
		if b.Off && !has || !b.Off && has && (told.Post == b.Post || b.Post == 0) {
			continue // the center says the same
		}
		all[b.Volunteer] = Claim{Who: b.Volunteer, Post: b.Post, Seq: e.Seq, Asked: true, Sent: e.Seq <= acked, Off: b.Off}
	}
	return all
}

// heardOf is up to which entry of this chain a shift says what became of claims, and
// which of those that it heard of do not stand, by person.
func (t *tx) heardOf(shift civic.Shift) (heard map[ledger.ID]uint64, ended map[ledger.ID]string) {
	heard, ended = make(map[ledger.ID]uint64), make(map[ledger.ID]string)
	for _, h := range shift.Heard {
		if own := t.state.Head; h.Kiosk == own.Kiosk && h.Epoch == own.Epoch {
			heard[h.Who] = h.Seq
		}
	}
	for _, e := range shift.Ended {
		ended[e.Who] = e.Why
	}
	return heard, ended
}

// Stands tells whether there is a claim, as far as is known here.
func (c Claim) Stands() bool { return !c.Off && c.Ended == "" }

// Claims returns who claimed a post of a shift, by person.
func (s *Store) Claims(shift ledger.ID) (all map[ledger.ID]Claim, err error) {
	var inner error
	err = s.view(func(t *tx) {
		v, found := t.shift(shift)
		if !found {
			inner = fmt.Errorf("%w: shift %v", ErrUnknown, shift)
			return
		}
		all = t.claims(v, s.acked.Load())
	})
	return all, errors.Join(err, inner)
}

func (t *tx) shift(id ledger.ID) (v civic.Shift, found bool) {
	found = t.document(bShift, id[:], &v)
	return v, found
}

// Roster returns everybody of a shift: those who came, those of whom the center says
// so, and those who claimed a post, in the order of their ids. It answers for a shift
// whose document is gone as well.
func (s *Store) Roster(shift ledger.ID) (list []Attendance, err error) {
	err = s.view(func(t *tx) { list = s.roster(t, shift) })
	return list, err
}

func (s *Store) roster(t *tx, shift ledger.ID) (list []Attendance) {
	people := make(map[ledger.ID]bool)
	for _, b := range []bucket{bCheck, bAttended} {
		for r := range t.up(b, shift[:]) {
			if len(r.key) != 2*idBytes {
				t.fail(fmt.Errorf("%w: %v %x", errRow, b, r.key))
				return nil
			}
			people[ledger.ID(r.key[idBytes:])] = true
		}
	}
	v, _ := t.shift(shift)
	claims := t.claims(v, s.acked.Load())
	for who, c := range claims {
		people[who] = people[who] || c.Stands() && !c.Waits
	}
	for who := range maps.Clone(people) {
		a := t.attendance(shift, who)
		if owner, found := s.owner(t, a.Card); found && owner != who {
			people[owner], people[who] = true, false
		}
	}
	for who, is := range people {
		if !is {
			continue
		}
		a := t.attendance(shift, who)
		if c, has := claims[who]; has && c.Stands() && !c.Waits {
			a.Enlisted, a.Post = true, c.Post
		}
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b Attendance) int { return bytes.Compare(a.Who[:], b.Who[:]) })
	return list
}

// owner returns whose a card is by now.
func (s *Store) owner(t *tx, card civic.CardID) (who ledger.ID, found bool) {
	if card == (civic.CardID{}) {
		return who, false
	}
	s.index.Load().hashed(byCard, card, func(p Person) {
		var v struct {
			Cards []civic.CardID `json:"cards"`
		}
		if !found && t.document(bVolunteer, p.ID[:], &v) && slices.Contains(v.Cards, card) {
			who, found = p.ID, true
		}
	})
	return who, found
}

// Counts returns how many have come to a shift, and how many claimed a post.
func (s *Store) Counts(shift ledger.ID) (arrived, enlisted int, err error) {
	list, err := s.Roster(shift)
	for _, a := range list {
		if a.Arrived() != 0 {
			arrived++
		}
		if a.Enlisted {
			enlisted++
		}
	}
	return arrived, enlisted, err
}

// Served returns what is known of the shifts at which a person was, the one with the
// latest check first, skipping some, and how many there are.
func (s *Store) Served(who ledger.ID, skip, limit int) (list []Attendance, total int, err error) {
	err = s.view(func(t *tx) {
		shifts := make(map[ledger.ID]bool)
		for _, id := range append(t.strangers(who), who) {
			for r := range t.up(bServed, id[:]) {
				if len(r.key) != 2*idBytes {
					t.fail(fmt.Errorf("%w: %v %x", errRow, bServed, r.key))
					return
				}
				shifts[ledger.ID(r.key[idBytes:])] = true
			}
		}
		for shift := range shifts {
			list = append(list, t.attendance(shift, who))
		}
	})
	slices.SortFunc(list, func(a, b Attendance) int {
		return cmp.Or(cmp.Compare(max(b.Arrived(), b.Left()), max(a.Arrived(), a.Left())), bytes.Compare(a.Shift[:], b.Shift[:]))
	})
	total = len(list)
	skip = min(max(skip, 0), total)
	return list[skip:min(skip+min(limit, maxPage), total)], total, err
}

// Objection is what a person objected to here.
type Objection struct {
	ledger.Object
	Seq    uint64
	WallMS int64
}

// Objections returns what a person objected to here, the newest first.
func (s *Store) Objections(who ledger.ID, limit int) (list []Objection, err error) {
	err = s.view(func(t *tx) { list = t.objections(who, min(limit, maxPage)) })
	return list, err
}

func (t *tx) objections(who ledger.ID, limit int) (list []Objection) {
	for seq := range t.down(bObjection, who[:], 0) {
		if len(list) == limit {
			break
		}
		_, e, _ := t.entry(seq)
		b, _ := e.Body.(ledger.Object)
		list = append(list, Objection{Object: b, Seq: seq, WallMS: e.WallMS})
	}
	return list
}
