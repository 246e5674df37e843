package main

import (
	"context"
	"fmt"

	"yizhan/center/store"
)

type centerKiosk struct {
	Add centerKioskAdd `cmd:"" help:"Register a kiosk, or change its name or place."`
}

type centerKioskAdd struct {
	Kiosk string `arg:"" help:"Name of the kiosk: 1 to 16 of A-Z 0-9 -."`
	Name  string `required:"" help:"Name of the station, such as 石桥村益栈."`
	Scope string `required:"" help:"Village or town that it stands in, see 'center scope list'."`
}

// Run registers the kiosk.
func (c *centerKioskAdd) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if err := book.PutKiosk(ctx, store.Kiosk{ID: c.Kiosk, Name: c.Name, Parent: c.Scope}); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s  %s\n", c.Kiosk, c.Name)
		return err
	})
}
