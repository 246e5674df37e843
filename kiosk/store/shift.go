package store

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Shifts and attendances are documents. A calendar beside the shifts has them in the
// order in which they begin; both follow from the documents alone.

// pairKey is the key of a shift and a person, or of a person and a shift.
func pairKey(a, b ledger.ID) []byte { return append(a[:len(a):len(a)], b[:]...) }

func calendarKey(start int64, id ledger.ID) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(start)), id[:]...)
}

func (in *intake) takeShift(t *tx, s civic.Shift) {
	var old civic.Shift
	known := t.document(bShift, s.ID[:], &old)
	if known && old.Version > s.Version {
		in.report.Same++
		return
	}
	if known && old.Start != s.Start {
		t.del(bCalendar, calendarKey(old.Start, s.ID))
	}
	if !known || old.Start != s.Start {
		t.put(bCalendar, calendarKey(s.Start, s.ID), nil)
	}
	in.put(t, bShift, s.ID[:], s)
}

// dropShift takes a shift out of the book. What happened at it stays.
func (t *tx) dropShift(id ledger.ID) {
	var old civic.Shift
	if t.document(bShift, id[:], &old) {
		t.del(bCalendar, calendarKey(old.Start, id))
		t.del(bShift, id[:])
	}
}

func (in *intake) takeAttended(t *tx, a civic.Attended) {
	key := pairKey(a.Shift, a.Who)
	var old civic.Attended
	if t.document(bAttended, key, &old) && old.Version > a.Version {
		in.report.Same++
		return
	}
	t.put(bServed, pairKey(a.Who, a.Shift), nil)
	if in.put(t, bAttended, key, a) {
		in.heard = append(in.heard, a)
	}
}

// dropAttended takes the center's word about an attendance out of the book. The
// person's list keeps what this kiosk saw itself.
func (t *tx) dropAttended(key []byte) {
	t.del(bAttended, key)
	shift, person := ledger.ID(key[:idBytes]), ledger.ID(key[idBytes:])
	if t.get(bCheck, key) == nil {
		t.del(bServed, pairKey(person, shift))
	}
}

// Shift returns a shift by its id.
func (s *Store) Shift(id ledger.ID) (v civic.Shift, err error) {
	err = s.one(bShift, id[:], &v)
	return v, err
}

// longestShift is what package civic lets a shift last at most.
const longestShift = 24 * time.Hour

// Shifts returns those that last some time between two moments, the one that begins
// first first, called off or not, of this kiosk or not.
func (s *Store) Shifts(from, to time.Time) (list []civic.Shift, err error) {
	err = s.view(func(t *tx) {
		for v := range t.shifts(from.Add(-longestShift)) {
			switch {
			case v.Start >= to.Unix() || len(list) == maxPage:
				return
			case v.End > from.Unix():
				list = append(list, v)
			}
		}
	})
	slices.SortFunc(list, civic.ByTime)
	return list, err
}

// shifts walks those that begin at a moment or later.
func (t *tx) shifts(from time.Time) func(yield func(civic.Shift) bool) {
	return func(yield func(civic.Shift) bool) {
		for r := range t.from(bCalendar, binary.BigEndian.AppendUint64(nil, uint64(max(0, from.Unix())))) {
			if len(r.key) != 8+idBytes {
				t.fail(fmt.Errorf("%w: %v %x", errRow, bCalendar, r.key))
				return
			}
			var v civic.Shift
			if id := r.key[8:]; !t.document(bShift, id, &v) || !yield(v) {
				return
			}
		}
	}
}

// longestMargin is how long before its start a shift may open at most.
const longestMargin = 6 * time.Hour

// Running returns the shifts for which people check in and out at this kiosk now, by
// the wall clock that is handed in, the one that begins first first.
func (s *Store) Running(now time.Time) (list []civic.Shift, err error) {
	near, err := s.Shifts(now.Add(-longestMargin), now.Add(longestMargin+time.Second))
	for _, v := range near {
		if v.At(s.cfg.Kiosk) && !v.Closed && v.Opens() <= now.Unix() && now.Unix() < v.Shuts() {
			list = append(list, v)
		}
	}
	return list, err
}

// Upcoming returns the next shifts that are still to begin and not called off, of this
// kiosk or not.
func (s *Store) Upcoming(now time.Time, skip, limit int) (list []civic.Shift, more bool, err error) {
	err = s.view(func(t *tx) {
		for v := range t.shifts(now.Add(time.Second)) {
			switch {
			case v.Closed:
			case skip > 0:
				skip--
			case len(list) == min(limit, maxPage):
				more = true
				return
			default:
				list = append(list, v)
			}
		}
	})
	slices.SortFunc(list, civic.ByTime)
	return list, more, err
}

// CountShifts is how many shifts begin between two moments and are not called off. It
// reads less than Shifts does.
func (s *Store) CountShifts(from, to time.Time) (n int, err error) {
	err = s.view(func(t *tx) {
		for r := range t.from(bCalendar, binary.BigEndian.AppendUint64(nil, uint64(max(0, from.Unix())))) {
			if len(r.key) != 8+idBytes || binary.BigEndian.Uint64(r.key) >= uint64(max(0, to.Unix())) {
				return
			}
			var v struct {
				Closed bool `json:"closed"`
			}
			if t.document(bShift, r.key[8:], &v) && !v.Closed {
				n++
			}
		}
	})
	return n, err
}

// heard is what the center said last of attendances, for those who greet people.
type heard struct {
	mu    sync.Mutex
	last  []civic.Attended
	total uint64
}

func (h *heard) add(list []civic.Attended) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total += uint64(len(list))
	h.last = append(h.last, list...)
	h.last = append([]civic.Attended(nil), h.last[max(0, len(h.last)-keepHeard):]...)
}

// Heard returns what a center has said of attendances since this process had heard
// after of them, the latest alone when that is long, and how many there are now.
func (s *Store) Heard(after uint64) (list []civic.Attended, total uint64) {
	s.heard.mu.Lock()
	defer s.heard.mu.Unlock()
	fresh := min(s.heard.total-min(after, s.heard.total), uint64(len(s.heard.last)))
	return append(list, s.heard.last[uint64(len(s.heard.last))-fresh:]...), s.heard.total
}

// attended returns the center's word about one person.
func (t *tx) attended(shift, person ledger.ID) (a civic.Attended, found bool) {
	found = t.document(bAttended, pairKey(shift, person), &a)
	return a, found
}
