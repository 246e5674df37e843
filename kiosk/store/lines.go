package store

import (
	"errors"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Lines returns the history of a volunteer's points, the newest first, skipping
// some, and how many lines there are in all. What was earned comes from the
// documents and has a date only; what happened here comes from entries, whose
// own order stands whatever the clock said.
func (s *Store) Lines(id ledger.ID, skip, limit int) (lines []Line, total int, err error) {
	var inner error
	err = s.view(func(t *tx) {
		if inner = t.mayMove(id); inner != nil {
			return
		}
		var v civic.Volunteer
		t.document(bVolunteer, id[:], &v)
		all := mergeLines(s.happened(t, id), earnings(v))
		total = len(all)
		for _, line := range all[min(max(skip, 0), total):min(max(skip, 0)+min(limit, maxPage), total)] {
			if line.Redemption != nil {
				*line.Redemption = t.full(line.Redemption.Seq)
			}
			lines = append(lines, line)
		}
	})
	return lines, total, errors.Join(err, inner)
}

// happened returns the lines of entries, the newest first. Of a redemption it
// knows the number only, which is enough until the line is shown.
func (s *Store) happened(t *tx, id ledger.ID) (lines []Line) {
	for seq, kind := range t.down(bHistory, id[:], 0) {
		_, e, _ := t.entry(seq)
		line := Line{Seq: seq, WallMS: e.WallMS, Day: s.day(e.WallMS)}
		number := seq
		switch b := e.Body.(type) {
		case ledger.Reserve:
			line.Kind, line.Parts = LineRedeemed, b.Parts
		case ledger.Cancel:
			line.Kind, number = LineCanceled, b.Redemption
		case ledger.Refund:
			line.Kind, number = LineRefunded, b.Redemption
		case ledger.Return:
			line.Kind, line.Parts, line.Expired = LineReturned, b.Parts, b.Expired
		}
		if !isKind(kind, ledger.KindReturn) {
			r, _, _, _ := t.redemption(number)
			line.Parts, line.Redemption = r.Parts, &Redemption{Redemption: r}
		}
		line.Points = ledger.Sum(line.Parts)
		if line.Kind == LineRedeemed || line.Kind == LineReturned {
			line.Points = -line.Points
		}
		lines = append(lines, line)
	}
	return lines
}

func (s *Store) day(wallMS int64) ledger.Day {
	return ledger.DayOf(time.UnixMilli(wallMS).In(s.cfg.Zone))
}

// earnings returns the lines of the documents, the newest first.
func earnings(v civic.Volunteer) (lines []Line) {
	for i := len(v.Earned) - 1; i >= 0; i-- {
		e := v.Earned[i]
		lines = append(lines, Line{Kind: LineEarned, Day: e.On, Points: e.Points, Earning: &e,
			Parts: []ledger.Part{{Expires: e.Expires, Points: e.Points}}})
	}
	return lines
}

// mergeLines merges two lists by date without changing the order of either. On
// the same date what happened here comes first.
func mergeLines(happened, earned []Line) []Line {
	all := make([]Line, 0, len(happened)+len(earned))
	for len(happened) > 0 && len(earned) > 0 {
		if happened[0].Day >= earned[0].Day {
			all, happened = append(all, happened[0]), happened[1:]
		} else {
			all, earned = append(all, earned[0]), earned[1:]
		}
	}
	return append(append(all, happened...), earned...)
}
