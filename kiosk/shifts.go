package kiosk

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

const shiftsPage = "/shifts"

// Shifts on one page, posts of one of them: on a standing screen, on a lying one, and
// there in large print.
const (
	shiftsTall, shiftsWide, shiftsLarge = 4, 3, 2
	postsTall, postsWide, postsLarge    = 4, 2, 2
)

// The lists of shifts: what is to come, what one has claimed of that, and what was, for
// somebody who was there and finds no record.
const (
	shiftsComing = ""
	shiftsMine   = "mine"
	shiftsPast   = "past"
)

// shiftRow is one time of an activity in a list.
type shiftRow struct {
	ID    ledger.ID
	Title string
	When  string // 11月28日 周六 14:00–16:00
	Place string
	Team  string
	Free  string // what is free of its posts, in words
	Full  bool
	Claim string // how one's own claim stands, in words; "": there is none
}

// shifts lists times of activities. It is open to everybody: nothing in it is about a
// person, until one has signed in.
func (s *Server) shifts(a *ask) error {
	tab := a.FormValue("tab")
	if tab != shiftsComing && tab != shiftsPast && tab != shiftsMine || tab != shiftsComing && !a.visit.signedIn() {
		tab = shiftsComing
	}
	list, err := s.listed(a, tab)
	if err != nil {
		return err
	}
	from := offset(a, len(list))
	var rows []shiftRow
	for _, v := range list[from:min(len(list), from+shiftsTall)] {
		row, err := s.shiftRow(a, v)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	link := func(from int) string {
		return shiftsPage + "?" + url.Values{"tab": {tab}, "from": {strconv.Itoa(from)}}.Encode()
	}
	back := homeOf(a.visit)
	if tab == shiftsPast {
		back = hoursPage
	}
	return s.show(a, page{word: "shifts", back: back, data: struct {
		Tab        string
		SignedIn   bool
		Rows       []shiftRow
		Total      int
		Tall, Wide pager
	}{tab, a.visit.signedIn(), rows, len(list), newPager(from, len(list), shiftsTall, link), newPager(from, len(list), s.fitting(a, shiftsWide, shiftsLarge), link)}})
}

// listed are the shifts of a tab: those to come with the next one first, those that
// were with the last one first.
func (s *Server) listed(a *ask, tab string) (list []civic.Shift, err error) {
	now := s.wall()
	if tab == shiftsPast {
		list, err = s.cfg.Store.Shifts(now.Add(-lostFor), now)
		slices.Reverse(list)
		return slices.DeleteFunc(list, func(v civic.Shift) bool {
			known, lookErr := s.cfg.Store.Attendance(v.ID, a.visit.person)
			err = cmp.Or(err, lookErr)
			return v.End > now.Unix() || known.Arrived() != 0 || known.Left() != 0 || known.Word.Seq != 0
		}), err
	}
	list, _, err = s.cfg.Store.Upcoming(now, 0, maxShifts)
	if tab == shiftsMine {
		list = slices.DeleteFunc(list, func(v civic.Shift) bool {
			claim, has, lookErr := s.claim(v.ID, a.visit.person)
			err = cmp.Or(err, lookErr)
			return !has && !claim.Asked && claim.Ended == ""
		})
	}
	return list, err
}

// claim is what is known of a person's claim of a shift. Has tells whether there is
// one; a claim that was given up and of which the center does not know yet is no claim,
// but Asked, and one that the center does not keep is none, but Ended.
func (s *Server) claim(shift, person ledger.ID) (c store.Claim, has bool, err error) {
	if person.IsZero() {
		return c, false, nil
	}
	all, err := s.cfg.Store.Claims(shift)
	c, found := all[person]
	return c, found && c.Stands(), err
}

// claimWord says how a claim stands.
func claimWord(c store.Claim, has bool) string {
	switch {
	case has && c.Waits:
		return "waits"
	case has && c.Asked && c.Sent:
		return "sent"
	case has && c.Asked:
		return "asked"
	case has:
		return "mine"
	case c.Ended != "":
		return c.Ended
	case c.Asked:
		return "off"
	}
	return ""
}

func (s *Server) shiftRow(a *ask, v civic.Shift) (shiftRow, error) {
	lang := s.lang(a)
	row := shiftRow{ID: v.ID, Title: titleOf(lang, v), When: s.shiftWhen(a, v), Place: placeOfShift(lang, v), Team: v.Team}
	row.Free, row.Full = s.freeText(a, v)
	var who ledger.ID
	if a.visit.signedIn() {
		who = a.visit.person
	}
	claim, has, err := s.claim(v.ID, who)
	if word := claimWord(claim, has); word != "" {
		row.Claim = s.text(a, "shift.claim_"+word, "n", claim.Line)
	}
	return row, err
}

// freeText says how many are still wanted, by what the center said last.
func (s *Server) freeText(a *ask, v civic.Shift) (text string, full bool) {
	var free int64
	for i, p := range v.Posts {
		left, bounded := freeOf(v, i+1, p)
		if !bounded {
			return s.text(a, "shifts.open"), false
		}
		free += left
	}
	switch {
	case len(v.Posts) == 0:
		return s.text(a, "shifts.open"), false
	case free == 0:
		return s.text(a, "shifts.full"), true
	}
	return s.text(a, "shifts.free", "n", free), false
}

// freeOf is how many a post still wants; not bounded: as many as come.
func freeOf(v civic.Shift, number int, p civic.Post) (left int64, bounded bool) {
	return max(0, p.Wanted-v.Taken(int64(number))), p.Wanted > 0
}

func postName(lang assets.Lang, p civic.Post) string {
	if lang == assets.English {
		return or(p.NameEN, p.Name)
	}
	return p.Name
}

// shiftWhen is the day of a shift, and from when to when it lasts.
func (s *Server) shiftWhen(a *ask, v civic.Shift) string {
	texts := s.texts[s.lang(a)]
	start, end := time.Unix(v.Start, 0).In(s.cfg.Zone), time.Unix(v.End, 0).In(s.cfg.Zone)
	span := start.Format("15:04") + "–" + end.Format("15:04")
	if ledger.DayOf(start) == s.today() {
		return texts.Text("shifts.today", "time", span)
	}
	return texts.Text("shifts.when", "month", monthText(texts.Lang, start), "day", start.Day(), "weekday", texts.Text("weekday."+strconv.Itoa(int(start.Weekday()))), "time", span)
}

// comingThisMonth is how many shifts are still to begin this month.
func (s *Server) comingThisMonth() (int, error) {
	now := s.wall()
	return s.cfg.Store.CountShifts(now.Add(time.Second), time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, s.cfg.Zone))
}

// fitting is how many rows a lying screen has room for, normal or in large print.
func (s *Server) fitting(a *ask, normal, large int) int {
	if a.visit != nil && a.visit.get().large {
		return large
	}
	return normal
}
