package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alecthomas/kong"

	"yizhan/center"
	"yizhan/center/store"
)

// centerCommand is the center and the work on its book. The folder and the
// database are those of every subcommand.
type centerCommand struct {
	Config   kong.ConfigFlag `help:"TOML file with any of these settings." type:"existingfile"`
	Data     string          `required:"" type:"path" help:"Data folder: the keys, and the book unless --database names another."`
	Database string          `help:"PostgreSQL database, postgres://user@host/name. Default: the file book.db in the data folder."`
	Zone     string          `default:"Asia/Shanghai" help:"Time zone in which points expire."`

	Serve centerServe `cmd:"" default:"withargs" help:"Serve kiosks and the console (the default)."`
	Kiosk centerKiosk `cmd:"" help:"Kiosks: register, enrol, revoke, write off."`
	Scope centerScope `cmd:"" help:"The tree of center, towns and villages."`
}

// bookFile is the database of a center that is given no other.
const bookFile = "book.db"

// book opens the center's book, and makes it when it is not there.
func (c *centerCommand) book(ctx context.Context, w *world) (*store.Store, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("the time zone %q is not known; write it like Asia/Shanghai: %w", c.Zone, err)
	}
	database := c.Database
	if database == "" {
		database = filepath.Join(c.Data, bookFile)
	}
	return store.Open(ctx, store.Config{Database: database, Now: w.now, Random: w.random, Log: w.log, Zone: zone})
}

// keys opens the center's keys. They are made for a book that no kiosk was ever
// enrolled in.
func (c *centerCommand) keys(ctx context.Context, w *world, book *store.Store, o center.KeyOptions) (*center.Keys, error) {
	standings, err := book.Standings(ctx)
	if err != nil {
		return nil, err
	}
	o.Now, o.Random, o.Make = w.now, w.random, len(standings) == 0
	return center.OpenKeys(filepath.Join(c.Data, "keys"), o)
}

// with runs f over the open book.
func (c *centerCommand) with(ctx context.Context, w *world, f func(*store.Store) error) error {
	book, err := c.book(ctx, w)
	if err != nil {
		return err
	}
	return errors.Join(f(book), book.Close())
}
