package center

import (
	"cmp"
	"slices"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// accountPage is the points of one volunteer: in which lots, at which kiosks, and
// line by line how they came about.
type accountPage struct {
	store.Person
	Seal          string // first character of the name
	Town          string
	HomeName      string
	Facts         []fact // of the person, for the national system
	Lots          []lotShare
	Free          ledger.Points // at the center
	Now           ledger.Points // everything that can be spent somewhere
	Places        []placeShare
	Lines         []accountLine
	More          bool
	Acts          []store.Act // of officers
	Asked         []secondRow // of officers, for this volunteer
	Honours       []store.Honour
	HonourMinutes int64
	Service       accountService
	Attended      []attendancePage // the latest
	Merged        store.Merged
	Kept          string // name of the record that this one is merged into
	Absorbed      []store.Person
	Back          []backShare // what is or was taken back
}

// lotShare is what is left of a lot.
type lotShare struct {
	Expires ledger.Day
	Points  ledger.Points
	X, W    int64 // in thousandths of all
}

// placeShare is what one kiosk was granted, and what became of it: as far as its
// entries are booked, Left = Granted - Spent + Refunded - Returned - Held - Lost.
type placeShare struct {
	Kiosk, Name                        string
	Epoch                              uint32
	To                                 string // the page of its entries
	Granted, Spent, Refunded, Returned ledger.Points
	Held, Lost, Left                   ledger.Points
	Now                                bool // that box serves
	Leaving                            bool // it was home, and the points are called back
}

// accountLine is one change of the account.
type accountLine struct {
	N       int
	On      time.Time // zero hour when only the day is known
	Exact   bool
	Word    string // center.line.WORD
	What    string
	Pieces  int64
	Change  ledger.Points
	Kiosk   string
	Name    string // of the kiosk
	Epoch   uint32
	Seq     uint64
	Earning *civic.Earning
	How     reckoning      // of the earning
	ID      string         // of the earning
	Of      *civic.Earning // that it takes back
	OfPath  string         // to the line of the earning that it takes back, or that was passed on
	Other   string         // name of the record that it went to, or came from
	Parts   []ledger.Part
	State   string // of the redemption: reserved, settled, cancelled, refunded
	Reason  string
	Expired bool
}

func (c *console) account(a *ask) error {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return store.ErrUnknown
	}
	person, err := c.Store.Person(a.Context(), id)
	if err != nil {
		return err
	}
	if !a.area.holds(person.Town, person.Home) {
		return errArea{person.Town}
	}
	account, err := c.Store.Account(a.Context(), id)
	if err != nil {
		return err
	}
	kiosks := &kioskNames{c: c, a: a, names: make(map[string]store.Kiosk)}
	p := c.accountOf(a, person, account, kiosks)
	if err := c.addLeaving(a, &p, account); err != nil {
		return err
	}
	if err := c.addLines(a, &p, kiosks); err != nil {
		return err
	}
	if p.Acts, err = c.Store.PersonActs(a.Context(), id, 0, shownActs); err != nil {
		return err
	}
	if err := c.addAsked(a, &p); err != nil {
		return err
	}
	if p.Service, err = c.serviceOf(a.Context(), person); err != nil {
		return err
	}
	if err := c.addAttendances(a, &p); err != nil {
		return err
	}
	return c.show(a, page{word: "account", title: person.Name, data: p})
}

// accountOf is what is known of somebody, and where the points are.
func (c *console) accountOf(a *ask, person store.Person, account store.Account, kiosks *kioskNames) accountPage {
	p := accountPage{Person: person, Seal: string([]rune(person.Name)[:1])}
	if scopes, err := c.Store.Scopes(a.Context(), person.Town); err == nil && len(scopes) > 0 {
		p.Town = scopes[0].Name
	}
	p.Facts = profileFacts(person.Profile, a.lang == assets.English)
	if person.Home != "" {
		p.HomeName = kiosks.of(person.Home).Name
	}
	p.addLots(account)
	p.addPlaces(account, kiosks)
	return p
}

// addAsked adds what officers asked for, and hours that were entered afterwards.
func (c *console) addAsked(a *ask, p *accountPage) error {
	var list []store.Asked
	for kind := range c.seconds.kinds {
		some, err := c.Store.AskedFor(a.Context(), p.ID, kind, shownActs)
		if err != nil {
			return err
		}
		list = append(list, some...)
	}
	slices.SortFunc(list, func(x, y store.Asked) int { return y.Made.Compare(x.Made) })
	for _, x := range list[:min(len(list), shownActs)] {
		p.Asked = append(p.Asked, secondRow{Asked: x})
	}
	var err error
	p.Honours, p.HonourMinutes, err = c.Store.HonoursOf(a.Context(), p.ID, shownActs)
	return err
}

// kioskNames remembers the kiosks that one page names.
type kioskNames struct {
	c     *console
	a     *ask
	names map[string]store.Kiosk
}

// of is a kiosk; one that cannot be read is called by its id.
func (n *kioskNames) of(id string) store.Kiosk {
	if k, ok := n.names[id]; ok {
		return k
	}
	k, _, err := n.c.Store.Kiosk(n.a.Context(), id)
	if err != nil {
		k = store.Kiosk{ID: id, Name: id}
	}
	n.names[id] = k
	return k
}

// addLots adds what is left of each lot, wherever it is.
func (p *accountPage) addLots(account store.Account) {
	left := make(map[ledger.Day]ledger.Points)
	for _, l := range account.Lots {
		left[l.Expires] += l.Free
		p.Free += l.Free
	}
	for _, r := range account.Rights {
		left[r.Expires] += max(0, r.Spendable()-r.Lost)
	}
	for expires, points := range left {
		if points > 0 {
			p.Lots = append(p.Lots, lotShare{Expires: expires, Points: points})
			p.Now += points
		}
	}
	slices.SortFunc(p.Lots, func(x, y lotShare) int { return cmp.Compare(x.Expires, y.Expires) })
	var x int64
	for i := range p.Lots {
		p.Lots[i].X, p.Lots[i].W = x, int64(p.Lots[i].Points*1000/p.Now)
		x += p.Lots[i].W
	}
}

func (p *accountPage) addPlaces(account store.Account, kiosks *kioskNames) {
	for _, r := range account.Rights {
		at := slices.IndexFunc(p.Places, func(s placeShare) bool { return s.Kiosk == r.Kiosk && s.Epoch == r.Epoch })
		if at < 0 {
			k := kiosks.of(r.Kiosk)
			p.Places = append(p.Places, placeShare{Kiosk: r.Kiosk, Name: k.Name, Epoch: r.Epoch, Now: k.Epoch == r.Epoch, To: rightsPath(p.ID, r.Kiosk, r.Epoch)})
			at = len(p.Places) - 1
		}
		s := &p.Places[at]
		s.Granted, s.Returned = s.Granted+r.Granted, s.Returned+r.Returned
		s.Spent, s.Refunded = s.Spent+r.Spent, s.Refunded+r.Refunded
		s.Left += max(0, r.Spendable()-r.Lost)
		s.Held += r.Held
		s.Lost += r.Lost
	}
}

// addLines merges what was earned with what kiosks did, the latest first.
func (c *console) addLines(a *ask, p *accountPage, kiosks *kioskNames) error {
	trail, err := c.Store.Trail(a.Context(), p.ID, accountLines+1)
	if err != nil {
		return err
	}
	goods := make(map[string]string)
	for _, step := range trail {
		line, shown := lineOf(step)
		if !shown {
			continue
		}
		line.Name = kiosks.of(step.Kiosk).Name
		if r := step.Redemption; r != nil {
			if line.What, err = c.goodAt(a, step.Kiosk, r.Good, goods); err != nil {
				return err
			}
		}
		p.Lines = append(p.Lines, line)
	}
	if err := c.addEarnings(a, p); err != nil {
		return err
	}
	slices.SortStableFunc(p.Lines, func(x, y accountLine) int { return y.On.Compare(x.On) })
	p.More = len(p.Lines) > accountLines
	p.Lines = p.Lines[:min(len(p.Lines), accountLines)]
	for i := range p.Lines {
		p.Lines[i].N = i
	}
	return nil
}

// offset is how far the zone is ahead of UTC on a day.
func (c *console) offset(d ledger.Day) time.Duration {
	_, seconds := d.Time().In(c.Zone).Zone()
	return time.Duration(seconds) * time.Second
}

// goodTitle is a good's name with its size, in the language of the page.
func goodTitle(a *ask, g civic.Good) string {
	name := g.Name
	if a.lang == "en" && g.NameEN != "" {
		name = g.NameEN
	}
	if name != "" && g.Size != "" {
		name += " " + g.Size
	}
	return name
}

// lineOf is how an entry changed what the volunteer can spend. A settlement changes
// nothing that the reservation did not.
func lineOf(step store.Step) (l accountLine, shown bool) {
	l = accountLine{On: time.UnixMilli(step.WallMS), Exact: true, Kiosk: step.Kiosk, Epoch: step.Epoch, Seq: step.Seq}
	if r := step.Redemption; r != nil {
		l.Pieces, l.Parts, l.State = r.Quantity, r.Parts, r.State.String()
	}
	switch body := step.Body.(type) {
	case ledger.Reserve:
		l.Word, l.Parts, l.Pieces, l.Change = "redeemed", body.Parts, body.Quantity, -ledger.Sum(body.Parts)
	case ledger.Cancel:
		l.Word, l.Reason, l.Change = "cancelled", body.Reason, ledger.Sum(l.Parts)
	case ledger.Refund:
		l.Word, l.Reason, l.Change = "refunded", body.Reason, ledger.Sum(l.Parts)
	case ledger.Return:
		l.Word, l.Parts, l.Expired = "returned", body.Parts, body.Expired
		if body.Expired {
			l.Word, l.Change = "expired", -ledger.Sum(body.Parts)
		}
	default:
		return l, false
	}
	return l, true
}
