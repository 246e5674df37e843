package ledger_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"yizhan/ledger"
)

// TestMain makes random sequences long enough for a story; -rapid.steps on the
// command line still wins.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.steps", "300"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// system is a center and its kiosks, for one volunteer and one good, beside
// the naive model of the same.
type system struct {
	t      *rapid.T
	model  *model
	center map[ledger.Day]ledger.Lot
	kiosks []*kiosk
}

// days are the expiries of the lots, not in order.
var days = []ledger.Day{2403, 2372, 2768}

type kiosk struct {
	name        string
	model       *modelKiosk
	account     ledger.Account
	shelf       ledger.Shelf
	redemptions []ledger.Redemption
	head        ledger.Head
	journal     [][]byte
	mail        []grant  // from the center; any may come, at any time, any number of times
	reports     []report // to the center, likewise
	newest      int      // the last report that the center has seen, from 1
}

type grant struct {
	day   ledger.Day
	total ledger.Points
	moves int // in the model
}

type report struct {
	rights []ledger.Right
	moves  map[ledger.Day]int // returned, in the model
}

// TestLedgerAgainstPointsAsThings runs random sequences of everything that can
// happen to points, with messages doubled, late and out of order, and holds
// invariants 1 and 2 and the model after each step. At the end every journal
// is replayed, and every message that is still under way comes in.
func TestLedgerAgainstPointsAsThings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := open(t)
		// rapid sorts the names and takes the first ones most often.
		t.Repeat(map[string]func(*rapid.T){
			"":            func(*rapid.T) { s.check() },
			"1 reserve":   func(*rapid.T) { s.reserve() },
			"2 settle":    func(*rapid.T) { s.settle() },
			"3 report":    func(*rapid.T) { s.report() },
			"4 observe":   func(*rapid.T) { s.observe() },
			"5 earn":      func(*rapid.T) { s.earn() },
			"6 grant":     func(*rapid.T) { s.grant() },
			"7 mail":      func(*rapid.T) { s.deliverMail() },
			"8 cancel":    func(*rapid.T) { s.cancel() },
			"9 refund":    func(*rapid.T) { s.refund() },
			"a return":    func(*rapid.T) { s.giveBack() },
			"b deliver":   func(*rapid.T) { s.deliverGoods() },
			"c overreach": func(*rapid.T) { s.overreach() },
			"d expire":    func(*rapid.T) { s.expire() },
		})
		for _, k := range s.kiosks {
			s.replay(k)
		}
		s.everythingArrives()
	})
}

// open makes a system in which something can be bought: a lot of points for
// each day, most of them at the kiosks, and some goods.
func open(t *rapid.T) *system {
	s := &system{t: t, model: &model{}, center: map[ledger.Day]ledger.Lot{}}
	for i := range 2 {
		name := fmt.Sprintf("K-%d", i+1)
		k := &kiosk{name: name, model: newModelKiosk(), head: ledger.Head{Kiosk: name, Epoch: 1}}
		s.kiosks = append(s.kiosks, k)
		s.bring(k, 6)
	}
	for _, day := range days {
		s.center[day] = ledger.Lot{Expires: day}
		s.earnOn(day, 10)
		for _, k := range s.kiosks {
			s.grantTo(k, day, 4)
			k.open(k.mail[len(k.mail)-1])
		}
	}
	return s
}

func (s *system) kiosk() *kiosk   { return rapid.SampledFrom(s.kiosks).Draw(s.t, "kiosk") }
func (s *system) day() ledger.Day { return rapid.SampledFrom(days).Draw(s.t, "day") }
func (s *system) n(low, high int) int {
	return rapid.IntRange(low, high).Draw(s.t, "n")
}

func (s *system) earn() { s.earnOn(s.day(), s.n(1, 9)) }

func (s *system) earnOn(day ledger.Day, n int) {
	lot := s.center[day]
	lot.Earned += ledger.Points(n)
	s.center[day] = lot
	s.model.earn(day, n)
}

func (s *system) grant() { s.grantTo(s.kiosk(), s.day(), s.n(1, 9)) }

func (s *system) grantTo(k *kiosk, day ledger.Day, n int) {
	var want error
	if n > len(s.model.at(nil, day, free)) {
		want = ledger.ErrNotEnough
	}
	lot, err := s.center[day].Grant(k.name, ledger.Points(n))
	if !errors.Is(err, want) {
		s.t.Fatalf("granting %d: %v, want %v", n, err, want)
	}
	if want != nil {
		s.equal("a lot after a refused grant", lot, s.center[day])
		return
	}
	s.center[day] = lot
	s.model.grant(k.model, day, n)
	k.mail = append(k.mail, grant{day, lot.At[k.name].Granted, len(k.model.granted[day])})
}

func (s *system) expire() {
	day := s.day()
	s.center[day] = s.center[day].Expire()
	s.model.expire(day)
}

func (s *system) deliverMail() {
	k := s.kiosk()
	if len(k.mail) == 0 {
		s.t.Skip("no mail")
	}
	k.open(rapid.SampledFrom(k.mail).Draw(s.t, "mail"))
}

func (k *kiosk) open(g grant) {
	k.account = k.account.Grant(g.day, g.total)
	k.model.grantArrives(g.day, g.moves)
}

func (s *system) report() {
	k := s.kiosk()
	r := report{rights: k.account.Rights, moves: map[ledger.Day]int{}}
	for _, day := range days {
		r.moves[day] = len(k.model.returned[day])
	}
	k.reports = append(k.reports, r)
}

func (s *system) observe() {
	k := s.kiosk()
	if len(k.reports) == 0 {
		s.t.Skip("no report")
	}
	s.read(k, rapid.IntRange(0, len(k.reports)-1).Draw(s.t, "report"))
}

func (s *system) read(k *kiosk, i int) {
	for _, r := range k.reports[i].rights {
		s.center[r.Expires] = s.center[r.Expires].Observe(k.name, r)
		k.model.returnArrives(r.Expires, k.reports[i].moves[r.Expires])
	}
	k.newest = max(k.newest, i+1)
}

func (s *system) deliverGoods() { s.bring(s.kiosk(), s.n(1, 9)) }

func (s *system) bring(k *kiosk, n int) {
	k.shelf.Delivered += int64(n)
	for range n {
		k.model.pieces = append(k.model.pieces, spendable)
	}
}

func (s *system) reserve() {
	k, cost, quantity := s.kiosk(), s.n(1, 15), s.n(1, 3)
	points, pieces := s.model.spendable(k.model), k.model.piecesAt(spendable)
	var wantPoints, wantPieces error
	if cost > len(points) {
		wantPoints = ledger.ErrNotEnough
	}
	if quantity > len(pieces) {
		wantPieces = ledger.ErrStock
	}
	parts, err := k.account.Allocate(ledger.Points(cost))
	if !errors.Is(err, wantPoints) || (err != nil && parts != nil) {
		s.t.Fatalf("allocating %d of %d: %v, %v, want %v", cost, len(points), parts, err, wantPoints)
	}
	if err := k.shelf.CanHold(int64(quantity)); !errors.Is(err, wantPieces) {
		s.t.Fatalf("holding %d of %d pieces: %v, want %v", quantity, len(pieces), err, wantPieces)
	}
	if wantPoints != nil || wantPieces != nil {
		return
	}
	seq := k.head.Seq + 1
	want := k.model.reserve(seq, points[:cost], pieces[:quantity])
	s.equal("parts", parts, want)
	body := ledger.Reserve{Volunteer: aVolunteer, Good: "rice", Quantity: int64(quantity), Parts: parts}
	k.account, k.shelf = body.Apply(k.account, k.shelf)
	body.Balance = k.account.Spendable()
	k.redemptions = append(k.redemptions, ledger.Redemption{Reserve: body, Seq: seq, State: ledger.Reserved})
	s.write(k, body)
}

// redemption picks one at any kiosk, in whatever state.
func (s *system) redemption() (*kiosk, *ledger.Redemption, *modelRedemption) {
	k := s.kiosk()
	if len(k.redemptions) == 0 {
		s.t.Skip("no redemption")
	}
	r := &k.redemptions[rapid.IntRange(0, len(k.redemptions)-1).Draw(s.t, "redemption")]
	return k, r, k.model.done[r.Seq]
}

// step takes over the outcome of a step of a redemption, when the model says
// that the step is one, and else holds that nothing changed.
func (s *system) step(k *kiosk, r *ledger.Redemption, allowed bool, after ledger.Redemption, a ledger.Account, shelf ledger.Shelf, err error) bool {
	if !allowed {
		if !errors.Is(err, ledger.ErrState) {
			s.t.Fatalf("a step from %v: %v, want %v", r.State, err, ledger.ErrState)
		}
		s.equal("a redemption after a refused step", after, *r)
		s.equal("an account after a refused step", a, k.account)
		s.equal("a shelf after a refused step", shelf, k.shelf)
		return false
	}
	if err != nil {
		s.t.Fatalf("a step from %v: %v", r.State, err)
	}
	*r, k.account, k.shelf = after, a, shelf
	return true
}

func (s *system) settle() {
	k, r, m := s.redemption()
	after, a, shelf, err := r.Settle(k.account, k.shelf)
	if s.step(k, r, m.state == ledger.Reserved, after, a, shelf, err) {
		k.model.put(m, ledger.Settled, spent, spent)
		s.write(k, ledger.Settle{Redemption: r.Seq, Operator: aClerk})
	}
}

func (s *system) cancel() {
	k, r, m := s.redemption()
	after, a, shelf, err := r.Cancel(k.account, k.shelf)
	if s.step(k, r, m.state == ledger.Reserved, after, a, shelf, err) {
		k.model.put(m, ledger.Cancelled, spendable, spendable)
		s.write(k, ledger.Cancel{Redemption: r.Seq})
	}
}

func (s *system) refund() {
	k, r, m := s.redemption()
	restock := rapid.Bool().Draw(s.t, "restock")
	after, a, shelf, err := r.Refund(k.account, k.shelf, restock)
	if s.step(k, r, m.state == ledger.Settled, after, a, shelf, err) {
		pieces := spent
		if restock {
			pieces = spendable
		}
		k.model.put(m, ledger.Refunded, spendable, pieces)
		s.write(k, ledger.Refund{Redemption: r.Seq, Operator: aClerk, Restock: restock})
	}
}

func (s *system) giveBack() {
	k, day, n := s.kiosk(), s.day(), s.n(1, 9)
	if n > len(s.model.at(k.model, day, spendable)) {
		s.t.Skip("not that many")
	}
	body := ledger.Return{Volunteer: aVolunteer, Parts: []ledger.Part{{Expires: day, Points: ledger.Points(n)}}}
	k.account = k.account.Return(body.Parts)
	s.model.giveBack(k.model, day, n)
	s.write(k, body)
}

// overreach makes a change without asking whether there is enough: the check
// of the result must tell exactly when there was not.
func (s *system) overreach() {
	k, day, n := s.kiosk(), s.day(), s.n(1, 12)
	parts := []ledger.Part{{Expires: day, Points: ledger.Points(n)}}
	enough := n <= len(s.model.at(k.model, day, spendable))
	for name, a := range map[string]ledger.Account{"holding": k.account.Hold(parts), "returning": k.account.Return(parts)} {
		if err := a.Check(); enough != (err == nil) || (err != nil && !errors.Is(err, ledger.ErrNegative)) {
			s.t.Fatalf("%s %d, enough %v: %v", name, n, enough, err)
		}
	}
	enough = n <= len(s.model.at(k.model, day, held))
	for name, a := range map[string]ledger.Account{"spending": k.account.Spend(parts), "releasing": k.account.Release(parts)} {
		if err := a.Check(); enough != (err == nil) || (err != nil && !errors.Is(err, ledger.ErrRange)) {
			s.t.Fatalf("%s %d, enough %v: %v", name, n, enough, err)
		}
	}
	enough = n <= len(s.model.at(k.model, day, spent))
	if err := k.account.Refund(parts).Check(); enough != (err == nil) || (err != nil && !errors.Is(err, ledger.ErrNegative)) {
		s.t.Fatalf("refunding %d, enough %v: %v", n, enough, err)
	}
}

// write appends an entry to the kiosk's chain.
func (s *system) write(k *kiosk, body ledger.Body) {
	e := ledger.Entry{Kiosk: k.name, Epoch: 1, Seq: k.head.Seq + 1, Prev: k.head.Hash, Body: body}
	b := mustEncode(s.t, e)
	head, _, err := k.head.Next(b)
	if err != nil {
		s.t.Fatal(err)
	}
	k.head, k.journal = head, append(k.journal, b)
}

// check holds invariants 1 and 2 and compares everything with the model.
func (s *system) check() {
	for _, k := range s.kiosks {
		s.checkKiosk(k)
	}
	for _, day := range days {
		s.checkLot(day)
	}
}

func (s *system) checkKiosk(k *kiosk) {
	if err := errors.Join(k.account.Check(), k.shelf.Check()); err != nil {
		s.t.Fatalf("at %s: %v", k.name, err)
	}
	sums := map[place]ledger.Points{}
	for _, day := range days {
		r := k.right(day)
		for p, got := range map[place]ledger.Points{spendable: r.Spendable(), held: r.Held, spent: r.Spent - r.Refunded} {
			if want := ledger.Points(len(s.model.at(k.model, day, p))); got != want {
				s.t.Fatalf("%s, lot %v, place %d: %d points, want %d", k.name, day, p, got, want)
			}
			sums[p] += got
		}
	}
	s.equal("balance", k.account.Spendable(), sums[spendable])
	s.equal("held", k.account.Held(), sums[held])
	s.equal("available", k.shelf.Available(), int64(len(k.model.piecesAt(spendable))))
	s.equal("on hand", k.shelf.OnHand(), int64(len(k.model.piecesAt(spendable))+len(k.model.piecesAt(held))))
}

func (k *kiosk) right(day ledger.Day) ledger.Right {
	for _, r := range k.account.Rights {
		if r.Expires == day {
			return r
		}
	}
	return ledger.Right{Expires: day}
}

func (s *system) checkLot(day ledger.Day) {
	lot := s.center[day]
	if err := lot.Check(); err != nil {
		s.t.Fatal(err)
	}
	s.equal("free", lot.Free(), ledger.Points(len(s.model.at(nil, day, free))))
	s.equal("expired", lot.Expired, ledger.Points(len(s.model.at(nil, day, expired))))
	sum := lot.Expired + lot.Free()
	for _, k := range s.kiosks {
		r := lot.At[k.name]
		there := r.Spendable() + r.Held + r.Spent - r.Refunded
		var want ledger.Points // granted, and not known to be back
		for _, p := range []place{toKiosk, spendable, held, spent, toCenter} {
			want += ledger.Points(len(s.model.at(k.model, day, p)))
		}
		s.equal("points out at "+k.name, there, want)
		sum += there
		seen := ledger.Right{}
		if k.newest > 0 {
			for _, x := range k.reports[k.newest-1].rights {
				if x.Expires == day {
					seen = x
				}
			}
		}
		s.equal("what the center has seen of "+k.name, [3]ledger.Points{r.Spent, r.Refunded, r.Returned},
			[3]ledger.Points{seen.Spent, seen.Refunded, seen.Returned})
	}
	s.equal("earned", sum, lot.Earned)
}

func (s *system) equal(what string, got, want any) {
	s.t.Helper()
	if !reflect.DeepEqual(got, want) {
		s.t.Fatalf("%s: %+v, want %+v", what, got, want)
	}
}

// replay folds the journal alone, and the grants after it: the order of the
// two does not matter.
func (s *system) replay(k *kiosk) {
	var a ledger.Account
	var shelf ledger.Shelf
	found := map[uint64]ledger.Redemption{}
	head := ledger.Head{Kiosk: k.name, Epoch: 1}
	for _, b := range k.journal {
		next, e, err := head.Next(b)
		if err != nil {
			s.t.Fatal(err)
		}
		head = next
		switch b := e.Body.(type) {
		case ledger.Reserve:
			found[e.Seq] = ledger.Redemption{Reserve: b, Seq: e.Seq, State: ledger.Reserved}
			a, shelf = b.Apply(a, shelf)
		case ledger.Settle:
			found[b.Redemption], a, shelf, err = found[b.Redemption].Settle(a, shelf)
		case ledger.Cancel:
			found[b.Redemption], a, shelf, err = found[b.Redemption].Cancel(a, shelf)
		case ledger.Refund:
			found[b.Redemption], a, shelf, err = found[b.Redemption].Refund(a, shelf, b.Restock)
		case ledger.Return:
			a = a.Return(b.Parts)
		}
		if err != nil {
			s.t.Fatalf("replaying entry %d: %v", e.Seq, err)
		}
	}
	for _, r := range k.account.Rights {
		a = a.Grant(r.Expires, r.Granted)
	}
	shelf.Delivered = k.shelf.Delivered
	s.equal("the account rebuilt", a, k.account)
	s.equal("the shelf rebuilt", shelf, k.shelf)
	for _, r := range k.redemptions {
		s.equal("a redemption rebuilt", found[r.Seq], r)
	}
}

// everythingArrives delivers all mail and a last report of each kiosk, in any
// order: then the center knows the truth.
func (s *system) everythingArrives() {
	for _, k := range s.kiosks {
		if len(k.mail) > 0 {
			for _, g := range rapid.Permutation(slices.Clone(k.mail)).Draw(s.t, "mail") {
				k.open(g)
			}
		}
		k.reports = append(k.reports, report{rights: k.account.Rights, moves: map[ledger.Day]int{}})
		last := len(k.reports) - 1
		for _, day := range days {
			k.reports[last].moves[day] = len(k.model.returned[day])
		}
		order := make([]int, len(k.reports))
		for i := range order {
			order[i] = i
		}
		for _, i := range rapid.Permutation(order).Draw(s.t, "reports") {
			s.read(k, i)
		}
	}
	s.check()
	for _, k := range s.kiosks {
		for _, r := range k.account.Rights {
			r.Held = 0 // the kiosk's own
			s.equal("the center's view of "+k.name, s.center[r.Expires].At[k.name], r)
		}
	}
}
