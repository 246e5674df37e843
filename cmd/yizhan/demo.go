package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/demo"
)

// demoCommand starts a small county to try: a center, and two kiosks with simulated
// printers behind pseudo-terminals, each with a page that shows all of it.
type demoCommand struct {
	Port     int     `default:"8321" help:"Port of the first kiosk's screen on this machine; the second has the next one, the center's console the one after that. 0 takes free ones."`
	Data     string  `type:"path" help:"Folder to keep the demo's data in. Default: a new one, removed at the end."`
	Paper    string  `default:"58mm" help:"Printer profile of the simulated printers."`
	Level    int     `default:"3" enum:"0,1,2,3" help:"How much the simulated printers answer: 0 nothing, 1 their status, 2 in order, 3 what they have printed."`
	Baud     int     `default:"9600" help:"Speed of the simulated printers' lines, as the slow real ones; 0 is as fast as bytes come."`
	Diagonal float64 `default:"21.5" help:"Diagonal of the screens, in inches."`
	Lang     string  `default:"zh-CN" enum:"zh-CN,en" help:"Language of the screens (zh-CN or en)."`
}

// Run makes the county, starts everything, prints the addresses and a card, and
// serves until it is told to stop.
func (c *demoCommand) Run(ctx context.Context, w *world) (err error) {
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	villages, err := demo.WriteCounty(filepath.Join(dir, "lists"))
	if err != nil {
		return err
	}
	listeners, err := c.listen(len(villages) + 1)
	if err != nil {
		return err
	}
	for _, l := range listeners {
		defer l.Close()
	}
	hours := new(demo.Hours)
	here := *w
	here.now, here.clock = hours.Now, hours.Clock(w.clock)
	w = &here
	center, err := openDemoCenter(ctx, w, hours, filepath.Join(dir, "center"), listeners[len(villages)], villages)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, center.Close()) }()
	return together(ctx, center.serve, func(ctx context.Context) error { return c.kiosks(ctx, w, dir, villages, center, listeners) })
}

// kiosks puts the kiosks up and serves them.
func (c *demoCommand) kiosks(ctx context.Context, w *world, dir string, villages []demo.Village, center *demoCenter, listeners []net.Listener) error {
	county := &demo.County{Console: "http://" + center.local.Addr().String() + "/", Officer: center.logins, Books: center.books, Now: w.now, Pass: center.pass}
	var kiosks []*demoKiosk
	for i, v := range villages {
		k, err := c.openDemoKiosk(ctx, w, dir, v, center, listeners[i])
		if err != nil {
			return err
		}
		defer k.Close()
		k.page.Join(county, v.Kiosk)
		kiosks, county.Places = append(kiosks, k), append(county.Places, k.place())
	}
	if err := center.share(ctx, villages[0].Kiosk, villages[1].Kiosk); err != nil {
		return err
	}
	parts := []func(context.Context) error{func(ctx context.Context) error { return c.greet(ctx, w, kiosks, center) }}
	for _, k := range kiosks {
		parts = append(parts, func(ctx context.Context) error { return k.serve(ctx, w) })
	}
	return together(ctx, parts...)
}

// listen opens the ports of the screens and of the console.
func (c *demoCommand) listen(ports int) (list []net.Listener, err error) {
	for i := range ports {
		port := 0
		if c.Port != 0 {
			port = c.Port + i
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			for _, l := range list {
				l.Close()
			}
			return nil, fmt.Errorf("listening on port %d (give another with --port; %d in a row are needed): %w", port, ports, err)
		}
		list = append(list, l)
	}
	return list, nil
}

// line is the speed that the kiosks are told.
func (c *demoCommand) line() int {
	if c.Baud == 0 {
		return 115200
	}
	return c.Baud
}

// folder is where the demo's data lies, and how it goes away.
func (c *demoCommand) folder() (dir string, remove func(), err error) {
	if c.Data != "" {
		return c.Data, func() {}, os.MkdirAll(c.Data, 0o700)
	}
	dir, err = os.MkdirTemp("", "yizhan-demo-")
	return dir, func() { os.RemoveAll(dir) }, err
}

// settling is how long the kiosks may take to hear of everything.
const settling = time.Minute

// greet waits until the kiosks have their volunteers' points, and prints what
// somebody needs who tries them, the first address first.
func (c *demoCommand) greet(ctx context.Context, w *world, kiosks []*demoKiosk, center *demoCenter) error {
	late, stop := context.WithTimeout(ctx, settling)
	defer stop()
	for _, k := range kiosks {
		card, err := civic.ParseCard(center.kept.Samples[k.village.Kiosk].Volunteer().Text)
		if err != nil {
			return err
		}
		for {
			if k.settled(card.ID()) {
				break
			}
			select {
			case <-late.Done():
				return fmt.Errorf("the demo's kiosk %s has not heard of its center for a minute: %w", k.village.Kiosk, late.Err())
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	first, second, s := kiosks[0], kiosks[1], center.kept.Samples[kiosks[0].village.Kiosk]
	login := center.logins()[0]
	_, err := fmt.Fprintf(w.stdout, `%s
  the kiosk of %s. With its printer, the other kiosk and the links 和打印机、另一台、网线放在一起看: %sdemo/
%s
  the kiosk of %s 另一台
http://%s/
  the center's console 中心的控制台  name 名字 %s  password 密码 %s  code 口令: on the demo page 在演示页上
card 卡     %s   (%s: press it on the demo page, or paste it on the kiosk's screen 在屏幕上粘贴也行)
PIN 密码    %s   with phone 手机号 %s
staff 店员  %s   PIN 密码 %s
leader 站长 %s   PIN 密码 %s
Ready at %s; Ctrl-C ends it. 按 Ctrl-C 结束。
`, first.glass.address, first.village.NameEN, first.glass.address, second.glass.address, second.village.NameEN, center.local.Addr(), login.Name, login.Password,
		s.Cards[0].Text, s.Cards[0].Name, s.PIN, s.Phone, s.Staff().Text, s.Staff().PIN, s.Leader().Text, s.Leader().PIN, time.Now().Format(time.TimeOnly))
	if err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
