package sheet

import (
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// textCode is the encoding of a text table.
type textCode struct {
	name string // as a person knows it; empty for UTF-8, which needs no word
	skip int64  // bytes of the byte order mark
	wrap func(io.Reader) io.Reader
}

func plainUTF8(r io.Reader) io.Reader { return r }

// detect decides how a text table is encoded: by its byte order mark, else by reading all of it once. Text that is not UTF-8 is
// GB18030, unless most of it is UTF-8 (of GB18030 hardly anything is): then a few bytes are damaged, and the rows that hold them say so.
func detect(ctx context.Context, r io.ReaderAt, size int64) (textCode, error) {
	mark := make([]byte, 3)
	n, _ := r.ReadAt(mark, 0)
	switch mark = mark[:n]; {
	case bytes.HasPrefix(mark, []byte("\xEF\xBB\xBF")):
		return textCode{skip: 3, wrap: plainUTF8}, nil
	case bytes.HasPrefix(mark, []byte("\xFF\xFE")):
		d := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()
		return textCode{name: "UTF-16", skip: 2, wrap: d.Reader}, nil
	case bytes.HasPrefix(mark, []byte("\xFE\xFF")):
		d := unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()
		return textCode{name: "UTF-16", skip: 2, wrap: d.Reader}, nil
	}
	c, err := census(ctx, io.NewSectionReader(r, 0, size))
	switch {
	case err != nil:
		return textCode{}, err
	case c.nul > 0:
		return textCode{}, refuse(RefusedEncoding, nil) // binary, or UTF-16 that does not say so
	case c.broken == 0, c.broken*10 < c.whole:
		return textCode{wrap: plainUTF8}, nil
	}
	gb := textCode{name: "GB18030", wrap: simplifiedchinese.GB18030.NewDecoder().Reader}
	c, err = census(ctx, gb.wrap(io.NewSectionReader(r, 0, size)))
	switch {
	case err != nil:
		return textCode{}, err
	case c.replaced*20 > c.whole:
		return textCode{}, refuse(RefusedEncoding, nil)
	}
	return gb, nil
}

// tally counts what the bytes of a text are.
type tally struct {
	whole    int64 // characters of two bytes and more that are sound UTF-8
	broken   int64 // bytes that are not
	replaced int64 // among whole: marks that a decoder put for what it could not read
	nul      int64
}

// census reads a text to its end in pieces.
func census(ctx context.Context, r io.Reader) (tally, error) {
	var t tally
	buf := make([]byte, 64<<10)
	held := 0
	for {
		if err := ctx.Err(); err != nil {
			return t, err
		}
		n, err := r.Read(buf[held:])
		if err != nil && err != io.EOF {
			return t, refuse(RefusedOpen, err)
		}
		held = t.count(buf[:held+n], err == io.EOF)
		if err == io.EOF {
			return t, nil
		}
	}
}

// count counts a piece. It moves a character cut by the piece's end to the front and gives its length.
func (t *tally) count(b []byte, last bool) int {
	all := b
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			if b[0] == 0 {
				t.nul++
			}
			b = b[1:]
			continue
		}
		if !last && !utf8.FullRune(b) {
			return copy(all, b)
		}
		r, n := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && n == 1:
			t.broken++
		case r == utf8.RuneError:
			t.replaced++
			t.whole++
		default:
			t.whole++
		}
		b = b[n:]
	}
	return 0
}
