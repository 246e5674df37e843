package kiosk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"

	"yizhan/civic"
	"yizhan/civic/wholefile"
	"yizhan/kiosk/store"
	"yizhan/link"
)

// carrying is how the copying of the journal to a stick goes, or went last.
type carrying struct {
	Running bool
	Stick   string // name of its folder
	File    string
	Entries uint64
	State   string // how it ended: done, empty, full, pulled, closed, unread; "": nothing was copied yet
}

// carries tells whether journals of this kiosk are carried to a center by stick.
func (o *office) carries() bool { return o.cfg.Center != nil && o.cfg.Sticks != nil }

// stickFolder is a stick that a journal can be copied to.
type stickFolder struct{ Path, Name string }

func (o *office) sticks() (list []stickFolder) {
	for _, path := range o.cfg.Sticks() {
		list = append(list, stickFolder{path, filepath.Base(path)})
	}
	return list[:min(len(list), maxStickShown)]
}

// carry shows which sticks there are, and how the copying of the journal goes. While
// it goes the page loads itself again.
func (o *office) carry(a *ask, _ civic.Staff) error {
	if !o.carries() {
		return store.ErrUnknown
	}
	o.mu.Lock()
	last := o.carried
	o.mu.Unlock()
	data := struct {
		Last   carrying
		Sticks []stickFolder
		Unsent uint64
	}{Last: last}
	if last.Running {
		a.w.Header().Set("Refresh", "1")
	} else {
		data.Sticks = o.sticks()
	}
	head, acked := o.cfg.Store.Head()
	data.Unsent = head.Seq - min(acked, head.Seq)
	return o.show(a, page{word: "carry", back: "/staff/bundle", data: data})
}

// carryNow begins to copy the journal. It goes on when the page is left; a second
// tap finds it at work.
func (o *office) carryNow(a *ask, me civic.Staff) error {
	path := a.FormValue("path")
	if !o.carries() || !slices.ContainsFunc(o.sticks(), func(s stickFolder) bool { return s.Path == path }) {
		return errForm
	}
	o.mu.Lock()
	busy := o.carried.Running
	if !busy {
		o.carried = carrying{Running: true, Stick: filepath.Base(path)}
	}
	o.mu.Unlock()
	if !busy {
		o.cfg.Log.Info("copying the journal to a stick", "path", path, "operator", me.ID)
		go o.copyJournal(context.WithoutCancel(a.Context()), path)
	}
	a.redirect("/staff/carry")
	return nil
}

// copyJournal writes the journal file and keeps for the page how that ended.
func (o *office) copyJournal(ctx context.Context, stick string) {
	ctx, stop := context.WithTimeout(ctx, carryTime)
	defer stop()
	file, h, err := o.writeJournal(ctx, stick)
	if err != nil {
		o.cfg.Log.Error("copying the journal to a stick", "path", stick, "error", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.carried.Running, o.carried.State = false, carryState(err)
	if err == nil {
		o.carried.File, o.carried.Entries = file, h.Entries()
	}
}

// writeJournal writes what the center has not acknowledged, under a temporary name
// until it is whole and on the stick.
func (o *office) writeJournal(ctx context.Context, stick string) (string, link.JournalHeader, error) {
	head, acked := o.cfg.Store.Head()
	name := fmt.Sprintf("%s-%d-%d.yzj", head.Kiosk, head.Epoch, head.Seq)
	f, err := wholefile.Create(filepath.Join(stick, name), 0)
	if err != nil {
		return name, link.JournalHeader{}, err
	}
	defer f.Abort()
	h, err := link.WriteJournal(ctx, f, o.cfg.Store, o.cfg.Store.Signing(), o.cfg.Program, acked)
	if err == nil {
		err = f.Commit()
	}
	return name, h, err
}

// carryState names how a copying ended; the texts staff.carry.STATE say what that
// means and what to do.
func carryState(err error) string {
	is := func(all ...error) bool {
		return slices.ContainsFunc(all, func(e error) bool { return errors.Is(err, e) })
	}
	switch {
	case err == nil:
		return "done"
	case errors.Is(err, link.ErrNoEntries):
		return "empty"
	case is(syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG):
		return "full"
	case is(syscall.EROFS, fs.ErrPermission):
		return "closed"
	case is(syscall.EIO, syscall.ENODEV, syscall.ENXIO, fs.ErrNotExist, io.ErrShortWrite, context.DeadlineExceeded):
		return "pulled"
	}
	return "unread"
}
