package center

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// rightsPage is the points of one volunteer at one box: how its numbers come to what
// is left, lot by lot, and the entries behind each.
type rightsPage struct {
	listPart
	store.Person
	At      placeShare
	Lots    []lotRights
	Rows    []rightsLine
	Sum     ledger.Points // of the entries that are shown, and those on other pages
	Granted bool          // the number that is asked for has no entries
	Partly  bool          // there are older entries than those
}

// lotRights is a lot there.
type lotRights struct {
	ledger.Right
	Lost, Left ledger.Points
}

// rightsLine is one entry that moved a number.
type rightsLine struct {
	Seq    uint64
	On     time.Time
	Word   string // one of rightsWords
	What   string // good
	Pieces int64
	Points ledger.Points
	Parts  []ledger.Part
	Reason string
	To     string // the redemption's page; "": it is of none, or the officer may not look
}

// rightsWords are the numbers of a right that entries move; granted comes from the
// center.
var rightsWords = []string{"spent", "refunded", "returned", "held"}

func rightsPath(volunteer ledger.ID, kiosk string, epoch uint32) string {
	return fmt.Sprintf("/rights/%v/%s/%d", volunteer, url.PathEscape(kiosk), epoch)
}

func (c *console) rights(a *ask) error {
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
	kiosk := a.PathValue("kiosk")
	epoch, err := strconv.ParseUint(a.PathValue("epoch"), 10, 32)
	if err != nil || !ledger.ValidKiosk(kiosk) {
		return store.ErrUnknown
	}
	account, err := c.Store.Account(a.Context(), id)
	if err != nil {
		return err
	}
	kiosks := &kioskNames{c: c, a: a, names: make(map[string]store.Kiosk)}
	p := rightsPage{Person: person}
	p.Query = readListQuery(rightsPath(id, kiosk, uint32(epoch)), a.URL.Query(), append([]string{"granted"}, rightsWords...), []string{"seq"})
	p.Query.At = ""
	if err := p.addRights(account, kiosk, uint32(epoch), kiosks); err != nil {
		return err
	}
	if err := c.addEntries(a, &p); err != nil {
		return err
	}
	return c.show(a, page{word: "rights", title: c.text(a, "center.rights.title", "who", person.Name, "name", p.At.Name), data: &p})
}

// addRights sums up what the account says of the box, and lists its lots.
func (p *rightsPage) addRights(account store.Account, kiosk string, epoch uint32, kiosks *kioskNames) error {
	account.Rights = slices.DeleteFunc(account.Rights, func(r store.Right) bool { return r.Kiosk != kiosk || r.Epoch != epoch })
	if len(account.Rights) == 0 {
		return store.ErrUnknown
	}
	for _, r := range account.Rights {
		p.Lots = append(p.Lots, lotRights{r.Right, r.Lost, max(0, r.Spendable()-r.Lost)})
	}
	sums := accountPage{Person: p.Person}
	sums.addPlaces(account, kiosks)
	p.At = sums.Places[0]
	return nil
}

// addEntries lists the entries behind the number that is asked for, or behind all.
func (c *console) addEntries(a *ask, p *rightsPage) error {
	trail, err := c.Store.TrailAt(a.Context(), p.ID, p.At.Kiosk, p.At.Epoch, store.MaxTrail)
	if err != nil {
		return err
	}
	p.Partly = len(trail) == store.MaxTrail
	n, goods := make(map[string]int), make(map[string]string)
	var rows []rightsLine
	for _, step := range trail {
		line, counts := c.rightsLine(a, step)
		if !counts {
			continue
		}
		if n[line.Word]++; p.Query.Show != "" && p.Query.Show != line.Word {
			continue
		}
		if step.Redemption != nil {
			if line.What, err = c.goodAt(a, step.Kiosk, step.Redemption.Good, goods); err != nil {
				return err
			}
		}
		p.Sum += line.Points
		rows = append(rows, line)
	}
	p.Granted = p.Query.Show == "granted"
	all := 0
	for _, word := range rightsWords {
		all += n[word]
	}
	p.Filters = []listFilter{{Word: "all", N: all, On: p.Query.Show == "", To: p.Query.with(func(q *listQuery) { q.Show = "" })}}
	for _, word := range rightsWords {
		p.Filters = append(p.Filters, listFilter{Word: word, N: n[word], On: p.Query.Show == word, To: p.Query.with(func(q *listQuery) { q.Show = word })})
	}
	low, high := p.cut(len(rows))
	p.Rows = rows[low:high]
	return nil
}

// goodAt is what a good is called at a kiosk; goods remembers.
func (c *console) goodAt(a *ask, kiosk, code string, goods map[string]string) (string, error) {
	key := kiosk + " " + code
	if goods[key] == "" {
		g, err := c.Store.Good(a.Context(), kiosk, code)
		if err != nil && !errors.Is(err, store.ErrUnknown) {
			return "", err
		}
		goods[key] = cmp.Or(goodTitle(a, g), code)
	}
	return goods[key], nil
}

// rightsLine tells which number an entry moved: a reservation that still waits counts
// as held, what was handed over since as spent by the entry that says so.
func (c *console) rightsLine(a *ask, step store.Step) (l rightsLine, counts bool) {
	l = rightsLine{Seq: step.Seq, On: time.UnixMilli(step.WallMS)}
	if r := step.Redemption; r != nil {
		l.Pieces, l.Parts = r.Quantity, r.Parts
		if a.may(powerRedeem) {
			l.To = redemptionPath(step.Kiosk, step.Epoch, r.Seq)
		}
	}
	switch body := step.Body.(type) {
	case ledger.Reserve:
		l.Word, l.Parts = "held", body.Parts
		counts = step.Redemption != nil && step.Redemption.State == ledger.Reserved
	case ledger.Settle:
		l.Word, counts = "spent", true
	case ledger.Refund:
		l.Word, l.Reason, counts = "refunded", c.reasonOf(a, body.Reason), true
	case ledger.Return:
		l.Word, l.Parts, counts = "returned", body.Parts, true
		if body.Expired {
			l.Reason = c.text(a, "center.line.expired")
		}
	}
	l.Points = ledger.Sum(l.Parts)
	return l, counts
}
