package center

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// objectPage asks what is wrong with a record of service.
type objectPage struct {
	ID       string // of the objection, drawn so that sending it twice makes one
	Shift    string // or
	Earning  string
	What     string
	On       time.Time
	Said     int64 // minutes that it says
	Lost     bool  // it says nothing at all
	Pending  bool  // it says nothing yet
	Reasons  []objectReason
	Choices  []int64 // minutes to choose from
	Missing  bool    // no reason was chosen
	Chosen   int64
	Too      bool // too many wait already
	Back     string
	ByPoints bool // of an earning, which is of points
}

// objectReason is one of the reasons, in the order in which they are offered.
type objectReason struct {
	N    int64
	Word string // phone.object.WORD
}

var objectReasons = []objectReason{{int64(ledger.ObjectFewer), "fewer"}, {int64(ledger.ObjectMore), "more"}, {int64(ledger.ObjectAbsent), "absent"},
	{int64(ledger.ObjectPoints), "points"}, {int64(ledger.ObjectOther), "other"}}

// objected reads what a request objects to.
func (p *phones) objected(a *caller) (d objectPage, err error) {
	d.Shift, d.Earning = a.FormValue("shift"), a.FormValue("earning")
	if d.Shift == "" {
		return d, p.objectedEarning(a, &d)
	}
	id, err := ledger.ParseID(d.Shift)
	if err != nil {
		return d, errors.Join(store.ErrUnknown, err)
	}
	shift, err := p.Store.PlannedShift(a.Context(), id)
	if err != nil {
		return d, err
	}
	d.What, d.On, d.Back = shiftTitle(a.ask, shift.Shift), time.Unix(shift.Start, 0), "/my/hours/"+d.Shift
	stands, err := p.Store.AttendanceOf(a.Context(), a.id(), id)
	switch {
	case errors.Is(err, store.ErrUnknown) && p.Now().Unix() >= shift.End:
		if err := p.reaches(a, shift.Scope); err != nil {
			return d, err
		}
		d.Lost, d.Back = true, "/my/missed"
		d.Reasons = []objectReason{{int64(ledger.ObjectLost), "lost"}}
		return d, nil
	case err != nil:
		return d, err
	case stands.State == civic.AttendOpen:
		return d, store.ErrUnknown
	}
	d.Said, d.Pending, d.Reasons = stands.Credit, stands.State == civic.AttendPending, objectReasons
	return d, nil
}

// objectedEarning is objected of a line of points that no shift made.
func (p *phones) objectedEarning(a *caller, d *objectPage) error {
	list, err := p.Store.Earnings(a.Context(), a.id(), accountLines)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(b store.Booked) bool { return b.ID == d.Earning })
	if at < 0 || d.Earning == "" {
		return fmt.Errorf("%w: earning %q", store.ErrUnknown, d.Earning)
	}
	e := list[at].Earning
	d.What, d.On, d.Said, d.Back, d.ByPoints = e.What, e.On.Time(), e.Minutes, "/my/points", true
	d.Reasons = objectReasons
	return nil
}

func (p *phones) object(a *caller) error {
	d, err := p.objected(a)
	if err != nil {
		return err
	}
	var id [8]byte
	if _, err := io.ReadFull(p.Random, id[:]); err != nil {
		return fmt.Errorf("reading randomness: %w", err)
	}
	d.ID = hex.EncodeToString(id[:])
	return p.showObject(a, d, 0)
}

func (p *phones) showObject(a *caller, d objectPage, code int) error {
	for minutes := int64(30); minutes <= mostObjected; minutes += 30 {
		d.Choices = append(d.Choices, minutes)
	}
	return p.show(a, page{word: "object", data: d, code: code})
}

// objectNow takes the objection. Points and minutes stay as they are until somebody has
// looked.
func (p *phones) objectNow(a *caller) error {
	d, err := p.objected(a)
	if err != nil {
		return err
	}
	d.ID = a.typed("id")
	reason, _ := strconv.ParseInt(a.typed("reason"), 10, 8) // 0, no reason, when it is none
	d.Chosen, _ = strconv.ParseInt(cmp.Or(a.typed("minutes"), "0"), 10, 16)
	if !slices.ContainsFunc(d.Reasons, func(r objectReason) bool { return r.N == reason }) {
		d.Missing = true
		return p.showObject(a, d, 422)
	}
	o := store.Objection{Volunteer: a.id(), ID: d.ID, ObjectionText: store.ObjectionText{Reason: ledger.Objection(reason), Minutes: d.Chosen}}
	if d.Shift != "" {
		o.Shift, _ = ledger.ParseID(d.Shift) // objected has read it
	} else {
		o.Earning = d.Earning
	}
	err = p.Store.Object(a.Context(), o)
	if errors.Is(err, store.ErrFull) {
		d.Too = true
		return p.showObject(a, d, 409)
	}
	if err != nil {
		return err
	}
	a.redirect("/my/objections?done=objected")
	return nil
}

// objectionsPage is what somebody has objected to, and the answers.
type objectionsPage struct{ Rows []objectionRow }

type objectionRow struct {
	store.Objection
	Word string // phone.object.WORD
}

func (p *phones) objections(a *caller) error {
	list, err := p.Store.ObjectionsOf(a.Context(), a.id(), phoneObjections)
	if err != nil {
		return err
	}
	d := objectionsPage{}
	for _, o := range list {
		r := objectionRow{o, "lost"}
		if at := slices.IndexFunc(objectReasons, func(x objectReason) bool { return x.N == int64(o.Reason) }); at >= 0 {
			r.Word = objectReasons[at].Word
		}
		d.Rows = append(d.Rows, r)
	}
	return p.show(a, page{word: "objections", data: d})
}

// missedPage is what was lately, of which nothing says that somebody was there.
type missedPage struct{ Rows []nearRow }

func (p *phones) missed(a *caller) error {
	places, err := p.placesNear(a)
	if err != nil {
		return err
	}
	now := p.Now()
	list, err := p.Store.ShiftsOn(a.Context(), places, now.Add(-missedBack), now, missedShifts)
	if err != nil {
		return err
	}
	there, _, err := p.Store.AttendancesOf(a.Context(), a.id(), store.AttendMark{}, missedShifts)
	if err != nil {
		return err
	}
	d := missedPage{}
	for _, s := range slices.Backward(list) {
		was := slices.ContainsFunc(there, func(x store.Attendance) bool { return x.Shift == s.ID })
		if !was && s.Off == nil && s.End <= now.Unix() {
			d.Rows = append(d.Rows, p.row(a, s, nil))
		}
	}
	return p.show(a, page{word: "missed", data: d})
}
