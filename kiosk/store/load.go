package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"

	"yizhan/civic"
	"yizhan/kiosk/store/journal"
	"yizhan/ledger"
)

// LoadBundle checks a bundle, keeps a copy in the data folder, and merges its
// documents into the book, some thousands at a time while others are served. It
// can be broken off at any moment: Open, or loading the file again, goes on
// with it, and loading one twice changes nothing.
func (s *Store) LoadBundle(ctx context.Context, path string, opt LoadOptions) (LoadReport, error) {
	s.loading.Lock()
	defer s.loading.Unlock()
	f, err := os.Open(path)
	if err != nil {
		return LoadReport{}, fmt.Errorf("opening the bundle: %w", err)
	}
	defer f.Close()
	b, err := s.openBundle(f, opt.Trust, false)
	if err != nil {
		return LoadReport{}, err
	}
	if report, done, err := s.hasBundle(b.Header, opt.Progress); done || err != nil {
		return report, err
	}
	kept := s.cfg.bundlePath(b.Header.Serial)
	if err := s.keepBundle(f, kept); err != nil {
		return LoadReport{}, err
	}
	report, err := s.loadKept(ctx, kept, b.Header, opt.Progress)
	if err != nil {
		return report, fmt.Errorf("loading bundle %d: %w", b.Header.Serial, err)
	}
	return report, nil
}

// hasBundle tells whether the book has this very bundle already, to its end: a
// kiosk that is started with a bundle needn't read it every time.
func (s *Store) hasBundle(h civic.BundleHeader, progress func(done, total int)) (report LoadReport, has bool, err error) {
	var loaded loadedRow
	if err := s.view(func(t *tx) { loaded = t.loaded() }); err != nil {
		return report, false, err
	}
	if !loaded.Complete || loaded.Pending || loaded.Serial != h.Serial || loaded.Body != h.BodySHA256 {
		return report, false, nil
	}
	total := h.Counts.Total()
	if progress != nil {
		progress(total, total)
	}
	return LoadReport{Serial: h.Serial, Same: total}, true, nil
}

// openBundle checks a bundle against what this kiosk has loaded and trusts. A
// kept one may come again after newer ones, when the book has lost what it said.
func (s *Store) openBundle(f *os.File, trust, kept bool) (*civic.Bundle, error) {
	var now state
	var loaded loadedRow
	if err := s.view(func(t *tx) { now, loaded = t.state, t.loaded() }); err != nil {
		return nil, err
	}
	last := now.Bundle
	if loaded.Serial > last.Serial {
		last = loaded.announced
	}
	want := civic.Trust{Kiosk: s.cfg.Kiosk, Issuer: s.cfg.Issuer, MinSerial: last.Serial}
	if kept {
		want.MinSerial = loaded.Serial
	}
	if want.Issuer == nil {
		want.Issuer = last.Issuer
	}
	if want.Issuer == nil && !trust {
		return nil, ErrBundleTrust
	}
	if now.Head.Seq > 0 || loaded.Serial > 0 || s.cfg.Epoch != 0 {
		want.Epoch = now.Head.Epoch // else the first bundle says which epoch this box is in
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening the bundle: %w", err)
	}
	b, err := civic.OpenBundle(f, info.Size(), want)
	if err != nil {
		return nil, bundleError(err)
	}
	if alone := loaded.Serial > 0 && loaded.Era == ""; now.Era != "" && b.Header.Era == "" || alone && b.Header.Era != "" {
		return nil, fmt.Errorf("%w: an epoch is a center's or stands alone, and this one is not the bundle's", ErrBundleOther)
	}
	if b.Header.Serial == last.Serial && b.Header.BodySHA256 != last.Body {
		return nil, fmt.Errorf("%w: another bundle with number %d was loaded before", ErrBundleOther, last.Serial)
	}
	return b, nil
}

func bundleError(err error) error {
	switch {
	case errors.Is(err, civic.ErrOlder):
		return fmt.Errorf("%w: %w", ErrBundleOlder, err)
	case errors.Is(err, civic.ErrForeign):
		return fmt.Errorf("%w: %w", ErrBundleOther, err)
	case errors.Is(err, civic.ErrForged):
		return fmt.Errorf("%w: %w", ErrBundleForged, err)
	}
	return err
}

// bundlePath is where a bundle is kept; names sort by serial number.
func (c Config) bundlePath(serial uint64) string {
	return filepath.Join(c.path(bundleDir), fmt.Sprintf("%016d.bundle", serial))
}

// keepBundle copies a bundle into the data folder, whole or not at all.
func (s *Store) keepBundle(f *os.File, kept string) error {
	if info, err := os.Stat(kept); err == nil {
		if own, err := f.Stat(); err == nil && os.SameFile(info, own) {
			return nil
		}
	}
	if err := s.space(); err != nil {
		return err
	}
	err := os.MkdirAll(filepath.Dir(kept), 0o700)
	if err == nil {
		err = copyFile(f, kept+".new")
	}
	if err != nil {
		os.Remove(kept + ".new")
		return bookError(fmt.Errorf("keeping the bundle: %w", err))
	}
	return settleFile(kept+".new", kept)
}

func copyFile(from io.ReadSeeker, to string) error {
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

// loadKept loads a bundle that lies in the data folder and was checked.
func (s *Store) loadKept(ctx context.Context, path string, h civic.BundleHeader, progress func(done, total int)) (report LoadReport, err error) {
	report.Serial = h.Serial
	f, err := os.Open(path)
	if err != nil {
		return report, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return report, err
	}
	b, err := civic.OpenBundle(f, info.Size(), civic.Trust{Kiosk: h.Kiosk, Epoch: h.Epoch, Issuer: h.Issuer, MinSerial: h.Serial})
	if err != nil {
		return report, bundleError(err)
	}
	if b.Header.Serial != h.Serial || b.Header.BodySHA256 != h.BodySHA256 {
		return report, fmt.Errorf("%w: the file was changed while it was copied", ErrBundleForged)
	}
	told := announced{Serial: h.Serial, Body: h.BodySHA256, Issuer: h.Issuer}
	if err := s.beginLoad(ctx, told, h); err != nil {
		return report, err
	}
	defer func() {
		s.book.dropPages()
		debug.FreeOSMemory()
	}()
	if err := s.loadDocuments(ctx, b, &report, progress); err != nil {
		return report, bundleError(err)
	}
	if err := s.finishLoad(ctx, told, h); err != nil {
		return report, err
	}
	if err := s.hearTaken(ctx, h); err != nil {
		return report, err
	}
	return report, keepNewest(filepath.Dir(path), keepBundles)
}

// beginLoad notes which bundle is being loaded. The first bundle of a new box
// also says which epoch the box is in, and the first one of a center its era.
func (s *Store) beginLoad(ctx context.Context, told announced, h civic.BundleHeader) error {
	heard := ""
	o := &op{load: func(t *tx) error {
		heard = t.state.Era
		l := t.loaded()
		t.putJSON(bLoaded, loadedKey, loadedRow{announced: told, Era: h.Era, Complete: l.Complete, Pending: true})
		if t.state.Head.Seq == 0 {
			t.state.Head.Epoch = h.Epoch
		}
		return nil
	}}
	o.loaded = func() { o.err = s.turnEpoch(h.Epoch) }
	if err := s.submit(ctx, o); err != nil || h.Era == "" || heard != "" {
		return err
	}
	return s.hearOf(ctx, h.Era)
}

// turnEpoch opens the empty journal of another epoch. It runs on the writer.
func (s *Store) turnEpoch(epoch uint32) error {
	cfg := *s.journal.Config
	if cfg.Epoch == epoch {
		return nil
	}
	if err := s.journal.Close(); err != nil {
		return err
	}
	cfg.Epoch = epoch
	return unlocked(func() error {
		j, err := journal.Open(cfg)
		if err == nil {
			head := j.Head()
			s.durable.Store(&head)
			s.mu.Lock()
			s.journal = j
			s.mu.Unlock()
		}
		return err
	})
}

// loadDocuments hands the documents of a bundle to the writer in batches.
func (s *Store) loadDocuments(ctx context.Context, b *civic.Bundle, report *LoadReport, progress func(done, total int)) error {
	var batch []civic.Document
	done, total, size := 0, b.Header.Counts.Total(), 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		var in intake
		err := s.submit(ctx, &op{load: func(t *tx) error {
			in = intake{grants: b.Header.Era != "" && b.Header.Era == t.state.Era, nowMS: s.cfg.Clock.Now().WallMS}
			for _, d := range batch {
				in.take(t, d)
			}
			return t.err
		}})
		report.add(in.report)
		done += len(batch)
		batch, size = batch[:0], 0
		if progress != nil && err == nil {
			progress(done, total)
		}
		return err
	}
	for d, err := range b.Documents() {
		if err != nil {
			return err
		}
		batch = append(batch, d)
		if size += weight(d); len(batch) == batchDocuments || size >= batchBytes {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// finishLoad makes the search index anew, marks the documents complete, moves the
// cursors of the scopes that they are of, and tells the journal of the bundle.
func (s *Store) finishLoad(ctx context.Context, told announced, h civic.BundleHeader) error {
	block, changes, err := s.makeIndex()
	if err != nil {
		return err
	}
	o := &op{load: func(t *tx) error {
		t.putIndex(block, changes)
		t.putJSON(bLoaded, loadedKey, loadedRow{announced: told, Era: h.Era, Complete: true})
		t.state.Open = true
		return t.raiseCursors(h)
	}}
	o.loaded = func() { o.err = s.readCaches() }
	if err := s.submit(ctx, o); err != nil {
		return err
	}
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		if t.state.Bundle.Serial >= told.Serial {
			return nil, nil
		}
		return []ledger.Body{ledger.Device{Event: ledger.DeviceBundle, Text: told.text()}}, nil
	}})
}
