package ledger_test

import (
	"cmp"
	"slices"

	"yizhan/ledger"
)

// The naive model: no counters and no merging, only points as things, each of
// which lies at one place at a time, and pieces of goods, likewise. It keeps
// what the ledger claims by arithmetic by moving things one by one.

// place is where a point lies.
type place int

const (
	free      place = iota // at the center
	expired                // gone
	toKiosk                // granted, the kiosk does not know it yet
	spendable              // at the kiosk
	held                   // reserved there
	spent                  // handed over there
	toCenter               // returned, the center does not know it yet
)

type point struct {
	day   ledger.Day
	place place
	kiosk *modelKiosk // when it is granted
}

// move is one point on its way, which arrives once.
type move struct {
	point   *point
	arrived bool
}

type modelKiosk struct {
	granted  map[ledger.Day][]*move // in the order of the center's grants
	returned map[ledger.Day][]*move // in the order of the kiosk's returns
	pieces   []place                // of the one good: spendable, held or spent
	done     map[uint64]*modelRedemption
}

type modelRedemption struct {
	points []*point
	pieces []int // indexes of the kiosk's pieces
	state  ledger.State
}

func newModelKiosk() *modelKiosk {
	return &modelKiosk{granted: map[ledger.Day][]*move{}, returned: map[ledger.Day][]*move{}, done: map[uint64]*modelRedemption{}}
}

type model struct{ points []*point }

// at lists the points of a day at a place, of one kiosk or, with nil, of the
// center.
func (m *model) at(k *modelKiosk, day ledger.Day, p place) []*point {
	var found []*point
	for _, x := range m.points {
		if x.kiosk == k && x.day == day && x.place == p {
			found = append(found, x)
		}
	}
	return found
}

// spendable lists the points that can be spent at a kiosk, those that expire
// first before the others.
func (m *model) spendable(k *modelKiosk) []*point {
	var found []*point
	for _, x := range m.points {
		if x.kiosk == k && x.place == spendable {
			found = append(found, x)
		}
	}
	slices.SortStableFunc(found, func(a, b *point) int { return cmp.Compare(a.day, b.day) })
	return found
}

func (m *model) earn(day ledger.Day, n int) {
	for range n {
		m.points = append(m.points, &point{day: day, place: free})
	}
}

func (m *model) expire(day ledger.Day) {
	for _, x := range m.at(nil, day, free) {
		x.place = expired
	}
}

// grant sends n free points of a day on their way to k.
func (m *model) grant(k *modelKiosk, day ledger.Day, n int) {
	for _, x := range m.at(nil, day, free)[:n] {
		x.place, x.kiosk = toKiosk, k
		k.granted[day] = append(k.granted[day], &move{point: x})
	}
}

// giveBack sends n spendable points of a day on their way to the center.
func (m *model) giveBack(k *modelKiosk, day ledger.Day, n int) {
	for _, x := range m.at(k, day, spendable)[:n] {
		x.place = toCenter
		k.returned[day] = append(k.returned[day], &move{point: x})
	}
}

// arrive ends the way of the first n moves, as far as they have not yet.
func arrive(moves []*move, n int, f func(*point)) {
	for _, m := range moves[:n] {
		if !m.arrived {
			m.arrived = true
			f(m.point)
		}
	}
}

func (k *modelKiosk) grantArrives(day ledger.Day, n int) {
	arrive(k.granted[day], n, func(x *point) { x.place = spendable })
}

func (k *modelKiosk) returnArrives(day ledger.Day, n int) {
	arrive(k.returned[day], n, func(x *point) { x.place, x.kiosk = free, nil })
}

// piecesAt lists the pieces at a place.
func (k *modelKiosk) piecesAt(p place) []int {
	var found []int
	for i, at := range k.pieces {
		if at == p {
			found = append(found, i)
		}
	}
	return found
}

// reserve takes the points and pieces aside and answers the parts drawn on.
func (k *modelKiosk) reserve(seq uint64, points []*point, pieces []int) []ledger.Part {
	var parts []ledger.Part
	for _, x := range points {
		if len(parts) == 0 || parts[len(parts)-1].Expires != x.day {
			parts = append(parts, ledger.Part{Expires: x.day})
		}
		parts[len(parts)-1].Points++
	}
	k.done[seq] = &modelRedemption{points: points, pieces: pieces}
	k.put(k.done[seq], ledger.Reserved, held, held)
	return parts
}

// put moves the points and pieces of a redemption.
func (k *modelKiosk) put(r *modelRedemption, state ledger.State, points, pieces place) {
	r.state = state
	for _, x := range r.points {
		x.place = points
	}
	for _, i := range r.pieces {
		k.pieces[i] = pieces
	}
}
