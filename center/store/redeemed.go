package store

import (
	"slices"

	"yizhan/ledger"
	"yizhan/printer/spool"
)

const (
	selectRedemption = `SELECT seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE kiosk = $1 AND epoch = $2 AND seq = $3`
	upsertRedemption = `INSERT INTO redemption (kiosk, epoch, seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded, points)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT (kiosk, epoch, seq) DO UPDATE SET state = excluded.state, wall_ms = excluded.wall_ms, quality = excluded.quality,
		claim = excluded.claim, paper = excluded.paper, copies = excluded.copies, voided = excluded.voided,
		settled = excluded.settled, refunded = excluded.refunded, points = excluded.points`
)

// Redeemed is a redemption as it stands now: where, when by the kiosk's clock, and
// what became of it and of its slip. Of its reservation the key, the balance and
// whether it was self-served are left out; they stand in the entry.
type Redeemed struct {
	Kiosk string
	Epoch uint32
	ledger.Redemption
	WallMS  int64 // Unix milliseconds as the kiosk's clock said
	Quality ledger.Quality
	Slip    Slip
	// SettledBy and RefundedBy are the entries of the hand-over and the refund; 0: there is
	// none.
	SettledBy, RefundedBy uint64
}

// Slip is what the kiosk's entries say of the paper of a redemption.
type Slip struct {
	State  spool.State // of its latest copy; 0: nothing was noted yet
	Copies int64       // after the original
	Voided int64       // of which a person saw that they were not whole
}

// moved notes which entry moved the redemption to where it stands now.
func (r Redeemed) moved(seq uint64) Redeemed {
	switch r.State {
	case ledger.Settled:
		r.SettledBy = seq
	case ledger.Refunded:
		r.RefundedBy = seq
	}
	return r
}

// same tells whether two are the same, of what a row holds.
func (r Redeemed) same(x Redeemed) bool {
	return r.Seq == x.Seq && r.Volunteer == x.Volunteer && r.Good == x.Good && r.Quantity == x.Quantity && slices.Equal(r.Parts, x.Parts) &&
		r.State == x.State && r.Claim == x.Claim && r.WallMS == x.WallMS && r.Quality == x.Quality && r.Slip == x.Slip &&
		r.SettledBy == x.SettledBy && r.RefundedBy == x.RefundedBy
}

// After is the slip after a step. One that does not follow is a matter of paper, not
// of points: it is passed over.
func (s Slip) After(p ledger.Print) Slip {
	now := s.State
	if now == 0 {
		now = spool.Queued
	}
	next, err := now.Next(spool.Step(p.Step))
	if err != nil {
		return s
	}
	s.State, s.Copies = next, max(s.Copies, p.Copy)
	if spool.Step(p.Step) == spool.StepVoided {
		s.Voided++
	}
	return s
}

// redeemed reads a redemption of the kiosk; found is false when there is none.
func (t *txn) redeemed(epoch uint32, seq uint64) (r Redeemed, found bool, err error) {
	err = t.each(selectRedemption, []any{int64(epoch), int64(seq)}, func(rows scanner) error {
		found = true
		r, err = scanRedeemed(rows)
		return err
	})
	r.Epoch = epoch
	r.Kiosk, _ = t.shard.(string)
	return r, found, err
}

// scanRedeemed reads a row of selectRedemption's columns; before are columns in
// front of them.
func scanRedeemed(rows scanner, before ...any) (r Redeemed, err error) {
	var seq, claim, settled, refunded int64
	var volunteer string
	var parts []byte
	err = rows.Scan(append(before, &seq, &volunteer, &r.Good, &r.Quantity, &parts, &r.State,
		&r.WallMS, &r.Quality, &claim, &r.Slip.State, &r.Slip.Copies, &r.Slip.Voided, &settled, &refunded)...)
	if err != nil {
		return r, err
	}
	r.Seq, r.Claim, r.SettledBy, r.RefundedBy = uint64(seq), uint16(max(claim, 0)), uint64(max(settled, 0)), uint64(refunded)
	if r.Volunteer, err = ledger.ParseID(volunteer); err != nil {
		return r, bug("a redemption of %q", volunteer)
	}
	r.Parts, err = decodeParts(parts)
	return r, err
}

// putRedeemed writes a redemption of the kiosk.
func (t *txn) putRedeemed(r Redeemed) error {
	return t.change(upsertRedemption, int64(r.Epoch), int64(r.Seq), r.Volunteer.String(), r.Good, r.Quantity, encodeParts(r.Parts), int64(r.State),
		r.WallMS, int64(r.Quality), int64(r.Claim), int64(r.Slip.State), r.Slip.Copies, r.Slip.Voided,
		int64(r.SettledBy), int64(r.RefundedBy), int64(ledger.Sum(r.Parts)))
}
