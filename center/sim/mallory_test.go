package sim

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	center "yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// mallory is a kiosk whose program was altered: it has an honest key, and writes
// into its chain what its points do not allow, or something else than a chain.
type mallory struct {
	w       *world
	id      string
	key     ed25519.PrivateKey
	head    ledger.Head
	entries [][]byte
	victims []*person // whose home it is
	keys    int
}

func newMallory(w *world) *mallory {
	m := &mallory{w: w, id: "M-00"}
	w.must(w.office.store.PutKiosk(w.ctx, center.Kiosk{ID: m.id, Name: m.id, Parent: "center"}))
	m.enrol()
	for n := range 2 {
		p := &person{id: idOf("victim", n), name: fmt.Sprintf("victim %d", n), card: [16]byte{1, byte(n)}, town: townName(0)}
		w.office.register(p, m.id)
		m.victims = append(m.victims, p)
	}
	return m
}

// enrol begins a new epoch with a new key.
func (m *mallory) enrol() {
	m.keys++
	m.key = keyOf(fmt.Sprint(m.id, m.keys, m.w.seed))
	m.head, m.entries = ledger.Head{Kiosk: m.id, Epoch: m.w.enrol(m.id, m.key)}, nil
}

// add writes an entry that follows; change makes it one that does not.
func (m *mallory) add(body ledger.Body, change func(*ledger.Entry)) uint64 {
	e := ledger.Entry{Kiosk: m.head.Kiosk, Epoch: m.head.Epoch, Seq: m.head.Seq + 1, Prev: m.head.Hash, Body: body}
	if change != nil {
		change(&e)
	}
	raw, err := e.Encode()
	m.w.must(err)
	m.head.Seq, m.head.Hash = m.head.Seq+1, ledger.HashOf(raw)
	m.entries = append(m.entries, raw)
	return m.head.Seq
}

func (m *mallory) reserve(v ledger.ID, parts ...ledger.Part) uint64 {
	return m.add(ledger.Reserve{Volunteer: v, Good: "EGG", Quantity: 1, Parts: parts}, nil)
}

func (m *mallory) settle(seq uint64) { m.add(ledger.Settle{Redemption: seq, Operator: m.w.clerk}, nil) }
func (m *mallory) cancel(seq uint64) { m.add(ledger.Cancel{Redemption: seq, Reason: "x"}, nil) }
func (m *mallory) refund(seq uint64) {
	m.add(ledger.Refund{Redemption: seq, Operator: m.w.clerk, Restock: true, Reason: "x"}, nil)
}

// scene is what an attack finds: a volunteer with points here, and a redemption in
// each state.
type scene struct {
	v                                     ledger.ID
	lot                                   ledger.Day
	spendable                             ledger.Points
	waiting, settled, cancelled, refunded uint64
	sent                                  int // entries that the center has
}

// attacks are all that the center must not believe. Most are refused when they are
// taken in; those that overdraw points, when they are folded.
var attacks = []struct {
	what string
	do   func(*mallory, scene)
}{
	{"more is reserved than there is", func(m *mallory, s scene) { m.reserve(s.v, ledger.Part{Expires: s.lot, Points: s.spendable + 1}) }},
	{"a lot is spent that was never granted", func(m *mallory, s scene) { m.settle(m.reserve(s.v, ledger.Part{Expires: 13000, Points: 1})) }},
	{"points of somebody else are spent", func(m *mallory, s scene) {
		m.settle(m.reserve(m.w.people[0].id, ledger.Part{Expires: s.lot, Points: 1}))
	}},
	{"counters beyond all limits", func(m *mallory, s scene) {
		for range 2 {
			m.settle(m.reserve(s.v, ledger.Part{Expires: s.lot, Points: ledger.MaxPoints}))
		}
	}},
	{"more is returned than there is", func(m *mallory, s scene) {
		m.add(ledger.Return{Volunteer: s.v, Parts: []ledger.Part{{Expires: s.lot, Points: s.spendable + 1}}}, nil)
	}},
	{"what is held is returned", func(m *mallory, s scene) {
		m.reserve(s.v, ledger.Part{Expires: s.lot, Points: s.spendable})
		m.add(ledger.Return{Volunteer: s.v, Parts: []ledger.Part{{Expires: s.lot, Points: 1}}}, nil)
	}},
	{"handed over twice", func(m *mallory, s scene) { m.settle(s.settled) }},
	{"handed over after it was cancelled", func(m *mallory, s scene) { m.settle(s.cancelled) }},
	{"handed over after it was refunded", func(m *mallory, s scene) { m.settle(s.refunded) }},
	{"cancelled after it was handed over", func(m *mallory, s scene) { m.cancel(s.settled) }},
	{"cancelled twice", func(m *mallory, s scene) { m.cancel(s.cancelled) }},
	{"refunded before it was handed over", func(m *mallory, s scene) { m.refund(s.waiting) }},
	{"refunded twice", func(m *mallory, s scene) { m.refund(s.refunded) }},
	{"refunded after it was cancelled", func(m *mallory, s scene) { m.refund(s.cancelled) }},
	{"a hand-over of nothing", func(m *mallory, s scene) { m.settle(m.head.Seq + 7) }},
	{"another entry at a known number", func(m *mallory, s scene) {
		m.head.Seq--
		m.entries = m.entries[:m.head.Seq]
		m.add(ledger.Device{Event: ledger.DeviceStart, Text: "another"}, nil)
		m.add(ledger.Device{Event: ledger.DeviceStart, Text: "and on"}, nil)
	}},
	{"a gap", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, func(e *ledger.Entry) { e.Seq++ })
		m.head.Seq++
	}},
	{"an old number once more", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, func(e *ledger.Entry) { e.Seq-- })
	}},
	{"another past", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, func(e *ledger.Entry) { e.Prev[0] ^= 1 })
	}},
	{"an entry of another kiosk", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, func(e *ledger.Entry) { e.Kiosk = m.w.stations[0].id })
	}},
	{"an entry of another epoch", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, func(e *ledger.Entry) { e.Epoch++ })
	}},
	{"a signature of somebody else", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, nil)
		m.key = keyOf("somebody else")
	}},
	{"a signature of a head beyond the entries", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, nil)
		m.head.Seq += 2
	}},
	{"a signature of another head", func(m *mallory, s scene) {
		m.add(ledger.Device{Event: ledger.DeviceStart}, nil)
		m.head.Hash[0] ^= 1
	}},
}

// act is honest for a while, then tries one attack, is quarantined and replaced,
// and what it had is written off.
func (m *mallory) act(n int) {
	w := m.w
	v := pick(w.dice, m.victims)
	w.must(w.office.store.Seen(w.ctx, m.id, nil))
	w.earn(v, 100)
	a, err := w.office.store.Account(w.ctx, v.id)
	w.must(err)
	s := scene{v: v.id}
	for _, r := range a.Rights {
		if r.Kiosk == m.id && r.Epoch == m.head.Epoch && r.Spendable() > s.spendable {
			s.lot, s.spendable = r.Expires, r.Spendable()
		}
	}
	if s.spendable < 10 {
		return // the center grants nothing now
	}
	m.honest(&s)
	attack := attacks[n%len(attacks)]
	w.tally.count("attack: " + attack.what)
	attack.do(m, s)
	w.say("%s: %s", m.id, attack.what)
	m.deliver(s)
	c, err := w.office.store.Chain(w.ctx, m.id, s.epoch(m))
	w.must(err)
	if c.State != center.ChainQuarantined {
		w.violated("%s was not found out", attack.what)
	}
	w.touched[w.people[0]] = true
	w.check()
	m.shunned(v)
	epoch := s.epoch(m)
	m.enrol()
	w.lose(m.id, epoch)
}

func (s scene) epoch(m *mallory) uint32 { return m.head.Epoch }

// shunned holds that a chain in quarantine is not folded, and granted nothing.
func (m *mallory) shunned(v *person) {
	w, store := m.w, m.w.office.store
	_, err := store.Fold(w.ctx, m.id, m.head.Epoch)
	w.refused("a fold in quarantine", err)
	before, err := store.Chain(w.ctx, m.id, m.head.Epoch)
	w.must(err)
	w.earn(v, 10)
	if _, err := store.Grant(w.ctx, v.id, m.id, 5); err != nil && center.Passing(err) != nil {
		w.must(err)
	}
	after, err := store.Chain(w.ctx, m.id, m.head.Epoch)
	w.must(err)
	if after.Granted != before.Granted {
		w.violated("%s is in quarantine, and was granted %d", m.id, after.Granted-before.Granted)
	}
}

// honest brings a redemption into each state, and sends them.
func (m *mallory) honest(s *scene) {
	one := ledger.Part{Expires: s.lot, Points: 1}
	s.waiting = m.reserve(s.v, one)
	s.settled = m.reserve(s.v, one)
	m.settle(s.settled)
	s.cancelled = m.reserve(s.v, one)
	m.cancel(s.cancelled)
	s.refunded = m.reserve(s.v, one)
	m.settle(s.refunded)
	m.refund(s.refunded)
	s.spendable -= 2
	m.w.must(m.send(0))
	s.sent = len(m.entries)
}

// deliver sends what the attack wrote, by one of the ways into the center.
func (m *mallory) deliver(s scene) {
	from := max(0, min(s.sent, len(m.entries)-2)) // with some that are known
	if m.w.oneIn(2) {
		if err := m.send(from); err != nil && !errors.Is(err, center.ErrQuarantine) {
			_, ok := errors.AsType[link.Quarantine](err)
			if !ok {
				m.w.must(err)
			}
		}
		return
	}
	_, err := m.w.office.store.Append(m.w.ctx, center.Batch{Kiosk: m.id, Epoch: s.epoch(m), First: uint64(from) + 1, Entries: m.entries[from:],
		Head: m.head, Signature: m.head.Sign(m.key)})
	if err == nil {
		_, err = m.w.office.store.Fold(m.w.ctx, m.id, s.epoch(m))
	}
	if err != nil && !errors.Is(err, center.ErrQuarantine) {
		m.w.must(err)
	}
}

// send has entries from one on taken in.
func (m *mallory) send(from int) error {
	return m.w.office.take(m.id, m.head.Epoch, m.key, link.Entries{First: uint64(from) + 1, Signature: m.head.Sign(m.key), Entries: m.entries[from:]})
}
