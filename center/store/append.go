package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"yizhan/ledger"
)

const (
	selectHash  = `SELECT hash FROM entry WHERE kiosk = $1 AND epoch = $2 AND seq = $3`
	insertEntry = `INSERT INTO entry (kiosk, epoch, seq, hash, kind, volunteer, parts, raw) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	// insertEntries is insertEntry for entriesAtOnce rows: a round trip to the database
	// costs more than a row.
	insertEntries = `INSERT INTO entry (kiosk, epoch, seq, hash, kind, volunteer, parts, raw) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8), ($1, $2, $9, $10, $11, $12, $13, $14),
		($1, $2, $15, $16, $17, $18, $19, $20), ($1, $2, $21, $22, $23, $24, $25, $26),
		($1, $2, $27, $28, $29, $30, $31, $32), ($1, $2, $33, $34, $35, $36, $37, $38),
		($1, $2, $39, $40, $41, $42, $43, $44), ($1, $2, $45, $46, $47, $48, $49, $50),
		($1, $2, $51, $52, $53, $54, $55, $56), ($1, $2, $57, $58, $59, $60, $61, $62),
		($1, $2, $63, $64, $65, $66, $67, $68), ($1, $2, $69, $70, $71, $72, $73, $74),
		($1, $2, $75, $76, $77, $78, $79, $80), ($1, $2, $81, $82, $83, $84, $85, $86),
		($1, $2, $87, $88, $89, $90, $91, $92), ($1, $2, $93, $94, $95, $96, $97, $98)`
	moveHead = `UPDATE chain SET seq = $3, hash = $4, signed = $5, signature = CASE WHEN $5 > signed THEN $6 ELSE signature END,
		spent = spent + $7, refunded = refunded + $8, returned = returned + $9, tallied = CASE WHEN tallied = seq THEN $3 ELSE tallied END
		WHERE kiosk = $1 AND epoch = $2 AND seq = $10`
	countSuspects = `SELECT COUNT(*) FROM suspect WHERE kiosk = $1 AND epoch = $2`
	insertSuspect = `INSERT INTO suspect (kiosk, epoch, seq, hash, raw, reason, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (kiosk, epoch, seq, hash) DO NOTHING`
)

const (
	entriesAtOnce = 16
	entryColumns  = 6 // of a row, after kiosk and epoch
)

// Batch is a run of a kiosk's entries, as they stand in its journal.
type Batch struct {
	Kiosk     string
	Epoch     uint32
	First     uint64      // the number of the first entry
	Entries   [][]byte    // may be empty, to bring a signed head alone
	Head      ledger.Head // signed: the end of a run; zero: none comes with this batch
	Signature []byte
}

// verdict is why a batch puts its chain in quarantine.
type verdict struct {
	cause error
	seq   uint64
	raw   []byte // the entry that gave it away; nil: a head
}

func (v *verdict) Error() string { return v.cause.Error() }
func (v *verdict) Unwrap() error { return v.cause }

// Append takes a batch into the kiosk's chain and returns the chain's head, which
// is durable and may be acknowledged. Entries that are there already are passed
// over.
//
// A fork (ledger.ErrFork), a gap (ledger.ErrGap), a wrong signature (ErrForged) or
// an act that the chain does not allow (ErrRule) takes nothing of the batch and
// puts the chain in quarantine, with what gave it away kept as evidence; the error
// wraps ErrQuarantine too. A chain in quarantine takes what follows.
func (s *Store) Append(ctx context.Context, b Batch) (ledger.Head, error) {
	size := 0
	for _, raw := range b.Entries {
		size += len(raw)
	}
	if len(b.Entries) > MaxBatch || size > MaxBatchBytes || b.First == 0 && len(b.Entries) > 0 || b.First > 1<<62 {
		return ledger.Head{}, fmt.Errorf("%w: %d entries, %d bytes, from %d", ErrInput, len(b.Entries), size, b.First)
	}
	var head ledger.Head
	var bad *verdict
	err := s.write(ctx, "taking entries", b.Kiosk, func(t *txn) error {
		bad = nil
		t.ahead(selectChain, int64(b.Epoch))
		t.ahead(selectLastDay, int64(b.Epoch))
		c, err := t.chain(b.Epoch)
		if err != nil {
			return err
		}
		head = c.Head
		run := newRun(t, c)
		run.open = func() (*days, error) { return t.days(b.Epoch, s.cfg.Zone, s.today()) }
		err = run.check(b)
		if errors.As(err, &bad) {
			return t.quarantine(c, bad, s.now())
		}
		if err != nil {
			return err
		}
		head = run.head
		return t.store(c, run, s.now())
	})
	if err == nil && bad != nil {
		err = fmt.Errorf("%w: %s epoch %d, entry %d: %w", ErrQuarantine, b.Kiosk, b.Epoch, bad.seq, bad.cause)
	}
	return head, err
}

// check walks through the batch, or answers a verdict.
func (r *run) check(b Batch) error {
	c, t := r.chain, r.t
	for i, raw := range b.Entries {
		seq := b.First + uint64(i)
		if seq <= c.Head.Seq {
			var known []byte
			if _, err := t.one(selectHash, []any{int64(b.Epoch), int64(seq)}, &known); err != nil {
				return err
			}
			if hash := ledger.HashOf(raw); string(known) != string(hash[:]) {
				return &verdict{fmt.Errorf("%w: entry %d", ledger.ErrFork, seq), seq, raw}
			}
			continue
		}
		head, e, err := r.head.Next(raw)
		if err == nil && e.Seq != seq {
			err = fmt.Errorf("%w: entry %d stands at %d", ledger.ErrGap, e.Seq, seq)
		}
		if err != nil {
			return &verdict{err, seq, raw}
		}
		if err := r.add(head, e, raw); err != nil {
			return err
		}
	}
	return r.sign(b)
}

// sign holds the signed head against the chain.
func (r *run) sign(b Batch) error {
	if b.Signature == nil {
		return nil
	}
	forged := func(what string) error { return &verdict{fmt.Errorf("%w: %s", ErrForged, what), b.Head.Seq, nil} }
	switch {
	case b.Head.Kiosk != b.Kiosk || b.Head.Epoch != b.Epoch:
		return forged("the head is another chain's")
	case !b.Head.Verify(r.chain.PublicKey, b.Signature):
		return forged("the signature is wrong")
	case b.Head.Seq > r.head.Seq:
		return &verdict{fmt.Errorf("%w: the signed head is at %d, the entries end at %d", ledger.ErrGap, b.Head.Seq, r.head.Seq), b.Head.Seq, nil}
	}
	hash, err := r.hashAt(b.Head.Seq)
	if err != nil {
		return err
	}
	if hash != b.Head.Hash {
		return &verdict{fmt.Errorf("%w: the signed head has another past", ledger.ErrFork), b.Head.Seq, nil}
	}
	if b.Head.Seq > r.signed {
		r.signed, r.signature = b.Head.Seq, b.Signature
	}
	return nil
}

// store writes a run: its entries, what they come to in the kiosk's shard, and the
// head.
func (t *txn) store(c Chain, r *run, now int64) error {
	epoch := int64(c.Head.Epoch)
	for rows := range slices.Chunk(r.entries, entriesAtOnce) {
		args := []any{epoch}
		for _, e := range rows {
			args = append(args, int64(e.seq), e.hash[:], int64(e.kind), e.volunteer, encodeParts(e.parts), e.raw)
		}
		if err := t.insertEntries(args, len(rows)); err != nil {
			return err
		}
	}
	if err := r.save(); err != nil {
		return err
	}
	if err := r.saveArrivals(now); err != nil {
		return err
	}
	if r.head == c.Head && r.signed == c.Signed {
		return nil
	}
	return t.change(moveHead, epoch, int64(r.head.Seq), r.head.Hash[:], int64(r.signed), append([]byte{}, r.signature...),
		int64(r.spent), int64(r.refunded), int64(r.returned), int64(c.Head.Seq))
}

// insertEntries writes rows of entries, whose columns follow the epoch in args.
func (t *txn) insertEntries(args []any, rows int) error {
	if rows == entriesAtOnce {
		return t.exec(insertEntries, args...)
	}
	for columns := range slices.Chunk(args[1:], entryColumns) {
		if err := t.change(insertEntry, append(args[:1:1], columns...)...); err != nil {
			return err
		}
	}
	return nil
}

// Hash is that of one entry of a chain, or ErrUnknown.
func (s *Store) Hash(ctx context.Context, kiosk string, epoch uint32, seq uint64) (hash ledger.Hash, err error) {
	err = s.read(ctx, "reading a hash", kiosk, func(t *txn) error {
		var stored []byte
		found, err := t.one(selectHash, []any{int64(epoch), int64(seq)}, &stored)
		if err == nil && !found {
			err = fmt.Errorf("%w: entry %d of %s epoch %d", ErrUnknown, seq, kiosk, epoch)
		}
		copy(hash[:], stored)
		return err
	})
	return hash, err
}

// Quarantine puts a chain in quarantine for what was noticed outside of it: the
// kiosk's own head differs, say. The first reason stands.
func (s *Store) Quarantine(ctx context.Context, kiosk string, epoch uint32, reason string) error {
	return s.write(ctx, "quarantining a chain", kiosk, func(t *txn) error {
		c, err := t.chain(epoch)
		if err != nil {
			return err
		}
		if c.State != ChainQuarantined {
			if err := t.act(s.now(), t.actor(), "kiosk.stopped", nil, reason); err != nil {
				return err
			}
		}
		return t.quarantine(c, &verdict{cause: errors.New(reason)}, s.now())
	})
}

// quarantine keeps the evidence, and the first reason.
func (t *txn) quarantine(c Chain, v *verdict, now int64) error {
	reason := strings.ToValidUTF8(v.cause.Error(), "?")
	reason = strings.ToValidUTF8(reason[:min(len(reason), MaxReason)], "")
	epoch := int64(c.Head.Epoch)
	var kept int64
	if _, err := t.one(countSuspects, []any{epoch}, &kept); err != nil {
		return err
	}
	if v.raw != nil && kept < MaxSuspects {
		hash := ledger.HashOf(v.raw)
		raw := v.raw[:min(len(v.raw), ledger.MaxEntryBytes)]
		if err := t.exec(insertSuspect, epoch, int64(v.seq), hash[:], raw, reason, now); err != nil {
			return err
		}
	}
	if c.State == ChainQuarantined {
		return nil
	}
	return t.change(setState, epoch, string(ChainQuarantined), reason)
}
