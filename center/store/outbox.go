package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"yizhan/civic"
	"yizhan/ledger"
)

// Kinds of outbox rows. All but the last say "look again" rather than what to write: the
// delivery reads the volunteer as it is now, so order and repetition don't
// matter.
const (
	outboxPerson = "person" // target: a scope whose document of the volunteer may be stale
	outboxCard   = "card"   // target: a card that may have changed hands
	outboxKey    = "key"    // target: a key that may be another person's
	outboxGrant  = "grant"  // target: the kiosk that was granted something
	outboxMerge  = "merge"  // target: the record that this one was merged into, or parted from
	outboxHeir   = "heir"   // target: the record that gets points which a reversal took

	outboxAttended = "attended" // target: a kiosk whose document of an attendance may be stale
	outboxNamed    = "named"    // target: the volunteer to whom an attendance without a name belongs
	outboxJoin     = "join"     // target: the record into which an attendance's was merged
	outboxSplit    = "split"    // target: the record from which this one is about to be parted
	outboxBack     = "back"     // target: the record to which its share of an attendance goes back
	outboxHonours  = "honours"  // target: the record into which this one, with hours that were entered, was merged
	outboxSign     = "sign"     // target: the scope on whose review list an attendance may have to be
)

const (
	// sent < 1 keeps SQLite from walking through everybody's unsent rows instead of the volunteer's.
	selectUnsent   = `SELECT id, kind, target, epoch, points, made_ms FROM outbox WHERE volunteer = $1 AND sent < 1 ORDER BY id LIMIT $2`
	markSent       = `UPDATE outbox SET sent = 1 WHERE volunteer = $1 AND id = $2`
	forgetSent     = `DELETE FROM outbox WHERE volunteer = $1 AND sent = 1 AND made_ms < $2`
	selectGranted  = `SELECT expires, granted FROM rights WHERE volunteer = $1 AND kiosk = $2 AND epoch = $3 ORDER BY expires`
	scatterUnsent  = `SELECT DISTINCT volunteer FROM outbox WHERE sent = 0 AND made_ms < $1 LIMIT $2`
	scatterSent    = `SELECT DISTINCT volunteer FROM outbox WHERE sent = 1 AND made_ms < $1 LIMIT $2`
	scatterUnused  = `SELECT DISTINCT kiosk FROM allowance WHERE made_ms < $1 LIMIT $2`
	dropAllowances = `DELETE FROM allowance WHERE kiosk = $1 AND made_ms < $2`
)

// post writes an outbox row. One that is there already came from a run of this
// transaction whose answer was lost; the caller has looked for that before.
func (t *txn) post(id, kind, target string, epoch uint32, points ledger.Points, now int64) error {
	return t.change(insertOutbox, id, kind, target, int64(epoch), int64(points), now)
}

// deliverGrant merges a grant into the kiosk's document of it. One to an epoch that
// has ended meanwhile reaches nobody: it stays with the closed chain, to be written
// off.
func (t *txn) deliverGrant(grant civic.Grant, allowance string) error {
	k, err := t.kiosk()
	if err != nil {
		return err
	}
	if err := t.exec(dropAllowance, allowance); err != nil {
		return err
	}
	if k.Epoch != grant.Epoch {
		return nil
	}
	var before civic.Grant
	old, found, err := t.storedDocument(KindGrant, grant.Volunteer.String())
	if err != nil {
		return err
	}
	if found {
		var d civic.Document
		if err := json.Unmarshal(old.body, &d); err != nil || d.Grant == nil {
			return bug("a grant that cannot be read: %v", err)
		}
		before = *d.Grant
	}
	merged := before.Merge(grant)
	if before.Epoch != grant.Epoch {
		before.Lots = nil
	}
	if more := sum(merged) - sum(before); more > 0 {
		if err := t.change(raiseGranted, int64(grant.Epoch), int64(more)); err != nil {
			return err
		}
	}
	return t.putDocument(civic.Document{Grant: &merged})
}

// sum is what was granted over all lots.
func sum(g civic.Grant) (points ledger.Points) {
	for _, lot := range g.Lots {
		points += lot.Granted
	}
	return points
}

// Sweep takes up what a crash left between two shards: outboxes that were not
// delivered, allowances that no grant used, and rows that have served. It returns
// how many volunteers it brought up to date; call it now and then.
func (s *Store) Sweep(ctx context.Context) (int, error) {
	now := s.now()
	unsent, err := s.list(ctx, "looking for what was not delivered", scatterUnsent, now-sweepAfter.Milliseconds())
	if err != nil {
		return 0, err
	}
	var failed error
	for _, text := range unsent {
		id, err := ledger.ParseID(text)
		if err != nil {
			return 0, bug("an outbox of %q", text)
		}
		failed = errors.Join(failed, s.deliver(ctx, id))
	}
	kiosks, err := s.list(ctx, "looking for allowances nobody used", scatterUnused, now-allowanceKept.Milliseconds())
	for _, kiosk := range kiosks {
		failed = errors.Join(failed, s.write(ctx, "dropping allowances", kiosk, func(t *txn) error {
			return t.exec(dropAllowances, now-allowanceKept.Milliseconds())
		}))
	}
	served, err2 := s.list(ctx, "looking for what has served", scatterSent, now-outboxKept.Milliseconds())
	for _, volunteer := range served {
		failed = errors.Join(failed, s.write(ctx, "forgetting what has served", volunteer, func(t *txn) error {
			return t.exec(forgetSent, now-outboxKept.Milliseconds())
		}))
	}
	if err := errors.Join(err, err2, failed, s.passAll(ctx), s.passAll(ctx), s.sweepAttendances(ctx), s.forgetSessions(ctx), s.forgetPhones(ctx), s.sweepJobs(ctx), s.sweepImports(ctx)); err != nil {
		return 0, fmt.Errorf("sweeping: %w", err)
	}
	return len(unsent), nil
}

// list returns the shard keys that a scatter statement finds before a time.
func (s *Store) list(ctx context.Context, what, query string, before int64) (keys []string, err error) {
	err = s.scatter(ctx, what, query, []any{before, int64(sweepBatch)}, func() { keys = nil }, func(rows scanner) error {
		var key string
		err := rows.Scan(&key)
		keys = append(keys, key)
		return err
	})
	return keys, err
}
