package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"

	"yizhan/civic"
	"yizhan/ledger"
)

// packed is a list of persons by card, phone, pinyin initials, and the tails of
// their number or phone. It is one block of bytes, so that 100,000 volunteers
// cost a few megabytes and no pointers:
//
//	magic "yzidx1\n\x00"(8), persons(4), volunteers among them(4), 5 section lengths(4 each)
//	persons * id(10)        volunteers first, then staff
//	sections * key(8) person(4)   ascending by key
//
// A key holds the first 8 bytes of a card's or phone's hash, 12 letters of the
// initials, or 12 characters from the end of a number, five bits each from the
// top, so that a prefix of what is packed is a range of keys. What is found by
// a hash is checked against the document, which has all of it.
//
// The block is kept in the book in sealed chunks.
type packed struct {
	ids      []byte
	people   int // volunteers; staff stand after them
	sections [5]section
}

// The sections of an index.
const (
	byCard = iota
	byPhone
	byInitials
	byNumber
	byTail
)

const (
	indexMagic  = "yzidx1\n\x00"
	indexHeader = 8 + 4 + 4 + 5*4
	idBytes     = len(ledger.ID{})
	recordBytes = 12
	packedChars = 12
	bitsPerChar = 5
)

// section is one sorted list of an index.
type section []byte

func (s section) len() int         { return len(s) / recordBytes }
func (s section) key(i int) uint64 { return binary.BigEndian.Uint64(s[i*recordBytes:]) }
func (s section) person(i int) int {
	return int(binary.BigEndian.Uint32(s[i*recordBytes+8:]))
}

// seek returns the first place whose key is not below low.
func (s section) seek(low uint64) int {
	return sort.Search(s.len(), func(i int) bool { return s.key(i) >= low })
}

// persons is how many there are, volunteers and staff.
func (x *packed) persons() int { return len(x.ids) / idBytes }

func (x *packed) id(person int) ledger.ID { return ledger.ID(x.ids[person*idBytes:]) }

// packPrefix packs up to 12 characters a-z and 0-9 and returns the range of
// keys that begin with them. Digits share the codes of the first letters: no
// section holds both.
func packPrefix(s string) (low, high uint64) {
	shift := 64
	for _, c := range []byte(s[:min(len(s), packedChars)]) {
		shift -= bitsPerChar
		switch {
		case c >= 'a' && c <= 'z':
			low |= uint64(c-'a'+1) << shift
		case c >= '0' && c <= '9':
			low |= uint64(c-'0'+1) << shift
		default:
			low |= uint64(31) << shift
		}
	}
	return low, low | (uint64(1)<<shift - 1)
}

// pack packs the first 12 characters.
func pack(s string) uint64 {
	low, _ := packPrefix(s)
	return low
}

// reversed turns a number round, so that its tail is a prefix. Letters count as
// one sign, which no query matches.
func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	for i, c := range b {
		if c < '0' || c > '9' {
			b[i] = '-'
		}
	}
	return string(b)
}

// record is one line of a section that is being made.
type record struct {
	key    uint64
	person uint32
}

// indexer gathers what a packed list holds.
type indexer struct {
	ids      []byte
	people   int
	sections [5][]record
}

func (x *indexer) add(in int, key uint64) {
	person := uint32(len(x.ids)/idBytes - 1)
	x.sections[in] = append(x.sections[in], record{key, person})
}

func (x *indexer) person(id ledger.ID, cards []civic.CardID) {
	x.ids = append(x.ids, id[:]...)
	for _, c := range cards {
		x.add(byCard, binary.BigEndian.Uint64(c[:]))
	}
}

// volunteer adds a volunteer. All come before the staff.
func (x *indexer) volunteer(v indexed) {
	x.person(v.ID, v.Cards)
	x.people++
	if !v.Phone.IsZero() {
		x.add(byPhone, binary.BigEndian.Uint64(v.Phone[:]))
	}
	if v.Initials != "" {
		x.add(byInitials, pack(v.Initials))
	}
	if v.Number != "" {
		x.add(byNumber, pack(reversed(v.Number)))
	}
	if v.Tail != "" {
		x.add(byTail, pack(reversed(v.Tail)))
	}
}

// indexed is what the index takes from a document of a volunteer.
type indexed struct {
	ID       ledger.ID       `json:"id"`
	Initials string          `json:"initials"`
	Number   string          `json:"number"`
	Phone    civic.PhoneHash `json:"phone"`
	Tail     string          `json:"tail"`
	Cards    []civic.CardID  `json:"cards"`
}

// block lays the list out.
func (x *indexer) block() []byte {
	size := indexHeader + len(x.ids)
	for _, s := range x.sections {
		size += len(s) * recordBytes
	}
	b := make([]byte, 0, size)
	b = append(b, indexMagic...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(x.ids)/idBytes))
	b = binary.BigEndian.AppendUint32(b, uint32(x.people))
	for _, s := range x.sections {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)*recordBytes))
	}
	b = append(b, x.ids...)
	for _, s := range x.sections {
		byKey := func(a, b record) int { return cmp.Compare(a.key, b.key) }
		if !slices.IsSortedFunc(s, byKey) {
			slices.SortStableFunc(s, byKey)
		}
		for _, r := range s {
			b = binary.BigEndian.AppendUint64(b, r.key)
			b = binary.BigEndian.AppendUint32(b, r.person)
		}
	}
	return b
}

var errIndex = errors.New("store: the search index is not laid out as one")

// parseIndex takes a block apart without copying it. An empty block is an index
// of nobody.
func parseIndex(b []byte) (*packed, error) {
	if len(b) == 0 {
		return &packed{}, nil
	}
	if len(b) < indexHeader || string(b[:8]) != indexMagic {
		return nil, errIndex
	}
	number := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	persons, people := number(8), number(12)
	x := &packed{people: people}
	at := indexHeader
	take := func(n int) []byte {
		if n < 0 || n > len(b)-at {
			at = len(b) + 1
			return nil
		}
		at += n
		return b[at-n : at : at]
	}
	x.ids = take(persons * idBytes)
	for i := range x.sections {
		if at > len(b) {
			break
		}
		x.sections[i] = take(number(16 + 4*i))
	}
	if at != len(b) || people > persons {
		return nil, fmt.Errorf("%w: %d persons in %d bytes", errIndex, persons, len(b))
	}
	return x, x.check(persons)
}

// check holds what search relies on: order, and persons that exist.
func (x *packed) check(persons int) error {
	for n, s := range x.sections {
		if len(s)%recordBytes != 0 {
			return fmt.Errorf("%w: section %d", errIndex, n)
		}
		for i := range s.len() {
			if s.person(i) >= persons || i > 0 && s.key(i-1) > s.key(i) {
				return fmt.Errorf("%w: section %d, record %d", errIndex, n, i)
			}
		}
	}
	return nil
}
