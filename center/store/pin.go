package store

import (
	"cmp"
	"context"

	"yizhan/ledger"
)

const (
	selectPIN = `SELECT verifier, kiosk, epoch, seq, wall_ms FROM pin WHERE volunteer = $1`
	upsertPIN = `INSERT INTO pin (volunteer, verifier, kiosk, epoch, seq, wall_ms) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (volunteer) DO UPDATE SET verifier = excluded.verifier, kiosk = excluded.kiosk, epoch = excluded.epoch, seq = excluded.seq, wall_ms = excluded.wall_ms`
)

// storedPIN is the PIN that a volunteer set at a kiosk.
type storedPIN struct {
	verifier, kiosk string
	epoch           int64
	seq             int64
	wall            int64
}

// after tells whether a PIN was set after another one: within a chain by its order,
// else by the kiosks' clocks, which is the best that anybody knows.
func (p storedPIN) after(o storedPIN) bool {
	if p.kiosk == o.kiosk && p.epoch == o.epoch {
		return p.seq > o.seq
	}
	return cmp.Or(cmp.Compare(p.wall, o.wall), cmp.Compare(p.kiosk, o.kiosk), cmp.Compare(p.epoch, o.epoch)) > 0
}

func (t *txn) pin() (p storedPIN, found bool, err error) {
	found, err = t.one(selectPIN, nil, &p.verifier, &p.kiosk, &p.epoch, &p.seq, &p.wall)
	return p, found, err
}

// setPIN notes the PIN that an entry sets, unless a later one is known. Staff are
// nobody here.
func (t *txn) setPIN(p storedPIN) error {
	_, known, err := t.person()
	if err != nil || !known {
		return err
	}
	old, found, err := t.pin()
	if err != nil || found && !p.after(old) {
		return err
	}
	return t.change(upsertPIN, p.verifier, p.kiosk, p.epoch, p.seq, p.wall)
}

// PINOf returns what a volunteer's PIN is compared with, see civic.CheckPIN: of the one
// that was set at a kiosk last, as far as the kiosks have told, else of the one that
// lists gave; under a record that was merged into the volunteer's as well. It is "" when
// there is none, and ErrUnknown when there is no such volunteer.
func (s *Store) PINOf(ctx context.Context, volunteer ledger.ID) (string, error) {
	list, err := ofRecords(ctx, s, "reading a PIN", volunteer, func(t *txn, list *[]storedPIN) error {
		p, found, err := t.person()
		if err != nil || !found {
			return err
		}
		set, found, err := t.pin()
		if !found {
			set = storedPIN{verifier: p.PIN}
		}
		*list = append(*list, set)
		return err
	})
	if err != nil || len(list) == 0 {
		return "", orUnknown(err, volunteer)
	}
	best := list[0]
	for _, p := range list[1:] {
		if best.verifier == "" || p.wall > best.wall && p.verifier != "" {
			best = p
		}
	}
	return best.verifier, nil
}

// pinTries is the name under which a volunteer's tries are counted: no officer has
// such a one.
func pinTries(volunteer ledger.ID) string { return "pin\n" + volunteer.String() }

// TryPIN counts a try of a volunteer's PIN before it is compared, and answers
// ErrLocked after MaxTries of them, as Try does for an officer.
func (s *Store) TryPIN(ctx context.Context, volunteer ledger.ID) error {
	return s.Try(ctx, pinTries(volunteer))
}

// PassPIN forgets the tries of a volunteer whose PIN was right.
func (s *Store) PassPIN(ctx context.Context, volunteer ledger.ID) error {
	return s.forgetTries(ctx, pinTries(volunteer))
}
