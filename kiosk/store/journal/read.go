package journal

import (
	"fmt"

	"yizhan/ledger"
)

// Read hands out the entries from a number up to the head as it stands now, in
// order; fn must not keep an entry. It proves seal and chain of each before,
// and ends with ErrDamaged where it cannot, or with the error of fn.
func (j *Journal) Read(from uint64, fn func(seq uint64, entry []byte) error) error {
	from = max(from, 1)
	goal := j.Head()
	if from > goal.Seq {
		return nil
	}
	segments := j.list()
	for len(segments) > 1 && segments[1].first <= from {
		segments = segments[1:]
	}
	var head ledger.Head
	for i, s := range segments {
		if s.first > goal.Seq {
			break // begun after this call
		}
		b, err := j.load(s)
		if err != nil {
			return err
		}
		before, err := j.readHeader(s, b)
		if err != nil {
			return fmt.Errorf("%w: header of %s: %w", ErrDamaged, s.path, err)
		}
		if i == 0 {
			head = before
		}
		if before != head || head.Seq+1 > from && i == 0 {
			return fmt.Errorf("%w: entry %d is missing before %s", ErrDamaged, head.Seq+1, s.path)
		}
		if head, err = j.readSegment(s, b, head, goal, from, fn); err != nil {
			return err
		}
	}
	if head != goal {
		return fmt.Errorf("%w: entry %d is missing", ErrDamaged, head.Seq+1)
	}
	return nil
}

// readSegment hands out the entries of one segment and returns the last head.
func (j *Journal) readSegment(s segment, b []byte, head, goal ledger.Head, from uint64, fn func(uint64, []byte) error) (ledger.Head, error) {
	for f := range j.frames(b) {
		if head.Seq == goal.Seq {
			break
		}
		next, _, err := head.Next(f.entry)
		if err != nil || f.seq != next.Seq {
			return head, fmt.Errorf("%w: entry %d at byte %d of %s", ErrDamaged, head.Seq+1, f.at, s.path)
		}
		head = next
		if head.Seq < from {
			continue
		}
		if err := fn(head.Seq, f.entry); err != nil {
			return head, err
		}
	}
	return head, nil
}
