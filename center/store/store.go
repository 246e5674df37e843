package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"time"

	"yizhan/ledger"
)

// Config says where the book lies and hands in the world around it.
type Config struct {
	Database  string           // path of a SQLite file, or a URL postgres://...
	Now       func() time.Time // never decides whether points may move, only policy: freshness, expiry, codes
	Random    io.Reader        // safe for many goroutines; nil: crypto/rand
	Log       *slog.Logger     // nil: none
	Zone      *time.Location   // in which lots expire; nil: UTC+8
	LockAfter time.Duration    // without use, until a session of the console is locked; 0: 10 minutes
	FreshDays int              // a home kiosk that synced within them is granted new points at once; 0: 7
	// Wrap lets a test or a simulation stand between the store and its database; nil: nobody does.
	Wrap func(driver.Connector) driver.Connector
}

// Store is the center's book. All methods may be called from many goroutines,
// and several Stores may share one database.
type Store struct {
	cfg         Config
	db          *sql.DB
	sqlite      bool
	writing     chan struct{} // of capacity 1: this process's writer of a SQLite file
	mu          sync.Mutex
	jitter      *mathrand.Rand       // under mu
	shiftScopes map[ledger.ID]string // where shifts stand, as far as it was looked for; under mu
	courier     courier

	announce func(scope string)
}

// Open opens the book and brings its tables up to date.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Wrap == nil {
		cfg.Wrap = func(c driver.Connector) driver.Connector { return c }
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Zone == nil {
		cfg.Zone = time.FixedZone("UTC+8", 8*60*60)
	}
	if cfg.LockAfter == 0 {
		cfg.LockAfter = defaultLockAfter
	}
	if cfg.FreshDays == 0 {
		cfg.FreshDays = defaultFreshDays
	}
	if cfg.Now == nil {
		return nil, fmt.Errorf("%w: the store is handed no clock", ErrInput)
	}
	var seed [32]byte
	if _, err := io.ReadFull(cfg.Random, seed[:]); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	s := &Store{cfg: cfg, writing: make(chan struct{}, 1), jitter: mathrand.New(mathrand.NewChaCha8(seed)), shiftScopes: make(map[ledger.ID]string), announce: func(string) {}}
	s.sqlite = !strings.HasPrefix(cfg.Database, "postgres://") && !strings.HasPrefix(cfg.Database, "postgresql://")
	connect, conns := postgresConnector, maxOpenConns
	if s.sqlite {
		connect, conns = sqliteConnector, maxConnections
	}
	connector, err := connect(cfg.Database)
	if err != nil {
		return nil, err
	}
	s.db = sql.OpenDB(cfg.Wrap(connector))
	s.db.SetMaxOpenConns(conns)
	s.db.SetMaxIdleConns(conns)
	if err := s.migrate(ctx); err != nil {
		s.db.Close()
		return nil, err
	}
	for _, fill := range []func(context.Context) error{s.listAll, s.fillRedemptions} {
		if err := fill(ctx); err != nil {
			s.db.Close()
			return nil, err
		}
	}
	return s, nil
}

// Close ends the connections. Transactions under way are rolled back.
func (s *Store) Close() error { return s.db.Close() }

// Zone is where days begin and end.
func (s *Store) Zone() *time.Location { return s.cfg.Zone }

// today is the date on which lots are judged.
func (s *Store) today() ledger.Day { return ledger.DayOf(s.cfg.Now().In(s.cfg.Zone)) }

// now is Unix milliseconds.
func (s *Store) now() int64 { return s.cfg.Now().UnixMilli() }

// randomID makes the id of a row, 16 hexadecimal digits.
func (s *Store) randomID() (string, error) {
	var b [8]byte
	if _, err := io.ReadFull(s.cfg.Random, b[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}
