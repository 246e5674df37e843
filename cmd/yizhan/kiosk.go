package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/alecthomas/kong"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk"
	"yizhan/kiosk/enrol"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
)

// kioskCommand is the appliance. Each flag may also stand in the --config file
// under the same name, or in the environment as YIZHAN_NAME.
type kioskCommand struct {
	box

	Config kong.ConfigFlag `help:"TOML file with any of these settings." type:"existingfile"`
	Listen string          `default:"127.0.0.1:8321" help:"Address of the screen. Anything but a loopback address opens the kiosk to the network."`
	Bundle string          `type:"existingfile" help:"Bundle to load at the start. The first one decides whose bundles are believed, unless --issuer says it."`
	USB    []string        `name:"usb" default:"/media,/run/media,/mnt" help:"Folders in which USB sticks appear; bundles (*.yzb) on them are offered to staff."`

	Printer     string `help:"Serial device of the receipt printer, such as /dev/ttyS1. None: every receipt waits."`
	PrinterBaud int    `default:"9600" help:"Baud rate of the printer."`
	Paper       string `default:"58mm" help:"Printer profile: 58mm, 80mm or 80mm-42, and words such as user-chars after it, see docs/operations.md."`
	Drawer      bool   `help:"A cash drawer hangs on the printer; clerks can open it."`
	Scanner     string `help:"Serial device of the scan head, such as /dev/ttyACM0. None: a scanner in keyboard mode still works."`
	ScannerBaud int    `default:"9600" help:"Baud rate of the scan head."`

	Diagonal    float64 `default:"21.5" help:"Diagonal of the screen, in inches: everything on it is sized in millimetres."`
	Lang        string  `default:"zh-CN" enum:"zh-CN,en" help:"Language for whoever comes next (zh-CN or en)."`
	IdleSeconds int64   `default:"75" help:"Seconds without a touch before a visit begins to end."`

	ready func(*kiosk.Server, kiosk.Config) http.Handler // makes what stands behind the glass once the kiosk works
}

// box says which kiosk this is and where its data lies. verify takes it too.
type box struct {
	Data    string    `required:"" type:"path" help:"Data folder: key, journal, book, snapshots."`
	Kiosk   string    `help:"Name of a kiosk that stands alone, as in its bundles: 1 to 16 of A-Z 0-9 -. Without it the box is the kiosk that a center has enrolled it as."`
	Journal string    `type:"path" help:"Folder of the journal, if it is to lie on another medium."`
	Issuer  publicKey `help:"Public key of the office whose bundles are believed, as 'yizhan bundle make' prints it."`
	Zone    string    `default:"Asia/Shanghai" help:"Time zone of the station."`

	center *enrol.Center // see settle
}

// Validate refuses a name that no bundle can be made for.
func (b box) Validate() error {
	if b.Kiosk != "" && !ledger.ValidKiosk(b.Kiosk) {
		return fmt.Errorf("--kiosk %q is no name of a kiosk: use 1 to 16 of A-Z 0-9 -, as in its bundles", b.Kiosk)
	}
	return nil
}

// Validate refuses an address of the screen that is none.
func (c *kioskCommand) Validate() error {
	_, port, err := net.SplitHostPort(c.Listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("--listen %q is no address: write it like 127.0.0.1:8321, with a port from 0 to 65535", c.Listen)
	}
	return c.box.Validate()
}

// storeConfig turns the flags into the store's configuration.
func (b box) storeConfig(w *world) (store.Config, error) {
	zone, err := time.LoadLocation(b.Zone)
	if err != nil {
		return store.Config{}, fmt.Errorf("the time zone %q is not known; write it like Asia/Shanghai: %w", b.Zone, err)
	}
	cfg := store.Config{Dir: b.Data, JournalDir: b.Journal, Kiosk: b.Kiosk, Issuer: []byte(b.Issuer), Program: program(),
		Zone: zone, Clock: w.clock, Random: w.random, Log: w.log}
	if b.center != nil {
		cfg.Kiosk, cfg.Epoch, cfg.Issuer = b.center.Kiosk, b.center.Epoch, b.center.Issuer[:]
	}
	return cfg, nil
}

// program is what the journal and the center call this program.
func program() string { return "yizhan " + version() }

// Run serves the screen until it is told to stop: that of a kiosk, or of a box that
// asks to be one.
func (c *kioskCommand) Run(ctx context.Context, w *world) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", c.Listen, err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	glass := newGlass(listener)
	var work sync.WaitGroup
	work.Go(func() {
		if err := web(ctx, listener, glass); err != nil {
			stop(err)
		}
	})
	if c.Scanner != "" {
		go kiosk.SerialScanner(ctx, c.Scanner, c.ScannerBaud, glass.Scan, func(err error) { w.log.Warn("scanner", "error", err) })
	}
	c.ready = lean
	err = c.live(ctx, w, glass)
	stop(nil)
	work.Wait()
	return err
}

// live is the box's life: it is enrolled when it is no kiosk yet, and then works, as
// another kiosk or in another epoch each time that it was enrolled anew.
func (c *kioskCommand) live(ctx context.Context, w *world, glass *glass) error {
	for {
		err := c.settle()
		if err == nil {
			err = c.work(ctx, w, glass)
		}
		if errors.Is(err, errNotEnrolled) || errors.Is(err, store.ErrEpoch) && c.center != nil {
			w.log.Info("the box must be enrolled", "why", err)
			err = c.enrol(ctx, w, glass)
		}
		if !errors.Is(err, errEnrolled) {
			return err
		}
	}
}

// work is the life of one kiosk in one epoch: it proves the books, opens them, loads
// the bundle, and serves until ctx ends. It answers errEnrolled when the box has been
// enrolled anew meanwhile.
func (c *kioskCommand) work(ctx context.Context, w *world, glass *glass) (err error) {
	glass.blank()
	if err := c.beginEpoch(ctx, w); err != nil {
		return err
	}
	if err := c.proveBooks(ctx, w); err != nil {
		return err
	}
	books, end, err := c.open(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, books.Close()) }()
	cfg, err := c.serverConfig(books, w)
	if err != nil {
		return err
	}
	var server *kiosk.Server
	run := func(context.Context) error { return nil }
	if c.center != nil {
		if run, err = c.join(books, w, &cfg, func() *kiosk.Server { return server }); err != nil {
			return err
		}
	}
	if server, err = kiosk.New(cfg); err != nil {
		return err
	}
	glass.show(c.ready(server, cfg), server.Scan)
	w.log.Info("kiosk is ready", "address", glass.address, "key", base64.StdEncoding.EncodeToString(books.PublicKey()))
	return together(end, run, func(ctx context.Context) error { server.Run(ctx); return nil })
}

// lean gives back the memory that starting took and serving does not need.
func lean(server *kiosk.Server, _ kiosk.Config) http.Handler {
	debug.SetMemoryLimit(heapLimitBytes)
	debug.FreeOSMemory()
	return server.Handler()
}

// heapLimitBytes is what the garbage collector keeps a serving kiosk's heap
// under: a box of 1 GB also runs a browser.
const heapLimitBytes = 40 << 20

// open opens the books. The context that it returns ends with ctx, and also when
// the books say that the process must end.
func (c *kioskCommand) open(ctx context.Context, w *world) (*store.Store, context.Context, error) {
	cfg, err := c.storeConfig(w)
	if err != nil {
		return nil, nil, err
	}
	end, cancel := context.WithCancelCause(ctx)
	cfg.Fatal = cancel
	books, err := store.Open(ctx, cfg)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the books in %s: %w", c.Data, err)
	}
	if c.Bundle == "" {
		return books, end, nil
	}
	report, err := books.LoadBundle(ctx, c.Bundle, store.LoadOptions{Trust: len(c.Issuer) == 0 && c.center == nil})
	switch {
	case errors.Is(err, store.ErrBundleOlder) && books.Health().Documents:
		w.log.Info("a newer bundle is loaded already", "file", c.Bundle)
	case err != nil:
		books.Close()
		return nil, nil, fmt.Errorf("loading %s: %w", c.Bundle, err)
	default:
		w.log.Info("bundle loaded", "serial", report.Serial, "new", report.New, "changed", report.Changed, "same", report.Same)
	}
	return books, end, nil
}

// pinTarget is how long one check of a PIN may keep a person waiting.
const pinTarget = 300 * time.Millisecond

func (c *kioskCommand) serverConfig(books *store.Store, w *world) (cfg kiosk.Config, err error) {
	paper, err := printer.ParseProfile(c.Paper)
	if err != nil {
		return cfg, err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return cfg, err
	}
	cfg = kiosk.Config{
		Store: books, Clock: w.clock, Random: w.random, Log: w.log, Paper: paper, Zone: zone,
		Drawer: c.Drawer, Screen: kiosk.Screen{DiagonalInch: c.Diagonal}, Lang: assets.Lang(c.Lang),
		PINCost: civic.TunePIN(pinTarget, time.Now), PINFloor: 2 * pinTarget,
		IdleSeconds: c.IdleSeconds, CountdownSeconds: kiosk.DefaultCountdownSeconds,
		Slips: kiosk.SlipFolder(filepath.Join(c.Data, "slip")), Bundles: c.bundles, Sticks: c.sticks, Program: program(), Addresses: addresses, FreeBytes: func() (int64, error) { return freeBytes(c.Data) },
	}
	if c.Printer != "" {
		cfg.Printer = kiosk.SerialPort(c.Printer, c.PrinterBaud)
	}
	return cfg, nil
}

// together runs parts until ctx ends or one of them fails, and then waits for all.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var work sync.WaitGroup
	for _, part := range parts {
		work.Go(func() {
			if err := part(ctx); err != nil {
				stop(err)
			}
		})
	}
	<-ctx.Done()
	work.Wait()
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.Canceled):
		return nil
	case errors.Is(cause, errEnrolled):
		return cause
	default:
		return fmt.Errorf("the kiosk had to stop: %w", cause)
	}
}

// web answers requests until ctx ends, then lets what is under way finish.
func web(ctx context.Context, listener net.Listener, pages http.Handler) error {
	server := &http.Server{Handler: pages, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	stopped := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(grace) // live connections are closed by the screen's own Run
		_ = server.Close()
	})
	defer stopped()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
