package sim

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
)

// errPower is the answer of a database whose machine has no power any more.
var errPower = errors.New("sim: the center has no power")

// sqlDisk stands between the center's store and its database. It lets the power
// go at a statement or a commit: everything after it fails, the commit itself is
// durable or it is not. Now and then it loses the answer of a commit with the
// connection, as a server of its own may, so that the store does everything again.
type sqlDisk struct {
	mu   sync.Mutex
	dice *rand.Rand
	left int // statements until the power goes; below 0: it stays
	dark bool
	went func() // called once, when it goes
}

func (d *sqlDisk) wrap(c driver.Connector) driver.Connector { return diskConnector{c, d} }

// cutIn lets the power go at the n-th statement from now.
func (d *sqlDisk) cutIn(n int, went func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left, d.went = n, went
}

// statement counts one; it answers errPower when there is none any more.
func (d *sqlDisk) statement() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.dark && d.left >= 0 {
		if d.left--; d.left < 0 {
			d.dark = true
			d.went()
		}
	}
	if d.dark {
		return errPower
	}
	return nil
}

// commit tells whether a commit is carried out, and what is said of it.
func (d *sqlDisk) commit() (does bool, says error) {
	err := d.statement()
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil && d.dice.IntN(lostAnswers) == 0 {
		return d.dice.IntN(4) > 0, io.ErrUnexpectedEOF
	}
	return err == nil || d.left == -1 && d.dice.IntN(2) == 0, err
}

// lostAnswers is how many commits there are for each whose answer is lost.
const lostAnswers = 80

type diskConnector struct {
	driver.Connector
	disk *sqlDisk
}

func (c diskConnector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := c.disk.statement(); err != nil {
		return nil, err
	}
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &diskConn{Conn: conn, disk: c.disk}, nil
}

type diskConn struct {
	driver.Conn
	disk *sqlDisk
	gone bool
}

// IsValid keeps a connection whose answer was lost out of the pool.
func (c *diskConn) IsValid() bool { return !c.gone }

func (c *diskConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if err := c.disk.statement(); err != nil {
		return nil, err
	}
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return diskTx{tx, c, opts.ReadOnly}, nil
}

func (c *diskConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.disk.statement(); err != nil {
		return nil, err
	}
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c *diskConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.disk.statement(); err != nil {
		return nil, err
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

type diskTx struct {
	driver.Tx
	conn  *diskConn
	reads bool
}

func (t diskTx) Commit() error {
	if t.reads {
		return errors.Join(t.conn.disk.statement(), t.Tx.Commit())
	}
	does, says := t.conn.disk.commit()
	t.conn.gone = says != nil
	if !does {
		return errors.Join(says, t.Tx.Rollback())
	}
	if err := t.Tx.Commit(); err != nil {
		return err
	}
	return says
}
