package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectWish     = `SELECT id, kiosk, good, quantity, price, phone, state, why, leave, tries, epoch, seq, claim, until, made_ms, ends_ms FROM wish WHERE volunteer = $1 AND id = $2`
	selectWishes   = `SELECT id, kiosk, good, quantity, price, phone, state, why, leave, tries, epoch, seq, claim, until, made_ms, ends_ms FROM wish WHERE volunteer = $1 ORDER BY made_ms DESC, id LIMIT $2`
	countWishes    = `SELECT COUNT(*) FROM wish WHERE volunteer = $1 AND state IN ('waiting', 'asked', 'kept')`
	countWishesDay = `SELECT COUNT(*) FROM wish WHERE volunteer = $1 AND made_ms > $2`
	forgetWishes   = `DELETE FROM wish WHERE volunteer = $1 AND made_ms < $2 AND state NOT IN ('waiting', 'asked', 'kept')`
	insertWish     = `INSERT INTO wish (volunteer, id, kiosk, good, quantity, price, phone, state, why, leave, tries, epoch, seq, claim, until, made_ms, ends_ms, work, touched_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', '', '', 0, 0, 0, 0, 0, $8, $9, 1, $8)`
	updateWish = `UPDATE wish SET state = $3, why = $4, leave = $5, tries = $6, epoch = $7, seq = $8, claim = $9, until = $10, work = $11, touched_ms = CASE WHEN leave <> $5 THEN $12 ELSE touched_ms END
		WHERE volunteer = $1 AND id = $2`
	scatterWishes      = `SELECT volunteer, id, kiosk, good, quantity, price, phone, state, why, leave, tries, epoch, seq, claim, until, made_ms, ends_ms FROM wish WHERE work = 1 AND kiosk = $1 ORDER BY made_ms, volunteer, id LIMIT $2`
	scatterWishesFresh = `SELECT volunteer, id, kiosk, good, quantity, price, phone, state, why, leave, tries, epoch, seq, claim, until, made_ms, ends_ms FROM wish WHERE work = 1 AND touched_ms > $1 ORDER BY touched_ms LIMIT $2`
	scatterWishKiosks  = `SELECT kiosk FROM wish WHERE work = 1 AND kiosk > $1 GROUP BY kiosk ORDER BY kiosk LIMIT $2`
	scatterWishesLate  = `SELECT volunteer, id, kiosk, good, quantity, price, phone, state, why, leave, tries, epoch, seq, claim, until, made_ms, ends_ms FROM wish WHERE state = 'kept' AND work = 0 AND until < $1 ORDER BY until LIMIT $2`
)

// WishState is how far a wish has come.
type WishState string

// States of a wish. The first three are open.
const (
	WishWaiting WishState = "waiting" // nobody has asked the kiosk
	WishAsked   WishState = "asked"   // it was asked, and may have done it
	WishKept    WishState = "kept"    // its entry says that the goods wait there
	WishRefused WishState = "refused" // it does not do it; Why says why
	WishDropped WishState = "dropped" // not wanted any more, before anything was put aside
	WishLapsed  WishState = "lapsed"  // the kiosk was not reached in time
	WishEnded   WishState = "ended"   // what was kept is over; Why says how
)

// How what was kept ended.
const (
	EndedSettled  = "settled"  // handed over
	EndedRefunded = "refunded" // and taken back
	EndedLapsed   = "lapsed"   // nobody came for it
	EndedPhone    = "phone"    // given back by phone
	EndedBack     = "back"     // given back at the kiosk
	EndedStaff    = "staff"    // staff did not hand it over
	EndedLost     = "lost"     // the kiosk's box was replaced and knows nothing of it
)

// Wish is what a volunteer, by phone, wants put aside at a kiosk. It takes no points:
// the kiosk's own entry does. So it can wait for a kiosk that is not connected.
type Wish struct {
	Key       ledger.Key // of the kiosk's entry: the same wish once more is the same redemption
	Volunteer ledger.ID
	Kiosk     string
	Good      string
	Quantity  int64
	Price     ledger.Points // of a piece, as the volunteer saw it
	Phone     string        // hash of the session that asked
	State     WishState
	Why       string
	Leave     string // why it is to be given back, once the kiosk is reached; "": it is not
	Tries     int64  // times that the kiosk was asked
	Epoch     uint32 // of the redemption that it became
	Seq       uint64
	Claim     uint16
	Until     time.Time // how long it is kept; zero: as long as it takes
	Made      time.Time
	Ends      time.Time // of its waiting for the kiosk
}

// Open tells whether something may still come of the wish.
func (w Wish) Open() bool {
	return w.State == WishWaiting || w.State == WishAsked || w.State == WishKept
}

// Cost is what the wish takes, in points.
func (w Wish) Cost() ledger.Points { return w.Price * ledger.Points(w.Quantity) }

// Work tells whether the kiosk is to be asked something.
func (w Wish) Work() bool {
	return w.State == WishWaiting || w.State == WishAsked || w.State == WishKept && w.Leave != ""
}

// ID is the wish's key as forms and addresses have it.
func (w Wish) ID() string { return hex.EncodeToString(w.Key[:]) }

// ParseWishID reads what ID writes, or answers ErrInput.
func ParseWishID(id string) (key ledger.Key, err error) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != len(key) || ledger.Key(b).IsZero() || hex.EncodeToString(b) != id {
		return key, fmt.Errorf("%w: no wish has the id %q", ErrInput, id)
	}
	return ledger.Key(b), nil
}

// same tells a repeated request from another one under its key.
func (w Wish) same(o Wish) bool {
	return w.Key == o.Key && w.Volunteer == o.Volunteer && w.Kiosk == o.Kiosk && w.Good == o.Good && w.Quantity == o.Quantity && w.Price == o.Price
}

func (w Wish) check() error {
	if w.Key.IsZero() || w.Volunteer.IsZero() || !ledger.ValidKiosk(w.Kiosk) || !ledger.ValidGood(w.Good) ||
		w.Quantity < 1 || w.Quantity > ledger.MaxQuantity || w.Price < 0 || w.Price > ledger.MaxPoints {
		return fmt.Errorf("%w: a wish for %d of %q at %q", ErrInput, w.Quantity, w.Good, w.Kiosk)
	}
	return nil
}

// PutWish notes a wish, and answers it as it stands: the same one again is not another.
// It answers ErrFull when too many are open, ErrQuota when too many were made lately,
// ErrKeyReused, and ErrState for somebody who may have nothing put aside: a record that
// is closed or merged, or one from which points are still to be taken back.
func (s *Store) PutWish(ctx context.Context, w Wish) (Wish, error) {
	if err := w.check(); err != nil {
		return w, err
	}
	ends, err := s.HoldUntil(ctx, w.Kiosk)
	if err != nil {
		return w, err
	}
	if _, err := s.Wishes(ctx, w.Volunteer); err != nil { // those that are over by now do not count
		return w, err
	}
	err = s.write(ctx, "noting a wish", w.Volunteer.String(), func(t *txn) error {
		before, found, err := t.wish(w.ID())
		if err != nil {
			return err
		}
		if found {
			if !before.same(w) {
				return fmt.Errorf("%w: %s", ErrKeyReused, w.ID())
			}
			w = before
			return nil
		}
		if err := t.mayWish(s.cfg.Now()); err != nil {
			return err
		}
		if err := t.exec(forgetWishes, s.now()-wishKept.Milliseconds()); err != nil {
			return err
		}
		if err := t.change(insertWish, w.ID(), w.Kiosk, w.Good, w.Quantity, int64(w.Price), w.Phone, s.now(), ends.UnixMilli()); err != nil {
			return err
		}
		w, _, err = t.wish(w.ID())
		return err
	})
	return w, err
}

// mayWish tells whether the volunteer may have one more thing put aside.
func (t *txn) mayWish(now time.Time) error {
	p, found, err := t.person()
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: volunteer %v", ErrUnknown, t.shard)
	}
	m, err := t.merged()
	if err != nil {
		return err
	}
	account, err := t.account()
	if err != nil {
		return err
	}
	for _, l := range account.Lots {
		if l.Wanted > 0 {
			return fmt.Errorf("%w: points of the volunteer are to be taken back", ErrState)
		}
	}
	if p.Town == "" || m.Is() {
		return fmt.Errorf("%w: the record is closed", ErrState)
	}
	var open, today int64
	if _, err := t.one(countWishes, nil, &open); err != nil {
		return err
	}
	if _, err := t.one(countWishesDay, []any{now.Add(-24 * time.Hour).UnixMilli()}, &today); err != nil {
		return err
	}
	switch {
	case open >= MaxWishes:
		return fmt.Errorf("%w: %d wishes are open", ErrFull, open)
	case today >= maxWishesDay:
		return fmt.Errorf("%w: %d wishes within a day", ErrQuota, today)
	}
	return nil
}

// Wishes lists a volunteer's wishes as they stand by what the kiosks' entries say, the
// newest first. Those under records that were merged into the volunteer's are among them:
// the kiosk's entry names that record, so there they stay.
func (s *Store) Wishes(ctx context.Context, volunteer ledger.ID) (list []Wish, err error) {
	list, err = ofRecords(ctx, s, "reading wishes", volunteer, func(t *txn, list *[]Wish) error {
		record, err := ledger.ParseID(fmt.Sprint(t.shard))
		if err != nil {
			return err
		}
		return t.each(selectWishes, []any{int64(maxWishRows)}, func(rows scanner) error {
			w, err := scanWish(rows)
			w.Volunteer = record
			*list = append(*list, w)
			return err
		})
	})
	slices.SortStableFunc(list, func(x, y Wish) int { return y.Made.Compare(x.Made) })
	for i := range list {
		if err == nil {
			list[i], err = s.freshen(ctx, list[i])
		}
	}
	return list, err
}

// Wish reads one wish as it stands, or answers ErrUnknown. It says under which record of
// the volunteer it was made.
func (s *Store) Wish(ctx context.Context, volunteer ledger.ID, key ledger.Key) (w Wish, err error) {
	found, err := ofRecords(ctx, s, "reading a wish", volunteer, func(t *txn, list *[]Wish) error {
		w, found, err := t.wish(Wish{Key: key}.ID())
		if found {
			*list = append(*list, w)
		}
		return err
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%w: wish %s", ErrUnknown, Wish{Key: key}.ID())
	}
	if err != nil {
		return w, err
	}
	return s.freshen(ctx, found[0])
}

func (t *txn) ownWish(key ledger.Key) (Wish, error) {
	id := Wish{Key: key}.ID()
	w, found, err := t.wish(id)
	if err == nil && !found {
		err = fmt.Errorf("%w: wish %s", ErrUnknown, id)
	}
	return w, err
}

func (t *txn) wish(id string) (w Wish, found bool, err error) {
	err = t.each(selectWish, []any{id}, func(rows scanner) error {
		found = true
		w, err = scanWish(rows)
		return err
	})
	if err == nil && found {
		w.Volunteer, err = ledger.ParseID(fmt.Sprint(t.shard))
	}
	return w, found, err
}

// scanWish reads a row of selectWish's columns; before are columns in front of them.
func scanWish(rows scanner, before ...any) (w Wish, err error) {
	var id string
	var epoch, seq, claim, until, made, ends int64
	if err := rows.Scan(append(before, &id, &w.Kiosk, &w.Good, &w.Quantity, &w.Price, &w.Phone, &w.State, &w.Why, &w.Leave, &w.Tries,
		&epoch, &seq, &claim, &until, &made, &ends)...); err != nil {
		return w, err
	}
	key, err := ParseWishID(id)
	if err != nil {
		return w, bug("a wish %q", id)
	}
	w.Key, w.Epoch, w.Seq, w.Claim = key, uint32(epoch), uint64(seq), uint16(claim)
	w.Made, w.Ends = time.UnixMilli(made), time.UnixMilli(ends)
	if until > 0 {
		w.Until = time.Unix(until, 0)
	}
	return w, nil
}

// putWish writes how a wish stands. Somebody waits for what is new, and for what is to
// be given back.
func (t *txn) putWish(w Wish, now int64) error {
	var until, work int64
	if !w.Until.IsZero() {
		until = w.Until.Unix()
	}
	if w.Work() {
		work = 1
	}
	return t.change(updateWish, w.ID(), string(w.State), w.Why, w.Leave, w.Tries, int64(w.Epoch), int64(w.Seq), int64(w.Claim), until, work, now)
}

// HoldUntil is how long a kiosk keeps goods that are put aside there now for somebody
// who is elsewhere: the hours that the policy of its station says.
func (s *Store) HoldUntil(ctx context.Context, kiosk string) (until time.Time, err error) {
	err = s.read(ctx, "reading how long goods are kept", kiosk, func(t *txn) error {
		var p civic.Policy
		stored, found, err := t.storedDocument(KindStation, kiosk)
		if err != nil {
			return err
		}
		if found {
			d, err := stored.document()
			if err != nil {
				return err
			}
			if d.Station != nil {
				p = d.Station.Policy
			}
		}
		until = s.cfg.Now().Add(time.Duration(p.WithDefaults().HoldHours) * time.Hour)
		return nil
	})
	return until, err
}
