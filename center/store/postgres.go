package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// This is the part of database/sql's driver that the store uses, over one pgx
// connection. The pool is database/sql's; pgx keeps prepared statements itself.

type pgConnector struct{ config *pgx.ConnConfig }

func postgresConnector(address string) (driver.Connector, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("reading the database's address: %w", err)
	}
	return pgConnector{config}, nil
}

func (c pgConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, c.config.Copy())
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	return &pgConn{conn: conn, config: c.config}, nil
}

func (c pgConnector) Driver() driver.Driver { return c }

// Open is what driver.Driver asks for; database/sql calls Connect instead.
func (c pgConnector) Open(address string) (driver.Conn, error) {
	connector, err := postgresConnector(address)
	if err != nil {
		return nil, err
	}
	return connector.Connect(context.Background())
}

type pgConn struct {
	conn   *pgx.Conn
	config *pgx.ConnConfig
	tx     *pgTx // that is under way; nil: none
}

func (c *pgConn) Prepare(string) (driver.Stmt, error) {
	return nil, errors.New("store: statements are not prepared by hand")
}

func (c *pgConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *pgConn) Close() error { return c.conn.Close(context.Background()) }

// IsValid keeps a connection that broke out of the pool.
func (c *pgConn) IsValid() bool { return !c.conn.IsClosed() }

func plain(args []driver.NamedValue) []any {
	values := make([]any, len(args))
	for i, a := range args {
		values[i] = a.Value
	}
	return values
}

func (c *pgConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.tx != nil {
		return c.tx.keep(query, args)
	}
	tag, err := c.conn.Exec(ctx, query, plain(args)...)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

func (c *pgConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if c.tx != nil {
		return c.tx.keep(query, args)
	}
	rows, err := c.conn.Query(ctx, query, plain(args)...)
	if err != nil {
		return nil, err
	}
	return &pgRows{rows}, nil
}

// pgRows is an answer outside of a transaction, read as it comes.
type pgRows struct{ rows pgx.Rows }

func (r *pgRows) Columns() []string { return columnNames(r.rows) }

func columnNames(rows pgx.Rows) (names []string) {
	for _, f := range rows.FieldDescriptions() {
		names = append(names, f.Name)
	}
	return names
}

func (r *pgRows) Close() error {
	r.rows.Close()
	return r.rows.Err()
}

func (r *pgRows) Next(dest []driver.Value) error {
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	values, err := r.rows.Values()
	if err != nil {
		return err
	}
	for i := range dest {
		dest[i] = values[i]
	}
	return nil
}

// again tells whether the whole transaction should be repeated: it lost against
// another one, or the connection was lost on the way.
func again(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		// 40xxx: rolled back, 08xxx: connection, 57P0x: the server stops or starts, 53300: too
		// many connections. 23505: a serializable transaction may meet the row that another one
		// inserted first as a duplicate, before it is told that it cannot be serialized. 42710,
		// 42P07: so may CREATE ... IF NOT EXISTS, when another process starts at the same moment.
		return strings.HasPrefix(pg.Code, "40") || strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P0") ||
			slices.Contains([]string{"53300", "23505", "42710", "42P07"}, pg.Code)
	}
	var network net.Error
	var connecting *pgconn.ConnectError
	return errors.As(err, &network) || errors.As(err, &connecting) || sqliteBusy(err) || pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "conn closed") // pgx has no name for it
}

// columnThere tells whether a column could not be added because the table has it.
// SQLite knows that by words alone.
func columnThere(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42701" || strings.Contains(err.Error(), "duplicate column name")
}
