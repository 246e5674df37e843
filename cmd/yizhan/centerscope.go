package main

import (
	"context"
	"fmt"

	"yizhan/center/store"
)

type centerScope struct {
	Add centerScopeAdd `cmd:"" help:"Add a town or village, or change its name or place."`
}

type centerScopeAdd struct {
	Scope  string `arg:"" help:"Short name of the scope, such as town:qingxi."`
	Name   string `required:"" help:"What people call it, such as 清溪镇."`
	Parent string `help:"Scope above it; none: it is at the top."`
}

// Run adds the scope.
func (c *centerScopeAdd) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if err := book.PutScope(ctx, store.Scope{ID: c.Scope, Parent: c.Parent, Name: c.Name}); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s  %s\n", c.Scope, c.Name)
		return err
	})
}
