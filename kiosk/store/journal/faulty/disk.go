// Package faulty is a disk in memory that fails as real ones do, for tests of
// what must survive it: the power goes in the middle of an operation and takes
// any part of what was not synced with it, the disk is full after so many
// bytes, a sync fails and drops what it should have kept.
//
// # Model
//
// Programs see every operation at once. Content is durable when Sync of its
// file has returned, and names are when SyncDir of their folder has; the one
// does not imply the other. Of unsynced content a power cut keeps any set of
// sectors of 512 bytes, of unsynced changes to names any first part. A failed
// sync forgets what was to be synced: it stays visible until the power goes.
package faulty

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"sync"
)

// ErrPower is the answer to every operation after the power went.
var ErrPower = errors.New("faulty: the power is gone")

// Kind is an operation that changes something.
type Kind string

// Kinds of operations.
const (
	Create  Kind = "create"
	Write   Kind = "write"
	Sync    Kind = "sync"
	Rename  Kind = "rename"
	Remove  Kind = "remove"
	Mkdir   Kind = "mkdir"
	SyncDir Kind = "syncdir"
)

// Op is one operation on a name, as it is about to happen.
type Op struct {
	Kind  Kind
	Name  string
	Bytes int // of a write
}

// Disk is a disk in memory. Its zero value is not ready; New makes one.
type Disk struct {
	mu       sync.Mutex
	names    map[string]*node // as programs see them
	kept     map[string]*node // as they are on the platter
	changes  []change         // to names, not durable yet
	locks    map[string]int   // readers of a folder; -1: a writer
	ops      []Op
	cut      int // the power goes in this operation; -1: it stays
	through  int // bytes of that operation that get through, if it is a write
	dark     bool
	capacity int64
	fail     func(Op) error
}

// node is a file or folder.
type node struct {
	dir   bool
	data  []byte // as programs see it
	kept  []byte // as it is on the platter
	loose []write
}

type write struct {
	at   int64
	data []byte
}

// change is a change to names: it concerns these folders, and apply does it.
type change struct {
	dirs  []string
	apply func(map[string]*node)
}

// New returns an empty disk with the root folder "/".
func New() *Disk {
	root := func() map[string]*node { return map[string]*node{"/": {dir: true}} }
	return &Disk{names: root(), kept: root(), locks: map[string]int{}, cut: -1, capacity: 1 << 40}
}

// CutAt makes the power go in the operation with this number, counted from 0 at
// the disk's making. If it is a write, so many bytes of it get through.
func (d *Disk) CutAt(op, bytes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut, d.through = op, bytes
}

// SetCapacity limits the bytes of all files together.
func (d *Disk) SetCapacity(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.capacity = bytes
}

// SetFail sets a function that is asked before each operation, and whose error
// the operation then returns. A failing write writes half.
func (d *Disk) SetFail(fail func(Op) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = fail
}

// Ops returns the operations so far.
func (d *Disk) Ops() []Op {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Op(nil), d.ops...)
}

// Used returns the bytes of all files together.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used()
}

func (d *Disk) used() (sum int64) {
	for _, n := range d.names {
		sum += int64(len(n.data))
	}
	return sum
}

// begin counts an operation and tells what stops it, if anything does.
func (d *Disk) begin(op Op) error {
	if d.dark {
		return ErrPower
	}
	d.ops = append(d.ops, op)
	if len(d.ops)-1 == d.cut {
		d.dark = true
		return ErrPower
	}
	if d.fail != nil {
		if err := d.fail(op); err != nil {
			return &fs.PathError{Op: string(op.Kind), Path: op.Name, Err: err}
		}
	}
	return nil
}

// rename, create and remove go through change: visible now, durable later.
func (d *Disk) change(apply func(map[string]*node), dirs ...string) {
	apply(d.names)
	d.changes = append(d.changes, change{dirs, apply})
}

// Copy returns a disk of its own with what is durable on this one.
func (d *Disk) Copy() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.after(Nothing, nil)
}

// Survival says what of the unsynced a power cut keeps.
type Survival int

// What survives.
const (
	Nothing Survival = iota // only what was synced
	All                     // everything that got through
	Some                    // any part of it
)

// Restart returns the disk as it is when the power is back. The random numbers
// decide for Some, and may be nil otherwise. The old disk is dark from now on.
func (d *Disk) Restart(s Survival, r *rand.Rand) *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dark = true
	return d.after(s, r)
}

// after makes the disk that a power cut leaves.
func (d *Disk) after(s Survival, r *rand.Rand) *Disk {
	after := New()
	after.capacity = d.capacity
	changes := 0
	switch s {
	case All:
		changes = len(d.changes)
	case Some:
		changes = r.IntN(len(d.changes) + 1)
	}
	names := maps.Clone(d.kept)
	for _, c := range d.changes[:changes] {
		c.apply(names)
	}
	for name, n := range names {
		data := n.survive(s, r)
		after.names[name] = &node{dir: n.dir, data: data, kept: append([]byte(nil), data...)}
	}
	after.kept = maps.Clone(after.names)
	return after
}

// survive returns the content that a power cut leaves.
func (n *node) survive(s Survival, r *rand.Rand) []byte {
	data := append([]byte(nil), n.kept...)
	if s == Nothing {
		return data
	}
	for _, w := range n.loose {
		for from := int64(0); from < int64(len(w.data)); {
			to := min((w.at+from)/sectorBytes*sectorBytes+sectorBytes-w.at, int64(len(w.data)))
			if s == All || r.IntN(2) == 0 {
				data = patch(data, w.at+from, w.data[from:to])
			}
			from = to
		}
	}
	return data
}

const sectorBytes = 512

// patch writes into a slice, growing it with zeros as needed.
func patch(data []byte, at int64, b []byte) []byte {
	if grow := at + int64(len(b)) - int64(len(data)); grow > 0 {
		data = append(data, make([]byte, grow)...)
	}
	copy(data[at:], b)
	return data
}

// Flip changes one byte of a file on the platter by xor, as rot does.
func (d *Disk) Flip(name string, at int, by byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.names[filepath.Clean(name)]
	n.data[at] ^= by
	n.kept[at] ^= by
}

// Content returns a copy of a file.
func (d *Disk) Content(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]byte(nil), d.names[filepath.Clean(name)].data...)
}
