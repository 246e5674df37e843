package kiosk

import (
	"strconv"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// Lines of the account on one page.
const linesTall, linesWide = 5, 3

// maxLots are the lots shown above the lines; more are summed up in one.
const maxLots = 4

// lot is what is left of the points that expire on one date.
type lot struct {
	Expires ledger.Day
	Points  ledger.Points
	Rest    bool // the sum of all later ones
}

// pointsPage is an account and its history.
type pointsPage struct {
	Balance    ledger.Points
	Held       ledger.Points
	Lots       []lot
	Lines      []line
	Tall, Wide pager
}

// line is one line of the history. Number counts from the oldest, so it names the
// line for as long as the account exists.
type line struct {
	store.Line
	Number int
}

// Operator is the member of staff who did what the line says, if anybody.
func (l line) Operator() ledger.ID {
	switch {
	case l.Redemption == nil:
		return ledger.ID{}
	case l.Kind == store.LineRedeemed:
		return l.Redemption.SettledBy
	}
	return l.Redemption.EndedBy
}

// points shows where the points come from and where they went.
func (s *Server) points(a *ask) error {
	account, err := s.cfg.Store.Account(a.visit.person)
	if err != nil {
		return err
	}
	_, total, err := s.cfg.Store.Lines(a.visit.person, 0, 1)
	if err != nil {
		return err
	}
	from := offset(a, total)
	lines, total, err := s.cfg.Store.Lines(a.visit.person, from, linesTall)
	if err != nil {
		return err
	}
	p := pointsPage{Balance: account.Spendable(), Held: account.Held(), Lots: lotsOf(account)}
	for i, l := range lines {
		p.Lines = append(p.Lines, line{l, total - from - i})
	}
	link := func(from int) string { return "/points?from=" + strconv.Itoa(from) }
	p.Tall, p.Wide = newPager(from, total, linesTall, link), newPager(from, total, linesWide, link)
	return s.show(a, page{word: "points", back: "/balance", data: p})
}

// lotsOf lists what is left by expiry, the earliest first.
func lotsOf(a ledger.Account) []lot {
	var lots []lot
	for _, r := range a.Rights {
		left := r.Spendable()
		switch {
		case left <= 0:
		case len(lots) < maxLots:
			lots = append(lots, lot{Expires: r.Expires, Points: left})
		default:
			lots[maxLots-1].Points += left
			lots[maxLots-1].Rest = true
		}
	}
	return lots
}

// why explains one line: what, when, by which rule, which lot, and the entry of
// the journal behind it.
func (s *Server) why(a *ask) error {
	number, err := strconv.Atoi(a.PathValue("line"))
	if err != nil || number < 1 {
		return store.ErrUnknown
	}
	_, total, err := s.cfg.Store.Lines(a.visit.person, 0, 1)
	if err != nil {
		return err
	}
	if number > total {
		return store.ErrUnknown
	}
	lines, _, err := s.cfg.Store.Lines(a.visit.person, total-number, 1)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return store.ErrUnknown
	}
	l := line{lines[0], number}
	back := "/points?from=" + strconv.Itoa((total-number)/linesWide*linesWide)
	return s.show(a, page{word: "why", back: back, data: struct {
		line
		Back  string
		Kiosk string
		Staff bool // a member of staff did it
	}{l, back, s.cfg.Store.Health().Head.Kiosk, !l.Operator().IsZero()}})
}
