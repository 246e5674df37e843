package center

import (
	"context"
	"net/http"

	"yizhan/center/store"
	"yizhan/ledger"
)

// movePage says what follows when a volunteer gets another home kiosk.
type movePage struct {
	ID       ledger.ID
	Name     string
	Seen     string // store.Record.Stand
	From, To moveHome
	Chosen   bool // To says where to, though that may be nowhere
	Form     bool // the rest of a form was saved just now
	Kiosks   []place
	Problem  string // center.move.problem.WORD
}

// moveHome is a kiosk that somebody comes from or goes to; without an id it is none.
type moveHome struct {
	station
	Left, Held ledger.Points // of the volunteer, with the box that serves
}

// Serves tells whether the kiosk can be asked for points and given some.
func (h moveHome) Serves() bool { return h.Epoch > 0 && !h.Revoked && h.State == store.ChainOpen }

// moving reads who is to move, from where, and where to.
func (c *console) moving(a *ask, to string, chosen bool) (p movePage, r store.Record, err error) {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, r, store.ErrUnknown
	}
	if r, err = c.record(a, id); err != nil {
		return p, r, err
	}
	all, err := c.choices(a)
	if err != nil {
		return p, r, err
	}
	p = movePage{ID: id, Name: r.Name, Seen: r.Stand, Chosen: chosen, Kiosks: all.Kiosks}
	if to != "" && !all.has(all.Kiosks, to) {
		p.Problem, p.Chosen = "to", false
	} else if chosen && to == r.Home {
		p.Problem, p.Chosen = "same", false
	}
	account, err := c.Store.Account(a.Context(), id)
	if err != nil {
		return p, r, err
	}
	if p.From, err = c.homeOf(a, r.Home, account); err != nil || !p.Chosen {
		return p, r, err
	}
	p.To, err = c.homeOf(a, to, account)
	return p, r, err
}

// homeOf looks at a kiosk, and at what somebody has there.
func (c *console) homeOf(a *ask, kiosk string, account store.Account) (h moveHome, err error) {
	if kiosk == "" {
		return h, nil
	}
	k, chain, err := c.Store.Kiosk(a.Context(), kiosk)
	if err != nil {
		return h, err
	}
	h.station = c.look(store.Station{Kiosk: k, Chain: chain}, nil)
	for _, r := range account.Rights {
		if r.Kiosk == kiosk && r.Epoch == k.Epoch {
			h.Left += max(0, r.Spendable())
			h.Held += r.Held
		}
	}
	return h, nil
}

func (c *console) move(a *ask) error {
	q := a.URL.Query()
	p, _, err := c.moving(a, q.Get("to"), q.Has("to"))
	if err != nil {
		return err
	}
	p.Form = q.Has("form")
	return c.showMove(a, p)
}

func (c *console) showMove(a *ask, p movePage) error {
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "move", title: c.text(a, "center.move.title", "name", p.Name), data: p, code: code})
}

// moveNow changes the home, and fetches what can be had at once. The rest is fetched
// by itself as soon as the old kiosk can be asked, whatever becomes of this process.
func (c *console) moveNow(a *ask) error {
	to := a.typed("to")
	p, r, err := c.moving(a, to, true)
	if err != nil {
		return err
	}
	if p.Problem == "same" { // sent twice
		a.redirect(accountPath(p.ID) + "?done=moved")
		return nil
	}
	if p.Problem != "" {
		return c.showMove(a, p)
	}
	if a.typed("seen") != r.Stand {
		return store.ErrState
	}
	err = c.Store.Edit(a.Context(), store.Edit{ID: p.ID, Seen: r.Stand, By: a.officer.Name, Kind: "person.moved", To: func(v store.Person) store.Person {
		v.Home = to
		return v
	}})
	if err != nil {
		return err
	}
	c.fetch(a, p.ID)
	a.redirect(accountPath(p.ID) + "?done=moved")
	return nil
}

// fetch has points leave the kiosks that they are to leave, as far as that goes while
// somebody waits.
func (c *console) fetch(a *ask, volunteer ledger.ID) {
	ctx, stop := context.WithTimeout(a.Context(), fetchTime)
	defer stop()
	if err := c.Fetch(ctx, volunteer); err != nil {
		c.Log.Info("center: points are fetched later", "volunteer", volunteer, "why", err)
	}
}
