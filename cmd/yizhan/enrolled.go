package main

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"

	"yizhan/assets"
	"yizhan/kiosk"
	"yizhan/kiosk/enrol"
	"yizhan/kiosk/store"
	"yizhan/link"
)

var (
	// errNotEnrolled means that the box is no kiosk: no center has enrolled it, and
	// nobody says which one it is.
	errNotEnrolled = errors.New("no center has enrolled this box, and there is no --kiosk")
	// errEnrolled means that a center has enrolled the box just now.
	errEnrolled = errors.New("a center has enrolled the box")
	// errBelongs means that --kiosk names another kiosk than the center's.
	errBelongs = errors.New("the box is a center's kiosk")
)

// settle finds out which kiosk the box is: the one that a center has enrolled it as,
// or the one that --kiosk names.
func (b *box) settle() error {
	b.center = nil
	c, err := enrol.Load(b.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist) && b.Kiosk == "":
		return errNotEnrolled
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case b.Kiosk != "" && b.Kiosk != c.Kiosk:
		return fmt.Errorf("%w: --kiosk %s, and the center at %s has enrolled the box as %s", errBelongs, b.Kiosk, c.Address, c.Kiosk)
	}
	b.center = &c
	return nil
}

// enrol shows the screen of a box that is no kiosk until it is one, which it says by
// errEnrolled.
func (c *kioskCommand) enrol(ctx context.Context, w *world, glass *glass) error {
	e, err := c.enrolment(w)
	if err != nil {
		return err
	}
	latest, err := store.LatestEpoch(c.Data, c.Journal, w.random)
	if err != nil {
		w.log.Error("looking for books of before", "error", err) // an enrolment will say what is wrong
	}
	screen, err := kiosk.NewUnenrolled(kiosk.UnenrolledConfig{Enrolment: e, Log: w.log, Screen: kiosk.Screen{DiagonalInch: c.Diagonal},
		Lang: assets.Lang(c.Lang), Past: latest > 0 || err != nil, Addresses: addresses})
	if err != nil {
		return err
	}
	glass.show(screen.Handler(), screen.Scan)
	w.log.Info("box is not enrolled", "address", glass.address)
	return together(ctx, func(ctx context.Context) error { screen.Run(ctx); return nil }, func(ctx context.Context) error {
		if _, err := e.Run(ctx); ctx.Err() != nil {
			return nil
		} else if err != nil {
			return err
		}
		return errEnrolled
	})
}

// enrolment is that of a box that is no kiosk.
func (c *kioskCommand) enrolment(w *world) (*enrol.Enrolment, error) {
	return enrol.New(enrol.Config{Dir: c.Data, Program: program(), See: link.SeePin, Ask: link.Enrol, Log: w.log,
		Box: func() (ed25519.PrivateKey, uint32, error) {
			keys, err := store.BoxKey(c.Data, c.Journal, w.random)
			if err != nil {
				return nil, 0, err
			}
			latest, err := store.LatestEpoch(c.Data, c.Journal, w.random)
			return keys.Signing(), latest + 1, err
		}})
}

// beginEpoch gives an enrolled box the books of its epoch. Those of an epoch before
// are set aside, and stay.
func (c *kioskCommand) beginEpoch(ctx context.Context, w *world) error {
	if c.center == nil {
		return nil
	}
	cfg, err := c.storeConfig(w)
	if err != nil {
		return err
	}
	if err := store.BeginEpoch(ctx, cfg); err != nil {
		return fmt.Errorf("beginning epoch %d in %s: %w", cfg.Epoch, c.Data, err)
	}
	return nil
}

// join ties a kiosk to its center: cfg gets the link, and an enrolment for the day
// that the box has to begin anew. What it returns runs both, when the server is there.
func (c *kioskCommand) join(books *store.Store, w *world, cfg *kiosk.Config, server func() *kiosk.Server) (run func(context.Context) error, err error) {
	keys, err := store.BoxKey(c.Data, c.Journal, w.random)
	if err != nil {
		return nil, err
	}
	dice, err := newDice(w.random)
	if err != nil {
		return nil, err
	}
	center := *c.center
	wire := link.NewKiosk(link.KioskConfig{Key: keys.Signing(), Center: center.Pin, Program: program(), Now: w.now, Random: dice, Log: w.log,
		Dial:    func(ctx context.Context) (link.Conn, error) { return link.Dial(ctx, center.Address, center.Pin) },
		Journal: books, Library: books, Purse: books, Guard: books,
		Status:  func() link.Status { return server().Status() },
		Serve:   func(ctx context.Context, w link.Wish, until int64) link.Ordered { return server().Serve(ctx, w, until) },
		Release: func(ctx context.Context, r link.Release) link.Outcome { return server().Release(ctx, r) }})
	anew, err := enrol.New(enrol.Config{Dir: c.Data, Program: program(), See: link.SeePin, Ask: link.Enrol, Log: w.log,
		Box: func() (ed25519.PrivateKey, uint32, error) {
			head, _ := books.Head()
			return keys.Signing(), head.Epoch + 1, nil
		}})
	if err != nil {
		return nil, err
	}
	cfg.Center, cfg.Enrolment, cfg.CenterAddress = wire, anew, center.Address
	return func(ctx context.Context) error {
		defer books.Watch(wire.Wake)()
		return together(ctx, func(ctx context.Context) error { _ = wire.Run(ctx); return nil }, // it ends with ctx alone
			func(ctx context.Context) error { return untilAnother(ctx, anew, center) })
	}, nil
}

// untilAnother waits until the box is enrolled as another kiosk or in another epoch.
// An invitation that a power cut has left behind brings the same center once more.
func untilAnother(ctx context.Context, e *enrol.Enrolment, now enrol.Center) error {
	for {
		c, err := e.Run(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case c != now:
			return errEnrolled
		}
	}
}

// newDice makes the dice for the waits between attempts.
func newDice(random io.Reader) (*rand.Rand, error) {
	var seed [16]byte
	if _, err := io.ReadFull(random, seed[:]); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:]))), nil
}
