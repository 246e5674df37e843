package kiosk

import (
	"fmt"
	"maps"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
	"yizhan/printer/template"
)

// slip says what a job's paper shows. Paper speaks the station's language, whatever
// the screen spoke, because staff read it too.
func (p *paper) slip(job store.Job) (printer.Slip, error) {
	w, err := p.writer(job)
	if err != nil {
		return nil, err
	}
	switch body := w.entry.Body.(type) {
	case ledger.Reserve:
		return w.receipt(body)
	case ledger.Staff:
		return w.close(body)
	case ledger.Stock:
		return w.stock(body)
	case ledger.CheckIn:
		return w.checkin(body)
	case ledger.Ticket:
		return w.ticket(body)
	case ledger.Certificate:
		return w.certificate(body)
	}
	return nil, fmt.Errorf("entry %d of kind %d has no paper", job.Seq, w.entry.Body.Kind())
}

// voidSlip is what lies below a slip that came out torn and above the copy that counts
// instead, which is the job's latest: so nobody takes the torn one for a second one.
func (p *paper) voidSlip(job store.Job) (printer.Slip, error) {
	w, err := p.writer(job)
	if err != nil {
		return nil, err
	}
	which := w.text("slip.first")
	if job.Copy > 1 {
		which = w.text("slip.again", "n", job.Copy-1)
	}
	head := w.head()
	return p.slips.render("void", template.Values{Text: map[string]string{
		"station": head["station"], "number": head["number"], "time": head["time"], "clock": head["clock"],
		"void": w.text("slip.void"), "which": which, "valid": w.text("slip.again", "n", job.Copy),
	}})
}

// writer writes one slip.
type writer struct {
	p     *paper
	job   store.Job
	entry ledger.Entry
}

func (p *paper) writer(job store.Job) (writer, error) {
	_, entry, err := p.cfg.Store.Entry(job.Seq)
	return writer{p, job, entry}, err
}

func (w writer) text(key string, pairs ...any) string {
	return w.p.texts.Text(key, pairs...)
}

// slip fills in a template with the values of every slip and those of this one.
func (w writer) slip(name string, text map[string]string, list map[string][]map[string]string) (printer.Slip, error) {
	maps.Copy(text, w.head())
	return w.p.slips.render(name, template.Values{Text: text, List: list})
}

// head is what every slip of an entry shows. The number stands for the entry behind
// the slip: kiosk, epoch and sequence number.
func (w writer) head() map[string]string {
	st := w.p.cfg.Store.Station()
	text := map[string]string{
		"station": or(st.Name, w.text("frame.unnamed")),
		"parent":  st.Parent,
		"number":  slipNumber(w.entry),
		"time":    w.p.timeText(w.entry.WallMS),
	}
	if w.job.Copy > 0 {
		text["copy"] = w.text("slip.again", "n", w.job.Copy)
	}
	if w.entry.Quality == ledger.ClockUnknown {
		text["clock"] = w.text("slip.clock")
	}
	return text
}

// timeText writes a moment of the wall clock as slips do.
func (p *paper) timeText(wallMS int64) string {
	return time.UnixMilli(wallMS).In(p.cfg.Zone).Format("2006-01-02 15:04")
}

// receipt is the paper of a redemption. It says what the person does next, or what
// has become of the redemption since.
func (w writer) receipt(body ledger.Reserve) (printer.Slip, error) {
	r, err := w.p.cfg.Store.Redemption(w.job.Seq)
	if err != nil {
		return nil, err
	}
	v, err := w.p.cfg.Store.Volunteer(body.Volunteer)
	if err != nil {
		return nil, err
	}
	code, err := w.p.cfg.Store.ReceiptText(w.job.Seq)
	if err != nil {
		return nil, err
	}
	text := map[string]string{
		"person":  civic.MaskName(v.Name),
		"good":    goodTitle(w.p.texts, r.Good),
		"pieces":  number(body.Quantity),
		"cost":    number(r.Cost()),
		"balance": number(body.Balance),
		"code":    code,
	}
	if v.Linked { // the entry knows what is left here, and nobody what is elsewhere
		text["here"] = text["balance"]
		delete(text, "balance")
	}
	switch {
	case r.State == ledger.Cancelled, r.State == ledger.Refunded:
		text["state"] = w.text("slip." + r.State.String())
	case r.Shelf:
		text["shelf"] = "1"
	default:
		text["claim"] = ledger.ClaimText(r.Claim)
		text["counter"] = w.p.cfg.Store.Station().Counter
	}
	var lots []map[string]string
	for _, part := range body.Parts {
		lots = append(lots, map[string]string{"day": dayText(w.p.texts, part.Expires), "points": number(part.Points)})
	}
	return w.slip("receipt", text, map[string][]map[string]string{"lot": lots})
}

// close is the paper of a day's close.
func (w writer) close(body ledger.Staff) (printer.Slip, error) {
	t := body.Totals
	return w.slip("close", map[string]string{
		"operator":  w.operator(body.Operator),
		"from":      fmt.Sprint(t.FromSeq),
		"to":        fmt.Sprint(w.entry.Seq),
		"reserved":  number(t.Reserved),
		"settled":   number(t.Settled),
		"cancelled": number(t.Cancelled),
		"refunded":  number(t.Refunded),
		"spent":     number(t.Spent),
		"back":      number(t.Back),
	}, nil)
}

// stock is the paper of goods received, counted or written off. A good whose document
// is gone has its code alone.
func (w writer) stock(body ledger.Stock) (printer.Slip, error) {
	good, err := w.p.cfg.Store.Good(body.Good)
	if err != nil {
		good.Code = body.Good
	}
	sign := ""
	switch {
	case body.Delta > 0:
		sign = "+"
	case body.Delta < 0:
		sign = "-" // printers have no minus of its own width
	}
	return w.slip("stock", map[string]string{
		"operator": w.operator(body.Operator),
		"move":     w.text("staff.move." + moveWords[body.Move]),
		"good":     goodTitle(w.p.texts, good.Good),
		"goodcode": body.Good,
		"before":   number(body.OnHand - body.Delta),
		"pieces":   sign + number(max(body.Delta, -body.Delta)),
		"after":    number(body.OnHand),
		"note":     reasonText(w.p.texts, body.Note),
	}, nil)
}

// ticket is the paper of a phone's first sign-in: the code that the screen shows too.
func (w writer) ticket(body ledger.Ticket) (printer.Slip, error) {
	t, err := w.p.cfg.Store.Ticket(w.job.Seq)
	if err != nil {
		return nil, err
	}
	prefix, err := ticketPrefix(w.p.cfg)
	if err != nil {
		return nil, err
	}
	v, err := w.p.cfg.Store.Volunteer(body.Volunteer)
	if err != nil {
		return nil, err
	}
	return w.slip("ticket", map[string]string{
		"person": civic.MaskName(v.Name),
		"until":  t.Until().In(w.p.cfg.Zone).Format("15:04"),
		"code":   w.p.cfg.Store.TicketText(t, prefix),
	}, nil)
}

// certificate is the paper of a certificate of service, which gives the name in full:
// somebody else is to read it.
func (w writer) certificate(body ledger.Certificate) (printer.Slip, error) {
	v, err := w.p.cfg.Store.Volunteer(body.Volunteer)
	if err != nil {
		return nil, err
	}
	text := map[string]string{
		"center":    body.Center,
		"serial":    civic.SerialText(body.Serial),
		"day":       body.Day.String(),
		"person":    v.Name,
		"volunteer": v.Number,
		"hours":     assets.Hours(body.Minutes()),
		"credit":    assets.Hours(body.Credit),
		"code":      body.Proof,
		"proof":     strings.TrimSuffix(body.Proof, "/"+body.Serial),
	}
	for name, minutes := range map[string]int64{"honour": body.Honour, "listed": body.Listed} {
		if minutes > 0 {
			text[name] = assets.Hours(minutes)
		}
	}
	if body.First > 0 {
		text["firstday"], text["lastday"] = body.First.String(), body.Last.String()
	}
	if body.Stars > 0 {
		text["stars"] = w.text("slip.certificate_stars", "n", body.Stars)
	}
	if body.Again {
		text["same"] = w.text("slip.certificate_same")
	}
	return w.slip("certificate", text, nil)
}

// operator is a member of staff in full, because a slip is signed; "" when the document
// is gone.
func (w writer) operator(id ledger.ID) string {
	staff, err := w.p.cfg.Store.Staff(id)
	if err != nil {
		return ""
	}
	return staff.Name
}

// slipNumber names the entry behind a slip: kiosk, epoch and sequence number. It stands
// at the top and at the bottom, so that a torn slip shows.
func slipNumber(e ledger.Entry) string { return ledger.ReceiptNumber(e.Kiosk, e.Epoch, e.Seq) }
