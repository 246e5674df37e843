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
//	go test ./kiosk/screentest -prints      looks at both sizes of print in both languages, as CI does (YIZHAN_PRINTS=all)
//	go test ./kiosk/screentest -full        asks axe-core too about every combination of panel, language and print
//
// Without -prints a page is looked at in normal Chinese and in large English.
//
// It needs Chromium, zbarimg and a Chinese font, and fails without them; with
// -short it is left out.
package screentest

import (
	"flag"
	"os"
	"testing"

	"yizhan/assets/browser"
)

var (
	prints = flag.Bool("prints", false, "look at both sizes of print in both languages")
	full   = flag.Bool("full", false, "let axe-core look at every combination of panel, language and print, with -prints")
)

// everyPrint is read while a test runs: what was read before does not tell the go command
// that a result it keeps is another one's.
func everyPrint() bool { return *prints || os.Getenv("YIZHAN_PRINTS") == "all" }

func TestMain(m *testing.M) { browser.Main(m) }
