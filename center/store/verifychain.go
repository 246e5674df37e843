package store

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"yizhan/ledger"
)

const (
	selectEntries     = `SELECT seq, hash, kind, volunteer, parts, raw FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq > $3 ORDER BY seq LIMIT $4`
	selectSignature   = `SELECT signature FROM chain WHERE kiosk = $1 AND epoch = $2`
	selectRedemptions = `SELECT seq, volunteer, good, quantity, parts, state, wall_ms, quality, claim, paper, copies, voided, settled, refunded FROM redemption
		WHERE kiosk = $1 AND epoch = $2 ORDER BY seq`
	selectShelves = `SELECT good, moved, sold, restocked, held FROM shelf WHERE kiosk = $1 AND epoch = $2 ORDER BY good`
)

// standing is a volunteer's side of a chain: the rights, and up to where they were
// folded.
type standing struct {
	account ledger.Account
	folded  uint64
}

// replay folds a chain anew, with package ledger alone.
type replay struct {
	where       string
	report      *Report
	head        ledger.Head
	standing    map[string]standing
	accounts    map[string]ledger.Account
	redemptions map[uint64]Redeemed
	shelves     map[string]ledger.Shelf
	unfolded    map[string]uint64 // of a volunteer: the first entry that moves points and is not folded
	signed      ledger.Head       // the entry under the signature
	sums        ledger.Right
	zone        *time.Location
	recount     *recount
}

// verifyChain proves a chain. The order of its reads lets others write meanwhile:
// where the fold stood, then the volunteers, then the entries, which only grow.
func (s *Store) verifyChain(ctx context.Context, kiosk string, epoch uint32, report *Report) error {
	before, err := s.Chain(ctx, kiosk, epoch)
	if err != nil {
		return err
	}
	standing, err := s.standings(ctx, kiosk, epoch)
	if err != nil {
		return err
	}
	report.Chains++
	if err := s.verifyChecks(ctx, before, report); err != nil {
		return err
	}
	return s.read(ctx, "replaying a chain", kiosk, func(t *txn) error {
		r := &replay{where: fmt.Sprintf("%s epoch %d", kiosk, epoch), report: &Report{}, standing: standing,
			head: ledger.Head{Kiosk: kiosk, Epoch: epoch}, accounts: make(map[string]ledger.Account),
			zone: s.cfg.Zone, redemptions: make(map[uint64]Redeemed), shelves: make(map[string]ledger.Shelf), unfolded: make(map[string]uint64)}
		for v, st := range standing {
			for _, right := range st.account.Rights {
				r.accounts[v] = r.accounts[v].Grant(right.Expires, right.Granted)
			}
		}
		if err := r.run(t, before); err != nil {
			return err
		}
		for _, f := range r.report.Findings {
			report.find(f.Where, "%s", f.What)
		}
		report.Entries += r.report.Entries
		return nil
	})
}

// standings reads each volunteer's rights in the chain.
func (s *Store) standings(ctx context.Context, kiosk string, epoch uint32) (map[string]standing, error) {
	all := make(map[string]standing)
	for after := ""; ; {
		var volunteers []string
		args := []any{kiosk, int64(epoch), after, int64(sweepBatch)}
		err := s.scatter(ctx, "reading who was granted something", scatterChain, args, func() { volunteers = nil }, func(rows scanner) error {
			var v string
			err := rows.Scan(&v)
			volunteers = append(volunteers, v)
			return err
		})
		if err != nil || len(volunteers) == 0 {
			return all, err
		}
		for _, v := range volunteers {
			err := s.read(ctx, "reading rights", v, func(t *txn) error {
				var folded int64
				if _, err := t.one(selectFolded, []any{kiosk, int64(epoch)}, &folded); err != nil {
					return err
				}
				account, _, err := t.rights(kiosk, int64(epoch))
				all[v] = standing{account, uint64(folded)}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		after = volunteers[len(volunteers)-1]
	}
}

// run walks through the chain and compares what it comes to with what stands in
// the tables.
func (r *replay) run(t *txn, before Chain) error {
	c, err := t.chain(r.head.Epoch)
	if err != nil {
		return err
	}
	r.signed.Seq = c.Signed
	if r.recount, err = t.recount(c, r.zone); err != nil {
		return err
	}
	for {
		n := 0
		err := t.each(selectEntries, []any{int64(r.head.Epoch), int64(r.head.Seq), int64(foldBatch)}, func(rows scanner) error {
			n++
			return r.entry(rows)
		})
		if err == errBroken {
			return nil
		}
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if r.head != c.Head {
		r.find("the entries end at %d, the head says %d, or with another hash", r.head.Seq, c.Head.Seq)
	}
	if c.Folded > c.Signed || c.Signed > c.Head.Seq {
		r.find("folded up to %d, signed up to %d, stored up to %d", c.Folded, c.Signed, c.Head.Seq)
	}
	if r.sums.Spent != c.Spent || r.sums.Refunded != c.Refunded || r.sums.Returned != c.Returned {
		r.find("spent, refunded, returned: %d, %d, %d by the entries, %d, %d, %d noted",
			r.sums.Spent, r.sums.Refunded, r.sums.Returned, c.Spent, c.Refunded, c.Returned)
	}
	r.compareRights(before)
	r.recount.end(r.find)
	if err := r.signature(t, c); err != nil {
		return err
	}
	return r.compareRows(t)
}

// errBroken ends a replay that cannot go on.
var errBroken = bug("a broken chain")

func (r *replay) find(format string, args ...any) { r.report.find(r.where, format, args...) }

func (r *replay) entry(rows scanner) error {
	var seq uint64
	var hash, parts, raw []byte
	var kind ledger.Kind
	var volunteer string
	if err := rows.Scan(&seq, &hash, &kind, &volunteer, &parts, &raw); err != nil {
		return err
	}
	head, e, err := r.head.Next(raw)
	if err != nil || head.Seq != seq {
		r.find("entry %d does not follow entry %d: %v", seq, r.head.Seq, err)
		return errBroken
	}
	if !bytes.Equal(hash, head.Hash[:]) || kind != e.Body.Kind() {
		r.find("entry %d stands under another hash or kind", seq)
	}
	r.head = head
	if seq == r.signed.Seq {
		r.signed = head
	}
	r.report.Entries++
	who, moved, err := r.fold(e)
	if err != nil {
		r.find("entry %d: %v", seq, err)
		return nil
	}
	r.recount.add(e, r.redemptions[redemptionOf(e.Body)].Redemption, r.find)
	if len(moved) > 0 && volunteer != who || len(moved) == 0 && volunteer != "" || !bytes.Equal(parts, encodeParts(moved)) {
		r.find("entry %d moves other points than noted", seq)
	}
	return nil
}

// fold applies an entry to the volunteer's account, if the center has folded it
// there, to redemptions and to shelves.
func (r *replay) fold(e ledger.Entry) (who string, moved []ledger.Part, err error) {
	var number uint64
	var step stepFunc
	switch body := e.Body.(type) {
	case ledger.Reserve:
		who = body.Volunteer.String()
		var account ledger.Account
		account, r.shelves[body.Good] = body.Apply(r.accounts[who], r.shelves[body.Good])
		r.keep(who, e.Seq, account)
		r.redemptions[e.Seq] = reserved(e, body)
		return who, body.Parts, nil
	case ledger.Return:
		who = body.Volunteer.String()
		r.keep(who, e.Seq, r.accounts[who].Return(body.Parts))
		r.sums.Returned += ledger.Sum(body.Parts)
		return who, body.Parts, nil
	case ledger.Stock:
		shelf := r.shelves[body.Good]
		shelf.Moved += body.Delta
		r.shelves[body.Good] = shelf
		return "", nil, nil
	case ledger.Settle:
		number, step = body.Redemption, ledger.Redemption.Settle
		r.sums.Spent += ledger.Sum(r.redemptions[number].Parts)
	case ledger.Cancel:
		number, step = body.Redemption, ledger.Redemption.Cancel
	case ledger.Refund:
		number, step = body.Redemption, func(x ledger.Redemption, a ledger.Account, s ledger.Shelf) (ledger.Redemption, ledger.Account, ledger.Shelf, error) {
			return x.Refund(a, s, body.Restock)
		}
		r.sums.Refunded += ledger.Sum(r.redemptions[number].Parts)
	case ledger.Print:
		if x, known := r.redemptions[body.Job]; known {
			x.Slip = x.Slip.After(body)
			r.redemptions[body.Job] = x
		}
		return "", nil, nil
	default:
		return "", nil, nil
	}
	x := r.redemptions[number]
	who = x.Volunteer.String()
	after, account, shelf, err := step(x.Redemption, r.accounts[who], r.shelves[x.Good])
	if err != nil {
		return "", nil, err
	}
	x.Redemption = after
	x = x.moved(e.Seq)
	r.keep(who, e.Seq, account)
	r.redemptions[number], r.shelves[x.Good] = x, shelf
	return who, x.Parts, nil
}

// keep takes the account over if the center has folded the entry there.
func (r *replay) keep(who string, seq uint64, account ledger.Account) {
	if seq <= r.standing[who].folded {
		r.accounts[who] = account
	} else if r.unfolded[who] == 0 {
		r.unfolded[who] = seq
	}
}

func (r *replay) compareRights(before Chain) {
	for who, seq := range r.unfolded {
		if seq <= before.Folded {
			r.find("entry %d is not folded for volunteer %s", seq, who)
		}
	}
	for _, who := range slices.Sorted(maps.Keys(r.standing)) {
		if st := r.standing[who]; !slices.Equal(st.account.Rights, r.accounts[who].Rights) {
			r.find("the rights of volunteer %s are %+v, a fresh fold comes to %+v", who, st.account.Rights, r.accounts[who].Rights)
		}
	}
	granted := ledger.Points(0)
	for _, st := range r.standing {
		for _, right := range st.account.Rights {
			granted += right.Granted
		}
	}
	if before.Granted > granted {
		r.find("%d granted by the documents, %d by the rights", before.Granted, granted)
	}
}

func (r *replay) signature(t *txn, c Chain) error {
	if c.Signed == 0 {
		return nil
	}
	var signature []byte
	if _, err := t.one(selectSignature, []any{int64(r.head.Epoch)}, &signature); err != nil {
		return err
	}
	if !r.signed.Verify(c.PublicKey, signature) {
		r.find("the signature of the head at %d is wrong", c.Signed)
	}
	return nil
}

// compareRows holds redemptions and shelves against the replay.
func (r *replay) compareRows(t *txn) error {
	err := t.each(selectRedemptions, []any{int64(r.head.Epoch)}, func(rows scanner) error {
		stored, err := scanRedeemed(rows)
		if err != nil {
			return err
		}
		x, known := r.redemptions[stored.Seq]
		delete(r.redemptions, stored.Seq)
		if !known || !x.same(stored) {
			r.find("redemption %d is another one than its entries say", stored.Seq)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = t.each(selectShelves, []any{int64(r.head.Epoch)}, func(rows scanner) error {
		var good string
		var s ledger.Shelf
		if err := rows.Scan(&good, &s.Moved, &s.Sold, &s.Restocked, &s.Held); err != nil {
			return err
		}
		if r.shelves[good] != s {
			r.find("the shelf of %s is %+v, a fresh fold comes to %+v", good, s, r.shelves[good])
		}
		delete(r.shelves, good)
		return nil
	})
	for number := range r.redemptions {
		r.find("redemption %d is missing", number)
	}
	for good := range r.shelves {
		r.find("the shelf of %s is missing", good)
	}
	return err
}
