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
	"testing"

	"yizhan/assets/browser"
)

func TestMain(m *testing.M) { browser.Main(m) }
