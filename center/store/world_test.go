package store

import (
	"context"
	"crypto/ed25519"
	"database/sql/driver"
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"

	"yizhan/center/store/storetest"
	"yizhan/civic"
	"yizhan/ledger"
)

// engines runs a test on both databases, each with a book of its own.
func engines(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, newWorld(t, filepath.Join(t.TempDir(), "book.db"))) })
	t.Run("postgres", func(t *testing.T) { test(t, newWorld(t, storetest.Database(t))) })
}

// world is a center's store with a small org tree, and boxes that sync with it.
type world struct {
	*Store
	t        testing.TB
	database string
	time     time.Time
	boxes    map[string]*box
	earnings uint64
}

var lotA, lotB, lotC = ledger.Day(2900), ledger.Day(2930), ledger.Day(2960)

func newWorld(t testing.TB, database string) *world {
	t.Helper()
	w := &world{t: t, database: database, time: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC), boxes: make(map[string]*box)}
	w.Store = w.another(nil)
	for _, s := range []Scope{{ID: "center", Name: "县中心"}, {ID: "qingxi", Parent: "center", Name: "清溪镇"},
		{ID: "lianhua", Parent: "center", Name: "莲花镇"}, {ID: "shiqiao", Parent: "qingxi", Name: "石桥村"}} {
		w.must(w.PutScope(t.Context(), s))
	}
	return w
}

// another opens one more store on the same database.
func (w *world) another(wrap func(driver.Connector) driver.Connector) *Store {
	w.t.Helper()
	s, err := Open(w.t.Context(), Config{Database: w.database, Now: func() time.Time { return w.time }, Wrap: wrap})
	w.must(err)
	w.t.Cleanup(func() { s.Close() })
	return s
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// kiosk registers a kiosk, enrols a box for it, and syncs it once.
func (w *world) kiosk(id string) *box {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.PutKiosk(ctx, Kiosk{ID: id, Name: id + "站", Parent: "shiqiao"}))
	w.newBox(id)
	w.must(w.Seen(ctx, id, nil))
	return w.boxes[id]
}

// newBox puts a box into the kiosk's place.
func (w *world) newBox(id string) *box {
	w.t.Helper()
	ctx := w.t.Context()
	_, key, err := ed25519.GenerateKey(nil)
	w.must(err)
	code, _, err := w.MakeCode(ctx, id, "officer")
	w.must(err)
	e, err := w.Enrol(ctx, code, key.Public().(ed25519.PublicKey), 1)
	w.must(err)
	e, err = w.Approve(ctx, e.ID, "officer")
	w.must(err)
	b := &box{w: w, key: key, head: ledger.Head{Kiosk: id, Epoch: e.Epoch}, accounts: make(map[ledger.ID]ledger.Account)}
	w.boxes[id] = b
	return b
}

func (w *world) person(n byte, home string) ledger.ID {
	w.t.Helper()
	id := ledger.ID{n, 1}
	w.must(w.PutPerson(w.t.Context(), Person{Volunteer: civic.Volunteer{ID: id, Name: "张伟", Cards: []civic.CardID{{n}}}, Town: "qingxi", Home: home}))
	return id
}

func (w *world) earn(v ledger.ID, lot ledger.Day, points ledger.Points) {
	w.t.Helper()
	w.must(w.Earn(w.t.Context(), v, w.earnKey(), civic.Earning{On: 2300, Expires: lot, What: "护河", Points: points}))
}

func (w *world) earnKey() (key ledger.Key) {
	w.earnings++
	binary.BigEndian.PutUint64(key[:], w.earnings)
	return key
}

// proof fails the test unless the whole book can be proved.
func (w *world) proof() *Report {
	w.t.Helper()
	r, err := w.Verify(context.WithoutCancel(w.t.Context()))
	w.must(err)
	for _, f := range r.Findings {
		w.t.Errorf("%s: %s", f.Where, f.What)
	}
	if r.Earned+r.Missing != r.Expired+r.Free+r.Out {
		w.t.Errorf("%d earned, %d expired, %d free, %d out", r.Earned, r.Expired, r.Free, r.Out)
	}
	b, err := w.Books(context.WithoutCancel(w.t.Context())) // the cheap sum says the same
	w.must(err)
	if b.Off() != 0 || b.Earned != r.Earned || b.Missing != r.Missing || b.Free != r.Free || b.Expired != r.Expired || b.Lost != r.Lost || b.Spent+b.AtKiosks+b.Held != r.Out {
		w.t.Errorf("the books say %+v, the proof %+v", b, r)
	}
	return r
}

// lot returns one lot of a volunteer at the center.
func (w *world) lot(v ledger.ID, day ledger.Day) Lot {
	w.t.Helper()
	a, err := w.Account(w.t.Context(), v)
	w.must(err)
	for _, l := range a.Lots {
		if l.Expires == day {
			return l
		}
	}
	return Lot{}
}

// box is a kiosk's side: its chain, and the accounts that its documents gave it.
type box struct {
	w        *world
	key      ed25519.PrivateKey
	head     ledger.Head
	entries  [][]byte
	accounts map[ledger.ID]ledger.Account
	cursor   uint64
	clock    time.Time // as the box's says; zero: it says nothing that makes sense
	copies   int64     // of the slip that steps are told of
	blind    bool      // nobody saw to the clock since boot
}

// add writes an entry to the journal and returns its number.
func (b *box) add(body ledger.Body) uint64 {
	b.w.t.Helper()
	e := ledger.Entry{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, Seq: b.head.Seq + 1, Prev: b.head.Hash, Body: body}
	if !b.clock.IsZero() {
		e.WallMS, e.Quality = b.clock.UnixMilli(), ledger.ClockSynced
		e.MonoMS = max(0, b.clock.Sub(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).Milliseconds()) // one boot of many months
	}
	if b.blind {
		e.WallMS, e.Quality = 5, ledger.ClockUnknown
	}
	raw, err := e.Encode()
	b.w.must(err)
	head, _, err := b.head.Next(raw)
	b.w.must(err)
	b.head, b.entries = head, append(b.entries, raw)
	return head.Seq
}

// reserve takes points of the volunteer aside, from what the box knows.
func (b *box) reserve(v ledger.ID, points ledger.Points) ledger.Redemption {
	b.w.t.Helper()
	parts, err := b.accounts[v].Allocate(points)
	b.w.must(err)
	body := ledger.Reserve{Volunteer: v, Good: "rice", Quantity: 1, Parts: parts}
	b.accounts[v] = b.accounts[v].Hold(parts)
	return ledger.Redemption{Reserve: body, Seq: b.add(body), State: ledger.Reserved}
}

func (b *box) settle(r ledger.Redemption) {
	b.add(ledger.Settle{Redemption: r.Seq, Operator: ledger.ID{9}})
	b.accounts[r.Volunteer] = b.accounts[r.Volunteer].Spend(r.Parts)
}

func (b *box) cancel(r ledger.Redemption) {
	b.add(ledger.Cancel{Redemption: r.Seq, Reason: "x"})
	b.accounts[r.Volunteer] = b.accounts[r.Volunteer].Release(r.Parts)
}

func (b *box) refund(r ledger.Redemption) {
	b.add(ledger.Refund{Redemption: r.Seq, Operator: ledger.ID{9}, Restock: true, Reason: "x"})
	b.accounts[r.Volunteer] = b.accounts[r.Volunteer].Refund(r.Parts)
}

func (b *box) giveBack(v ledger.ID, points ledger.Points) {
	b.w.t.Helper()
	parts, err := b.accounts[v].Allocate(points)
	b.w.must(err)
	b.add(ledger.Return{Volunteer: v, Parts: parts})
	b.accounts[v] = b.accounts[v].Return(parts)
}

// batch is the entries from a number on, under a signed head.
func (b *box) batch(first uint64) Batch {
	return Batch{Kiosk: b.head.Kiosk, Epoch: b.head.Epoch, First: first, Entries: b.entries[first-1:],
		Head: b.head, Signature: b.head.Sign(b.key)}
}

// up sends everything, and has it folded.
func (b *box) up() {
	b.w.t.Helper()
	chain, err := b.w.Chain(b.w.t.Context(), b.head.Kiosk, b.head.Epoch)
	b.w.must(err)
	for first := max(chain.Head.Seq, 2) - 1; ; first += 8 { // the last two once more
		batch := b.batch(min(first, b.head.Seq+1))
		if len(batch.Entries) > 8 {
			batch.Entries, batch.Signature = batch.Entries[:8], nil
		}
		head, err := b.w.Append(b.w.t.Context(), batch)
		b.w.must(err)
		if batch.Signature == nil {
			continue
		}
		if head != b.head {
			b.w.t.Fatalf("the center acknowledges %+v, sent %+v", head, b.head)
		}
		break
	}
	_, err = b.w.Fold(b.w.t.Context(), b.head.Kiosk, b.head.Epoch)
	b.w.must(err)
}

// down takes the documents of the box's own scope.
func (b *box) down() {
	b.w.t.Helper()
	for {
		d, err := b.w.Delta(b.w.t.Context(), b.head.Kiosk, b.cursor, 7, 1<<20)
		b.w.must(err)
		for _, c := range d.Changes {
			if g := document(b.w.t, c).Grant; g != nil && g.Epoch == b.head.Epoch {
				for _, lot := range g.Lots {
					b.accounts[g.Volunteer] = b.accounts[g.Volunteer].Grant(lot.Expires, lot.Granted)
				}
			}
		}
		b.cursor = d.To
		if d.To == d.Last {
			return
		}
	}
}

// same fails unless the center's rights are those of the box.
func (b *box) same(v ledger.ID) {
	b.w.t.Helper()
	a, err := b.w.Account(b.w.t.Context(), v)
	b.w.must(err)
	var there []ledger.Right
	for _, r := range a.Rights {
		if r.Kiosk == b.head.Kiosk && r.Epoch == b.head.Epoch {
			there = append(there, r.Right)
		}
	}
	here := b.accounts[v].Rights
	if len(there) != len(here) {
		b.w.t.Fatalf("center %+v, box %+v", there, here)
	}
	for i := range here {
		if here[i] != there[i] {
			b.w.t.Fatalf("center %+v, box %+v", there, here)
		}
	}
}

func (b *box) spendable(v ledger.ID) ledger.Points { return b.accounts[v].Spendable() }

func (b *box) public() ed25519.PublicKey { return b.key.Public().(ed25519.PublicKey) }
