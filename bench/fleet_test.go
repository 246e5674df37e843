package bench

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// Of the fleet that load is measured with.
const (
	fleetLot     = ledger.Day(4000)
	fleetPeople  = 4 // volunteers whose points each box holds
	fleetGranted = ledger.Points(1_000_000)
	fleetGood    = "RICE-5"
)

// fleetBox is a kiosk's end of the link with a journal in memory, so that what is
// measured is the center.
type fleetBox struct {
	kiosk      string
	key        ed25519.PrivateKey
	volunteers []ledger.ID
	link       *link.Kiosk

	mu      sync.Mutex
	head    ledger.Head
	entries [][]byte
	acked   uint64
	era     string
	cursors map[string]uint64
	told    chan struct{} // an acknowledgement came
}

func newFleetBox(n int) *fleetBox {
	seed := binary.BigEndian.AppendUint64(make([]byte, ed25519.SeedSize-8), uint64(n)+1)
	b := &fleetBox{kiosk: fmt.Sprintf("K-%05d", n), key: ed25519.NewKeyFromSeed(seed), cursors: map[string]uint64{}, told: make(chan struct{}, 1)}
	b.head = ledger.Head{Kiosk: b.kiosk, Epoch: 1}
	for i := range fleetPeople {
		b.volunteers = append(b.volunteers, fleetVolunteer(n, i))
	}
	return b
}

func fleetVolunteer(box, i int) (id ledger.ID) {
	binary.BigEndian.PutUint32(id[:], uint32(box)+1)
	binary.BigEndian.PutUint32(id[4:], uint32(i)+1)
	return id
}

// work lets a box write entries while it is offline: redemptions, each handed over.
func (b *fleetBox) work(tb testing.TB, entries int) {
	for len(b.entries) < entries {
		seq := b.head.Seq + 1
		who := b.volunteers[int(seq)%len(b.volunteers)]
		var key ledger.Key
		binary.BigEndian.PutUint64(key[:], seq)
		b.write(tb, ledger.Reserve{Key: key, Volunteer: who, Good: fleetGood, Quantity: 1, Parts: []ledger.Part{{Expires: fleetLot, Points: 1}}, Claim: uint16(seq % 9000)})
		key[0]++
		b.write(tb, ledger.Settle{Key: key, Redemption: seq})
	}
}

func (b *fleetBox) write(tb testing.TB, body ledger.Body) {
	raw, err := ledger.Entry{Kiosk: b.kiosk, Epoch: 1, Seq: b.head.Seq + 1, Prev: b.head.Hash, MonoMS: int64(b.head.Seq), WallMS: 1_790_000_000_000, Body: body}.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	b.entries = append(b.entries, raw)
	b.head.Seq, b.head.Hash = b.head.Seq+1, ledger.HashOf(raw)
}

// connect makes the box's link; its Run brings it to life.
func (b *fleetBox) connect(address string, center link.Digest) *link.Kiosk {
	b.link = link.NewKiosk(link.KioskConfig{Key: b.key, Center: center, Program: "bench", Now: time.Now, Random: rand.New(rand.NewPCG(1, uint64(len(b.kiosk)))),
		Dial:    func(ctx context.Context) (link.Conn, error) { return link.Dial(ctx, address, center) },
		Journal: b, Library: b, Purse: b, Guard: b, Status: func() link.Status { return link.Status{Printer: "ok", Paper: "ok"} }})
	return b.link
}

func (b *fleetBox) Head() (ledger.Head, uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.head, b.acked
}

func (b *fleetBox) Since(_ context.Context, seq uint64, entries, most int) (list [][]byte, _ error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := 0
	for _, raw := range b.entries[seq:] {
		if size += len(raw); len(list) == entries || size > most && len(list) > 0 {
			break
		}
		list = append(list, raw)
	}
	return list, nil
}

func (b *fleetBox) Acknowledged(_ context.Context, seq uint64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acked = seq
	select {
	case b.told <- struct{}{}:
	default:
	}
	return nil
}

func (b *fleetBox) Cursors() (string, map[string]uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at := make(map[string]uint64, len(b.cursors))
	for scope, version := range b.cursors {
		at[scope] = version
	}
	return b.era, at
}

func (b *fleetBox) Apply(_ context.Context, era, scope string, version uint64, documents []json.RawMessage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if era != b.era {
		b.era, b.cursors = era, map[string]uint64{}
	}
	if scope != "" {
		b.cursors[scope] = version
	}
	return nil
}

// GiveBack returns what it is asked for: nothing is spent here meanwhile.
func (b *fleetBox) GiveBack(_ context.Context, volunteer ledger.ID, points ledger.Points) (uint64, error) {
	raw, err := ledger.Entry{Kiosk: b.kiosk, Epoch: 1, Seq: b.head.Seq + 1, Prev: b.head.Hash,
		Body: ledger.Return{Volunteer: volunteer, Parts: []ledger.Part{{Expires: fleetLot, Points: points}}}}.Encode()
	if err != nil {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, raw)
	b.head.Seq, b.head.Hash = b.head.Seq+1, ledger.HashOf(raw)
	return b.head.Seq, nil
}

func (b *fleetBox) Granted(_ context.Context, after ledger.ID, limit int) (ids []ledger.ID, accounts []ledger.Account, _ error) {
	for _, id := range b.volunteers {
		if bytes.Compare(id[:], after[:]) > 0 && len(ids) < limit {
			ids, accounts = append(ids, id), append(accounts, ledger.Account{}.Grant(fleetLot, fleetGranted))
		}
	}
	return ids, accounts, nil
}

func (b *fleetBox) Quarantine(_ context.Context, reason, text string) error { return nil }
func (b *fleetBox) Quarantined() (string, string)                           { return "", "" }

// settleFleet writes boxes, their volunteers and their rights into a center's book.
func settleFleet(tb testing.TB, book *store.Store, boxes []*fleetBox) {
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	must(book.PutScope(ctx, store.Scope{ID: "center", Name: "县中心"}))
	must(book.PutScope(ctx, store.Scope{ID: "qingxi", Parent: "center", Name: "清溪镇"}))
	for i, b := range boxes {
		must(book.PutKiosk(ctx, store.Kiosk{ID: b.kiosk, Name: b.kiosk, Parent: "qingxi", Cap: fleetPeople * fleetGranted}))
		epoch, err := book.NewEpoch(ctx, b.kiosk, b.key.Public().(ed25519.PublicKey), 1, "bench")
		must(err)
		if epoch != 1 {
			tb.Fatalf("%s begins in epoch %d", b.kiosk, epoch)
		}
		must(book.PutDocument(ctx, b.kiosk, civic.Document{Good: &civic.Good{Code: fleetGood, Name: "大米", Unit: "袋", Price: 1, Delivered: 1 << 20}}))
		for j, id := range b.volunteers {
			must(book.PutPerson(ctx, store.Person{Volunteer: civic.Volunteer{ID: id, Name: "张伟"}, Town: "qingxi"}))
			var key ledger.Key
			binary.BigEndian.PutUint64(key[:], uint64(i*fleetPeople+j)+1)
			must(book.Earn(ctx, id, key, civic.Earning{On: 2300, Expires: fleetLot, What: "护河", Points: fleetGranted}))
			n, err := book.Grant(ctx, id, b.kiosk, fleetGranted)
			must(err)
			if n != fleetGranted {
				tb.Fatalf("%d points granted", n)
			}
		}
	}
}
