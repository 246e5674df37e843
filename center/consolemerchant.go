package center

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
)

// merchantForm is the fields of a merchant or donor as they are typed, by name.
type merchantForm map[string]string

// merchantFields are the names of the fields, in the form's order.
var merchantFields = []string{"kind", "name", "license", "address", "contact", "phone", "account", "quota", "from", "until", "terms", "note"}

// merchantFormOf writes a merchant as it would be typed.
func merchantFormOf(m store.Merchant) merchantForm {
	f := merchantForm{"kind": string(m.Kind), "name": m.Name, "license": m.License, "address": m.Address, "contact": m.Contact, "phone": m.Phone,
		"account": m.Account, "terms": m.Terms, "note": m.Note, "quota": "", "from": "", "until": ""}
	if m.Quota > 0 {
		f["quota"] = strconv.FormatInt(m.Quota, 10)
	}
	for field, day := range map[string]ledger.Day{"from": m.From, "until": m.Until} {
		if day != 0 {
			f[field] = day.Time().Format(time.DateOnly)
		}
	}
	return f
}

// read makes the merchant of what was typed, over what stood there. Problems are by
// field: center.merchant.problem.WORD.
func (f merchantForm) read(m store.Merchant) (store.Merchant, map[string]string) {
	problems := make(map[string]string)
	for field, at := range map[string]*string{"name": &m.Name, "license": &m.License, "address": &m.Address, "contact": &m.Contact, "phone": &m.Phone,
		"account": &m.Account, "terms": &m.Terms, "note": &m.Note} {
		if *at = f[field]; utf8.RuneCountInString(*at) > store.MaxMerchantText {
			problems[field] = "long"
		}
	}
	if !goodName(m.Name) {
		problems["name"] = "name"
	}
	if m.Kind = store.MerchantKind(f["kind"]); m.Kind != store.Seller && m.Kind != store.Donor {
		problems["kind"] = "kind"
	}
	m.Quota = 0
	if f["quota"] != "" {
		n, err := strconv.ParseInt(f["quota"], 10, 64)
		if m.Quota = n; err != nil || n < 0 || n > int64(ledger.MaxPoints) {
			problems["quota"] = "quota"
		}
	}
	for field, at := range map[string]*ledger.Day{"from": &m.From, "until": &m.Until} {
		if *at = 0; f[field] == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, f[field])
		if *at = ledger.DayOf(day); err != nil || *at < 1 || *at > ledger.MaxDay {
			problems[field] = "day"
		}
	}
	if problems["until"] == "" && m.Until != 0 && m.Until < m.From {
		problems["until"] = "until"
	}
	return m, problems
}

// merchantPage is the form of a merchant or donor, new or one that stands there.
type merchantPage struct {
	Place    place
	ID       string // of a new one, drawn with the form
	Form     merchantForm
	Was      uint64 // version that the form began with; 0: it is new
	Row      merchantRow
	Problems map[string]string
	Changed  *store.Act        // somebody else's, meanwhile
	Now      map[string]string // what stands there now, where the form says something else
	Goods    []store.PlacedGood
	Acts     []store.Act
	MayAct   bool
}

// New tells whether it is being added.
func (p merchantPage) New() bool { return p.Was == 0 }

// Fields are the names of the fields that are typed as texts.
func (p merchantPage) Fields() []string { return merchantFields[1:] }

func merchantPath(at, id string) string {
	return "/merchant/" + url.PathEscape(at) + "/" + url.PathEscape(id)
}

// oneMerchant finds the merchant that a path names.
func (c *console) oneMerchant(a *ask) (place, store.Merchant, error) {
	at, err := c.onePlace(a, a.PathValue("at"))
	if err != nil {
		return at, store.Merchant{}, err
	}
	id := a.PathValue("id")
	if !store.MerchantID(id) {
		return at, store.Merchant{}, store.ErrUnknown
	}
	m, err := c.Store.Merchant(a.Context(), id)
	if err == nil && m.Scope != at.ID {
		err = store.ErrUnknown
	}
	return at, m, err
}

func (c *console) merchant(a *ask) error {
	at, m, err := c.oneMerchant(a)
	if err != nil {
		return err
	}
	return c.showMerchant(a, merchantPage{Place: at, Form: merchantFormOf(m), Was: m.Version, Row: merchantRow{Merchant: m}})
}

func (c *console) addmerchant(a *ask) error {
	at, err := c.merchantPlace(a)
	if err != nil {
		return err
	}
	id, err := c.Store.NewMerchantID()
	if err != nil {
		return err
	}
	return c.showMerchant(a, merchantPage{Place: at, ID: id, Form: merchantForm{"kind": string(store.Seller)}})
}

// merchantPlace is where a new one would stand: a place, and no kiosk.
func (c *console) merchantPlace(a *ask) (place, error) {
	if ledger.ValidKiosk(a.PathValue("at")) {
		return place{}, store.ErrUnknown
	}
	return c.onePlace(a, a.PathValue("at"))
}

// showMerchant completes the form by what stands around it.
func (c *console) showMerchant(a *ask, p merchantPage) error {
	p.MayAct = a.may(powerGoods)
	pg := page{word: "merchant", title: c.text(a, "center.title.addmerchant")}
	if !p.New() {
		m := p.Row.Merchant
		p.Row.Word, p.Row.To = merchantState(m, c.day()), merchantPath(m.Scope, m.ID)
		pg.title = m.Name
		goods, err := c.Store.GoodsFrom(a.Context(), m.ID)
		if err != nil {
			return err
		}
		p.Goods = slices.DeleteFunc(goods, func(g store.PlacedGood) bool { return !a.area.has(g.Scope) })
		acts, err := c.Store.Acts(a.Context(), m.Scope, 0, lookedActs)
		if err != nil {
			return err
		}
		for _, act := range acts {
			if merchantOfAct(act).ID == m.ID && len(p.Acts) < shownActs {
				p.Acts = append(p.Acts, act)
			}
		}
	}
	if len(p.Problems) > 0 || p.Changed != nil {
		pg.code = http.StatusUnprocessableEntity
	}
	pg.data = p
	return c.show(a, pg)
}

// merchantNow writes a merchant, new or changed.
func (c *console) merchantNow(a *ask) error {
	p := merchantPage{Form: make(merchantForm)}
	for _, field := range merchantFields {
		p.Form[field] = plainText(a.typed(field))
	}
	var err error
	if a.PathValue("id") == "" {
		p.ID = a.typed("id")
		p.Row.Merchant = store.Merchant{ID: p.ID}
		if p.Place, err = c.merchantPlace(a); err == nil && !store.MerchantID(p.ID) {
			err = errForm
		}
		p.Row.Scope = p.Place.ID
	} else {
		var bad error
		p.Place, p.Row.Merchant, err = c.oneMerchant(a)
		if p.Was, bad = strconv.ParseUint(a.typed("was"), 10, 64); bad != nil || p.Was == 0 {
			err = cmp.Or(err, errForm)
		}
	}
	if err != nil {
		return err
	}
	m, problems := p.Form.read(p.Row.Merchant)
	if p.Problems = problems; len(problems) > 0 {
		return c.showMerchant(a, p)
	}
	err = c.Store.PutMerchant(a.Context(), p.Was, m)
	if errors.Is(err, store.ErrChanged) {
		return c.changedMerchant(a, p)
	}
	if err != nil {
		return err
	}
	a.redirect(merchantPath(m.Scope, m.ID) + "?done=merchant")
	return nil
}

// changedMerchant shows the form as it was typed, beside what somebody else has saved
// meanwhile. Who saves it again has seen that.
func (c *console) changedMerchant(a *ask, p merchantPage) error {
	m, err := c.Store.Merchant(a.Context(), p.Row.ID)
	if err != nil {
		return err
	}
	p.Row.Merchant, p.Was, p.Now, p.Changed = m, m.Version, make(map[string]string), &store.Act{}
	now := merchantFormOf(m)
	for _, field := range merchantFields {
		if now[field] != p.Form[field] {
			p.Now[field] = cmp.Or(now[field], "–")
		}
	}
	if acts, err := c.Store.Acts(a.Context(), m.Scope, 0, lookedActs); err != nil {
		return err
	} else if at := slices.IndexFunc(acts, func(act store.Act) bool { return merchantOfAct(act).ID == m.ID }); at >= 0 {
		p.Changed = &acts[at]
	}
	return c.showMerchant(a, p)
}

// merchantOfAct is the merchant as an act left it; empty when the act is about none.
func merchantOfAct(act store.Act) (m store.Merchant) {
	if strings.HasPrefix(act.Kind, "merchant.") && json.Unmarshal(act.Body.After, &m) != nil {
		return store.Merchant{}
	}
	return m
}

// merchantChangeText says what an act changed of a merchant.
func merchantChangeText(texts assets.Catalogue, act store.Act) string {
	var was store.Merchant
	if json.Unmarshal(act.Body.Before, &was) != nil {
		return ""
	}
	var changes []string
	before, after := merchantFormOf(was), merchantFormOf(merchantOfAct(act))
	for _, field := range merchantFields {
		if before[field] != after[field] {
			changes = append(changes, texts.Text("center.merchant.field."+field)+" "+cmp.Or(before[field], "–")+" → "+cmp.Or(after[field], "–"))
		}
	}
	return strings.Join(changes, "; ")
}

// sellers are the merchants and donors that a good of a place may name, and those that
// are named already, whatever has become of them.
func (c *console) sellers(a *ask, at string, named ...string) ([]store.Merchant, error) {
	list, err := c.merchantsFor(a, at)
	for _, id := range named {
		if err != nil || id == "" || slices.ContainsFunc(list, func(m store.Merchant) bool { return m.ID == id }) {
			continue
		}
		m, unknown := c.Store.Merchant(a.Context(), id)
		if unknown == nil {
			list = append(list, m)
		} else if !errors.Is(unknown, store.ErrUnknown) {
			err = unknown
		}
	}
	return list, err
}

// closePage says what follows when nothing is to come from a merchant any more, or
// again.
type closePage struct {
	merchantRow
	Variant string // close or open
	Offered int    // goods of it that are still offered
}

func (c *console) planClose(a *ask) (p closePage, err error) {
	_, m, err := c.oneMerchant(a)
	if err != nil {
		return p, err
	}
	p = closePage{merchantRow: merchantRow{Merchant: m, To: merchantPath(m.Scope, m.ID)}, Variant: a.PathValue("verb")}
	switch {
	case p.Variant != "close" && p.Variant != "open":
		return p, store.ErrUnknown
	case m.Closed == (p.Variant == "close"):
		return p, store.ErrState
	}
	goods, err := c.Store.GoodsFrom(a.Context(), m.ID)
	for _, g := range goods {
		p.Offered += count(!g.Withdrawn)
	}
	return p, err
}

func (c *console) closemerchant(a *ask) error {
	p, err := c.planClose(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "closemerchant", title: c.text(a, "center.closemerchant."+p.Variant+".title"), data: p})
}

func (c *console) closemerchantNow(a *ask) error {
	p, err := c.planClose(a)
	if err != nil {
		return err
	}
	m := p.Merchant
	m.Closed = p.Variant == "close"
	if err := c.Store.PutMerchant(a.Context(), m.Version, m); err != nil {
		return err
	}
	a.redirect(p.To + "?done=merchant_" + p.Variant)
	return nil
}
