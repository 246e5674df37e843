// Package browser is Chromium as the tests of all screens drive it: one process for the
// tests of a package, and for everybody at a screen a tab of its own, without the
// cookies of the others. It knows pages in general; what a kiosk's or the console's
// pages are, and what people do with them, their own tests know. Nothing that ships
// imports it.
//
//	go test ./kiosk/screentest -shots DIR   keeps a picture of every page
//
// It needs Chromium and a Chinese font, and fails without them; with -short the tests
// are left out.
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Shots is where the pictures go.
var Shots = flag.String("shots", "", "folder for a picture of every page")

// Step is how long one step in the browser may take; it is long because the machine of a
// test may be busy.
const Step = 20 * time.Second

// chromium is the one browser of a package's tests.
var chromium context.Context

// Main runs the tests of a package with a browser; a TestMain calls it.
func Main(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("tests in the browser are left out by -short")
		return
	}
	os.Exit(with(m.Run))
}

// Options start a browser with an empty folder for its profile.
func Options(profile string) []chromedp.ExecAllocatorOption {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-dev-shm-usage", true))
	// The shell is Chromium without what a window needs: the same pages in three quarters of the time.
	if shell, err := exec.LookPath("chromium-headless-shell"); err == nil {
		options = append(options, chromedp.ExecPath(shell))
	}
	return options
}

// with starts the browser for run, and ends it.
func with(run func() int) int {
	profile, err := os.MkdirTemp("", "screentest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(profile)
	ctx, end := chromedp.NewExecAllocator(context.Background(), Options(profile)...)
	defer end()
	ctx, end = chromedp.NewContext(ctx)
	defer end()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "these tests need Chromium (on Debian: apt-get install chromium-headless-shell):", err)
		return 1
	}
	chromium = ctx
	return run()
}
