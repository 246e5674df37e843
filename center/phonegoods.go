package center

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// shopAt is a kiosk in the language of whoever looks.
type shopAt struct {
	ID            string
	Name, Counter string
	Online        bool // it can be asked now
}

// goodsNear is what stands at one kiosk, and which others are near.
type goodsNear struct {
	Shop   shopAt
	Shelf  bool // people take things off the shelf themselves: nothing is kept
	Now    ledger.Points
	Rows   []goodNear
	Others []shopAt
	None   bool // there is no kiosk at all
}

// goodNear is one good that can be had at a kiosk, or cannot.
type goodNear struct {
	Code, Title, Picture string
	Price, Missing       ledger.Points // missing of the price
	Left                 int64
}

// goods lists what stands at a kiosk: the volunteer's own, or the one that is asked for.
func (p *phones) goods(a *caller) error {
	near, err := p.Store.ShopsNear(a.Context(), cmp.Or(a.person.Home, a.person.Town), nearShops)
	if err != nil {
		return err
	}
	at := a.URL.Query().Get("at")
	if at == "" && len(near) > 0 {
		at = near[0].ID
	}
	if at == "" {
		return p.show(a, page{word: "goods", data: goodsNear{None: true}})
	}
	shop, err := p.Store.Shop(a.Context(), at)
	if err != nil {
		return err
	}
	pay, err := p.Store.Payable(a.Context(), a.id(), at, p.wishes.link.Reachable)
	if err != nil {
		return err
	}
	d := goodsNear{Shop: p.shopAt(a, shop), Shelf: shop.Station.Policy.SelfService, Now: pay.Now}
	for _, s := range shop.Stands {
		if left := min(s.Available(), ledger.MaxCount); left > 0 {
			d.Rows = append(d.Rows, p.goodNear(a, s, left, pay.Now))
		}
	}
	slices.SortStableFunc(d.Rows, func(x, y goodNear) int { return cmp.Compare(x.Price, y.Price) })
	for _, k := range near {
		if k.ID != at {
			d.Others = append(d.Others, shopAt{ID: k.ID, Name: cmp.Or(k.Name, k.ID), Online: p.wishes.link.Reachable(k.ID)})
		}
	}
	return p.show(a, page{word: "goods", data: d})
}

func (p *phones) goodNear(a *caller, s store.Stand, left int64, now ledger.Points) goodNear {
	picture := p.static.URL("goods/" + s.Good.Picture + ".svg")
	return goodNear{Code: s.Good.Code, Title: cmp.Or(goodTitle(a.ask, s.Good), s.Good.Code), Picture: cmp.Or(picture, p.static.URL("icons/gift.svg")),
		Price: s.Good.Price, Missing: max(0, s.Good.Price-now), Left: left}
}

func (p *phones) shopAt(a *caller, shop store.Shop) shopAt {
	st := shop.Station
	at := shopAt{ID: shop.ID, Name: cmp.Or(st.Name, shop.Name, shop.ID), Counter: st.Counter, Online: p.wishes.link.Reachable(shop.ID)}
	if a.lang == assets.English {
		at.Name, at.Counter = cmp.Or(st.NameEN, at.Name), cmp.Or(st.CounterEN, st.Counter)
	}
	return at
}

// goodSum is the sum that having a piece put aside makes.
type goodSum struct {
	goodNear
	Shop    shopAt
	Verdict string // yes, queue, points, gone, shelf
	Before  ledger.Points
	After   ledger.Points
	Apart   []pointsApart // what cannot be had now
	Hours   int64         // how long it is kept
	Key     string
}

// pointsApart is what lies where nobody can be asked now.
type pointsApart struct {
	Name   string
	Points ledger.Points
}

// good asks once before anything is put aside.
func (p *phones) good(a *caller) error {
	d, err := p.sum(a)
	if err != nil {
		return err
	}
	var key ledger.Key
	if _, err := io.ReadFull(p.Random, key[:]); err != nil {
		return err
	}
	d.Key = keyWord(key)
	return p.show(a, page{word: "good", title: d.Title, data: d})
}

func (p *phones) sum(a *caller) (d goodSum, err error) {
	shop, err := p.Store.Shop(a.Context(), a.PathValue("kiosk"))
	if err != nil {
		return d, err
	}
	i := slices.IndexFunc(shop.Stands, func(s store.Stand) bool { return s.Good.Code == a.PathValue("good") })
	if i < 0 {
		return d, errors.Join(store.ErrUnknown, err)
	}
	pay, err := p.Store.Payable(a.Context(), a.id(), shop.ID, p.wishes.link.Reachable)
	if err != nil {
		return d, err
	}
	stand, policy := shop.Stands[i], shop.Station.Policy.WithDefaults()
	d = goodSum{goodNear: p.goodNear(a, stand, stand.Available(), pay.Now), Shop: p.shopAt(a, shop), Before: pay.Now,
		Hours: policy.HoldHours}
	d.After, d.Verdict = d.Before-d.Price, d.verdict(policy)
	if d.Apart, err = p.apart(a, pay); err != nil {
		return d, err
	}
	return d, nil
}

func (d goodSum) verdict(policy civic.Policy) string {
	switch {
	case policy.SelfService:
		return "shelf"
	case d.Left < 1:
		return "gone"
	case d.Missing > 0:
		return "points"
	case !d.Shop.Online:
		return "queue"
	}
	return "yes"
}

// apart names where the points are that cannot be had now, the most first.
func (p *phones) apart(a *caller, pay store.Payable) (list []pointsApart, err error) {
	for _, kiosk := range slices.SortedFunc(maps.Keys(pay.Apart), func(x, y string) int { return cmp.Or(cmp.Compare(pay.Apart[y], pay.Apart[x]), cmp.Compare(x, y)) }) {
		k, _, err := p.Store.Kiosk(a.Context(), kiosk)
		if err != nil {
			return nil, err
		}
		if pay.Apart[kiosk] > 0 {
			list = append(list, pointsApart{cmp.Or(k.Name, kiosk), pay.Apart[kiosk]})
		}
	}
	return list, nil
}

// keyWord writes a key as forms and addresses have it.
func keyWord(key ledger.Key) string { return (store.Wish{Key: key}).ID() }

// readKey reads what keyWord writes.
func readKey(word string) (key ledger.Key, err error) {
	return store.ParseWishID(strings.TrimSpace(word))
}
