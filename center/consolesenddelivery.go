package center

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// sendPage is the form of a delivery. First it asks for the kiosk, because that
// decides which goods there are.
type sendPage struct {
	To       string // kiosk; "": still to be chosen
	Kiosk    place
	Kiosks   []place
	ID       string // drawn with the form, so that sending it twice sends one
	Merchant string
	From     string
	Note     string
	Rows     []sendRow
	Goods    []sendGood
	Sellers  []store.Merchant
	Problem  string // center.send.problem.WORD, above the rows
	More     bool   // more rows can be had
}

// sendRow is one line as it was typed.
type sendRow struct {
	Number                    int
	Good, Pieces, Batch, Best string
	Problem                   string // center.send.problem.WORD
}

// Empty tells whether nothing was typed.
func (r sendRow) Empty() bool { return r.Good+r.Pieces+r.Batch+r.Best == "" }

// sendGood is a good to choose.
type sendGood struct{ Code, Title string }

func (c *console) senddelivery(a *ask) error {
	p := sendPage{To: a.URL.Query().Get("to")}
	if p.To == "" {
		var err error
		if p.Kiosks, err = c.kiosksOf(a); err != nil {
			return err
		}
		return c.show(a, page{word: "senddelivery", data: p})
	}
	id, err := civic.NewDeliveryID(c.Random)
	if err != nil {
		return err
	}
	p.ID = id
	p.rows(sendRows)
	return c.showSend(a, p)
}

// rows fills up to n rows.
func (p *sendPage) rows(n int) {
	for len(p.Rows) < min(n, civic.MaxDeliveryLines) {
		p.Rows = append(p.Rows, sendRow{})
	}
	for i := range p.Rows {
		p.Rows[i].Number = i + 1
	}
	p.More = len(p.Rows) < civic.MaxDeliveryLines
}

// showSend completes the form by what stands around it.
func (c *console) showSend(a *ask, p sendPage) error {
	if !ledger.ValidKiosk(p.To) {
		return store.ErrUnknown
	}
	var err error
	if p.Kiosk, err = c.onePlace(a, p.To); err != nil {
		return err
	}
	goods, err := c.Store.GoodsAt(a.Context(), p.To)
	if err != nil {
		return err
	}
	for code, g := range goods {
		if !g.Withdrawn {
			p.Goods = append(p.Goods, sendGood{code, goodTitle(a, g) + " · " + code})
		}
	}
	slices.SortFunc(p.Goods, func(x, y sendGood) int { return cmp.Or(cmp.Compare(x.Title, y.Title), cmp.Compare(x.Code, y.Code)) })
	if p.Sellers, err = c.merchantsFor(a, p.To); err != nil {
		return err
	}
	code := 0
	if p.Problem != "" || slices.ContainsFunc(p.Rows, func(r sendRow) bool { return r.Problem != "" }) {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "senddelivery", data: p, code: code})
}

// merchantsFor lists the merchants and donors whose agreement is in force and who
// stand at a place or above it, by name.
func (c *console) merchantsFor(a *ask, at string) (list []store.Merchant, err error) {
	chain, err := c.Store.Scopes(a.Context(), at)
	if err != nil {
		return nil, err
	}
	all, err := c.Store.Merchants(a.Context())
	for _, m := range all {
		if m.On(c.day()) && slices.ContainsFunc(chain, func(s store.Scope) bool { return s.ID == m.Scope }) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(x, y store.Merchant) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return list, err
}

// senddeliveryNow sends what was typed.
func (c *console) senddeliveryNow(a *ask) error {
	p := sendPage{To: a.typed("to"), ID: a.typed("id"), Merchant: a.typed("merchant"), From: plainText(a.typed("from")), Note: plainText(a.typed("note"))}
	if !ledger.ValidKiosk(p.To) || !civic.ValidDelivery(p.ID) {
		return errForm
	}
	if err := a.reaches(p.To); err != nil {
		return err
	}
	for i := range civic.MaxDeliveryLines {
		n := strconv.Itoa(i + 1)
		if !a.PostForm.Has("good" + n) {
			break
		}
		p.Rows = append(p.Rows, sendRow{Good: a.typed("good" + n), Pieces: a.typed("pieces" + n), Batch: plainText(a.typed("batch" + n)), Best: a.typed("best" + n)})
	}
	p.rows(len(p.Rows))
	if a.typed("more") != "" {
		p.rows(len(p.Rows) + sendRows)
		return c.showSend(a, p)
	}
	d, err := c.readDelivery(a, &p)
	if err != nil {
		return err
	}
	if p.Problem != "" || len(d.Lines) == 0 {
		return c.showSend(a, p)
	}
	err = c.Store.SendDelivery(a.Context(), d)
	if errors.Is(err, store.ErrState) {
		p.Problem = "many"
		return c.showSend(a, p)
	}
	if err != nil {
		return err
	}
	a.redirect(deliveryPath(d.Kiosk, d.ID) + "?done=sent")
	return nil
}

// readDelivery makes the delivery of what was typed, or notes what is wrong.
func (c *console) readDelivery(a *ask, p *sendPage) (d store.Delivery, err error) {
	d = store.Delivery{Delivery: civic.Delivery{ID: p.ID, Kiosk: p.To, From: p.From, Note: p.Note}, Merchant: p.Merchant}
	goods, err := c.Store.GoodsAt(a.Context(), p.To)
	if err != nil {
		return d, err
	}
	sellers, err := c.merchantsFor(a, p.To)
	if err != nil {
		return d, err
	}
	at := slices.IndexFunc(sellers, func(m store.Merchant) bool { return m.ID == p.Merchant })
	switch {
	case p.Merchant != "" && at < 0:
		p.Problem = "merchant"
	case p.Merchant != "":
		d.From = sellers[at].Name
	case utf8.RuneCountInString(p.From) > store.MaxNameRunes || utf8.RuneCountInString(p.Note) > maxReasonRunes:
		p.Problem = "long"
	}
	for i := range p.Rows {
		row := &p.Rows[i]
		if row.Empty() {
			continue
		}
		line, problem := row.read(goods)
		if row.Problem = problem; problem != "" {
			p.Problem = cmp.Or(p.Problem, "row")
		}
		d.Lines = append(d.Lines, line)
	}
	if len(d.Lines) == 0 {
		p.Problem = cmp.Or(p.Problem, "none")
	}
	return d, nil
}

// read makes the line of what was typed. A problem is a word of center.send.problem.
func (r sendRow) read(goods map[string]civic.Good) (l civic.DeliveryLine, problem string) {
	l = civic.DeliveryLine{Good: r.Good, Batch: r.Batch}
	var err error
	if g, known := goods[r.Good]; !known || g.Withdrawn {
		return l, "good"
	}
	if l.Pieces, err = strconv.ParseInt(r.Pieces, 10, 64); err != nil || l.Pieces < 1 || l.Pieces > civic.MaxDelivered {
		return l, "pieces"
	}
	if utf8.RuneCountInString(r.Batch) > maxBatchRunes {
		return l, "batch"
	}
	if r.Best != "" {
		day, err := time.Parse(time.DateOnly, strings.TrimSpace(r.Best))
		l.BestBefore = ledger.DayOf(day)
		if err != nil || l.BestBefore < 1 || l.BestBefore > ledger.MaxDay {
			return l, "best"
		}
	}
	return l, ""
}
