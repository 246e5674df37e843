package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Error is one thing wrong with a text, in a form that can be told in any language:
// the sentence of its code, filled in with its data.
type Error struct {
	Code   string
	Line   int // from 1; 0: the text as a whole
	Column int // in characters, from 1; 0: the line as a whole
	Data   map[string]string
}

// The codes. In brackets the data that belong to them.
const (
	TooLong      = "too_long"      // the text has too many bytes (most)
	TooManyLines = "too_many"      // the text has too many lines (most)
	LineLong     = "line_long"     // the line has too many characters (most)
	ManyValues   = "many_values"   // the line has too many values (most)
	ManyItems    = "many_items"    // too many lines are printed for each item (most)
	BadCharacter = "character"     // a control character, or bytes that are no text
	BraceOpen    = "brace_open"    // { without }
	BraceClose   = "brace_close"   // } without {
	BraceWide    = "brace_wide"    // a brace of double width (sign)
	FieldUnknown = "field_unknown" // (name, known)
	ListsMixed   = "lists_mixed"   // a line with values of two lists (name, other)
	MarkOpen     = "mark_open"     // [ without ]
	MarkUnknown  = "mark_unknown"  // (mark)
	MarkTwice    = "mark_twice"    // (mark)
	MarkPlace    = "mark_place"    // the mark does not go with such a line (mark)
	MarkAlone    = "mark_alone"    // nothing stands after the marks
	IfAlone      = "if_alone"      // if without a name
	FeedNumber   = "feed_number"   // too many empty lines (most)
	FeedText     = "feed_text"     // text after feed
	Columns      = "columns"       // too many columns (most)
	QRText       = "qr_text"       // what a QR code cannot hold (known: values that it can)
	Escape       = "escape"        // a backslash before a sign that needs none
	MustOnce     = "must_once"     // the value is missing (name)
	MustTop      = "must_top"      // it is missing in the head (name, lines)
	MustBottom   = "must_bottom"   // it does not stand below another (name, other)
	MustQR       = "must_qr"       // it is in no QR code (name)
)

// Codes are all codes there are.
var Codes = []string{TooLong, TooManyLines, LineLong, ManyValues, ManyItems, BadCharacter, BraceOpen, BraceClose, BraceWide, FieldUnknown, ListsMixed, MarkOpen, MarkUnknown, MarkTwice,
	MarkPlace, MarkAlone, IfAlone, FeedNumber, FeedText, Columns, QRText, Escape, MustOnce, MustTop, MustBottom, MustQR}

// Error is for the log.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d, column %d: %s", e.Line, e.Column, e.Code)
	for _, name := range slices.Sorted(maps.Keys(e.Data)) {
		fmt.Fprintf(&b, " %s=%s", name, e.Data[name])
	}
	return b.String()
}

// Errors are what is wrong with a text, in the order of its lines and at most
// MaxErrors of them. There is at least one.
type Errors []*Error

// Error is for the log.
func (e Errors) Error() string {
	if len(e) == 1 {
		return "template: " + e[0].Error()
	}
	return fmt.Sprintf("template: %v, and %d more", e[0], len(e)-1)
}
