// Command yizhan runs a redemption kiosk of a practice center, or the center, and
// makes what they need. Each subcommand has a file of its own; none holds logic.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"yizhan/center/store"
	appliance "yizhan/kiosk/store"
)

// commands is the command line.
type commands struct {
	Kiosk   kioskCommand   `cmd:"" help:"Run the kiosk."`
	Center  centerCommand  `cmd:"" help:"Run the center that kiosks sync with, and work on its book."`
	Verify  verifyCommand  `cmd:"" help:"Prove a kiosk's journal and book, and mend what is damaged."`
	Journal journalCommand `cmd:"" help:"Write a kiosk's journal as a file, to be carried to its center."`
	Receipt receiptCommand `cmd:"" help:"Check receipts."`
	Bundle  bundleCommand  `cmd:"" help:"Make and look at the signed files that carry volunteers and goods to a kiosk."`
	Demo    demoCommand    `cmd:"" help:"Run a kiosk with sample data and a simulated printer, to try."`

	Version versionFlag `env:"-" help:"Print the version and end."`
}

// world is what a command may touch.
type world struct {
	env    func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	random io.Reader
	now    func() time.Time
	clock  appliance.Clock // of a kiosk
	log    *slog.Logger
}

// Exit codes. A command's help says when it uses exitPartly and exitNothing.
const (
	exitFine    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitPartly  = 3
	exitNothing = 4
)

// exitError ends the program with a code of its own.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string { return e.err.Error() }
func (e exitError) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program: it reads the command line, runs one command and
// returns the exit code.
func run(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	w := &world{env: env, stdin: stdin, stdout: stdout, stderr: stderr, random: rand.Reader, now: time.Now, clock: appliance.NewSystemClock(),
		log: slog.New(slog.NewTextHandler(stderr, nil))}
	parser, err := newParser(w)
	if err != nil {
		panic(err) // the command line is described wrongly: our own bug
	}
	defer func() { // help and version end the program from inside the parser
		if ended, ok := recover().(exitNow); ok {
			code = int(ended)
		}
	}()
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(stderr, "yizhan: %v\n  see yizhan --help\n", err)
		return exitUsage
	}
	parsed.BindTo(store.As(ctx, terminal), (*context.Context)(nil))
	if err := parsed.Run(w); err != nil {
		return report(stderr, err)
	}
	return exitFine
}

func newParser(w *world) (*kong.Kong, error) {
	return kong.New(&commands{}, kong.Name("yizhan"),
		kong.Description("Yizhan (益栈): points of volunteers, redeemed at a kiosk."),
		kong.Writers(w.stdout, w.stderr), kong.Exit(func(code int) { panic(exitNow(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.DefaultEnvars("YIZHAN"),
		kong.Configuration(loadSettings), kong.Bind(w))
}

// exitNow carries an exit code out of the parser.
type exitNow int

// report prints an error as: what happened, where, and how to mend it.
func report(stderr io.Writer, err error) int {
	fmt.Fprintf(stderr, "yizhan: %v\n", err)
	for _, h := range hints {
		if errors.Is(err, h.err) {
			fmt.Fprintf(stderr, "  %s\n  %s\n", h.zh, h.en)
			break
		}
	}
	var exit exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	return exitFailed
}

// version tells which build this is, from what the linker knows of it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision := ""
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			revision = " " + s.Value[:12]
		}
	}
	return info.Main.Version + revision
}

// versionFlag prints the version and ends.
type versionFlag bool

// BeforeReset is called by the parser when it meets the flag.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintln(app.Stdout, "yizhan", version())
	app.Exit(exitFine)
	return nil
}
