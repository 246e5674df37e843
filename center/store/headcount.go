package store

import (
	"encoding/binary"
	"math/bits"
)

// Headcount is how many people had something handed over on some days, at whatever
// kiosks, each once.
//
// Everybody in a county may have been there in a month. So this is a table of our own,
// whose slots are the marks: a map of a million of them takes four times as long.
func Headcount(days []KioskDay) (n int64) {
	all := 0
	for _, d := range days {
		all += len(d.People)
	}
	if len(days) == 1 {
		return int64(all)
	}
	size := bits.Len(uint(2*all + 1)) // at least half of the slots stay empty, which are 0
	slots, zero := make([]uint64, 1<<size), false
	for _, d := range days {
		for _, p := range d.People {
			mark := binary.LittleEndian.Uint64(p[:])
			zero = zero || mark == 0
			at := mark * 0x9e3779b97f4a7c15 >> (64 - size)
			for slots[at] != mark {
				if slots[at] == 0 {
					slots[at] = mark
					n++
					break
				}
				at = (at + 1) & (1<<size - 1)
			}
		}
	}
	if zero { // it fills no slot
		n++
	}
	return n
}
