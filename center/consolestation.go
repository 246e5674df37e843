package center

import (
	"errors"
	"net/url"
	"strconv"
	"time"
	"unicode/utf8"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// stationPage is everything about one kiosk.
type stationPage struct {
	Sent []sentScope
	station
	Phone  string
	Past   []store.Past // the chain of now and those of before
	Boxes  []newcomer   // that want to become this kiosk
	Acts   []store.Act
	Reason link.Quarantine // why it is stopped
	Role   store.Role
	MayAct bool // on boxes that wait
}

// Self is the kiosk alone.
func (s stationPage) Self() station { return s.station }

func stationPath(kiosk string) string { return "/station/" + url.PathEscape(kiosk) }

// oneStation reads one kiosk as the fleet's page would show it.
func (c *console) oneStation(a *ask) (station, []store.Past, error) {
	id := a.PathValue("kiosk")
	if !ledger.ValidKiosk(id) {
		return station{}, nil, store.ErrUnknown
	}
	if err := a.reaches(id); err != nil {
		return station{}, nil, err
	}
	k, chain, err := c.Store.Kiosk(a.Context(), id)
	if err != nil {
		return station{}, nil, err
	}
	scopes, err := c.Store.Scopes(a.Context(), id)
	if err != nil && !errors.Is(err, store.ErrUnknown) { // a parent that nobody made
		return station{}, nil, err
	}
	places := map[string]string{id: k.Parent}
	if len(scopes) > 1 {
		places[id] = scopes[1].Name
	}
	past, err := c.Store.Chains(a.Context(), id)
	return c.look(store.Station{Kiosk: k, Chain: chain}, places), past, err
}

// sentScope is how far a kiosk has the documents of one of its scopes.
type sentScope struct {
	store.Scope
	Has   uint64 // the version that the kiosk has
	Known bool   // it is connected, so that is known
}

// Behind is how many versions are still to be sent.
func (s sentScope) Behind() uint64 { return s.Version - min(s.Has, s.Version) }

// sent tells how far a kiosk has its documents, its own scope first.
func (c *console) sent(a *ask, kiosk string) (list []sentScope, err error) {
	scopes, err := c.Store.Scopes(a.Context(), kiosk)
	if errors.Is(err, store.ErrUnknown) { // a parent that nobody made
		return nil, nil
	}
	cursors := c.Cursors(kiosk)
	for _, s := range scopes {
		has, known := cursors[s.ID]
		list = append(list, sentScope{s, has, known})
	}
	return list, err
}

func (c *console) station(a *ask) error {
	s, past, err := c.oneStation(a)
	if err != nil {
		return err
	}
	data := stationPage{station: s, Past: past, Role: a.officer.Role, MayAct: a.may(powerEquip)}
	if s.State == store.ChainQuarantined {
		data.Reason = quarantineOf(s.Reason)
	}
	if data.Sent, err = c.sent(a, s.ID); err != nil {
		return err
	}
	boxes, err := c.waiting(a)
	if err != nil {
		return err
	}
	for _, b := range boxes {
		if b.Kiosk == s.ID {
			data.Boxes = append(data.Boxes, b)
		}
	}
	if data.Acts, err = c.Store.Acts(a.Context(), s.ID, 0, shownActs); err != nil {
		return err
	}
	return c.show(a, page{word: "station", title: s.Name, data: data})
}

// deed is something that an officer may do to a kiosk. What follows from it is said
// on the page "act" before it is done: the texts center.act.WORD.what, of which the
// lines are center.act.WORD.1 and on.
type deed struct {
	lines  int // how many lines say what follows
	power  power
	grave  bool // it takes something away
	fields []string
	may    func(stationPage, uint32) bool
	do     func(*console, *ask, actPage) error
}

var deeds = map[string]deed{
	"code": {lines: 3, power: powerEquip, may: func(s stationPage, _ uint32) bool { return true }, do: (*console).makeCode},
	"cap": {lines: 2, power: powerManage, fields: []string{"cap"}, may: func(s stationPage, _ uint32) bool { return true }, do: func(c *console, a *ask, p actPage) error {
		return c.Store.PutKiosk(a.Context(), store.Kiosk{ID: p.ID, Name: p.Name, Parent: p.Parent, Cap: p.NewCap})
	}},
	"stop": {lines: 3, power: powerEquip, grave: true, fields: []string{"reason"}, may: func(s stationPage, _ uint32) bool { return s.State == store.ChainOpen }, do: func(c *console, a *ask, p actPage) error {
		return c.Store.Quarantine(a.Context(), p.ID, p.Epoch, reasonText(link.Quarantine{Reason: link.ReasonOfficer, Text: p.Typed}))
	}},
	"lift": {lines: 3, power: powerManage, may: mayLift, do: func(c *console, a *ask, p actPage) error {
		return c.Store.Reopen(a.Context(), p.ID, p.Of, a.officer.Name)
	}},
	"revoke": {lines: 4, power: powerManage, grave: true, may: func(s stationPage, _ uint32) bool { return s.Epoch > 0 && !s.Revoked }, do: func(c *console, a *ask, p actPage) error {
		return c.Store.Revoke(a.Context(), p.ID)
	}},
	"lose": {lines: 4, power: powerGiveUp, grave: true, fields: []string{"reason"}, may: mayLose, do: func(c *console, a *ask, p actPage) error {
		return c.Store.ProposeWriteOff(a.Context(), p.ID, p.Of, a.officer.Name, p.Typed)
	}},
	"drop": {lines: 1, power: powerGiveUp, may: mayDrop, do: func(c *console, a *ask, p actPage) error {
		return c.Store.DropWriteOff(a.Context(), p.ID, p.Of)
	}},
	"confirm": {lines: 3, power: powerConfirm, grave: true, may: mayConfirm, do: func(c *console, a *ask, p actPage) error {
		_, err := c.Store.ConfirmWriteOff(a.Context(), p.ID, p.Of, a.officer.Name)
		return err
	}},
}

// mayLift tells whether a chain is in quarantine. One of a box that was replaced may
// be, too, and then what it has told does not count before somebody lifts that.
func mayLift(s stationPage, epoch uint32) bool {
	past, ok := s.of(epoch)
	return ok && past.State == store.ChainQuarantined
}

// mayLose tells whether what is outstanding in a chain can be given up.
func mayLose(s stationPage, epoch uint32) bool {
	past, ok := s.of(epoch)
	return ok && past.Out > 0 && past.WriteOff.Proposed == "" && (epoch != s.Epoch || s.Revoked)
}

func mayConfirm(s stationPage, epoch uint32) bool {
	past, ok := s.of(epoch)
	return ok && past.WriteOff.Proposed != "" && (past.WriteOff.Confirmed == "" || past.Out > 0)
}

func mayDrop(s stationPage, epoch uint32) bool {
	past, ok := s.of(epoch)
	return ok && past.WriteOff.Proposed != "" && past.WriteOff.Confirmed == ""
}

// May tells whether an act makes sense now and is the officer's to do.
func (s stationPage) May(word string) bool { return s.MayOf(word, s.Epoch) }

// MayOf tells it of one chain.
func (s stationPage) MayOf(word string, epoch uint32) bool {
	return allowed(s.Role, deeds[word].power) && deeds[word].may(s, epoch)
}

func (s stationPage) of(epoch uint32) (store.Past, bool) {
	for _, p := range s.Past {
		if p.Head.Epoch == epoch {
			return p, true
		}
	}
	return store.Past{}, false
}

// actPage says what follows from an act, and asks for what it needs.
type actPage struct {
	stationPage
	Act     string
	Variant string // of the texts: code for a first box is "code", for another one "replace"
	Lines   []int
	Grave   bool
	Fields  []string
	Of      uint32 // the epoch that it is about
	Chain   store.Past
	Typed   string // the reason
	TypedIn string // the cap as typed
	NewCap  ledger.Points
	Same    bool   // another officer is needed than this one
	Problem string // center.act.problem.WORD
}

// planned reads which act of which kiosk a request is about.
func (c *console) planned(a *ask) (actPage, deed, error) {
	d, known := deeds[a.PathValue("act")]
	if !known {
		return actPage{}, d, store.ErrUnknown
	}
	if !a.may(d.power) {
		return actPage{}, d, errPower{d.power}
	}
	s, past, err := c.oneStation(a)
	if err != nil {
		return actPage{}, d, err
	}
	p := actPage{stationPage: stationPage{station: s, Past: past, Role: a.officer.Role}, Act: a.PathValue("act"), Grave: d.grave, Fields: d.fields, Of: s.Epoch}
	if text := a.FormValue("epoch"); text != "" {
		n, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return p, d, errForm
		}
		p.Of = uint32(n)
	}
	p.Chain, _ = p.of(p.Of)
	p.Variant = p.Act
	switch {
	case p.Act == "code" && s.Epoch > 0:
		p.Variant = "replace"
	case p.Act == "lift" && p.Of != s.Epoch:
		p.Variant = "liftold"
	}
	for i := range d.lines {
		p.Lines = append(p.Lines, i+1)
	}
	if p.Chain.State == store.ChainQuarantined {
		p.Reason = quarantineOf(p.Chain.Reason)
	}
	p.TypedIn = strconv.FormatInt(int64(s.Cap), 10)
	p.Same = p.Act == "confirm" && store.SamePerson(p.Chain.WriteOff.Proposed, a.officer.Name)
	if !d.may(p.stationPage, p.Of) {
		return p, d, store.ErrState
	}
	return p, d, nil
}

func (c *console) act(a *ask) error {
	p, _, err := c.planned(a)
	if err != nil {
		return err
	}
	if why := a.URL.Query().Get("reason"); len([]rune(why)) <= maxReasonRunes && utf8.ValidString(why) {
		p.Typed = why // a page of ours knows it
	}
	return c.show(a, page{word: "act", title: c.text(a, "center.act."+p.Variant+".title"), data: p})
}

func (c *console) actNow(a *ask) error {
	p, d, err := c.planned(a)
	if err != nil {
		return err
	}
	p.Typed = a.typed("reason")
	for _, field := range d.fields {
		switch field {
		case "reason":
			if p.Typed == "" || len([]rune(p.Typed)) > maxReasonRunes {
				p.Problem = "reason"
			}
		case "cap":
			p.TypedIn = a.typed("cap")
			n, err := strconv.ParseInt(p.TypedIn, 10, 64)
			if err != nil || n < 1 || n > int64(ledger.MaxPoints) {
				p.Problem = "cap"
			}
			p.NewCap = ledger.Points(n)
		}
	}
	if p.Problem != "" {
		return c.show(a, page{word: "act", title: c.text(a, "center.act."+p.Variant+".title"), data: p, code: 422})
	}
	if err := d.do(c, a, p); err != nil {
		return err
	}
	if p.Act != "code" { // which shows the code that it made
		a.redirect(stationPath(p.ID) + "?done=" + p.Act)
	}
	return nil
}

// codePage shows a one-time code for a box. It is known only now: the database
// keeps its hash.
type codePage struct {
	ID, Name string
	Code     string
	Address  string
	Ends     time.Time
	Text     string // for the QR code
}

func (c *console) makeCode(a *ask, p actPage) error {
	code, ends, err := c.Store.MakeCode(a.Context(), p.ID, a.officer.Name)
	if err != nil {
		return err
	}
	address := c.addressFor(a)
	invitation := link.Invitation{Address: address, Code: code, Center: c.pin()}
	return c.show(a, page{word: "code", data: codePage{p.ID, p.Name, code, address, ends, invitation.Text()}})
}

// addressFor is where boxes find the center: as the center was told, or as the
// browser did.
func (c *console) addressFor(a *ask) string {
	if c.Address != "" {
		return c.Address
	}
	if link.CheckAddress(a.Host) == nil {
		return a.Host
	}
	return a.Host + ":443"
}
