package store

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"io"

	"github.com/jackc/pgx/v5"
)

// pgTx is a transaction. What is asked of it, its beginning included, is kept until
// somebody looks at an answer, and all of that is sent at once: a round trip to the
// database costs more than most statements. So what went wrong with a statement may be
// told by a later one, or by the commit; nothing is sent after it.
type pgTx struct {
	ctx   context.Context // of BeginTx: Commit is handed none
	conn  *pgConn
	queue []*pgAnswer
	begun bool // the server has heard of it
	err   error
}

// maxQueue bounds what is kept of one transaction.
const maxQueue = 256

// pgAnswer is a statement and, once it was sent, its answer: a driver.Result as well
// as driver.Rows.
type pgAnswer struct {
	tx       *pgTx
	query    string
	args     []any
	sent     bool
	columns  []string
	rows     [][]any
	next     int
	affected int64
	err      error
}

func (c *pgConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	begin := "begin"
	if sql.IsolationLevel(opts.Isolation) == sql.LevelSerializable {
		begin += " isolation level serializable"
	}
	if opts.ReadOnly {
		begin += " read only"
	}
	c.tx = &pgTx{ctx: ctx, conn: c}
	_, err := c.tx.keep(begin, nil)
	return c.tx, err
}

// keep notes a statement to be sent, and a copy of what its caller may write over.
func (t *pgTx) keep(query string, args []driver.NamedValue) (*pgAnswer, error) {
	if t.err != nil {
		return nil, t.err
	}
	values := plain(args)
	for i, value := range values {
		if b, ok := value.([]byte); ok {
			values[i] = bytes.Clone(b)
		}
	}
	a := &pgAnswer{tx: t, query: query, args: values}
	t.queue = append(t.queue, a)
	if len(t.queue) == maxQueue {
		return a, t.send()
	}
	return a, nil
}

// send sends what is kept and takes the answers in. The first mistake is the
// transaction's.
//
// A connection that turns out to be closed by the first that is sent had died before:
// after a server was started anew every idle one has, and a transaction that lost an
// attempt to each would run out of them. It goes to another one; should the first have
// done it all the same, that is found as after any attempt whose answer was lost.
func (t *pgTx) send() error {
	if t.err != nil || len(t.queue) == 0 {
		return t.err
	}
	first := !t.begun
	t.begun = true
	if t.err = t.transmit(); first && t.err != nil && t.conn.conn.IsClosed() && t.ctx.Err() == nil {
		if conn, err := pgx.ConnectConfig(t.ctx, t.conn.config.Copy()); err == nil {
			t.conn.conn = conn
			t.err = t.transmit()
		}
	}
	t.queue = nil
	return t.err
}

func (t *pgTx) transmit() (failed error) {
	var batch pgx.Batch
	for _, a := range t.queue {
		batch.Queue(a.query, a.args...)
	}
	results := t.conn.conn.SendBatch(t.ctx, &batch)
	for _, a := range t.queue {
		a.sent = true
		if a.err = a.take(results); failed == nil {
			failed = a.err
		}
	}
	if err := results.Close(); failed == nil {
		failed = err
	}
	return failed
}

func (a *pgAnswer) take(results pgx.BatchResults) error {
	rows, err := results.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	a.columns, a.rows = columnNames(rows), nil
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			return err
		}
		a.rows = append(a.rows, values)
	}
	a.affected = rows.CommandTag().RowsAffected()
	return rows.Err()
}

// fetch has the answer come, unless it is there.
func (a *pgAnswer) fetch() error {
	if !a.sent {
		if err := a.tx.send(); err != nil && !a.sent {
			return err
		}
	}
	return a.err
}

func (a *pgAnswer) RowsAffected() (int64, error) {
	err := a.fetch()
	return a.affected, err
}

// LastInsertId is what driver.Result asks for; PostgreSQL has none.
func (a *pgAnswer) LastInsertId() (int64, error) { return driver.RowsAffected(0).LastInsertId() }

func (a *pgAnswer) Columns() []string {
	a.fetch() // Next tells what is wrong
	return a.columns
}

func (a *pgAnswer) Next(dest []driver.Value) error {
	if err := a.fetch(); err != nil {
		return err
	}
	if a.next == len(a.rows) {
		return io.EOF
	}
	for i, value := range a.rows[a.next] {
		dest[i] = value
	}
	a.rows[a.next] = nil
	a.next++
	return nil
}

func (a *pgAnswer) Close() error { return nil }

// Commit sends what is left and the commit behind it; nothing of either, when nothing
// else was sent or asked.
func (t *pgTx) Commit() error {
	if !t.begun && len(t.queue) == 1 {
		t.conn.tx = nil
		return nil
	}
	_, err := t.keep("commit", nil)
	if err == nil {
		err = t.send()
	}
	if err != nil {
		t.Rollback() // the other error says more
		return err
	}
	t.conn.tx = nil
	return nil
}

// Rollback ends the transaction at the server too, if that has heard of it. A
// connection where that fails is of no use any more.
func (t *pgTx) Rollback() error {
	c, ctx := t.conn, context.WithoutCancel(t.ctx)
	c.tx, t.queue = nil, nil
	if !t.begun || c.conn.IsClosed() || c.conn.PgConn().TxStatus() == 'I' {
		return nil
	}
	if _, err := c.conn.Exec(ctx, "rollback"); err != nil {
		c.conn.Close(ctx)
		return err
	}
	return nil
}
