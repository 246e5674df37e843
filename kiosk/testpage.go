package kiosk

import (
	"context"

	"yizhan/civic"
	"yizhan/printer"
	"yizhan/printer/template"
)

// test prints a test page and waits until it is out. It stands in no journal: it says
// nothing about anybody.
func (p *paper) test(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, testPageWait)
	defer cancel()
	slip, err := p.testSlip()
	if err != nil {
		return err
	}
	pieces, err := printer.Pieces(slip, p.profile())
	if err != nil {
		return err
	}
	_, err = p.Print(ctx, pieces)
	return err
}

// testSlip shows what a technician must see to trust the printer: both edges, every
// size of character, a name that its font lacks, a code, and the cut.
func (p *paper) testSlip() (printer.Slip, error) {
	return p.slips.render("test", template.Values{Text: map[string]string{
		"station": or(p.cfg.Store.Station().Name, p.texts.Text("frame.unnamed")),
		"time":    p.timeText(p.cfg.Clock.Now().WallMS),
		"kiosk":   p.cfg.Store.Health().Head.Kiosk,
		"paper":   p.profile().Name,
	}})
}

// testPrint prints a test page and says how that went.
func (o *office) testPrint(a *ask, _ civic.Staff) error {
	result := "sent"
	if err := o.paper.test(a.Context()); err != nil {
		o.cfg.Log.Warn("test page not printed", "error", err)
		result = "failed"
	}
	a.redirect(paperPage + "?note=" + result)
	return nil
}
