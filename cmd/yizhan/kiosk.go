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
}

// box says which kiosk this is and where its data lies. verify takes it too.
type box struct {
	Data    string    `required:"" type:"path" help:"Data folder: key, journal, book, snapshots."`
	Kiosk   string    `required:"" help:"Name of this kiosk, as in its bundles: 1 to 16 of A-Z 0-9 -."`
	Journal string    `type:"path" help:"Folder of the journal, if it is to lie on another medium."`
	Issuer  publicKey `help:"Public key of the office whose bundles are believed, as 'yizhan bundle make' prints it."`
	Zone    string    `default:"Asia/Shanghai" help:"Time zone of the station."`
}

// Validate refuses a name that no bundle can be made for.
func (b box) Validate() error {
	if !ledger.ValidKiosk(b.Kiosk) {
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
	return store.Config{Dir: b.Data, JournalDir: b.Journal, Kiosk: b.Kiosk, Issuer: []byte(b.Issuer), Program: "yizhan " + version(),
		Zone: zone, Clock: store.NewSystemClock(), Random: w.random, Log: w.log}, nil
}

// Run starts the kiosk: it proves the books, opens them, loads the bundle, and
// serves the screen until it is told to stop.
func (c *kioskCommand) Run(ctx context.Context, w *world) error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	if err := c.proveBooks(ctx, w); err != nil {
		return err
	}
	books, end, err := c.open(ctx, w)
	if err != nil {
		return err
	}
	defer books.Close()
	server, err := c.server(books, w)
	if err != nil {
		return err
	}
	if c.Scanner != "" {
		go kiosk.SerialScanner(end, c.Scanner, c.ScannerBaud, server.Scan, func(err error) { w.log.Warn("scanner", "error", err) })
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", c.Listen, err)
	}
	// Starting took memory that serving does not need.
	debug.SetMemoryLimit(heapLimitBytes)
	debug.FreeOSMemory()
	w.log.Info("kiosk is ready", "address", "http://"+listener.Addr().String()+"/", "key", base64.StdEncoding.EncodeToString(books.PublicKey()))
	return serve(end, listener, server, server.Handler())
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
	report, err := books.LoadBundle(ctx, c.Bundle, store.LoadOptions{Trust: len(c.Issuer) == 0})
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

func (c *kioskCommand) server(books *store.Store, w *world) (*kiosk.Server, error) {
	paper, err := printer.ParseProfile(c.Paper)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, err
	}
	cfg := kiosk.Config{
		Store: books, Clock: store.NewSystemClock(), Random: w.random, Log: w.log, Paper: paper, Zone: zone,
		Drawer: c.Drawer, Screen: kiosk.Screen{DiagonalInch: c.Diagonal}, Lang: assets.Lang(c.Lang),
		PINCost: civic.TunePIN(pinTarget, time.Now), PINFloor: 2 * pinTarget,
		IdleSeconds: c.IdleSeconds, CountdownSeconds: kiosk.DefaultCountdownSeconds,
		Slips: kiosk.SlipFolder(filepath.Join(c.Data, "slip")), Bundles: c.bundles, Addresses: addresses, FreeBytes: func() (int64, error) { return freeBytes(c.Data) },
	}
	if c.Printer != "" {
		cfg.Printer = kiosk.SerialPort(c.Printer, c.PrinterBaud)
	}
	return kiosk.New(cfg)
}

// serve answers the screen until ctx ends, then lets what is under way finish.
func serve(ctx context.Context, listener net.Listener, server *kiosk.Server, pages http.Handler) error {
	var work sync.WaitGroup
	work.Go(func() { server.Run(ctx) })
	web := &http.Server{Handler: pages, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	stopped := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		_ = web.Shutdown(grace) // live connections are closed by server.Run
		_ = web.Close()
	})
	defer stopped()
	err := web.Serve(listener)
	work.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return fmt.Errorf("the kiosk had to stop: %w", cause)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
