package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// Errors of a journal.
var (
	// ErrFull means that the disk has no room for the next segment. Nothing was
	// written; a later Append succeeds when there is room.
	ErrFull = errors.New("journal: the disk is full")
	// ErrSync means that nobody can tell what is on the disk. The journal
	// refuses everything from then on; only a new process can find out.
	ErrSync = errors.New("journal: the disk did not confirm a write")
	// ErrDamaged means that entries which were durable once cannot be read.
	ErrDamaged = errors.New("journal: damaged")
)

// Config says which journal to open and with what.
type Config struct {
	Dir          string
	Kiosk        string // ledger.ValidKiosk
	Epoch        uint32 // from 1
	Sealer       *seal.Sealer
	Random       io.Reader
	SegmentBytes int64 // of new segments; 0: DefaultSegmentBytes
	FS           FS    // nil: Disk

	spawn func(func()) // runs the making of the next segment; nil: a goroutine
}

// checked returns the config with its defaults, or what is wrong with it.
func (c Config) checked() (*Config, error) {
	if c.SegmentBytes == 0 {
		c.SegmentBytes = DefaultSegmentBytes
	}
	if c.FS == nil {
		c.FS = Disk{}
	}
	if c.spawn == nil {
		c.spawn = func(f func()) { go f() }
	}
	switch {
	case !ledger.ValidKiosk(c.Kiosk) || c.Epoch == 0:
		return nil, fmt.Errorf("journal: no journal of kiosk %q, epoch %d", c.Kiosk, c.Epoch)
	case c.SegmentBytes < MinSegmentBytes || c.SegmentBytes > MaxSegmentBytes || c.SegmentBytes%frameAlign != 0:
		return nil, fmt.Errorf("journal: segments of %d bytes", c.SegmentBytes)
	case c.Sealer == nil || c.Random == nil || c.Dir == "":
		return nil, errors.New("journal: config without sealer, randomness or folder")
	}
	return &c, nil
}

// A Journal is open for appending. One goroutine appends; any number may read.
type Journal struct {
	*Config
	lock io.Closer
	head atomic.Pointer[ledger.Head]

	files    sync.Mutex // guards segments
	segments []segment

	writing sync.Mutex // guards what follows
	file    File       // the last segment; nil while there is none
	size    int64      // of file
	end     int64      // where the next frame goes
	broken  error      // refuses everything
	buf     []byte
	spare   spare
}

// Open opens the journal of one epoch and takes the lock of its folder, which
// it makes when it is missing. It reads the last segment only, and cuts a torn
// tail. It answers ErrDamaged when entries of that segment are lost (Scan says
// which) and ErrLocked when another process is faster.
func Open(cfg Config) (*Journal, error) {
	c, err := cfg.checked()
	if err != nil {
		return nil, err
	}
	lock, err := c.enter()
	if err != nil {
		return nil, err
	}
	j := &Journal{Config: c, lock: lock}
	if err := j.open(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// enter makes and locks the folder, and brings what a process before left half
// done to its end. That process may have died, or the sync failed, between
// changing a name and making it durable, so names are made durable first: what
// is built on them must not outlive them.
func (c *Config) enter() (io.Closer, error) {
	if err := makeDir(c.FS, c.Dir); err != nil {
		return nil, fmt.Errorf("making the journal's folder: %w", err)
	}
	lock, err := c.FS.Lock(c.Dir, true)
	if err != nil {
		return nil, err
	}
	err = c.FS.SyncDir(c.Dir)
	if err == nil {
		err = c.finishRewrite()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("tidying the journal's folder: %w", err), lock.Close())
	}
	return lock, nil
}

func (j *Journal) open() error {
	found, err := j.Config.segments()
	if err != nil {
		return err
	}
	j.segments = found
	head := ledger.Head{Kiosk: j.Kiosk, Epoch: j.Epoch}
	if len(found) > 0 {
		if head, err = j.openLast(found[len(found)-1]); err != nil {
			return err
		}
	}
	j.head.Store(&head)
	j.prepareAhead()
	return nil
}

// openLast finds the end of the last segment and makes it durable: after an
// fsync error the kernel may show what never reached the disk, so the last
// group is written once more, and what is torn is overwritten with zeros.
func (j *Journal) openLast(s segment) (ledger.Head, error) {
	b, err := j.load(s)
	if err != nil {
		return ledger.Head{}, err
	}
	before, err := j.readHeader(s, b)
	if err != nil {
		return ledger.Head{}, fmt.Errorf("%w: header of %s: %w", ErrDamaged, s.path, err)
	}
	scan := scanner{Config: j.Config, head: before}
	if err := scan.segment(s, b, true); err != nil {
		return ledger.Head{}, err
	}
	for _, d := range scan.report.Damage {
		if d.Kind == Lost {
			return ledger.Head{}, fmt.Errorf("%w: %s", ErrDamaged, d)
		}
	}
	f, err := j.FS.Open(s.path, true)
	if err != nil {
		return ledger.Head{}, fmt.Errorf("opening the last segment: %w", err)
	}
	j.file, j.size, j.end = f, int64(len(b))&^(frameAlign-1), scan.at
	last := len(b)
	for last > int(scan.at) && b[last-1] == 0 {
		last--
	}
	clear(b[scan.at:last])
	if _, err := f.WriteAt(b[scan.groupAt:last], scan.groupAt); err != nil {
		return ledger.Head{}, fmt.Errorf("writing the end of the journal: %w", full(err))
	}
	if err := f.Sync(); err != nil {
		return ledger.Head{}, fmt.Errorf("%w: %w", ErrSync, err)
	}
	return scan.head, nil
}

// Head returns the number and hash of the last entry.
func (j *Journal) Head() ledger.Head { return *j.head.Load() }

// Close lets go of the files and the lock. What Append returned for is durable
// already.
func (j *Journal) Close() error {
	j.writing.Lock()
	defer j.writing.Unlock()
	if errors.Is(j.broken, fs.ErrClosed) {
		return nil
	}
	j.broken = fmt.Errorf("journal: %w", os.ErrClosed)
	j.spare.wait()
	var err error
	if j.file != nil {
		err = j.file.Close()
	}
	return errors.Join(err, j.lock.Close())
}

func (j *Journal) list() []segment {
	j.files.Lock()
	defer j.files.Unlock()
	return j.segments
}
