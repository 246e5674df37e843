package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// centerGrant books points that a volunteer is given.
type centerGrant struct {
	Volunteer string        `arg:"" help:"Id of the volunteer, as lists and receipts print it."`
	Points    ledger.Points `arg:"" help:"How many points."`
	Expires   string        `placeholder:"DATE" help:"Last day on which they can be spent, such as 2028-12-31. Default: by the rules in force for the volunteer."`
	What      string        `required:"" env:"-" help:"Where they come from; the volunteer reads it."`
	Key       string        `env:"-" help:"Name of this gift. The same gift under the same name is booked once. Default: made of everything above and today's date."`
}

// Help is printed below the flags.
func (*centerGrant) Help() string {
	return `The same command on the same day is the same gift and is booked once; two like gifts on one day need
two --key. The points go to the volunteer's home kiosk at once, if that one has synced lately.`
}

// Run books the points.
func (c *centerGrant) Run(ctx context.Context, w *world, parent *centerCommand) error {
	id, err := ledger.ParseID(c.Volunteer)
	if err != nil {
		return exitError{exitUsage, fmt.Errorf("%q is no volunteer's id: %w", c.Volunteer, err)}
	}
	zone, err := time.LoadLocation(parent.Zone)
	if err != nil {
		return fmt.Errorf("the time zone %q is not known: %w", parent.Zone, err)
	}
	today := ledger.DayOf(w.now().In(zone))
	e := civic.Earning{On: today, What: c.What, Points: c.Points}
	if c.Expires != "" {
		if e.Expires, err = ledger.ParseDay(c.Expires); err != nil {
			return exitError{exitUsage, err}
		}
		if e.Expires < today {
			return exitError{exitUsage, errors.New("points that have expired cannot be given")}
		}
	}
	gift := c.Key
	if gift == "" {
		gift = fmt.Sprintf("%v %s %d %s", today, c.Expires, c.Points, c.What)
	}
	sum := sha256.Sum256([]byte("yizhan grant v1\n" + gift))
	return parent.with(ctx, w, func(book *store.Store) error {
		if c.Expires == "" {
			if err := expireByRule(ctx, book, id, &e); err != nil {
				return err
			}
		}
		if err := book.Earn(ctx, id, ledger.Key(sum[:8]), e); err != nil {
			return err
		}
		a, err := book.Account(ctx, id)
		if err != nil {
			return err
		}
		var free, out ledger.Points
		for _, l := range a.Lots {
			free += l.Free
		}
		for _, r := range a.Rights {
			out += r.Spendable() + r.Held - r.Lost
		}
		_, err = fmt.Fprintf(w.stdout, "booked 已入账: %d points until %v; now %d free at the center and %d at kiosks  现在中心 %d 分，各益栈 %d 分\n", c.Points, e.Expires, free, out, free, out)
		return err
	})
}

// expireByRule has an earning expire by the rules in force where the volunteer is at
// home.
func expireByRule(ctx context.Context, book *store.Store, id ledger.ID, e *civic.Earning) error {
	p, err := book.Person(ctx, id)
	if err != nil {
		return err
	}
	policy, rule, err := book.PolicyOn(ctx, cmp.Or(p.Home, p.Town), e.On)
	e.Expires, e.Rule = policy.Expiry(e.On), rule
	return err
}
