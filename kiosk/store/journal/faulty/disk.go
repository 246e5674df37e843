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
// sectors of 512 bytes, of unsynced changes to the names of each folder any
// first part; a move from one folder to another is one change to both. A failed
// sync forgets what was to be synced: it stays visible until the power goes.
package faulty

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
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
	root     *node
	changes  []*change     // to names, not durable yet
	locks    map[*node]int // readers of a folder; -1: a writer
	ops      []Op
	cut      int // the power goes in this operation; -1: it stays
	through  int // bytes of that operation that get through, if it is a write
	dark     bool
	capacity int64
	fail     func(Op) error
}

// node is a file or folder; names are nil in a file.
type node struct {
	names  map[string]*node // as programs see them
	known  map[string]*node // as they are on the platter
	data   []byte           // as programs see it
	kept   []byte           // as it is on the platter
	loose  []write
	spoilt [2]int64 // reading from here to there fails
}

func folder() *node { return &node{names: map[string]*node{}, known: map[string]*node{}} }

type write struct {
	at   int64
	data []byte
}

// change is one step in one or two folders: names that get another node, or
// none. It becomes durable as a whole.
type change struct{ steps []step }

type step struct {
	in   *node
	name string
	to   *node // nil: the name goes
}

// do carries the change out, on the platter or as programs see it.
func (c *change) do(names func(*node) map[string]*node) {
	for _, s := range c.steps {
		if s.to == nil {
			delete(names(s.in), s.name)
		} else {
			names(s.in)[s.name] = s.to
		}
	}
}

func (c *change) concerns(dir *node) bool {
	return slices.ContainsFunc(c.steps, func(s step) bool { return s.in == dir })
}

func seen(n *node) map[string]*node  { return n.names }
func known(n *node) map[string]*node { return n.known }

// New returns an empty disk with the root folder "/".
func New() *Disk {
	return &Disk{root: folder(), locks: map[*node]int{}, cut: -1, capacity: 1 << 40}
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
	return slices.Clone(d.ops)
}

// Used returns the bytes of all files together.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used()
}

func (d *Disk) used() int64 { return d.root.used() }

func (n *node) used() int64 {
	sum := int64(len(n.data))
	for _, child := range n.names {
		sum += child.used()
	}
	return sum
}

// find returns the node of a path as programs see it, or nil.
func (d *Disk) find(path string) *node {
	n := d.root
	for name := range strings.SplitSeq(strings.Trim(filepath.Clean(path), "/"), "/") {
		if n != nil && name != "" {
			n = n.names[name]
		}
	}
	return n
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

// change carries a change out for programs; it is durable later.
func (d *Disk) change(steps ...step) {
	c := &change{steps}
	c.do(seen)
	d.changes = append(d.changes, c)
}

// settle makes some of the changes durable.
func (d *Disk) settle(which func(*change) bool) {
	d.changes = slices.DeleteFunc(d.changes, func(c *change) bool {
		if !which(c) {
			return false
		}
		c.do(known)
		return true
	})
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
	switch s {
	case All:
		d.settle(func(*change) bool { return true })
	case Some:
		// Each folder keeps a first part of its changes.
		stopped := map[*node]bool{}
		d.settle(func(c *change) bool {
			keep := r.IntN(3) > 0
			for _, s := range c.steps {
				keep = keep && !stopped[s.in]
			}
			for _, s := range c.steps {
				stopped[s.in] = stopped[s.in] || !keep
			}
			return keep
		})
	}
	return d.after(s, r)
}

// Revive lets the disk go on after CutAt stopped it, as when only the process
// died: the kernel still shows what is not on the platter, and locks are free.
func (d *Disk) Revive() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dark, d.cut = false, -1
	clear(d.locks)
}

// after makes the disk that a power cut leaves.
func (d *Disk) after(s Survival, r *rand.Rand) *Disk {
	after := New()
	after.capacity = d.capacity
	after.root = d.root.after(s, r)
	return after
}

func (n *node) after(s Survival, r *rand.Rand) *node {
	if n.names == nil {
		data := n.survive(s, r)
		return &node{data: data, kept: slices.Clone(data), spoilt: n.spoilt}
	}
	copied := folder()
	for _, name := range slices.Sorted(maps.Keys(n.known)) {
		copied.names[name] = n.known[name].after(s, r)
	}
	copied.known = maps.Clone(copied.names)
	return copied
}

// survive returns the content that a power cut leaves.
func (n *node) survive(s Survival, r *rand.Rand) []byte {
	data := slices.Clone(n.kept)
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
	n := d.find(name)
	n.data[at] ^= by
	n.kept[at] ^= by
}

// Spoil makes a stretch of a file unreadable, as a bad block is.
func (d *Disk) Spoil(name string, from, to int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.find(name).spoilt = [2]int64{from, to}
}

// Content returns a copy of a file.
func (d *Disk) Content(name string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.find(name).data)
}
