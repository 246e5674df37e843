package kiosk

import (
	"context"
	"errors"
	"time"

	"yizhan/civic"
	"yizhan/printer"
)

// errNoPrinter means that there is nothing to print on.
var errNoPrinter = errors.New("kiosk: no printer is set up")

// test asks the worker, which alone may write to the printer, for a test page, and
// waits for it. It stands in no journal: it says nothing about anybody.
func (p *paper) test(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, testPageWait)
	defer cancel()
	answer := make(chan error, 1)
	select {
	case p.tests <- answer:
		return <-answer
	case <-ctx.Done():
		return ctx.Err()
	}
}

// testPage prints the page; the worker calls it between receipts.
func (p *paper) testPage(ctx context.Context) error {
	if p.cfg.Printer == nil {
		return errNoPrinter
	}
	stream, err := printer.Encode(p.testSlip(), p.cfg.Paper)
	if err != nil {
		return err
	}
	if err := p.cfg.Printer.Ready(ctx); err != nil {
		return err
	}
	p.state(func() { p.sending = true })
	_, err = p.cfg.Printer.Print(ctx, stream)
	p.state(func() { p.sending = false })
	return err
}

// testSlip shows what a technician must see to trust the printer: both edges, every
// size of character, a name that its font lacks, a code, and the cut.
func (p *paper) testSlip() printer.Slip {
	st := p.cfg.Store.Station()
	now := time.UnixMilli(p.cfg.Clock.Now().WallMS).In(p.cfg.Zone)
	return printer.Slip{
		printer.Text(or(st.Name, p.texts.Text("frame.unnamed"))).Centre().Big(),
		printer.Text(p.texts.Text("staff.test.title")).Centre().Bold(),
		printer.Rule().Bold(),
		printer.Pair(p.texts.Text("slip.time"), now.Format("2006-01-02 15:04")),
		printer.Pair(p.texts.Text("staff.test.kiosk"), p.cfg.Store.Health().Head.Kiosk),
		printer.Pair(p.texts.Text("staff.test.paper"), p.cfg.Paper.Name),
		printer.Rule(),
		printer.Text("0123456789 ABCDEFG abcdefg"),
		printer.Text(p.texts.Text("staff.test.bold")).Bold(),
		printer.Text(p.texts.Text("staff.test.tall")).Tall(),
		printer.Text(p.texts.Text("staff.test.wide")).Wide(),
		printer.Text(p.texts.Text("staff.test.rare") + " 㛃 𬱖 𠮷"),
		printer.Pair("|<", ">|"),
		printer.QR("YIZHAN-TEST"),
		printer.Text(p.texts.Text("staff.test.look")).Centre(),
		printer.Cut(),
	}
}

// testPrint prints a test page and says how that went.
func (o *office) testPrint(a *ask, _ civic.Staff) error {
	result := "sent"
	if err := o.paper.test(a.Context()); err != nil {
		o.cfg.Log.Warn("test page not printed", "error", err)
		result = "failed"
	}
	a.redirect(boxPage + "?test=" + result)
	return nil
}
