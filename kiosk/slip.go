package kiosk

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/printer"
	"yizhan/printer/template"
)

// problem is what is wrong with a template, for the person who writes it.
type problem struct {
	Line   int    `json:"line"` // 0: the template as a whole
	Column int    `json:"column"`
	Text   string `json:"text"`
}

// draft is a template that somebody is writing: how it would print, or why it cannot.
type draft struct {
	Picture  string    `json:"picture"`  // path of it; "": there is none
	Problems []problem `json:"problems"` // none: []
	Case     string    `json:"case"`     // which kind of slip is shown, as its form names it; "": the usual one
	Next     string    `json:"next"`     // the one after it
	Key      string    `json:"key"`      // the words on the key that shows that one
}

// slipView is what the page to edit a slip shows.
type slipView struct {
	Name, Text string
	State      string // builtin, changed, broken
	Note       string // what became of the last act: "", saved, draft, reset, failed
	Fields     template.Fields
	Draft      draft
	Seen       string // name of the picture
	Wide       bool   // the paper is 80 mm wide
	Fixed      bool   // there is no place to keep changes
}

// writing is a slip's template as it was last looked at. The visit remembers it, so
// that nothing which shows the page anew, such as the end of a countdown, loses it.
type writing struct{ name, text string }

// slipPage shows a slip and the text that it comes from.
func (o *office) slipPage(a *ask, _ civic.Staff) error {
	kind, ok := o.slips.kind(a.PathValue("name"))
	if !ok {
		return store.ErrUnknown
	}
	text, note := kind.text(), ""
	if a.URL.Query().Has("saved") {
		note = "saved"
	}
	if w := a.visit.get().writing; w.name == a.PathValue("name") && w.text != text {
		text, note = w.text, "draft"
	}
	return o.showSlip(a, kind, text, "", note)
}

// slipAct looks at what was written, keeps it, or offers the built-in template instead.
func (o *office) slipAct(a *ask, me civic.Staff) error {
	name := a.PathValue("name")
	kind, ok := o.slips.kind(name)
	if !ok {
		return store.ErrUnknown
	}
	text, err := slipText(a)
	if err != nil {
		return err
	}
	shown := a.PostFormValue("case")
	switch act := a.PostFormValue("do"); {
	case a.PostForm.Has("look"):
		return o.showSlip(a, kind, text, a.PostFormValue("look"), "")
	case o.cfg.Slips == nil:
		return o.showSlip(a, kind, text, shown, "")
	case act == "reset": // only offered: what is kept stays until this is
		a.visit.set(func(st *visitState) { st.writing.text = kind.builtIn })
		return o.showSlip(a, kind, kind.builtIn, shown, "reset")
	case act != "save":
		return errForm
	}
	err = o.slips.save(name, text)
	if wrong := (template.Errors)(nil); errors.As(err, &wrong) {
		return o.showSlip(a, kind, text, shown, "")
	}
	if err != nil {
		o.cfg.Log.Error("changing a slip", "slip", name, "operator", me.ID, "error", err)
		return o.showSlip(a, kind, text, shown, "failed")
	}
	a.visit.set(func(st *visitState) { st.writing = writing{} })
	o.cfg.Log.Info("slip changed", "slip", name, "operator", me.ID, "bytes", len(text))
	o.paper.Wake() // for slips that the template before could not compose
	a.redirect(slipsPage + "/" + name + "?saved")
	return nil
}

// slipText is what was written, which the visit remembers. A form ends its lines as
// typewriters did.
func slipText(a *ask) (string, error) {
	if err := a.ParseForm(); err != nil {
		return "", fmt.Errorf("%w: %w", errForm, err)
	}
	text := strings.ReplaceAll(a.PostForm.Get("text"), "\r\n", "\n")
	a.visit.set(func(st *visitState) { st.writing = writing{a.PathValue("name"), text} })
	return text, nil
}

// showSlip shows a text beside what it prints. While it cannot be printed the last
// picture stays: the one that was shown before, or what is printed now.
func (o *office) showSlip(a *ask, kind slipKind, text, shown, note string) error {
	d, err := o.draft(a, kind, text, shown)
	if err != nil {
		return err
	}
	if seen := a.PostFormValue("seen"); d.Picture == "" && o.pictures.has(seen) {
		d.Picture = picturePath(seen)
	}
	if d.Picture == "" {
		if d.Picture, err = o.slipPicture(kind, kind.printed, shown); err != nil {
			return err
		}
	}
	return o.show(a, page{word: "slip", back: slipsPage, data: slipView{
		Name: a.PathValue("name"), Text: text, State: kind.state(), Note: note, Fields: kind.form.Fields, Draft: d, Seen: path.Base(d.Picture),
		Wide: o.paper.profile().Dots > printer.Profile58.Dots, Fixed: o.cfg.Slips == nil,
	}})
}

// slipDraft answers the script of the page, which asks while somebody writes.
func (o *office) slipDraft(a *ask, _ civic.Staff) error {
	kind, ok := o.slips.kind(a.PathValue("name"))
	if !ok {
		return store.ErrUnknown
	}
	text, err := slipText(a)
	if err != nil {
		return err
	}
	d, err := o.draft(a, kind, text, a.PostFormValue("case"))
	if err != nil {
		return err
	}
	a.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(a.w).Encode(d)
}

// draft draws a text as the slip of a case, or says what is wrong with it in the
// language of the screen.
func (o *office) draft(a *ask, kind slipKind, text, shown string) (d draft, err error) {
	d.Case, d.Next = kind.turn(shown)
	d.Key = o.text(a, "staff.slip.edit.look")
	if d.Next != d.Case {
		d.Key = o.text(a, "staff.slip.case."+or(d.Next, "usual"))
	}
	one, err := template.Parse(text, kind.form.Fields)
	if wrong := (template.Errors)(nil); errors.As(err, &wrong) {
		d.Problems = problems(o.texts[o.lang(a)], wrong)
		return d, nil
	}
	d.Picture, err = o.slipPicture(kind, one, d.Case)
	d.Problems = []problem{}
	return d, err
}

// problems puts what is wrong into words.
func problems(texts assets.Catalogue, wrong template.Errors) (list []problem) {
	for _, e := range wrong {
		pairs := []any{"open", "{", "close", "}"} // which in a text would be a placeholder
		for name, value := range e.Data {
			pairs = append(pairs, name, value)
		}
		where := "template.at"
		switch {
		case e.Line == 0:
			where = "template.at_all"
		case e.Column == 0:
			where = "template.at_line"
		}
		text := texts.Text("template."+e.Code, pairs...)
		list = append(list, problem{e.Line, e.Column, texts.Text(where, "line", e.Line, "column", e.Column, "what", text)})
	}
	return list
}
