package store

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// Names in the data folder.
const (
	bookFile      = "book.db"
	journalFolder = "journal"
	snapshotDir   = "snapshot"
	bundleDir     = "bundle"
	setAsideDir   = "aside"
	pastDir       = "past"
	startOfEpoch  = 1
)

// Keyring holds every key of a kiosk. All are derived from one master key.
type Keyring struct{ *seal.Keyring }

// PublicKey returns the key that verifies the kiosk's receipts and heads.
func (k *Keyring) PublicKey() ed25519.PublicKey { return k.Signing().Public().(ed25519.PublicKey) }

// Keys reads the master key of the data folder, or the one that systemd hands
// over in $CREDENTIALS_DIRECTORY, and makes one when the kiosk is new. It never
// makes one beside sealed data, which only the lost key could open; the journal
// may be all that is there, when the medium of the data is not mounted.
func Keys(cfg Config) (*Keyring, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	return BoxKey(cfg.Dir, cfg.JournalDir, cfg.Random)
}

// BoxKey is Keys for a box that has no name yet: it asks to be enrolled with the
// key that it will have as a kiosk.
func BoxKey(dir, journalDir string, random io.Reader) (*Keyring, error) {
	cfg := Config{Dir: dir, JournalDir: journalDir}.places()
	credentials := os.Getenv("CREDENTIALS_DIRECTORY")
	epoch, err := cfg.latestEpoch()
	if err != nil {
		return nil, err
	}
	sealed := epoch > 0
	for _, name := range []string{bookFile, journalFolder, snapshotDir, setAsideDir, pastDir} {
		_, err := os.Stat(cfg.path(name))
		sealed = sealed || err == nil
	}
	load := func() (*seal.Keyring, error) { return seal.Load(dir, credentials, random) }
	if sealed {
		load = func() (*seal.Keyring, error) { return seal.Find(dir, credentials) }
	}
	k, err := load()
	return &Keyring{k}, err
}

// places says where the journal is.
func (c Config) places() Config {
	if c.JournalDir == "" {
		c.JournalDir = filepath.Join(c.Dir, journalFolder)
	}
	return c
}

// withDefaults checks a config and fills in what it leaves open.
func (c Config) withDefaults() (Config, error) {
	if !ledger.ValidKiosk(c.Kiosk) || c.Dir == "" || c.Clock == nil || c.Random == nil {
		return c, fmt.Errorf("%w: config of kiosk %q in %q", ErrInput, c.Kiosk, c.Dir)
	}
	if len(c.Issuer) == 0 {
		c.Issuer = nil
	} else if len(c.Issuer) != ed25519.PublicKeySize {
		return c, fmt.Errorf("%w: an issuer's key of %d bytes", ErrInput, len(c.Issuer))
	}
	c = c.places()
	if c.Zone == nil {
		c.Zone = time.FixedZone("UTC+8", 8*60*60)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.FreeBytes == nil {
		c.FreeBytes = freeBytes
	}
	return c, nil
}

func (c Config) path(name string) string { return filepath.Join(c.Dir, name) }

// sealers returns the seals of the book and of the journal.
func (k *Keyring) sealers() (book, journal *seal.Sealer, err error) {
	book, err1 := seal.New(k.Derive("book"))
	journal, err2 := seal.New(k.Derive("journal"))
	return book, journal, errors.Join(err1, err2)
}

// Open opens the store for serving. A new folder gets an empty book; a book
// that is behind its journal catches up; a bundle that was not loaded to its
// end is. Anything worse answers ErrDamaged, which is for Verify and Mend. Open
// trusts the pages of the book, so a process of its own verifies them before.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	s, err := newStore(cfg)
	if err != nil {
		return nil, err
	}
	if err := s.openFiles(); err != nil {
		return nil, err
	}
	s.lastCopy = s.recentCopy(cfg.Clock.Now())
	if s.tick == nil {
		s.ticker = time.NewTicker(tickEvery)
		s.tick = s.ticker.C
	}
	go s.write()
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openFiles opens book and journal and makes them agree.
func (s *Store) openFiles() error {
	bookSeal, journalSeal, err := s.keys.sealers()
	if err != nil {
		return err
	}
	if err := s.cfg.ensureBook(bookSeal); err != nil {
		return err
	}
	if s.book, err = openBook(s.cfg.path(bookFile), bookSeal, true); err != nil {
		return err
	}
	err = s.cfg.dropLeftovers()
	if err == nil {
		err = s.openJournal(journalSeal)
	}
	if err != nil {
		return errors.Join(err, s.book.db.Close())
	}
	if err := errors.Join(s.agree(), s.readCaches()); err != nil {
		return errors.Join(err, s.book.db.Close(), s.journal.Close())
	}
	s.book.dropPages()
	return nil
}

// ensureBook makes the book of a folder that has never held one.
func (c Config) ensureBook(sealer *seal.Sealer) error {
	if _, err := os.Stat(c.path(bookFile)); err == nil {
		return nil
	}
	epoch, err := c.latestEpoch()
	if err != nil {
		return err
	}
	if epoch > 0 || c.hasPast() {
		return fmt.Errorf("%w: the book is missing", ErrDamaged)
	}
	return createBook(c.path(bookFile), sealer, c.Random, ledger.Head{Kiosk: c.Kiosk, Epoch: max(startOfEpoch, c.Epoch)})
}

// openJournal opens the journal of the book's epoch.
func (s *Store) openJournal(sealer *seal.Sealer) error {
	err := s.book.view(func(t *tx) {
		s.committed = t.state.Head
		s.acked.Store(t.state.Acked)
	})
	if err != nil {
		return err
	}
	if s.cfg.Epoch != 0 && (s.cfg.Epoch != s.committed.Epoch || s.cfg.Kiosk != s.committed.Kiosk) {
		return fmt.Errorf("%w: of epoch %d of %s, not %d of %s", ErrEpoch, s.committed.Epoch, s.committed.Kiosk, s.cfg.Epoch, s.cfg.Kiosk)
	}
	if s.committed.Kiosk != s.cfg.Kiosk {
		return fmt.Errorf("%w: the data folder is that of kiosk %q", ErrInput, s.committed.Kiosk)
	}
	latest, err := s.cfg.latestEpoch()
	if err != nil {
		return err
	}
	if latest > s.committed.Epoch {
		return fmt.Errorf("%w: the book is of epoch %d, the journal of %d", ErrDamaged, s.committed.Epoch, latest)
	}
	err = unlocked(func() error {
		s.journal, err = journal.Open(s.cfg.journal(sealer, s.committed.Epoch))
		return err
	})
	if errors.Is(err, journal.ErrDamaged) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

func (c Config) journal(sealer *seal.Sealer, epoch uint32) journal.Config {
	return journal.Config{Dir: c.JournalDir, Kiosk: c.Kiosk, Epoch: epoch, Sealer: sealer, Random: c.Random, FS: c.JournalFS, SegmentBytes: c.SegmentBytes}
}

// agree compares the heads of both files and lets the book catch up.
func (s *Store) agree() error {
	head := s.journal.Head()
	switch {
	case head.Seq < s.committed.Seq:
		return fmt.Errorf("%w: the journal ends at entry %d, the book at %d", ErrDamaged, head.Seq, s.committed.Seq)
	case head.Seq == s.committed.Seq && head.Hash != s.committed.Hash:
		return fmt.Errorf("%w: journal and book have different entries %d", ErrDamaged, head.Seq)
	}
	if err := s.catchUp(); err != nil {
		return err
	}
	s.durable.Store(&head)
	s.answered.Store(head.Seq)
	return nil
}

// catchUp applies what the journal has and the book has not.
func (s *Store) catchUp() error {
	head := s.journal.Head()
	for s.committed.Seq < head.Seq {
		t, err := s.book.begin(s.random)
		if err != nil {
			return err
		}
		if err := t.replay(s.journal); err != nil {
			return errors.Join(err, t.bolt.Rollback())
		}
		reached := t.state.Head
		if err := t.commit(); err != nil {
			return err
		}
		s.cfg.Log.Info("book followed the journal", "from", s.committed.Seq, "to", reached.Seq)
		s.arrive(reached)
	}
	return nil
}

var errBatch = errors.New("store: enough for one transaction")

// replay applies the next entries of a journal, as many as one transaction
// should hold.
func (t *tx) replay(j *journal.Journal) error {
	n := 0
	err := j.Read(t.state.Head.Seq+1, func(_ uint64, raw []byte) error {
		if n++; n > batchDocuments {
			return errBatch
		}
		return t.apply(append([]byte(nil), raw...))
	})
	if err != nil && !errors.Is(err, errBatch) {
		return fmt.Errorf("replaying the journal: %w", err)
	}
	return nil
}

// start finishes what an earlier process could not, and notes the start.
func (s *Store) start(ctx context.Context) error {
	if err := s.resumeBundle(ctx); err != nil && !errors.Is(err, ErrReadOnly) {
		return err
	}
	if s.cfg.Program == "" || s.cfg.Epoch == 0 && !s.Health().Documents {
		return nil
	}
	err := s.submit(ctx, &op{plan: func(*tx, Instant) ([]ledger.Body, error) {
		return []ledger.Body{ledger.Device{Event: ledger.DeviceStart, Text: s.cfg.Program}}, nil
	}})
	if errors.Is(err, ErrReadOnly) {
		return nil
	}
	return err
}

// latestEpoch returns the latest epoch that has left a trace in the journal's
// folder; 0: none.
func (c Config) latestEpoch() (uint32, error) {
	epochs, err := journal.Epochs(c.JournalFS, c.JournalDir)
	if err != nil || len(epochs) == 0 {
		return 0, err
	}
	return epochs[len(epochs)-1], nil
}

// journalBytes is what the journal takes on its medium.
func (s *Store) journalBytes() (n int64) {
	entries, _ := os.ReadDir(s.cfg.JournalDir) // 0 when the medium is gone: information only
	for _, e := range entries {
		if info, err := e.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}
