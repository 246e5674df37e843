package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// FS is what a journal asks of a disk. Errors wrap those of package fs and the
// numbers of the kernel (ENOSPC). Names are paths; folders are not recursive.
type FS interface {
	Open(name string, write bool) (File, error)
	Create(name string) (File, error) // for reading and writing; fails when the name exists
	Rename(from, to string) error
	Remove(name string) error // a file or an empty folder
	Mkdir(name string) error
	List(dir string) ([]string, error)                  // names without the path, sorted
	SyncDir(dir string) error                           // makes names in dir durable
	Lock(dir string, exclusive bool) (io.Closer, error) // answers ErrLocked at once when taken
}

// File is an open file of an FS.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Size() (int64, error)
	Sync() error // makes the content durable (fdatasync)
}

// ErrLocked means that another process has the journal open.
var ErrLocked = errors.New("journal: another process has it open")

// Disk is the file system of the machine.
type Disk struct{}

// Open opens a file that exists.
func (Disk) Open(name string, write bool) (File, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR
	}
	return diskFile(os.OpenFile(name, flag, 0))
}

// Create makes a file that only its owner can read.
func (Disk) Create(name string) (File, error) {
	return diskFile(os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600))
}

// Rename gives a file or folder a new name, replacing a file of that name.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Remove removes a file or an empty folder.
func (Disk) Remove(name string) error { return os.Remove(name) }

// Mkdir makes a folder that only its owner can enter.
func (Disk) Mkdir(name string) error { return os.Mkdir(name, 0o700) }

// List returns the names in a folder.
func (Disk) List(dir string) ([]string, error) {
	found, err := os.ReadDir(dir)
	names := make([]string, len(found))
	for i, f := range found {
		names[i] = f.Name()
	}
	return names, err
}

// SyncDir makes the names in a folder durable.
func (Disk) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Lock takes the folder for this process until the closer is closed or the
// process ends. A lock that is not exclusive is shared with others like it.
func (Disk) Lock(dir string, exclusive bool) (io.Closer, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	if err := unix.Flock(int(d.Fd()), how|unix.LOCK_NB); err != nil {
		d.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s", ErrLocked, dir)
		}
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	return d, nil
}

type onDisk struct{ *os.File }

func diskFile(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return onDisk{f}, nil
}

func (f onDisk) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f onDisk) Sync() error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return err
		}
	}
}

// makeDir makes a folder, unless it is there. Its name is made durable in any
// case: whoever made it may have died before that.
func makeDir(disk FS, dir string) error {
	if err := disk.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return disk.SyncDir(filepath.Dir(dir))
}

// blockBytes is how much a disk usually loses at once when it goes bad.
const blockBytes = 4096

// readAll reads a whole file. What the disk does not give back is filled with
// 0xff, which is no frame; unread is where the last such block ends, or 0, and
// err the first reason.
func readAll(f File) (b []byte, unread int64, err error) {
	size, err := f.Size()
	if err != nil {
		return nil, 0, err
	}
	if size > MaxSegmentBytes {
		size, unread, err = MaxSegmentBytes, MaxSegmentBytes, fmt.Errorf("%d bytes, at most %d", size, MaxSegmentBytes)
	}
	b = make([]byte, size)
	if n, failed := f.ReadAt(b, 0); int64(n) == size || errors.Is(failed, io.EOF) {
		return b, unread, err
	}
	for at := int64(0); at < size; at += blockBytes {
		block := b[at:min(at+blockBytes, size)]
		if n, failed := f.ReadAt(block, at); n < len(block) {
			for i := range block {
				block[i] = 0xff
			}
			unread = at + int64(len(block))
			if err == nil {
				err = failed
			}
		}
	}
	return b, unread, err
}
