package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// txn is a transaction of one value of a shard key. The value is $1 of every
// statement, and the arguments follow as $2 and on, so a statement cannot reach
// another shard.
type txn struct {
	ctx    context.Context
	tx     *sql.Tx
	shard  any // string or []byte
	raised *bool

	singles *[]single // that were not looked at yet
	far     bool      // a round trip away: PostgreSQL
	early   []early
}

// scanner is a row of an answer.
type scanner interface{ Scan(dest ...any) error }

// exec runs a statement, whatever it changes. As with change, a mistake of it may be
// told by a later statement, or at the end: see pgTx.
func (t *txn) exec(query string, args ...any) error {
	t.forget()
	_, err := t.tx.ExecContext(t.ctx, query, t.of(args)...)
	return err
}

// changed is exec for those who have to know how many rows it changed.
func (t *txn) changed(query string, args ...any) (int64, error) {
	t.forget()
	result, err := t.tx.ExecContext(t.ctx, query, t.of(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// change runs a statement that must change exactly one row. That is looked at before
// the commit, where the statement could do anything else.
func (t *txn) change(query string, args ...any) error {
	t.forget()
	result, err := t.tx.ExecContext(t.ctx, query, t.of(args)...)
	if err == nil && !writesAlways(query) {
		*t.singles = append(*t.singles, single{query, result})
	}
	return err
}

// single is a statement that must have changed one row.
type single struct {
	query  string
	result sql.Result
}

// writesAlways tells whether a statement is an INSERT that writes its row whatever stands
// there.
func writesAlways(query string) bool {
	return query[0] == 'I' && !strings.Contains(query, "NOTHING") && !strings.Contains(query, "WHERE")
}

// settleChanges looks at what change has put off.
func (t *txn) settleChanges() error {
	for _, c := range *t.singles {
		n, err := c.result.RowsAffected()
		if err != nil {
			return err
		}
		if n != 1 {
			return bug("%d rows changed by %q", n, c.query)
		}
	}
	*t.singles = (*t.singles)[:0]
	return nil
}

// of puts the shard before the arguments of a statement.
func (t *txn) of(args []any) []any { return append([]any{t.shard}, args...) }

// one scans the only row of an answer; found is false when there is none.
func (t *txn) one(query string, args []any, dest ...any) (found bool, err error) {
	return t.query(query, args...).one(dest...)
}

// each calls scan for every row of an answer.
func (t *txn) each(query string, args []any, scan func(scanner) error) error {
	return t.query(query, args...).each(scan)
}

// question is a statement that was asked, whose answer is looked at later: those that
// are asked one after the other cost one round trip. Each must be looked at.
type question struct {
	rows *sql.Rows
	err  error
}

func (t *txn) query(query string, args ...any) question {
	for i, a := range t.early {
		if a.query == query && slices.Equal(a.args, args) {
			t.early = slices.Delete(t.early, i, i+1)
			return a.question
		}
	}
	rows, err := t.tx.QueryContext(t.ctx, query, t.of(args)...)
	return question{rows, err}
}

// ahead asks what will be asked later, in one round trip with what else is asked now.
// It changes nothing but the time, and nothing at all where there are no round trips.
// What was not used by then is forgotten with the first write.
func (t *txn) ahead(query string, args ...any) {
	if !t.far {
		return
	}
	t.early = append(t.early, early{query, args, t.query(query, args...)})
}

// early is a question that was asked ahead.
type early struct {
	query string
	args  []any
	question
}

// forget drops what was asked ahead and not looked at.
func (t *txn) forget() {
	for _, a := range t.early {
		if a.err == nil {
			a.rows.Close()
		}
	}
	t.early = nil
}

func (q question) one(dest ...any) (found bool, err error) {
	err = q.each(func(row scanner) error {
		if found {
			return nil
		}
		found = true
		return row.Scan(dest...)
	})
	return found && err == nil, err
}

func (q question) each(scan func(scanner) error) error {
	if q.err != nil {
		return q.err
	}
	return drain(q.rows, scan)
}

func drain(rows *sql.Rows, scan func(scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// write runs f in a transaction of the shard. It may run it more than once, even
// after a run that was committed when the answer was lost: f starts from nothing
// each time, and finds what an earlier run has done.
func (s *Store) write(ctx context.Context, what string, shard any, f func(*txn) error) error {
	if s.sqlite {
		select {
		case s.writing <- struct{}{}:
			defer func() { <-s.writing }()
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", what, ctx.Err())
		}
	}
	// A run may be committed though its answer is lost, and the next one finds nothing to
	// do: what any of them raised is announced.
	raised := false
	err := s.repeat(ctx, what, func() error { return s.once(ctx, false, shard, &raised, f) })
	if raised {
		s.announce(fmt.Sprint(shard))
	}
	return err
}

// read runs f in a transaction of the shard that changes nothing.
func (s *Store) read(ctx context.Context, what string, shard any, f func(*txn) error) error {
	return s.repeat(ctx, what, func() error { return s.once(ctx, true, shard, nil, f) })
}

// writeEach runs f in a transaction of each shard, as write does, and is for many
// of them: in a SQLite file, where every commit waits for the disk, a number are
// committed together; on PostgreSQL several run side by side. A caller counts on
// neither: when it fails, some may have been done, and each is written so that it
// may be done again.
func (s *Store) writeEach(ctx context.Context, what string, shards []string, f func(t *txn, i int) error) error {
	if !s.sqlite {
		return sideBySide(len(shards), func(i int) error {
			return s.write(ctx, what, shards[i], func(t *txn) error { return f(t, i) })
		})
	}
	for first := 0; first < len(shards); first += shardsAtOnce {
		last := min(first+shardsAtOnce, len(shards))
		raised := make([]bool, last-first)
		err := s.write(ctx, what, nil, func(t *txn) error {
			return t.inShards(shards[first:last], raised, func(t *txn, i int) error { return f(t, first+i) })
		})
		for i, shard := range shards[first:last] {
			if raised[i] {
				s.announce(shard)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readEach is writeEach for transactions that change nothing.
func (s *Store) readEach(ctx context.Context, what string, shards []string, f func(t *txn, i int) error) error {
	if !s.sqlite {
		return sideBySide(len(shards), func(i int) error {
			return s.read(ctx, what, shards[i], func(t *txn) error { return f(t, i) })
		})
	}
	return s.read(ctx, what, nil, func(t *txn) error { return t.inShards(shards, make([]bool, len(shards)), f) })
}

// inShards gives each shard a transaction of its own to look at, though one commit
// ends them all.
func (t *txn) inShards(shards []string, raised []bool, f func(t *txn, i int) error) error {
	for i, shard := range shards {
		of := &txn{ctx: t.ctx, tx: t.tx, shard: shard, raised: &raised[i], singles: t.singles}
		err := f(of, i)
		of.forget()
		if err != nil {
			return err
		}
	}
	return nil
}

// sideBySide calls f for 0 to n-1 from shardWriters goroutines and returns the
// first error; what has not begun then never does.
func sideBySide(n int, f func(i int) error) error {
	var next, failed atomic.Int64
	errs := make([]error, min(shardWriters, n))
	var wait sync.WaitGroup
	for w := range errs {
		wait.Go(func() {
			for failed.Load() == 0 {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[w] = f(i); errs[w] != nil {
					failed.Store(1)
				}
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// scatter reads across all shards. What it finds is a hint: it is looked at again
// in the transaction of its shard. start runs before each attempt.
func (s *Store) scatter(ctx context.Context, what, query string, args []any, start func(), scan func(scanner) error) error {
	return s.repeat(ctx, what, func() error {
		start()
		rows, err := s.db.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		return drain(rows, scan)
	})
}

func (s *Store) once(ctx context.Context, readOnly bool, shard any, raised *bool, f func(*txn) error) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: readOnly})
	if err != nil {
		return err
	}
	t := &txn{ctx: ctx, tx: tx, shard: shard, raised: raised, singles: new([]single), far: !s.sqlite}
	err = f(t)
	t.forget()
	if err == nil {
		err = t.settleChanges()
	}
	if err != nil {
		tx.Rollback() // the error of f says more
		return err
	}
	return tx.Commit()
}

// repeat runs f until it ends in a way that another run would not better.
func (s *Store) repeat(ctx context.Context, what string, f func() error) error {
	backoff := firstBackoff
	for attempt := 1; ; attempt++ {
		err := f()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil || !again(err):
			return fmt.Errorf("%s: %w", what, err)
		case attempt == maxAttempts:
			return fmt.Errorf("%s: %w: %w", what, ErrBusy, err)
		}
		s.cfg.Log.Debug("a transaction is repeated", "what", what, "attempt", attempt, "error", err)
		if !s.sleep(ctx, backoff) {
			return fmt.Errorf("%s: %w", what, ctx.Err())
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// sleep waits between half of d and d, so that those who collided part.
func (s *Store) sleep(ctx context.Context, d time.Duration) bool {
	s.mu.Lock()
	d = d/2 + time.Duration(s.jitter.Int64N(int64(d/2)+1))
	s.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
