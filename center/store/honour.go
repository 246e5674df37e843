package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	insertHonour = `INSERT INTO honour (volunteer, id, day, first_minute, last_minute, what, who, second, made_ms, counted, most, origin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	knownHonour  = `SELECT day FROM honour WHERE volunteer = $1 AND id = $2`
	sumHonour    = `SELECT CAST(COALESCE(SUM(CASE WHEN counted < 0 THEN last_minute - first_minute ELSE counted END), 0) AS BIGINT) FROM honour WHERE volunteer = $1 AND heir = ''`
	selectHonour = `SELECT id, day, first_minute, last_minute, what, who, second, made_ms, CASE WHEN counted < 0 THEN 0 ELSE last_minute - first_minute - counted END FROM honour WHERE volunteer = $1 AND heir = '' ORDER BY day DESC, first_minute DESC LIMIT $2`
	// Those of an officer's area are picked out by who reads.
	scatterHonour = `SELECT volunteer, id, day, first_minute, last_minute, what, who, second, made_ms, CASE WHEN counted < 0 THEN 0 ELSE last_minute - first_minute - counted END FROM honour
		WHERE heir = '' AND (made_ms, volunteer, id) < ($1, $2, $3) ORDER BY made_ms DESC, volunteer DESC, id DESC LIMIT $4`
)

// Honour is hours that were entered afterwards by two officers: a record of
// service, which earns no points. Times are minutes of the day, whose midnight they
// do not cross.
type Honour struct {
	Volunteer   ledger.ID
	ID          string
	Day         ledger.Day
	First, Last int64
	What        string
	Who, Second string
	Made        time.Time
	// Minutes that do not count: they were credited, because somebody checked in and out at
	// that time after all, or entered twice before two records became one.
	Twice int64
}

// Minutes is how long it was.
func (h Honour) Minutes() int64 { return h.Last - h.First }

// act is what the act of confirming tells. It is written for good: verify holds the row
// against it.
func (h Honour) act() map[string]any {
	return map[string]any{"day": h.Day.String(), "first": h.First, "minutes": h.Minutes(), "what": h.What, "asked": h.Who}
}

// Counted is how many of the minutes count.
func (h Honour) Counted() int64 { return h.Minutes() - h.Twice }

// Check holds the rules that one entry has by itself: it lies within a day, is no
// longer than the most minutes that one may serve on it, and is not in the future.
func (h Honour) Check(today ledger.Day, most int64) error {
	if h.First < 0 || h.Last > 24*60 || h.Minutes() < 1 || h.Minutes() > most || h.Day > today || h.Day < today-MaxHonourDays || h.What == "" || !line(h.What, MaxAskedRunes) {
		return fmt.Errorf("%w: hours of %v from minute %d to %d", ErrInput, h.Day, h.First, h.Last)
	}
	return nil
}

// Mark is where a list goes on behind the entry.
func (h Honour) Mark() AskedMark { return AskedMark{h.Made, h.Volunteer.String(), h.ID} }

// PutHonour books hours, leaves an act with the volunteer, and has the kiosks of the
// volunteer's town know the sum. Booking the same
// again changes nothing. It answers ErrQuota when the day would have more than the
// most minutes, credited ones among them, or other hours overlap: what somebody checked
// in to is not entered once more. ErrState: the record was merged into another one.
func (s *Store) PutHonour(ctx context.Context, h Honour, most int64) error {
	if err := h.Check(s.today(), most); err != nil {
		return err
	}
	id, err := s.randomID()
	if err != nil {
		return err
	}
	err = s.write(ctx, "booking hours", h.Volunteer.String(), func(t *txn) error {
		var day int64
		if known, err := t.one(knownHonour, []any{h.ID}, &day); err != nil || known {
			return err
		}
		person, found, err := t.person()
		if err != nil || !found {
			return orUnknown(err, h.Volunteer)
		}
		if into, err := t.mergedInto(); err != nil || !into.IsZero() {
			return cmp.Or(err, fmt.Errorf("%w: the record is merged", ErrState))
		}
		if err := t.fits(h, most, s.cfg.Zone); err != nil {
			return err
		}
		if err := t.actIn(personTrace, s.now(), h.Second, "person.honour", nil, h.act()); err != nil {
			return err
		}
		if err := t.change(insertHonour, h.ID, int64(h.Day), h.First, h.Last, h.What, h.Who, h.Second, s.now(), h.Minutes(), most, ""); err != nil || person.Town == "" {
			return err
		}
		if err := t.change(raisePerson); err != nil {
			return err
		}
		return t.post(id, outboxPerson, person.Town, 0, 0, s.now())
	})
	if err != nil {
		return err
	}
	return s.deliver(ctx, h.Volunteer)
}

// Fits tells whether hours could be booked beside those that are: see PutHonour.
func (s *Store) Fits(ctx context.Context, h Honour, most int64) error {
	return s.read(ctx, "looking at a day's hours", h.Volunteer.String(), func(t *txn) error { return t.fits(h, most, s.cfg.Zone) })
}

// fits holds that no hours overlap, and that they are not too many together.
func (t *txn) fits(h Honour, most int64, zone *time.Location) error {
	whole, span := h.Minutes(), h.span(zone)
	holds := func(x civic.Span, minutes int64) error {
		whole += minutes
		if x.Within(span).Seconds() > 0 || whole > most {
			return fmt.Errorf("%w: %v has hours from second %d to %d already", ErrQuota, h.Day, x.From, x.To)
		}
		return nil
	}
	credited, err := t.creditedOn(h.Day)
	if err != nil {
		return err
	}
	for _, c := range credited {
		if err := holds(c.Span, c.Minutes); err != nil {
			return err
		}
	}
	list, err := t.honoursOn(h.Day)
	if err != nil {
		return err
	}
	for _, x := range list {
		if err := holds(x.span(zone), x.Counted()); err != nil {
			return err
		}
	}
	return nil
}

func orUnknown(err error, volunteer ledger.ID) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: volunteer %v", ErrUnknown, volunteer)
}

// HonoursOf returns the latest hours of a volunteer, and the minutes of all.
func (s *Store) HonoursOf(ctx context.Context, volunteer ledger.ID, limit int) (list []Honour, minutes int64, err error) {
	err = s.read(ctx, "reading hours", volunteer.String(), func(t *txn) error {
		list = nil
		if _, err := t.one(sumHonour, nil, &minutes); err != nil {
			return err
		}
		return t.each(selectHonour, []any{int64(limit)}, func(rows scanner) error {
			h := Honour{Volunteer: volunteer}
			err := rows.Scan(h.columns()...)
			list = append(list, h)
			return err
		})
	})
	return list, minutes, err
}

// Honours returns hours of everybody that were booked behind a mark, the latest
// first.
func (s *Store) Honours(ctx context.Context, behind AskedMark, limit int) (list []Honour, err error) {
	err = s.scatter(ctx, "reading hours", scatterHonour, behind.before(limit), func() { list = nil }, func(rows scanner) error {
		var h Honour
		var volunteer string
		if err := rows.Scan(append([]any{&volunteer}, h.columns()...)...); err != nil {
			return err
		}
		h.Volunteer, err = ledger.ParseID(volunteer)
		list = append(list, h)
		return err
	})
	return list, err
}

func (h *Honour) columns() []any {
	return []any{&h.ID, &h.Day, &h.First, &h.Last, &h.What, &h.Who, &h.Second, (*millis)(&h.Made), &h.Twice}
}
