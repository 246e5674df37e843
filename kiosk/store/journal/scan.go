package journal

import (
	"errors"
	"fmt"
	"io/fs"

	"yizhan/ledger"
)

// Scan proves a journal from its first byte to its last and changes nothing.
// It fails only when it cannot read; damage is in the report. A folder that is
// missing is a journal without entries. It answers ErrLocked when the journal
// is open.
func Scan(cfg Config) (Report, error) { return Salvage(cfg, nil) }

// Salvage is Scan, and hands out every entry that is good, in order; fn must
// not keep it. The first entry after a hole was sealed for its number; whether
// it follows the lost one, only somebody who knows that one can tell.
func Salvage(cfg Config, fn func(seq uint64, entry []byte) error) (Report, error) {
	c, err := cfg.checked()
	if err != nil {
		return Report{}, err
	}
	lock, err := c.FS.Lock(c.Dir, false)
	if errors.Is(err, fs.ErrNotExist) {
		return Report{Head: ledger.Head{Kiosk: c.Kiosk, Epoch: c.Epoch}}, nil
	}
	if err != nil {
		return Report{}, err
	}
	defer lock.Close()
	return c.salvage(fn)
}

// Past is Salvage for the journal of an epoch that is over, in the folder of one
// that is open.
func (j *Journal) Past(epoch uint32, fn func(seq uint64, entry []byte) error) (Report, error) {
	c := *j.Config
	if c.Epoch = epoch; epoch == 0 || epoch >= j.Epoch {
		return Report{}, fmt.Errorf("journal: epoch %d is not over in epoch %d", epoch, j.Epoch)
	}
	return c.salvage(fn)
}

// salvage walks the segments of a folder that nobody else writes.
func (c *Config) salvage(fn func(seq uint64, entry []byte) error) (Report, error) {
	s := scanner{Config: c, fn: fn, head: ledger.Head{Kiosk: c.Kiosk, Epoch: c.Epoch}}
	s.report.Head = s.head
	segments, err := c.segments()
	if err != nil {
		return s.report, err
	}
	for i, segment := range segments {
		b, err := s.load(segment)
		if err != nil {
			return s.report, err
		}
		s.header(segment, b)
		if err := s.segment(segment, b, i == len(segments)-1); err != nil {
			return s.report, err
		}
	}
	return s.report, nil
}

// scanner walks along the chain from segment to segment.
type scanner struct {
	*Config
	fn      func(uint64, []byte) error
	report  Report
	head    ledger.Head // the last good entry, or the one before it that a header names
	file    string      // where the last good frame ended, or its segment began
	at      int64
	unread  int64  // where the last block ends that its disk does not give back
	junk    bool   // bytes that are not zero follow that place in a segment that is done
	group   uint64 // the group of the last good frame
	groupAt int64  // where it begins in its segment
}

func (s *scanner) add(kind Kind, first, last uint64, note string) {
	s.report.Damage = append(s.report.Damage, Damage{kind, s.file, s.at, first, last, note})
}

// reach settles what stands at the last place, now that a sealed header or
// frame says how far the chain had come there.
func (s *scanner) reach(seq uint64) {
	switch {
	case seq > s.head.Seq:
		s.add(Lost, s.head.Seq+1, seq, "")
	case s.junk:
		s.add(Stray, 0, 0, "")
	}
	s.junk = false
}

// load reads the next segment as far as the disk gives it back.
func (s *scanner) load(seg segment) ([]byte, error) {
	f, err := s.FS.Open(seg.path, false)
	if err != nil {
		return nil, fmt.Errorf("opening a segment: %w", err)
	}
	defer f.Close()
	b, unread, err := readAll(f)
	if err != nil && b == nil {
		return nil, fmt.Errorf("reading %s: %w", seg.path, err)
	}
	s.unread = unread
	if err != nil {
		s.report.Damage = append(s.report.Damage, Damage{Kind: Unread, File: seg.path, Note: err.Error()})
	}
	return b, nil
}

// header takes in the header of the next segment.
func (s *scanner) header(seg segment, b []byte) {
	before, err := s.readHeader(seg, b)
	if err == nil && before.Seq >= s.head.Seq {
		s.reach(before.Seq)
		if before.Seq > s.head.Seq {
			s.head = before
		}
	}
	if err == nil && before != s.head {
		err = errors.New("it does not fit the entry before")
	}
	if err != nil {
		s.report.Damage = append(s.report.Damage, Damage{Kind: Header, File: seg.path, Note: err.Error()})
	}
}

// segment takes in the frames of one segment; what follows the last good one is
// settled at once in the last segment, and by the next segment in others.
func (s *scanner) segment(seg segment, b []byte, last bool) error {
	s.report.Segments++
	s.report.Bytes += int64(len(b))
	if !s.junk {
		s.file, s.at = seg.path, headerBytes
	}
	end := min(int64(headerBytes), int64(len(b)))
	fresh := true // nothing proves yet that the first group is not the last
	for f := range s.frames(b) {
		fits := s.fits(f)
		if f.seq > s.head.Seq+1 && last && s.torn(seg, b, f.seq-1) {
			fresh = false
			break
		}
		if !fits {
			continue
		}
		if f.seq == s.head.Seq+1 && f.at > end {
			s.junk = true
		}
		s.reach(f.seq - 1)
		s.file, s.at = seg.path, f.at
		if err := s.take(f); err != nil {
			return err
		}
		fresh, end = false, f.end
	}
	s.junk = s.junk || !allZero(b[end:])
	if last && (s.junk || fresh) {
		s.tail(b, fresh)
	}
	return nil
}

// fits tells whether a sealed frame holds the entry of its number, and one that
// can stand after the head, next to it or behind a hole.
func (s *scanner) fits(f frame) bool {
	head := s.head
	if f.seq <= head.Seq {
		return false
	}
	entry, err := ledger.DecodeEntry(f.entry)
	if err != nil || entry.Seq != f.seq {
		return false
	}
	if f.seq > head.Seq+1 {
		head.Seq, head.Hash = f.seq-1, entry.Prev
	}
	_, _, err = head.Next(f.entry)
	return err == nil
}

// take counts a frame as good and hands its entry out.
func (s *scanner) take(f frame) error {
	if f.stray {
		s.add(Stray, 0, 0, "padding")
	}
	good := s.report.Good
	if n := len(good); n > 0 && good[n-1].Last+1 == f.seq {
		good[n-1].Last = f.seq
	} else {
		s.report.Good = append(good, Range{f.seq, f.seq})
	}
	if f.group != s.group {
		s.group, s.groupAt = f.group, f.at
	}
	s.head.Seq, s.head.Hash = f.seq, ledger.HashOf(f.entry)
	s.report.Head = s.head
	s.at = f.end
	if s.fn == nil {
		return nil
	}
	return s.fn(f.seq, f.entry)
}

// torn tells whether a frame that is missing from the last segment belongs to
// its last group: then no one ever saw it done. What is missing before that
// group was durable, and is lost. The first group is never torn: the segment
// was born with it.
func (s *scanner) torn(seg segment, b []byte, missing uint64) bool {
	group := uint64(0)
	for f := range s.frames(b) {
		group = max(group, f.group)
	}
	if group > missing || group <= seg.first || s.unread > 0 {
		return false
	}
	if group > s.head.Seq+1 {
		s.reach(group - 1)
		s.head.Seq = group - 1
	}
	return true
}

// tail settles what follows the last good frame of the last segment. A segment
// is born with its first group, so without a good frame it is not torn; and
// nobody knows what a block held that the disk does not give back.
func (s *scanner) tail(b []byte, fresh bool) {
	trace := s.head.Seq + 1
	for f := range s.frames(b) {
		trace = max(trace, f.seq)
	}
	kind := Torn
	if fresh || s.unread > s.at {
		kind = Lost
	}
	s.add(kind, s.head.Seq+1, trace, "")
}
