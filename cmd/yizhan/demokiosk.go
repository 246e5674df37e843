package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk"
	"yizhan/kiosk/demo"
	"yizhan/link"
	"yizhan/printer"
	"yizhan/printer/sim"
)

// demoKiosk is one kiosk of the demo's county, with a printer and the wire to the
// center, all in this process.
type demoKiosk struct {
	village   demo.Village
	appliance kioskCommand
	listener  net.Listener
	glass     *glass
	wire      *demo.Wire
	bench     *demo.Bench
	page      *demo.Page
	works     atomic.Pointer[kiosk.Config] // what it works with, once it does
}

// openDemoKiosk puts up a kiosk that is enrolled at the center.
func (c *demoCommand) openDemoKiosk(ctx context.Context, w *world, dir string, v demo.Village, center *demoCenter, listener net.Listener) (k *demoKiosk, err error) {
	data := filepath.Join(dir, v.Kiosk)
	k = &demoKiosk{village: v, listener: listener, glass: newGlass(listener), appliance: kioskCommand{box: box{Data: data, Zone: "Asia/Shanghai"},
		Printer: filepath.Join(dir, "printer-"+v.Kiosk), PrinterBaud: c.line(), Paper: c.Paper,
		Diagonal: c.Diagonal, Lang: c.Lang, IdleSeconds: kiosk.DefaultIdleSeconds}}
	k.appliance.ready = k.ready
	defer func() {
		if err != nil {
			err = errors.Join(err, k.Close())
		}
	}()
	if err := os.MkdirAll(data, 0o700); err != nil {
		return k, err
	}
	profile, err := printer.ParseProfile(c.Paper)
	if err != nil {
		return k, err
	}
	if k.bench, err = demo.NewBench(k.appliance.Printer, profile, sim.Level(c.Level), c.Baud); err != nil {
		return k, err
	}
	static, err := assets.NewStatic(nil)
	if err != nil {
		return k, err
	}
	if k.page, err = demo.NewPage(static, center.kept.Samples[v.Kiosk], k.bench, k.glass.Scan); err != nil {
		return k, err
	}
	if k.wire, err = demo.NewWire(center.outside.Addr().String()); err != nil {
		return k, err
	}
	return k, k.settle(ctx, w, center)
}

// Close takes the printer and the wire away.
func (k *demoKiosk) Close() error {
	var errs []error
	if k.bench != nil {
		errs = append(errs, k.bench.Close())
	}
	if k.wire != nil {
		errs = append(errs, k.wire.Close())
	}
	return errors.Join(errs...)
}

// settle makes the box the center's kiosk, unless it is already, and leads its calls
// through the wire, which has another address each time.
func (k *demoKiosk) settle(ctx context.Context, w *world, center *demoCenter) error {
	err := k.appliance.settle()
	if errors.Is(err, errNotEnrolled) {
		if err = k.enrol(ctx, w, center); err == nil {
			err = k.appliance.settle()
		}
	}
	if err == nil {
		k.appliance.center.Address = k.wire.Address()
	}
	return err
}

// enrol goes the way that every box goes: an invitation, a question, an officer who
// approves.
func (k *demoKiosk) enrol(ctx context.Context, w *world, center *demoCenter) error {
	code, _, err := center.book.MakeCode(ctx, k.village.Kiosk, demoOfficer)
	if err != nil {
		return err
	}
	e, err := k.appliance.enrolment(w)
	if err != nil {
		return err
	}
	if err := e.Invite(link.Invitation{Address: k.wire.Address(), Code: code, Center: center.keys.Pin()}); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	go func() {
		for approved := false; !approved && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
			approved, _ = center.approve(ctx, k.village.Kiosk) // it is tried again
		}
		e.Again()
	}()
	if _, err := e.Run(ctx); err != nil {
		return fmt.Errorf("enrolling the demo's kiosk %s: %+v: %w", k.village.Kiosk, e.State(), err)
	}
	return nil
}

// ready puts the demo's page beside the kiosk's own.
func (k *demoKiosk) ready(server *kiosk.Server, cfg kiosk.Config) http.Handler {
	k.works.Store(&cfg)
	routes := http.NewServeMux()
	routes.Handle("/", server.Handler())
	routes.Handle("/demo", http.RedirectHandler("/demo/", http.StatusSeeOther))
	routes.Handle("/demo/", server.Guard(k.page))
	return routes
}

// place is the kiosk as the pages of all kiosks show it.
func (k *demoKiosk) place() demo.Place {
	return demo.Place{Kiosk: k.village.Kiosk, Name: k.village.Name, NameEN: k.village.NameEN, Page: k.glass.address + "demo/", Wire: k.wire,
		Link: func() (bool, uint64) {
			cfg := k.works.Load()
			if cfg == nil {
				return false, 0
			}
			s := cfg.Center.State()
			return s.Online, s.Unsent
		}, Mended: func() {
			if cfg := k.works.Load(); cfg != nil {
				cfg.Center.(*link.Kiosk).Hurry()
			}
		}}
}

// settled tells whether the kiosk has heard of everything: the volunteer to try with
// has points to spend at home, and the other village its own.
func (k *demoKiosk) settled(card civic.CardID) bool {
	cfg := k.works.Load()
	if cfg == nil || !cfg.Center.State().Online {
		return false
	}
	person, err := cfg.Store.ByCard(card)
	if err != nil {
		return false
	}
	account, err := cfg.Store.Account(person.ID)
	return err == nil && account.Spendable() > 0
}

// serve lives as a kiosk does until ctx ends.
func (k *demoKiosk) serve(ctx context.Context, w *world) error {
	return together(ctx, func(ctx context.Context) error { return web(ctx, k.listener, k.glass) },
		func(ctx context.Context) error { return k.appliance.work(ctx, w, k.glass) })
}
