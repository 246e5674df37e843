package kiosk

import (
	"context"
	"strconv"
	"strings"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/printer"
	"yizhan/printer/spool"
)

// printerPage says what the printer was found to be.
const printerPage = "/staff/printer"

// printer tells a technician what the printer answers, and what follows from it.
func (o *office) printer(a *ask, _ civic.Staff) error {
	a.follow()
	return o.show(a, page{word: "printer", back: paperPage, data: struct {
		Facts   []fact
		Printer bool
		Other   bool   // it may be another printer than the one that is known
		Note    string // what became of the last act: "", found, failed, other, saved, page
	}{o.printerFacts(a), o.cfg.Printer != nil, o.perhapsOther(), a.FormValue("note")}})
}

// perhapsOther holds when a printer is silent that is known to answer.
func (o *office) perhapsOther() bool {
	st := o.paper.Status()
	return st.Probed && st.Ability.Status && st.Fault != nil && st.Fault.Reason == spool.Silent
}

func (o *office) printerFacts(a *ask) []fact {
	news := o.printerNews(a)
	facts := []fact{{Icon: news.Chip.Icon, Key: "staff.box.printer", Value: news.Chip.Word, Note: news.Fix, State: news.Chip.State}}
	if o.cfg.Printer == nil {
		return facts
	}
	facts = append(facts, o.abilityFacts(a)...)
	profile, source := o.paper.profile(), "staff.printer.set_up"
	if o.paper.readBack() {
		source = "staff.printer.read_back"
	}
	port := shortPort(o.cfg.Printer.Name) + " · " + strconv.Itoa(o.cfg.Printer.Baud)
	return append(facts, fact{Icon: "receipt", Key: "staff.printer.profile", Value: profileText(o.texts[o.lang(a)], profile), Note: o.text(a, source) + " · " + port, State: "ok"})
}

// shortPort is the end of a port's name that a line has room for.
func shortPort(name string) string {
	name = strings.TrimPrefix(name, "/dev/")
	if letters := []rune(name); len(letters) > maxPortName {
		return "…" + string(letters[len(letters)-maxPortName:])
	}
	return name
}

// abilityFacts say what the printer answers. How a power cut is noticed is a question
// only with a printer that answers in order.
func (o *office) abilityFacts(a *ask) []fact {
	st := o.paper.Status()
	if !st.Probed {
		return []fact{{Icon: "why", Key: "staff.printer.level", Value: o.text(a, "staff.printer.unknown"), State: "off"}}
	}
	level := "staff.printer.level" + strconv.Itoa(st.Ability.Level())
	facts := []fact{{Icon: "ok", Key: "staff.printer.level", Value: o.text(a, level), Note: o.text(a, level+"_note"), State: "ok"}}
	switch {
	case st.Ability.Level() < 2:
		facts[0].Icon, facts[0].State = "warn", "warn"
	case st.Ability.Macro:
		facts = append(facts, fact{Icon: "ok", Key: "staff.printer.power", Value: o.text(a, "staff.printer.macro"), Note: o.text(a, "staff.printer.macro_note"), State: "ok"})
	default:
		facts = append(facts, fact{Icon: "warn", Key: "staff.printer.power", Value: o.text(a, "staff.printer.no_macro"), Note: o.text(a, "staff.printer.no_macro_note"), State: "warn"})
	}
	return facts
}

// profileText is a profile in words.
func profileText(texts assets.Catalogue, p printer.Profile) string {
	words := []string{texts.Text("profile."+p.Name, "n", p.Columns)}
	for _, trait := range []struct {
		has     bool
		yes, no string
	}{{p.Encoding == printer.UTF8, "utf8", "gbk"}, {p.NativeQR, "qr_own", "qr_drawn"}, {p.UserChars, "rare_own", "rare_drawn"}, {p.Cutter, "cutter", "no_cutter"}} {
		if !trait.has {
			trait.yes = trait.no
		}
		words = append(words, texts.Text("profile."+trait.yes))
	}
	return strings.Join(words, texts.Text("profile.and"))
}

// probeNow asks the printer anew what it can answer.
func (o *office) probeNow(a *ask, _ civic.Staff) error {
	ctx, cancel := context.WithTimeout(a.Context(), testPageWait)
	defer cancel()
	found, err := o.paper.Probe(ctx)
	if err != nil {
		o.cfg.Log.Warn("printer not probed", "error", err)
		a.redirect(printerPage + "?note=failed")
		return nil
	}
	o.cfg.Log.Info("printer probed", "answers", found)
	a.redirect(printerPage + "?note=found")
	return nil
}

// otherPrinter asks once whether there really is another printer, because what is
// known of this one is forgotten then.
func (o *office) otherPrinter(a *ask, _ civic.Staff) error {
	return o.show(a, page{word: "otherprinter", back: printerPage})
}

// otherPrinterNow forgets what the printer was found to answer.
func (o *office) otherPrinterNow(a *ask, me civic.Staff) error {
	ctx, cancel := context.WithTimeout(a.Context(), testPageWait)
	defer cancel()
	if err := o.paper.Forget(ctx); err != nil {
		o.cfg.Log.Warn("printer not forgotten", "error", err)
		a.redirect(printerPage + "?note=failed")
		return nil
	}
	o.cfg.Log.Info("another printer", "operator", me.ID)
	a.redirect(printerPage + "?note=other")
	return nil
}
