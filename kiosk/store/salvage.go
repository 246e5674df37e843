package store

import (
	"errors"
	"iter"
)

// numbered is a stream of entries in the order of their numbers, perhaps with
// holes.
type numbered = iter.Seq2[uint64, []byte]

var errStop = errors.New("store: the reader stopped")

// merged is the longest chain from entry 1 that book and journal give together:
// a hole in one is filled from the other. Where both have an entry that fits
// the chain and they differ, it ends: nobody can say which one counts.
func (m *mender) merged() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var failed error
		nextBook, stopBook := iter.Pull2(m.bookEntries(&failed))
		defer stopBook()
		nextJournal, stopJournal := iter.Pull2(m.journalEntries(&failed))
		defer stopJournal()
		inBook, inJournal := &cursor{next: nextBook}, &cursor{next: nextJournal}
		for head := m.start(); ; {
			a, b := inBook.at(head.Seq+1), inJournal.at(head.Seq+1)
			if failed != nil {
				yield(nil, failed)
				return
			}
			after, raw := head, []byte(nil)
			for _, candidate := range [][]byte{a, b} {
				next, _, err := head.Next(candidate)
				if err != nil {
					continue
				}
				if raw != nil && next.Hash != after.Hash {
					m.forked = true
					return
				}
				after, raw = next, candidate
			}
			m.known = max(m.known, inBook.seq, inJournal.seq)
			if raw == nil || !yield(raw, nil) {
				return
			}
			head = after
		}
	}
}

// cursor steps through a stream.
type cursor struct {
	next func() (uint64, []byte, bool)
	seq  uint64
	raw  []byte
	end  bool
}

// at returns the entry with a number, or nil. Numbers asked for must ascend.
func (c *cursor) at(seq uint64) []byte {
	for !c.end && c.seq < seq {
		n, raw, ok := c.next()
		if c.end = !ok; ok {
			c.seq, c.raw = n, raw
		}
	}
	if c.seq != seq {
		return nil
	}
	return c.raw
}

// bookEntries gives every entry of the book whose seal is good.
func (m *mender) bookEntries(failed *error) numbered {
	return func(yield func(uint64, []byte) bool) {
		ok := true
		err := eachEntry(m.ctx, m.book, m.bookSeal, m.cfg.Kiosk, func(seq uint64, raw []byte) {
			ok = ok && yield(seq, raw)
		})
		if err != nil && *failed == nil {
			*failed = err
		}
	}
}

// journalEntries gives every entry of the journal whose seal is good.
func (m *mender) journalEntries(failed *error) numbered {
	return func(yield func(uint64, []byte) bool) {
		if m.epoch == 0 {
			return
		}
		err := m.salvage(func(seq uint64, raw []byte) error {
			if !yield(seq, append([]byte(nil), raw...)) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) && *failed == nil {
			*failed = err
		}
	}
}
