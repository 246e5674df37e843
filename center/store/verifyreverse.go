package store

import "yizhan/ledger"

const (
	selectAllReversals = `SELECT id, expires, asked, taken, state, body, made_ms, ended_ms, heir FROM reversal WHERE volunteer = $1 AND made_ms >= $2 ORDER BY made_ms, id`
	selectTakenBack    = `SELECT id, points FROM earning WHERE volunteer = $1 AND points < 0`
)

// reversed is what a volunteer's reversals say, and the earnings below 0 that they
// have booked.
type reversed struct {
	list  []Reversal
	taken map[string]ledger.Points

	joined map[string]bool // reversals that wait for what another record of the person still has
}

func (t *txn) reversed() (r reversed, err error) {
	if r.list, err = t.reversals(selectAllReversals, 0); err != nil {
		return r, err
	}
	r.taken, r.joined = make(map[string]ledger.Points), make(map[string]bool)
	for _, x := range r.list {
		if x.State != ReversalWanted {
			continue
		}
		if r.joined[x.ID], err = t.joinedIn(x); err != nil {
			return r, err
		}
	}
	err = t.each(selectTakenBack, nil, func(rows scanner) error {
		var id string
		var points ledger.Points
		err := rows.Scan(&id, &points)
		r.taken[id] = -points
		return err
	})
	return r, err
}

// verify holds that as much was booked as was taken and no more than was asked for,
// and that nothing of a lot is free while some of it is wanted and can still come.
func (r reversed) verify(where string, a Account, report *Report) {
	out := make(map[ledger.Day]ledger.Points)
	for _, right := range a.Rights {
		out[right.Expires] += max(0, right.Spendable()+right.Held-right.Lost)
	}
	lots := make(map[ledger.Day]Lot)
	for _, l := range a.Lots {
		lots[l.Expires] = l
	}
	for _, x := range r.list {
		report.Wanted, report.Gone = report.Wanted+x.Wanted(), report.Gone+x.Gone()
		if x.Taken < 0 || x.Taken > x.Asked || x.Asked != -x.Earning.Points || x.Taken != r.taken[x.ID] {
			report.find(where, "reversal %s: %d taken of %d, %d booked, %d by its text", x.ID, x.Taken, x.Asked, r.taken[x.ID], -x.Earning.Points)
		}
		lot := lots[x.Earning.Expires]
		switch {
		case x.State != ReversalWanted && x.State != ReversalDone && x.State != ReversalOff || (x.State != ReversalWanted) == x.Ended.IsZero():
			report.find(where, "reversal %s is %q", x.ID, x.State)
		case x.State == ReversalWanted && (x.Taken == x.Asked || lot.Free > 0 || out[lot.Expires] == 0 && !r.joined[x.ID]):
			report.find(where, "reversal %s wants %d of %d, lot %v has %d free and %d at kiosks", x.ID, x.Asked-x.Taken, x.Asked, lot.Expires, lot.Free, out[lot.Expires])
		}
		delete(r.taken, x.ID)
	}
	for id, points := range r.taken {
		report.find(where, "earning %s takes %d back, and no reversal does", id, points)
	}
}
