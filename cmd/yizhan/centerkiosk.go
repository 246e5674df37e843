package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/skip2/go-qrcode"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

type centerKiosk struct {
	Add      centerKioskAdd     `cmd:"" help:"Register a kiosk, or change its name or place."`
	Station  centerStation      `cmd:"" help:"Describe the station that a kiosk stands in: its names, counter, phone and rules."`
	List     centerKioskList    `cmd:"" help:"Tell how the kiosks are, and which boxes wait to be enrolled."`
	Code     centerKioskCode    `cmd:"" help:"Make a one-time code by which a box becomes the kiosk; valid for 48 hours."`
	Approve  centerKioskApprove `cmd:"" help:"Let a waiting box be the kiosk, after its fingerprint was compared."`
	Refuse   centerKioskRefuse  `cmd:"" help:"Turn a waiting box away."`
	Revoke   centerKioskRevoke  `cmd:"" help:"Take a kiosk out of service; a new box can be enrolled for it."`
	Reopen   centerKioskReopen  `cmd:"" help:"End the quarantine of a kiosk's chain, after somebody has looked at it."`
	Cap      centerKioskCap     `cmd:"" help:"Set how many points may be outstanding at a kiosk."`
	Writeoff centerWriteOff     `cmd:"" help:"Give up what a lost box held; two officers are needed."`
}

// errFingerprint means that no box waits under a fingerprint.
var errFingerprint = errors.New("no box with this fingerprint waits to be this kiosk")

type centerKioskAdd struct {
	Kiosk string `arg:"" help:"Name of the kiosk: 1 to 16 of A-Z 0-9 -."`
	Name  string `required:"" help:"Name of the station, such as 石桥村益栈."`
	Scope string `required:"" help:"Village or town that it stands in, see 'center scope list'."`
}

// Run registers the kiosk. One that is known keeps its cap.
func (c *centerKioskAdd) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if _, err := book.Scopes(ctx, c.Scope); err != nil {
			return err
		}
		k, _, err := book.Kiosk(ctx, c.Kiosk)
		if err != nil && !errors.Is(err, store.ErrUnknown) {
			return err
		}
		if err := book.PutKiosk(ctx, store.Kiosk{ID: c.Kiosk, Name: c.Name, Parent: c.Scope, Cap: k.Cap}); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.stdout, "%s  %s  in %s\n", c.Kiosk, c.Name, c.Scope)
		return err
	})
}

type centerKioskCode struct {
	Kiosk   string `arg:"" help:"Name of the kiosk."`
	By      string `required:"" env:"-" help:"The officer who makes the code."`
	Address string `help:"Where the box reaches this center, such as 10.0.0.5:8443; then a QR code is printed too."`
}

// Run makes a code and prints it, for a person and for a scanner.
func (c *centerKioskCode) Run(ctx context.Context, w *world, parent *centerCommand) error {
	if c.Address != "" {
		if err := link.CheckAddress(c.Address); err != nil {
			return exitError{exitUsage, err}
		}
	}
	return parent.with(ctx, w, func(book *store.Store) error {
		keys, err := parent.keys(ctx, w, book)
		if err != nil {
			return err
		}
		code, ends, err := book.MakeCode(ctx, c.Kiosk, c.By)
		if err != nil {
			return err
		}
		var b strings.Builder
		fmt.Fprintf(&b, "code 一次性代码  %s\nfor kiosk 给     %s, until 有效到 %s\n", code, c.Kiosk, ends.Format("2006-01-02 15:04 MST"))
		if c.Address != "" {
			text := link.Invitation{Address: c.Address, Code: code, Center: keys.Pin()}.Text()
			qr, err := qrcode.New(text, qrcode.Medium)
			if err != nil {
				return fmt.Errorf("drawing the QR code: %w", err)
			}
			fmt.Fprintf(&b, "address 地址     %s\n%s\n%s", c.Address, text, qr.ToSmallString(false))
		}
		_, err = w.stdout.Write([]byte(b.String()))
		return err
	})
}

// waitingBox says which waiting box an officer means: the fingerprint is read from
// the box's own screen, so a box in between is never let in.
type waitingBox struct {
	Kiosk       string `arg:"" help:"Name of the kiosk."`
	Fingerprint string `required:"" env:"-" help:"What the box shows on its screen, such as '3f2a 90c1 77de 0b14'."`
	By          string `required:"" env:"-" help:"The officer who decides."`
}

// find returns the id of the box that waits.
func (b waitingBox) find(ctx context.Context, w *world, parent *centerCommand, book *store.Store) (string, error) {
	keys, err := parent.keys(ctx, w, book)
	if err != nil {
		return "", err
	}
	waiting, err := book.Waiting(ctx)
	if err != nil {
		return "", err
	}
	for _, e := range waiting {
		if e.Kiosk == b.Kiosk && bare(link.Fingerprint(e.PublicKey, keys.Pin())) == bare(b.Fingerprint) {
			return e.ID, nil
		}
	}
	return "", fmt.Errorf("%s, %q: %w", b.Kiosk, b.Fingerprint, errFingerprint)
}

func bare(fingerprint string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToLower(fingerprint))
}

type centerKioskApprove struct{ waitingBox }

// Run lets the box in; a new epoch of the kiosk begins.
func (c *centerKioskApprove) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		id, err := c.find(ctx, w, parent, book)
		if err != nil {
			return err
		}
		e, err := book.Approve(ctx, id, c.By)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.stdout, "%s approved 已批准, epoch %d\n", e.Kiosk, e.Epoch)
		return err
	})
}

type centerKioskRefuse struct{ waitingBox }

// Run turns the box away.
func (c *centerKioskRefuse) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		id, err := c.find(ctx, w, parent, book)
		if err != nil {
			return err
		}
		if _, err := book.Refuse(ctx, id, c.By); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.stdout, "%s refused 已拒绝\n", c.Kiosk)
		return err
	})
}

type centerKioskRevoke struct {
	Kiosk string `arg:"" help:"Name of the kiosk."`
}

// Run takes the kiosk out of service. A running center hangs up on it.
func (c *centerKioskRevoke) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if err := book.Revoke(ctx, c.Kiosk); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s revoked 已停用\n", c.Kiosk)
		return err
	})
}

type centerKioskReopen struct {
	Kiosk string `arg:"" help:"Name of the kiosk."`
	Epoch uint32 `help:"Epoch of the chain. Default: the one of now."`
	By    string `required:"" env:"-" help:"The officer who has looked at it."`
}

// Run ends a quarantine. It comes back if the chains still differ.
func (c *centerKioskReopen) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		k, _, err := book.Kiosk(ctx, c.Kiosk)
		if err != nil {
			return err
		}
		epoch := c.Epoch
		if epoch == 0 {
			epoch = k.Epoch
		}
		if err := book.Reopen(ctx, c.Kiosk, epoch, c.By); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.stdout, "%s epoch %d: no longer in quarantine 已解除隔离\n", c.Kiosk, epoch)
		return err
	})
}

type centerKioskCap struct {
	Kiosk  string        `arg:"" help:"Name of the kiosk."`
	Points ledger.Points `arg:"" help:"The most that may be outstanding there."`
}

// Run sets the cap. What is outstanding already stays.
func (c *centerKioskCap) Run(ctx context.Context, w *world, parent *centerCommand) error {
	if c.Points < 1 {
		return exitError{exitUsage, errors.New("a cap is at least 1 point")}
	}
	return parent.with(ctx, w, func(book *store.Store) error {
		k, chain, err := book.Kiosk(ctx, c.Kiosk)
		if err != nil {
			return err
		}
		k.Cap = c.Points
		if err := book.PutKiosk(ctx, k); err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.stdout, "%s: cap 上限 %d, outstanding 在外 %d\n", c.Kiosk, k.Cap, chain.Outstanding())
		return err
	})
}
