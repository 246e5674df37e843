package center

import (
	"cmp"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// deliveryPage is one delivery beside what the kiosk received of it.
type deliveryPage struct {
	deliveryRow
	Lines    []deliveryLine
	Received time.Time // by the kiosk's clock
	MayAct   bool
}

// deliveryLine is one line of a delivery with its entry.
type deliveryLine struct {
	civic.DeliveryLine
	Title   string // of the good
	Known   bool   // an entry speaks of it
	Come    int64
	Why     string
	Seq     uint64
	Entries string // the page with that entry; "": the box was replaced since
}

// Differs is how many more came than were sent.
func (l deliveryLine) Differs() int64 { return l.Come - l.Pieces }

// oneDelivery reads the delivery that a path names.
func (c *console) oneDelivery(a *ask) (p deliveryPage, err error) {
	kiosk, id := a.PathValue("kiosk"), a.PathValue("id")
	if !ledger.ValidKiosk(kiosk) || !civic.ValidDelivery(id) {
		return p, store.ErrUnknown
	}
	at, err := c.onePlace(a, kiosk)
	if err != nil {
		return p, err
	}
	d, err := c.Store.Delivery(a.Context(), kiosk, id)
	if err != nil {
		return p, err
	}
	return deliveryPage{deliveryRow: rowOf(d, at.Name), MayAct: a.may(powerGoods) && d.State == store.DeliverySent}, nil
}

func (c *console) delivery(a *ask) error {
	p, err := c.oneDelivery(a)
	if err != nil {
		return err
	}
	goods, err := c.Store.GoodsAt(a.Context(), p.Kiosk)
	if err != nil {
		return err
	}
	k, _, err := c.Store.Kiosk(a.Context(), p.Kiosk)
	if err != nil {
		return err
	}
	for i, l := range p.Delivery.Lines {
		line := deliveryLine{DeliveryLine: l, Title: cmp.Or(goodTitle(a, goods[l.Good]), l.Good)}
		if i < len(p.Arrived) && p.Arrived[i].Seq > 0 {
			came := p.Arrived[i]
			line.Known, line.Come, line.Seq, line.Why = true, came.Pieces, came.Seq, came.Why
			if p.Epoch == k.Epoch {
				line.Entries = piecesPath(p.Kiosk, l.Good, "moved") + "?before=" + strconv.FormatUint(came.Seq+1, 10)
			}
			p.Received = time.UnixMilli(came.WallMS)
		}
		p.Lines = append(p.Lines, line)
	}
	return c.show(a, page{word: "delivery", title: c.text(a, "center.delivery.name", "id", p.ID), data: p})
}

func (c *console) calldelivery(a *ask) error {
	p, err := c.oneDelivery(a)
	if err != nil {
		return err
	}
	if p.State != store.DeliverySent {
		a.redirect(p.To)
		return nil
	}
	return c.show(a, page{word: "calldelivery", data: p})
}

// calldeliveryNow calls a delivery back. When the kiosk has received it meanwhile,
// that stands, and the page of the delivery says so.
func (c *console) calldeliveryNow(a *ask) error {
	p, err := c.oneDelivery(a)
	if err != nil {
		return err
	}
	why := plainText(a.typed("why"))
	if runes := []rune(why); len(runes) > maxReasonRunes {
		why = string(runes[:maxReasonRunes])
	}
	err = c.Store.CancelDelivery(a.Context(), p.Kiosk, p.ID, why)
	if errors.Is(err, store.ErrState) {
		a.redirect(p.To)
		return nil
	}
	if err != nil {
		return err
	}
	a.redirect(p.To + "?done=called")
	return nil
}

// deliveryText says of an act what was sent: the goods and how many of each.
func deliveryText(texts assets.Catalogue, body json.RawMessage) string {
	var d civic.Delivery
	if json.Unmarshal(body, &d) != nil {
		return ""
	}
	text := texts.Text("center.delivery.name", "id", d.ID)
	for i, l := range d.Lines {
		text += map[bool]string{true: ": ", false: "; "}[i == 0] + l.Good + " × " + strconv.FormatInt(l.Pieces, 10)
	}
	return text
}
