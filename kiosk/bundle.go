package kiosk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"yizhan/civic"
	"yizhan/kiosk/store"
)

// stickFile is a file found on a technician's stick.
type stickFile struct {
	Path string
	Name string
	civic.BundleHeader
	Made  string
	State string // new, same, older, other, newer, forged, unread
}

// stickOrder puts what can be loaded first.
var stickOrder = []string{"new", "same", "older", "other", "newer", "forged", "unread"}

// Loadable tells whether loading it can succeed.
func (f stickFile) Loadable() bool { return f.State == "new" || f.State == "same" }

// loading is how the loading of a bundle goes, or went last.
type loading struct {
	Running     bool
	Name        string
	Done, Total int
	Report      store.LoadReport
	State       string // how it ended: loaded, or as in stickFile; "": nothing was loaded yet
}

// Percent of the documents that are in.
func (l loading) Percent() int {
	if l.Total == 0 {
		return 0
	}
	return l.Done * 100 / l.Total
}

// progress returns a copy of how the loading goes.
func (o *office) progress() loading {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.load
}

// bundle lists the bundles on the stick, and shows how the loading of one goes.
// While it goes the page loads itself again.
func (o *office) bundle(a *ask, _ civic.Staff) error {
	load := o.progress()
	if load.Running {
		a.w.Header().Set("Refresh", "1")
	}
	var files []stickFile
	if !load.Running {
		for _, path := range o.stick() {
			files = append(files, o.stickFile(a, path))
		}
		slices.SortStableFunc(files, func(a, b stickFile) int {
			return slices.Index(stickOrder, a.State) - slices.Index(stickOrder, b.State)
		})
		files = files[:min(len(files), maxStickShown)]
	}
	return o.show(a, page{word: "bundle", back: boxPage, data: struct {
		Load  loading
		Files []stickFile
		Kiosk string
		Carry bool // the journal goes the other way
	}{load, files, o.cfg.Store.Health().Head.Kiosk, o.carries()}})
}

// stick is the paths of what may be bundles, the newest file first.
func (o *office) stick() []string {
	if o.cfg.Bundles == nil {
		return nil
	}
	paths := o.cfg.Bundles()
	return paths[:min(len(paths), maxStickFiles)]
}

// stickFile reads the head of a bundle, and checks the file against it.
func (o *office) stickFile(a *ask, path string) stickFile {
	f := stickFile{Path: path, Name: filepath.Base(path)}
	b, err := openBundle(path)
	if err != nil {
		o.cfg.Log.Info("a file on the stick", "path", path, "error", err)
		f.State = loadState(err)
		return f
	}
	f.BundleHeader = b
	f.Made = o.whenText(o.texts[o.lang(a)], b.Made.UnixMilli())
	health := o.cfg.Store.Health()
	switch {
	case b.Kiosk != health.Head.Kiosk || b.Epoch != health.Head.Epoch:
		f.State = "other"
	case b.Serial < health.BundleSerial:
		f.State = "older"
	case b.Serial == health.BundleSerial:
		f.State = "same"
	default:
		f.State = "new"
	}
	return f
}

// openBundle reads the header of a whole and genuine bundle.
func openBundle(path string) (civic.BundleHeader, error) {
	file, err := os.Open(path)
	if err != nil {
		return civic.BundleHeader{}, fmt.Errorf("opening a bundle: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return civic.BundleHeader{}, fmt.Errorf("opening a bundle: %w", err)
	}
	b, err := civic.OpenBundle(file, info.Size(), civic.Trust{})
	if err != nil {
		return civic.BundleHeader{}, err
	}
	return b.Header, nil
}

// bundleNow begins to load a file of the stick. It goes on when the page is left;
// a second tap finds it at work.
func (o *office) bundleNow(a *ask, me civic.Staff) error {
	path := a.FormValue("path")
	if !slices.Contains(o.stick(), path) {
		return errForm
	}
	o.mu.Lock()
	busy := o.load.Running
	if !busy {
		o.load = loading{Running: true, Name: filepath.Base(path)}
	}
	o.mu.Unlock()
	if !busy {
		o.cfg.Log.Info("loading a bundle", "path", path, "operator", me.ID)
		go o.loadBundle(context.WithoutCancel(a.Context()), path)
	}
	a.redirect("/staff/bundle")
	return nil
}

// loadBundle loads a bundle and keeps count for the page.
func (o *office) loadBundle(ctx context.Context, path string) {
	report, err := o.cfg.Store.LoadBundle(ctx, path, store.LoadOptions{Progress: func(done, total int) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.load.Done, o.load.Total = done, total
	}})
	if err != nil {
		o.cfg.Log.Error("loading a bundle", "path", path, "error", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.load.Running, o.load.Report, o.load.State = false, report, loadState(err)
}

// loadState names how a loading ended; the texts staff.bundle.STATE say what that
// means and what to do.
func loadState(err error) string {
	switch {
	case err == nil:
		return "loaded"
	case errors.Is(err, civic.ErrNewer):
		return "newer"
	case errors.Is(err, store.ErrBundleForged), errors.Is(err, civic.ErrForged):
		return "forged"
	case errors.Is(err, store.ErrBundleOther):
		return "other"
	case errors.Is(err, store.ErrBundleOlder):
		return "older"
	case errors.Is(err, store.ErrBundleTrust):
		return "issuer"
	case errors.Is(err, store.ErrReadOnly):
		return "full"
	}
	return "unread"
}
