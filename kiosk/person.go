package kiosk

import (
	"net/url"
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// Rows on one page of a volunteer's redemptions or history: on a standing screen, on
// a lying one, and there in large print.
const personTall, personWide, personLarge = 6, 3, 2

// personData is one volunteer before staff.
type personData struct {
	foundPerson
	Tab           string // redemptions, lines, lots
	Balance, Held ledger.Points
	Locked        bool // too many wrong PINs
	Redemptions   []deskRow
	Lines         []historyLine
	Lots          []ledger.Part
	Tall, Wide    pager
}

// Tabs are the views of a person, in the order of their keys.
func (personData) Tabs() []string { return []string{"redemptions", "lines", "lots"} }

// URL leads to a tab of the person.
func (p personData) URL(tab string) string { return personURL(p.ID, tab) }

func personURL(id ledger.ID, tab string) string {
	return "/staff/person/" + id.String() + "?" + url.Values{"tab": {tab}}.Encode()
}

// person shows one volunteer: redemptions, which is what staff mostly comes for,
// the history of the account, or its lots.
func (o *office) person(a *ask, _ civic.Staff) error {
	id, err := ledger.ParseID(a.PathValue("person"))
	if err != nil {
		return store.ErrUnknown
	}
	v, err := o.cfg.Store.Volunteer(id)
	if err != nil {
		return err
	}
	account, err := o.cfg.Store.Account(id)
	if err != nil {
		return err
	}
	_, tries, err := o.cfg.Store.PINState(id)
	if err != nil {
		return err
	}
	p := personData{
		foundPerson: personOf(v),
		Tab:         a.FormValue("tab"),
		Balance:     account.Spendable(),
		Held:        account.Held(),
		Locked:      tries >= civic.MaxPINTries,
	}
	var from, all int
	switch p.Tab {
	case "lines":
		from, all, err = o.personLines(a, &p)
	case "lots":
		from, all = personLots(a, &p, account)
	default:
		p.Tab = "redemptions"
		from, all, err = o.personRedemptions(a, &p)
	}
	if err != nil {
		return err
	}
	link := func(from int) string { return p.URL(p.Tab) + "&from=" + strconv.Itoa(from) }
	p.Tall, p.Wide = newPager(from, all, personTall, link), newPager(from, all, o.perPage(a, personWide, personLarge), link)
	return o.show(a, page{word: "person", back: "/staff/find", data: p})
}

func (o *office) personRedemptions(a *ask, p *personData) (from, all int, err error) {
	list, err := o.cfg.Store.RedemptionsOf(p.ID, 0, maxHistory)
	if err != nil {
		return 0, 0, err
	}
	from = offset(a, len(list))
	for _, r := range list[from:min(len(list), from+personTall)] {
		p.Redemptions = append(p.Redemptions, o.deskRow(a, r, false))
	}
	return from, len(list), nil
}

// historyLine is one line of an account.
type historyLine struct {
	store.Line
	What string // the activity, or the good
	When string
}

// Word names the kind of the line, for its text and icon.
func (l historyLine) Word() string {
	switch {
	case l.Expired:
		return "expired"
	case l.Kind == store.LineEarned:
		return "earned"
	case l.Kind == store.LineRedeemed:
		return "redeemed"
	case l.Kind == store.LineCanceled:
		return "cancelled"
	case l.Kind == store.LineRefunded:
		return "refunded"
	}
	return "returned"
}

func (o *office) personLines(a *ask, p *personData) (from, all int, err error) {
	from, _ = strconv.Atoi(a.FormValue("from"))
	lines, all, err := o.cfg.Store.Lines(p.ID, max(0, from), personTall)
	if err != nil {
		return 0, 0, err
	}
	texts := o.texts[o.lang(a)]
	for _, line := range lines {
		l := historyLine{Line: line, When: dayText(texts, line.Day)}
		switch {
		case line.Earning != nil:
			l.What = line.Earning.What
		case line.Redemption != nil:
			l.What = goodName(texts.Lang, line.Redemption.Good)
		}
		p.Lines = append(p.Lines, l)
	}
	return max(0, from), all, nil
}

func personLots(a *ask, p *personData, account ledger.Account) (from, all int) {
	var lots []ledger.Part
	for _, r := range account.Rights {
		if left := r.Spendable(); left > 0 {
			lots = append(lots, ledger.Part{Expires: r.Expires, Points: left})
		}
	}
	from = offset(a, len(lots))
	p.Lots = lots[from:min(len(lots), from+personTall)]
	return from, len(lots)
}
