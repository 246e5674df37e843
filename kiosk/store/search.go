package store

import (
	"encoding/binary"
	"maps"
	"strings"

	"yizhan/ledger"
)

// index finds persons. The base is as large as the town, and lies in the book as
// it is; documents that came since stand in fresh, whose persons hide those of
// the base with the same id. Which ids those are, the book knows (the bucket
// stale): an index that is read anew is this one. A value never changes: the
// writer puts another in its place.
type index struct {
	base, fresh *packed
	hidden      map[ledger.ID]bool // persons of the base that are not as they were, or gone
	changes     uint64             // the state's count that it is as new as
}

// each yields the persons whose keys in a section lie in low..high, ascending by
// key, those of the base first.
func (x *index) each(in int, low, high uint64, yield func(id ledger.ID, staff bool) bool) {
	old, now := x.base.sections[in], x.fresh.sections[in]
	i, j := old.seek(low), now.seek(low)
	for {
		inOld, inNow := i < old.len() && old.key(i) <= high, j < now.len() && now.key(j) <= high
		from, person := x.base, 0
		switch {
		case inOld && (!inNow || old.key(i) <= now.key(j)):
			person = old.person(i)
			if i++; x.hidden[x.base.id(person)] {
				continue
			}
		case inNow:
			from, person = x.fresh, now.person(j)
			j++
		default:
			return
		}
		if !yield(from.id(person), person >= from.people) {
			return
		}
	}
}

// search returns volunteers for what staff typed: letters are initials, digits
// the tail of a phone or number. Those that match exactly come first.
func (x *index) search(query string, limit int) []ledger.ID {
	query = strings.ToLower(strings.TrimSpace(query))
	var found []ledger.ID
	seen := make(map[ledger.ID]bool)
	add := func(id ledger.ID, staff bool) bool {
		if !seen[id] && !staff {
			seen[id] = true
			found = append(found, id)
		}
		return len(found) < limit
	}
	switch {
	case isAll(query, 'a', 'z'):
		low, high := packPrefix(query)
		x.each(byInitials, low, high, add)
	case isAll(query, '0', '9'):
		low, high := packPrefix(reversed(query))
		if len(query) <= 4 {
			x.each(byTail, low, high, add)
		}
		if len(found) < limit {
			x.each(byNumber, low, high, add)
		}
	}
	return found
}

// hashed yields the persons whose card or phone may have the hash.
func (x *index) hashed(in int, hash [16]byte, yield func(Person)) {
	key := binary.BigEndian.Uint64(hash[:])
	x.each(in, key, key, func(id ledger.ID, staff bool) bool {
		yield(Person{ID: id, Staff: staff})
		return true
	})
}

// with is the index after the persons ids have changed: now holds those of them
// that still are.
func (x *index) with(now *packed, ids []ledger.ID, changes uint64) (*index, error) {
	changed := make(map[ledger.ID]bool, len(ids))
	for _, id := range ids {
		changed[id] = true
	}
	fresh, err := parseIndex(joined(excerpt{x.fresh, changed}, excerpt{now, nil}))
	maps.Copy(changed, x.hidden)
	return &index{base: x.base, fresh: fresh, hidden: changed, changes: max(x.changes, changes)}, err
}

// whole is everything in one block.
func (x *index) whole() []byte { return joined(excerpt{x.base, x.hidden}, excerpt{x.fresh, nil}) }

// excerpt is a list without some of its persons.
type excerpt struct {
	*packed
	without map[ledger.ID]bool
}

// joined packs the persons of parts, none of which stands in two, into one
// block.
func joined(parts ...excerpt) []byte {
	var x indexer
	numbers := make([][]uint32, len(parts)) // in the block, from 1; 0: left out
	for n, p := range parts {
		numbers[n] = make([]uint32, p.persons())
	}
	for _, staff := range []bool{false, true} {
		for n, p := range parts {
			for person := range p.persons() {
				id := p.id(person)
				if staff != (person >= p.people) || p.without[id] {
					continue
				}
				x.ids = append(x.ids, id[:]...)
				numbers[n][person] = uint32(len(x.ids) / idBytes)
			}
		}
		if !staff {
			x.people = len(x.ids) / idBytes
		}
	}
	for in := range x.sections {
		x.sections[in] = merged(in, parts, numbers)
	}
	return x.block()
}

// merged joins one section of parts, each of which is sorted.
func merged(in int, parts []excerpt, numbers [][]uint32) (records []record) {
	at, size := make([]int, len(parts)), 0
	for _, p := range parts {
		size += p.sections[in].len()
	}
	records = make([]record, 0, size)
	for {
		least := -1
		for n, p := range parts {
			s := p.sections[in]
			for at[n] < s.len() && numbers[n][s.person(at[n])] == 0 {
				at[n]++
			}
			if at[n] < s.len() && (least < 0 || s.key(at[n]) < parts[least].sections[in].key(at[least])) {
				least = n
			}
		}
		if least < 0 {
			return records
		}
		s := parts[least].sections[in]
		records = append(records, record{s.key(at[least]), numbers[least][s.person(at[least])] - 1})
		at[least]++
	}
}

func isAll(s string, low, high byte) bool {
	for _, c := range []byte(s) {
		if c < low || c > high {
			return false
		}
	}
	return s != ""
}
