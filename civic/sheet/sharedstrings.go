package sheet

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
)

// sharedStrings are the texts that cells refer to by number. They lie one behind the other in blocks, each with its length in front: a
// hundred thousand rows have half a million of them, and a Go string for each would double their size.
type sharedStrings struct {
	blocks [][]byte
	at     []uint32 // block number and place of each
}

const (
	blockBits = 18
	blockSize = 1 << blockBits
)

var errNoString = errors.New("no such shared string")

// add keeps a text, cut to a little more than a cell may have.
func (s *sharedStrings) add(text []byte) error {
	text = text[:min(len(text), maxCellBytes+1)]
	need := binary.MaxVarintLen32 + len(text)
	if n := len(s.blocks); n == 0 || len(s.blocks[n-1])+need > blockSize {
		if n*blockSize >= maxSharedBytes {
			return refuse(RefusedTooLarge, nil, "64 MiB")
		}
		s.blocks = append(s.blocks, make([]byte, 0, blockSize))
	}
	if len(s.at) >= maxSharedCount {
		return refuse(RefusedTooLarge, nil, strconv.Itoa(maxSharedCount))
	}
	b := &s.blocks[len(s.blocks)-1]
	s.at = append(s.at, uint32(len(s.blocks)-1)<<blockBits|uint32(len(*b)))
	*b = append(binary.AppendUvarint(*b, uint64(len(text))), text...)
	return nil
}

// get gives a text by its number.
func (s *sharedStrings) get(i int) (string, error) {
	if i < 0 || i >= len(s.at) {
		return "", errNoString
	}
	b := s.blocks[s.at[i]>>blockBits][s.at[i]&(blockSize-1):]
	n, skip := binary.Uvarint(b)
	return string(b[skip : skip+int(n)]), nil
}

// loadStrings reads the shared strings. A rich text is its runs joined; its phonetic guide is left out.
func (w *workbook) loadStrings(ctx context.Context, part string) error {
	var buf []byte
	var rich richText
	return w.scan(ctx, part, func(x *xmlScanner, t xmlToken) error {
		switch {
		case t == xmlOpen && string(x.name) == "si":
			buf, rich = buf[:0], richText{}
		case t == xmlClose && string(x.name) == "si":
			return w.shared.add(unescapeControl(buf))
		}
		var err error
		buf, err = rich.collect(buf, x, t)
		return err
	})
}

// richText collects the text of <t> elements outside <rPh>.
type richText struct{ inText, inPhonetic bool }

func (r *richText) collect(buf []byte, x *xmlScanner, t xmlToken) ([]byte, error) {
	switch {
	case t == xmlText && r.inText && !r.inPhonetic && len(buf) <= maxCellBytes:
		return x.appendTo(buf)
	case t == xmlText:
	case string(x.name) == "t":
		r.inText = t == xmlOpen
	case string(x.name) == "rPh":
		r.inPhonetic = t == xmlOpen
	}
	return buf, nil
}

// unescapeControl resolves _x000D_, as Excel writes characters that XML cannot hold.
func unescapeControl(b []byte) []byte {
	s := string(b)
	if !strings.Contains(s, "_x") {
		return b
	}
	out := b[:0]
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], "_x") && len(s) >= i+7 && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil && n < 0x80 {
				out = append(out, byte(n))
				i += 6
				continue
			}
		}
		out = append(out, s[i])
	}
	return out
}
