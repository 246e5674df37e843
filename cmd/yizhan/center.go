package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/sys/unix"

	"yizhan/center"
	"yizhan/center/store"
)

// centerCommand is the center and the work on its book. The folder and the
// database are those of every subcommand.
type centerCommand struct {
	Config    kong.ConfigFlag `help:"TOML file with any of these settings." type:"existingfile"`
	Data      string          `required:"" type:"path" help:"Data folder: the keys, and the book unless --database names another."`
	Database  string          `help:"PostgreSQL database, postgres://user@host/name. Default: the file book.db in the data folder."`
	Zone      string          `default:"Asia/Shanghai" help:"Time zone in which points expire."`
	LockAfter time.Duration   `default:"10m" help:"How long nobody does anything at the console until it asks for the password again; 1m to 30m."`
	Cert      string          `type:"existingfile" help:"Certificate (PEM) that TLS shows, instead of one made here."`
	Key       string          `type:"existingfile" name:"cert-key" help:"Its key (PEM). Kiosks pin it, so a certificate is renewed with the same key."`

	Serve   centerServe   `cmd:"" default:"withargs" help:"Serve kiosks and the console (the default)."`
	Kiosk   centerKiosk   `cmd:"" help:"Kiosks: register, enrol, revoke, write off."`
	Scope   centerScope   `cmd:"" help:"The tree of center, towns and villages."`
	Officer centerOfficer `cmd:"" help:"Officers: who signs in at the console."`
	Grant   centerGrant   `cmd:"" help:"Give points to a volunteer."`
	Backup  centerBackup  `cmd:"" help:"Copy the book while it is in use."`
	Restore centerRestore `cmd:"" help:"Put a copy of the book in its place."`
	Verify  centerVerify  `cmd:"" help:"Prove the whole book."`
	Import  centerImport  `cmd:"" help:"Take in lists of volunteers, goods and staff."`
	Bundle  centerBundle  `cmd:"" help:"Make the file that carries documents to a kiosk without a network."`
	Journal centerJournal `cmd:"" help:"Take in a journal that was carried here from a kiosk without a network."`

	locked *os.File // while the book is in use
}

// What lies in the data folder: bookFile is the database of a center that is
// given no other.
const (
	bookFile  = "book.db"
	keyFolder = "keys"
)

// book opens the center's book, and makes it when it is not there. A book that is
// missing beside keys is not made anew: it has gone astray.
func (c *centerCommand) book(ctx context.Context, w *world) (*store.Store, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	if err := c.lock(unix.LOCK_SH); err != nil {
		return nil, err
	}
	_, noKeys := os.Lstat(filepath.Join(c.Data, keyFolder))
	_, noBook := os.Lstat(filepath.Join(c.Data, bookFile))
	if c.Database == "" && noKeys == nil && errors.Is(noBook, fs.ErrNotExist) {
		return nil, fmt.Errorf("opening %s: %w", c.Data, errNoBook)
	}
	return c.open(ctx, w)
}

func (c *centerCommand) open(ctx context.Context, w *world) (*store.Store, error) {
	config, err := c.storeConfig(w)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, config)
}

func (c *centerCommand) storeConfig(w *world) (store.Config, error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return store.Config{}, fmt.Errorf("the time zone %q is not known; write it like Asia/Shanghai: %w", c.Zone, err)
	}
	database := c.Database
	if database == "" {
		database = filepath.Join(c.Data, bookFile)
	}
	return store.Config{Database: database, Now: w.now, Random: w.random, Log: w.log, Zone: zone, LockAfter: c.LockAfter}, nil
}

// Validate finds what the parser cannot see.
func (c *centerCommand) Validate() error {
	if (c.Cert == "") != (c.Key == "") {
		return errors.New("give --cert and --cert-key together")
	}
	if c.LockAfter < time.Minute || c.LockAfter > store.SessionIdle {
		return fmt.Errorf("--lock-after %v is not between 1m and %v", c.LockAfter, store.SessionIdle)
	}
	return nil
}

// keys opens the center's keys. They are made for a book that belongs to no center
// yet; from then on it is served with no others.
func (c *centerCommand) keys(ctx context.Context, w *world, book *store.Store, hosts ...string) (*center.Keys, error) {
	claimed, err := book.Claimed(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := c.openKeys(w, hosts, !claimed)
	if err != nil {
		return nil, err
	}
	return keys, book.Claim(ctx, identity(keys))
}

func (c *centerCommand) openKeys(w *world, hosts []string, fresh bool) (*center.Keys, error) {
	return center.OpenKeys(filepath.Join(c.Data, keyFolder),
		center.KeyOptions{Cert: c.Cert, Key: c.Key, Hosts: hosts, Now: w.now, Random: w.random, Make: fresh})
}

func identity(k *center.Keys) store.Identity {
	pin := k.Pin()
	return store.Identity{Issuer: k.Issuer(), Pin: pin[:]}
}

// with runs f over the open book.
func (c *centerCommand) with(ctx context.Context, w *world, f func(*store.Store) error) error {
	defer c.unlock()
	book, err := c.book(ctx, w)
	if err != nil {
		return err
	}
	return errors.Join(f(book), book.Close())
}
