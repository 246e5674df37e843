package sim

import (
	"errors"

	"yizhan/ledger"
)

// rules asks package ledger itself for what it must refuse, as a caller with a bug
// would. The stores stand between it and the rest of the world and refuse most of
// this before it is asked, so nothing else in a world would miss these guards.
func (w *world) rules() {
	const much = ledger.MaxPoints
	right := ledger.Right{Expires: 3000, Granted: 100, Spent: 30, Refunded: 10, Returned: 20, Held: 10}
	lot := ledger.Lot{Expires: 3000, Earned: 150, Expired: 10, At: map[string]ledger.Right{"K-00": right}}
	account := ledger.Account{Rights: []ledger.Right{right}}
	shelf := ledger.Shelf{Delivered: 10, Moved: 5, Sold: 3, Restocked: 1, Held: 2}
	w.must(errors.Join(lot.Check(), account.Check(), shelf.Check()))

	_, none := lot.Grant("K-01", 0)
	_, over := lot.Grant("K-01", lot.Free()+1)
	w.refused("a lot grants nothing", none)
	w.refused("a lot grants what is not free", over)
	for what, change := range map[string]func(*ledger.Lot){
		"a lot with a counter below 0":       func(l *ledger.Lot) { l.Expired = -1 },
		"a lot with a counter too high":      func(l *ledger.Lot) { l.Earned = much + 1 },
		"a lot with a right that is no good": func(l *ledger.Lot) { l.At = map[string]ledger.Right{"K-00": {Expires: 3000, Granted: 1, Spent: 2}} },
		"a lot that has granted too much":    func(l *ledger.Lot) { l.Earned = 50 },
	} {
		bad := lot
		change(&bad)
		w.refused(what, bad.Check())
	}
	for what, change := range map[string]func(*ledger.Right){
		"a right of no day":                func(r *ledger.Right) { r.Expires = -1 },
		"a right of a day too far":         func(r *ledger.Right) { r.Expires = ledger.MaxDay + 1 },
		"a right with a counter below 0":   func(r *ledger.Right) { r.Held = -1 },
		"a right with a counter too high":  func(r *ledger.Right) { r.Granted = much + 1 },
		"a right that is overspent":        func(r *ledger.Right) { r.Spent += 51 },
		"a right that refunds the unspent": func(r *ledger.Right) { r.Refunded = r.Spent + 1 },
	} {
		bad := right
		change(&bad)
		w.refused(what, ledger.Account{Rights: []ledger.Right{bad}}.Check())
	}
	w.refused("rights out of order", ledger.Account{Rights: []ledger.Right{right, right}}.Check())
	for what, cost := range map[string]ledger.Points{"a cost of nothing": 0, "a cost below 0": -1, "a cost too high": much + 1, "a cost beyond the balance": 51} {
		_, err := account.Allocate(cost)
		w.refused(what, err)
	}
	w.scattered()
	w.shelves(shelf)
}

// scattered asks for a cost that draws on more lots than an entry can name.
func (w *world) scattered() {
	var a ledger.Account
	for n := range ledger.Day(ledger.MaxParts + 1) {
		a = a.Grant(3000+n, 1)
	}
	_, err := a.Allocate(ledger.MaxParts + 1)
	w.refused("a cost from too many lots", err)
	rich := ledger.Account{}.Grant(3000, ledger.MaxPoints).Grant(3001, ledger.MaxPoints)
	_, err = rich.Allocate(ledger.MaxPoints + 1)
	w.refused("a cost beyond all limits", err)
}

func (w *world) shelves(shelf ledger.Shelf) {
	for what, n := range map[string]int64{"no pieces of a shelf": 0, "pieces that a shelf has not": 12} {
		w.refused(what, shelf.CanHold(n))
	}
	w.refused("more pieces than one person carries", ledger.Shelf{Delivered: 1000}.CanHold(ledger.MaxQuantity+1))
	for what, change := range map[string]func(*ledger.Shelf){
		"a shelf with a counter below 0":  func(s *ledger.Shelf) { s.Held = -1 },
		"a shelf with a counter too high": func(s *ledger.Shelf) { s.Delivered = ledger.MaxCount + 1 },
		"a shelf moved too far down": func(s *ledger.Shelf) {
			s.Moved = -ledger.MaxCount - 1
			s.Delivered = ledger.MaxCount
			s.Restocked = ledger.MaxCount
		},
		"a shelf moved too far up": func(s *ledger.Shelf) { s.Moved = ledger.MaxCount + 1 },
		"a shelf below empty":      func(s *ledger.Shelf) { s.Sold = 20 },
	} {
		bad := shelf
		change(&bad)
		w.refused(what, bad.Check())
	}
}
