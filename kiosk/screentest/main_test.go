// Package screentest stands in front of the kiosk as people do: a real browser,
// touched by a finger, shows a real kiosk over real books, and a simulated printer
// behind a real terminal prints.
//
// What is held on every page: nothing for axe-core to find, keys of at least 20 mm
// and text of at least 5 mm on the glass, nothing cut off, covered or scrolling, and
// every text in the language that was chosen. And the ways through the pages: a
// redemption, two taps for one, a scan on any page, a visit left alone, the back
// key, the server gone, the disk full, no printer, no script.
//
//	go test ./kiosk/screentest -shots DIR   keeps a picture of every page as DIR/PAGE-PANEL-LANG-PRINT.png
//	go test ./kiosk/screentest -full        asks axe-core about every combination of panel, language and print
//
// It needs Chromium, zbarimg and a Chinese font, and fails without them; with
// -short it is left out.
package screentest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

var (
	shots = flag.String("shots", "", "folder for a picture of every page")
	full  = flag.Bool("full", false, "let axe-core look at every combination of panel, language and print")
)

// chromium is the one browser of all tests; each test has a tab in a context of its
// own, without the cookies of the others.
var chromium context.Context

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		fmt.Println("kiosk/screentest is left out by -short")
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
