package kiosk

import (
	"errors"
	"slices"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

func attendancePath(shift ledger.ID) string { return hoursPage + "/" + shift.String() }

// attendancePage is one record of service and why it says what it says.
type attendancePage struct {
	serviceRow
	ID     ledger.ID
	Place  string
	In     string
	Out    string
	InBy   string // how: card, phone, account, staff, walkin
	OutBy  string
	Plan   string // time at which the shift ends
	Clock  bool   // a check was made by a clock that nobody vouched for
	Word   string // there, absent; "": no leader has said anything
	Leader string // masked name of whoever said it
	Object *objectionRow
	May    bool // object
}

// objectionRow is what somebody objected to, in words.
type objectionRow struct {
	Reason  string
	Minutes int64
	When    string
	Settled bool // the center has changed the record since, or confirmed it
}

// attendance explains one record: when and how one came and went, what the leader said,
// what the center made of it, and what the person has said against it.
func (s *Server) attendance(a *ask) error {
	id, err := ledger.ParseID(a.PathValue("shift"))
	if err != nil {
		return store.ErrUnknown
	}
	at, err := s.cfg.Store.Attendance(id, a.visit.person)
	if err != nil {
		return err
	}
	objections, err := s.cfg.Store.Objections(a.visit.person, maxServed)
	if err != nil {
		return err
	}
	v, err := s.cfg.Store.Shift(id)
	if err != nil && !errors.Is(err, store.ErrUnknown) {
		return err
	}
	i := slices.IndexFunc(objections, func(o store.Objection) bool { return o.Shift == id })
	if at.Arrived() == 0 && at.Left() == 0 && at.Word.Seq == 0 && at.Told == nil && i < 0 {
		return store.ErrUnknown
	}
	p := attendancePage{serviceRow: s.servedAt(a, at, objections), ID: id, Place: placeOfShift(s.lang(a), v), In: s.clockText(at.Arrived()), Out: s.clockText(at.Left()),
		InBy: checkedBy(at.In, at.Told), OutBy: checkedBy(at.Out, at.Told), Clock: at.In.Unproven() || at.Out.Unproven(), May: i < 0}
	if v.End != 0 {
		p.Plan = s.clockText(v.End * 1000)
	}
	switch at.Word.Verdict {
	case ledger.VerdictThere:
		p.Word = "there"
	case ledger.VerdictAbsent:
		p.Word = "absent"
	}
	p.Leader = s.leaderName(at.Word.Operator)
	if i >= 0 {
		p.Object = s.objectionRow(a, objections[i])
	}
	return s.show(a, page{word: "attendance", back: hoursPage, data: p})
}

func (s *Server) objectionRow(a *ask, o store.Objection) *objectionRow {
	return &objectionRow{Reason: reasonWord(o.Reason), Minutes: o.Minutes, When: s.whenText(s.texts[s.lang(a)], o.WallMS)}
}

// checkedBy says how a check was made, as a word; "": there was none.
func checkedBy(seen store.Seen, told *civic.Attended) string {
	switch {
	case seen.Seq == 0 && told != nil:
		return "phone" // or at another kiosk: the center heard of it first
	case seen.Seq == 0:
		return ""
	}
	return map[ledger.CheckBy]string{ledger.CheckCard: "card", ledger.CheckPhone: "phone", ledger.CheckAccount: "account", ledger.CheckStaff: "staff", ledger.CheckWalkIn: "walkin"}[seen.By]
}

// leaderName is the masked name of whoever went through a roster: staff, or a volunteer
// who leads the activity.
func (s *Server) leaderName(id ledger.ID) string {
	if p, err := s.cfg.Store.Staff(id); err == nil {
		return civic.MaskName(p.Name)
	}
	if v, err := s.cfg.Store.Volunteer(id); err == nil {
		return civic.MaskName(v.Name)
	}
	return ""
}
