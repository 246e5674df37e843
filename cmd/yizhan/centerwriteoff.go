package main

import (
	"context"
	"fmt"

	"yizhan/center/store"
)

type centerWriteOff struct {
	Propose writeOffPropose `cmd:"" help:"Propose to give up what an epoch of a kiosk held, when its box is lost or was replaced."`
	Confirm writeOffConfirm `cmd:"" help:"Confirm it, as another officer: the volunteers get their points anew."`
	Drop    writeOffDrop    `cmd:"" help:"Take back a proposal that was not confirmed."`
}

type writeOffPropose struct {
	Kiosk  string `arg:"" help:"Name of the kiosk."`
	Epoch  uint32 `arg:"" help:"Epoch of the lost box, see 'center kiosk list'."`
	By     string `required:"" env:"-" help:"The officer who proposes it."`
	Reason string `required:"" env:"-" help:"What happened to the box."`
}

// Run proposes a write-off.
func (c *writeOffPropose) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if err := book.ProposeWriteOff(ctx, c.Kiosk, c.Epoch, c.By, c.Reason); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s epoch %d: proposed by %s; another officer confirms it  已提出，需要另一位工作人员确认\n", c.Kiosk, c.Epoch, c.By)
		return err
	})
}

type writeOffConfirm struct {
	Kiosk string `arg:"" help:"Name of the kiosk."`
	Epoch uint32 `arg:"" help:"Epoch of the lost box."`
	By    string `required:"" env:"-" help:"The officer who confirms it: not the one who proposed it."`
}

// Run books the loss.
func (c *writeOffConfirm) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		loss, err := book.ConfirmWriteOff(ctx, c.Kiosk, c.Epoch, c.By)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w.stdout, "%s epoch %d: written off 已核销; loss:%s stands at %d points\n", c.Kiosk, c.Epoch, c.Kiosk, loss)
		return err
	})
}

type writeOffDrop struct {
	Kiosk string `arg:"" help:"Name of the kiosk."`
	Epoch uint32 `arg:"" help:"Epoch of the lost box."`
}

// Run takes a proposal back.
func (c *writeOffDrop) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if err := book.DropWriteOff(ctx, c.Kiosk, c.Epoch); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s epoch %d: nothing is proposed any more 已撤回\n", c.Kiosk, c.Epoch)
		return err
	})
}
