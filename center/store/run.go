package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"yizhan/ledger"
)

const (
	selectShelf = `SELECT moved, sold, restocked, held FROM shelf WHERE kiosk = $1 AND epoch = $2 AND good = $3`
	upsertShelf = `INSERT INTO shelf (kiosk, epoch, good, moved, sold, restocked, held) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (kiosk, epoch, good) DO UPDATE SET moved = excluded.moved, sold = excluded.sold, restocked = excluded.restocked, held = excluded.held`
)

// run is the part of a chain that one batch adds, folded over what stands in the
// kiosk's shard. Points are only noted, by volunteer; they are folded later.
type run struct {
	t           *txn
	chain       Chain
	head        ledger.Head
	signed      uint64
	signature   []byte
	entries     []runEntry
	redemptions map[uint64]Redeemed
	changed     map[uint64]bool // redemptions of the run
	shelves     map[string]ledger.Shelf
	open        func() (*days, error)
	days        *days     // nil: no entry counts for a day
	arrivals    []arrival // of lines of deliveries

	spent, refunded, returned ledger.Points
}

// runEntry is an entry with the points that it moves.
type runEntry struct {
	seq       uint64
	hash      ledger.Hash
	kind      ledger.Kind
	volunteer string // "": it moves nobody's points
	parts     []ledger.Part
	raw       []byte
}

func newRun(t *txn, c Chain) *run {
	return &run{t: t, chain: c, head: c.Head, signed: c.Signed, redemptions: make(map[uint64]Redeemed),
		changed: make(map[uint64]bool), shelves: make(map[string]ledger.Shelf)}
}

// add folds one entry that follows. An act that the chain does not allow is a
// verdict.
func (r *run) add(head ledger.Head, e ledger.Entry, raw []byte) error {
	moved := runEntry{seq: e.Seq, hash: head.Hash, kind: e.Body.Kind(), raw: raw}
	volunteer, parts, err := r.fold(e)
	if errors.Is(err, ErrRule) {
		return &verdict{err, e.Seq, raw}
	}
	if err != nil {
		return err
	}
	if len(parts) > 0 {
		moved.volunteer, moved.parts = volunteer.String(), parts
	}
	r.head = head
	r.entries = append(r.entries, moved)
	return r.tally(e)
}

// tally counts an entry for its day, unless the entries before it are not counted
// yet: then TallyAll counts it after them.
func (r *run) tally(e ledger.Entry) (err error) {
	if !counts(e.Body.Kind()) || r.chain.Tallied != r.chain.Head.Seq {
		return nil
	}
	if r.days == nil {
		if r.days, err = r.open(); err != nil {
			return err
		}
	}
	r.days.add(e, r.redemptions[redemptionOf(e.Body)].Redemption)
	return nil
}

// fold applies an entry to redemptions and shelves, and returns whose points it
// moves.
func (r *run) fold(e ledger.Entry) (ledger.ID, []ledger.Part, error) {
	switch body := e.Body.(type) {
	case ledger.Reserve:
		shelf, err := r.shelf(body.Good)
		if err != nil {
			return ledger.ID{}, nil, err
		}
		_, r.shelves[body.Good] = body.Apply(ledger.Account{}, shelf)
		r.redemptions[e.Seq] = reserved(e, body)
		r.changed[e.Seq] = true
		return body.Volunteer, body.Parts, nil
	case ledger.Settle:
		return r.step(e.Seq, body.Redemption, &r.spent, ledger.Redemption.Settle)
	case ledger.Cancel:
		return r.step(e.Seq, body.Redemption, nil, ledger.Redemption.Cancel)
	case ledger.Refund:
		return r.step(e.Seq, body.Redemption, &r.refunded, func(x ledger.Redemption, a ledger.Account, s ledger.Shelf) (ledger.Redemption, ledger.Account, ledger.Shelf, error) {
			return x.Refund(a, s, body.Restock)
		})
	case ledger.Return:
		r.returned += ledger.Sum(body.Parts)
		return body.Volunteer, body.Parts, nil
	case ledger.Stock:
		shelf, err := r.shelf(body.Good)
		shelf.Moved += body.Delta
		r.shelves[body.Good] = shelf
		r.arrive(e, body)
		return ledger.ID{}, nil, err
	case ledger.Print:
		return ledger.ID{}, nil, r.printed(body)
	}
	return ledger.ID{}, nil, nil // it moves neither points nor goods
}

type stepFunc func(ledger.Redemption, ledger.Account, ledger.Shelf) (ledger.Redemption, ledger.Account, ledger.Shelf, error)

// step moves a redemption on, and adds its cost to a total.
func (r *run) step(seq, number uint64, sum *ledger.Points, f stepFunc) (ledger.ID, []ledger.Part, error) {
	redemption, err := r.redemption(number)
	if err != nil {
		return ledger.ID{}, nil, fmt.Errorf("entry %d: %w", seq, err)
	}
	shelf, err := r.shelf(redemption.Good)
	if err != nil {
		return ledger.ID{}, nil, err
	}
	redemption.Redemption, _, shelf, err = f(redemption.Redemption, ledger.Account{}, shelf)
	if err != nil {
		return ledger.ID{}, nil, fmt.Errorf("%w: entry %d: %w", ErrRule, seq, err)
	}
	r.redemptions[number], r.changed[number], r.shelves[redemption.Good] = redemption.moved(seq), true, shelf
	if sum != nil {
		*sum += ledger.Sum(redemption.Parts)
	}
	return redemption.Volunteer, redemption.Parts, nil
}

func (r *run) redemption(number uint64) (Redeemed, error) {
	if known, ok := r.redemptions[number]; ok {
		return known, nil
	}
	x, found, err := r.t.redeemed(r.head.Epoch, number)
	if err == nil && !found {
		err = fmt.Errorf("%w: redemption %d is not known", ErrRule, number)
	}
	return x, err
}

// printed notes what became of a redemption's slip. Other slips are of no concern
// here.
func (r *run) printed(p ledger.Print) error {
	x, err := r.redemption(p.Job)
	if errors.Is(err, ErrRule) {
		return nil
	}
	if slip := x.Slip.After(p); err == nil && slip != x.Slip {
		x.Slip = slip
		r.redemptions[p.Job], r.changed[p.Job] = x, true
	}
	return err
}

// reserved is the redemption that an entry begins.
func reserved(e ledger.Entry, body ledger.Reserve) Redeemed {
	return Redeemed{Kiosk: e.Kiosk, Epoch: e.Epoch, Redemption: ledger.Redemption{Reserve: body, Seq: e.Seq, State: ledger.Reserved},
		WallMS: e.WallMS, Quality: e.Quality}
}

func (r *run) shelf(good string) (s ledger.Shelf, err error) {
	if known, ok := r.shelves[good]; ok {
		return known, nil
	}
	_, err = r.t.one(selectShelf, []any{int64(r.head.Epoch), good}, &s.Moved, &s.Sold, &s.Restocked, &s.Held)
	return s, err
}

// hashAt is the hash of an entry of the chain or the run.
func (r *run) hashAt(seq uint64) (ledger.Hash, error) {
	if seq == 0 {
		return ledger.Hash{}, nil
	}
	if seq == r.head.Seq {
		return r.head.Hash, nil
	}
	if seq > r.chain.Head.Seq {
		return r.entries[seq-r.chain.Head.Seq-1].hash, nil
	}
	var hash []byte
	found, err := r.t.one(selectHash, []any{int64(r.head.Epoch), int64(seq)}, &hash)
	if err == nil && (!found || len(hash) != len(ledger.Hash{})) {
		err = bug("entry %d of %s is missing", seq, r.head.Kiosk)
	}
	if err != nil {
		return ledger.Hash{}, err
	}
	return ledger.Hash(hash), nil
}

// save writes the redemptions, shelves and days that the run changed.
func (r *run) save() error {
	epoch := int64(r.head.Epoch)
	for _, number := range slices.Sorted(maps.Keys(r.changed)) {
		if err := r.t.putRedeemed(r.redemptions[number]); err != nil {
			return err
		}
	}
	for _, good := range slices.Sorted(maps.Keys(r.shelves)) {
		s := r.shelves[good]
		if err := r.t.change(upsertShelf, epoch, good, s.Moved, s.Sold, s.Restocked, s.Held); err != nil {
			return err
		}
	}
	if r.days == nil {
		return nil
	}
	return r.t.saveDays(r.days)
}
