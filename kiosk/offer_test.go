package kiosk

import (
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// TestWhatIsOfferedCanBeHad plays with the points of one volunteer over a real book:
// at the screen, at the other kiosk, and with the network. As long as nobody else
// acts between the page and the confirmation, what the page offers is taken in full,
// and what it does not offer is not; whatever anybody does, a redemption takes from
// rights here or takes nothing, and no point is made or lost.
func TestWhatIsOfferedCanBeHad(t *testing.T) {
	for seed := range uint64(6) {
		t.Logf("seed %d", seed)
		p := newPlay(t, seed)
		for range 60 {
			p.step()
		}
		if p.taken == 0 || p.refused == 0 {
			t.Errorf("seed %d: %d redemptions, %d refused", seed, p.taken, p.refused)
		}
	}
}

// play is one such game. Points are spent by the piece.
type play struct {
	*screen
	center         *testCenter
	dice           *rand.Rand
	spentThere     ledger.Points
	taken, refused int
}

// pieceGood costs little, and there is no end of it.
const pieceGood, piecePrice = "P1", ledger.Points(13)

func newPlay(t *testing.T, seed uint64) *play {
	v, c := linkedVillage(t)
	raw, err := json.Marshal(civic.Document{Good: &civic.Good{Code: pieceGood, Version: 1, Name: "纽扣", Unit: "把", Price: piecePrice, Limit: 100_000, Delivered: 100_000}})
	v.must(err)
	v.must(c.store.Apply(t.Context(), testEra, "SQ-01", 2, []json.RawMessage{raw}))
	p := &play{screen: v.screen(), center: c, dice: rand.New(rand.NewPCG(seed, 1))}
	p.scanCard(zhang)
	return p
}

// purse is where the points are.
func (p *play) purse() *purse { return p.center.purses[id(zhang)] }

func (p *play) step() {
	p.Helper()
	switch p.dice.IntN(9) {
	case 0: // the other kiosk gives something out
		p.center.change(func(*testCenter) {
			n := min(ledger.Points(p.dice.IntN(30)), p.purse().at[0].Points-p.purse().stuck)
			p.purse().at[0].Points -= n
			p.spentThere += n
		})
	case 1: // and keeps something for somebody who comes later
		p.center.change(func(*testCenter) { p.purse().stuck = min(ledger.Points(p.dice.IntN(40)), p.purse().at[0].Points) })
	case 2: // another kiosk takes points from here
		before, _ := p.cfg.Store.Account(id(zhang))
		_, err := p.cfg.Store.GiveBack(p.Context(), id(zhang), 1+ledger.Points(p.dice.IntN(60)))
		p.must(err)
		after, _ := p.cfg.Store.Account(id(zhang))
		p.center.change(func(*testCenter) { p.purse().at[0].Points += before.Spendable() - after.Spendable() })
	case 3: // the network comes and goes
		p.center.change(func(c *testCenter) { c.offline = !c.offline })
		p.tick()
	case 4:
		p.center.change(func(*testCenter) { p.purse().at[0].Online = !p.purse().at[0].Online })
	case 5: // what was earned just now
		p.center.change(func(*testCenter) { p.purse().free += 20; p.spentThere -= 20 })
	default:
		p.redeem()
	}
	p.balanced()
}

// redeem looks at what is offered, and takes or asks for something near it. Points
// that the other kiosk keeps for goods are to be had by no kiosk, and the center says
// so of all but those whose entries are on the way; so the page may offer these once.
func (p *play) redeem() {
	p.Helper()
	p.clock.advance(askAgainMS * time.Millisecond)
	p.get("/points") // asks
	p.await(func() bool { return p.inquiries.of(id(zhang)).under == nil })
	f, _, err := p.fundsNow(p.current())
	p.must(err)
	stuck := ledger.Points(0)
	p.center.change(func(c *testCenter) {
		if !c.offline && p.purse().at[0].Online {
			stuck = p.purse().stuck
		}
	})
	pieces := int64(f.Now()/piecePrice) + p.dice.Int64N(3) // one or two too many at most
	if p.dice.IntN(2) == 0 {
		pieces = p.dice.Int64N(pieces + 1)
	}
	pieces = min(max(1, pieces), ledger.MaxQuantity)
	cost := piecePrice * ledger.Points(pieces)
	kept := len(p.inquiries.of(id(zhang)).answer.kept) > 0 // what was refused before may be had by now
	key := ledger.Key{1, byte(p.dice.IntN(256)), byte(p.dice.IntN(256)), byte(p.dice.IntN(256)), byte(p.dice.IntN(256))}
	before, _ := p.cfg.Store.Account(id(zhang))
	p.post("/redeem", "key", hex.EncodeToString(key[:]), "good", pieceGood, "quantity", strconv.FormatInt(pieces, 10), "price", strconv.FormatInt(int64(piecePrice), 10))
	after, _ := p.cfg.Store.Account(id(zhang))
	done := p.at != "/trouble"
	switch {
	case done && cost > f.Now() && !kept:
		p.Fatalf("%d were taken, %d offered", cost, f.Now())
	case !done && cost <= f.Now()-stuck:
		p.Fatalf("%d were not to be had, %d offered, of which %d wait elsewhere:\n%s", cost, f.Now(), stuck, words(p.body))
	case done && after.Held() != before.Held()+cost, !done && after.Held() != before.Held():
		p.Fatalf("for %d, held went from %d to %d", cost, before.Held(), after.Held())
	}
	if done {
		p.taken++
		return
	}
	p.refused++
	p.sees("一分没扣")
	if after.Spendable() > 0 && after.Spendable() < 1000 {
		p.sees(number(after.Spendable()) + " 分")
	}
}

// balanced holds that every point is somewhere.
func (p *play) balanced() {
	p.Helper()
	account, err := p.cfg.Store.Account(id(zhang))
	p.must(err)
	if account.Spendable() < 0 {
		p.Fatalf("%d points are here", account.Spendable())
	}
	p.center.change(func(*testCenter) {
		all := account.Spendable() + account.Held() + p.purse().free + p.purse().at[0].Points + p.spentThere
		if all != 1260 {
			p.Fatalf("%d points are somewhere, 1,260 were earned", all)
		}
	})
}
