package faulty

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"yizhan/kiosk/store/journal"
)

var _ journal.FS = (*Disk)(nil)

// Open opens a file that exists.
func (d *Disk) Open(name string, write bool) (journal.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dark {
		return nil, ErrPower
	}
	n := d.find(name)
	if n == nil || n.names != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{d, n, name}, nil
}

// Create makes a file, unless the name exists.
func (d *Disk) Create(name string) (journal.File, error) {
	n := &node{}
	if err := d.make(Create, name, n); err != nil {
		return nil, err
	}
	return &file{d, n, name}, nil
}

// Mkdir makes a folder, unless the name exists.
func (d *Disk) Mkdir(name string) error { return d.make(Mkdir, name, folder()) }

func (d *Disk) make(kind Kind, name string, n *node) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.find(name) != nil {
		return &fs.PathError{Op: string(kind), Path: name, Err: fs.ErrExist}
	}
	parent := d.find(filepath.Dir(name))
	if parent == nil || parent.names == nil {
		return &fs.PathError{Op: string(kind), Path: name, Err: fs.ErrNotExist}
	}
	if err := d.begin(Op{Kind: kind, Name: name}); err != nil {
		return err
	}
	d.change(step{parent, filepath.Base(name), n})
	return nil
}

// Rename gives a file or folder a new name, replacing a file of that name.
func (d *Disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, parent := d.find(from), d.find(filepath.Dir(to))
	if n == nil || parent == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	if old := d.find(to); old != nil && old.names != nil {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	}
	if err := d.begin(Op{Kind: Rename, Name: to}); err != nil {
		return err
	}
	d.change(step{d.find(filepath.Dir(from)), filepath.Base(from), nil}, step{parent, filepath.Base(to), n})
	return nil
}

// Remove removes a file or an empty folder.
func (d *Disk) Remove(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.find(name)
	if n == nil {
		return &fs.PathError{Op: "remove", Path: name, Err: fs.ErrNotExist}
	}
	if len(n.names) > 0 {
		return &fs.PathError{Op: "remove", Path: name, Err: unix.ENOTEMPTY}
	}
	if err := d.begin(Op{Kind: Remove, Name: name}); err != nil {
		return err
	}
	d.change(step{d.find(filepath.Dir(name)), filepath.Base(name), nil})
	return nil
}

// List returns the names in a folder, sorted.
func (d *Disk) List(dir string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dark {
		return nil, ErrPower
	}
	n := d.find(dir)
	if n == nil || n.names == nil {
		return nil, &fs.PathError{Op: "list", Path: dir, Err: fs.ErrNotExist}
	}
	return slices.Sorted(maps.Keys(n.names)), nil
}

// SyncDir makes the changes to the names of one folder durable.
func (d *Disk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.begin(Op{Kind: SyncDir, Name: dir}); err != nil {
		return err
	}
	n := d.find(dir)
	if n == nil {
		return &fs.PathError{Op: "syncdir", Path: dir, Err: fs.ErrNotExist}
	}
	d.settle(func(c *change) bool { return c.concerns(n) })
	return nil
}

// Lock takes a folder until the closer is closed.
func (d *Disk) Lock(dir string, exclusive bool) (io.Closer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dark {
		return nil, ErrPower
	}
	n := d.find(dir)
	if n == nil {
		return nil, &fs.PathError{Op: "lock", Path: dir, Err: fs.ErrNotExist}
	}
	held := d.locks[n]
	if held < 0 || held > 0 && exclusive {
		return nil, journal.ErrLocked
	}
	if exclusive {
		d.locks[n] = -1
	} else {
		d.locks[n]++
	}
	return &lock{disk: d, dir: n}, nil
}

type lock struct {
	disk *Disk
	dir  *node
	once sync.Once
}

// Close gives the lock back.
func (l *lock) Close() error {
	l.once.Do(func() {
		l.disk.mu.Lock()
		defer l.disk.mu.Unlock()
		l.disk.locks[l.dir] = max(l.disk.locks[l.dir]-1, 0)
	})
	return nil
}

// file is an open file.
type file struct {
	disk *Disk
	node *node
	name string
}

// ReadAt reads what programs see.
func (f *file) ReadAt(b []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.dark {
		return 0, ErrPower
	}
	if at >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	if bad := f.node.spoilt; at < bad[1] && at+int64(len(b)) > bad[0] {
		return 0, &fs.PathError{Op: "read", Path: f.name, Err: unix.EIO}
	}
	n := copy(b, f.node.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes; what got through before a fault stays written.
func (f *file) WriteAt(b []byte, at int64) (int, error) {
	d := f.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	err := d.begin(Op{Kind: Write, Name: f.name, Bytes: len(b)})
	n := len(b)
	switch room := d.capacity - d.used() + int64(len(f.node.data)); {
	case errors.Is(err, ErrPower) && len(d.ops)-1 == d.cut:
		n, d.cut = min(n, d.through), -1
	case errors.Is(err, ErrPower):
		n = 0
	case err != nil:
		n /= 2
	case at+int64(n) > room && at+int64(n) > int64(len(f.node.data)):
		n, err = int(max(room-at, 0)), &fs.PathError{Op: "write", Path: f.name, Err: unix.ENOSPC}
	}
	if n > 0 {
		f.node.data = patch(f.node.data, at, b[:n])
		f.node.loose = append(f.node.loose, write{at, slices.Clone(b[:n])})
	}
	return n, err
}

// Sync makes the content durable; when it fails, it forgets what was not.
func (f *file) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	err := f.disk.begin(Op{Kind: Sync, Name: f.name})
	if errors.Is(err, ErrPower) {
		return err
	}
	if err == nil {
		for _, w := range f.node.loose {
			f.node.kept = patch(f.node.kept, w.at, w.data)
		}
	}
	f.node.loose = nil
	return err
}

// Size returns the length that programs see.
func (f *file) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.node.data)), nil
}

// Close does nothing: what is open costs nothing here.
func (f *file) Close() error { return nil }
