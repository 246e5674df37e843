package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"yizhan/center/store"
)

// Errors of what is done to the book as a whole.
var (
	errServing   = errors.New("something works on this book now; end the center and every other command first")
	errNoBook    = errors.New("the keys of a center are there and its book is not")
	errDisproved = errors.New("the book contradicts itself")
)

// lock keeps a restore from working on a book that others use.
func (c *centerCommand) lock(how int) error {
	f, err := os.OpenFile(filepath.Join(c.Data, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("locking the data folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); err != nil {
		return errors.Join(errServing, f.Close())
	}
	c.locked = f
	return nil
}

func (c *centerCommand) unlock() {
	if c.locked != nil {
		c.locked.Close() // the lock goes with it
		c.locked = nil
	}
}

type centerBackup struct {
	File string `arg:"" type:"path" help:"New file for the copy."`
}

// Help is printed below the flags.
func (*centerBackup) Help() string {
	return `The copy is of one moment, and the center may go on serving. It does not hold the keys: keep a
copy of DATA/keys apart from it, once. A PostgreSQL database is copied with pg_dump.`
}

// Run copies the book.
func (c *centerBackup) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if err := book.Backup(ctx, c.File); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s: a copy of the book; keep %s with it, apart  账本已备份；密钥文件夹也要另外备份\n", c.File, filepath.Join(parent.Data, keyFolder))
		return err
	})
}

// centerRestore puts a copy in the book's place. What was granted since the copy
// was made is not in it, so a new era begins: nothing is granted before the kiosks
// have told.
type centerRestore struct {
	File string `arg:"" optional:"" type:"existingfile" help:"Copy made by 'center backup'. None: the database was put back already (PostgreSQL, after pg_restore)."`
}

// Help is printed below the flags.
func (*centerRestore) Help() string {
	return `End the center first. The book that was there is kept aside, not deleted. Afterwards nothing is granted
until every kiosk has connected and told what it holds, or was revoked; redemptions from what kiosks
hold go on. A kiosk that was enrolled after the copy was made is enrolled again.`
}

// Run puts the copy in place and begins a new era.
func (c *centerRestore) Run(ctx context.Context, w *world, parent *centerCommand) error {
	if err := os.MkdirAll(parent.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if err := parent.lock(unix.LOCK_EX); err != nil {
		return err
	}
	defer parent.unlock()
	aside := ""
	if c.File != "" {
		if parent.Database != "" {
			return exitError{exitUsage, errors.New("a PostgreSQL database is put back with pg_restore; then run 'center restore' without a file")}
		}
		var err error
		if aside, err = parent.putBack(ctx, w, c.File); err != nil {
			return err
		}
	} else {
		book, err := parent.open(ctx, w)
		if err != nil {
			return err
		}
		if err := errors.Join(book.Restored(ctx), book.Close()); err != nil {
			return err
		}
	}
	text := "restored 已恢复: a new era has begun. Start the center; grants wait until every kiosk has told what it holds ('center kiosk list').\n" +
		"  新的纪元已开始。请启动中心；所有益栈上报之前不发放积分。\n"
	if aside != "" {
		text += "the book that was there: " + aside + "\n"
	}
	_, err := w.stdout.Write([]byte(text))
	return err
}

// putBack makes the copy ready beside the book, era and all, and only then puts
// it in place. It returns where the old book went.
func (c *centerCommand) putBack(ctx context.Context, w *world, file string) (aside string, err error) {
	path := filepath.Join(c.Data, bookFile)
	fresh := filepath.Join(c.Data, "restoring.db")
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(fresh + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("restoring: %w", err)
		}
	}
	if err := copyFile(fresh, file); err != nil {
		return "", fmt.Errorf("restoring: %w", err)
	}
	config, err := c.storeConfig(w)
	if err != nil {
		return "", err
	}
	config.Database = fresh
	book, err := store.Open(ctx, config)
	if err != nil {
		return "", fmt.Errorf("%s is no copy of a center's book: %w", file, err)
	}
	if err := errors.Join(book.Restored(ctx), book.Close()); err != nil { // closing folds the log into the file
		return "", fmt.Errorf("restoring: %w", err)
	}
	aside = filepath.Join(c.Data, "before-restore-"+w.now().UTC().Format("20060102T150405Z"))
	for _, end := range []string{"-wal", "-shm", ""} { // never a log beside another book
		err := os.Rename(path+end, aside+".db"+end)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("setting the old book aside: %w", err)
		}
		if end == "" && err != nil {
			aside = ""
		}
	}
	if aside != "" {
		aside += ".db"
	}
	if err := os.Rename(fresh, path); err != nil {
		return aside, fmt.Errorf("restoring: %w", err)
	}
	folder, err := os.Open(c.Data)
	if err != nil {
		return aside, fmt.Errorf("restoring: %w", err)
	}
	return aside, errors.Join(folder.Sync(), folder.Close())
}

// copyFile copies a file that only its owner may read, durably.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

type centerVerify struct {
	JSON    bool   `help:"Print the report as JSON."`
	Journal string `type:"existingfile" help:"Only hold a journal file against the center's chain, entry by entry."`
}

// Help is printed below the flags.
func (*centerVerify) Help() string {
	return `Every lot must add up, no balance may be negative, every chain must follow hash by hash under its
kiosk's signature, and all rights, redemptions and shelves must be what a fresh fold of the entries comes
to. Others may write meanwhile. With --journal every entry of the file must be the one that the center
has, as far as both go. Exit codes: 0 proved, 1 not, or it could not be read.`
}

// Run proves the book.
func (c *centerVerify) Run(ctx context.Context, w *world, parent *centerCommand) error {
	if c.Journal != "" {
		return c.compare(ctx, w, parent)
	}
	return parent.with(ctx, w, func(book *store.Store) error {
		start := time.Now()
		report, err := book.Verify(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			out := json.NewEncoder(w.stdout)
			out.SetIndent("", "  ")
			err = out.Encode(report)
		} else {
			err = printProof(w.stdout, report, time.Since(start))
		}
		if err == nil && !report.OK() {
			err = fmt.Errorf("%w: %d findings", errDisproved, len(report.Findings)+report.More)
		}
		return err
	})
}

func printProof(out io.Writer, r *store.Report, took time.Duration) error {
	verdict := "proved 账本正确"
	if !r.OK() {
		verdict = "NOT PROVED 账本有问题"
	}
	_, err := fmt.Fprintf(out, "%s: %d volunteers, %d chains, %d entries, %d acts 操作记录 in %v\n"+
		"earned 获得 %d = expired 过期 %d + free 在中心 %d + out 在益栈 %d; lost 损失 %d\n",
		verdict, r.Volunteers, r.Chains, r.Entries, r.Acts, took.Round(time.Millisecond), r.Earned, r.Expired, r.Free, r.Out, r.Lost)
	if r.Missing > 0 {
		_, err2 := fmt.Fprintf(out, "missing 缺 %d: kiosks hold points whose earnings this book has lost with the days since its copy; enter those again\n", r.Missing)
		err = errors.Join(err, err2)
	}
	if r.Wanted+r.Gone > 0 {
		_, err2 := fmt.Fprintf(out, "reversals 冲正: %d still wanted 待收回 (of what is out), %d could not be taken 收不回 (spent or expired)\n", r.Wanted, r.Gone)
		err = errors.Join(err, err2)
	}
	for _, f := range r.Findings {
		_, err2 := fmt.Fprintf(out, "  %s: %s\n", f.Where, f.What)
		err = errors.Join(err, err2)
	}
	return err
}
