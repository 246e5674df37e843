package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// dialer opens connections of a driver that knows no connectors.
type dialer struct {
	driver driver.Driver
	source string
}

func (d dialer) Connect(context.Context) (driver.Conn, error) { return d.driver.Open(d.source) }
func (d dialer) Driver() driver.Driver                        { return d.driver }

// sqliteConnector opens a file that only its owner may read. The write-ahead log
// lets readers go on beside the writer; synchronous=FULL makes a commit durable
// before it is answered. A transaction that will write takes the lock at once, so
// it cannot fail half way because another one wrote first.
func sqliteConnector(path string) (driver.Connector, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	f, err := os.OpenFile(abs, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the book: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("opening the book: %w", err)
	}
	query := url.Values{"_txlock": {"immediate"}, "_dqs": {"0"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "journal_mode(wal)", "synchronous(full)", "cache_size(-16384)",
	}}
	source := url.URL{Scheme: "file", Path: abs, RawQuery: query.Encode()}
	return dialer{&sqlite.Driver{}, source.String()}, nil
}

const vacuumInto = `VACUUM INTO $1`

// Backup writes a copy of the book, as it is at this moment, into a new file while
// others go on writing. It is of SQLite alone: a PostgreSQL database has tools of
// its own for that (ErrState).
func (s *Store) Backup(ctx context.Context, path string) error {
	if !s.sqlite {
		return fmt.Errorf("%w: a PostgreSQL database is copied with pg_dump or pg_basebackup", ErrState)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("writing a backup: %w", err)
	}
	defer f.Close()
	if _, err := s.db.ExecContext(ctx, vacuumInto, path); err != nil {
		return fmt.Errorf("writing a backup: %w", err)
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("writing a backup: %w", err)
	}
	return nil
}

// sqliteBusy tells whether another process held the file for too long.
func sqliteBusy(err error) bool {
	const busy, locked = 5, 6 // the primary codes, without the extension
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == busy || e.Code()&0xff == locked)
}
