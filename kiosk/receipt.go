package kiosk

import (
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/printer"
)

// slip says what a job's paper shows. Paper speaks the station's language, whatever
// the screen spoke, because staff read it too.
func (p *paper) slip(job store.Job) (printer.Slip, error) {
	_, entry, err := p.cfg.Store.Entry(job.Seq)
	if err != nil {
		return nil, err
	}
	st := p.cfg.Store.Station()
	w := writer{p: p, job: job, entry: entry, station: st}
	switch body := entry.Body.(type) {
	case ledger.Reserve:
		return w.receipt(body)
	case ledger.Staff:
		return w.close(body), nil
	}
	return nil, fmt.Errorf("entry %d of kind %d has no paper", job.Seq, entry.Body.Kind())
}

// writer writes one slip.
type writer struct {
	p       *paper
	job     store.Job
	entry   ledger.Entry
	station civic.Station
}

func (w writer) text(key string, pairs ...any) string {
	return w.p.texts.Text(key, pairs...)
}

// number names the entry behind the slip: kiosk, epoch and sequence number. It
// stands at the top and at the bottom, so that a torn slip shows.
func (w writer) number() string {
	return fmt.Sprintf("%s-%d-%06d", w.entry.Kiosk, w.entry.Epoch, w.entry.Seq)
}

func (w writer) head(title string) printer.Slip {
	slip := printer.Slip{printer.Text(w.station.Name).Centre().Big()}
	if w.station.Parent != "" {
		slip = slip.With(printer.Text(w.station.Parent).Centre())
	}
	slip = slip.With(printer.Text(title).Centre().Bold())
	if w.job.Copy > 0 {
		slip = slip.With(printer.Text(w.text("slip.again", "n", w.job.Copy)).Centre().Bold())
	}
	t := time.UnixMilli(w.entry.WallMS).In(w.p.cfg.Zone)
	slip = slip.With(printer.Rule(), printer.Pair(w.text("slip.number"), w.number()), printer.Pair(w.text("slip.time"), t.Format("2006-01-02 15:04")))
	if w.entry.Quality == ledger.ClockUnknown {
		slip = slip.With(printer.Text(w.text("slip.clock")))
	}
	return slip
}

// receipt is the paper of a redemption.
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
	slip := w.head(w.text("slip.receipt")).With(
		printer.Pair(w.text("slip.person"), civic.MaskName(v.Name)),
		printer.Rule(),
		printer.Row(goodTitle(w.p.texts, r.Good), "×"+number(body.Quantity), w.text("slip.points", "n", number(r.Cost()))),
	)
	for _, part := range body.Parts {
		slip = slip.With(printer.Pair("  "+w.text("slip.lot", "day", dayText(w.p.texts, part.Expires)), w.text("slip.points", "n", number(part.Points))))
	}
	slip = slip.With(printer.Rule(),
		printer.Pair(w.text("slip.cost"), w.text("slip.points", "n", number(r.Cost()))).Bold(),
		printer.Pair(w.text("slip.balance"), w.text("slip.points", "n", number(body.Balance))))
	slip = slip.With(w.next(r)...)
	return slip.With(
		printer.QR(code),
		printer.Text(w.text("slip.verify")).Centre(),
		printer.Pair(w.text("slip.number"), w.number()),
		printer.Cut(),
	), nil
}

// next says what the person does now, or what has become of the redemption since.
func (w writer) next(r store.Redemption) []printer.Line {
	switch r.State {
	case ledger.Cancelled, ledger.Refunded:
		return []printer.Line{printer.Feed(1), printer.Text(w.text("slip." + r.State.String())).Centre().Big()}
	}
	if r.Shelf {
		return []printer.Line{printer.Text(w.text("slip.shelf")).Centre().Bold()}
	}
	lines := []printer.Line{printer.Feed(1), printer.Text(w.text("slip.claim") + " " + ledger.ClaimText(r.Claim)).Centre().Big()}
	if w.station.Counter != "" {
		lines = append(lines, printer.Text(w.text("slip.counter", "where", w.station.Counter)).Centre())
	}
	return lines
}

// close is the paper of a day's close.
func (w writer) close(body ledger.Staff) printer.Slip {
	t := body.Totals
	slip := w.head(w.text("slip.close"))
	if staff, err := w.p.cfg.Store.Staff(body.Operator); err == nil {
		slip = slip.With(printer.Pair(w.text("slip.operator"), staff.Name))
	}
	return slip.With(
		printer.Pair(w.text("slip.entries"), fmt.Sprintf("%d - %d", t.FromSeq, w.entry.Seq)),
		printer.Rule(),
		printer.Pair(w.text("slip.reserved"), number(t.Reserved)),
		printer.Pair(w.text("slip.settled"), number(t.Settled)),
		printer.Pair(w.text("slip.cancelled_count"), number(t.Cancelled)),
		printer.Pair(w.text("slip.refunded_count"), number(t.Refunded)),
		printer.Rule(),
		printer.Pair(w.text("slip.spent"), w.text("slip.points", "n", number(t.Spent))).Bold(),
		printer.Pair(w.text("slip.back"), w.text("slip.points", "n", number(t.Back))).Bold(),
		printer.Feed(1),
		printer.Pair(w.text("slip.signature"), "______________"),
		printer.Pair(w.text("slip.number"), w.number()),
		printer.Cut(),
	)
}

// voidSlip is what lies below a slip that came out torn, so that nobody takes it for
// a second one.
func (p *paper) voidSlip(job store.Job) (printer.Slip, error) {
	_, entry, err := p.cfg.Store.Entry(job.Seq)
	if err != nil {
		return nil, err
	}
	w := writer{p: p, job: job, entry: entry, station: p.cfg.Store.Station()}
	return printer.Slip{
		printer.Text(w.text("slip.void")).Centre().Big(),
		printer.Pair(w.text("slip.number"), w.number()),
		printer.Text(w.text("slip.void_why")),
		printer.Cut(),
	}, nil
}
