package store

import (
	"sync"
	"testing"
	"time"
)

// A process dies after the volunteer's shard has granted points and before the
// kiosk's shard was told: the next sweep tells it, once.
func TestSweepTakesUpWhatACrashLeft(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		b := w.kiosk("SQ-01")
		v := w.person(1, "")
		w.earn(v, lotA, 50)
		allowed, epoch, err := w.allow(ctx, "SQ-01", "crashed", 20)
		if err != nil || allowed != 20 || epoch != 1 {
			t.Fatalf("%d allowed in epoch %d, %v", allowed, epoch, err)
		}
		w.must(w.write(ctx, "granting", v.String(), func(t *txn) error {
			_, err := t.grant("SQ-01", epoch, "crashed", allowed, noTotal, w.today(), w.now())
			return err
		}))
		if _, _, err := w.allow(ctx, "SQ-01", "never used", 30); err != nil {
			t.Fatal(err)
		}
		b.down()
		if b.spendable(v) != 0 {
			t.Fatalf("%d spendable before the sweep", b.spendable(v))
		}
		for _, want := range []int{0, 1, 0} { // too early, then once
			if n, err := w.Sweep(ctx); n != want || err != nil {
				t.Errorf("%d volunteers swept, want %d, %v", n, want, err)
			}
			w.time = w.time.Add(time.Minute)
		}
		b.down()
		if b.spendable(v) != 20 {
			t.Errorf("%d spendable after the sweep", b.spendable(v))
		}
		for table, want := range map[string]int{"outbox": 4, "allowance": 1} {
			if n := w.rows(table); n != want {
				t.Errorf("%d rows in %s, want %d", n, table, want)
			}
		}
		w.time = w.time.Add(25 * time.Hour)
		if _, err := w.Sweep(ctx); err != nil {
			t.Error(err)
		}
		for _, table := range []string{"outbox", "allowance"} {
			if n := w.rows(table); n != 0 {
				t.Errorf("%d rows left in %s", n, table)
			}
		}
		if _, c, err := w.Kiosk(ctx, "SQ-01"); err != nil || c.Granted != 20 {
			t.Errorf("%+v, %v", c, err)
		}
		w.proof()
	})
}

func (w *world) rows(table string) (n int) {
	w.t.Helper()
	w.must(w.db.QueryRow("SELECT COUNT(*) FROM " + table).Scan(&n))
	return n
}

// A later version of the program adds tables to a book that is in use, while
// another process starts at the same moment.
func TestMigrationsGoOnWhereTheyStood(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		v := w.person(1, "")
		w.earn(v, lotA, 5)
		whole := schema
		defer func() { schema = whole }()
		schema = append(schema[:len(schema):len(schema)],
			`CREATE TABLE IF NOT EXISTS later (volunteer TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (volunteer))`,
			`CREATE INDEX IF NOT EXISTS later_note ON later (note)`)
		var group sync.WaitGroup
		errs := make(chan error, 4)
		for range 4 {
			group.Go(func() {
				s, err := Open(t.Context(), w.Store.cfg)
				if err == nil {
					err = s.Close()
				}
				errs <- err
			})
		}
		group.Wait()
		for range 4 {
			w.must(<-errs)
		}
		if n := w.rows("later"); n != 0 {
			t.Error(n)
		}
		if n := w.rows("migration"); n != len(schema) {
			t.Errorf("%d migrations noted, want %d", n, len(schema))
		}
		schema = whole // the program of before still opens it
		s, err := Open(t.Context(), w.Store.cfg)
		w.must(err)
		w.must(s.Close())
		w.proof()
	})
}
