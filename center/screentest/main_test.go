// Package screentest sits in front of the center's console as its staff do: a real
// browser on a real center with its books, a keyboard and a mouse.
//
// What is held on every page, in both languages and on a small and a large screen:
// nothing for axe-core to find, nothing wider than the window, nothing cut off, and
// every text in the language that was chosen. And the ways through the pages: the
// first officer's link, a box that enrols and is approved, a quarantine that is
// lifted, a write-off by two officers, all of it without a script too.
//
//	go test ./center/screentest -shots DIR   keeps a picture of every page as DIR/PAGE-SCREEN-LANG.png
//
// It needs Chromium and a Chinese font, and fails without them; with -short it is
// left out.
package screentest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "folder for a picture of every page")

// chromium is the one browser of all tests; each test has tabs in contexts of their
// own, without the cookies of the others.
var chromium context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("center/screentest is left out by -short")
		return
	}
	os.Exit(withChromium(m.Run))
}

// withChromium starts the browser for run, and ends it.
func withChromium(run func() int) int {
	profile, err := os.MkdirTemp("", "screentest-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(profile)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	defer end()
	ctx, end = chromedp.NewContext(ctx)
	defer end()
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "these tests need Chromium (on Debian: apt-get install chromium):", err)
		return 1
	}
	chromium = ctx
	return run()
}
