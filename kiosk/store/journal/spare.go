package journal

import (
	"errors"
	"io/fs"
	"path/filepath"
)

const (
	spareName   = "spare.yzj"
	spareMaking = "spare.tmp"
)

// spare is the next segment: zeroed and durable before it is needed, because
// only a write into blocks that exist and hold data costs one disk write.
type spare struct {
	making chan made // receives once; nil: nobody is at it
}

type made struct {
	file File
	err  error
}

// prepareAhead begins to make the next segment when the last one is half full.
// When that fails, take tries again.
func (j *Journal) prepareAhead() {
	if j.spare.making != nil || j.file != nil && j.end < j.size/2 {
		return
	}
	making := make(chan made, 1)
	j.spare.making = making
	c := j.Config
	c.spawn(func() {
		f, err := c.makeSpare()
		making <- made{f, err}
	})
}

// take returns the next segment, and makes it when it was not made ahead.
func (s *spare) take(c *Config) (File, error) {
	if s.making != nil {
		m := <-s.making
		s.making = nil
		if m.err == nil {
			return m.file, nil
		}
	}
	return c.makeSpare()
}

// wait ends the making of the next segment; the file stays for the next Open.
func (s *spare) wait() {
	if s.making == nil {
		return
	}
	if m := <-s.making; m.err == nil {
		m.file.Close()
	}
	s.making = nil
}

// makeSpare returns a file of zeros under its own name, that of an earlier run
// if it is good.
func (c *Config) makeSpare() (File, error) {
	path, making := filepath.Join(c.Dir, spareName), filepath.Join(c.Dir, spareMaking)
	if f, err := c.FS.Open(path, true); err == nil {
		if b, _, err := readAll(f); err == nil && int64(len(b)) == c.SegmentBytes && allZero(b) {
			return f, nil
		}
		f.Close()
	}
	// A spare that was begun or used by half goes first: it holds room that the
	// new one may need.
	for _, old := range []string{making, path} {
		if err := c.FS.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	f, err := c.FS.Create(making)
	if err != nil {
		return nil, err
	}
	err = c.zero(f)
	if err == nil {
		err = c.FS.Rename(making, path)
	}
	if err == nil {
		err = c.FS.SyncDir(c.Dir)
	}
	if err != nil {
		f.Close()
		return nil, errors.Join(err, c.FS.Remove(making))
	}
	return f, nil
}

// zero fills a new segment with zeros and makes them durable.
func (c *Config) zero(f File) error {
	zeros := make([]byte, 256<<10)
	for at := int64(0); at < c.SegmentBytes; at += int64(len(zeros)) {
		n := min(c.SegmentBytes-at, int64(len(zeros)))
		if _, err := f.WriteAt(zeros[:n], at); err != nil {
			return err
		}
	}
	return f.Sync()
}
