package center

import (
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// redemptionPage is one redemption: what became of it, entry by entry, and its paper.
type redemptionPage struct {
	Row     redemptionRow
	Trail   store.RedemptionTrail
	Claim   string // the collection code; "": self-served
	Steps   []redemptionStep
	Prints  []printStep
	More    bool   // its slip was printed again later than is shown
	Picture string // URL of the receipt's picture
}

// redemptionStep is one entry of a redemption's trail.
type redemptionStep struct {
	Seq       uint64
	Hash      ledger.Hash
	On        time.Time
	Unsure    bool   // nobody had confirmed the kiosk's clock
	Word      string // reserved, settled, cancelled, refunded
	By        string // volunteer, shelf, staff
	Operator  string // name of the staff; "": nobody of that id is known
	Reason    string
	Restocked bool
	Signed    bool // it lies under a head that the kiosk signed
	Counted   bool // the center has folded its points
}

// printStep is one step of a slip.
type printStep struct {
	Seq  uint64
	On   time.Time
	Word string // center.print.WORD: a spool.Step
	Copy int64
}

// handled reads the redemption that the path names, if the officer may see it.
func (c *console) handled(a *ask) (x store.RedemptionTrail, err error) {
	kiosk, epoch, seq, err := ledger.ParseReceiptNumber(a.PathValue("number"))
	if err != nil {
		return x, store.ErrUnknown
	}
	if err := a.reaches(kiosk); err != nil {
		return x, err
	}
	return c.Store.Redemption(a.Context(), kiosk, epoch, seq)
}

func (c *console) redemption(a *ask) error {
	x, err := c.handled(a)
	if err != nil {
		return err
	}
	r, err := c.redemptionReader(a, redemptionsQuery{})
	if err != nil {
		return err
	}
	rows, err := r.rows([]store.Redeemed{x.Redeemed})
	if err != nil {
		return err
	}
	p := redemptionPage{Row: rows[0], Trail: x, Picture: "/receipt/" + rows[0].Number}
	if !x.Shelf {
		p.Claim = ledger.ClaimText(x.Claim)
	}
	staff, err := c.operators(a, x)
	if err != nil {
		return err
	}
	for _, e := range x.Steps {
		p.Steps = append(p.Steps, c.redemptionStep(a, e, x.Chain, staff))
	}
	p.prints(x)
	return c.show(a, page{word: "redemption", title: rows[0].Number, data: p})
}

// operators are the names of the staff who handled a redemption, as the kiosk knows
// them.
func (c *console) operators(a *ask, x store.RedemptionTrail) (map[ledger.ID]string, error) {
	var ids []string
	for _, e := range x.Steps {
		if id := operatorOf(e.Body); !id.IsZero() {
			ids = append(ids, id.String())
		}
	}
	return c.staffNames(a, x.Kiosk, ids)
}

// staffNames are the names of a kiosk's staff by id, as far as its own scope or one
// above it knows them.
func (c *console) staffNames(a *ask, kiosk string, ids []string) (map[ledger.ID]string, error) {
	names := make(map[ledger.ID]string)
	scopes, err := c.Store.Scopes(a.Context(), kiosk)
	for _, scope := range scopes {
		if err != nil || len(ids) == 0 {
			break
		}
		documents, failed := c.Store.Documents(a.Context(), scope.ID, store.KindStaff, ids)
		for _, d := range documents {
			if d.Staff != nil && names[d.Staff.ID] == "" {
				names[d.Staff.ID] = d.Staff.Name
			}
		}
		err = failed
	}
	return names, err
}

// operatorOf is who of the staff made an entry; zero: nobody did.
func operatorOf(body ledger.Body) ledger.ID {
	switch b := body.(type) {
	case ledger.Settle:
		return b.Operator
	case ledger.Cancel:
		return b.Operator
	case ledger.Refund:
		return b.Operator
	}
	return ledger.ID{}
}

func (c *console) redemptionStep(a *ask, e store.Sealed, chain store.Chain, staff map[ledger.ID]string) redemptionStep {
	s := redemptionStep{Seq: e.Seq, Hash: e.Hash, On: time.UnixMilli(e.WallMS), Unsure: e.Quality == ledger.ClockUnknown,
		Word: "reserved", By: "staff", Signed: e.Seq <= chain.Signed, Counted: e.Seq <= chain.Folded}
	operator := operatorOf(e.Body)
	s.Operator = staff[operator]
	switch body := e.Body.(type) {
	case ledger.Reserve:
		s.By = "volunteer"
	case ledger.Settle:
		s.Word = "settled"
		if operator.IsZero() {
			s.By = "shelf"
		}
	case ledger.Cancel:
		s.Word, s.Reason = "cancelled", c.reasonOf(a, body.Reason)
		if operator.IsZero() {
			s.By = "volunteer"
		}
	case ledger.Refund:
		s.Word, s.Reason, s.Restocked = "refunded", c.reasonOf(a, body.Reason), body.Restock
	}
	return s
}

// prints adds the steps of the slip.
func (p *redemptionPage) prints(x store.RedemptionTrail) {
	var slip store.Slip
	for _, e := range x.Prints {
		body := e.Body.(ledger.Print)
		slip = slip.After(body)
		p.Prints = append(p.Prints, printStep{e.Seq, time.UnixMilli(e.WallMS), spool.Step(body.Step).String(), body.Copy})
	}
	p.More = slip != x.Slip
}
