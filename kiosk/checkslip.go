package kiosk

import (
	"time"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer"
)

// checkin is the paper of a check-in. A walk-in checks out by its code, and is found by
// it at the center; on everybody else's it proves the entry.
func (w writer) checkin(body ledger.CheckIn) (printer.Slip, error) {
	v, _ := w.p.cfg.Store.Shift(body.Shift) // one that the center has taken back has no name any more
	at, err := w.p.cfg.Store.Attendance(body.Shift, nameOfCheck(body.Check))
	if err != nil {
		return nil, err
	}
	text := map[string]string{
		"what":     w.text("slip.checkin"),
		"person":   or(at.Name, w.text("slip.checkin_nameless")),
		"activity": or(v.Title, w.text("slip.checkin_gone")),
		"place":    v.Place,
		"in":       time.UnixMilli(w.entry.WallMS).In(w.p.cfg.Zone).Format("15:04"),
		"pending":  w.text("slip.checkin_pending"),
	}
	if body.By == ledger.CheckWalkIn {
		text["person"] = w.text("slip.checkin_walkin")
		if body.Tail != "" {
			text["person"] = w.text("slip.checkin_tail", "tail", body.Tail)
		}
		text["pending"], text["use"] = w.text("slip.checkin_unknown"), w.text("slip.checkin_use")
		text["code"] = civic.WalkIn{Shift: body.Shift, Who: body.Who}.Text()
	} else if text["code"], err = w.p.cfg.Store.ReceiptText(w.job.Seq); err != nil {
		return nil, err
	}
	return w.slip("checkin", text, nil)
}

func nameOfCheck(b ledger.Check) ledger.ID {
	if b.Who.IsZero() {
		return civic.CardID(b.Card).Stranger()
	}
	return b.Who
}
