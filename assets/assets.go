// Package assets holds everything that a person sees or hears at a kiosk or at the
// center's console: pages, styles, scripts, texts in each language, icons, pictures
// and sounds.
//
// # Pages
//
// A page has one word everywhere: the page "redeem" is kiosk/redeem.go, the folder
// kiosk/redeem here with redeem.tmpl, redeem.css and, when it must, redeem.js, and
// the path /redeem. kiosk/frame holds what every page shares: the frame around
// them (frame.tmpl), small parts (parts.tmpl), styles and the one script.
//
// # Texts
//
// text/LANGUAGE.json maps a key to a text, flat. A text may hold placeholders:
// {name} stands for a value, {n:piece|pieces} for the first word when the value n
// is 1 and for the second otherwise. Every language has the same keys with the
// same placeholders. See [Catalogue].
//
// # Slips
//
// slip/LANGUAGE/NAME.slip is what the slip NAME says, see [Slip]; slip/sample/NAME.json
// is what any template of it may and must show, with a sample of its values.
//
// # Static files
//
// Styles, scripts and pictures are served under a path that holds their content's
// hash, so a browser may keep them for ever. See [Static].
//
// The package depends on the standard library alone and does no I/O at run time.
package assets

import (
	"embed"
	"io/fs"
)

//go:embed art center demo goods icons kiosk phone sample slip sounds/*.wav text vendor
var files embed.FS

// Files returns the embedded files, with the paths that they have in this folder.
func Files() fs.FS { return files }
