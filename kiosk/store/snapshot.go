package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// snapshot is a copy of the book, named by the entry that it ends at.
type snapshot struct {
	path  string
	epoch uint32
	seq   uint64
}

func (c Config) snapshotPath(epoch uint32, seq uint64) string {
	return filepath.Join(c.path(snapshotDir), fmt.Sprintf("book-%010d-%016d.db", epoch, seq))
}

// snapshots lists the snapshots of the data folder, the newest last.
func (c Config) snapshots() (list []snapshot, err error) {
	paths, err := sortedNames(c.path(snapshotDir), ".db")
	for _, path := range paths {
		s := snapshot{path: path}
		if n, _ := fmt.Sscanf(filepath.Base(path), "book-%d-%d.db", &s.epoch, &s.seq); n == 2 {
			list = append(list, s)
		}
	}
	return list, err
}

// pastEpoch returns the latest epoch that snapshots, books set aside and the past
// tell of.
func (c Config) pastEpoch() (latest uint32) {
	entries, _ := os.ReadDir(c.path(pastDir)) // what cannot be read tells nothing
	for _, e := range entries {
		var epoch uint32
		if n, _ := fmt.Sscanf(e.Name(), "%d-", &epoch); n == 1 {
			latest = max(latest, epoch)
		}
	}
	for _, dir := range []string{snapshotDir, setAsideDir} {
		paths, _ := sortedNames(c.path(dir), ".db") // what cannot be read tells nothing
		for _, path := range paths {
			var epoch uint32
			if n, _ := fmt.Sscanf(filepath.Base(path), "book-%d-", &epoch); n == 1 {
				latest = max(latest, epoch)
			}
		}
	}
	return latest
}

// tend does what falls due about once a second, on the writer's goroutine.
func (s *Store) tend() {
	s.revive()
	if mappedBytes() > keepMapped {
		s.book.dropPages()
	}
	now := s.cfg.Clock.Now()
	if age := now.MonoMS - s.lastSweep; s.lastSweep < 0 || time.Duration(age)*time.Millisecond >= sweepEvery {
		s.lastSweep = now.MonoMS
		s.background.Go(s.sweep)
	}
	if s.snapshotDue(now) && s.copying.TryLock() {
		s.lastCopy = now.MonoMS
		s.background.Go(func() {
			defer s.copying.Unlock()
			if err := s.Snapshot(); err != nil && !errors.Is(err, ErrClosed) {
				s.cfg.Log.Warn("no snapshot", "err", err)
			}
		})
	}
}

// sweep drops what is kept for a time only.
func (s *Store) sweep() {
	err := s.dropGuests(context.Background())
	if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrReadOnly) {
		s.cfg.Log.Warn("documents of guests are not dropped", "err", err)
	}
}

// recentCopy returns when the newest snapshot was taken, on the clock that runs
// since the kernel started, or -1 when that was more than an hour ago, or can't
// be told. A kiosk that is started often should not copy its book every time.
func (s *Store) recentCopy(now Instant) int64 {
	list, err := s.cfg.snapshots()
	if err != nil || len(list) == 0 {
		return -1
	}
	info, err := os.Stat(list[len(list)-1].path)
	if err != nil {
		return -1
	}
	age := now.WallMS - info.ModTime().UnixMilli()
	if age < 0 || age >= snapshotEvery.Milliseconds() {
		return -1
	}
	return max(0, now.MonoMS-age)
}

func (s *Store) snapshotDue(now Instant) bool {
	return s.answered.Load() > 0 && (s.lastCopy < 0 || time.Duration(now.MonoMS-s.lastCopy)*time.Millisecond >= snapshotEvery)
}

// Snapshot copies the book as it is now, unless the newest snapshot is the
// same. It goes on while others write. The store takes one every hour by
// itself.
func (s *Store) Snapshot() error {
	t, err := s.book.begin(nil)
	if err != nil {
		return fmt.Errorf("taking a snapshot: %w", err)
	}
	defer t.bolt.Rollback()
	path := s.cfg.snapshotPath(t.state.Head.Epoch, t.state.Head.Seq)
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := s.space(); err != nil {
		return fmt.Errorf("taking a snapshot: %w", err)
	}
	if err := s.writeSnapshot(t, path+".new"); err != nil {
		os.Remove(path + ".new")
		return fmt.Errorf("taking a snapshot: %w", err)
	}
	if err := settleFile(path+".new", path); err != nil {
		return fmt.Errorf("taking a snapshot: %w", err)
	}
	return keepNewest(filepath.Dir(path), keepSnapshots)
}

func (s *Store) writeSnapshot(t *tx, temp string) error {
	if err := os.MkdirAll(filepath.Dir(temp), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = t.bolt.WriteTo(&closable{f, s.closing})
	return errors.Join(err, f.Close())
}

// closable stops a long copy when the store closes.
type closable struct {
	w       io.Writer
	closing <-chan struct{}
}

func (c *closable) Write(b []byte) (int, error) {
	select {
	case <-c.closing:
		return 0, ErrClosed
	default:
		return c.w.Write(b)
	}
}

// leftovers are files that a power cut left unfinished.
func (c Config) dropLeftovers() error {
	for _, dir := range []string{"", snapshotDir, bundleDir} {
		entries, err := os.ReadDir(c.path(dir))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("looking for unfinished files: %w", err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".new") || strings.HasSuffix(e.Name(), ".mend") {
				if err := os.Remove(filepath.Join(c.path(dir), e.Name())); err != nil {
					return fmt.Errorf("dropping an unfinished file: %w", err)
				}
			}
		}
	}
	return nil
}
