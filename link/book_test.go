package link

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"yizhan/civic"
	"yizhan/ledger"
)

// note is a document of the tests: either a text or a grant.
type note struct {
	Text  string `json:"text,omitempty"`
	Grant *grant `json:"grant,omitempty"`
}

type grant struct {
	Volunteer ledger.ID `json:"volunteer"`
	Epoch     uint32    `json:"epoch"`
	Lots      []Lot     `json:"lots"`
}

// book is a kiosk's journal and book as a store would keep them: all that its
// methods change is durable when they return.
type book struct {
	mu       sync.Mutex
	head     ledger.Head
	entries  [][]byte
	acked    uint64
	era      string
	at       map[string]uint64
	texts    map[string]bool
	accounts map[ledger.ID]ledger.Account
	reason   string
	text     string
	boot     [8]byte // of another box, another one
	grown    func()  // the link's Wake
	stock    int64   // of the one good that there is
	price    ledger.Points
	kept     map[ledger.Key]uint64 // redemptions for those who stand elsewhere
	given    map[uint64]bool       // those that were given back
}

func newBook(kiosk string) *book {
	return &book{head: ledger.Head{Kiosk: kiosk, Epoch: 1}, at: map[string]uint64{}, texts: map[string]bool{},
		accounts: map[ledger.ID]ledger.Account{}, grown: func() {}, price: 40, kept: map[ledger.Key]uint64{}, given: map[uint64]bool{}}
}

// copy is the disk as somebody would copy it.
func (b *book) copy() *book {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &book{head: b.head, entries: slices.Clone(b.entries), acked: b.acked, era: b.era, at: maps.Clone(b.at), texts: maps.Clone(b.texts),
		accounts: maps.Clone(b.accounts), reason: b.reason, text: b.text, boot: [8]byte{b.boot[0] + 1}, grown: func() {},
		stock: b.stock, price: b.price, kept: maps.Clone(b.kept), given: maps.Clone(b.given)}
}

func (b *book) Head() (ledger.Head, uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head, b.acked
}

func (b *book) Since(_ context.Context, seq uint64, count, bytes int) (list [][]byte, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries[min(seq, b.head.Seq):] {
		if bytes -= len(e); len(list) == count || bytes < 0 && len(list) > 0 {
			break
		}
		list = append(list, e)
	}
	return list, nil
}

func (b *book) Acknowledged(_ context.Context, seq uint64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acked = seq
	return nil
}

func (b *book) Cursors() (string, map[string]uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.era, maps.Clone(b.at)
}

func (b *book) Apply(_ context.Context, era, scope string, version uint64, documents []json.RawMessage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, raw := range documents {
		var n note
		if err := json.Unmarshal(raw, &n); err != nil {
			return err
		}
		if g := n.Grant; g != nil && g.Epoch == b.head.Epoch {
			a := b.accounts[g.Volunteer]
			for _, l := range g.Lots {
				a = a.Grant(l.Expires, l.Granted)
			}
			b.accounts[g.Volunteer] = a
		} else if g == nil {
			b.texts[n.Text] = true
		}
	}
	if era != b.era {
		b.era, b.at = era, map[string]uint64{}
	}
	if scope != "" {
		b.at[scope] = version
	}
	return nil
}

func (b *book) GiveBack(_ context.Context, volunteer ledger.ID, points ledger.Points) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.accounts[volunteer]
	points = min(points, a.Spendable())
	if points <= 0 {
		return 0, nil
	}
	parts, err := a.Allocate(points)
	if err != nil {
		return 0, err
	}
	b.accounts[volunteer] = a.Return(parts)
	return b.write(ledger.Return{Volunteer: volunteer, Parts: parts}), nil
}

func (b *book) Granted(_ context.Context, after ledger.ID, limit int) (ids []ledger.ID, accounts []ledger.Account, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	less := func(x, y ledger.ID) int { return slices.Compare(x[:], y[:]) }
	for _, id := range slices.SortedFunc(maps.Keys(b.accounts), less) {
		if less(id, after) > 0 && len(ids) < limit {
			ids, accounts = append(ids, id), append(accounts, b.accounts[id])
		}
	}
	return ids, accounts, nil
}

func (b *book) Quarantine(_ context.Context, reason, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reason, b.text = reason, text
	return nil
}

func (b *book) Quarantined() (string, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reason, b.text
}

// spend redeems points off the shelf, if the rights here are enough.
func (b *book) spend(volunteer ledger.ID, points ledger.Points) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.reason != "" {
		return errors.New("quarantined")
	}
	a := b.accounts[volunteer]
	parts, err := a.Allocate(points)
	if err != nil {
		return err
	}
	b.accounts[volunteer] = a.Hold(parts).Spend(parts)
	seq := b.write(ledger.Reserve{Key: ledger.Key{1}, Volunteer: volunteer, Good: "RICE", Quantity: 1, Parts: parts, Shelf: true})
	b.write(ledger.Settle{Key: ledger.Key{2}, Redemption: seq})
	return nil
}

// serve puts goods aside for somebody who stands elsewhere.
func (b *book) serve(_ context.Context, w Wish, until int64) Ordered {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.accounts[w.Volunteer]
	cost := w.Price * ledger.Points(w.Quantity)
	seq := b.kept[w.Key]
	switch {
	case b.given[seq]:
		return Ordered{Outcome: OutcomeRefused}
	case seq > 0:
		r := b.reserved(seq)
		return Ordered{Outcome: OutcomeOK, Kept: Kept{seq, r.Claim, r.Until}}
	case w.Price != b.price:
		return Ordered{Outcome: OutcomePrice}
	case w.Quantity > b.stock:
		return Ordered{Outcome: OutcomeGone}
	case cost > a.Spendable():
		var granted ledger.Points
		for _, r := range a.Rights {
			granted += r.Granted
		}
		return Ordered{Outcome: OutcomePoints, Granted: granted, Missing: cost - a.Spendable()}
	default:
		parts, err := a.Allocate(cost)
		if err != nil {
			panic(err) // there are enough
		}
		b.accounts[w.Volunteer] = a.Hold(parts)
		b.stock -= w.Quantity
		seq = b.write(ledger.Reserve{Key: w.Key, Volunteer: w.Volunteer, Good: w.Good, Quantity: w.Quantity, Parts: parts, Claim: 37, Until: until})
		b.kept[w.Key] = seq
	}
	return Ordered{Outcome: OutcomeOK, Kept: Kept{seq, 37, until}}
}

// release gives back what serve put aside.
func (b *book) release(_ context.Context, r Release) Outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	seq := b.kept[r.Key]
	if seq == 0 {
		return OutcomeUnknown
	}
	if held := b.reserved(seq); !b.given[seq] {
		b.accounts[r.Volunteer] = b.accounts[r.Volunteer].Release(held.Parts)
		b.stock += held.Quantity
		b.write(ledger.Cancel{Redemption: seq, Reason: r.Reason})
		b.given[seq] = true
	}
	return OutcomeOK
}

func (b *book) reserved(seq uint64) ledger.Reserve {
	e, err := ledger.DecodeEntry(b.entries[seq-1])
	if err != nil {
		panic(err) // it was written here
	}
	return e.Body.(ledger.Reserve)
}

// events writes entries that move nothing.
func (b *book) events(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range n {
		b.write(ledger.Device{Event: ledger.DeviceStart, Text: fmt.Sprint("start ", b.head.Seq)})
	}
}

func (b *book) write(body ledger.Body) uint64 {
	e := ledger.Entry{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, Seq: b.head.Seq + 1, Prev: b.head.Hash, Boot: b.boot, Body: body}
	raw, err := e.Encode()
	if err != nil {
		panic(err) // the tests write valid entries
	}
	next, _, err := b.head.Next(raw)
	if err != nil {
		panic(err)
	}
	b.head, b.entries = next, append(b.entries, raw)
	b.grown()
	return next.Seq
}

func (b *book) account(id ledger.ID) ledger.Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accounts[id]
}

// office is a center's database: chains, lots, documents by scope.
type office struct {
	mu       sync.Mutex
	era      string
	boxes    map[string]*registered
	lots     map[ledger.ID]ledger.Lot // each volunteer has one
	scopes   map[string][]json.RawMessage
	cards    map[civic.CardID]string // whose they are
	status   map[string]Status
	link     *Center
	restored int
	fail     error // of everything, as a database that is away
}

type registered struct {
	key        ed25519.PublicKey
	chain      [][]byte
	head       ledger.Head
	folded     int
	holds      map[uint64]ledger.Reserve
	quarantine Quarantine
	refused    Refused
	untold     bool // the center was restored, and the kiosk has not said what it was granted
}

func newOffice() *office {
	return &office{era: "first", boxes: map[string]*registered{}, lots: map[ledger.ID]ledger.Lot{}, scopes: map[string][]json.RawMessage{},
		cards: map[civic.CardID]string{}, status: map[string]Status{}}
}

// restore is a center whose database is an old copy: another era, and every
// kiosk is asked. What was earned since is entered again.
func (o *office) restore(from *office) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, lot := range o.lots {
		was := from.lots[id]
		was.Expires, was.Earned = lot.Expires, lot.Earned
		from.lots[id] = was
	}
	o.restored++
	o.era, o.boxes, o.lots, o.scopes = fmt.Sprint("era ", o.restored), from.boxes, from.lots, from.scopes
	for _, r := range o.boxes {
		r.untold = true
	}
}

func (o *office) copy() *office {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := newOffice()
	c.era, c.lots = o.era, maps.Clone(o.lots)
	for k, r := range o.boxes {
		r := *r
		r.chain, r.holds = slices.Clone(r.chain), maps.Clone(r.holds)
		c.boxes[k] = &r
	}
	for s, l := range o.scopes {
		c.scopes[s] = slices.Clone(l)
	}
	return c
}

// do changes something of the office from a test.
func (o *office) do(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

func (o *office) enrol(kiosk string, key ed25519.PublicKey) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.boxes[kiosk] = &registered{key: key, head: ledger.Head{Kiosk: kiosk, Epoch: 1}, holds: map[uint64]ledger.Reserve{}}
}

func own(kiosk string) string { return "kiosk:" + kiosk }

func (o *office) Greet(_ context.Context, h Hello) (Welcome, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.boxes[h.Kiosk]
	switch {
	case o.fail != nil:
		return Welcome{}, o.fail
	case r == nil || !r.key.Equal(h.Public()):
		return Welcome{}, Refused{ReasonUnknown, "no such kiosk"}
	case r.refused.Reason != "":
		return Welcome{}, r.refused
	case h.Epoch != 1:
		return Welcome{}, Refused{ReasonReplaced, "epoch 1 it is"}
	}
	return Welcome{Head: MarkOf(r.head), Era: o.era, Scopes: List[string]{"center", own(h.Kiosk)}, Rights: r.untold, Quarantine: r.quarantine}, nil
}

func (o *office) Quarantine(_ context.Context, kiosk string, _ uint32, q Quarantine) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.boxes[kiosk].quarantine = q
	return nil
}

func (o *office) Status(_ context.Context, kiosk string, _ uint32, s Status) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.status[kiosk] = s
	return o.fail
}

func (o *office) Head(_ context.Context, kiosk string, _ uint32) (ledger.Head, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.boxes[kiosk].head, o.fail
}

func (o *office) Hash(_ context.Context, kiosk string, _ uint32, seq uint64) (ledger.Hash, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return ledger.HashOf(o.boxes[kiosk].chain[seq-1]), o.fail
}

func (o *office) Append(_ context.Context, from, to ledger.Head, _ []byte, entries [][]byte) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.boxes[from.Kiosk]
	if o.fail != nil || r.head != from {
		return false, o.fail
	}
	r.head, r.chain = to, append(r.chain, entries...)
	return true, nil
}

// fold applies the entries of every kiosk that has told what it was granted.
func (o *office) fold() {
	for kiosk, r := range o.boxes {
		for ; !r.untold && r.folded < len(r.chain); r.folded++ {
			e, err := ledger.DecodeEntry(r.chain[r.folded])
			if err != nil {
				panic(err) // Take has checked it
			}
			switch b := e.Body.(type) {
			case ledger.Reserve:
				r.holds[e.Seq] = b
				o.observe(kiosk, b.Volunteer, b.Parts, func(x *ledger.Right, n ledger.Points) { x.Held += n })
			case ledger.Settle:
				o.observe(kiosk, r.holds[b.Redemption].Volunteer, r.holds[b.Redemption].Parts, func(x *ledger.Right, n ledger.Points) {
					x.Held, x.Spent = x.Held-n, x.Spent+n
				})
			case ledger.Cancel:
				o.observe(kiosk, r.holds[b.Redemption].Volunteer, r.holds[b.Redemption].Parts, func(x *ledger.Right, n ledger.Points) { x.Held -= n })
			case ledger.Return:
				o.observe(kiosk, b.Volunteer, b.Parts, func(x *ledger.Right, n ledger.Points) { x.Returned += n })
			}
		}
	}
}

func (o *office) observe(kiosk string, id ledger.ID, parts []ledger.Part, change func(*ledger.Right, ledger.Points)) {
	for _, p := range parts {
		seen := o.lots[id].At[kiosk]
		change(&seen, p.Points)
		lot := o.lots[id].Observe(kiosk, seen)
		held := lot.At[kiosk]
		held.Held = seen.Held // which is no counter, and follows from the order of the entries
		lot.At[kiosk] = held
		o.lots[id] = lot
	}
}

func (o *office) After(_ context.Context, scope string, version uint64, documents, bytes int) (uint64, []json.RawMessage, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := o.scopes[scope]
	from := min(version, uint64(len(all)))
	to := from
	for to < uint64(len(all)) {
		if bytes -= len(all[to]); bytes < 0 && to > from || to-from == uint64(documents) {
			break
		}
		to++
	}
	return to, all[from:to], o.fail
}

func (o *office) publish(scope string, n note) json.RawMessage {
	raw, err := json.Marshal(n)
	if err != nil {
		panic(err)
	}
	o.scopes[scope] = append(o.scopes[scope], raw)
	return raw
}

func (o *office) Identify(_ context.Context, _ string, _ uint32, card civic.CardID) ([]json.RawMessage, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name, ok := o.cards[card]; ok {
		return []json.RawMessage{json.RawMessage(`{"text":"` + name + `"}`)}, o.fail
	}
	return nil, o.fail
}

// Places are all kiosks that are open, and what their books say.
func (o *office) Places(_ context.Context, kiosk, good string, open func(string) bool) (list []Place, _ error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(o.boxes)) {
		if name != kiosk && open(name) && good == "RICE" {
			list = append(list, Place{Kiosk: name, Name: name, Left: 1, Price: 40})
		}
	}
	return list, o.fail
}

func (o *office) Volunteer(_ context.Context, id ledger.ID) ([]json.RawMessage, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, known := o.lots[id]; !known {
		return nil, o.fail
	}
	return []json.RawMessage{json.RawMessage(`{"text":"` + id.String() + `"}`)}, o.fail
}

func (o *office) Until(context.Context, string) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return 1767484800, o.fail
}

func (o *office) grantable() bool {
	for _, r := range o.boxes {
		if r.untold {
			return false
		}
	}
	return true
}

func (o *office) Grant(_ context.Context, kiosk string, _ uint32, id ledger.ID, total ledger.Points) (json.RawMessage, ledger.Points, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.grant(kiosk, id, total)
}

func (o *office) grant(kiosk string, id ledger.ID, total ledger.Points) (json.RawMessage, ledger.Points, error) {
	if o.fail != nil {
		return nil, 0, o.fail
	}
	o.fold()
	lot, ok := o.lots[id]
	if !ok {
		return nil, 0, nil
	}
	if give := min(total-lot.At[kiosk].Granted, lot.Free()); give > 0 && o.grantable() {
		var err error
		if lot, err = lot.Grant(kiosk, give); err != nil {
			return nil, 0, err
		}
		o.lots[id] = lot
	}
	have := lot.At[kiosk].Granted
	return o.publish(own(kiosk), note{Grant: &grant{id, 1, []Lot{{lot.Expires, have}}}}), have, nil
}

func (o *office) Holders(_ context.Context, id ledger.ID) (ledger.Points, map[string]ledger.Points, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	held := map[string]ledger.Points{}
	for kiosk, r := range o.lots[id].At {
		held[kiosk] = r.Spendable()
	}
	return o.lots[id].Free(), held, o.fail
}

func (o *office) Granted(_ context.Context, kiosk string, _ uint32, ids []ledger.ID, accounts []ledger.Account, last bool) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, id := range ids {
		for _, r := range accounts[i].Rights {
			o.lots[id] = o.lots[id].Observe(kiosk, r)
		}
	}
	o.boxes[kiosk].untold = !last
	return nil
}

// earn gives a volunteer points and grants them to the home kiosk.
func (o *office) earn(id ledger.ID, home string, points ledger.Points) {
	o.mu.Lock()
	lot, ok := o.lots[id]
	if !ok {
		lot = ledger.Lot{Expires: 4000}
	}
	lot.Earned += points
	o.lots[id] = lot
	if _, _, err := o.grant(home, id, lot.At[home].Granted+points); err != nil {
		panic(err)
	}
	o.mu.Unlock()
	o.link.Written(own(home))
}

// tell writes a document for all kiosks.
func (o *office) tell(text string) {
	o.mu.Lock()
	o.publish("center", note{Text: text})
	o.mu.Unlock()
	o.link.Written("center")
}
