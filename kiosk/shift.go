package kiosk

import (
	"errors"
	"strconv"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// postRow is one post of a shift.
type postRow struct {
	Number int64
	Name   string
	Needs  string
	Free   string
	Full   bool
	Mine   bool
}

// shiftPage is one time of an activity before somebody who may want to come.
type shiftPage struct {
	shiftRow
	Posts      []postRow
	SignedIn   bool
	Has        bool   // it is claimed, as far as is known here
	Word       string // how the claim stands, see claimWord
	Line       int    // place among those who wait for a place, from 1
	Post       string // name of the post that is claimed; "": any
	Begun      bool   // nothing can be claimed any more
	Leads      bool   // the person goes through its roster
	Leave      bool   // asks whether the claim is given up
	Key        string
	Tall, Wide pager
}

// URL is where the forms of the page are sent.
func (p shiftPage) URL() string { return shiftPath(p.ID) }

func shiftPath(id ledger.ID) string { return shiftsPage + "/" + id.String() }

// pathShift reads the shift that the path names.
func (s *Server) pathShift(a *ask) (v civic.Shift, err error) {
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return v, store.ErrUnknown
	}
	return s.cfg.Store.Shift(id)
}

// shift shows one time of an activity with its posts. Somebody who has not signed in
// yet is brought back here by the card.
func (s *Server) shift(a *ask) error {
	v, err := s.pathShift(a)
	if err != nil {
		return err
	}
	p := shiftPage{SignedIn: a.visit.signedIn(), Key: s.newKey(), Begun: v.Closed || s.wall().Unix() >= v.Start}
	if p.shiftRow, err = s.shiftRow(a, v); err != nil {
		return err
	}
	var claim store.Claim
	if p.SignedIn {
		if claim, p.Has, err = s.claim(v.ID, a.visit.person); err != nil {
			return err
		}
		p.Word, p.Line, p.Leads = claimWord(claim, p.Has), claim.Line, leads(v, a.visit.person)
	} else if !a.visit.onDuty() {
		s.visitor(a).set(func(st *visitState) { st.wants = shiftPath(v.ID) })
	}
	from := offset(a, len(v.Posts))
	for i, post := range v.Posts {
		if n := int64(i + 1); n == claim.Post {
			p.Post = postName(s.lang(a), post)
		}
		if i >= from && i < from+postsTall {
			p.Posts = append(p.Posts, s.postRow(a, v, i+1, post, p.Has && claim.Post == int64(i+1)))
		}
	}
	link := func(from int) string { return shiftPath(v.ID) + "?from=" + strconv.Itoa(from) }
	p.Tall, p.Wide = newPager(from, len(v.Posts), postsTall, link), newPager(from, len(v.Posts), s.fitting(a, postsWide, postsLarge), link)
	p.Leave = p.Has && !p.Begun && a.URL.Query().Has("leave")
	back := shiftsPage
	if p.Leave {
		back = shiftPath(v.ID)
	}
	if err := s.show(a, page{word: "shift", back: back, data: p}); err != nil {
		return err
	}
	if claim.Asked && !p.Leave && s.online() {
		a.visit.set(func(st *visitState) { st.waits = a.URL.RequestURI() })
	}
	return nil
}

func (s *Server) postRow(a *ask, v civic.Shift, number int, post civic.Post, mine bool) postRow {
	row := postRow{Number: int64(number), Name: postName(s.lang(a), post), Needs: post.Needs, Mine: mine}
	left, bounded := freeOf(v, number, post)
	switch {
	case !bounded:
		row.Free = s.text(a, "shifts.open")
	case left == 0:
		row.Free, row.Full = s.text(a, "shifts.full"), true
	default:
		row.Free = s.text(a, "shifts.free", "n", left)
	}
	return row
}

// shiftNow claims a post, or gives the claim up. The center decides who has it; the page
// that follows says so.
func (s *Server) shiftNow(a *ask) error {
	v, err := s.pathShift(a)
	if err != nil {
		return err
	}
	key, err := formKey(a)
	if err != nil {
		return err
	}
	body := ledger.Enlist{Key: key, Volunteer: a.visit.person, Shift: v.ID, Off: a.FormValue("do") == "off"}
	if !body.Off {
		if body.Post, err = strconv.ParseInt(a.FormValue("post"), 10, 64); err != nil {
			return errForm
		}
	}
	_, err = s.cfg.Store.EnlistIn(a.Context(), body)
	switch {
	case errors.Is(err, store.ErrOver):
		s.trouble(a, troubleBegun)
		return nil
	case err != nil && !errors.Is(err, store.ErrAlready):
		return err
	}
	a.redirect(shiftPath(v.ID))
	return nil
}
