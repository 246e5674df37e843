package center

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// box is a kiosk as the link sees it: a journal, documents and rights in memory,
// and the production end of the link over TLS.
type box struct {
	*link.Kiosk
	t   testing.TB
	key ed25519.PrivateKey

	mu         sync.Mutex
	head       ledger.Head
	entries    [][]byte
	acked      uint64
	era        string
	at         map[string]uint64
	accounts   map[ledger.ID]ledger.Account
	volunteers map[ledger.ID]civic.Volunteer
	goods      map[string]civic.Good
	reason     string
	text       string
}

// newBox is a box that nobody knows yet.
func newBox(t testing.TB) *box {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &box{t: t, key: key, at: map[string]uint64{}, accounts: map[ledger.ID]ledger.Account{},
		volunteers: map[ledger.ID]civic.Volunteer{}, goods: map[string]civic.Good{}}
}

// connect keeps the box connected to wherever address leads, until stop.
func (b *box) connect(pin link.Digest, address func() string) (stop func()) {
	b.Kiosk = link.NewKiosk(link.KioskConfig{Key: b.key, Center: pin, Program: "test", Now: time.Now,
		Dial:    func(ctx context.Context) (link.Conn, error) { return link.Dial(ctx, address(), pin) },
		Random:  mathrand.New(mathrand.NewPCG(1, 2)),
		Journal: b, Library: b, Purse: b, Guard: b, Status: func() link.Status { return link.Status{Printer: "ok", Paper: "ok"} }})
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.Run(ctx)
	}()
	stop = func() {
		end()
		<-done
	}
	b.t.Cleanup(stop)
	return stop
}

func (b *box) Head() (ledger.Head, uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head, b.acked
}

func (b *box) Since(_ context.Context, seq uint64, count, bytes int) (list [][]byte, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries[seq:] {
		if bytes -= len(e); len(list) == count || bytes < 0 && len(list) > 0 {
			break
		}
		list = append(list, e)
	}
	return list, nil
}

func (b *box) Acknowledged(_ context.Context, seq uint64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acked = seq
	return nil
}

func (b *box) Cursors() (string, map[string]uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.era, maps.Clone(b.at)
}

// Apply reads every document by the rules of a kiosk.
func (b *box) Apply(_ context.Context, era, scope string, version uint64, documents []json.RawMessage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, raw := range documents {
		d, err := civic.ReadDocument(raw, b.head.Kiosk)
		if err != nil {
			return err
		}
		switch {
		case d.Grant != nil && d.Grant.Epoch == b.head.Epoch:
			for _, l := range d.Grant.Lots {
				b.accounts[d.Grant.Volunteer] = b.accounts[d.Grant.Volunteer].Grant(l.Expires, l.Granted)
			}
		case d.Volunteer != nil:
			b.volunteers[d.Volunteer.ID] = *d.Volunteer
		case d.Good != nil:
			b.goods[d.Good.Code] = *d.Good
		case d.Gone != nil && d.Gone.Kind == civic.GoneVolunteer:
			id, _ := ledger.ParseID(d.Gone.ID)
			delete(b.volunteers, id)
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

func (b *box) GiveBack(_ context.Context, volunteer ledger.ID, points ledger.Points) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.accounts[volunteer]
	if points = min(points, a.Spendable()); points <= 0 {
		return 0, nil
	}
	parts, err := a.Allocate(points)
	if err != nil {
		return 0, err
	}
	b.accounts[volunteer] = a.Return(parts)
	return b.write(ledger.Return{Volunteer: volunteer, Parts: parts}), nil
}

func (b *box) Granted(_ context.Context, after ledger.ID, limit int) (ids []ledger.ID, accounts []ledger.Account, _ error) {
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

func (b *box) Quarantine(_ context.Context, reason, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reason, b.text = reason, text
	return nil
}

func (b *box) Quarantined() (string, string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reason, b.text
}

// spend redeems points off the shelf, if the rights here are enough.
func (b *box) spend(volunteer ledger.ID, points ledger.Points) error {
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

func (b *box) write(body ledger.Body) uint64 {
	e := ledger.Entry{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, Seq: b.head.Seq + 1, Prev: b.head.Hash, Body: body}
	raw, err := e.Encode()
	if err != nil {
		panic(err) // the tests write valid entries
	}
	next, _, err := b.head.Next(raw)
	if err != nil {
		panic(err)
	}
	b.head, b.entries = next, append(b.entries, raw)
	if b.Kiosk != nil {
		b.Wake()
	}
	return next.Seq
}

func (b *box) spendable(id ledger.ID) ledger.Points {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accounts[id].Spendable()
}

// granted is the total that a top-up names.
func (b *box) granted(id ledger.ID) (total ledger.Points) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.accounts[id].Rights {
		total += r.Granted
	}
	return total
}

func (b *box) knows(id ledger.ID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, ok := b.volunteers[id]
	return ok
}
