package journal

import (
	"bytes"
	"encoding/binary"
	"iter"

	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

const (
	frameMagic  = "yzf1"
	frameDomain = "yizhan journal frame v1\n"
)

// frame is one sealed entry as it was found in a segment.
type frame struct {
	at, end    int64 // where it begins, and where the next one may begin
	seq, group uint64
	entry      []byte
	stray      bool // the padding is not zero
}

// frameAD is the additional data of a frame's seal.
func (c *Config) frameAD(dst []byte, seq, group uint64) []byte {
	dst = append(dst, frameDomain...)
	dst = append(dst, c.Kiosk...)
	dst = append(dst, '\n')
	dst = binary.BigEndian.AppendUint32(dst, c.Epoch)
	dst = binary.BigEndian.AppendUint64(dst, seq)
	return binary.BigEndian.AppendUint64(dst, group)
}

// appendFrame appends the frame of an entry. Dst must be of a length that is a
// multiple of frameAlign, and is so again afterwards.
func (c *Config) appendFrame(dst []byte, seq, group uint64, entry []byte) ([]byte, error) {
	var room [128]byte
	dst = append(dst, frameMagic...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(entry)+seal.Overhead))
	dst = binary.BigEndian.AppendUint64(dst, seq)
	dst = binary.BigEndian.AppendUint64(dst, group)
	dst, err := c.Sealer.Seal(dst, entry, c.frameAD(room[:0], seq, group), c.Random)
	if err != nil {
		return dst, err
	}
	var zeros [frameAlign]byte
	return append(dst, zeros[:aligned(len(dst))-len(dst)]...), nil
}

func aligned(n int) int { return (n + frameAlign - 1) &^ (frameAlign - 1) }

// frames yields every frame of a segment whose seal opens, in the order of
// their places. The entry of a frame is valid until the next one.
func (c *Config) frames(segment []byte) iter.Seq[frame] {
	return func(yield func(frame) bool) {
		var room []byte
		for at := headerBytes; at+frameHeader <= len(segment); {
			f, ok := c.frameAt(segment, at, room[:0])
			if !ok {
				at += frameAlign
				continue
			}
			if !yield(f) {
				return
			}
			room, at = f.entry, int(f.end)
		}
	}
}

// frameAt reads the frame that begins at a place, if there is one. Its entry is
// appended to dst.
func (c *Config) frameAt(segment []byte, at int, dst []byte) (frame, bool) {
	b := segment[at:]
	if string(b[:len(frameMagic)]) != frameMagic {
		return frame{}, false
	}
	length := int(binary.BigEndian.Uint32(b[4:]))
	if length <= seal.Overhead || length > seal.Overhead+ledger.MaxEntryBytes || frameHeader+length > len(b) {
		return frame{}, false
	}
	f := frame{at: int64(at), seq: binary.BigEndian.Uint64(b[8:]), group: binary.BigEndian.Uint64(b[16:])}
	if f.group == 0 || f.group > f.seq {
		return frame{}, false
	}
	var room [128]byte
	entry, err := c.Sealer.Open(dst, b[frameHeader:frameHeader+length], c.frameAD(room[:0], f.seq, f.group))
	if err != nil {
		return frame{}, false
	}
	end := min(aligned(frameHeader+length), len(b))
	f.entry, f.end = entry, int64(at+end)
	f.stray = !allZero(b[frameHeader+length : end])
	return f, true
}

// allZero tells whether b holds nothing but zeros.
func allZero(b []byte) bool {
	var zeros [4096]byte
	for len(b) > 0 {
		n := min(len(b), len(zeros))
		if !bytes.Equal(b[:n], zeros[:n]) {
			return false
		}
		b = b[n:]
	}
	return true
}
