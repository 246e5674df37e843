package store

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectAttending = `SELECT seq, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq > $3 AND seq <= $4 AND kind IN (6, 7, 9, 15, 16, 17) ORDER BY seq`
	selectCards     = `SELECT seq, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND kind = 6 AND seq <= $3 ORDER BY seq DESC LIMIT $4`
)

// attending is what a run of a chain's entries does to attendances: checks, rosters,
// objections, PINs, and claims of posts. None of it can be wrong in a way that stops
// the chain: what makes no sense is listed for review.
//
// It has no cursor of its own. The chain's moves when all is done, and everything here
// may be done twice: the first check of each direction stands, a verdict is known when
// it was heard, and the others are known by their entry.
type attending struct {
	*Store
	chain  Chain
	parent string // the place of the kiosk
	shifts map[ledger.ID]*knownShift
	whose  map[ledger.ID]ledger.ID       // of whoever an entry names
	cards  map[civic.CardID]ledger.ID    // of cards that the kiosk did not know
	as     map[ledger.ID][]ledger.ID     // the way from there back over records that were merged
	guests map[ledger.ID]bool            // who is nobody's name
	todo   map[string][]func(*txn) error // by volunteer
	cardAt map[ledger.ID]bool            // shifts at which somebody checked in by card
	over   map[ledger.ID]bool            // shifts whose roster was gone through
}

// knownShift is a shift that an entry is about; nil in the map: nobody knows it.
type knownShift struct {
	civic.Shift
	scope string
}

func newAttending(s *Store, c Chain, parent string) *attending {
	return &attending{Store: s, chain: c, parent: parent, shifts: make(map[ledger.ID]*knownShift), whose: make(map[ledger.ID]ledger.ID), as: make(map[ledger.ID][]ledger.ID),
		cards: make(map[civic.CardID]ledger.ID), guests: make(map[ledger.ID]bool), todo: make(map[string][]func(*txn) error),
		cardAt: make(map[ledger.ID]bool), over: make(map[ledger.ID]bool)}
}

// foldAttending does what the entries up to one do to attendances.
func (s *Store) foldAttending(ctx context.Context, c Chain, upTo uint64) error {
	for try := 0; ; try++ {
		err := s.foldAttendingOnce(ctx, c, upTo)
		if !errors.Is(err, ErrChanged) || try == 3 {
			return err
		}
	}
}

func (s *Store) foldAttendingOnce(ctx context.Context, c Chain, upTo uint64) error {
	var entries []ledger.Entry
	err := s.read(ctx, "reading entries about attendances", c.Head.Kiosk, func(t *txn) error {
		entries = nil
		return t.each(selectAttending, []any{int64(c.Head.Epoch), int64(c.Folded), int64(upTo)}, intoEntries(&entries))
	})
	if err != nil || len(entries) == 0 {
		return err
	}
	k, _, err := s.Kiosk(ctx, c.Head.Kiosk)
	if err != nil {
		return err
	}
	f := newAttending(s, c, k.Parent)
	if err := f.resolve(ctx, entries); err != nil {
		return err
	}
	for _, e := range entries {
		if err := f.entry(ctx, e); err != nil {
			return err
		}
	}
	return f.finish(ctx, len(entries))
}

// finish carries out what was gathered, by volunteer.
func (f *attending) finish(ctx context.Context, entries int) error {
	people := slices.Sorted(maps.Keys(f.todo))
	err := f.writeEach(ctx, "folding attendances", people, func(t *txn, i int) error {
		for _, do := range f.todo[people[i]] {
			if err := do(t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	ids := make([]ledger.ID, len(people))
	for i, text := range people {
		ids[i], _ = ledger.ParseID(text) // they come from ids
	}
	if err := f.deliver(ctx, ids...); err != nil {
		return err
	}
	for _, id := range ids {
		if err := passing(f.carryOut(ctx, id)); err != nil {
			return err
		}
	}
	for id := range f.cardAt {
		if err := f.batches(ctx, f.shifts[id], entries); err != nil {
			return err
		}
	}
	for id := range f.over {
		if err := f.byHand(ctx, id, f.shifts[id].scope); err != nil {
			return err
		}
	}
	return nil
}

// do notes something to be done in a volunteer's shard.
func (f *attending) do(who ledger.ID, what func(*txn) error) {
	f.todo[who.String()] = append(f.todo[who.String()], what)
}

// entry sees to one entry.
func (f *attending) entry(ctx context.Context, e ledger.Entry) error {
	switch b := e.Body.(type) {
	case ledger.CheckIn:
		return f.check(ctx, e, b.Check, false)
	case ledger.CheckOut:
		return f.check(ctx, e, b.Check, true)
	case ledger.Confirm:
		return f.confirm(ctx, e, b)
	case ledger.Object:
		return f.object(ctx, e, b)
	case ledger.Register:
		if b.Step == ledger.PINSet {
			p := storedPIN{string(b.Verifier), e.Kiosk, int64(e.Epoch), int64(e.Seq), e.WallMS}
			f.do(b.Person, func(t *txn) error { return t.setPIN(p) })
		}
	case ledger.Enlist:
		_, err := f.EnlistEntry(ctx, e.Kiosk, e.Epoch, e.Seq, b)
		if errors.Is(err, ErrUnknown) || errors.Is(err, ErrInput) {
			return f.senseless(ctx, e, SignShift, b.Shift, b.Volunteer)
		}
		return err
	}
	return nil
}

// senseless lists an entry that is about nothing that anybody knows.
func (f *attending) senseless(ctx context.Context, e ledger.Entry, word string, shift, who ledger.ID) error {
	scope := f.parent
	if known := f.shifts[shift]; known != nil {
		scope = known.scope
	}
	return f.raise(ctx, scope, Review{Sign: Sign{Word: word, N: int64(e.Seq)}, Shift: shift, Volunteer: who, Kiosk: e.Kiosk}, e.Epoch, e.Seq)
}

// hows are the words of ways to check in at a kiosk.
var hows = map[ledger.CheckBy]string{ledger.CheckCard: HowCard, ledger.CheckPhone: HowShown, ledger.CheckAccount: HowAccount, ledger.CheckStaff: HowStaff, ledger.CheckWalkIn: HowWalkIn}

// check notes that somebody came or went.
func (f *attending) check(ctx context.Context, e ledger.Entry, b ledger.Check, out bool) error {
	shift := f.shifts[b.Shift]
	who := f.who(b.Who, b.Card)
	if shift == nil {
		return f.senseless(ctx, e, SignShift, b.Shift, who)
	}
	x := atShift{who: who, as: f.as[firstID(b.Who, civic.CardID(b.Card).Stranger())], shift: shift.Shift, scope: shift.scope, out: out, seen: seenIn(e, hows[b.By])}
	if f.guests[who] {
		x.guest, x.card, x.mobile, x.tail = true, civic.CardID(b.Card), civic.PhoneHash(b.Phone), b.Tail
		var err error
		if x.suggested, err = f.suggest(ctx, x.mobile, x.tail); err != nil {
			return err
		}
	}
	if b.By == ledger.CheckCard && !out {
		f.cardAt[b.Shift] = true
	}
	if b.Who.IsZero() && !x.guest {
		f.point(civic.CardID(b.Card).Stranger(), x)
	}
	f.do(who, func(t *txn) error { return t.attend(x, 0, f.cfg.Zone, f.now()) })
	return nil
}

// point has a stranger's name lead to the volunteer whose card it was: a roster that
// comes later names the stranger.
func (f *attending) point(stranger ledger.ID, x atShift) {
	f.do(stranger, func(t *txn) error {
		_, found, err := t.attendance(x.shift.ID)
		if err != nil || found {
			return err
		}
		a := beginAttendance(stranger, x.shift, x.scope, f.cfg.Zone)
		a.State, a.Heir, a.NamedBy = AttendMoved, x.who, cardNames
		return t.storeAttendance(a)
	})
}

// seenIn is a check as an entry tells of it.
func seenIn(e ledger.Entry, how string) Seen {
	boot := e.Kiosk + " " + hex.EncodeToString(e.Boot[:])
	return Seen{civic.Check{MS: max(1, e.WallMS), Quality: e.Quality, Boot: boot, Mono: e.MonoMS}, how, e.Kiosk, e.Epoch, e.Seq}
}

// confirm notes what a leader says of people of a roster.
func (f *attending) confirm(ctx context.Context, e ledger.Entry, b ledger.Confirm) error {
	shift := f.shifts[b.Shift]
	if shift == nil {
		return f.senseless(ctx, e, SignShift, b.Shift, ledger.ID{})
	}
	may, err := f.leads(ctx, shift, b.Operator)
	if err != nil {
		return err
	}
	if !may {
		return f.senseless(ctx, e, SignNobody, b.Shift, b.Operator)
	}
	f.over[b.Shift] = true
	said := Said{Verdict: b.Verdict, Minutes: b.Minutes, By: b.Operator.String() + "@" + e.Kiosk, At: min(max(1, e.WallMS), f.now())}
	for _, named := range b.People {
		who := f.who(named, [16]byte{})
		f.do(who, func(t *txn) error {
			a, found, err := t.standing(shift.ID)
			if err != nil {
				return err
			}
			if !found { // the check is another kiosk's, and comes later
				a = a.anew(beginAttendance(who, shift.Shift, shift.scope, f.cfg.Zone))
				a.Guest, a.State, a.Why = f.guests[who], civic.AttendPending, WaitUnseen
			}
			return t.sayOf(&a, said)
		})
	}
	return nil
}

// leads tells whether somebody may confirm a shift's roster at this kiosk: a leader of
// the shift, or the kiosk's staff.
func (f *attending) leads(ctx context.Context, shift *knownShift, who ledger.ID) (bool, error) {
	if who.IsZero() {
		return false, nil
	}
	if slices.Contains(shift.Leaders, who) {
		return true, nil
	}
	staff, err := f.staffAt(ctx, f.chain.Head.Kiosk, who)
	return staff != nil && staff.Role != civic.RoleTechnician, err
}

// who is whom an entry means: the volunteer, whose record may have been merged into
// another one, or whom a card or somebody without a name was found to be.
func (f *attending) who(named ledger.ID, card [16]byte) ledger.ID {
	if named.IsZero() {
		return f.cards[civic.CardID(card)]
	}
	return f.whose[named]
}

// resolve finds out what the entries name: shifts, cards and people.
func (f *attending) resolve(ctx context.Context, entries []ledger.Entry) error {
	people := make(map[ledger.ID]bool)
	for _, e := range entries {
		shift, named, card := namedIn(e.Body)
		if err := f.shift(ctx, shift); err != nil {
			return err
		}
		if card != (civic.CardID{}) {
			id, err := f.card(ctx, card)
			if err != nil {
				return err
			}
			named = append(named, id)
		}
		for _, id := range named {
			people[id] = true
		}
	}
	ids := slices.SortedFunc(maps.Keys(people), func(a, b ledger.ID) int { return slices.Compare(a[:], b[:]) })
	if err := f.follow(ctx, ids); err != nil {
		return err
	}
	for card, id := range f.cards {
		f.cards[card] = f.whose[id]
		f.whose[card.Stranger()], f.as[card.Stranger()] = f.whose[id], f.as[id] // a roster names whoever had the card so
	}
	return nil
}

// follow finds whom ids mean now: a record leads to the one into which it was merged, and
// that perhaps on to another one.
func (f *attending) follow(ctx context.Context, ids []ledger.ID) error {
	at := slices.Clone(ids)
	for _, id := range ids {
		delete(f.as, id) // of another time that it was looked for
	}
	for range maxHops {
		found := make([]named, len(at))
		err := f.readEach(ctx, "looking whom entries name", idTexts(at), func(t *txn, i int) (err error) {
			found[i], err = t.named(at[i])
			return err
		})
		if err != nil {
			return err
		}
		on := false
		for i, x := range found {
			if x.merged {
				f.as[ids[i]] = append([]ledger.ID{at[i]}, f.as[ids[i]]...)
			}
			on = on || x.id != at[i]
			f.whose[ids[i]], f.guests[x.id], at[i] = x.id, x.guest, x.id
		}
		if !on {
			break
		}
	}
	return nil
}

func firstID(ids ...ledger.ID) ledger.ID {
	for _, id := range ids {
		if !id.IsZero() {
			return id
		}
	}
	return ledger.ID{}
}

// namedIn is the shift, the people and the strange card that an entry names.
func namedIn(body ledger.Body) (shift ledger.ID, people []ledger.ID, card civic.CardID) {
	check := func(b ledger.Check) (ledger.ID, []ledger.ID, civic.CardID) {
		if b.Who.IsZero() {
			return b.Shift, nil, civic.CardID(b.Card)
		}
		return b.Shift, []ledger.ID{b.Who}, civic.CardID{}
	}
	switch b := body.(type) {
	case ledger.CheckIn:
		return check(b.Check)
	case ledger.CheckOut:
		return check(b.Check)
	case ledger.Confirm:
		return b.Shift, b.People, card
	case ledger.Object:
		return b.Shift, []ledger.ID{b.Volunteer}, card
	}
	return shift, nil, card
}

// named is whom an id means.
type named struct {
	id     ledger.ID
	guest  bool // nobody's name is known
	merged bool // the record was merged into that one
}

// named looks in the shard of an id whom it means. Somebody without a name who was found
// to be a volunteer at one shift is that volunteer at the others.
func (t *txn) named(id ledger.ID) (named, error) {
	_, known, err := t.person()
	if err != nil {
		return named{}, err
	}
	if known {
		into, err := t.mergedInto()
		if !into.IsZero() {
			return named{into, false, true}, err
		}
		return named{id, false, false}, err
	}
	heir := named{id, true, false}
	err = t.each(selectMoved, nil, func(rows scanner) error {
		a, err := scanAttendance(rows)
		heir = named{a.Heir, false, false}
		return err
	})
	return heir, err
}

// card finds whose a card is that the kiosk did not know: somebody's, or a stranger's.
func (f *attending) card(ctx context.Context, card civic.CardID) (id ledger.ID, err error) {
	if id, known := f.cards[card]; known {
		return id, nil
	}
	err = f.read(ctx, "looking whose a card is", hashText(card), func(t *txn) error {
		var text string
		found, err := t.one(selectCard, nil, &text)
		if err != nil || !found {
			id = card.Stranger()
			return err
		}
		id, err = ledger.ParseID(text)
		return err
	})
	f.cards[card] = id
	return id, err
}

func (f *attending) shift(ctx context.Context, id ledger.ID) error {
	if _, looked := f.shifts[id]; looked || id.IsZero() {
		return nil
	}
	shift, scope, err := f.Shift(ctx, id)
	switch {
	case err == nil:
		f.shifts[id] = &knownShift{shift, scope}
	case errors.Is(err, ErrUnknown):
		f.shifts[id], err = nil, nil
	}
	return err
}

// batches lists cards of a shift that lie closer together than the rules let a kiosk
// take them, by the monotonic clock: somebody checked in for others.
func (f *attending) batches(ctx context.Context, shift *knownShift, entries int) error {
	kiosk := f.chain.Head.Kiosk
	policy, _, err := f.PolicyOn(ctx, kiosk, ledger.DayOf(time.Unix(shift.Start, 0).In(f.cfg.Zone)))
	if err != nil {
		return err
	}
	var cards []ledger.Entry
	err = f.read(ctx, "reading checks", kiosk, func(t *txn) error {
		cards = nil
		args := []any{int64(f.chain.Head.Epoch), int64(f.chain.Signed), int64(entries + batchOf)}
		return t.each(selectCards, args, intoEntries(&cards))
	})
	if err != nil {
		return err
	}
	cards = slices.DeleteFunc(cards, func(e ledger.Entry) bool {
		b, ok := e.Body.(ledger.CheckIn)
		return !ok || b.Shift != shift.ID || b.By != ledger.CheckCard
	})
	slices.Reverse(cards)
	for _, b := range batchesIn(cards, policy.WithDefaults().CardGap*1000) {
		r := Review{Sign: Sign{Word: SignBatch, N: int64(len(b))}, Shift: shift.ID, Kiosk: kiosk}
		if err := f.raise(ctx, shift.scope, r, b[0].Epoch, b[0].Seq); err != nil {
			return err
		}
	}
	return nil
}

// batchesIn are the runs of at least batchOf cards of one boot of which each came sooner
// after the one before than gap milliseconds.
func batchesIn(cards []ledger.Entry, gap int64) (batches [][]ledger.Entry) {
	first := 0
	for i := 1; i <= len(cards); i++ {
		if i < len(cards) && cards[i].Boot == cards[i-1].Boot && cards[i].MonoMS-cards[i-1].MonoMS < gap {
			continue
		}
		if i-first >= batchOf {
			batches = append(batches, cards[first:i])
		}
		first = i
	}
	return batches
}

// byHand lists a shift of which most people were checked in by hand.
func (s *Store) byHand(ctx context.Context, shift ledger.ID, scope string) error {
	counts, err := s.AttendCounts(ctx, []ledger.ID{shift})
	if err != nil {
		return err
	}
	if c := counts[shift]; c.Hand >= handOf && c.Hand*2 > c.All() {
		return s.raise(ctx, scope, Review{Sign: Sign{Word: SignHand, N: c.Hand}, Shift: shift})
	}
	return nil
}
