package sim

import (
	"maps"
	"sync"

	"yizhan/ledger"
	"yizhan/link"
)

// chain names a kiosk in one epoch.
type chain struct {
	kiosk string
	epoch uint32
}

// truth is what the world knows and neither end has to: how much everybody earned,
// and what was promised to whom.
type truth struct {
	mu     sync.Mutex
	earned map[ledger.ID]ledger.Points // all that the center was ever told of
	booked map[ledger.ID]ledger.Points // what the center has answered
	acked  map[chain]uint64            // the last entry that the center has acknowledged
	wrong  map[ledger.ID]ledger.Points // all that anybody wanted to take back
}

func newTruth() *truth {
	return &truth{earned: make(map[ledger.ID]ledger.Points), booked: make(map[ledger.ID]ledger.Points), acked: make(map[chain]uint64), wrong: make(map[ledger.ID]ledger.Points)}
}

func (t *truth) locked(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f()
}

func (t *truth) earn(id ledger.ID, points ledger.Points) { t.locked(func() { t.earned[id] += points }) }
func (t *truth) book(id ledger.ID, points ledger.Points) { t.locked(func() { t.booked[id] += points }) }

func (t *truth) reverse(id ledger.ID, points ledger.Points) {
	t.locked(func() { t.wrong[id] += points })
}

func (t *truth) bookedNow() (m map[ledger.ID]ledger.Points) {
	t.locked(func() { m = maps.Clone(t.booked) })
	return m
}

func (t *truth) ackedNow() (m map[chain]uint64) {
	t.locked(func() { m = maps.Clone(t.acked) })
	return m
}

// forget takes back the promises of a center that was put back from a copy.
func (t *truth) forget(c *copied) {
	t.locked(func() { t.booked, t.acked = maps.Clone(c.booked), maps.Clone(c.acked) })
}

// overhear notes what an end promises by a frame: an Ack, that the center has the
// entries; Entries, Returned and Cursor, that the kiosk will not lose what they
// speak of.
func (t *truth) overhear(b *box, up bool, f link.Frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch f := f.(type) {
	case link.Ack:
		t.acked[b.chain()] = max(t.acked[b.chain()], f.Seq)
	case link.Entries:
		b.floor = max(b.floor, f.First+uint64(len(f.Entries))-1)
	case link.Returned:
		b.floor = max(b.floor, f.Seq)
	case link.Cursor:
		b.cursors[f.Scope] = max(b.cursors[f.Scope], f.Version)
	}
}

// tell notes what a screen says of a redemption.
func (t *truth) tell(b *box, seq uint64, s ledger.State) {
	t.locked(func() {
		b.said[seq] = max(b.said[seq], s)
		b.floor = max(b.floor, seq)
	})
}
