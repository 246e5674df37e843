package store

import (
	"errors"
	"fmt"

	"yizhan/ledger"
	"yizhan/printer/spool"
)

// apply folds one encoded entry into the book. It is the only door through
// which anything changes that follows from entries: a live write, the replay of
// a journal's tail and a rebuild all come through here, so all give the same
// book. It checks the chain and the states of redemptions; balances were
// guarded before the entry was written, and are not guarded again, because a
// rebuild may meet entries before the documents that grant their points.
func (t *tx) apply(raw []byte) error {
	head, e, err := t.state.Head.Next(raw)
	if err != nil {
		return err
	}
	t.put(bEntry, seqKey(e.Seq), raw)
	if err := t.fold(e); err != nil {
		return fmt.Errorf("applying entry %d: %w", e.Seq, err)
	}
	t.forgetKey(e.Seq)
	t.state.Head = head
	return t.err
}

func (t *tx) fold(e ledger.Entry) error {
	switch b := e.Body.(type) {
	case ledger.Reserve:
		t.reserve(e.Seq, b)
	case ledger.Settle:
		return t.settle(e.Seq, b)
	case ledger.Cancel:
		return t.cancel(e.Seq, b)
	case ledger.Refund:
		return t.refund(e.Seq, b)
	case ledger.Return:
		t.putAccount(b.Volunteer, t.account(b.Volunteer).Return(b.Parts))
		t.remember(b.Volunteer, e.Seq, b.Kind())
	case ledger.Stock:
		s := t.shelf(b.Good)
		s.Moved += b.Delta
		t.putShelf(b.Good, s)
		t.put(bStockMove, seqKey(e.Seq), nil)
		t.arrive(e.Seq, b)
		t.putKey(b.Key, e.Seq)
	case ledger.Register:
		t.register(b)
	case ledger.Print:
		return t.print(b)
	case ledger.CheckIn:
		t.check(e.Seq, b.Check, false)
	case ledger.CheckOut:
		t.check(e.Seq, b.Check, true)
	case ledger.Confirm:
		t.confirm(e.Seq, b)
	case ledger.Object:
		t.put(bObjection, historyKey(b.Volunteer, e.Seq), nil)
		t.putKey(b.Key, e.Seq)
	case ledger.Enlist:
		t.put(bEnlist, pairKey(b.Shift, b.Volunteer), seqKey(e.Seq))
		t.putKey(b.Key, e.Seq)
	case ledger.Staff:
		t.staff(e.Seq, b)
	case ledger.Ticket:
		t.putJob(Job{Seq: e.Seq, Kind: JobTicket, State: spool.Queued})
		t.putKey(b.Key, e.Seq)
	case ledger.Certificate:
		t.putJob(Job{Seq: e.Seq, Kind: JobCertificate, State: spool.Queued})
		t.putKey(b.Key, e.Seq)
	case ledger.Device:
		return t.device(b)
	default:
		return fmt.Errorf("%w: kind %d", ledger.ErrEncoding, e.Body.Kind())
	}
	return nil
}

func (t *tx) reserve(seq uint64, b ledger.Reserve) {
	account, shelf := b.Apply(t.account(b.Volunteer), t.shelf(b.Good))
	t.putAccount(b.Volunteer, account)
	t.putShelf(b.Good, shelf)
	t.putRedemption(seq, redemptionRow{state: ledger.Reserved})
	t.put(bWaiting, seqKey(seq), nil)
	t.put(bClaim, claimKey(b.Claim, seq), nil)
	t.putJob(Job{Seq: seq, Kind: JobReceipt, State: spool.Queued})
	t.remember(b.Volunteer, seq, b.Kind())
	t.putKey(b.Key, seq)
	t.state.Totals.Reserved++
}

func (t *tx) settle(seq uint64, b ledger.Settle) error {
	s, err := t.standing(b.Redemption)
	if err == nil {
		s.Redemption, s.account, s.shelf, err = s.Settle(s.account, s.shelf)
	}
	if err != nil {
		return err
	}
	s.row.settled = seq
	t.putStanding(s)
	t.stopWaiting(s.Redemption)
	t.putKey(b.Key, seq)
	t.state.Totals.Settled++
	t.state.Totals.Spent += ledger.Sum(s.Parts)
	return nil
}

func (t *tx) cancel(seq uint64, b ledger.Cancel) error {
	s, err := t.standing(b.Redemption)
	if err == nil {
		s.Redemption, s.account, s.shelf, err = s.Cancel(s.account, s.shelf)
	}
	if err != nil {
		return err
	}
	s.row.ended = seq
	t.putStanding(s)
	t.stopWaiting(s.Redemption)
	t.remember(s.Volunteer, seq, b.Kind())
	t.putKey(b.Key, seq)
	t.state.Totals.Cancelled++
	return nil
}

func (t *tx) refund(seq uint64, b ledger.Refund) error {
	s, err := t.standing(b.Redemption)
	if err == nil {
		s.Redemption, s.account, s.shelf, err = s.Refund(s.account, s.shelf, b.Restock)
	}
	if err != nil {
		return err
	}
	s.row.ended = seq
	t.putStanding(s)
	t.remember(s.Volunteer, seq, b.Kind())
	t.putKey(b.Key, seq)
	t.state.Totals.Refunded++
	t.state.Totals.Back += ledger.Sum(s.Parts)
	return nil
}

// standing is a redemption with everything that its next step changes.
type standing struct {
	ledger.Redemption
	row     redemptionRow
	entry   ledger.Entry // that reserved it
	account ledger.Account
	shelf   ledger.Shelf
}

func (t *tx) standing(seq uint64) (s standing, err error) {
	var found bool
	if s.Redemption, s.row, s.entry, found = t.redemption(seq); !found {
		return s, errors.Join(t.err, fmt.Errorf("%w: redemption %d", ErrUnknown, seq))
	}
	s.account, s.shelf = t.account(s.Volunteer), t.shelf(s.Good)
	return s, t.err
}

func (t *tx) putStanding(s standing) {
	s.row.state = s.State
	t.putRedemption(s.Seq, s.row)
	t.putAccount(s.Volunteer, s.account)
	t.putShelf(s.Good, s.shelf)
}

// stopWaiting takes a redemption off the list of hand-overs.
func (t *tx) stopWaiting(r ledger.Redemption) {
	t.del(bWaiting, seqKey(r.Seq))
	t.del(bClaim, claimKey(r.Claim, r.Seq))
}

// remember puts an entry into a person's history.
func (t *tx) remember(id ledger.ID, seq uint64, kind ledger.Kind) {
	t.put(bHistory, historyKey(id, seq), []byte{byte(kind)})
}

func (t *tx) putKey(key ledger.Key, seq uint64) {
	if !key.IsZero() {
		t.put(bKey, key[:], seqKey(seq))
	}
}

// forgetKey forgets the idempotency key of an entry that is keepKeys old. The
// number alone decides, so every fold forgets the same ones.
func (t *tx) forgetKey(seq uint64) {
	if seq <= keepKeys {
		return
	}
	_, e, _ := t.entry(seq - keepKeys)
	if key := keyOf(e.Body); !key.IsZero() && keySeq(t.get(bKey, key[:])) == e.Seq {
		t.del(bKey, key[:])
	}
}

// keyOf returns the idempotency key of the request behind an entry.
func keyOf(body ledger.Body) ledger.Key {
	switch b := body.(type) {
	case ledger.Reserve:
		return b.Key
	case ledger.Settle:
		return b.Key
	case ledger.Cancel:
		return b.Key
	case ledger.Refund:
		return b.Key
	case ledger.Stock:
		return b.Key
	case ledger.Staff:
		return b.Key
	case ledger.Ticket:
		return b.Key
	case ledger.CheckIn:
		return b.Key
	case ledger.CheckOut:
		return b.Key
	case ledger.Confirm:
		return b.Key
	case ledger.Object:
		return b.Key
	case ledger.Enlist:
		return b.Key
	case ledger.Certificate:
		return b.Key
	}
	return ledger.Key{}
}

func (t *tx) register(b ledger.Register) {
	p := t.pin(b.Person)
	switch b.Step {
	case ledger.PINTry:
		p.tries++
	case ledger.PINClear:
		p.tries = 0
	case ledger.PINSet:
		p.tries, p.verifier = 0, string(b.Verifier)
	}
	t.putPIN(b.Person, p)
}

func (t *tx) print(b ledger.Print) error {
	j, found := t.job(b.Job)
	if b.Step == ledger.PrintAsked {
		if found {
			return fmt.Errorf("%w: print job %d is there already", ledger.ErrState, b.Job)
		}
		t.putJob(Job{Seq: b.Job, Kind: t.askedKind(b.Job), State: spool.Queued})
		return t.err
	}
	if !found {
		return errors.Join(t.err, fmt.Errorf("%w: print job %d", ErrUnknown, b.Job))
	}
	j, err := j.step(spool.Step(b.Step), b.Note)
	if err != nil {
		return err
	}
	t.putJob(j)
	return nil
}

func (t *tx) staff(seq uint64, b ledger.Staff) {
	t.putKey(b.Key, seq)
	switch b.Act {
	case ledger.StaffCloseDay:
		t.state.Totals = ledger.Totals{FromSeq: seq + 1}
		t.putJob(Job{Seq: seq, Kind: JobClose, State: spool.Queued})
	case ledger.StaffDrawer:
		t.putJob(Job{Seq: seq, Kind: JobDrawer, State: spool.Queued})
	}
}

func (t *tx) device(b ledger.Device) (err error) {
	switch b.Event {
	case ledger.DeviceBundle:
		t.state.Bundle, err = parseAnnounced(b.Text)
	case ledger.DevicePrinter:
		err = t.putPrinter(b.Text)
	case ledger.DeviceEra:
		t.forgetCursors()
		t.state.Era = b.Text
	case ledger.DeviceHalt:
		t.state.Halt = b.Text
	}
	return err
}
