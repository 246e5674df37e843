package store

import (
	"cmp"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// Share is what one record has of an attendance that several records of one person have:
// what was seen of it, what was said, and what was booked for it under that record before
// it was merged. The attendance itself is that of the person: the first checks, one verdict,
// and minutes that count once.
type Share struct {
	Of      ledger.ID     `json:"of,omitzero"` // a record that was merged into this one; zero: this one
	In      Seen          `json:"in,omitzero"`
	Out     Seen          `json:"out,omitzero"`
	Phone   string        `json:"phone,omitempty"`
	Said    *Said         `json:"said,omitempty"`
	Minutes int64         `json:"minutes,omitempty"`
	Points  ledger.Points `json:"points,omitempty"`
	Late    []Late        `json:"late,omitempty"` // what was seen under that record since
}

// Late is what was seen under a record after it was merged. Path leads on from the
// record of the share: empty, it is that one; else one that had been merged into it.
type Late struct {
	Path []ledger.ID `json:"path,omitempty"`
	In   Seen        `json:"in,omitzero"`
	Out  Seen        `json:"out,omitzero"`
}

// verdict is what was said last of an attendance, whether it is carried out or not.
func (a Attendance) verdict() *Said {
	if a.Saying != nil {
		return a.Saying
	}
	return a.Said
}

// outline is an attendance of somebody at the same time of which nothing is known yet.
func (a Attendance) outline(who ledger.ID) Attendance {
	return Attendance{Volunteer: who, Shift: a.Shift, Scope: a.Scope, Day: a.Day, Start: a.Start, End: a.End, State: civic.AttendOpen, Phone: a.Phone,
		AttendText: AttendText{Activity: a.Activity, Title: a.Title, TitleEN: a.TitleEN, Kiosks: a.Kiosks}}
}

// anew is a first one in the place of one that went away with a record: versions go on,
// and so do the lines that were booked.
func (a Attendance) anew(first Attendance) Attendance {
	first.Version, first.read, first.Earning, first.Corrections, first.Parted = a.Version, a.read, a.Earning, a.Corrections, a.Parted
	return first
}

// reopen has an attendance that moved with its record stand again.
func (a *Attendance) reopen() {
	if a.State == AttendMoved && a.Was != "" {
		a.State, a.Was, a.Heir, a.NamedBy = a.Was, "", ledger.ID{}, ""
		a.due = a.Saying != nil
	}
}

// own is the share of the record itself in one in which nobody has joined yet; none when
// there is nothing.
func (a Attendance) own() []Share {
	if len(a.Shares) > 0 || a.In.MS == 0 && a.Out.MS == 0 && a.verdict() == nil {
		return a.Shares
	}
	return []Share{{In: a.In, Out: a.Out, Phone: a.Phone, Said: a.verdict()}}
}

// note keeps with its share what was seen under a record, and tells whether that is new.
// Path leads from this record over others that were merged to the one that an entry names;
// empty, it is this one. An attendance of one record alone has no shares.
func (a *Attendance) note(path []ledger.ID, out bool, seen Seen) bool {
	if seen.MS == 0 || len(path) == 0 && len(a.Shares) == 0 {
		return false
	}
	var of ledger.ID
	if len(path) > 0 {
		of, path = path[0], path[1:]
	}
	shares := slices.Clone(a.own())
	at := slices.IndexFunc(shares, func(s Share) bool { return s.Of == of })
	if at < 0 {
		shares, at = append(shares, Share{Of: of}), len(shares)
	}
	s := &shares[at]
	a.Shares = shares
	if of.IsZero() {
		return see(&s.In, &s.Out, out, seen)
	}
	s.Late = slices.Clone(s.Late)
	late := slices.IndexFunc(s.Late, func(l Late) bool { return slices.Equal(l.Path, path) })
	if late < 0 {
		s.Late, late = append(s.Late, Late{Path: path}), len(s.Late)
	}
	return see(&s.Late[late].In, &s.Late[late].Out, out, seen)
}

// see notes a check; the first of each direction stands.
func see(in, gone *Seen, out bool, seen Seen) bool {
	at := in
	if out {
		at = gone
	}
	if seen.MS == 0 || at.MS != 0 && !seen.before(*at) {
		return false
	}
	*at = seen
	return true
}

// check takes what was seen under a record, and tells whether anything is new with it.
func (a *Attendance) check(path []ledger.ID, out bool, seen Seen) bool {
	if seen.MS == 0 {
		return false
	}
	if a.note(path, out, seen) {
		a.whole()
		return true
	}
	return len(a.Shares) == 0 && a.take(out, seen)
}

// first is the first check that a record has seen of a direction.
func (s Share) first(out bool) Seen {
	in, gone := s.In, s.Out
	for _, l := range s.Late {
		see(&in, &gone, false, l.In)
		see(&in, &gone, true, l.Out)
	}
	if out {
		return gone
	}
	return in
}

// whole has the time of the attendance be all of its shares': of somebody who came and
// left with two cards, from the first check-in to the last check-out, when the two times
// meet. Of times that lie apart the longest counts, and somebody is to look at that.
func (a *Attendance) whole() {
	if len(a.Shares) == 0 {
		return
	}
	a.In, a.Out, a.Phone = Seen{}, Seen{}, ""
	var times [][2]Seen // of those who came and left
	for _, s := range a.Shares {
		in, out := s.first(false), s.first(true)
		if see(&a.In, &a.Out, false, in) {
			a.Phone = s.Phone
		}
		see(&a.In, &a.Out, true, out)
		if in.MS != 0 && out.MS > in.MS && in.Trusted() && out.Trusted() {
			times = append(times, [2]Seen{in, out})
		}
	}
	if len(times) < 2 {
		return
	}
	slices.SortFunc(times, func(x, y [2]Seen) int { return cmp.Compare(x[0].MS, y[0].MS) })
	apart := times[:1]
	for _, t := range times[1:] {
		last := &apart[len(apart)-1]
		switch {
		case t[0].MS > last[1].MS:
			apart = append(apart, t)
		case t[1].MS > last[1].MS:
			last[1] = t[1]
		}
	}
	if len(apart) > 1 {
		a.sign(Sign{Word: SignApart, N: int64(len(apart))})
	}
	longest := slices.MaxFunc(apart, func(x, y [2]Seen) int { return cmp.Compare(x[1].MS-x[0].MS, y[1].MS-y[0].MS) })
	a.In, a.Out = longest[0], longest[1]
}

// join adds what a record that was merged has of the attendance, in place of what it had
// before. The minutes and points that were booked there come along; what they come to
// together is still to be worked out.
func (a *Attendance) join(from Attendance) {
	shares := slices.Clone(a.own())
	said := append(verdicts(shares), a.verdict(), from.verdict())
	at := slices.IndexFunc(shares, func(s Share) bool { return s.Of == from.Volunteer })
	if at < 0 {
		shares, at = append(shares, Share{Of: from.Volunteer}), len(shares)
	}
	s := &shares[at]
	s.In, s.Out, s.Phone = from.In, from.Out, from.Phone
	a.Credit, a.Points = a.Credit+from.Credit-s.Minutes, a.Points+from.Points-s.Points
	s.Said, s.Minutes, s.Points = from.verdict(), from.Credit, from.Points
	if a.State != civic.AttendConfirmed && from.Was == civic.AttendConfirmed {
		a.State, a.Why, a.Said, a.Counted, a.Others = from.Was, "", from.Said, from.Counted, from.Others
		a.Rate, a.Expires, a.Rule, a.Place = from.Rate, from.Expires, from.Rule, from.Place
	}
	a.Shares = shares
	a.whole()
	a.decide(said, from.NamedBy)
	for _, sign := range from.Signs {
		a.sign(sign)
	}
}

// split takes the share of a record out, and what was booked there with it. What is left
// is worked out anew, if anything is.
func (a *Attendance) split(of ledger.ID, by string) {
	at := slices.IndexFunc(a.Shares, func(s Share) bool { return s.Of == of })
	gone := a.Shares[at]
	said, since := a.verdict(), true
	for _, s := range verdicts(a.Shares) {
		since = since && said != nil && s.At < said.At
	}
	a.Credit, a.Points = a.Credit-gone.Minutes, a.Points-gone.Points
	a.Shares = slices.Delete(slices.Clone(a.Shares), at, at+1)
	if since && said != nil { // it was said of both
		gone.Said = said
	}
	a.Parted = append(slices.DeleteFunc(slices.Clone(a.Parted), func(s Share) bool { return s.Of == of }), gone)
	left := verdicts(a.Shares)
	if since && said != nil {
		left = []*Said{said}
	}
	a.whole()
	if len(a.Shares) == 0 {
		a.State, a.Was, a.Heir, a.NamedBy = AttendMoved, "", of, by
		a.In, a.Out, a.Phone, a.Said, a.Saying, a.Counted, a.Others, a.due = Seen{}, Seen{}, "", nil, nil, civic.Span{}, nil, false
		return
	}
	if len(a.Shares) == 1 && a.Shares[0].Of.IsZero() {
		a.Shares = nil
	}
	a.Said, a.Saying = nil, nil
	a.decide(left, by)
}

// decide has the verdict that counts be carried out: that somebody was there, when any of
// the records says so, and of those the last.
func (a *Attendance) decide(said []*Said, by string) {
	var best *Said
	approved := false
	for _, s := range said {
		if s == nil {
			continue
		}
		approved = approved || s.Verdict == ledger.VerdictThere && s.Approved
		there, was := s.Verdict == ledger.VerdictThere, best != nil && best.Verdict == ledger.VerdictThere
		if best == nil || there && !was || there == was && s.At > best.At {
			best = s
		}
	}
	if a.Saying, a.due = nil, false; best == nil {
		return
	}
	one := *best
	one.Approved = approved && one.Verdict == ledger.VerdictThere
	a.Saying, a.due, a.Recount = &one, true, by
}

func verdicts(shares []Share) (list []*Said) {
	for _, s := range shares {
		if s.Said != nil {
			list = append(list, s.Said)
		}
	}
	return list
}

// has tells whether a record has a share in it.
func (a Attendance) has(record string) bool {
	return slices.ContainsFunc(a.Shares, func(s Share) bool { return s.Of.String() == record })
}

// under are the checks that were seen under a record since it was merged, see note; with no
// path those of the attendance's own record.
func (a Attendance) under(path []ledger.ID, out bool) Seen {
	pick := func(in, gone Seen) Seen {
		if out {
			return gone
		}
		return in
	}
	if len(path) == 0 && len(a.Shares) == 0 {
		return pick(a.In, a.Out)
	}
	for _, s := range a.Shares {
		if len(path) == 0 && s.Of.IsZero() {
			return pick(s.In, s.Out)
		}
		for _, l := range s.Late {
			if len(path) > 0 && s.Of == path[0] && slices.Equal(l.Path, path[1:]) {
				return pick(l.In, l.Out)
			}
		}
	}
	return Seen{}
}
