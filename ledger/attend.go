package ledger

// CheckBy says how a kiosk saw that somebody is there.
type CheckBy uint8

// Ways to check in and out at a kiosk.
const (
	CheckCard    CheckBy = 1 // the volunteer's card
	CheckPhone   CheckBy = 2 // a code that the volunteer's phone showed
	CheckAccount CheckBy = 3 // the volunteer had signed in with phone and PIN
	CheckStaff   CheckBy = 4 // a leader at the roster
	CheckWalkIn  CheckBy = 5 // nobody's: Who was drawn for somebody without a card
)

// Check is what a check-in and a check-out say.
type Check struct {
	Key      Key
	Shift    ID
	Who      ID       // volunteer, or a walk-in's number; zero: whoever has Card
	Card     [16]byte // of somebody who is unknown here; zero: Who is known
	By       CheckBy
	Phone    [16]byte // keyed hash of a walk-in's phone; zero: none was given
	Tail     string   // its last four digits
	Operator ID       // of a leader's check; zero: nobody helped
}

// CheckIn records that somebody has come to a shift.
type CheckIn struct{ Check }

// CheckOut records that somebody leaves a shift.
type CheckOut struct{ Check }

// Kind returns KindCheckIn.
func (CheckIn) Kind() Kind { return KindCheckIn }

// Kind returns KindCheckOut.
func (CheckOut) Kind() Kind { return KindCheckOut }

const whyWho = "is not either a person's or a strange card's"

// named tells whether a check is of a person or of a strange card, and not of both.
func (b Check) named() bool { return b.Who.IsZero() != (b.Card == [16]byte{}) }

func (b Check) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Shift[:])
	w.raw(b.Who[:])
	w.raw(b.Card[:])
	w.oneOf("way", byte(b.By), byte(CheckCard), byte(CheckWalkIn))
	w.raw(b.Phone[:])
	w.text("tail", b.Tail, MaxTail)
	w.raw(b.Operator[:])
	if !b.named() {
		w.fail("check", whyWho)
	}
}

func (r *reader) check() Check {
	b := Check{
		Key:      r.key(),
		Shift:    r.id(),
		Who:      r.id(),
		Card:     r.bytes16(),
		By:       CheckBy(r.oneOf("way", byte(CheckCard), byte(CheckWalkIn))),
		Phone:    r.bytes16(),
		Tail:     r.text("tail", MaxTail),
		Operator: r.id(),
	}
	if !b.named() {
		r.fail("check", whyWho)
	}
	return b
}

// Verdict is what a leader says of people at the roster.
type Verdict uint8

// Verdicts of a roster.
const (
	VerdictThere  Verdict = 1 // they were there, as long as it says
	VerdictAbsent Verdict = 2 // they were not
)

// Confirm records that a leader has gone through people of a shift's roster.
type Confirm struct {
	Key      Key
	Shift    ID
	Operator ID
	Verdict  Verdict
	Minutes  int64 // for which they were there; 0: as they checked in and out, or to the planned end
	People   []ID  // 1 to MaxRoster, as in Check.Who
}

// Kind returns KindConfirm.
func (Confirm) Kind() Kind { return KindConfirm }

func (b Confirm) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Shift[:])
	w.raw(b.Operator[:])
	w.oneOf("verdict", byte(b.Verdict), byte(VerdictThere), byte(VerdictAbsent))
	w.int("minutes", b.Minutes, maxServed)
	w.positive("number of people", int64(len(b.People)), MaxRoster)
	for _, id := range b.People {
		w.raw(id[:])
	}
}

func (r *reader) confirm() Confirm {
	b := Confirm{
		Key:      r.key(),
		Shift:    r.id(),
		Operator: r.id(),
		Verdict:  Verdict(r.oneOf("verdict", byte(VerdictThere), byte(VerdictAbsent))),
		Minutes:  r.int("minutes", maxServed),
	}
	for range r.positive("number of people", MaxRoster) {
		b.People = append(b.People, r.id())
	}
	return b
}

// Objection is why a volunteer says that a record of service is wrong.
type Objection uint8

// Reasons for an objection. Volunteers choose one; they type nothing.
const (
	ObjectFewer  Objection = 1 // there were more minutes than it says
	ObjectMore   Objection = 2 // there were fewer
	ObjectAbsent Objection = 3 // the volunteer was not there at all
	ObjectLost   Objection = 4 // the volunteer was there, and it says nothing
	ObjectPoints Objection = 5 // the minutes are right, the points are not
	ObjectOther  Objection = 6
)

// Object records that a volunteer objects to a record of service.
type Object struct {
	Key       Key
	Volunteer ID
	Shift     ID // zero: the record is an earning that no shift made
	Earning   string
	Reason    Objection
	Minutes   int64 // that it should say; 0: the volunteer did not say
}

// Kind returns KindObject.
func (Object) Kind() Kind { return KindObject }

func (b Object) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Volunteer[:])
	w.raw(b.Shift[:])
	w.text("earning", b.Earning, MaxText)
	w.oneOf("reason", byte(b.Reason), byte(ObjectFewer), byte(ObjectOther))
	w.int("minutes", b.Minutes, maxServed)
}

func (r *reader) object() Object {
	return Object{
		Key:       r.key(),
		Volunteer: r.id(),
		Shift:     r.id(),
		Earning:   r.text("earning", MaxText),
		Reason:    Objection(r.oneOf("reason", byte(ObjectFewer), byte(ObjectOther))),
		Minutes:   r.int("minutes", maxServed),
	}
}

// Enlist records that a volunteer claims a post of a shift, or gives it up again.
// The center decides who has it: a kiosk does not know who claimed elsewhere.
type Enlist struct {
	Key       Key
	Volunteer ID
	Shift     ID
	Post      int64 // from 1, as in the shift; 0: any
	Off       bool  // gives it up
	Operator  ID    // who helped; zero: nobody
}

// Kind returns KindEnlist.
func (Enlist) Kind() Kind { return KindEnlist }

func (b Enlist) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Volunteer[:])
	w.raw(b.Shift[:])
	w.int("post", b.Post, MaxPosts)
	w.bool(b.Off)
	w.raw(b.Operator[:])
}

func (r *reader) enlist() Enlist {
	return Enlist{
		Key:       r.key(),
		Volunteer: r.id(),
		Shift:     r.id(),
		Post:      r.int("post", MaxPosts),
		Off:       r.bool("off"),
		Operator:  r.id(),
	}
}

// Ticket records that a volunteer was handed a ticket for a phone's first sign-in. Who
// knows the key, which is the ticket's nonce, has no ticket yet: the kiosk signs it.
type Ticket struct {
	Key       Key
	Volunteer ID
}

// Kind returns KindTicket.
func (Ticket) Kind() Kind { return KindTicket }

func (b Ticket) encode(w *writer) {
	w.raw(b.Key[:])
	w.raw(b.Volunteer[:])
}

func (r *reader) ticket() Ticket { return Ticket{Key: r.key(), Volunteer: r.id()} }
