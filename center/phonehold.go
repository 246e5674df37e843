package center

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// Why nothing was noted.
var (
	errHolds    = errors.New("center: too much is put aside for the volunteer already")
	errHoldsDay = errors.New("center: too many wishes of the volunteer in a day")
	errHoldsNot = errors.New("center: nothing may be put aside for the volunteer")
)

// goodNow has one piece put aside, or notes that it is wanted. A second tap brings the
// same key, and so the same page.
func (p *phones) goodNow(a *caller) error {
	key, err := readKey(a.typed("key"))
	if err != nil {
		return err
	}
	price, err := strconv.ParseInt(a.typed("price"), 10, 64)
	if err != nil {
		return errors.Join(store.ErrInput, err)
	}
	wish := store.Wish{Key: key, Volunteer: a.id(), Kiosk: a.PathValue("kiosk"), Good: a.PathValue("good"), Quantity: 1, Price: ledger.Points(price), Phone: a.phone.ID}
	if _, err := p.Store.Shop(a.Context(), wish.Kiosk); err != nil {
		return err
	}
	_, err = p.wishes.want(a.Context(), wish)
	switch {
	case errors.Is(err, store.ErrFull):
		return fmt.Errorf("%w: %w", errHolds, err)
	case errors.Is(err, store.ErrQuota):
		return fmt.Errorf("%w: %w", errHoldsDay, err)
	case errors.Is(err, store.ErrState):
		return fmt.Errorf("%w: %w", errHoldsNot, err)
	case err != nil:
		return err
	}
	a.redirect(holdPath(key))
	return nil
}

func holdPath(key ledger.Key) string { return "/my/holds/" + keyWord(key) }

// holdRow is one wish in a list.
type holdRow struct {
	store.Wish
	Title string // of the good
	Shop  shopAt
}

// Word is the state of the row, for its text, icon and colour.
func (r holdRow) Word() string {
	switch {
	case r.Leave != "" && r.Open():
		return "leaving"
	case r.State == store.WishEnded && r.Why == store.EndedSettled:
		return "settled"
	}
	return string(r.State)
}

// Icon and Class are the shape and the colour of the state.
func (r holdRow) Icon() string { return holdIcons[r.Word()][0] }

// Class is the colour of the state.
func (r holdRow) Class() string { return holdIcons[r.Word()][1] }

var holdIcons = map[string][2]string{
	"kept": {"gift", "ok"}, "waiting": {"offline", "off"}, "asked": {"clock", "warn"}, "leaving": {"return", "warn"}, "refused": {"cross", "error"},
	"settled": {"ok", "ok"}, "ended": {"return", "off"}, "dropped": {"return", "off"}, "lapsed": {"clock", "off"},
}

// Code is what one says at the counter.
func (r holdRow) Code() string { return ledger.ClaimText(r.Claim) }

// holds lists what the volunteer has had put aside.
func (p *phones) holds(a *caller) error {
	list, err := p.Store.Wishes(a.Context(), a.id())
	if err != nil {
		return err
	}
	rows := make([]holdRow, 0, len(list))
	shops := make(map[string]store.Shop)
	for _, w := range list[:min(len(list), phoneHolds)] {
		r, err := p.holdRow(a, w, shops)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	return p.show(a, page{word: "holds", data: rows})
}

// holdRow names a wish. A kiosk that is out of service has a name still.
func (p *phones) holdRow(a *caller, w store.Wish, shops map[string]store.Shop) (r holdRow, err error) {
	shop, known := shops[w.Kiosk]
	if !known {
		if shop, err = p.Store.Shop(a.Context(), w.Kiosk); errors.Is(err, store.ErrUnknown) {
			shop.Kiosk, _, err = p.Store.Kiosk(a.Context(), w.Kiosk)
		}
		if err != nil {
			return r, err
		}
		shops[w.Kiosk] = shop
	}
	r = holdRow{Wish: w, Title: w.Good, Shop: p.shopAt(a, shop)}
	for _, s := range shop.Stands {
		if s.Good.Code == w.Good {
			r.Title = cmp.Or(goodTitle(a.ask, s.Good), w.Good)
		}
	}
	return r, nil
}

// holdOne is one wish and what can be done about it.
type holdOne struct {
	holdRow
	Left  ledger.Points // that can be had after it
	Leave bool          // it is asked whether it is not wanted any more
}

func (p *phones) hold(a *caller) error {
	w, err := p.oneWish(a)
	if err != nil {
		return err
	}
	row, err := p.holdRow(a, w, make(map[string]store.Shop))
	if err != nil {
		return err
	}
	pay, err := p.Store.Payable(a.Context(), a.id(), w.Kiosk, p.wishes.link.Reachable)
	if err != nil {
		return err
	}
	d := holdOne{holdRow: row, Left: pay.Now, Leave: a.URL.Query().Has("leave") && w.Open() && w.Leave == ""}
	if w.State == store.WishKept {
		counts, err := p.Store.WishCounts(a.Context(), w)
		if err != nil {
			return err
		}
		if !counts { // its entry is on the way
			d.Left -= w.Cost()
		}
	}
	return p.show(a, page{word: "hold", title: p.text(a, "phone.hold.title_"+row.Word()), data: d})
}

// oneWish is the volunteer's wish of the address.
func (p *phones) oneWish(a *caller) (store.Wish, error) {
	key, err := readKey(a.PathValue("hold"))
	if err != nil {
		return store.Wish{}, err
	}
	return p.Store.Wish(a.Context(), a.id(), key)
}

// holdNow gives a wish up.
func (p *phones) holdNow(a *caller) error {
	w, err := p.oneWish(a)
	if err != nil {
		return err
	}
	if _, err = p.wishes.leave(a.Context(), a.id(), w.Key); err != nil && !errors.Is(err, store.ErrState) {
		return err
	}
	a.redirect(holdPath(w.Key)) // it says how it is, also when it was over
	return nil
}

// holdText is how a refusal or an end is told; a kiosk that is younger than this
// program may have reasons that nobody here has words for.
func holdText(texts assets.Catalogue, kind, why string) string {
	if key := "phone.hold." + kind + "_" + why; texts.Has(key) {
		return texts.Text(key)
	}
	return texts.Text("phone.hold." + kind + "_other")
}
