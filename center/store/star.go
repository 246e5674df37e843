package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectStars = `SELECT stars, state, minutes, town, found_ms, last_day, who, why, ended_ms FROM star WHERE volunteer = $1 ORDER BY stars`
	insertStar  = `INSERT INTO star (volunteer, stars, state, minutes, town, found_ms, last_day, who, why, ended_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $9)
		ON CONFLICT (volunteer, stars) DO NOTHING`
	updateStar = `UPDATE star SET state = $3, last_day = $4, who = $5, why = $6, ended_ms = $7, found_ms = $8 WHERE volunteer = $1 AND stars = $2`
	// Each state is a list of its own, read by its index.
	scatterStars = `SELECT volunteer, stars, state, minutes, town, found_ms, last_day, who, why, ended_ms FROM star
		WHERE state = $1 AND (found_ms, volunteer, stars) < ($2, $3, $4) ORDER BY found_ms DESC, volunteer DESC, stars DESC LIMIT $5`
	scatterDueStars = `SELECT volunteer, stars FROM star WHERE state = 'announced' AND last_day < $1 ORDER BY last_day, volunteer, stars LIMIT $2`
	scatterStarsOf  = `SELECT volunteer, stars, state, minutes, town, found_ms, last_day, who, why, ended_ms FROM star WHERE volunteer > $1 AND volunteer <= $2 ORDER BY volunteer, stars`
)

// StarState is where a star stands.
type StarState string

// States of a star. One that was stopped can be announced again.
const (
	StarAnnounced StarState = "announced" // everybody may object
	StarGranted   StarState = "granted"
	StarStopped   StarState = "stopped" // an objection was right
)

// Star is a number of stars that somebody has reached. It is announced for some
// working days, in which everybody may object, and granted then.
type Star struct {
	Volunteer ledger.ID
	Stars     int64
	State     StarState
	Minutes   int64 // of service, when it was found
	Town      string
	Found     time.Time  // when it was announced
	Last      ledger.Day // on which one may object
	Who       string     // stopped it, or announced it again; "": nobody did
	Why       string
	Ended     time.Time // granted or stopped
}

// Mark is where a list goes on behind the star.
func (s Star) Mark() AskedMark {
	return AskedMark{s.Found, s.Volunteer.String(), fmt.Sprint(s.Stars)}
}

// StarsHeld is how many stars of a list are granted.
func StarsHeld(list []Star) (stars int64) {
	for _, s := range list {
		if s.State == StarGranted {
			stars = max(stars, s.Stars)
		}
	}
	return stars
}

// StarsMet is the most stars of a list, whatever became of them.
func StarsMet(list []Star) (stars int64) {
	for _, s := range list {
		stars = max(stars, s.Stars)
	}
	return stars
}

// PutStar writes down that somebody has reached a number of stars. Once is enough:
// what became of it since is not touched.
func (s *Store) PutStar(ctx context.Context, x Star) error {
	if x.Volunteer.IsZero() || x.Stars < 1 || x.Stars > int64(civic.MaxStars) || x.State != StarAnnounced && x.State != StarGranted {
		return fmt.Errorf("%w: %d stars, %s", ErrInput, x.Stars, x.State)
	}
	now, ended := s.now(), int64(0)
	if x.State == StarGranted {
		ended = now
	}
	return s.write(ctx, "announcing a star", x.Volunteer.String(), func(t *txn) error {
		return t.exec(insertStar, x.Stars, string(x.State), x.Minutes, x.Town, now, int64(x.Last), x.Why, ended)
	})
}

// DueStars are those whose publicity has ended before a day.
func (s *Store) DueStars(ctx context.Context, today ledger.Day) (list []Star, err error) {
	err = s.scatter(ctx, "looking for stars to grant", scatterDueStars, []any{int64(today), int64(sweepBatch)}, func() { list = nil }, func(rows scanner) error {
		var x Star
		err := rows.Scan((*scanID)(&x.Volunteer), &x.Stars)
		list = append(list, x)
		return err
	})
	return list, err
}

// EndStar grants a star whose publicity ended before today; with a reason it is
// stopped instead, because the hours are not there any more. A star that is not due
// stays as it is.
func (s *Store) EndStar(ctx context.Context, volunteer ledger.ID, stars int64, today ledger.Day, why string) error {
	return s.write(ctx, "granting a star", volunteer.String(), func(t *txn) error {
		x, err := t.star(stars)
		if err != nil || x.State != StarAnnounced || x.Last >= today {
			return err
		}
		if x.State = StarGranted; why != "" {
			x.State, x.Why = StarStopped, why
		}
		return t.changeStar(x, s.now())
	})
}

// StopStar stops a star that is announced, because an objection is right. It leaves an
// act; ErrState: it is not announced any more.
func (s *Store) StopStar(ctx context.Context, volunteer ledger.ID, stars int64, who, why string) error {
	return s.decideStar(ctx, volunteer, stars, who, why, StarAnnounced, func(x *Star) { x.State = StarStopped })
}

// ResumeStar announces a star that was stopped once more, up to another last day.
func (s *Store) ResumeStar(ctx context.Context, volunteer ledger.ID, stars int64, who, why string, last ledger.Day) error {
	return s.decideStar(ctx, volunteer, stars, who, why, StarStopped, func(x *Star) {
		x.State, x.Last, x.Found = StarAnnounced, last, s.cfg.Now()
	})
}

// decideStar lets an officer move a star on from a state. The same again changes
// nothing.
func (s *Store) decideStar(ctx context.Context, volunteer ledger.ID, stars int64, who, why string, from StarState, move func(*Star)) error {
	if who == "" || why == "" || !line(why, MaxAskedRunes) {
		return fmt.Errorf("%w: a star is stopped by somebody for a reason", ErrInput)
	}
	return s.write(ctx, "deciding on a star", volunteer.String(), func(t *txn) error {
		x, err := t.star(stars)
		if err != nil {
			return err
		}
		was := x.State
		if was != from {
			if x.Who == who && x.Why == why {
				return nil
			}
			return fmt.Errorf("%w: the star is %s", ErrState, was)
		}
		move(&x)
		x.Who, x.Why = who, why
		if err := t.changeStar(x, s.now()); err != nil {
			return err
		}
		return t.actIn(personTrace, s.now(), who, "star."+string(x.State), nil, map[string]any{"stars": stars, "reason": why})
	})
}

func (t *txn) changeStar(x Star, now int64) error {
	ended := now
	if x.State == StarAnnounced {
		ended = 0
	}
	return t.change(updateStar, x.Stars, string(x.State), int64(x.Last), x.Who, x.Why, ended, x.Found.UnixMilli())
}

// star reads one of the volunteer's.
func (t *txn) star(stars int64) (Star, error) {
	list, err := t.stars()
	if err != nil {
		return Star{}, err
	}
	for _, x := range list {
		if x.Stars == stars {
			return x, nil
		}
	}
	return Star{}, fmt.Errorf("%w: %d stars of %v", ErrUnknown, stars, t.shard)
}

func (t *txn) stars() (list []Star, err error) {
	err = t.each(selectStars, nil, func(rows scanner) error {
		var x Star
		err := rows.Scan(x.columns()...)
		if err == nil {
			x.Volunteer, err = ledger.ParseID(fmt.Sprint(t.shard))
		}
		list = append(list, x)
		return err
	})
	return list, err
}

func (x *Star) columns() []any {
	return []any{&x.Stars, (*string)(&x.State), &x.Minutes, &x.Town, (*millis)(&x.Found), &x.Last, &x.Who, &x.Why, (*maybe)(&x.Ended)}
}

// StarsOf returns the stars that somebody has reached, the fewest first. Those of records
// that were merged are the volunteer's too: everybody could object to them. Of two that
// are the same the one that has come further counts.
func (s *Store) StarsOf(ctx context.Context, volunteer ledger.ID) ([]Star, error) {
	all, err := ofRecords(ctx, s, "reading stars", volunteer, func(t *txn, list *[]Star) (err error) {
		*list, err = t.stars()
		return err
	})
	return furthest(all), err
}

// furthest is one of each number of stars.
func furthest(all []Star) (list []Star) {
	rank := map[StarState]int{StarStopped: 0, StarAnnounced: 1, StarGranted: 2}
	slices.SortStableFunc(all, func(x, y Star) int { return cmp.Or(cmp.Compare(x.Stars, y.Stars), rank[y.State]-rank[x.State]) })
	return slices.CompactFunc(all, func(x, y Star) bool { return x.Stars == y.Stars })
}

// StarsAmong is how many stars each of some volunteers holds; those who hold none are
// left out.
func (s *Store) StarsAmong(ctx context.Context, ids []ledger.ID) (map[ledger.ID]int64, error) {
	held := make([]int64, len(ids))
	err := s.readEach(ctx, "reading stars", idTexts(ids), func(t *txn, i int) error {
		list, err := t.stars()
		held[i] = StarsHeld(list)
		return err
	})
	all := make(map[ledger.ID]int64)
	for i, id := range ids {
		if held[i] > 0 {
			all[id] = held[i]
		}
	}
	return all, err
}

// Stars returns the stars of a state behind a mark, the latest first.
func (s *Store) Stars(ctx context.Context, state StarState, behind AskedMark, limit int) (list []Star, err error) {
	stars := int64(0)
	fmt.Sscan(behind.ID, &stars) // of no mark: none
	at := behind.before(limit)
	err = s.scatter(ctx, "reading stars", scatterStars, []any{string(state), at[0], at[1], stars, int64(limit)}, func() { list = nil }, func(rows scanner) error {
		var x Star
		err := rows.Scan(append([]any{(*scanID)(&x.Volunteer)}, x.columns()...)...)
		list = append(list, x)
		return err
	})
	return list, err
}

// addStars adds the stars of a page of volunteers.
func (s *Store) addStars(ctx context.Context, page *Servers, after string, absorbs map[string]bool) error {
	all := make(map[ledger.ID][]Star)
	err := s.scatter(ctx, "reading stars", scatterStarsOf, []any{after, page.Last}, func() { clear(all) }, func(rows scanner) error {
		var x Star
		err := rows.Scan(append([]any{(*scanID)(&x.Volunteer)}, x.columns()...)...)
		all[x.Volunteer] = append(all[x.Volunteer], x)
		return err
	})
	if err != nil {
		return err
	}
	for i := range page.List {
		x := &page.List[i]
		if x.Stars = all[x.ID]; absorbs[x.ID.String()] {
			if x.Stars, err = s.StarsOf(ctx, x.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// maybe scans a time that has not come when it is 0.
type maybe time.Time

// Scan implements sql.Scanner.
func (m *maybe) Scan(src any) error {
	*m = maybe{}
	if src == int64(0) {
		return nil
	}
	return (*millis)(m).Scan(src)
}

// scanID scans an id that stands in a table as text.
type scanID ledger.ID

// Scan implements sql.Scanner.
func (x *scanID) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return bug("an id that is no text: %T", src)
	}
	id, err := ledger.ParseID(text)
	if err != nil {
		return bug("an id that cannot be read: %v", err)
	}
	*x = scanID(id)
	return nil
}
