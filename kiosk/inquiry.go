package kiosk

import (
	"context"
	"sync"
	"time"

	"yizhan/ledger"
	"yizhan/link"
)

// inquiry is what the center is asked, and has said, of one volunteer's points.
type inquiry struct {
	visit  *visit        // of which answer is; nil: of an earlier one
	answer whereabouts   // the last
	heard  bool          // there is one
	atMS   int64         // when it came
	under  chan struct{} // closed when the question under way is over; nil: there is none
	silent bool          // the last question had no answer
}

// inquiries keeps the last answer for each of those who came, for the day on which
// the network is away. It forgets all when it is full.
type inquiries struct {
	mu  sync.Mutex
	all map[ledger.ID]inquiry
}

func newInquiries() *inquiries { return &inquiries{all: make(map[ledger.ID]inquiry)} }

func (q *inquiries) of(person ledger.ID) inquiry {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.all[person]
}

// change changes what is kept of a person, and returns it.
func (q *inquiries) change(person ledger.ID, change func(*inquiry)) inquiry {
	q.mu.Lock()
	defer q.mu.Unlock()
	if _, there := q.all[person]; !there && len(q.all) >= maxInquiries {
		clear(q.all)
	}
	i := q.all[person]
	change(&i)
	q.all[person] = i
	return i
}

// online tells whether the center can be asked.
func (s *Server) online() bool { return s.cfg.Center != nil && s.cfg.Center.State().Online }

// reaches tells whether a volunteer may have points elsewhere.
func (s *Server) reaches(person ledger.ID) bool {
	if s.cfg.Center == nil {
		return false
	}
	v, err := s.cfg.Store.Volunteer(person)
	return err == nil && v.Linked
}

// funds tells what the volunteer who is signed in can have, and lets the page follow
// it: whatever of it changes while the page is on the screen is put there. The first
// page of a visit waits a moment for the center. It comes before anything else that
// the page looks up.
func (s *Server) funds(a *ask) (funds, ledger.Account, error) {
	if under := s.inquire(a.visit); under != nil {
		patience := time.NewTimer(centerPatience)
		defer patience.Stop()
		select {
		case <-under:
		case <-patience.C:
		case <-a.Context().Done():
		}
		a.heard = s.live.sent() // the page knows what was said meanwhile
	}
	f, account, err := s.fundsNow(a.visit)
	a.funds = &f
	return f, account, err
}

// fundsNow is what can be had as far as it is known, without asking.
func (s *Server) fundsNow(v *visit) (funds, ledger.Account, error) {
	account, err := s.cfg.Store.Account(v.person)
	if err != nil || !s.reaches(v.person) {
		return funds{Here: account.Spendable()}, account, err
	}
	if !s.serving() {
		return funds{Here: account.Spendable(), Link: linkHalted}, account, nil
	}
	i, online := s.inquiries.of(v.person), s.online()
	if online && i.visit != v {
		f := funds{Here: account.Spendable(), Link: linkAsking}
		if i.under == nil && i.silent {
			f.Link = linkSilent
		}
		return f, account, nil
	}
	f := i.answer.funds(account, online)
	if f.Link, f.Told = linkKnown, i.heard; !online {
		f.Link = linkOffline
	}
	return f, account, nil
}

// inquire asks where a volunteer's points are, unless that is known well enough. It
// returns what to wait for when the visit has not heard anything yet, and has not
// waited before.
func (s *Server) inquire(v *visit) <-chan struct{} {
	if !s.reaches(v.person) || !s.online() || !s.serving() {
		return nil
	}
	now, began := s.nowMS(), false
	i := s.inquiries.change(v.person, func(i *inquiry) {
		fresh := i.visit == v && now-i.atMS < askAgainMS
		if i.under == nil && !fresh {
			i.under, i.atMS, began = make(chan struct{}), now, true
		}
	})
	if !began {
		return nil
	}
	go s.asksWhere(v, i.under)
	if i.visit == v {
		return nil
	}
	return i.under
}

// asksWhere waits for the center's answer, and tells the page.
func (s *Server) asksWhere(v *visit, under chan struct{}) {
	defer close(under)
	ctx, stop := context.WithTimeout(context.Background(), askTime)
	defer stop()
	account, err := s.cfg.Store.Account(v.person)
	var answer link.Answer
	if err == nil {
		answer, err = s.cfg.Center.TopUp(ctx, v.person, account.Granted(), 0)
	}
	s.inquiries.change(v.person, func(i *inquiry) {
		i.under, i.atMS = nil, s.nowMS()
		if i.silent = err != nil || answer.Outcome != link.OutcomeOK; i.silent {
			return
		}
		now := heardFrom(answer, account.Granted())
		if i.visit == v {
			now = now.keeping(i.answer)
		}
		i.visit, i.heard, i.answer = v, true, now
	})
	if err != nil {
		s.cfg.Log.Info("asking where points are", "why", err)
	}
	s.refresh(v)
}

// refresh lets the page that shows somebody's points say what is true now: when the
// center has answered, the link came or went, or another kiosk took points from here.
func (s *Server) refresh(v *visit) {
	if !v.signedIn() || v != s.current() {
		return
	}
	st := v.get()
	if st.money == "" || st.shown.Link == linkNone {
		return
	}
	f, _, err := s.fundsNow(v)
	if err != nil || f.equal(st.shown) {
		return
	}
	v.set(func(now *visitState) {
		if now.money == st.money {
			now.shown = f // told once
		}
	})
	s.live.send(message{Renew: st.money})
}
