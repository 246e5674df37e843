package center

import (
	"fmt"
	"net/http"

	"yizhan/center/store"
)

// Seen is what an officer saw of a sheet before it was closed.
func (p sheetPage) Seen() string {
	n, points, fen := p.Total()
	return fmt.Sprintf("%d.%d.%d.%d", p.Last, n, points, fen)
}

// closesheet says what follows from closing the next sheet.
func (c *console) closesheet(a *ask) error {
	p, err := c.readSheet(a)
	if err != nil {
		return err
	}
	if p.Problem != "" {
		a.redirect(sheetPath(p.Merchant.ID, nextSheet) + p.Address)
		return nil
	}
	if p.Request, err = c.Store.NewMerchantID(); err != nil { // random, and no more than that
		return err
	}
	return c.show(a, page{word: "closesheet", data: p})
}

// closesheetNow closes it, unless it has become another one meanwhile.
func (c *console) closesheetNow(a *ask) error {
	p, err := c.readSheet(a)
	if err != nil {
		return err
	}
	request := a.typed("request")
	if !store.MerchantID(request) {
		return errForm
	}
	for _, h := range p.Heads {
		if h.N != p.Last {
			continue
		}
		last, err := c.Store.Sheet(a.Context(), p.Merchant.Scope, p.Merchant.ID, h.N)
		if err != nil {
			return err
		}
		if last.Request == request { // sent twice
			a.redirect(sheetPath(p.Merchant.ID, fmt.Sprint(h.N)) + "?done=sheet")
			return nil
		}
	}
	if p.Problem != "" {
		a.redirect(sheetPath(p.Merchant.ID, nextSheet) + p.Address)
		return nil
	}
	if p.Request = request; a.typed("seen") != p.Seen() {
		p.Moved = true
		return c.show(a, page{word: "closesheet", data: p, code: http.StatusConflict})
	}
	p.Sheet.Request = request
	n, err := c.Store.PutSheet(a.Context(), p.Sheet, p.Last)
	if err != nil {
		return err
	}
	a.redirect(sheetPath(p.Merchant.ID, fmt.Sprint(n)) + "?done=sheet")
	return nil
}

// withdrawsheet says what follows from taking the newest sheet back.
func (c *console) withdrawsheet(a *ask) error {
	p, err := c.withdrawable(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "withdrawsheet", data: withdrawSheetPage{sheetPage: p}})
}

// withdrawSheetPage is a sheet that is to be taken back, and why.
type withdrawSheetPage struct {
	sheetPage
	Typed  string
	Unsaid bool // no reason was given, or one that is too long
}

func (c *console) withdrawsheetNow(a *ask) error {
	p, err := c.withdrawable(a)
	if err != nil {
		return err
	}
	why := a.typed("reason")
	if why == "" || len([]rune(why)) > maxReasonRunes {
		return c.show(a, page{word: "withdrawsheet", data: withdrawSheetPage{p, why, true}, code: http.StatusUnprocessableEntity})
	}
	if err := c.Store.WithdrawSheet(a.Context(), p.Scope, p.Merchant.ID, p.N, why); err != nil {
		return err
	}
	a.redirect(sheetPath(p.Merchant.ID, nextSheet) + "?done=sheetback")
	return nil
}

// withdrawable reads a sheet that can be taken back.
func (c *console) withdrawable(a *ask) (sheetPage, error) {
	p, err := c.readSheet(a)
	if err == nil && (p.Open || p.N != p.Last) {
		err = store.ErrState
	}
	return p, err
}
