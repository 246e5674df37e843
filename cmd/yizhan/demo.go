package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk"
	"yizhan/kiosk/demo"
	"yizhan/kiosk/store"
	"yizhan/printer"
	"yizhan/printer/sim"
)

// demoCommand starts a kiosk to try: sample data, a simulated printer behind a
// pseudo-terminal, and a page that shows both.
type demoCommand struct {
	Port     int     `default:"8321" help:"Port of the screen on this machine; 0 takes a free one."`
	Data     string  `type:"path" help:"Folder to keep the demo's data in. Default: a new one, removed at the end."`
	Paper    string  `default:"58mm" help:"Printer profile of the simulated printer."`
	Level    int     `default:"3" enum:"0,1,2,3" help:"How much the simulated printer answers: 0 nothing, 1 its status, 2 in order, 3 what it has printed."`
	Baud     int     `default:"9600" help:"Speed of the simulated printer's line, as the slow real ones; 0 is as fast as bytes come."`
	Diagonal float64 `default:"21.5" help:"Diagonal of the screen, in inches."`
	Lang     string  `default:"zh-CN" enum:"zh-CN,en" help:"Language of the screen (zh-CN or en)."`
}

// Run makes the sample, starts everything, prints the address and a card, and
// serves until it is told to stop.
func (c *demoCommand) Run(ctx context.Context, w *world) error {
	dir, remove, err := c.folder()
	if err != nil {
		return err
	}
	defer remove()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", c.Port))
	if err != nil {
		return fmt.Errorf("listening on port %d (give another with --port): %w", c.Port, err)
	}
	defer listener.Close()
	sample, err := demo.Make(ctx, dir)
	if err != nil {
		return err
	}
	appliance := kioskCommand{box: box{Data: filepath.Join(dir, "kiosk"), Kiosk: demo.Kiosk, Zone: "Asia/Shanghai"},
		Printer: filepath.Join(dir, "printer"), PrinterBaud: c.line(), Paper: c.Paper,
		Diagonal: c.Diagonal, Lang: c.Lang, IdleSeconds: kiosk.DefaultIdleSeconds}
	books, end, err := appliance.open(ctx, w)
	if err != nil {
		return err
	}
	defer books.Close()
	if err := sample.Load(ctx, books, civic.MinPINCost, w.random); err != nil {
		return err
	}
	return c.serve(end, w, appliance, books, sample, listener)
}

// line is the speed that the kiosk is told.
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

func (c *demoCommand) serve(ctx context.Context, w *world, appliance kioskCommand, books *store.Store, sample demo.Sample, listener net.Listener) error {
	profile, err := printer.ParseProfile(c.Paper)
	if err != nil {
		return err
	}
	static, err := assets.NewStatic(nil)
	if err != nil {
		return err
	}
	var server *kiosk.Server
	bench, err := demo.NewBench(appliance.Printer, profile, sim.Level(c.Level), c.Baud)
	if err != nil {
		return err
	}
	defer bench.Close()
	page, err := demo.NewPage(static, sample, bench, func(text string) { server.Scan(text) })
	if err != nil {
		return err
	}
	if server, err = appliance.server(books, w); err != nil {
		return err
	}
	routes := http.NewServeMux()
	routes.Handle("/", server.Handler())
	routes.Handle("/demo", http.RedirectHandler("/demo/", http.StatusSeeOther))
	routes.Handle("/demo/", server.Guard(page))
	c.greet(w, listener, sample)
	return serve(ctx, listener, server, routes)
}

// greet prints what somebody needs who tries the kiosk, the address first.
func (c *demoCommand) greet(w *world, listener net.Listener, s demo.Sample) {
	address := "http://" + listener.Addr().String()
	fmt.Fprintf(w.stdout, `%s/
  the kiosk's screen 一体机的屏幕. Beside its printer 和打印机放在一起看: %s/demo/
card 卡     %s   (%s: press it on the demo page, or paste it on the kiosk's screen 在屏幕上粘贴也行)
PIN 密码    %s   with phone 手机号 %s
staff 店员  %s   PIN 密码 %s
Ready at %s; Ctrl-C ends it. 按 Ctrl-C 结束。
`, address, address, s.Cards[0].Text, s.Cards[0].Name, s.PIN, s.Phone, s.Staff().Text, s.Staff().PIN, w.now().Format(time.TimeOnly))
}
