package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectAllowances = `SELECT CAST(COALESCE(SUM(points), 0) AS BIGINT) FROM allowance WHERE kiosk = $1`
	insertAllowance  = `INSERT INTO allowance (kiosk, id, points, made_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (kiosk, id) DO NOTHING`
	dropAllowance    = `DELETE FROM allowance WHERE kiosk = $1 AND id = $2`
	selectFree       = `SELECT expires, free FROM lot WHERE volunteer = $1 AND free > 0 AND expires >= $2 ORDER BY expires`
	takeFree         = `UPDATE lot SET free = free - $3 WHERE volunteer = $1 AND expires = $2 AND free >= $3`
	grantRight       = `INSERT INTO rights (volunteer, kiosk, epoch, expires, granted, spent, refunded, returned, held, lost)
		VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0)
		ON CONFLICT (volunteer, kiosk, epoch, expires) DO UPDATE SET granted = rights.granted + excluded.granted`
	raiseGranted = `UPDATE chain SET granted = granted + $3 WHERE kiosk = $1 AND epoch = $2`
	scatterHome  = `SELECT DISTINCT p.volunteer FROM person p JOIN lot l ON l.volunteer = p.volunteer
		WHERE p.home = $1 AND l.free > 0 AND l.expires >= $2 LIMIT $3`
)

// allGranted asks for whatever is free.
const allGranted = ledger.MaxPoints

// noTotal bounds a grant by nothing.
const noTotal = ledger.Points(1 << 62)

// Grant gives the kiosk up to want of the volunteer's free points, the earliest
// expiry first, and returns how many those were. The kiosk's document of it is
// written before Grant returns. It answers ErrCap when the cap leaves nothing,
// ErrQuarantine, ErrState or ErrRestored when the kiosk may not be granted anything; 0 and no
// error when nothing was free. When the answer is lost, what was granted stands:
// a grant is a total, and the kiosk is told it by its documents.
func (s *Store) Grant(ctx context.Context, volunteer ledger.ID, kiosk string, want ledger.Points) (ledger.Points, error) {
	return s.grant(ctx, volunteer, kiosk, want, noTotal)
}

// GrantTotal is Grant until the total of what the kiosk was granted in its epoch,
// over all lots, is the one wanted: asking again never asks for more. It returns
// the total after it, and the grant as the kiosk's documents have it, which has no
// lots when nothing was ever granted. It answers ErrUnknown for a volunteer whom
// nobody knows.
func (s *Store) GrantTotal(ctx context.Context, volunteer ledger.ID, kiosk string, total ledger.Points) (civic.Grant, ledger.Points, error) {
	if _, err := s.Person(ctx, volunteer); err != nil {
		return civic.Grant{}, 0, err
	}
	have, err := s.granted(ctx, volunteer, kiosk)
	if err != nil {
		return have, 0, err
	}
	if want := total - sum(have); want > 0 {
		if _, err := s.grant(ctx, volunteer, kiosk, min(want, ledger.MaxPoints), total); err != nil {
			return have, sum(have), err
		}
		if have, err = s.granted(ctx, volunteer, kiosk); err != nil {
			return have, 0, err
		}
	}
	return have, sum(have), nil
}

// granted is the kiosk's document of what it was granted in its epoch of now.
func (s *Store) granted(ctx context.Context, volunteer ledger.ID, kiosk string) (g civic.Grant, err error) {
	err = s.read(ctx, "reading a grant", kiosk, func(t *txn) error {
		k, err := t.kiosk()
		if err != nil {
			return err
		}
		g = civic.Grant{Volunteer: volunteer, Kiosk: kiosk, Epoch: k.Epoch}
		stored, found, err := t.storedDocument(KindGrant, volunteer.String())
		if err != nil || !found {
			return err
		}
		var d civic.Document
		if err := json.Unmarshal(stored.body, &d); err != nil || d.Grant == nil {
			return bug("a grant that cannot be read: %v", err)
		}
		if d.Grant.Epoch == k.Epoch {
			g = *d.Grant
		}
		return nil
	})
	return g, err
}

// Holders tells how many points of the volunteer are free to be granted, and which
// kiosks may hold others and can be asked to give them back, with how many those
// are: granted, refunded, and neither spent nor returned, nor waiting there with
// goods, as far as entries are folded.
func (s *Store) Holders(ctx context.Context, volunteer ledger.ID) (free ledger.Points, holders map[string]ledger.Points, err error) {
	a, err := s.Account(ctx, volunteer)
	if err != nil {
		return 0, nil, err
	}
	for _, l := range a.Lots {
		if l.Expires >= s.today() {
			free += l.Free
		}
	}
	type place struct {
		kiosk string
		epoch uint32
	}
	holds := make(map[place]ledger.Points)
	for _, r := range a.Rights {
		holds[place{r.Kiosk, r.Epoch}] += r.Spendable()
	}
	holders = make(map[string]ledger.Points)
	for at, points := range holds {
		k, c, err := s.Kiosk(ctx, at.kiosk)
		if err != nil {
			return 0, nil, err
		}
		if points > 0 && k.Epoch == at.epoch && !k.Revoked && c.State == ChainOpen {
			holders[at.kiosk] = points
		}
	}
	return free, holders, nil
}

func (s *Store) grant(ctx context.Context, volunteer ledger.ID, kiosk string, want, total ledger.Points) (ledger.Points, error) {
	if want < 1 || want > ledger.MaxPoints {
		return 0, fmt.Errorf("%w: granting %d", ErrInput, want)
	}
	if err := s.whole(ctx); err != nil {
		return 0, err
	}
	free, err := s.free(ctx, volunteer)
	if err != nil || free == 0 {
		return 0, err
	}
	id, err := s.randomID()
	if err != nil {
		return 0, err
	}
	allowed, epoch, err := s.allow(ctx, kiosk, id, min(want, free))
	if err != nil {
		return 0, err
	}
	var granted ledger.Points
	err = s.write(ctx, "granting points", volunteer.String(), func(t *txn) (err error) {
		granted, err = t.grant(kiosk, epoch, id, allowed, total, s.today(), s.now())
		return err
	})
	if err != nil {
		return 0, err
	}
	if granted == 0 { // another grant was first
		return 0, s.write(ctx, "dropping an allowance", kiosk, func(t *txn) error {
			return t.exec(dropAllowance, id)
		})
	}
	return granted, s.deliver(ctx, volunteer)
}

// free is what the center may still grant of lots that have not expired.
func (s *Store) free(ctx context.Context, volunteer ledger.ID) (free ledger.Points, err error) {
	err = s.read(ctx, "reading free points", volunteer.String(), func(t *txn) error {
		parts, err := t.freeLots(s.today())
		free = ledger.Sum(parts)
		return err
	})
	return free, err
}

func (t *txn) freeLots(today ledger.Day) (parts []ledger.Part, err error) {
	err = t.each(selectFree, []any{int64(today)}, func(rows scanner) error {
		var expires, free int64
		err := rows.Scan(&expires, &free)
		parts = append(parts, ledger.Part{Expires: ledger.Day(expires), Points: ledger.Points(free)})
		return err
	})
	return parts, err
}

// allow sets points aside under the kiosk's cap, as far as there is room.
func (s *Store) allow(ctx context.Context, kiosk, id string, want ledger.Points) (allowed ledger.Points, epoch uint32, err error) {
	err = s.write(ctx, "allowing a grant", kiosk, func(t *txn) (err error) {
		allowed, epoch, err = t.allow(id, want, s.now())
		return err
	})
	return allowed, epoch, err
}

func (t *txn) allow(id string, want ledger.Points, now int64) (allowed ledger.Points, epoch uint32, err error) {
	if err := t.exec(dropAllowance, id); err != nil { // of a run whose answer was lost
		return 0, 0, err
	}
	room, epoch, err := t.room()
	if err != nil {
		return 0, 0, err
	}
	allowed = min(want, room)
	return allowed, epoch, t.change(insertAllowance, id, int64(allowed), now)
}

// room is how much more the kiosk may be granted under its cap; none is ErrCap.
func (t *txn) room() (room ledger.Points, epoch uint32, err error) {
	k, err := t.kiosk()
	if err != nil {
		return 0, 0, err
	}
	c, err := t.serving(k)
	if err != nil {
		return 0, 0, err
	}
	var aside int64
	if _, err := t.one(selectAllowances, nil, &aside); err != nil {
		return 0, 0, err
	}
	if room = k.Cap - c.Outstanding() - ledger.Points(aside); room <= 0 {
		return 0, 0, fmt.Errorf("%w: %d of %d outstanding at %s", ErrCap, c.Outstanding(), k.Cap, k.ID)
	}
	return room, k.Epoch, nil
}

// grant moves free points into the rights of a chain, as long as those are below a
// total, and posts that.
func (t *txn) grant(kiosk string, epoch uint32, id string, want, total ledger.Points, today ledger.Day, now int64) (ledger.Points, error) {
	var before int64
	if again, err := t.one(selectOutboxID, []any{id}, &before); err != nil || again {
		return ledger.Points(before), err
	}
	a, _, err := t.rights(kiosk, int64(epoch))
	if err != nil {
		return 0, err
	}
	for _, r := range a.Rights {
		total -= r.Granted
	}
	want = max(0, min(want, total))
	lots, err := t.freeLots(today)
	if err != nil {
		return 0, err
	}
	left := want
	for _, lot := range lots {
		take := min(left, lot.Points)
		if take == 0 {
			break
		}
		if err := t.change(takeFree, int64(lot.Expires), int64(take)); err != nil {
			return 0, err
		}
		if err := t.change(grantRight, kiosk, int64(epoch), int64(lot.Expires), int64(take)); err != nil {
			return 0, err
		}
		left -= take
	}
	if left == want {
		return 0, nil
	}
	return want - left, t.post(id, outboxGrant, kiosk, epoch, want-left, now)
}

// fresh tells whether the kiosk serves and synced within the policy's days.
func (s *Store) fresh(ctx context.Context, kiosk string) (fresh bool, err error) {
	err = s.read(ctx, "reading a kiosk", kiosk, func(t *txn) error {
		k, err := t.kiosk()
		if err != nil {
			return err
		}
		if _, err = t.serving(k); err != nil {
			return err
		}
		days, err := t.freshDays(int64(s.cfg.FreshDays))
		fresh = k.Seen.After(s.cfg.Now().Add(-time.Duration(days) * 24 * time.Hour))
		return err
	})
	return fresh && err == nil, passing(err)
}

// freshDays are those that the rules of the kiosk's station say, if they say any.
func (t *txn) freshDays(usual int64) (int64, error) {
	stored, found, err := t.storedDocument(KindStation, fmt.Sprint(t.shard))
	if err != nil || !found {
		return usual, err
	}
	d, err := stored.document()
	if err != nil || d.Station == nil || d.Station.Policy.FreshDays == 0 {
		return usual, err
	}
	return d.Station.Policy.FreshDays, nil
}

// GrantHome grants the kiosk what its own volunteers have free at the center,
// mostly because it was away when they earned it. It returns how many it served;
// call it again while that is not 0.
func (s *Store) GrantHome(ctx context.Context, kiosk string) (int, error) {
	fresh, err := s.fresh(ctx, kiosk)
	if err != nil || !fresh {
		return 0, err
	}
	return s.GrantCarried(ctx, kiosk)
}

// GrantCarried is GrantHome for a kiosk that somebody is on the way to with its
// documents, so that it does not matter when it synced.
func (s *Store) GrantCarried(ctx context.Context, kiosk string) (int, error) {
	var volunteers []string
	args := []any{kiosk, int64(s.today()), int64(sweepBatch)}
	err := s.scatter(ctx, "looking for free points", scatterHome, args, func() { volunteers = nil }, func(rows scanner) error {
		var v string
		err := rows.Scan(&v)
		volunteers = append(volunteers, v)
		return err
	})
	if err != nil {
		return 0, err
	}
	ids := make([]ledger.ID, len(volunteers))
	for i, v := range volunteers {
		if ids[i], err = ledger.ParseID(v); err != nil {
			return 0, bug("a volunteer %q", v)
		}
	}
	return s.grantMany(ctx, kiosk, ids)
}
