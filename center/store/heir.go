package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// A reversal with an heir passes what it takes on to another record.
const (
	setHeir        = `UPDATE reversal SET heir = $3 WHERE volunteer = $1 AND id = $2`
	selectEarnings = `SELECT id, body, made_ms FROM earning WHERE volunteer = $1 ORDER BY made_ms DESC, id LIMIT $2`
	selectBooked   = `SELECT id, expires, points, body FROM earning WHERE volunteer = $1 AND points > 0 ORDER BY expires, made_ms DESC, id`
)

// booked is an earning above 0 as it stands in the book.
type booked struct {
	id   string
	e    civic.Earning
	left ledger.Points // that no reversal has taken or wants
	from string        // the record that it was passed on from first, also when it went on to another one and came back
}

// pass reverses what is still to be had of the earnings that are to go to an heir, the
// latest first, because spending begins with the earliest.
func (t *txn) pass(heir string, which func(booked) bool, today ledger.Day, now int64) error {
	list, err := t.booked()
	if err != nil {
		return err
	}
	room := make(map[ledger.Day]ledger.Points)
	for _, b := range list {
		day := b.e.Expires
		if _, known := room[day]; !known && day >= today {
			if room[day], err = t.tangible(day); err != nil {
				return err
			}
		}
		points := min(b.left, room[day])
		if points <= 0 || !which(b) {
			continue
		}
		room[day] -= points
		id := keyOf("pass", b.id, b.left, heir, now)
		e := civic.Earning{On: today, Expires: day, What: b.e.What, Points: -points, Of: b.id}
		body, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("writing a reversal: %w", err)
		}
		if err := t.change(insertReversal, id, int64(day), int64(points), body, now); err != nil {
			return err
		}
		if err := t.change(setHeir, id, heir); err != nil {
			return err
		}
	}
	for day := range room {
		if err := t.recover(day, now); err != nil {
			return err
		}
	}
	return nil
}

// Booked is an earning as the account explains it.
type Booked struct {
	ID      string
	Earning civic.Earning
	Made    time.Time
}

// Earnings lists those of a volunteer, the latest booked first; those below 0 are what
// reversals took.
func (s *Store) Earnings(ctx context.Context, volunteer ledger.ID, limit int) (list []Booked, err error) {
	err = s.read(ctx, "reading earnings", volunteer.String(), func(t *txn) error {
		list = nil
		return t.each(selectEarnings, []any{int64(limit)}, func(rows scanner) error {
			var b Booked
			var body []byte
			if err := rows.Scan(&b.ID, &body, (*millis)(&b.Made)); err != nil {
				return err
			}
			if err := json.Unmarshal(body, &b.Earning); err != nil {
				return bug("an earning that cannot be read: %v", err)
			}
			list = append(list, b)
			return nil
		})
	})
	return list, err
}

// booked lists the earnings, with what of each no reversal has claimed.
func (t *txn) booked() (list []booked, err error) {
	back, err := t.reversals(selectAllReversals, 0)
	if err != nil {
		return nil, err
	}
	claimed := make(map[string]ledger.Points)
	for _, r := range back {
		claimed[r.Earning.Of] += r.Taken + r.Wanted()
	}
	byID := make(map[string]civic.Earning)
	defer func() {
		for i := range list {
			e := list[i].e
			for home := e.Home(fmt.Sprint(t.shard)); home != ""; home = e.Home(fmt.Sprint(t.shard)) {
				e = byID[home]
			}
			list[i].from = e.From()
		}
	}()
	err = t.each(selectBooked, nil, func(rows scanner) error {
		var b booked
		var expires int64
		var points ledger.Points
		var body []byte
		if err := rows.Scan(&b.id, &expires, &points, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, &b.e); err != nil {
			return bug("an earning that cannot be read: %v", err)
		}
		b.left, byID[b.id] = points-claimed[b.id], b.e
		list = append(list, b)
		return nil
	})
	return list, err
}

// tangible is what of a lot may still be taken: what is free and what kiosks hold, less
// what reversals want already.
func (t *txn) tangible(day ledger.Day) (ledger.Points, error) {
	out, err := t.outstanding(day)
	if err != nil {
		return 0, err
	}
	var free ledger.Points
	if _, err := t.one(selectLotFree, []any{int64(day)}, &free); err != nil {
		return 0, err
	}
	open, err := t.wanted(day)
	for _, r := range open {
		out -= r.Wanted()
	}
	return max(0, out+free), err
}

// bequeath posts what a reversal has taken for its heir, if it has one.
func (t *txn) bequeath(r Reversal, points ledger.Points, now int64) error {
	if r.Heir == "" {
		return nil
	}
	return t.post(fmt.Sprintf("heir-%s-%d", r.ID, r.Taken), outboxHeir, r.Heir, 0, points, now)
}

// legacy reads what an outbox row brings to an heir: the earning that it comes from,
// as that was, and on the day of the reversal.
func (t *txn) legacy(row outboxRow) (e civic.Earning, err error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(row.id, "heir-"), "-")
	r, found, err := t.reversal(id)
	if err == nil && !found {
		err = bug("what reversal %q took is passed on", id)
	}
	e = civic.Earning{On: r.Earning.On, Expires: r.Earning.Expires, What: r.Earning.What, Points: row.points, Of: fmt.Sprint(t.shard) + "/" + r.Earning.Of}
	var body []byte
	if err != nil {
		return e, err
	}
	if _, err := t.one(selectEarning, []any{r.Earning.Of}, &body); err != nil || len(body) == 0 {
		return e, err
	}
	var of civic.Earning
	if err := json.Unmarshal(body, &of); err != nil {
		return e, bug("an earning that cannot be read: %v", err)
	}
	if came, _, _ := strings.Cut(of.Of, "<"); of.From() == r.Heir { // it goes home
		e.Of += "<" + came
	}
	return e, nil
}

// takeHeir books what was passed on, once.
func (t *txn) takeHeir(p parcel) error {
	body, err := json.Marshal(p.legacy)
	if err != nil {
		return fmt.Errorf("writing an earning: %w", err)
	}
	known, found, err := t.person()
	if err != nil || !found {
		return err
	}
	key := keyOf("heir", p.volunteer.String(), p.id)
	return t.earn(key, known.Town, p.legacy, body, p.made, func() error {
		return t.post("got-"+key, outboxPerson, known.Town, 0, 0, p.made)
	})
}

// passToHeirs brings what the reversals of a record have taken to whom it is for.
func (s *Store) passToHeirs(ctx context.Context, volunteer ledger.ID) error {
	list, err := s.Reversals(ctx, volunteer)
	if err != nil {
		return err
	}
	done := map[string]bool{"": true}
	for _, r := range list {
		if done[r.Heir] {
			continue
		}
		done[r.Heir] = true
		heir, err := ledger.ParseID(r.Heir)
		if err != nil {
			return bug("an heir %q", r.Heir)
		}
		if err := s.passOn(ctx, volunteer, heir); err != nil {
			return err
		}
	}
	return nil
}

// passAll has what came to a merged record since passed on.
func (s *Store) passAll(ctx context.Context) error {
	list, err := s.volunteers(ctx, "looking for what merged records got", scatterPassable, "", int64(s.today()))
	if err != nil {
		return err
	}
	for _, volunteer := range list {
		var into ledger.ID
		err := s.write(ctx, "passing on", volunteer.String(), func(t *txn) error {
			m, err := t.merged()
			if err != nil || !m.Is() {
				return err
			}
			into = m.Into
			return t.pass(m.Into.String(), func(booked) bool { return true }, s.today(), s.now())
		})
		if err != nil || into.IsZero() {
			return err
		}
		if err := s.passOn(ctx, volunteer, into); err != nil {
			return err
		}
	}
	return nil
}
