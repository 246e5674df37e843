package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path/filepath"
	"strings"

	"yizhan/ledger"
)

const rewriteMaking = "rewrite.tmp"

// rewriteName is the name of a folder of a rewrite of this epoch.
func (c *Config) rewriteName(state, stamp string) string {
	return fmt.Sprintf("%s-%010d-%s", state, c.Epoch, stamp)
}

// validStamp allows what a time without colons is written in: 20261123T231455Z.
func validStamp(s string) bool {
	return s != "" && len(s) <= MaxStamp && strings.Trim(s, "0123456789TZ-") == ""
}

// Rewrite builds the journal of an epoch anew from its entries, which must be a
// chain from 1, and returns its head. The segments it replaces move into a
// folder that the stamp names. Power cut or error: the journal is either the
// old one or the new one, whole.
func Rewrite(cfg Config, stamp string, entries iter.Seq2[[]byte, error]) (ledger.Head, error) {
	c, err := cfg.checked()
	if err != nil {
		return ledger.Head{}, err
	}
	if !validStamp(stamp) {
		return ledger.Head{}, fmt.Errorf("journal: %q is not a stamp", stamp)
	}
	lock, err := c.enter()
	if err != nil {
		return ledger.Head{}, err
	}
	defer lock.Close()
	head, err := c.build(stamp, entries)
	if err != nil {
		return head, errors.Join(fmt.Errorf("rewriting the journal: %w", full(err)), c.dropMaking())
	}
	if err := c.finishRewrite(); err != nil {
		return head, fmt.Errorf("swapping the journals: %w", err)
	}
	return head, nil
}

// build makes the folder of a finished rewrite.
func (c *Config) build(stamp string, entries iter.Seq2[[]byte, error]) (ledger.Head, error) {
	head := ledger.Head{Kiosk: c.Kiosk, Epoch: c.Epoch}
	names, err := c.FS.List(c.Dir)
	if err != nil {
		return head, err
	}
	for _, name := range names {
		if name == c.rewriteName("aside", stamp) {
			return head, fmt.Errorf("%s: %w", name, fs.ErrExist)
		}
	}
	if err := c.dropMaking(); err != nil {
		return head, err
	}
	dir := filepath.Join(c.Dir, rewriteMaking)
	if err := c.FS.Mkdir(dir); err != nil {
		return head, err
	}
	if head, err = c.fill(dir, head, entries); err != nil {
		return head, err
	}
	if err := c.FS.SyncDir(dir); err != nil {
		return head, err
	}
	if err := c.FS.Rename(dir, filepath.Join(c.Dir, c.rewriteName("rewrite", stamp))); err != nil {
		return head, err
	}
	return head, c.FS.SyncDir(c.Dir)
}

// fill writes the segments of a chain into a folder.
func (c *Config) fill(dir string, head ledger.Head, entries iter.Seq2[[]byte, error]) (ledger.Head, error) {
	segment := make([]byte, 0, c.SegmentBytes)
	var first uint64
	for entry, err := range entries {
		if err != nil {
			return head, err
		}
		next, _, err := head.Next(entry)
		if err != nil {
			return head, fmt.Errorf("entry %d: %w", head.Seq+1, err)
		}
		if len(segment) > 0 && int64(len(segment)+maxFrame) > c.SegmentBytes {
			if err := c.flush(dir, first, segment); err != nil {
				return head, err
			}
			segment = segment[:0]
		}
		if len(segment) == 0 {
			first = next.Seq
			if segment, err = c.appendHeader(segment, head); err != nil {
				return head, err
			}
		}
		// A group of its own: all before it is durable when this one counts.
		if segment, err = c.appendFrame(segment, next.Seq, next.Seq, entry); err != nil {
			return head, err
		}
		head = next
	}
	if len(segment) == 0 {
		return head, nil
	}
	return head, c.flush(dir, first, segment)
}

// flush writes one whole segment, zeros included.
func (c *Config) flush(dir string, first uint64, segment []byte) error {
	f, err := c.FS.Create(filepath.Join(dir, segmentName(c.Epoch, first)))
	if err != nil {
		return err
	}
	used := len(segment)
	segment = segment[:c.SegmentBytes]
	clear(segment[used:])
	_, err = f.WriteAt(segment, 0)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// dropMaking removes what a rewrite that did not get far left behind.
func (c *Config) dropMaking() error {
	dir := filepath.Join(c.Dir, rewriteMaking)
	names, err := c.FS.List(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := c.FS.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return c.FS.Remove(dir)
}

// finishRewrite brings a finished rewrite into place, from wherever an earlier
// attempt was interrupted.
func (c *Config) finishRewrite() error {
	if err := c.dropMaking(); err != nil {
		return err
	}
	names, err := c.FS.List(c.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if stamp, ok := strings.CutPrefix(name, c.rewriteName("rewrite", "")); ok {
			return c.setAside(stamp)
		}
		if stamp, ok := strings.CutPrefix(name, c.rewriteName("ready", "")); ok {
			return c.moveIn(stamp)
		}
	}
	return nil
}

// setAside moves the old segments out of the way.
func (c *Config) setAside(stamp string) error {
	aside := filepath.Join(c.Dir, c.rewriteName("aside", stamp))
	if err := makeDir(c.FS, aside); err != nil {
		return err
	}
	if err := c.moveSegments(c.Dir, aside); err != nil {
		return err
	}
	rewrite, ready := c.rewriteName("rewrite", stamp), c.rewriteName("ready", stamp)
	if err := c.FS.Rename(filepath.Join(c.Dir, rewrite), filepath.Join(c.Dir, ready)); err != nil {
		return err
	}
	if err := c.FS.SyncDir(c.Dir); err != nil {
		return err
	}
	return c.moveIn(stamp)
}

// moveIn moves the new segments into place.
func (c *Config) moveIn(stamp string) error {
	ready := filepath.Join(c.Dir, c.rewriteName("ready", stamp))
	if err := c.moveSegments(ready, c.Dir); err != nil {
		return err
	}
	if err := c.FS.Remove(ready); err != nil {
		return err
	}
	return c.FS.SyncDir(c.Dir)
}

// moveSegments moves the segments of the epoch and makes that durable.
func (c *Config) moveSegments(from, to string) error {
	names, err := c.FS.List(from)
	if err != nil {
		return err
	}
	for _, name := range names {
		if epoch, _, ok := parseSegmentName(name); ok && epoch == c.Epoch {
			if err := c.FS.Rename(filepath.Join(from, name), filepath.Join(to, name)); err != nil {
				return err
			}
		}
	}
	if err := c.FS.SyncDir(to); err != nil {
		return err
	}
	return c.FS.SyncDir(from)
}
