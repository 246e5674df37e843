package store

import (
	"context"
	"database/sql/driver"
	"io"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// faults stands between the store and its database: now and then a statement
// fails as it does when transactions collide, or the connection is cut before the
// statement, before the commit, or after the commit and before its answer.
type faults struct {
	mu    sync.Mutex
	dice  *rand.Rand
	oneIn int // about how many calls go well for each fault; 0: all but commits do
	hits  map[string]int
	odd   bool // with oneIn 0: the next commit's answer is lost
}

func newFaults(seed uint64, oneIn int) *faults {
	return &faults{dice: rand.New(rand.NewPCG(seed, 4)), oneIn: oneIn, hits: make(map[string]int)}
}

func (f *faults) wrap(c driver.Connector) driver.Connector { return faultyConnector{c, f} }

// draw chooses one of the faults, or none.
func (f *faults) draw(kinds ...string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.oneIn == 0 {
		return ""
	}
	oneIn := f.oneIn
	if slices.Contains(kinds, "cut after commit") {
		oneIn = max(1, oneIn/4) // a transaction has one commit, and many statements
	}
	if f.dice.IntN(oneIn) > 0 {
		return ""
	}
	kind := kinds[f.dice.IntN(len(kinds))]
	f.hits[kind]++
	return kind
}

// everySecond tells whether this commit's answer is lost, so that whatever runs
// alone is run twice.
func (f *faults) everySecond() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.odd = !f.odd
	return f.oneIn == 0 && f.odd
}

type faultyConnector struct {
	driver.Connector
	faults *faults
}

func (c faultyConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &faultyConn{Conn: conn, faults: c.faults}, nil
}

type faultyConn struct {
	driver.Conn
	faults *faults
	gone   bool
}

func (c *faultyConn) IsValid() bool { return !c.gone }

// Close was done already when the connection was cut.
func (c *faultyConn) Close() error {
	if c.gone {
		return nil
	}
	return c.Conn.Close()
}

func (c *faultyConn) cut() error {
	c.gone = true
	c.Conn.Close()
	return io.ErrUnexpectedEOF
}

// fail is the fault of a call that has not been made.
func (c *faultyConn) fail() error {
	if c.gone {
		return driver.ErrBadConn
	}
	switch kind := c.faults.draw("40001", "40P01", "cut"); kind {
	case "":
		return nil
	case "cut":
		return c.cut()
	default:
		return &pgconn.PgError{Code: kind, Message: "injected"}
	}
}

func (c *faultyConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.fail(); err != nil {
		return nil, err
	}
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return faultyTx{tx, c, opts.ReadOnly}, nil
}

func (c *faultyConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.fail(); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *faultyConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.fail(); err != nil {
		return nil, err
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

type faultyTx struct {
	driver.Tx
	conn  *faultyConn
	reads bool
}

func (t faultyTx) Rollback() error {
	if t.conn.gone {
		return driver.ErrBadConn
	}
	return t.Tx.Rollback()
}

func (t faultyTx) Commit() error {
	if t.conn.gone {
		return driver.ErrBadConn
	}
	kind := t.conn.faults.draw("40001", "cut before commit", "cut after commit")
	if !t.reads && t.conn.faults.everySecond() {
		kind = "cut after commit"
	}
	switch kind {
	case "":
		return t.Tx.Commit()
	case "cut after commit":
		if err := t.Tx.Commit(); err != nil {
			return err
		}
		return t.conn.cut()
	case "cut before commit":
		t.Tx.Rollback()
		return t.conn.cut()
	default:
		t.Tx.Rollback()
		return &pgconn.PgError{Code: kind, Message: "injected"}
	}
}
