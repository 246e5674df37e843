package journal

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"yizhan/ledger"
)

// Append makes a group of encoded entries durable, the first of them with the
// number first, which must be the one after the head. The group must fit into
// one segment. On any error nothing of it counts: ErrFull and other errors
// leave the journal as it was, ErrSync ends it.
func (j *Journal) Append(first uint64, entries [][]byte) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	if j.broken != nil {
		return j.broken
	}
	if len(entries) == 0 {
		return nil
	}
	head, err := j.encode(first, entries)
	if err != nil {
		return err
	}
	group := j.buf[headerBytes:]
	if j.file == nil || j.end+int64(len(group)) > j.size {
		err = j.roll(first)
	} else {
		err = j.write(group)
	}
	if err != nil {
		return err
	}
	j.head.Store(&head)
	j.prepareAhead()
	return nil
}

// encode puts the frames of a group into the buffer, after room for a header,
// and returns the head that the group leads to.
func (j *Journal) encode(first uint64, entries [][]byte) (ledger.Head, error) {
	head := j.Head()
	if first > head.Seq+1 {
		return head, fmt.Errorf("appending entry %d after entry %d: %w", first, head.Seq, ledger.ErrGap)
	}
	if first <= head.Seq {
		return head, fmt.Errorf("appending entry %d after entry %d: %w", first, head.Seq, ledger.ErrFork)
	}
	j.buf = append(j.buf[:0], make([]byte, headerBytes)...)
	for _, entry := range entries {
		next, _, err := head.Next(entry)
		if err != nil {
			return head, fmt.Errorf("appending entry %d: %w", head.Seq+1, err)
		}
		if j.buf, err = j.appendFrame(j.buf, next.Seq, first, entry); err != nil {
			return head, fmt.Errorf("sealing entry %d: %w", next.Seq, err)
		}
		head = next
	}
	if int64(len(j.buf)) > j.SegmentBytes {
		return head, fmt.Errorf("appending %d entries: a group of %d bytes does not fit into a segment", len(entries), len(j.buf))
	}
	return head, nil
}

// write is the hot path: one write, one sync.
func (j *Journal) write(group []byte) error {
	if _, err := j.file.WriteAt(group, j.end); err != nil {
		// What got through must not stand between this group and the next. The
		// next sync covers these zeros too.
		if _, undo := j.file.WriteAt(make([]byte, len(group)), j.end); undo != nil {
			return j.breaks(fmt.Errorf("undoing a failed write: %w", undo))
		}
		return fmt.Errorf("writing to the journal: %w", full(err))
	}
	if err := j.file.Sync(); err != nil {
		return j.breaks(err)
	}
	j.end += int64(len(group))
	return nil
}

// roll puts the group into the next segment, with the header before it. The
// segment gets its name when both are durable, and counts when the name is.
func (j *Journal) roll(first uint64) error {
	next, err := j.spare.take(j.Config)
	if err != nil {
		return fmt.Errorf("making the next segment: %w", full(err))
	}
	s := segment{filepath.Join(j.Dir, segmentName(j.Epoch, first)), j.Epoch, first}
	if err := j.begin(next, s); err != nil {
		return errors.Join(err, next.Close())
	}
	if j.file != nil {
		j.file.Close() // it was synced after its last write
	}
	j.file, j.size, j.end = next, j.SegmentBytes, int64(len(j.buf))
	j.files.Lock()
	defer j.files.Unlock()
	j.segments = append(j.segments[:len(j.segments):len(j.segments)], s)
	return nil
}

func (j *Journal) begin(next File, s segment) error {
	if _, err := j.appendHeader(j.buf[:0], j.Head()); err != nil {
		return fmt.Errorf("sealing a header: %w", err)
	}
	if _, err := next.WriteAt(j.buf, 0); err != nil {
		return fmt.Errorf("writing to the next segment: %w", full(err))
	}
	if err := next.Sync(); err != nil {
		return j.breaks(err)
	}
	if err := j.FS.Rename(filepath.Join(j.Dir, spareName), s.path); err != nil {
		return j.breaks(err)
	}
	if err := j.FS.SyncDir(j.Dir); err != nil {
		return j.breaks(err)
	}
	return nil
}

// breaks makes the journal refuse everything from now on.
func (j *Journal) breaks(err error) error {
	j.broken = fmt.Errorf("%w: %w", ErrSync, err)
	return j.broken
}

// full adds ErrFull to the errors that mean it.
func full(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
