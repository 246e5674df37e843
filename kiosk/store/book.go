package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"

	bbolt "go.etcd.io/bbolt"

	"yizhan/civic"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// schema is the version of the layout of the book. It is part of what every
// value is sealed with, so a book of another schema doesn't open by accident;
// such a book is kept as a snapshot and built anew from the journal.
const schema = 5

// bucket is one bucket of the book. Buckets up to firstDocument hold what
// follows from entries; right and shelf also hold what documents grant.
type bucket uint8

const (
	bState      bucket = iota // "state" -> state: head, totals, sums. Not summed itself
	bEntry                    // seq -> an encoded entry
	bRight                    // person -> the rights of an account
	bShelf                    // good -> the counters of a shelf
	bRedemption               // seq -> state, entry of the hand-over, entry of the end
	bHistory                  // person seq -> kind of entry
	bWaiting                  // seq -> nothing; reserved, not handed over
	bClaim                    // collection code, seq -> nothing; the waiting ones
	bKey                      // idempotency key -> seq
	bPIN                      // person -> wrong tries, verifier set here
	bJob                      // seq -> print job
	bOpenJob                  // seq -> nothing; jobs that are not done
	bStockMove                // seq -> nothing
	bArrived                  // delivery, line -> seq of the entry that received it
	bPrinter                  // port -> what is known of the printer on it
	bCheck                    // shift, person -> seqs of check-in, check-out and what a leader said
	bServed                   // person, shift -> nothing; a check or the center's word is here
	bPace                     // shift -> seq of the last card
	bEnlist                   // shift, person -> seq of the last claim
	bObjection                // person seq -> nothing
	bLoaded                   // "bundle" -> which bundle the documents come from
	bStation                  // "station" -> JSON of civic.Station
	bStaff                    // person -> JSON
	bGood                     // code -> JSON
	bPicture                  // name -> JSON
	bVolunteer                // person -> JSON
	bDelivery                 // id -> JSON
	bShift                    // id -> JSON
	bCalendar                 // start, shift -> nothing
	bAttended                 // shift, person -> JSON
	bIndex                    // chunk number -> a piece of the packed search index
	bStale                    // person -> the state's count of changes; the index is wrong about them
	bCursor                   // scope -> the version up to which its documents are here, in the state's era
	bGuest                    // volunteer -> when a card fetched the document, whether a scope has it too
	bGone                     // kind and key of a document -> the version up to which it is taken back
	buckets
)

// bucketNames are what the file calls them. It has them in the order of these names, so
// what Verify holds against the entries is named behind "entry".
var bucketNames = [buckets]string{"state", "entry", "right", "shelf", "redemption", "history", "waiting", "claim", "key",
	"pin", "job", "openjob", "stockmove", "stockarrived", "printer", "shiftcheck", "served", "pace", "shiftclaim", "objection", "loaded", "station", "staff", "good", "picture", "volunteer", "delivery", "shift", "calendar", "attended", "index", "stale", "cursor", "guest", "gone"}

func (b bucket) String() string { return bucketNames[b] }

// ordered are the buckets whose rows mostly come in the order of their keys:
// entries by number, documents of persons as bundles list them. Their pages
// are filled, where bbolt would leave half of each free for rows in between.
var ordered = map[bucket]bool{bEntry: true, bRight: true, bRedemption: true, bJob: true, bStockMove: true, bVolunteer: true}

// place is the additional data that a value is sealed with.
func (b bucket) place(dst, key []byte) []byte {
	dst = append(append(dst, "yizhan book "...), schema)
	dst = append(append(dst, bucketNames[b]...), 0)
	return append(dst, key...)
}

// book is the bbolt file and the seal of its values.
type book struct {
	db    *bbolt.DB
	seal  *seal.Sealer
	fault func() error // of tests: what the disk says to a commit; nil: nothing
}

// openBook opens a book that exists. It must have been verified: bbolt trusts
// what it maps.
func openBook(path string, sealer *seal.Sealer, write bool) (*book, error) {
	size := mmapBytes
	if strconv.IntSize == 32 {
		size = mmapBytes32
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: openTimeout, NoFreelistSync: true, FreelistType: bbolt.FreelistArrayType,
		InitialMmapSize: size, ReadOnly: !write, NoStatistics: true,
	})
	if err != nil {
		return nil, fmt.Errorf("opening the book: %w", err)
	}
	db.AllocSize = growBytes
	return &book{db: db, seal: sealer}, nil
}

// createBook makes an empty book. It is written under a temporary name, synced
// and renamed, so that a book is there whole or not at all.
func createBook(path string, sealer *seal.Sealer, random io.Reader, head ledger.Head) error {
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("creating the book: %w", err)
	}
	b, err := openBook(temp, sealer, true)
	if err != nil {
		return err
	}
	err = b.db.Update(func(bolt *bbolt.Tx) error {
		for i := range buckets {
			if _, err := bolt.CreateBucket([]byte(bucketNames[i])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("creating the book: %w", errors.Join(err, b.db.Close()))
	}
	err = b.update(random, func(t *tx) { t.state = newState(head) })
	if err := errors.Join(err, b.db.Close()); err != nil {
		return fmt.Errorf("creating the book: %w", err)
	}
	return settleFile(temp, path)
}

// settleFile gives a finished file its name, durably.
func settleFile(temp, path string) error {
	if err := syncPath(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("naming %s: %w", filepath.Base(path), err)
	}
	return syncPath(filepath.Dir(path))
}

// syncPath brings a file or a folder to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("syncing: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("syncing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// tx is one transaction over sealed values. It keeps the first error: after
// one, reads find nothing and writes do nothing, and the caller looks at err
// before it believes what it has read.
type tx struct {
	*book
	bolt   *bbolt.Tx
	random io.Reader
	state  state
	in     [buckets]*bbolt.Bucket // those that were asked for
	goods  map[string]civic.Good  // those that were read
	ad     []byte                 // scratch
	err    error
}

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// begin starts a transaction and reads the state.
func (b *book) begin(random io.Reader) (*tx, error) {
	bolt, err := b.db.Begin(random != nil)
	if err != nil {
		return nil, fmt.Errorf("beginning in the book: %w", err)
	}
	t := &tx{book: b, bolt: bolt, random: random}
	if raw := t.get(bState, stateKey); raw != nil {
		if t.state, err = decodeState(raw); err != nil {
			t.fail(err)
		}
	}
	if t.err != nil {
		return nil, errors.Join(t.err, bolt.Rollback())
	}
	return t, nil
}

// view runs a reading function.
func (b *book) view(read func(*tx)) error {
	t, err := b.begin(nil)
	if err != nil {
		return err
	}
	defer t.bolt.Rollback()
	read(t)
	return t.err
}

// update runs a writing function and commits.
func (b *book) update(random io.Reader, write func(*tx)) error {
	t, err := b.begin(random)
	if err != nil {
		return err
	}
	if write(t); t.err != nil {
		return errors.Join(t.err, t.bolt.Rollback())
	}
	return t.commit()
}

// commit writes the state and makes the transaction durable.
func (t *tx) commit() error {
	t.put(bState, stateKey, t.state.encode())
	if t.fault != nil {
		if err := t.fault(); err != nil {
			t.fail(err)
		}
	}
	if t.err != nil {
		return errors.Join(t.err, t.bolt.Rollback())
	}
	if err := t.bolt.Commit(); err != nil {
		return fmt.Errorf("committing the book: %w", err)
	}
	return nil
}

// get returns the value at key, or nil when there is none.
func (t *tx) get(b bucket, key []byte) []byte {
	in := t.bucket(b)
	if in == nil {
		return nil
	}
	sealed := in.Get(key)
	if sealed == nil {
		return nil
	}
	return t.open(b, key, sealed)
}

// bucket returns a bucket of the file, or nil after an error.
func (t *tx) bucket(b bucket) *bbolt.Bucket {
	if t.in[b] == nil && t.err == nil {
		if t.in[b] = t.bolt.Bucket([]byte(bucketNames[b])); t.in[b] == nil {
			t.fail(fmt.Errorf("%w: the book has no bucket %v", ErrDamaged, b))
		}
	}
	if t.err != nil {
		return nil
	}
	return t.in[b]
}

// open breaks a value's seal. The plain value of a row without one is not nil.
func (t *tx) open(b bucket, key, sealed []byte) []byte {
	t.ad = b.place(t.ad[:0], key)
	plain, err := t.seal.Open(make([]byte, 0, len(sealed)), sealed, t.ad)
	if err != nil {
		t.fail(fmt.Errorf("%w: book, %v %x: %w", ErrDamaged, b, key, err))
		return nil
	}
	return plain
}

func (t *tx) put(b bucket, key, plain []byte) {
	in := t.bucket(b)
	if in == nil {
		return
	}
	t.ad = b.place(t.ad[:0], key)
	sealed, err := t.seal.Seal(make([]byte, 0, len(plain)+seal.Overhead), plain, t.ad, t.random)
	if err != nil {
		t.fail(err)
		return
	}
	if ordered[b] {
		in.FillPercent = fillOrdered
	}
	t.state.Sums[b].replace(in.Get(key), sealed)
	if err := in.Put(key, sealed); err != nil {
		t.fail(fmt.Errorf("writing %v: %w", b, err))
	}
}

func (t *tx) del(b bucket, key []byte) {
	in := t.bucket(b)
	if in == nil {
		return
	}
	t.state.Sums[b].replace(in.Get(key), nil)
	if err := in.Delete(key); err != nil {
		t.fail(fmt.Errorf("deleting from %v: %w", b, err))
	}
}

// row is one key and its plain value. The key is only valid until the next row.
type row struct{ key, value []byte }

// up walks the rows whose keys begin with prefix, in order.
func (t *tx) up(b bucket, prefix []byte) iter.Seq[row] {
	return func(yield func(row) bool) {
		in := t.bucket(b)
		if in == nil {
			return
		}
		c := in.Cursor()
		for k, v := c.Seek(prefix); k != nil && hasPrefix(k, prefix); k, v = c.Next() {
			if plain := t.open(b, k, v); plain == nil || !yield(row{k, plain}) {
				return
			}
		}
	}
}

// from walks all rows from a key on, in order.
func (t *tx) from(b bucket, key []byte) iter.Seq[row] {
	return func(yield func(row) bool) {
		in := t.bucket(b)
		if in == nil {
			return
		}
		c := in.Cursor()
		for k, v := c.Seek(key); k != nil; k, v = c.Next() {
			if plain := t.open(b, k, v); plain == nil || !yield(row{k, plain}) {
				return
			}
		}
	}
}

// down walks the rows whose keys are prefix and a number below before, the
// greatest first. Before 0 begins at the end.
func (t *tx) down(b bucket, prefix []byte, before uint64) iter.Seq2[uint64, []byte] {
	return func(yield func(uint64, []byte) bool) {
		in := t.bucket(b)
		if in == nil {
			return
		}
		c := in.Cursor()
		k, v := c.Seek(append(prefix[:len(prefix):len(prefix)], seqKey(before-1)...)) // 0-1 is the greatest
		if k == nil {
			k, v = c.Last()
		}
		for ; k != nil; k, v = c.Prev() {
			seq := keySeq(k[min(len(prefix), len(k)):])
			if !hasPrefix(k, prefix) || before != 0 && seq >= before {
				if string(k) >= string(prefix) {
					continue // Seek went past what it looked for
				}
				return
			}
			if plain := t.open(b, k, v); plain == nil || !yield(seq, plain) {
				return
			}
		}
	}
}

func hasPrefix(k, prefix []byte) bool {
	return len(k) >= len(prefix) && string(k[:len(prefix)]) == string(prefix)
}

// seqKey is the key of a sequence number; it sorts as the number does.
func seqKey(seq uint64) []byte { return binary.BigEndian.AppendUint64(nil, seq) }

// keySeq reads what seqKey wrote; 0 when it is not one.
func keySeq(k []byte) uint64 {
	if len(k) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(k)
}
