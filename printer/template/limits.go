package template

import "yizhan/printer"

// Limits of a template. The longest of ours has forty lines and 900 bytes. Together
// with the limits of documents they keep every slip within those of package
// printer, so that a template which was accepted prints whatever its values are.
const (
	MaxBytes      = 4 << 10 // of the text
	MaxLines      = 120     // notes included
	MaxCharacters = 200     // of one line
	MaxValues     = 4       // of one line; a value may have 800 bytes
	MaxColumns    = 5       // of one line
	MaxListLines  = 4       // that are printed for each item of a list
	MaxErrors     = 10      // that Parse tells at once

	// HeadLines is how far down the head of a slip reaches, in lines of paper.
	HeadLines = 8
)

// Even so a slip stays one: MaxListItems lines of each list and all others.
const _ = uint(printer.MaxLines - MaxLines - MaxListLines*MaxListItems)

// MaxListItems is how many items of one list a slip can hold.
const MaxListItems = 64
