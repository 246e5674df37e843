package store

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// freeBytes is what is left on the medium under dir for a program like this.
func freeBytes(dir string) (int64, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return 0, fmt.Errorf("asking for free space: %w", err)
	}
	return int64(fs.Bavail) * int64(fs.Bsize), nil
}

// space answers ErrReadOnly when a medium is nearly full. What is kept back lets
// the book follow the journal.
func (s *Store) space() error {
	for _, dir := range []string{s.cfg.Dir, s.cfg.JournalDir} {
		free, err := s.cfg.FreeBytes(dir)
		if err == nil && free < minFreeBytes {
			err = fmt.Errorf("%d bytes are free in %s", free, dir)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrReadOnly, err)
		}
	}
	return nil
}

// writable tells whether there is room for another group, and brings the book
// up to the journal if it had to stay behind.
func (s *Store) writable() error {
	if err := s.space(); err != nil {
		return s.readOnly(err)
	}
	s.mu.Lock()
	why, at := s.why, s.committed
	s.mu.Unlock()
	if why == nil {
		return nil
	}
	if s.journal.Head().Seq > at.Seq {
		if err := s.catchUp(); err != nil {
			return s.readOnly(bookError(err))
		}
		return nil
	}
	s.arrive(at)
	s.cfg.Log.Info("store is writable again")
	return nil
}

// revive tries to leave the read-only state when nobody writes.
func (s *Store) revive() {
	s.mu.Lock()
	why := s.why
	s.mu.Unlock()
	if why == nil {
		return
	}
	if err := s.writable(); err != nil && !errors.Is(err, ErrReadOnly) {
		s.die(err)
	}
}
