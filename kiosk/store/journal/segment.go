package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

const (
	headerMagic  = "yzjrnl1\n"
	headerDomain = "yizhan journal header v1\n"
	headerSealed = len(headerMagic) + 4 + 8 + len(ledger.Hash{}) + 1 + ledger.MaxKioskID // bytes that the seal covers
)

// segment is one file of a journal.
type segment struct {
	path  string
	epoch uint32
	first uint64 // seq of its first entry
}

func segmentName(epoch uint32, first uint64) string {
	return fmt.Sprintf("journal-%010d-%015d.yzj", epoch, first)
}

// parseSegmentName reads what segmentName writes, and nothing else.
func parseSegmentName(name string) (epoch uint32, first uint64, ok bool) {
	if _, err := fmt.Sscanf(name, "journal-%d-%d.yzj", &epoch, &first); err != nil {
		return 0, 0, false
	}
	return epoch, first, epoch > 0 && first > 0 && name == segmentName(epoch, first)
}

// segments lists the segments of the epoch, the earliest first. A rewrite that
// was interrupted counts as far as it got.
func (c *Config) segments() ([]segment, error) {
	names, err := c.FS.List(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("listing the journal: %w", err)
	}
	dirs := []string{c.Dir}
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, c.rewriteName("rewrite", "")):
			dirs = []string{filepath.Join(c.Dir, name)}
		case strings.HasPrefix(name, c.rewriteName("ready", "")):
			dirs = append(dirs, filepath.Join(c.Dir, name))
		}
	}
	var found []segment
	for _, dir := range dirs {
		names, err := c.FS.List(dir)
		if err != nil {
			return nil, fmt.Errorf("listing the journal: %w", err)
		}
		for _, name := range names {
			if epoch, first, ok := parseSegmentName(name); ok && epoch == c.Epoch {
				found = append(found, segment{filepath.Join(dir, name), epoch, first})
			}
		}
	}
	slices.SortFunc(found, func(a, b segment) int { return strings.Compare(filepath.Base(a.path), filepath.Base(b.path)) })
	return found, nil
}

// load reads a segment whole, or answers ErrDamaged.
func (c *Config) load(s segment) ([]byte, error) {
	f, err := c.FS.Open(s.path, false)
	if err != nil {
		return nil, fmt.Errorf("opening a segment: %w", err)
	}
	defer f.Close()
	b, _, err := readAll(f)
	if err != nil {
		return nil, fmt.Errorf("%w: reading %s: %w", ErrDamaged, s.path, err)
	}
	return b, nil
}

// appendHeader appends the header of a segment that follows the head.
func (c *Config) appendHeader(dst []byte, head ledger.Head) ([]byte, error) {
	start := len(dst)
	dst = append(dst, headerMagic...)
	dst = binary.BigEndian.AppendUint32(dst, c.Epoch)
	dst = binary.BigEndian.AppendUint64(dst, head.Seq+1)
	dst = append(dst, head.Hash[:]...)
	dst = append(dst, byte(len(c.Kiosk)))
	dst = append(dst, c.Kiosk...)
	dst = append(dst, make([]byte, start+headerSealed-len(dst))...)
	dst, err := c.Sealer.Seal(dst, nil, append([]byte(headerDomain), dst[start:]...), c.Random)
	if err != nil {
		return dst, err
	}
	return append(dst, make([]byte, start+headerBytes-len(dst))...), nil
}

// readHeader reads the header of a segment and returns the head that it
// follows.
func (c *Config) readHeader(s segment, b []byte) (ledger.Head, error) {
	if len(b) < headerBytes {
		return ledger.Head{}, fmt.Errorf("%d bytes are too few", len(b))
	}
	plain, sealed := b[:headerSealed], b[headerSealed:headerSealed+seal.Overhead]
	if _, err := c.Sealer.Open(nil, sealed, append([]byte(headerDomain), plain...)); err != nil {
		return ledger.Head{}, fmt.Errorf("%w, or another key made it", err)
	}
	if !allZero(b[headerSealed+seal.Overhead : headerBytes]) {
		return ledger.Head{}, errors.New("it is followed by bytes that are not zero")
	}
	if !strings.HasPrefix(string(plain), headerMagic) {
		return ledger.Head{}, errors.New("another version")
	}
	plain = plain[len(headerMagic):]
	head := ledger.Head{Epoch: binary.BigEndian.Uint32(plain), Seq: binary.BigEndian.Uint64(plain[4:]) - 1}
	copy(head.Hash[:], plain[12:])
	kiosk := plain[12+len(head.Hash):]
	head.Kiosk = string(kiosk[1 : 1+min(int(kiosk[0]), ledger.MaxKioskID)])
	if head.Kiosk != c.Kiosk || head.Epoch != s.epoch || head.Seq+1 != s.first {
		return ledger.Head{}, fmt.Errorf("it is of kiosk %s, epoch %d, entry %d", head.Kiosk, head.Epoch, head.Seq+1)
	}
	return head, nil
}
