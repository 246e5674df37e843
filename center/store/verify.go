package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	scatterVolunteers = `SELECT volunteer FROM (SELECT volunteer FROM lot UNION SELECT volunteer FROM rights UNION SELECT volunteer FROM earning) v
		WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`
	scatterChains  = `SELECT kiosk, epoch FROM chain WHERE kiosk > $1 OR kiosk = $1 AND epoch > $2 ORDER BY kiosk, epoch LIMIT $3`
	bookedEarnings = `SELECT id, expires, points, body FROM earning WHERE volunteer = $1 ORDER BY id`
)

// Finding is one place where the book contradicts itself.
type Finding struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// Report is the proof of the book, or what speaks against it.
type Report struct {
	Volunteers int64 `json:"volunteers"`
	Chains     int64 `json:"chains"`
	Entries    int64 `json:"entries"`
	Acts       int64 `json:"acts"`
	// Attendances at shifts, those of people without a name among them.
	Attendances int64 `json:"attendances"`
	// Points of all volunteers: Earned + Missing = Expired + Free + Out, Out being
	// granted but not returned nor lost. Missing is more than 0 only in a book from
	// an old copy.
	Earned   ledger.Points `json:"earned"`
	Missing  ledger.Points `json:"missing"`
	Expired  ledger.Points `json:"expired"`
	Free     ledger.Points `json:"free"`
	Out      ledger.Points `json:"out"`
	Lost     ledger.Points `json:"lost"`
	Wanted   ledger.Points `json:"wanted"` // of Out, what reversals still want
	Gone     ledger.Points `json:"gone"`   // what reversals could not take, because it was spent or had expired
	Findings []Finding     `json:"findings"`
	More     int           `json:"more"` // findings beyond the first ones
}

// OK tells whether nothing speaks against the book.
func (r *Report) OK() bool { return len(r.Findings) == 0 }

func (r *Report) find(where, format string, args ...any) {
	if len(r.Findings) == maxFindings {
		r.More++
		return
	}
	r.Findings = append(r.Findings, Finding{where, fmt.Sprintf(format, args...)})
}

// survive makes a finding of what cannot be read at a place, so that the proof goes on
// with the others.
func (r *Report) survive(where string, err error) error {
	if !errors.Is(err, errContradiction) {
		return err
	}
	r.find(where, "%v", err)
	return nil
}

// Verify proves the whole book: that every lot adds up and nothing is negative, that
// reversals took what they say,
// that chains have no gap and their hashes and signatures are right, and that the
// rights, redemptions, shelves, days and months are what a fresh fold of the entries
// comes to, and the days of towns what their earnings do; that attendances came to what
// the rules make of them; that acts are chains, and reports, rules, settlement sheets,
// hours and certificates what the acts tell of them.
// It changes nothing, and others may write meanwhile.
func (s *Store) Verify(ctx context.Context) (*Report, error) {
	report := &Report{Findings: []Finding{}}
	for after := ""; ; {
		var volunteers []string
		err := s.scatter(ctx, "reading the volunteers", scatterVolunteers, []any{after, int64(sweepBatch)}, func() { volunteers = nil }, func(rows scanner) error {
			var v string
			err := rows.Scan(&v)
			volunteers = append(volunteers, v)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(volunteers) == 0 {
			break
		}
		for _, v := range volunteers {
			if err := report.survive("volunteer "+v, s.verifyVolunteer(ctx, v, report)); err != nil {
				return nil, err
			}
		}
		after = volunteers[len(volunteers)-1]
	}
	for after := (ledger.Head{}); ; {
		var chains []ledger.Head
		args := []any{after.Kiosk, int64(after.Epoch), int64(sweepBatch)}
		err := s.scatter(ctx, "reading the chains", scatterChains, args, func() { chains = nil }, func(rows scanner) error {
			var h ledger.Head
			err := rows.Scan(&h.Kiosk, &h.Epoch)
			chains = append(chains, h)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(chains) == 0 {
			return report, errors.Join(s.verifyActs(ctx, report), s.verifyTowns(ctx, report), s.verifyAttendances(ctx, report), s.verifyHonours(ctx, report))
		}
		for _, c := range chains {
			if err := report.survive(fmt.Sprintf("%s epoch %d", c.Kiosk, c.Epoch), s.verifyChain(ctx, c.Kiosk, c.Epoch, report)); err != nil {
				return nil, err
			}
		}
		after = chains[len(chains)-1]
	}
}

// verifyVolunteer holds that every lot adds up.
func (s *Store) verifyVolunteer(ctx context.Context, volunteer string, report *Report) error {
	var a Account
	var known bool
	var back reversed
	var strange []string
	earned := make(map[ledger.Day]ledger.Points)
	err := s.read(ctx, "reading an account", volunteer, func(t *txn) (err error) {
		clear(earned)
		if _, known, err = t.person(); err != nil {
			return err
		}
		if a, err = t.account(); err != nil {
			return err
		}
		if back, err = t.reversed(); err != nil {
			return err
		}
		strange, err = t.earned(earned)
		return err
	})
	if err != nil {
		return err
	}
	report.Volunteers++
	where := "volunteer " + volunteer
	back.verify(where, a, report)
	for _, id := range strange {
		report.find(where, "earning %s is booked with other points than it says", id)
	}
	if !known {
		report.find(where, "has points and is not registered")
	}
	out := make(map[ledger.Day]ledger.Points)
	for _, r := range a.Rights {
		out[r.Expires] += r.Granted - r.Returned - r.Lost
		report.Out += r.Granted - r.Returned - r.Lost
		report.Lost += r.Lost
		if r.Lost < 0 || r.Lost > r.Granted-r.Returned {
			report.find(where, "lot %v at %s epoch %d: %d lost of %d granted and %d returned", r.Expires, r.Kiosk, r.Epoch, r.Lost, r.Granted, r.Returned)
		}
		if err := (ledger.Account{Rights: []ledger.Right{r.Right}}).Check(); err != nil {
			report.find(where, "at %s epoch %d: %v", r.Kiosk, r.Epoch, err)
		}
	}
	for _, l := range a.Lots {
		report.Earned, report.Expired, report.Free = report.Earned+l.Earned, report.Expired+l.Expired, report.Free+l.Free
		report.Missing += l.Missing
		if l.Earned < 0 || l.Expired < 0 || l.Free < 0 || l.Missing < 0 || l.Missing > 0 && l.Free > 0 {
			report.find(where, "lot %v: %d earned, %d missing, %d expired, %d free", l.Expires, l.Earned, l.Missing, l.Expired, l.Free)
		}
		if l.Earned+l.Missing != l.Expired+l.Free+out[l.Expires] {
			report.find(where, "lot %v: %d earned, but %d expired + %d free + %d at kiosks - %d missing", l.Expires, l.Earned, l.Expired, l.Free, out[l.Expires], l.Missing)
		}
		if l.Earned != earned[l.Expires] {
			report.find(where, "lot %v: %d earned, but the earnings add up to %d", l.Expires, l.Earned, earned[l.Expires])
		}
		delete(out, l.Expires)
		delete(earned, l.Expires)
	}
	for expires := range out {
		report.find(where, "lot %v was granted and is not there", expires)
	}
	for expires := range earned {
		report.find(where, "lot %v was earned and is not there", expires)
	}
	return s.verifyPassed(ctx, volunteer, back.list, report)
}

// earned adds up the earnings of each lot, and names those whose points or date of
// expiry are not what they say themselves.
func (t *txn) earned(sums map[ledger.Day]ledger.Points) (strange []string, err error) {
	err = t.each(bookedEarnings, nil, func(rows scanner) error {
		var id string
		var expires ledger.Day
		var points ledger.Points
		var body []byte
		if err := rows.Scan(&id, &expires, &points, &body); err != nil {
			return err
		}
		sums[expires] += points
		var e civic.Earning
		if json.Unmarshal(body, &e) != nil || e.Points != points || e.Expires != expires {
			strange = append(strange, id)
		}
		return nil
	})
	return strange, err
}
