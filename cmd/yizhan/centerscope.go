package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"yizhan/center/store"
)

type centerScope struct {
	Add  centerScopeAdd  `cmd:"" help:"Add a town or village, or change its name or place."`
	List centerScopeList `cmd:"" help:"Print the tree, the kiosks included."`
}

type centerScopeAdd struct {
	Scope  string `arg:"" help:"Short name of the scope, such as town:qingxi; small letters, because capitals name kiosks."`
	Name   string `required:"" help:"What people call it, such as 清溪镇."`
	Parent string `help:"Scope above it; none: it is at the top."`
}

// Run adds the scope. A tree that would bite its tail is refused.
func (c *centerScopeAdd) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if c.Parent != "" {
			above, err := book.Scopes(ctx, c.Parent)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(above, func(s store.Scope) bool { return s.ID == c.Scope }) {
				return exitError{exitUsage, errors.New(c.Parent + " is below " + c.Scope + " already")}
			}
		}
		if err := book.PutScope(ctx, store.Scope{ID: c.Scope, Parent: c.Parent, Name: c.Name}); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s  %s\n", c.Scope, c.Name)
		return err
	})
}

type centerScopeList struct {
	JSON bool `help:"Print it as JSON."`
}

// listedScope is one scope as it is printed.
type listedScope struct {
	Scope   string `json:"scope"`
	Parent  string `json:"parent"`
	Name    string `json:"name"`
	Version uint64 `json:"version"`
}

// Run prints the tree.
func (c *centerScopeList) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		all, err := book.AllScopes(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			list := make([]listedScope, 0, len(all))
			for _, s := range all {
				list = append(list, listedScope{s.ID, s.Parent, s.Name, s.Version})
			}
			out := json.NewEncoder(w.stdout)
			out.SetIndent("", "  ")
			return out.Encode(list)
		}
		below := make(map[string][]store.Scope)
		for _, s := range all {
			below[s.Parent] = append(below[s.Parent], s)
		}
		var b strings.Builder
		printScopes(&b, below, "", "")
		_, err = w.stdout.Write([]byte(b.String()))
		return err
	})
}

// printScopes prints what is below a scope, each once.
func printScopes(b *strings.Builder, below map[string][]store.Scope, parent, indent string) {
	list := below[parent]
	delete(below, parent)
	for _, s := range list {
		fmt.Fprintf(b, "%s%s  %s  version %d\n", indent, s.ID, s.Name, s.Version)
		printScopes(b, below, s.ID, indent+"    ")
	}
}
