package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"yizhan/center/store/storetest"
)

// A transaction sends nothing before somebody looks at an answer, and then all at once;
// what goes wrong is told by then, and ends with nothing written.
func TestTransactionsAreSentTogether(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, Config{Database: storetest.Database(t), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	conn, err := s.db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	waiting := func() (n int) {
		conn.Raw(func(c any) error {
			if tx := c.(*pgConn).tx; tx != nil {
				n = len(tx.queue)
			}
			return nil
		})
		return n
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	card := []byte("card1")
	if _, err := tx.ExecContext(ctx, `INSERT INTO era (id, name) VALUES ($1, $2)`, int64(77), string(card)); err != nil {
		t.Fatal(err)
	}
	if n := waiting(); n != 2 { // with the beginning
		t.Errorf("%d statements wait", n)
	}
	var name string
	if err := tx.QueryRowContext(ctx, `SELECT name FROM era WHERE id = $1`, int64(77)).Scan(&name); err != nil || name != "card1" {
		t.Errorf("read back %q, %v", name, err)
	}
	if n := waiting(); n != 0 {
		t.Errorf("%d statements wait after an answer", n)
	}
	// The row is there twice now: the server says so with the commit.
	if _, err := tx.ExecContext(ctx, `INSERT INTO era (id, name) VALUES ($1, $2)`, int64(77), "again"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err == nil || !strings.Contains(err.Error(), "23505") {
		t.Errorf("the commit says %v", err)
	}
	var n int
	if err := conn.QueryRowContext(ctx, `SELECT COUNT(*) FROM era WHERE id = 77`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d rows are left, %v", n, err)
	}
	if _, err := conn.ExecContext(ctx, `INSERT INTO era (id, name) VALUES (78, 'x')`); err != nil {
		t.Errorf("the connection is of no use any more: %v", err)
	}
}

// A statement that must change one row and does not ends its transaction, though nobody
// looked at it before the end.
func TestEveryChangeIsLookedAt(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		v := w.person(1, "")
		err := w.write(t.Context(), "trying", v.String(), func(t *txn) error {
			if err := t.exec(raisePerson); err != nil {
				return err
			}
			return t.change(markSent, "no such row")
		})
		if err == nil || !strings.Contains(err.Error(), "0 rows changed") {
			t.Errorf("a change that changed nothing: %v", err)
		}
		p, err := w.Person(t.Context(), v)
		if w.must(err); p.Version != 1 {
			t.Errorf("it was written all the same: version %d", p.Version)
		}
	})
}

// What was asked ahead is used once, and not after a write.
func TestAskedAhead(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		v := w.person(1, "")
		version := func(t *txn) uint64 {
			p, _, err := t.person()
			w.must(err)
			return p.Version
		}
		w.must(w.write(t.Context(), "trying", v.String(), func(tx *txn) error {
			tx.ahead(selectPerson)
			tx.ahead(selectPerson)
			before := version(tx)
			if err := tx.exec(raisePerson); err != nil {
				return err
			}
			if after := version(tx); after != before+1 {
				t.Errorf("version %d was read after the write, %d before", after, before)
			}
			tx.ahead(selectPerson) // and nobody looks
			return nil
		}))
		stop := errors.New("stop")
		if err := w.read(t.Context(), "trying", v.String(), func(tx *txn) error { tx.ahead(selectPerson); return stop }); !errors.Is(err, stop) {
			t.Errorf("got %v", err)
		}
		if err := w.read(context.WithoutCancel(t.Context()), "trying", v.String(), func(tx *txn) error { version(tx); return nil }); err != nil {
			t.Error(err)
		}
	})
}
