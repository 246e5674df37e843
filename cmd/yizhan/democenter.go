package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"

	"yizhan/center"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/kiosk/demo"
)

// demoOfficer may sign in at the demo's console, and demoSecond, who reviews and confirms
// what takes two. The password is on the page.
const demoOfficer, demoSecond, demoPassword = "demo", "demo2", "qingxi-2026"

// demoCenter is the center of the demo's county, in this process.
type demoCenter struct {
	w       *world
	book    *store.Store
	keys    *center.Keys
	server  *center.Server
	outside net.Listener // for kiosks
	local   net.Listener // the console's
	hours   *demo.Hours
	path    string // of what is kept
	kept    demoKept
}

// demoKept is what the demo keeps beside its center's book, for the next time in the
// same folder: nobody can read the cards out of it.
type demoKept struct {
	Samples map[string]demo.Sample // by kiosk
	Secret  []byte                 // of the officer's one-time codes
	Second  []byte                 // of the second officer's; none in a folder of before
	Ahead   time.Duration          // of the demo's clocks
}

// openDemoCenter opens the center in a folder. A new one gets the villages, whose
// lists it takes in as it would those of an office.
func openDemoCenter(ctx context.Context, w *world, hours *demo.Hours, dir string, local net.Listener, villages []demo.Village) (_ *demoCenter, err error) {
	command := centerCommand{Data: dir, Zone: "Asia/Shanghai"}
	c := &demoCenter{w: w, hours: hours, local: local, path: filepath.Join(dir, "demo.json")}
	known, err := c.remember()
	if err != nil {
		return nil, err
	}
	if c.book, err = command.book(ctx, w); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if c.keys, err = command.keys(ctx, w, c.book); err != nil {
		return nil, err
	}
	if c.outside, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listening for the demo's kiosks: %w", err)
	}
	if c.server, err = center.New(center.Config{Store: c.book, Keys: c.keys, Address: c.outside.Addr().String(), Phones: "http://" + local.Addr().String(), Now: w.now, Random: w.random, Log: w.log}); err != nil {
		return nil, err
	}
	if !known {
		if err := c.settle(ctx, dir, villages); err != nil {
			return nil, err
		}
	}
	if err := c.goOn(ctx); err != nil {
		return nil, err
	}
	return c, c.keep()
}

// remember reads what is kept, and moves the clocks to where they were, or to the next
// morning: they never go back.
func (c *demoCenter) remember() (known bool, err error) {
	b, err := os.ReadFile(c.path)
	if err == nil {
		known, err = true, json.Unmarshal(b, &c.kept)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	c.hours.Pass(c.kept.Ahead)
	c.hours.ToDaytime(demo.Zone)
	return known, nil
}

// keep writes what is kept.
func (c *demoCenter) keep() error {
	c.kept.Ahead = c.hours.Ahead()
	b, err := json.Marshal(c.kept)
	if err != nil {
		return err
	}
	return os.WriteFile(c.path, b, 0o600)
}

// pass moves the county's clocks on.
func (c *demoCenter) pass(ctx context.Context) error {
	c.hours.PassTwo(demo.Zone)
	if err := c.keep(); err != nil {
		return err
	}
	return c.goOn(ctx)
}

// Close closes the book and the listener for kiosks.
func (c *demoCenter) Close() error {
	if c.outside != nil {
		c.outside.Close()
	}
	return c.book.Close()
}

// serve answers kiosks and the console until ctx ends.
func (c *demoCenter) serve(ctx context.Context) error {
	return serveCenter(ctx, c.server, []door{{tls.NewListener(c.outside, c.keys.TLS()), c.server.Handler()}, {c.local, c.server.Console()}})
}

// settle makes the county: its tree, its kiosks, an officer, and what the lists say.
func (c *demoCenter) settle(ctx context.Context, dir string, villages []demo.Village) error {
	scopes := []store.Scope{{ID: "center", Name: "云溪县文明实践中心"}, {ID: demo.Town, Parent: "center", Name: "清溪镇"}}
	for _, v := range villages {
		scopes = append(scopes, store.Scope{ID: v.Scope, Parent: demo.Town, Name: v.Name})
	}
	for _, s := range scopes {
		if err := c.book.PutScope(ctx, s); err != nil {
			return err
		}
	}
	c.kept.Samples = make(map[string]demo.Sample)
	for _, v := range villages {
		if err := c.settleVillage(ctx, dir, v); err != nil {
			return fmt.Errorf("settling %s: %w", v.NameEN, err)
		}
	}
	c.lend(villages)
	for name, secret := range map[string]*[]byte{demoOfficer: &c.kept.Secret, demoSecond: &c.kept.Second} {
		var err error
		if *secret, err = center.ReadyOfficer(ctx, c.book, c.keys, c.w.random, c.w.now(), name, demoPassword); err != nil {
			return err
		}
	}
	return nil
}

// lend puts the card of the volunteer to try with also beside the other kiosks.
func (c *demoCenter) lend(villages []demo.Village) {
	first := c.kept.Samples[villages[0].Kiosk]
	for _, v := range villages[1:] {
		own := c.kept.Samples[v.Kiosk]
		own.Cards, own.Phone, own.PIN = append([]demo.Card{first.Volunteer()}, own.Cards...), first.Phone, first.PIN
		c.kept.Samples[v.Kiosk] = own
	}
}

func (c *demoCenter) settleVillage(ctx context.Context, dir string, v demo.Village) error {
	if err := c.book.PutKiosk(ctx, store.Kiosk{ID: v.Kiosk, Name: v.Name, Parent: v.Scope}); err != nil {
		return err
	}
	station, err := issuer.ReadStation(v.Station)
	if err != nil {
		return err
	}
	office := center.Office{Store: c.book, Keys: c.keys, Now: c.w.now, Random: c.w.random, Log: c.w.log}
	if err := office.PutStation(ctx, v.Kiosk, station); err != nil {
		return err
	}
	sample := demo.Sample{Phone: demo.TryPhone, PIN: demo.TryPIN}
	cards := filepath.Join(dir, v.Kiosk+"-cards.html")
	lists := []center.Import{{Home: v.Kiosk, Goods: v.Goods, Staff: v.Staff}}
	for _, r := range v.Rosters {
		lists = append(lists, center.Import{Town: demo.Town, Home: v.Kiosk, Roster: r.Path})
	}
	for i, list := range lists {
		if i > 0 {
			office.Now = func() time.Time { return v.Rosters[i-1].Made }
		}
		list.Cards, list.Printed, list.BuiltIn = cards, sample.Keep, builtInPicture
		imported, err := office.Import(ctx, list)
		if err != nil {
			return err
		}
		if n := imported.LeftOut(); n > 0 {
			return fmt.Errorf("%d rows of %s are refused", n, list.Roster+list.Goods)
		}
	}
	c.kept.Samples[v.Kiosk] = sample
	return c.setPIN(ctx, sample)
}

// setPIN gives the volunteer to try with the PIN that is shown.
func (c *demoCenter) setPIN(ctx context.Context, sample demo.Sample) error {
	if sample.Volunteer().Name != demo.TryName {
		return nil // of the other village
	}
	person, err := c.person(ctx, sample)
	if err != nil {
		return err
	}
	if person.PIN, err = civic.HashPIN(sample.PIN, civic.MinPINCost, c.w.random); err != nil {
		return err
	}
	return c.book.PutPerson(ctx, person)
}

// person is the volunteer to try with.
func (c *demoCenter) person(ctx context.Context, sample demo.Sample) (store.Person, error) {
	card, err := civic.ParseCard(sample.Volunteer().Text)
	if err != nil {
		return store.Person{}, err
	}
	return c.book.Identify(ctx, card.ID())
}

// demoShare is how many points the volunteer to try with has at the other kiosk,
// from an earlier visit.
const demoShare = 300

// share brings some points of the first village's volunteer to the other kiosk, so
// that both have something to offer when a wire is cut.
func (c *demoCenter) share(ctx context.Context, home, other string) error {
	person, err := c.person(ctx, c.kept.Samples[home])
	if err != nil {
		return err
	}
	_, _, err = c.book.GrantTotal(ctx, person.ID, other, demoShare)
	return err
}

// approve lets in the box that waits to become the kiosk.
func (c *demoCenter) approve(ctx context.Context, kiosk string) (bool, error) {
	waiting, err := c.book.Waiting(ctx)
	if err != nil {
		return false, err
	}
	for _, e := range waiting {
		if e.Kiosk == kiosk {
			_, err := c.book.Approve(ctx, e.ID, demoOfficer)
			return err == nil, err
		}
	}
	return false, nil
}

// logins are what officers sign in with at the moment.
func (c *demoCenter) logins() (list []demo.Login) {
	for _, who := range []struct {
		name   string
		secret []byte
	}{{demoOfficer, c.kept.Secret}, {demoSecond, c.kept.Second}} {
		if who.secret != nil {
			list = append(list, demo.Login{Name: who.name, Password: demoPassword, Code: center.OneTimeCode(who.secret, c.w.now())})
		}
	}
	return list
}

// books are the center's, for the page.
func (c *demoCenter) books(ctx context.Context) (demo.Books, error) {
	b, err := c.book.Books(ctx)
	return demo.Books{Earned: b.Earned, Spent: b.Spent, AtKiosks: b.AtKiosks, Held: b.Held, Free: b.Free, Expired: b.Expired}, err
}
