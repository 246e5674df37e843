package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectDelivery  = `SELECT state, made_ms, body FROM delivery WHERE kiosk = $1 AND id = $2`
	insertDelivery  = `INSERT INTO delivery (kiosk, id, state, made_ms, body) VALUES ($1, $2, $3, $4, $5)`
	updateDelivery  = `UPDATE delivery SET state = $3, body = $4 WHERE kiosk = $1 AND id = $2`
	countDeliveries = `SELECT COUNT(*) FROM delivery WHERE kiosk = $1 AND state = 'sent'`
	insertBatch     = `INSERT INTO batch (kiosk, delivery, line, good, batch, best, pieces, made_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (kiosk, delivery, line) DO NOTHING`
)

// KindDelivery is the kind of the documents that tell a kiosk what is on its way.
const KindDelivery = "delivery"

// DeliveryState is how far a delivery has come.
type DeliveryState string

// States of a delivery. Received and differs are final; what was cancelled can still
// become one of them, because a kiosk that had received it wins.
const (
	DeliverySent      DeliveryState = "sent"
	DeliveryReceived  DeliveryState = "received"
	DeliveryDiffers   DeliveryState = "differs" // received, with other pieces than were sent
	DeliveryCancelled DeliveryState = "cancelled"
)

// DeliveryStates are all of them, those that wait for somebody first.
var DeliveryStates = []DeliveryState{DeliverySent, DeliveryDiffers, DeliveryReceived, DeliveryCancelled}

// Delivery is goods sent to one kiosk, with what its entries say of them.
type Delivery struct {
	civic.Delivery
	Merchant  string        `json:"merchant,omitempty"` // whom it comes from; "": From says it, or nobody
	State     DeliveryState `json:"-"`
	Made      time.Time     `json:"-"`
	MadeBy    string        `json:"made_by"`
	Cancelled *Undone       `json:"cancelled,omitempty"` // stays when the kiosk had received it
	Epoch     uint32        `json:"epoch,omitempty"`     // of the chain whose entries received it
	Arrived   []Arrived     `json:"arrived,omitempty"`   // for each line; nil: nothing has come
	Twice     bool          `json:"twice,omitempty"`     // another box of the kiosk received it once more
}

// Undone says who took something back, when and why.
type Undone struct {
	By   string    `json:"by"`
	Made time.Time `json:"made"`
	Why  string    `json:"why,omitempty"`
	With bool      `json:"with,omitempty"` // together with what it is part of
}

// Arrived is what an entry says of one line. Seq 0: no entry does yet.
type Arrived struct {
	Seq      uint64    `json:"seq,omitempty"`
	Pieces   int64     `json:"pieces,omitempty"`
	Why      string    `json:"why,omitempty"`  // one of civic.ArrivalReasons
	WallMS   int64     `json:"wall,omitempty"` // when, by the kiosk's clock
	Operator ledger.ID `json:"operator,omitzero"`
}

// Late tells whether the kiosk received what had been called back.
func (d Delivery) Late() bool {
	return d.Cancelled != nil && (d.State == DeliveryReceived || d.State == DeliveryDiffers)
}

// Pieces is how many were sent, and how many have come.
func (d Delivery) Pieces() (sent, come int64) {
	for i, l := range d.Lines {
		sent += l.Pieces
		if i < len(d.Arrived) {
			come += d.Arrived[i].Pieces
		}
	}
	return sent, come
}

// whole tells whether an entry speaks of every line.
func (d Delivery) whole() bool {
	return len(d.Arrived) == len(d.Lines) && !slices.ContainsFunc(d.Arrived, func(a Arrived) bool { return a.Seq == 0 })
}

// judge is the state that the entries of all lines come to.
func (d Delivery) judge() DeliveryState {
	for i, l := range d.Lines {
		if d.Arrived[i].Pieces != l.Pieces {
			return DeliveryDiffers
		}
	}
	return DeliveryReceived
}

// SendDelivery notes a delivery to a kiosk and tells the kiosk of it, in one
// transaction, with an act. The same one twice is one; another under its id is
// ErrKeyReused. A kiosk to which too many are on their way answers ErrState.
func (s *Store) SendDelivery(ctx context.Context, d Delivery) error {
	d.Version, d.Sent, d.State, d.Cancelled, d.Arrived, d.Epoch, d.Twice = 0, s.today(), DeliverySent, nil, nil, 0, false
	if err := checkDelivery(d.Delivery); err != nil {
		return err
	}
	return s.write(ctx, "sending a delivery", d.Kiosk, func(t *txn) error {
		if _, err := t.kiosk(); err != nil {
			return err
		}
		before, found, err := t.delivery(d.ID)
		if err != nil {
			return err
		}
		if found {
			return d.again(before)
		}
		var n int64
		if _, err := t.one(countDeliveries, nil, &n); err != nil {
			return err
		}
		if n >= civic.MaxDeliveries {
			return fmt.Errorf("%w: %d deliveries are on their way to %s", ErrState, n, d.Kiosk)
		}
		d.MadeBy = t.actor()
		body, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("writing a delivery: %w", err)
		}
		if err := t.change(insertDelivery, d.ID, string(d.State), s.now(), body); err != nil {
			return err
		}
		if err := t.act(s.now(), t.actor(), "delivery.sent", nil, d.Delivery); err != nil {
			return err
		}
		return t.putDocument(civic.Document{Delivery: &d.Delivery})
	})
}

// again tells whether a delivery is the one that stands there.
func (d Delivery) again(before Delivery) error {
	d.Sent, d.Version = before.Sent, before.Version
	same, err1 := json.Marshal(d.Delivery)
	stood, err2 := json.Marshal(before.Delivery)
	if err1 != nil || err2 != nil || !bytes.Equal(same, stood) || d.Merchant != before.Merchant {
		return fmt.Errorf("%w: delivery %s of %s", ErrKeyReused, d.ID, d.Kiosk)
	}
	return nil
}

// checkDelivery holds a delivery to what kiosks take.
func checkDelivery(d civic.Delivery) error {
	d.Version = 1
	line, err := json.Marshal(civic.Document{Delivery: &d})
	if err == nil {
		_, err = civic.ReadDocument(line, d.Kiosk)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	return nil
}

// CancelDelivery calls back a delivery that is on its way: the kiosk does not show it
// any more once it has heard. One that was received answers ErrState.
func (s *Store) CancelDelivery(ctx context.Context, kiosk, id, why string) error {
	if len(why) > MaxReason {
		return fmt.Errorf("%w: a reason of %d bytes", ErrInput, len(why))
	}
	return s.write(ctx, "calling back a delivery", kiosk, func(t *txn) error {
		d, found, err := t.delivery(id)
		switch {
		case err != nil:
			return err
		case !found:
			return fmt.Errorf("%w: delivery %q of %s", ErrUnknown, id, kiosk)
		case d.State == DeliveryCancelled:
			return nil
		case d.State != DeliverySent:
			return fmt.Errorf("%w: delivery %s was received", ErrState, id)
		}
		d.State, d.Cancelled = DeliveryCancelled, &Undone{By: t.actor(), Made: time.UnixMilli(s.now()).UTC(), Why: why}
		if err := t.act(s.now(), t.actor(), "delivery.cancelled", id, why); err != nil {
			return err
		}
		if err := t.removeDocument(KindDelivery, id); err != nil {
			return err
		}
		return t.putDelivery(d)
	})
}

func (t *txn) putDelivery(d Delivery) error {
	body, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("writing a delivery: %w", err)
	}
	return t.change(updateDelivery, d.ID, string(d.State), body)
}

func (t *txn) delivery(id string) (d Delivery, found bool, err error) {
	var state string
	var made int64
	var body []byte
	if found, err = t.one(selectDelivery, []any{id}, &state, &made, &body); err != nil || !found {
		return d, found, err
	}
	d, err = readDelivery(state, made, body)
	return d, true, err
}

func readDelivery(state string, made int64, body []byte) (d Delivery, err error) {
	if err := json.Unmarshal(body, &d); err != nil {
		return d, bug("a delivery that cannot be read: %v", err)
	}
	d.State, d.Made = DeliveryState(state), time.UnixMilli(made)
	return d, nil
}

// Delivery returns one delivery of a kiosk, or ErrUnknown.
func (s *Store) Delivery(ctx context.Context, kiosk, id string) (d Delivery, err error) {
	found := false
	err = s.read(ctx, "reading a delivery", kiosk, func(t *txn) error {
		d, found, err = t.delivery(id)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: delivery %q of %s", ErrUnknown, id, kiosk)
	}
	return d, err
}

// arrival is an entry that receives a line of a delivery.
type arrival struct {
	civic.Arrival
	entry ledger.Entry
	stock ledger.Stock
}

// arrive notes an entry that speaks of a delivery.
func (r *run) arrive(e ledger.Entry, b ledger.Stock) {
	if b.Move != ledger.StockReceived {
		return
	}
	if a, ok := civic.ParseArrival(b.Note); ok {
		r.arrivals = append(r.arrivals, arrival{a, e, b})
	}
}

// saveArrivals writes what the run's entries say of deliveries. One that this book
// does not know (it was restored from an old copy) stays with the entries alone.
func (r *run) saveArrivals(now int64) error {
	for len(r.arrivals) > 0 {
		id := r.arrivals[0].Delivery
		var mine []arrival
		r.arrivals = slices.DeleteFunc(r.arrivals, func(a arrival) bool {
			if a.Delivery == id {
				mine = append(mine, a)
			}
			return a.Delivery == id
		})
		d, found, err := r.t.delivery(id)
		if err == nil && found {
			err = r.t.arrived(d, mine, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// arrived folds entries into a delivery. When every line has come, the kiosk's
// document goes, and what is known of batches is kept.
func (t *txn) arrived(d Delivery, list []arrival, now int64) error {
	epoch := list[0].entry.Epoch
	if d.whole() {
		d.Twice = d.Epoch != epoch
		return t.putDelivery(d)
	}
	if d.Epoch != epoch { // the first entries, or those of a box that replaced one
		d.Epoch, d.Arrived = epoch, make([]Arrived, len(d.Lines))
	}
	for _, a := range list {
		if a.Line <= len(d.Lines) && d.Lines[a.Line-1].Good == a.stock.Good && d.Arrived[a.Line-1].Seq == 0 {
			d.Arrived[a.Line-1] = Arrived{a.entry.Seq, a.stock.Delta, a.Why, a.entry.WallMS, a.stock.Operator}
		}
	}
	if d.whole() {
		d.State = d.judge()
		if err := t.removeDocument(KindDelivery, d.ID); err != nil {
			return err
		}
		if err := t.keepBatches(d, now); err != nil {
			return err
		}
	}
	return t.putDelivery(d)
}

// keepBatches notes the lines that came with a batch or a day, for the list of what
// ends soon.
func (t *txn) keepBatches(d Delivery, now int64) error {
	for i, l := range d.Lines {
		if l.Batch == "" && l.BestBefore == 0 || d.Arrived[i].Pieces == 0 {
			continue
		}
		if err := t.exec(insertBatch, d.ID, int64(i+1), l.Good, l.Batch, int64(l.BestBefore), d.Arrived[i].Pieces, now); err != nil {
			return err
		}
	}
	return nil
}
