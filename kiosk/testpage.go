package kiosk

import (
	"context"
	"time"

	"yizhan/civic"
	"yizhan/printer"
)

// test prints a test page and waits until it is out. It stands in no journal: it says
// nothing about anybody.
func (p *paper) test(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, testPageWait)
	defer cancel()
	pieces, err := printer.Pieces(p.testSlip(), p.profile())
	if err != nil {
		return err
	}
	_, err = p.Print(ctx, pieces)
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
