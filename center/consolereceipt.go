package center

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
	"yizhan/printer/template"
)

// paperLang is the language of paper: that of kiosks unless they are told another.
const paperLang = assets.Chinese

// receiptTemplate reads the built-in template of receipts. A station may have changed
// its own; that is not known here.
func receiptTemplate() (*template.Template, error) {
	raw, err := assets.SlipForm("receipt")
	if err != nil {
		return nil, err
	}
	form, err := template.ReadForm(raw)
	if err != nil {
		return nil, err
	}
	text, err := assets.Slip("receipt", paperLang)
	if err != nil {
		return nil, err
	}
	t, err := template.Parse(text, form.Fields)
	if err != nil {
		return nil, fmt.Errorf("the slip of a receipt: %w", err)
	}
	return t, nil
}

// receipt serves the picture of a receipt, drawn by the code that prints: the latest
// copy, with what was known then. Its QR code is left out, because only the kiosk
// can sign.
func (c *console) receipt(a *ask) error {
	x, err := c.handled(a)
	if err != nil {
		return err
	}
	paper, err := c.receiptPaper(a, x)
	if err != nil {
		return err
	}
	var png bytes.Buffer
	if err := paper.PNG(&png); err != nil {
		return err
	}
	a.w.Header().Set("Content-Type", "image/png")
	if _, err := png.WriteTo(a.w); err != nil {
		c.Log.Debug("picture not taken", "error", err)
	}
	return nil
}

// receiptPaper draws the latest copy.
func (c *console) receiptPaper(a *ask, x store.RedemptionTrail) (sim.Paper, error) {
	values, err := c.receiptValues(a, x)
	if err != nil {
		return sim.Paper{}, err
	}
	slip, err := c.slip.Render(values)
	if err != nil {
		return sim.Paper{}, fmt.Errorf("writing a receipt: %w", err)
	}
	paper, err := sim.Draw(slip, printer.Profile58)
	if err != nil {
		return paper, fmt.Errorf("drawing a receipt: %w", err)
	}
	return paper, nil
}

// receiptValues is what stands on the paper.
func (c *console) receiptValues(a *ask, x store.RedemptionTrail) (v template.Values, err error) {
	texts := c.texts[paperLang]
	station, err := c.stationOf(a, x.Kiosk)
	if err != nil {
		return v, err
	}
	good, err := c.Store.Good(a.Context(), x.Kiosk, x.Good)
	if err != nil {
		good = civic.Good{Name: x.Good}
	}
	named, err := c.Store.Named(a.Context(), []ledger.ID{x.Volunteer})
	if err != nil {
		return v, err
	}
	kiosk, _, err := c.Store.Kiosk(a.Context(), x.Kiosk)
	if err != nil {
		return v, err
	}
	body := x.Reserve()
	v.Text = map[string]string{
		"station": cmp.Or(station.Name, kiosk.Name), "parent": station.Parent, "number": ledger.ReceiptNumber(x.Kiosk, x.Epoch, x.Seq),
		"time":   time.UnixMilli(x.WallMS).In(c.Zone).Format("2006-01-02 15:04"),
		"person": civic.MaskName(named[x.Volunteer].Name), "good": strings.TrimSpace(good.Name + " " + good.Size),
		"pieces": paperNumber(body.Quantity), "cost": paperNumber(int64(ledger.Sum(body.Parts))), "here": paperNumber(int64(body.Balance)),
	}
	if x.Slip.Copies > 0 {
		v.Text["copy"] = texts.Text("slip.again", "n", x.Slip.Copies)
	}
	if x.Quality == ledger.ClockUnknown {
		v.Text["clock"] = texts.Text("slip.clock")
	}
	switch state := stateOnPaper(x); {
	case state == ledger.Cancelled || state == ledger.Refunded:
		v.Text["state"] = texts.Text("slip." + state.String())
	case body.Shelf:
		v.Text["shelf"] = "1"
	default:
		v.Text["claim"], v.Text["counter"] = ledger.ClaimText(body.Claim), station.Counter
	}
	var lots []map[string]string
	for _, part := range body.Parts {
		lots = append(lots, map[string]string{"day": c.paperDay(part.Expires), "points": paperNumber(int64(part.Points))})
	}
	v.List = map[string][]map[string]string{"lot": lots}
	return v, nil
}

// stationOf is what a kiosk knows of itself; empty while nobody wrote it down.
func (c *console) stationOf(a *ask, kiosk string) (civic.Station, error) {
	documents, err := c.Store.Documents(a.Context(), kiosk, store.KindStation, []string{kiosk})
	if err != nil || len(documents) == 0 || documents[0].Station == nil {
		return civic.Station{}, err
	}
	return *documents[0].Station, nil
}

// stateOnPaper is where the redemption stood when its latest copy was asked for.
func stateOnPaper(x store.RedemptionTrail) ledger.State {
	asked := x.Seq
	for _, p := range x.Prints {
		if step := spool.Step(p.Body.(ledger.Print).Step); step == spool.StepAgain || step == spool.StepVoided {
			asked = p.Seq
		}
	}
	ended := slices.ContainsFunc(x.Steps, func(s store.Sealed) bool {
		kind := s.Body.Kind()
		return s.Seq < asked && (kind == ledger.KindCancel || kind == ledger.KindRefund)
	})
	if ended {
		return x.State
	}
	return ledger.Reserved
}

// paperNumber writes an integer as slips do.
func paperNumber(n int64) string {
	text, err := number(n)
	if err != nil {
		return strconv.FormatInt(n, 10)
	}
	return text
}

// paperDay writes a day as slips do: the end of a month is called that.
func (c *console) paperDay(d ledger.Day) string {
	t, key := d.Time(), "date.day"
	if t.AddDate(0, 0, 1).Month() != t.Month() {
		key = "date.month_end"
	}
	return c.texts[paperLang].Text(key, "year", t.Year(), "month", monthText(paperLang, t), "day", t.Day())
}
