package main

import (
	"cmp"
	"context"
	"fmt"

	"yizhan/center"
	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// terminal is who acts at the command line, where a command names no officer.
const terminal = "terminal"

type centerOfficer struct {
	Add     officerAdd     `cmd:"" help:"Add an officer, and print the one-time link by which they set a password; valid for 48 hours."`
	Link    officerLink    `cmd:"" help:"Print a new one-time link: for a lost password or phone. It ends all sessions once it is used."`
	List    officerList    `cmd:"" help:"List the officers."`
	Disable officerDisable `cmd:"" help:"Let an officer sign in no more, and end their sessions."`
	Own     officerOwn     `cmd:"" help:"Say which volunteer an officer is: nobody decides for themselves or their household."`
	Enable  officerEnable  `cmd:"" help:"Let a disabled officer sign in again, by a new link."`
}

type officerAdd struct {
	Name    string `arg:"" help:"Name to sign in with."`
	Role    string `default:"officer" enum:"officer,clerk,leader,auditor,technician" help:"officer: manages. clerk: works with volunteers. leader: reads, and confirms as the second person. auditor: reads, changes nothing. technician: boxes, no volunteers."`
	Scope   string `help:"Place that the role is for, with all below it, see 'center scope list'. None: the whole center."`
	Address string `help:"Where a browser reaches the console, host:port, such as 10.0.0.5:8443."`
}

// Run adds the officer and prints the link.
func (c *officerAdd) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		if c.Scope != "" {
			if _, err := book.Scopes(ctx, c.Scope); err != nil {
				return exitError{exitUsage, err}
			}
		}
		if err := book.AddOfficer(ctx, store.OfficerName(c.Name), store.Role(c.Role), c.Scope, terminal); err != nil {
			return err
		}
		return printLink(ctx, w, parent, book, store.OfficerName(c.Name), c.Address)
	})
}

type officerLink struct {
	Name    string `arg:"" help:"Name of the officer."`
	Address string `help:"Where a browser reaches the console, host:port, such as 10.0.0.5:8443."`
}

// Run prints a new link.
func (c *officerLink) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		return printLink(ctx, w, parent, book, store.OfficerName(c.Name), c.Address)
	})
}

// printLink makes a link and prints it, as a whole address if one is known.
func printLink(ctx context.Context, w *world, parent *centerCommand, book *store.Store, name, address string) error {
	base := "https://ADDRESS:8443"
	if address != "" {
		if err := link.CheckAddress(address); err != nil {
			return exitError{exitUsage, err}
		}
		base = "https://" + address
	}
	keys, err := parent.keys(ctx, w, book)
	if err != nil {
		return err
	}
	path, ends, err := center.InviteOfficer(ctx, book, keys, w.random, name, terminal)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "officer 工作人员   %s\nlink 一次性链接    %s%s\nuntil 有效到       %s\n", name, base, path, ends.Format("2006-01-02 15:04 MST"))
	return err
}

type officerList struct{}

// Run lists the officers.
func (c *officerList) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		officers, err := book.Officers(ctx)
		for _, o := range officers {
			state := "has a password 可登录"
			switch {
			case o.Disabled:
				state = "disabled 已停用"
			case !o.Ready():
				state = "has not used the link yet 还没用链接"
			}
			if _, err := fmt.Fprintf(w.stdout, "%s  %s  %s  %s\n", o.Name, o.Role, cmp.Or(o.Scope, "everywhere 全部"), state); err != nil {
				return err
			}
		}
		return err
	})
}

type officerDisable struct {
	Name string `arg:"" help:"Name of the officer."`
}

// Run disables the officer.
func (c *officerDisable) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		return book.DisableOfficer(ctx, store.OfficerName(c.Name), true, terminal)
	})
}

type officerOwn struct {
	Name      string `arg:"" help:"Name of the officer."`
	Volunteer string `arg:"" optional:"" help:"Id of the officer's own record as a volunteer. None: forget which it is."`
}

// Run links the officer with a volunteer.
func (c *officerOwn) Run(ctx context.Context, w *world, parent *centerCommand) error {
	var id ledger.ID
	if c.Volunteer != "" {
		var err error
		if id, err = ledger.ParseID(c.Volunteer); err != nil {
			return exitError{exitUsage, fmt.Errorf("%q is no volunteer's id: %w", c.Volunteer, err)}
		}
	}
	return parent.with(ctx, w, func(book *store.Store) error {
		return book.SetOwn(ctx, store.OfficerName(c.Name), id, terminal)
	})
}

type officerEnable struct {
	Name string `arg:"" help:"Name of the officer."`
}

// Run enables the officer.
func (c *officerEnable) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.with(ctx, w, func(book *store.Store) error {
		return book.DisableOfficer(ctx, store.OfficerName(c.Name), false, terminal)
	})
}
