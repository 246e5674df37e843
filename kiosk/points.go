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
	Lots       []lot         // of what is here
	Beyond     ledger.Points // elsewhere, and to be had now
	Apart      ledger.Points // elsewhere, and not to be had now
	Rest       *rest
	Lines      []line
	Tall, Wide pager
}

// line is one line of the history. Number counts from the oldest, so it names the
// line for as long as the account exists.
type line struct {
	store.Line
	Number    int
	Elsewhere bool // the sum of what happened at other kiosks; it has no number
}

// Moved tells whether the points went to another kiosk, and so are still there.
func (l line) Moved() bool { return l.Kind == store.LineReturned && !l.Expired }

// Size is how many points the line is about, without a sign.
func (l line) Size() ledger.Points { return max(l.Points, -l.Points) }

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
	f, account, err := s.funds(a)
	if err != nil {
		return err
	}
	top, total, err := s.topLines(a.visit.person, f)
	if err != nil {
		return err
	}
	total += len(top)
	from := offset(a, total)
	p := pointsPage{Balance: f.Now(), Held: account.Held(), Lots: lotsOf(account), Beyond: f.Beyond, Apart: f.Apart(), Rest: s.restOf(a, f)}
	p.Lines = append(p.Lines, top[min(from, len(top)):]...)
	lines, _, err := s.cfg.Store.Lines(a.visit.person, max(0, from-len(top)), linesTall-len(p.Lines))
	if err != nil {
		return err
	}
	for i, l := range lines {
		p.Lines = append(p.Lines, line{Line: l, Number: total - len(top) - max(0, from-len(top)) - i})
	}
	link := func(from int) string { return "/points?from=" + strconv.Itoa(from) }
	p.Tall, p.Wide = newPager(from, total, linesTall, link), newPager(from, total, linesWide, link)
	return s.show(a, page{word: "points", back: "/balance", data: p})
}

// topLines are what stands above the lines of the store: what happened elsewhere, so
// that all of them come to what there is. Total is how many the store has.
func (s *Server) topLines(person ledger.ID, f funds) (top []line, total int, err error) {
	if _, total, err = s.cfg.Store.Lines(person, 0, 1); err != nil {
		return nil, 0, err
	}
	r, ok, err := s.reckon(person, f)
	if err == nil && ok && r.Elsewhere() != 0 {
		top = append(top, line{Line: store.Line{Points: -r.Elsewhere()}, Elsewhere: true})
	}
	return top, total, err
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
	f, _, err := s.fundsNow(a.visit)
	if err != nil {
		return err
	}
	top, total, err := s.topLines(a.visit.person, f)
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
	l := line{Line: lines[0], Number: number}
	doubted, err := s.doubted(a.visit.person, l.Earning)
	if err != nil {
		return err
	}
	back := "/points?from=" + strconv.Itoa((len(top)+total-number)/linesWide*linesWide)
	return s.show(a, page{word: "why", back: back, data: struct {
		line
		Back    string
		Kiosk   string
		Staff   bool // a member of staff did it
		Doubted bool // the person has objected to it
		May     bool // the person can
	}{l, back, s.cfg.Store.Health().Head.Kiosk, !l.Operator().IsZero(), doubted, s.cfg.Center != nil && l.Earning != nil && !doubted}})
}
