package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yizhan/ledger"
)

// The steps of a wish. Whoever has the kiosk connected begins a step, asks, and ends
// it; one that nobody ends is begun again, by this process or another. The key makes
// it one redemption, however often the kiosk is asked.

// WishStep is what the kiosk of a wish is to be asked.
type WishStep int

// Steps of a wish.
const (
	WishNothing WishStep = iota
	WishOrder            // to put the goods aside
	WishRelease          // to give them back
)

const selectWishEntries = `SELECT seq, hash, raw FROM entry WHERE kiosk = $1 AND volunteer = $2 AND epoch = $3 AND kind = 1 ORDER BY seq DESC LIMIT $4`

// step changes a wish in one transaction.
func (s *Store) step(ctx context.Context, what string, w Wish, change func(*Wish) error) (now Wish, err error) {
	err = s.write(ctx, what, w.Volunteer.String(), func(t *txn) error {
		now, err = t.ownWish(w.Key)
		if err != nil {
			return err
		}
		before := now
		if err := change(&now); err != nil || now == before {
			return err
		}
		return t.putWish(now, s.now())
	})
	return now, err
}

// BeginWish tells what the kiosk is to be asked now, and notes that it is. What has
// waited too long lapses, unless the kiosk may have it: then it is given back.
func (s *Store) BeginWish(ctx context.Context, w Wish) (now Wish, do WishStep, err error) {
	now, err = s.step(ctx, "asking for what is wished", w, func(w *Wish) error {
		do = WishNothing
		if !w.Work() {
			return nil
		}
		if late := s.cfg.Now().After(w.Ends); late && w.State == WishWaiting {
			w.State = WishLapsed
			return nil
		} else if late && w.State == WishAsked && w.Leave == "" {
			w.Leave = EndedLapsed
		}
		if do = WishRelease; w.Leave == "" {
			do = WishOrder
			w.State, w.Tries = WishAsked, w.Tries+1
		}
		return nil
	})
	return now, do, err
}

// WishKeptAs notes the redemption that a wish has become. One that nobody wanted any
// more is given back.
func (s *Store) WishKeptAs(ctx context.Context, w Wish, epoch uint32, seq uint64, claim uint16, until time.Time) (Wish, error) {
	return s.step(ctx, "noting what is kept", w, func(w *Wish) error {
		switch w.State {
		case WishEnded, WishKept:
			return nil
		case WishDropped:
			w.Leave = EndedPhone
		case WishLapsed, WishRefused:
			w.Leave = EndedLapsed
		}
		w.State, w.Why, w.Epoch, w.Seq, w.Claim, w.Until = WishKept, "", epoch, seq, claim, until
		return nil
	})
}

// WishRefusedFor notes that the kiosk's own book does not do it.
func (s *Store) WishRefusedFor(ctx context.Context, w Wish, why string) (Wish, error) {
	return s.step(ctx, "noting what was refused", w, func(w *Wish) error {
		if w.State == WishAsked {
			w.State, w.Why = WishRefused, why
		}
		return nil
	})
}

// WishUnasked notes that the try that was begun has not reserved anything. When it was
// the first one, the kiosk knows nothing of the wish.
func (s *Store) WishUnasked(ctx context.Context, begun Wish, why string) (Wish, error) {
	return s.step(ctx, "noting that nobody was asked", begun, func(w *Wish) error {
		if w.State != WishAsked {
			return nil
		}
		w.Why = why
		if w.Tries == 1 && begun.Tries == 1 {
			w.State, w.Tries = WishWaiting, 0
			if w.Leave != "" { // nothing is there to be given back
				w.State, w.Leave = WishDropped, ""
			}
		}
		return nil
	})
}

// WishLeft notes that nothing is put aside for a wish any more. Had says that
// something was.
func (s *Store) WishLeft(ctx context.Context, w Wish, had bool) (Wish, error) {
	return s.step(ctx, "noting what was given back", w, func(w *Wish) error {
		switch {
		case !w.Open():
		case had:
			w.State, w.Why, w.Leave = WishEnded, w.Leave, ""
		case w.State == WishKept:
			w.State, w.Why, w.Leave = WishEnded, EndedLost, ""
		case w.Leave == EndedLapsed:
			w.State, w.Leave = WishLapsed, ""
		default:
			w.State, w.Leave = WishDropped, ""
		}
		return nil
	})
}

// WishStays notes that what was to be given back is handed over already.
func (s *Store) WishStays(ctx context.Context, w Wish) (Wish, error) {
	return s.step(ctx, "noting what was handed over", w, func(w *Wish) error {
		if w.Open() {
			w.State, w.Why, w.Leave = WishEnded, EndedSettled, ""
		}
		return nil
	})
}

// LeaveWish gives a wish up: at once when nobody has asked the kiosk, and otherwise as
// soon as the kiosk is reached. It answers ErrState when it is over.
func (s *Store) LeaveWish(ctx context.Context, volunteer ledger.ID, key ledger.Key) (Wish, error) {
	stands, err := s.Wish(ctx, volunteer, key)
	if err != nil {
		return Wish{}, err
	}
	return s.step(ctx, "giving up a wish", stands, func(w *Wish) error {
		switch {
		case !w.Open():
			if w.State == WishDropped || w.Why == EndedPhone {
				return nil // a second tap
			}
			return fmt.Errorf("%w: the wish is %s", ErrState, w.State)
		case w.State == WishWaiting:
			w.State = WishDropped
		case w.Leave == "":
			w.Leave = EndedPhone
		}
		return nil
	})
}

// LapseWishes gives up what kiosks should have given back by themselves, wishGrace ago:
// their clocks are not to be trusted, or they are away. It returns how many those are.
func (s *Store) LapseWishes(ctx context.Context) (int, error) {
	var late wishes
	args := []any{s.cfg.Now().Add(-wishGrace).Unix(), int64(sweepBatch)}
	err := s.scatter(ctx, "looking for what nobody came for", scatterWishesLate, args, late.start, late.take)
	n := 0
	for _, w := range late.list {
		if w, err = s.freshen(ctx, w); err != nil {
			return n, err
		}
		if w.State != WishKept {
			continue
		}
		if _, err = s.step(ctx, "giving up what nobody came for", w, func(w *Wish) error {
			if w.State == WishKept && w.Leave == "" {
				w.Leave = EndedLapsed
			}
			return nil
		}); err != nil {
			return n, err
		}
		n++
	}
	return n, err
}

// WishKiosks lists the kiosks that are to be asked something.
func (s *Store) WishKiosks(ctx context.Context) (list []string, err error) {
	err = s.pages(ctx, "looking for wishes", scatterWishKiosks, nil, func(rows scanner) (string, error) {
		var kiosk string
		err := rows.Scan(&kiosk)
		list = append(list, kiosk)
		return kiosk, err
	})
	return list, err
}

// WishesAt lists what a kiosk is to be asked, in the order in which it was wished.
func (s *Store) WishesAt(ctx context.Context, kiosk string) ([]Wish, error) {
	var all wishes
	err := s.scatter(ctx, "looking for a kiosk's wishes", scatterWishes, []any{kiosk, int64(sweepBatch)}, all.start, all.take)
	return all.list, err
}

// FreshWishes lists what kiosks are to be asked while somebody waits for it.
func (s *Store) FreshWishes(ctx context.Context) ([]Wish, error) {
	var all wishes
	args := []any{s.now() - wishFresh.Milliseconds(), int64(sweepBatch)}
	err := s.scatter(ctx, "looking for new wishes", scatterWishesFresh, args, all.start, all.take)
	return all.list, err
}

// wishes collects rows across all volunteers.
type wishes struct{ list []Wish }

func (all *wishes) start() { all.list = nil }

func (all *wishes) take(rows scanner) error {
	var volunteer string
	w, err := scanWish(rows, &volunteer)
	if err != nil {
		return err
	}
	if w.Volunteer, err = ledger.ParseID(volunteer); err != nil {
		return bug("a wish of %q", volunteer)
	}
	all.list = append(all.list, w)
	return nil
}

// freshen looks what the kiosk's entries say of a wish: a redemption that is over ends
// it, and one of its key is what it became, whatever the kiosk had time to answer.
func (s *Store) freshen(ctx context.Context, w Wish) (Wish, error) {
	var err error
	if w.State == WishAsked {
		if w, err = s.foundWish(ctx, w); err != nil {
			return w, err
		}
	}
	if w.State != WishKept {
		return w, nil
	}
	r, err := s.redeemedAt(ctx, w)
	if err != nil || r.State == 0 || r.State == ledger.Reserved {
		return w, err
	}
	why, err := s.whyEnded(ctx, r)
	if err != nil {
		return w, err
	}
	return s.step(ctx, "ending a wish", w, func(w *Wish) error {
		if w.State == WishKept {
			w.State, w.Why, w.Leave = WishEnded, why, ""
		}
		return nil
	})
}

// redeemedAt reads the redemption that a wish became; none has come as long as its
// state is 0.
func (s *Store) redeemedAt(ctx context.Context, w Wish) (r Redeemed, err error) {
	err = s.read(ctx, "reading a redemption", w.Kiosk, func(t *txn) error {
		r, _, err = t.redeemed(w.Epoch, w.Seq)
		return err
	})
	return r, err
}

// foundWish looks for the entry of a wish that the kiosk has not answered.
func (s *Store) foundWish(ctx context.Context, w Wish) (Wish, error) {
	var found *Sealed
	var epoch uint32
	err := s.read(ctx, "looking for the entry of a wish", w.Kiosk, func(t *txn) error {
		found = nil
		k, err := t.kiosk()
		if err != nil {
			return err
		}
		epoch = k.Epoch
		return t.each(selectWishEntries, []any{w.Volunteer.String(), int64(epoch), int64(wishLooked)}, func(rows scanner) error {
			e, err := scanSealed(rows)
			if b, ok := e.Body.(ledger.Reserve); ok && b.Key == w.Key {
				found = &e
			}
			return err
		})
	})
	if err != nil || found == nil {
		return w, err
	}
	b, _ := found.Body.(ledger.Reserve)
	var until time.Time
	if b.Until > 0 {
		until = time.Unix(b.Until, 0)
	}
	return s.WishKeptAs(ctx, w, epoch, found.Seq, b.Claim, until)
}

// whyEnded says how a redemption ended, by its last entry.
func (s *Store) whyEnded(ctx context.Context, r Redeemed) (string, error) {
	switch r.State {
	case ledger.Settled:
		return EndedSettled, nil
	case ledger.Refunded:
		return EndedRefunded, nil
	}
	trail, err := s.Redemption(ctx, r.Kiosk, r.Epoch, r.Seq)
	if err != nil {
		return "", err
	}
	last, _ := trail.Steps[len(trail.Steps)-1].Body.(ledger.Cancel)
	switch {
	case !last.Operator.IsZero():
		return EndedStaff, nil
	case slices.Contains([]string{EndedLapsed, EndedPhone}, last.Reason):
		return last.Reason, nil
	}
	return EndedBack, nil
}
