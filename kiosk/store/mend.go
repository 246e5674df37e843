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

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// Mend does what the report of Verify plans: each file is rebuilt from the
// other, a damaged one is set aside. Where an entry that was durable is in
// neither file, the chain cannot go on, and Mend begins a new epoch: everything
// old is kept, and the accounts stay closed until a bundle for the new epoch
// comes. An empty report makes it verify first. No process may have the store
// open.
func Mend(ctx context.Context, cfg Config, r Report) (Report, error) {
	cfg, err := cfg.withDefaults()
	if err == nil && r.Book.Verdict == "" {
		r, err = Verify(ctx, cfg)
	}
	if err != nil || r.OK {
		return r, err
	}
	if cfg.journalAway() {
		return r, fmt.Errorf("%w: %s", ErrNoJournal, cfg.JournalDir)
	}
	m, err := newMender(ctx, cfg)
	if err != nil {
		return r, err
	}
	if err := m.gather(); err != nil {
		return r, fmt.Errorf("gathering entries: %w", err)
	}
	if m.lost() {
		err = m.beginEpoch()
	} else {
		err = m.rebuild(r)
	}
	if err != nil {
		return r, fmt.Errorf("mending: %w", err)
	}
	if err := m.note(r); err != nil {
		return r, fmt.Errorf("mending: %w", err)
	}
	after, err := Verify(ctx, cfg)
	after.Done, after.NewEra = m.done, m.lost()
	return after, err
}

// journalAway tells whether the journal is to be on a medium of its own, and
// nothing at all is there, as in the folder that a medium would be mounted on.
// The book alone may lack the last entries that were answered, and an epoch
// begun without the journal would leave all that it has behind.
func (c Config) journalAway() bool {
	if c.JournalLost || filepath.Clean(c.JournalDir) == filepath.Clean(c.path(journalFolder)) {
		return false
	}
	disk := c.JournalFS
	if disk == nil {
		disk = journal.Disk{}
	}
	names, err := disk.List(c.JournalDir)
	return len(names) == 0 && (err == nil || errors.Is(err, os.ErrNotExist))
}

// mender rebuilds a store.
type mender struct {
	ctx                   context.Context
	cfg                   Config
	bookSeal, journalSeal *seal.Sealer
	book                  string                                         // whose entries are gathered
	salvage               func(func(seq uint64, raw []byte) error) error // the entries of the journal
	stamp                 string
	epoch                 uint32 // the latest one of which there is a trace
	chain                 ledger.Head
	known                 uint64 // the highest entry of which there is a trace
	forked                bool
	snapshots             []snapshot // the newest last
	at                    map[uint64]ledger.Hash
	done                  []string
}

func newMender(ctx context.Context, cfg Config) (*mender, error) {
	keys, err := Keys(cfg)
	if err != nil {
		return nil, err
	}
	m := &mender{ctx: ctx, cfg: cfg, book: cfg.path(bookFile), at: make(map[uint64]ledger.Hash)}
	m.salvage = func(fn func(uint64, []byte) error) error {
		return unlocked(func() error {
			_, err := journal.Salvage(m.cfg.journal(m.journalSeal, m.epoch), fn)
			return err
		})
	}
	if m.bookSeal, m.journalSeal, err = keys.sealers(); err != nil {
		return nil, err
	}
	var random [4]byte
	if _, err := io.ReadFull(cfg.Random, random[:]); err != nil {
		return nil, fmt.Errorf("naming what is set aside: %w", err)
	}
	now := time.UnixMilli(cfg.Clock.Now().WallMS).UTC()
	m.stamp = fmt.Sprintf("%s-%010d", now.Format("20060102T150405Z"), u32(random[:]))
	if m.snapshots, err = cfg.snapshots(); err != nil {
		return nil, err
	}
	return m, nil
}

// gather walks along the chain of both files once and notes how far it goes.
func (m *mender) gather() error {
	proof, err := proveBook(m.ctx, m.cfg.path(bookFile), m.bookSeal, m.cfg.Kiosk)
	if err != nil {
		return err
	}
	latest, err := m.cfg.latestEpoch()
	if err != nil {
		return err
	}
	m.epoch = max(startOfEpoch, latest, proof.Epoch, m.cfg.pastEpoch())
	if proof.Epoch == m.epoch {
		m.known = max(proof.Seq, uint64(len(proof.hashes)))
	}
	for _, s := range m.snapshots {
		if s.epoch == m.epoch {
			m.known = max(m.known, s.seq)
			m.at[s.seq] = ledger.Hash{}
		}
	}
	m.chain = m.start()
	for raw, err := range m.merged() {
		if err != nil {
			return err
		}
		if m.chain, _, err = m.chain.Next(raw); err != nil {
			return err
		}
		if _, wanted := m.at[m.chain.Seq]; wanted {
			m.at[m.chain.Seq] = m.chain.Hash
		}
	}
	return nil
}

func (m *mender) start() ledger.Head { return ledger.Head{Kiosk: m.cfg.Kiosk, Epoch: m.epoch} }

// lost tells whether something that was durable once is in neither file.
func (m *mender) lost() bool {
	return m.forked || m.chain.Seq < m.known || m.chain.Seq == 0 && m.cfg.hasPast()
}

// rebuild mends what the report says is damaged or missing.
func (m *mender) rebuild(r Report) error {
	bad := func(v Verdict) bool { return v == VerdictDamaged || v == VerdictMissing }
	if bad(r.Book.Verdict) {
		if err := m.rebuildBook(); err != nil {
			return fmt.Errorf("rebuilding the book: %w", err)
		}
	}
	if bad(r.Journal.Verdict) {
		// The book must have everything before the old journal goes.
		if err := m.follow(m.cfg.path(bookFile)); err != nil {
			return fmt.Errorf("bringing the book up: %w", err)
		}
		if err := m.rewriteJournal(); err != nil {
			return fmt.Errorf("rewriting the journal: %w", err)
		}
	}
	return nil
}

// rebuildBook builds a book beside the damaged one, then swaps them.
func (m *mender) rebuildBook() error {
	temp := m.cfg.path(bookFile) + ".mend"
	from, err := m.base(temp)
	if err != nil {
		return err
	}
	if err := m.follow(temp); err != nil {
		return err
	}
	if err := m.setBookAside(); err != nil {
		return err
	}
	m.done = append(m.done, fmt.Sprintf("book built anew from %s and entries up to %d", from, m.chain.Seq))
	return settleFile(temp, m.cfg.path(bookFile))
}

// base makes the book that entries are replayed into: the newest snapshot that
// is whole and lies on the chain, else an empty one.
func (m *mender) base(temp string) (from string, err error) {
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	for i := len(m.snapshots) - 1; i >= 0; i-- {
		s := m.snapshots[i]
		proof, err := proveBook(m.ctx, s.path, m.bookSeal, m.cfg.Kiosk)
		if err != nil {
			return "", err
		}
		if proof.Verdict != VerdictOK || s.epoch != m.epoch || proof.state.Head.Hash != m.at[s.seq] || proof.Seq != s.seq {
			continue
		}
		f, err := os.Open(s.path)
		if err != nil {
			return "", err
		}
		return "the snapshot at entry " + fmt.Sprint(s.seq), errors.Join(copyFile(f, temp), f.Close())
	}
	return "nothing", createBook(temp, m.bookSeal, m.cfg.Random, m.start())
}

// follow applies to a whole book what the chain has and it has not.
func (m *mender) follow(path string) error {
	b, err := openBook(path, m.bookSeal, true)
	if err != nil {
		return err
	}
	return errors.Join(m.replay(b), b.db.Close())
}

func (m *mender) replay(b *book) error {
	t, err := b.begin(m.cfg.Random)
	if err != nil {
		return err
	}
	n := 0
	for raw, err := range m.merged() {
		if err == nil {
			err = t.catch(raw)
		}
		if err != nil {
			return errors.Join(err, t.bolt.Rollback())
		}
		if n++; n%batchDocuments == 0 {
			if err := t.commit(); err != nil {
				return err
			}
			if t, err = b.begin(m.cfg.Random); err != nil {
				return err
			}
		}
	}
	return t.commit()
}

// catch applies an entry unless the book has it.
func (t *tx) catch(raw []byte) error {
	e, err := ledger.DecodeEntry(raw)
	if err != nil || e.Seq <= t.state.Head.Seq {
		return err
	}
	return t.apply(raw)
}

// rewriteJournal writes the journal anew from the entries of the book.
func (m *mender) rewriteJournal() error {
	b, err := openBook(m.cfg.path(bookFile), m.bookSeal, false)
	if err != nil {
		return err
	}
	var head ledger.Head
	err = b.view(func(t *tx) {
		err = unlocked(func() error {
			head, err = journal.Rewrite(m.cfg.journal(m.journalSeal, m.epoch), m.stamp, t.entries)
			return err
		})
		if err != nil {
			t.fail(err)
		}
	})
	m.done = append(m.done, fmt.Sprintf("journal written anew up to entry %d", head.Seq))
	return errors.Join(err, b.db.Close(), m.pruneJournal())
}

// entries gives the entries of a book.
func (t *tx) entries(yield func([]byte, error) bool) {
	for r := range t.up(bEntry, nil) {
		if !yield(r.value, nil) {
			return
		}
	}
	if t.err != nil {
		yield(nil, t.err)
	}
}

// pruneJournal keeps the newest of the journals that were set aside.
func (m *mender) pruneJournal() error {
	entries, err := os.ReadDir(m.cfg.JournalDir)
	if err != nil {
		return err
	}
	var aside []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "aside-") {
			aside = append(aside, filepath.Join(m.cfg.JournalDir, e.Name()))
		}
	}
	for _, path := range aside[:max(0, len(aside)-keepSetAside)] {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// setBookAside moves a damaged book away. A missing one is no error.
func (m *mender) setBookAside() error {
	dir := m.cfg.path(setAsideDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	to := filepath.Join(dir, fmt.Sprintf("book-%010d-%s.db", m.epoch, m.stamp))
	if err := os.Rename(m.cfg.path(bookFile), to); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return errors.Join(syncPath(dir), keepNewest(dir, keepSetAside))
}

// beginEpoch starts an empty chain. The old journal keeps its name, which has
// the old epoch in it; the old bundles grant rights of the old epoch only.
func (m *mender) beginEpoch() error {
	temp := m.cfg.path(bookFile) + ".mend"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	head := ledger.Head{Kiosk: m.cfg.Kiosk, Epoch: max(m.epoch+1, m.cfg.Epoch)}
	if err := createBook(temp, m.bookSeal, m.cfg.Random, head); err != nil {
		return err
	}
	if err := m.setBookAside(); err != nil {
		return err
	}
	if err := os.RemoveAll(m.cfg.path(bundleDir)); err != nil {
		return err
	}
	m.done = append(m.done, fmt.Sprintf("epoch %d begun: entries after %d of epoch %d are in neither file", head.Epoch, m.chain.Seq, m.epoch))
	return settleFile(temp, m.cfg.path(bookFile))
}

// note writes into the journal what happened.
func (m *mender) note(r Report) error {
	event := ledger.DeviceRebuilt
	if m.lost() {
		event = ledger.DeviceNewEpoch
	}
	cfg := m.cfg
	cfg.Epoch = 0 // a center knows nothing of the new one yet
	s, err := newStore(cfg)
	if err != nil {
		return err
	}
	if err := s.openFiles(); err != nil {
		return err
	}
	text := fmt.Sprintf("book %s, journal %s: %s", r.Book.Verdict, r.Journal.Verdict, strings.Join(m.done, "; "))
	o := &op{ctx: m.ctx, done: make(chan struct{}), plan: func(*tx, Instant) ([]ledger.Body, error) {
		return []ledger.Body{ledger.Device{Event: event, Text: text[:min(len(text), ledger.MaxText)]}}, nil
	}}
	err = s.commit([]*op{o})
	return errors.Join(err, o.err, s.book.db.Close(), s.journal.Close())
}
