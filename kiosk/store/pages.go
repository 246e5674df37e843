package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// This file reads a bbolt file as strictly as bbolt reads it trustingly: every
// page, every element and the order of all keys is checked before it is
// believed, and nothing is mapped, so that no damage can take the process down.
// A page that is bad costs its rows, and the walk goes on with the next.
//
// The layout, all numbers little-endian (bbolt writes the machine's order, and
// every machine we build for is little-endian):
//
//	page     id(8) flags(2) count(2) overflow(4)
//	meta     page, magic(4) version(4) page size(4) flags(4) root(8) sequence(8) freelist(8) pages(8) txid(8) checksum(8)
//	leaf     page, count * [flags(4) pos(4) key size(4) value size(4)], then keys and values
//	branch   page, count * [pos(4) key size(4) page(8)], then keys
//	bucket   a leaf's value: root(8) sequence(8); root 0: the bucket's only page follows
const (
	pageHeader   = 16
	elementBytes = 16
	bucketHeader = 16
	metaBytes    = 64
	metaMagic    = 0xED0CDAED
	metaVersion  = 2

	branchPage = 0x01
	leafPage   = 0x02
	bucketLeaf = 0x01

	maxPageBytes = 64 << 10
	maxOverflow  = 16 << 20 // bytes of one value's pages; no row of ours comes near
	maxDepth     = 16
)

// pageWalk is one reading of a file.
type pageWalk struct {
	r     io.ReaderAt
	size  int64 // of a page
	pages uint64
	root  uint64
	seen  []bool
	only  string // the bucket that is walked; "": all
	row   func(bucket string, key, sealed []byte)
	bad   func(where, what string)
}

// walkPages reads all rows of a bbolt file in the order of their keys. It tells
// bad what it cannot read; an error means that there is no beginning to read
// from.
func walkPages(r io.ReaderAt, size int64, row func(bucket string, key, sealed []byte), bad func(where, what string)) error {
	return (&pageWalk{r: r, row: row, bad: bad}).walk(size)
}

func (w *pageWalk) walk(size int64) error {
	if err := w.readMeta(); err != nil {
		return err
	}
	if int64(w.pages) > size/w.size {
		return fmt.Errorf("the file ends before page %d of %d", size/w.size, w.pages)
	}
	w.seen = make([]bool, w.pages)
	w.tree(w.root, "", true, nil, nil, 0)
	return nil
}

// readMeta takes the newer of the two meta pages that are whole, as bbolt does.
// A damaged newer one leaves the state of one commit before, which is a whole
// state too: the journal has the rest.
func (w *pageWalk) readMeta() error {
	var newest uint64
	found := false
	for size := int64(1 << 10); size <= maxPageBytes; size *= 2 {
		for _, at := range []int64{0, size} {
			b := make([]byte, pageHeader+metaBytes)
			if _, err := w.r.ReadAt(b, at); err != nil {
				continue
			}
			m := b[pageHeader:]
			sum := fnv.New64a()
			sum.Write(m[:metaBytes-8])
			if u32(m) != metaMagic || u32(m[4:]) != metaVersion || int64(u32(m[8:])) != size || u64(m[56:]) != sum.Sum64() {
				continue
			}
			if txid := u64(m[48:]); !found || txid > newest {
				found, newest = true, txid
				w.size, w.root, w.pages = size, u64(m[16:]), u64(m[40:])
			}
		}
	}
	if !found {
		return errors.New("neither of the two meta pages is whole")
	}
	return nil
}

// tree walks the tree of pages under id. Its keys must lie in low..high, high
// not included; nil is no bound.
func (w *pageWalk) tree(id uint64, bucket string, root bool, low, high []byte, depth int) {
	p, err := w.page(id)
	if err == nil && depth > maxDepth {
		err = errors.New("the tree is too deep")
	}
	if err == nil && p.count == 0 && (p.flags == branchPage || !root) {
		err = errors.New("it is empty")
	}
	if err == nil {
		err = p.checkKeys(low, high)
	}
	if err != nil {
		w.bad(fmt.Sprintf("page %d", id), err.Error())
		return
	}
	if p.flags == leafPage {
		w.leaf(p, bucket, depth)
		return
	}
	for i := range p.count {
		next := high
		if i+1 < p.count {
			next, _ = p.element(i + 1)
		}
		key, _ := p.element(i)
		w.tree(p.child(i), bucket, false, key, next, depth+1)
	}
}

// leaf hands out the rows of a page. The rows of the root bucket are buckets.
func (w *pageWalk) leaf(p page, bucket string, depth int) {
	for i := range p.count {
		key, value := p.element(i)
		switch flags := u32(p.b[pageHeader+i*elementBytes:]); {
		case flags == 0 && bucket != "":
			w.row(bucket, key, value)
		case flags == bucketLeaf && bucket == "" && len(value) >= bucketHeader:
			w.bucket(string(key), value, depth)
		default:
			w.bad(fmt.Sprintf("page %d", p.id), fmt.Sprintf("element %d has flags %d", i, flags))
		}
	}
}

func (w *pageWalk) bucket(name string, value []byte, depth int) {
	if w.only != "" && name != w.only {
		return
	}
	if id := u64(value); id != 0 {
		w.tree(id, name, true, nil, nil, depth+1)
		return
	}
	p := page{b: value[bucketHeader:]}
	err := p.parse()
	if err == nil && p.flags != leafPage {
		err = errors.New("it is not a leaf")
	}
	if err == nil {
		err = p.checkKeys(nil, nil)
	}
	if err != nil {
		w.bad("bucket "+name, err.Error())
		return
	}
	w.leaf(p, name, depth)
}

// page is one page with its overflow, its layout checked.
type page struct {
	id    uint64
	b     []byte
	flags uint16
	count int
}

// page reads a page that nothing else refers to.
func (w *pageWalk) page(id uint64) (page, error) {
	if id < 2 || id >= w.pages {
		return page{}, errors.New("there is no such page")
	}
	b := make([]byte, w.size)
	if _, err := w.r.ReadAt(b, int64(id)*w.size); err != nil {
		return page{}, err
	}
	overflow := uint64(u32(b[12:]))
	if u64(b) != id {
		return page{}, fmt.Errorf("it says that it is page %d", u64(b))
	}
	if overflow > 0 {
		if overflow >= w.pages-id || int64(overflow)*w.size > maxOverflow {
			return page{}, fmt.Errorf("it has %d pages more", overflow)
		}
		more := make([]byte, int64(overflow)*w.size)
		if _, err := w.r.ReadAt(more, int64(id+1)*w.size); err != nil {
			return page{}, err
		}
		b = append(b, more...)
	}
	for i := id; i <= id+overflow; i++ {
		if w.seen[i] {
			return page{}, fmt.Errorf("page %d is used twice", i)
		}
		w.seen[i] = true
	}
	p := page{id: id, b: b}
	return p, p.parse()
}

// parse checks the header of a page and the place of every element.
func (p *page) parse() error {
	if len(p.b) < pageHeader {
		return errors.New("it is too short")
	}
	p.flags, p.count = binary.LittleEndian.Uint16(p.b[8:]), int(binary.LittleEndian.Uint16(p.b[10:]))
	if p.flags != branchPage && p.flags != leafPage {
		return fmt.Errorf("it is of kind %#x", p.flags)
	}
	end := pageHeader + p.count*elementBytes
	if end > len(p.b) {
		return fmt.Errorf("%d elements don't fit", p.count)
	}
	for i := range p.count {
		start, key, value := p.span(i)
		if start < int64(end) || start+key+value > int64(len(p.b)) || key == 0 {
			return fmt.Errorf("element %d lies outside", i)
		}
	}
	return nil
}

// span returns where an element's data begins, and how long key and value are.
func (p *page) span(i int) (start, key, value int64) {
	at := pageHeader + i*elementBytes
	e := p.b[at:]
	if p.flags == branchPage {
		return int64(at) + int64(u32(e)), int64(u32(e[4:])), 0
	}
	return int64(at) + int64(u32(e[4:])), int64(u32(e[8:])), int64(u32(e[12:]))
}

func (p *page) element(i int) (key, value []byte) {
	start, k, v := p.span(i)
	return p.b[start : start+k], p.b[start+k : start+k+v]
}

func (p *page) child(i int) uint64 { return u64(p.b[pageHeader+i*elementBytes+8:]) }

// checkKeys holds that keys ascend within low..high.
func (p *page) checkKeys(low, high []byte) error {
	for i := range p.count {
		key, _ := p.element(i)
		if low != nil && (bytes.Compare(key, low) < 0 || i > 0 && bytes.Equal(key, low)) {
			return fmt.Errorf("key %d is out of order", i)
		}
		if high != nil && bytes.Compare(key, high) >= 0 {
			return fmt.Errorf("key %d is out of order", i)
		}
		low = key
	}
	return nil
}

func u32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func u64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
