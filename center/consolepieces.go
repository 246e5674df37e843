package center

import (
	"cmp"
	"net/url"
	"strconv"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// piecesPage is the entries behind one number of a kiosk's stock.
type piecesPage struct {
	Stand  store.Stand
	Title  string // of the good
	What   string // which number
	N      int64
	Moves  []moveLine
	Sold   []soldLine
	Next   string
	Before bool // these are not the latest
}

// moveLine is one entry that received, counted or wasted pieces.
type moveLine struct {
	Seq    uint64
	On     time.Time
	Word   string // received, counted, wasted
	Delta  int64
	OnHand int64
	Note   string
	To     string // the delivery that it receives; "": none
}

// soldLine is one redemption, and when it was reserved, handed over, and cancelled
// or refunded.
type soldLine struct {
	Seq       uint64
	Volunteer ledger.ID
	Pieces    int64
	Points    ledger.Points
	State     string
	Steps     []soldStep
	Restocked bool
}

type soldStep struct {
	Seq  uint64
	On   time.Time
	Word string // reserved, settled, cancelled, refunded
}

// soldStates are the states of the redemptions behind a number.
var soldStates = map[string][2]ledger.State{
	"sold":      {ledger.Settled, ledger.Refunded},
	"restocked": {ledger.Refunded, ledger.Refunded},
	"held":      {ledger.Reserved, ledger.Reserved},
}

// moveWords are what the kinds of moves are called.
var moveWords = map[ledger.StockMove]string{ledger.StockReceived: "received", ledger.StockCounted: "counted", ledger.StockWasted: "wasted"}

func (c *console) pieces(a *ask) error {
	kiosk, good, what := a.PathValue("kiosk"), a.PathValue("good"), a.PathValue("what")
	if !ledger.ValidKiosk(kiosk) || !ledger.ValidGood(good) {
		return store.ErrUnknown
	}
	if err := a.reaches(kiosk); err != nil {
		return err
	}
	stands, err := c.Store.Stands(a.Context(), kiosk, good)
	if err != nil {
		return err
	}
	if len(stands) == 0 {
		return store.ErrUnknown
	}
	before, _ := strconv.ParseUint(a.URL.Query().Get("before"), 10, 62) // 0: from the latest
	p := piecesPage{Stand: stands[0], Title: cmp.Or(goodTitle(a, stands[0].Good), good), What: what, Before: before > 0}
	var more uint64
	switch states, sold := soldStates[what]; {
	case sold:
		more, err = c.soldLines(a, &p, states, before)
	case what == "moved":
		more, err = c.moveLines(a, &p, before)
	default:
		return store.ErrUnknown
	}
	if err != nil {
		return err
	}
	p.N = map[string]int64{"sold": p.Stand.Sold, "restocked": p.Stand.Restocked, "held": p.Stand.Held, "moved": p.Stand.Moved}[what]
	if more > 0 {
		p.Next = piecesPath(kiosk, good, what) + "?before=" + strconv.FormatUint(more, 10)
	}
	return c.show(a, page{word: "pieces", title: p.Title, data: p})
}

func piecesPath(kiosk, good, what string) string {
	return "/pieces/" + url.PathEscape(kiosk) + "/" + url.PathEscape(good) + "/" + what
}

func (c *console) moveLines(a *ask, p *piecesPage, before uint64) (uint64, error) {
	entries, more, err := c.Store.Moves(a.Context(), p.Stand.Kiosk, p.Stand.Epoch, p.Stand.Good.Code, before, listRows)
	for _, e := range entries {
		if m, ok := e.Body.(ledger.Stock); ok {
			line := moveLine{e.Seq, time.UnixMilli(e.WallMS), moveWords[m.Move], m.Delta, m.OnHand, c.reasonOf(a, m.Note), ""}
			if came, ok := civic.ParseArrival(m.Note); ok {
				line.To = deliveryPath(p.Stand.Kiosk, came.Delivery)
			}
			p.Moves = append(p.Moves, line)
		}
	}
	return more, err
}

// reasonOf says a reason that kiosks write as a word in the language of the page,
// and what was typed as it is.
func (c *console) reasonOf(a *ask, note string) string {
	if came, ok := civic.ParseArrival(note); ok {
		text := c.text(a, "center.delivery.name", "id", came.Delivery)
		if came.Why != "" {
			text += c.text(a, "staff.arrival_why", "why", c.text(a, "staff.reason."+came.Why))
		}
		return text
	}
	if key := "staff.reason." + note; c.texts[a.lang].Has(key) {
		return c.text(a, key)
	}
	return note
}

func (c *console) soldLines(a *ask, p *piecesPage, states [2]ledger.State, before uint64) (uint64, error) {
	list, more, err := c.Store.Handlings(a.Context(), p.Stand.Kiosk, p.Stand.Epoch, p.Stand.Good.Code, states, before, listRows)
	for _, h := range list {
		line := soldLine{Seq: h.Seq, Volunteer: h.Volunteer, Pieces: h.Quantity, Points: ledger.Sum(h.Parts), State: h.State.String()}
		for _, e := range h.Entries {
			step := soldStep{e.Seq, time.UnixMilli(e.WallMS), "reserved"}
			switch body := e.Body.(type) {
			case ledger.Settle:
				step.Word = "settled"
			case ledger.Cancel:
				step.Word = "cancelled"
			case ledger.Refund:
				step.Word, line.Restocked = "refunded", body.Restock
			}
			line.Steps = append(line.Steps, step)
		}
		if p.What != "restocked" || line.Restocked {
			p.Sold = append(p.Sold, line)
		}
	}
	return more, err
}
