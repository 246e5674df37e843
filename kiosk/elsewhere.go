package kiosk

import (
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// reckoning is how the lines of an account come to what its person has. The lines
// know what was earned anywhere and what happened here; what happened at other kiosks
// only the sums show.
type reckoning struct {
	Earned ledger.Points // by all lines that say so
	Used   ledger.Points // here: redeemed, less what was given back
	Lapsed ledger.Points // expired here
	All    ledger.Points // what there is now, wherever it is
}

// Elsewhere is what the lines leave open: used at other kiosks, or expired there. It
// is below zero when lines of what was earned are missing, older or very new ones.
func (r reckoning) Elsewhere() ledger.Points { return r.Earned - r.Used - r.Lapsed - r.All }

// Gap is the same without its sign.
func (r reckoning) Gap() ledger.Points { return max(r.Elsewhere(), -r.Elsewhere()) }

// reckon adds up all lines of a volunteer. It answers false when that has no meaning:
// all lines are here, or nobody has said what there is elsewhere.
func (s *Server) reckon(person ledger.ID, f funds) (r reckoning, ok bool, err error) {
	if f.Link == linkNone || !f.Told {
		return r, false, nil
	}
	r.All = f.All()
	for skip, total := 0, 1; skip < total; {
		var lines []store.Line
		if lines, total, err = s.cfg.Store.Lines(person, skip, linesBatch); err != nil {
			return r, false, err
		}
		if len(lines) == 0 {
			break
		}
		skip += len(lines)
		for _, l := range lines {
			r.add(l)
		}
	}
	return r, true, nil
}

func (r *reckoning) add(l store.Line) {
	switch {
	case l.Kind == store.LineEarned:
		r.Earned += l.Points
	case l.Kind != store.LineReturned:
		r.Used -= l.Points
	case l.Expired:
		r.Lapsed -= l.Points
	}
}

// elsewhere explains what was used at other kiosks, by the sum that shows it.
func (s *Server) elsewhere(a *ask) error {
	f, _, err := s.funds(a)
	if err != nil {
		return err
	}
	r, ok, err := s.reckon(a.visit.person, f)
	if err != nil {
		return err
	}
	if !ok || r.Elsewhere() == 0 {
		return store.ErrUnknown
	}
	return s.show(a, page{word: "elsewhere", back: "/points", data: struct {
		reckoning
		Here, Other ledger.Points
	}{r, f.Here, f.Beyond + f.Apart()}})
}
