package center

import (
	"errors"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// pricePart is what a good has cost, costs and will cost, on the page of the good,
// and the form of a price that is to come, as it was typed.
type pricePart struct {
	List        []store.Price // the last day first
	Day, Points string
	Problem     string // center.price.problem.WORD
}

// Coming tells whether a price is still to come.
func (p pricePart) Coming() bool {
	for _, price := range p.List {
		if !price.Done {
			return true
		}
	}
	return false
}

// priceNow lets a price come into force on a later day.
func (c *console) priceNow(a *ask) error {
	at, g, err := c.oneGood(a)
	if err != nil {
		return err
	}
	p := pricePart{Day: a.typed("day"), Points: a.typed("points")}
	day, err1 := time.Parse(time.DateOnly, p.Day)
	points, err2 := strconv.ParseInt(p.Points, 10, 64)
	first := ledger.DayOf(day)
	switch {
	case err2 != nil || points < 1 || points > maxGoodPrice:
		p.Problem = "points"
	case err1 != nil || first <= c.day() || first > ledger.MaxDay:
		p.Problem = "day"
	}
	if p.Problem == "" {
		err = c.Store.PlanPrice(a.Context(), at.ID, g.Code, first, ledger.Points(points))
		if errors.Is(err, store.ErrState) {
			p.Problem, err = "state", nil
		}
	}
	if err != nil {
		return err
	}
	if p.Problem != "" {
		return c.showGood(a, goodPage{Place: at, Form: formOf(g), Was: g.Version, Good: g, Price: p})
	}
	a.redirect(goodPath(at.ID, g.Code) + "?done=price")
	return nil
}

// dropPriceNow takes a price back that has not come. It can be typed again.
func (c *console) dropPriceNow(a *ask) error {
	at, g, err := c.oneGood(a)
	if err != nil {
		return err
	}
	day, err := strconv.ParseInt(a.typed("day"), 10, 32)
	if err != nil {
		return errors.Join(errForm, err)
	}
	err = c.Store.DropPrice(a.Context(), at.ID, g.Code, ledger.Day(day))
	if errors.Is(err, store.ErrState) { // it came into force meanwhile, as the page shows
		a.redirect(goodPath(at.ID, g.Code))
		return nil
	}
	if err != nil {
		return err
	}
	a.redirect(goodPath(at.ID, g.Code) + "?done=price_dropped")
	return nil
}
