package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// A delivery is a document that moves no stock. Receiving one writes an entry for
// each of its lines, whose note is a civic.Arrival; the book remembers by them
// which lines have come. So a delivery is received once, whether its document is
// still here, is gone, or comes once more by a stick.

// Delivery is a delivery with what was received of it.
type Delivery struct {
	civic.Delivery
	Arrived []uint64 // for each line the number of its entry; 0: none yet
}

// Whole tells whether every line was received.
func (d Delivery) Whole() bool { return !slices.Contains(d.Arrived, 0) }

// Found is how many pieces of one line have come, and why others than were sent.
type Found struct {
	Pieces int64
	Why    string // one of civic.ArrivalReasons; "" with as many as were sent, and only then
}

// Deliveries returns those on their way to this kiosk, the one that was sent first
// first. One that the power left half received is among them.
func (s *Store) Deliveries() (list []Delivery, err error) {
	err = s.view(func(t *tx) {
		for r := range t.up(bDelivery, nil) {
			var d Delivery
			if err := json.Unmarshal(r.value, &d.Delivery); err != nil {
				t.fail(fmt.Errorf("reading a document in %v: %w", bDelivery, err))
				return
			}
			if d.Arrived = t.arrived(d.ID, len(d.Lines)); !d.Whole() {
				list = append(list, d)
			}
		}
	})
	slices.SortFunc(list, func(a, b Delivery) int { return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.ID, b.ID)) })
	return list, err
}

// Delivery returns one by its id, received or not, while its document is here.
func (s *Store) Delivery(id string) (d Delivery, err error) {
	found := false
	err = s.view(func(t *tx) { d, found = t.delivery(id) })
	if err == nil && !found {
		err = fmt.Errorf("%w: delivery %q", ErrUnknown, id)
	}
	return d, err
}

func (t *tx) delivery(id string) (d Delivery, found bool) {
	if !civic.ValidDelivery(id) || !t.document(bDelivery, []byte(id), &d.Delivery) {
		return d, false
	}
	d.Arrived = t.arrived(id, len(d.Lines))
	return d, true
}

// arrivalKey is where the entry of a delivery's line, from 1, is found.
func arrivalKey(id string, line int) []byte { return append([]byte(id), byte(line)) }

// arrived reads the numbers of the entries of a delivery's lines.
func (t *tx) arrived(id string, lines int) []uint64 {
	seqs := make([]uint64, lines)
	for i := range seqs {
		if raw := t.get(bArrived, arrivalKey(id, i+1)); raw != nil {
			seqs[i] = keySeq(raw)
		}
	}
	return seqs
}

// arrive remembers the line that an entry receives.
func (t *tx) arrive(seq uint64, b ledger.Stock) {
	if a, ok := arrivalOf(b); ok && t.get(bArrived, arrivalKey(a.Delivery, a.Line)) == nil {
		t.put(bArrived, arrivalKey(a.Delivery, a.Line), seqKey(seq))
	}
}

func arrivalOf(b ledger.Stock) (civic.Arrival, bool) {
	if b.Move != ledger.StockReceived {
		return civic.Arrival{}, false
	}
	return civic.ParseArrival(b.Note)
}

// ReceiveDelivery receives a delivery: found says of each line what has come. The
// lines' entries are written together; a power cut may leave the first of them
// alone, and then the delivery is still on its way and the same call writes the
// rest. One that was received is refused (ErrArrived), and one that the center has
// called back is unknown.
func (s *Store) ReceiveDelivery(ctx context.Context, key ledger.Key, id string, found []Found, operator ledger.ID) (d Delivery, err error) {
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		_, again, err := t.again(key, func(b ledger.Body) bool {
			e, ok := b.(ledger.Stock)
			a, arrival := arrivalOf(e)
			return ok && arrival && a.Delivery == id && e.Operator == operator && a.Line <= len(found) && e.Delta == found[a.Line-1].Pieces && a.Why == found[a.Line-1].Why
		})
		if err != nil {
			return nil, err
		}
		if _, err := t.servingStaff(operator); err != nil && !again {
			return nil, err
		}
		d, known := t.delivery(id)
		switch {
		case again && (!known || d.Whole()):
			return nil, nil
		case again:
			key = ledger.Key{} // the power failed behind the entry that has it
		case !known:
			return nil, fmt.Errorf("%w: delivery %q", ErrUnknown, id)
		case d.Whole():
			return nil, fmt.Errorf("%w: %s, entry %d", ErrArrived, id, d.Arrived[0])
		}
		return t.arrivals(d, found, key, operator)
	}, func(t *tx) Delivery {
		d, _ := t.delivery(id)
		return d
	})
}

// arrivals makes the entries of the lines that are still to come.
func (t *tx) arrivals(d Delivery, found []Found, key ledger.Key, operator ledger.ID) (bodies []ledger.Body, err error) {
	if len(found) != len(d.Lines) {
		return nil, fmt.Errorf("%w: %d of %d lines", ErrInput, len(found), len(d.Lines))
	}
	shelves := make(map[string]ledger.Shelf)
	for i, line := range d.Lines {
		f := found[i]
		if f.Pieces < 0 || f.Pieces > civic.MaxDelivered || (f.Pieces == line.Pieces) != (f.Why == "") {
			return nil, fmt.Errorf("%w: %d pieces of %d, because %q", ErrInput, f.Pieces, line.Pieces, f.Why)
		}
		note := civic.Arrival{Delivery: d.ID, Line: i + 1, Of: len(d.Lines), Sent: line.Pieces, Why: f.Why}.Note()
		if _, ok := civic.ParseArrival(note); !ok {
			return nil, fmt.Errorf("%w: %q", ErrInput, note)
		}
		if d.Arrived[i] != 0 {
			continue
		}
		shelf, read := shelves[line.Good]
		if !read {
			shelf = t.shelf(line.Good)
		}
		shelf.Moved += f.Pieces
		if err := shelf.Check(); err != nil {
			return nil, err
		}
		shelves[line.Good] = shelf
		bodies = append(bodies, ledger.Stock{Key: key, Good: line.Good, Move: ledger.StockReceived, Delta: f.Pieces, OnHand: shelf.OnHand(), Operator: operator, Note: note})
		key = ledger.Key{} // the first entry answers for all
	}
	return bodies, nil
}
