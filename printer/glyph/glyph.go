// Package glyph has the shape of every character that a receipt may need: ASCII,
// all of GBK (but ≒, which the font lacks), and what Noto Sans CJK SC has beyond
// it: rare ideographs of the extensions A to I, Latin with accents, kana; no
// Hangul. Kiosks need it for a line that a printer's own font does not cover, the
// simulated printer for everything.
//
// The table is part of the program and stays compressed. A look-up touches the
// pages of the index that a binary search passes and inflates one block of 64
// glyphs, 4.5 KiB; nothing is kept. A program that never asks never reads it.
//
// # Format of glyphs.bin
//
//	"YZGLYPH1"               8 bytes
//	count, per block         two numbers of 4 bytes, big-endian
//	characters               count times 3 bytes, ascending
//	offsets                  one number of 4 bytes for each block and one for the
//	                         end, counted from the first block
//	blocks                   raw deflate of the glyphs in order, 72 bytes each:
//	                         24 rows of 3 bytes, leftmost dot in the highest bit;
//	                         ASCII uses the left 12 dots
//
// The glyphs are drawn from Noto Sans CJK, under the SIL Open Font License: see
// NOTICE and OFL.txt. generate.go makes the table.
package glyph

import (
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"

	"yizhan/printer/bitmap"
)

// Size of a glyph in dots. ASCII is half as wide.
const (
	Height = 24
	Width  = 24
)

const (
	magic      = "YZGLYPH1"
	headBytes  = len(magic) + 8
	runeBytes  = 3
	glyphBytes = Height * Width / 8
)

// A string, not a slice: it stays in the read-only part of the program file.
//
//go:embed glyphs.bin
var table string

// Draw returns the picture of r: 12 by 24 dots for ASCII, 24 by 24 for the rest. A
// character that the table does not have is shown as a box with its code point in
// hexadecimal, so that a person can still tell what should have stood there.
func Draw(r rune) *bitmap.Image {
	if picture, ok := Lookup(r); ok {
		return picture
	}
	return codeBox(r)
}

// Lookup returns the picture of r, or false when the table does not have it.
func Lookup(r rune) (*bitmap.Image, bool) {
	i, ok := find(r)
	if !ok {
		return nil, false
	}
	picture := bitmap.New(Width, Height)
	copy(picture.Pix, load(i))
	if r < 0x80 {
		half := bitmap.New(Width/2, Height)
		half.Draw(picture, 0, 0, 1, 1, false)
		picture = half
	}
	return picture, true
}

// Len is the number of glyphs in the table.
func Len() int { return number(len(magic)) }

// find is the place of r in the table.
func find(r rune) (int, bool) {
	n := Len()
	i := sort.Search(n, func(i int) bool { return character(i) >= r })
	return i, i < n && character(i) == r
}

// character is the i-th character of the table.
func character(i int) rune {
	at := headBytes + i*runeBytes
	return rune(table[at])<<16 | rune(table[at+1])<<8 | rune(table[at+2])
}

// inflaters keeps the 40 KiB that an inflater needs from one glyph of a line to the
// next; the garbage collector takes them afterwards.
var inflaters = sync.Pool{New: func() any { return flate.NewReader(strings.NewReader("")) }}

// load inflates the block of the i-th glyph as far as that glyph. The table is
// part of the program, so a damaged one is our own bug.
func load(i int) []byte {
	perBlock := number(len(magic) + 4)
	offsets := headBytes + Len()*runeBytes
	blocks := offsets + ((Len()+perBlock-1)/perBlock+1)*4
	block := i / perBlock
	start, end := number(offsets+block*4), number(offsets+block*4+4)

	picture := make([]byte, glyphBytes)
	inflate := inflaters.Get().(io.Reader)
	defer inflaters.Put(inflate)
	source := strings.NewReader(table[blocks+start : blocks+end])
	if err := inflate.(flate.Resetter).Reset(source, nil); err != nil {
		panic(fmt.Sprintf("glyph: block %d of the table: %v", block, err))
	}
	if _, err := io.CopyN(io.Discard, inflate, int64(i%perBlock)*glyphBytes); err != nil {
		panic(fmt.Sprintf("glyph: block %d of the table: %v", block, err))
	}
	if _, err := io.ReadFull(inflate, picture); err != nil {
		panic(fmt.Sprintf("glyph: block %d of the table: %v", block, err))
	}
	return picture
}

// number reads four bytes of the table.
func number(at int) int {
	return int(binary.BigEndian.Uint32([]byte(table[at : at+4])))
}
