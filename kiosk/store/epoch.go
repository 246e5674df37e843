package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// A center gives every enrolment of a kiosk a new epoch: an empty chain beside
// the one of before, which is over and stays. Its journal keeps its place and its
// name, which has the epoch in it; its book and its bundles move into a folder
//
//	past/<epoch>-<stamp>/book.db, bundle/
//
// that nobody deletes.

// LatestEpoch returns the latest epoch of any kiosk that has left a trace in the
// data folder; 0: the box is new. A center must give it a later one. No process
// may have the store open.
func LatestEpoch(dir, journalDir string, random io.Reader) (uint32, error) {
	c := Config{Dir: dir, JournalDir: journalDir, Random: random}.places()
	keys, err := BoxKey(dir, journalDir, random)
	if err != nil {
		return 0, err
	}
	return c.trace(keys)
}

// trace is LatestEpoch of a config that has its places.
func (c Config) trace(keys *Keyring) (uint32, error) {
	sealer, _, err := keys.sealers()
	if err != nil {
		return 0, err
	}
	latest, err := c.latestEpoch()
	if err != nil {
		return 0, err
	}
	head, err := c.bookHead(sealer)
	if err != nil {
		return 0, err
	}
	return max(latest, c.pastEpoch(), head.Epoch), nil
}

// bookHead reads the head of the book without mapping it; the zero Head when
// there is no book, or none that can be read.
func (c Config) bookHead(sealer *seal.Sealer) (head ledger.Head, err error) {
	f, err := os.Open(c.path(bookFile))
	if errors.Is(err, os.ErrNotExist) {
		return head, nil
	}
	if err != nil {
		return head, fmt.Errorf("looking into the book: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return head, fmt.Errorf("looking into the book: %w", err)
	}
	w := &pageWalk{r: f, only: bucketNames[bState], bad: func(string, string) {}, row: func(_ string, key, sealed []byte) {
		if plain, err := sealer.Open(nil, sealed, bState.place(nil, key)); err == nil {
			if s, err := decodeState(plain); err == nil {
				head = s.Head
			}
		}
	}}
	_ = w.walk(info.Size()) // a file without a beginning tells nothing
	return head, nil
}

// BeginEpoch makes the books of cfg.Epoch, and sets those of the epoch before
// aside as a whole. It deletes nothing. Done twice, or after a crash anywhere in
// it, it does what is left to do; a box whose books are of that epoch already is
// left alone, so every start of an enrolled kiosk may call it, before Verify. No
// process may have the store open.
func BeginEpoch(ctx context.Context, cfg Config) error {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return err
	}
	if cfg.Epoch == 0 {
		return fmt.Errorf("%w: epoch 0", ErrInput)
	}
	m, err := newMender(ctx, cfg)
	if err != nil {
		return err
	}
	head, err := cfg.bookHead(m.bookSeal)
	if err != nil {
		return err
	}
	latest, err := cfg.latestEpoch()
	if err != nil {
		return err
	}
	switch m.epoch = max(latest, cfg.pastEpoch(), head.Epoch); {
	case m.epoch > cfg.Epoch, head.Epoch == cfg.Epoch && head.Kiosk != cfg.Kiosk:
		return fmt.Errorf("%w: epoch %d has begun, %d of %s is to begin", ErrEpoch, m.epoch, cfg.Epoch, cfg.Kiosk)
	case m.epoch == cfg.Epoch:
		return nil // if the book is missing or damaged, that is for Verify and Mend
	case head.Epoch == 0 && cfg.hasPast() && cfg.journalAway():
		return fmt.Errorf("%w: %s", ErrNoJournal, cfg.JournalDir)
	}
	disk := cfg.JournalFS
	if disk == nil {
		disk = journal.Disk{}
	}
	return unlocked(func() error {
		lock, err := disk.Lock(cfg.JournalDir, true)
		if errors.Is(err, os.ErrNotExist) {
			return m.turn()
		}
		if err != nil {
			return err
		}
		return errors.Join(m.turn(), lock.Close())
	})
}

// turn puts an empty book in the place of the old one. The old one gets its name
// in the past first, so that at no moment there is none.
func (m *mender) turn() error {
	book, temp := m.cfg.path(bookFile), m.cfg.path(bookFile)+".mend"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("beginning an epoch: %w", err)
	}
	err := createBook(temp, m.bookSeal, m.cfg.Random, ledger.Head{Kiosk: m.cfg.Kiosk, Epoch: m.cfg.Epoch})
	if err == nil && m.epoch > 0 {
		err = m.leave()
	}
	if err == nil {
		err = settleFile(temp, book)
	}
	if err != nil {
		return fmt.Errorf("beginning epoch %d: %w", m.cfg.Epoch, err)
	}
	return nil
}

// leave puts the book and the bundles of the old epoch into the past.
func (m *mender) leave() error {
	past := filepath.Join(m.cfg.path(pastDir), fmt.Sprintf("%010d-%s", m.epoch, m.stamp))
	if err := os.MkdirAll(past, 0o700); err != nil {
		return err
	}
	kept := filepath.Join(past, bookFile)
	err := os.Link(m.cfg.path(bookFile), kept)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		err = os.Rename(m.cfg.path(bookFile), kept) // a file system without links; a crash before the next name is for Mend
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	err = os.Rename(m.cfg.path(bundleDir), filepath.Join(past, bundleDir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return errors.Join(syncPath(past), syncPath(m.cfg.path(pastDir)), syncPath(m.cfg.Dir))
}

// pastBooks lists the books of an epoch that is over, whichever way it ended.
func (c Config) pastBooks(epoch uint32) []string {
	left, _ := filepath.Glob(filepath.Join(c.path(pastDir), fmt.Sprintf("%010d-*", epoch), bookFile))
	damaged, _ := filepath.Glob(filepath.Join(c.path(setAsideDir), fmt.Sprintf("book-%010d-*.db", epoch)))
	return append(left, damaged...)
}

// PastEpochs lists the epochs before this one of which there are entries, the
// earliest first.
func (s *Store) PastEpochs() ([]uint32, error) {
	found, err := journal.Epochs(s.cfg.JournalFS, s.cfg.JournalDir)
	if err != nil {
		return nil, err
	}
	for epoch := s.cfg.pastEpoch(); epoch > 0; epoch-- {
		if len(s.cfg.pastBooks(epoch)) > 0 {
			found = append(found, epoch)
		}
	}
	last, _ := s.Head()
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(epoch uint32) bool { return epoch >= last.Epoch }), nil
}

// PastEntries hands out the chain of an epoch that is over, from entry 1 as far as
// its journal and its book have it between them, and returns where that ends. The
// box signs it with the key that it has always had. Fn must not keep an entry.
func (s *Store) PastEntries(ctx context.Context, epoch uint32, fn func(raw []byte) error) (ledger.Head, error) {
	bookSeal, journalSeal, err := s.keys.sealers()
	if err != nil {
		return ledger.Head{}, err
	}
	s.mu.Lock()
	j := s.journal
	s.mu.Unlock()
	m := &mender{ctx: ctx, cfg: s.cfg, bookSeal: bookSeal, journalSeal: journalSeal, epoch: epoch,
		salvage: func(fn func(uint64, []byte) error) error {
			_, err := j.Past(epoch, fn)
			return err
		}}
	var best ledger.Head
	var book string
	for _, path := range append(s.cfg.pastBooks(epoch), "") {
		m.book = path
		head, err := m.walk(func([]byte) error { return nil })
		if err != nil {
			return ledger.Head{}, fmt.Errorf("reading epoch %d: %w", epoch, err)
		}
		if head.Seq > best.Seq {
			best, book = head, path
		}
	}
	m.book = book
	head, err := m.walk(fn)
	if err != nil {
		return head, fmt.Errorf("reading epoch %d: %w", epoch, err)
	}
	return head, nil
}

// walk goes along the merged chain and returns its head.
func (m *mender) walk(fn func(raw []byte) error) (ledger.Head, error) {
	head := m.start()
	for raw, err := range m.merged() {
		if err == nil {
			head, _, err = head.Next(raw)
		}
		if err == nil {
			err = fn(raw)
		}
		if err != nil {
			return head, err
		}
	}
	return head, nil
}
