package kiosk

import (
	"errors"
	"html/template"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

const handsetBase = "/handset"

// handsetPage is what a person sees who wants to use a phone: what a code is for and,
// once it is drawn, the code itself.
type handsetPage struct {
	Minutes int64  // for which a code is good
	Key     string // of the form that draws one
	Enough  int    // codes of this visit, when there are no more; 0: there are

	QR     template.HTML // "": no code is drawn yet
	Until  string
	Unsure bool   // nobody vouched for the clock that the code says
	Paper  string // soon, here, maybe, lost, none
	Why    string // it is lost
}

// handset says what a code for a phone is good for, before one is drawn.
func (s *Server) handset(a *ask) error {
	if _, err := ticketPrefix(s.cfg); err != nil {
		return err
	}
	p := handsetPage{Minutes: civic.TicketMinutes, Key: s.newKey()}
	if drawn := a.visit.get().drawn; drawn >= maxOwnTickets {
		p.Enough = drawn
	}
	return s.show(a, page{word: "handset", back: "/hours", data: p})
}

// handsetNow draws a code, which is printed if it can be printed at once.
func (s *Server) handsetNow(a *ask) error {
	key, err := formKey(a)
	if err != nil {
		return err
	}
	if _, err := ticketPrefix(s.cfg); err != nil {
		return err
	}
	if a.visit.get().drawn >= maxOwnTickets {
		a.redirect(handsetBase)
		return nil
	}
	t, err := s.cfg.Store.GiveTicket(a.Context(), key, a.visit.person)
	if err != nil {
		return err
	}
	a.visit.set(func(st *visitState) {
		if st.ticket != t.Seq {
			st.ticket, st.drawn = t.Seq, st.drawn+1
		}
	})
	s.paper.Wake()
	a.redirect(handsetPath(t.Seq))
	return nil
}

func handsetPath(seq uint64) string { return handsetBase + "/" + textOf(seq) }

// handsetCode shows a code that was drawn in this visit, and where its slip is. An
// address from before shows nothing.
func (s *Server) handsetCode(a *ask) error {
	a.follow()
	seq, err := sequence(a.PathValue("ticket"))
	if err != nil {
		return err
	}
	if seq != a.visit.get().ticket {
		a.redirect(handsetBase)
		return nil
	}
	t, err := s.cfg.Store.Ticket(seq)
	if err != nil {
		return err
	}
	prefix, err := ticketPrefix(s.cfg)
	if err != nil {
		return err
	}
	p := handsetPage{Minutes: civic.TicketMinutes, Until: t.Until().In(s.cfg.Zone).Format("15:04"), Unsure: t.Quality == ledger.ClockUnknown}
	if p.QR, err = drawQR(s.cfg.Store.TicketText(t, prefix)); err != nil {
		return err
	}
	p.Paper = ticketWord(t.Job.State)
	switch {
	case s.cfg.Printer == nil:
		p.Paper = "none"
	case p.Paper == "lost":
		p.Why = s.reasonOf(a, t.Job)
	case p.Paper == "soon":
		a.lookAgain()
	}
	return s.show(a, page{word: "handset", back: "/hours", data: p})
}

// ticketWord is where the slip of a ticket is, as a person needs it.
func ticketWord(state spool.State) string {
	if state == spool.Voided {
		return "lost"
	}
	return paperWord(state)
}

// ticketsAround is how near the shifts are that are asked where phones sign in.
var ticketsAround = []time.Duration{12 * time.Hour, 62 * 24 * time.Hour}

// errNoPhones means that no center has said where phones sign in.
var errNoPhones = errors.New("kiosk: no center has told where phones sign in")

// ticketPrefix is what stands before a ticket's code, as the newest shift that names
// it has it, or errNoPhones.
func ticketPrefix(cfg Config) (string, error) {
	now := time.UnixMilli(cfg.Clock.Now().WallMS)
	for _, around := range ticketsAround { // mostly the first has one
		list, err := cfg.Store.Shifts(now.Add(-around), now.Add(around))
		if err != nil {
			return "", err
		}
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Tickets != "" {
				return list[i].Tickets, nil
			}
		}
	}
	return "", errNoPhones
}

// offersHandset tells whether a page has a key for it.
func (s *Server) offersHandset() bool {
	_, err := ticketPrefix(s.cfg)
	return err == nil
}
