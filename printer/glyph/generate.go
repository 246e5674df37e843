//go:build ignore

// Generate draws the glyph table of package glyph from Noto Sans CJK SC. Run it by
// hand when the table's repertoire changes:
//
//	go run generate.go -font /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc
//
// The font is in Debian's package fonts-noto-cjk. The table's format is described
// in glyph.go. Hangul is left out: its 11,172 syllables would double the table.
package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"log"
	"os"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

const (
	dots       = 24
	face       = "Noto Sans Mono CJK SC" // its ASCII is half an em wide, as a printer's is
	blockSize  = 64
	glyphBytes = dots * dots / 8
	// ink is the coverage, of 255, from which a dot is black. Below one half,
	// because a thin stroke that breaks is worse than one that is a little fat.
	ink = 112
)

func main() {
	fontFile := flag.String("font", "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "font collection to draw")
	output := flag.String("o", "glyphs.bin", "table to write")
	flag.Parse()
	if err := run(*fontFile, *output); err != nil {
		log.Fatal(err)
	}
}

func run(fontFile, output string) error {
	f, err := open(fontFile)
	if err != nil {
		return fmt.Errorf("opening the font: %w", err)
	}
	var runes []rune
	var pictures [][]byte
	d := drawer{font: f}
	for r := rune(0x20); r <= unicode.MaxRune; r++ {
		if !wanted(r) {
			continue
		}
		picture, err := d.draw(r)
		if err != nil {
			return fmt.Errorf("drawing %U: %w", r, err)
		}
		if picture != nil {
			runes, pictures = append(runes, r), append(pictures, picture)
		}
	}
	table, err := pack(runes, pictures)
	if err != nil {
		return fmt.Errorf("packing the table: %w", err)
	}
	log.Printf("%d glyphs, %d bytes", len(runes), len(table))
	return os.WriteFile(output, table, 0o644)
}

func open(name string) (*sfnt.Font, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	collection, err := opentype.ParseCollection(data)
	if err != nil {
		return nil, err
	}
	for i := range collection.NumFonts() {
		f, err := collection.Font(i)
		if err != nil {
			return nil, err
		}
		if name, err := f.Name(nil, sfnt.NameIDFull); err == nil && strings.HasPrefix(name, face) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s has no %s", name, face)
}

// wanted is every character with a shape, but for Hangul.
func wanted(r rune) bool {
	return r < 0x7F || r > 0xA0 && unicode.IsGraphic(r) && !unicode.Is(unicode.Hangul, r)
}

type drawer struct {
	font *sfnt.Font
	buf  sfnt.Buffer
}

// draw returns the dots of r, or nil when the font does not have it. Each glyph is
// tried at a grid of shifts of less than a dot; the one with the least grey wins,
// which does for stems and bars much of what hinting would.
func (d *drawer) draw(r rune) ([]byte, error) {
	index, err := d.font.GlyphIndex(&d.buf, r)
	if err != nil || index == 0 {
		return nil, err
	}
	segments, err := d.font.LoadGlyph(&d.buf, index, fixed.I(dots), nil)
	if err != nil {
		return nil, err
	}
	advance, err := d.font.GlyphAdvance(&d.buf, index, fixed.I(dots), font.HintingNone)
	if err != nil {
		return nil, err
	}
	box := fixed.I(dots)
	if r < 0x80 {
		box /= 2
	}
	left := float32(box-advance) / 2 / 64 // narrow characters stand in the middle of their cells
	var best *image.Alpha
	bestGrey := 0
	for dy := range 5 {
		for dx := range 5 {
			img := rasterize(segments, left+float32(dx-2)/5, 0.88*dots+float32(dy-2)/5)
			if grey := greyness(img); best == nil || grey < bestGrey {
				best, bestGrey = img, grey
			}
		}
	}
	return threshold(best), nil
}

func rasterize(segments sfnt.Segments, x, y float32) *image.Alpha {
	at := func(p fixed.Point26_6) (float32, float32) { return x + float32(p.X)/64, y + float32(p.Y)/64 }
	z := vector.NewRasterizer(dots, dots)
	z.DrawOp = draw.Src
	for _, s := range segments {
		x0, y0 := at(s.Args[0])
		x1, y1 := at(s.Args[1])
		x2, y2 := at(s.Args[2])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			z.MoveTo(x0, y0)
		case sfnt.SegmentOpLineTo:
			z.LineTo(x0, y0)
		case sfnt.SegmentOpQuadTo:
			z.QuadTo(x0, y0, x1, y1)
		case sfnt.SegmentOpCubeTo:
			z.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	img := image.NewAlpha(image.Rect(0, 0, dots, dots))
	z.Draw(img, img.Bounds(), image.Opaque, image.Point{})
	return img
}

// greyness is how far the dots are from being black or white, all together.
func greyness(img *image.Alpha) int {
	sum := 0
	for _, a := range img.Pix {
		sum += min(int(a), 255-int(a))
	}
	return sum
}

func threshold(img *image.Alpha) []byte {
	picture := make([]byte, glyphBytes)
	for i, a := range img.Pix {
		if a >= ink {
			picture[i/8] |= 0x80 >> (i % 8)
		}
	}
	return picture
}

// pack writes the table: see glyph.go.
func pack(runes []rune, pictures [][]byte) ([]byte, error) {
	var index, offsets, blocks bytes.Buffer
	for _, r := range runes {
		index.Write([]byte{byte(r >> 16), byte(r >> 8), byte(r)})
	}
	for first := 0; first < len(pictures); first += blockSize {
		offsets.Write(binary.BigEndian.AppendUint32(nil, uint32(blocks.Len())))
		w, err := flate.NewWriter(&blocks, flate.BestCompression)
		if err != nil {
			return nil, err
		}
		for _, p := range pictures[first:min(first+blockSize, len(pictures))] {
			if _, err := w.Write(p); err != nil {
				return nil, err
			}
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
	}
	offsets.Write(binary.BigEndian.AppendUint32(nil, uint32(blocks.Len())))
	table := []byte("YZGLYPH1")
	table = binary.BigEndian.AppendUint32(table, uint32(len(runes)))
	table = binary.BigEndian.AppendUint32(table, blockSize)
	return bytes.Join([][]byte{table, index.Bytes(), offsets.Bytes(), blocks.Bytes()}, nil), nil
}
