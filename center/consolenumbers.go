package center

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"yizhan/center/store"
)

// numbersPage asks for a file of all ID numbers of a place, as it was typed. A second
// person decides; then who asked takes the file, once, within a day.
type numbersPage struct {
	requestForm
	Place  string
	Places []place
}

func (c *console) numbersForm(a *ask) error {
	p, err := c.numbersTyped(a)
	if err != nil {
		return err
	}
	return c.showNumbers(a, p)
}

// numbersTyped reads the form.
func (c *console) numbersTyped(a *ask) (p numbersPage, err error) {
	if p.Places, err = c.places(a); err != nil {
		return p, err
	}
	if p.Request = a.typed("request"); p.Request == "" {
		p.Request, err = c.seconds.id()
	}
	p.Place, p.Reason, p.Evidence = a.typed("parent"), a.typed("reason"), a.typed("evidence")
	return p, err
}

func (c *console) showNumbers(a *ask, p numbersPage) error {
	code := 0
	if p.Problem != "" {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "numbers", data: p, code: code})
}

// numbersNow puts the request before a second person.
func (c *console) numbersNow(a *ask) error {
	p, err := c.numbersTyped(a)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(p.Places, func(at place) bool { return at.ID == p.Place }) {
		p.wrong("parent", "parent")
	}
	if p.checkWords(); p.Problem != "" {
		return c.showNumbers(a, p)
	}
	x, err := c.seconds.ask(a, store.Asked{Place: p.Place, ID: p.Request, Kind: "numbers", Body: json.RawMessage("{}"), Reason: p.Reason, Evidence: p.Evidence}, store.AskRule{})
	if err != nil {
		return err
	}
	a.redirect(secondPath(x.Place, x.ID) + "?done=second_asked")
	return nil
}

// numbersFile sends the file, to who asked for it and once. It is used up before the
// first byte is sent: what breaks off is asked for again.
func (c *console) numbersFile(a *ask) error {
	p, err := c.request(a)
	if err != nil {
		return err
	}
	if p.Kind != "numbers" {
		return store.ErrUnknown
	}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return err
	}
	in := below(p.Place, scopes)
	return c.export(a, "id-numbers", "xlsx", func() (func(exportFile) error, error) {
		if err := c.Store.Take(a.Context(), p.Place, p.ID, a.officer.Name); err != nil {
			return nil, err
		}
		c.Log.Warn("console: ID numbers leave the center", "officer", a.officer.Name, "second", p.Second, "place", p.Place, "request", p.ID)
		if err := http.NewResponseController(a.w).SetWriteDeadline(c.Now().Add(numbersTime)); err != nil {
			c.Log.Debug("console: the time for a file is not longer", "error", err)
		}
		return func(file exportFile) error { return c.writeNumbers(a, file, in) }, nil
	})
}

// writeNumbers writes the volunteers of an area whose ID number is known.
func (c *console) writeNumbers(a *ask, file exportFile, in area) error {
	names, err := c.scopeNames(a)
	if err != nil {
		return err
	}
	var heads []string
	for _, word := range []string{"name", "number", "idnumber", "phone", "town"} {
		heads = append(heads, c.text(a, "center.volunteer."+word))
	}
	if err := file.row(heads); err != nil {
		return err
	}
	n := 0
	for person, err := range c.Store.Numbered(a.Context()) {
		if err != nil {
			return err
		}
		known, ok := c.safe.open(person.ID, person.Sealed)
		if !ok || known.IDNumber == "" || !in.holds(person.Town, person.Home) {
			continue
		}
		if n++; n > maxNumbered {
			return file.row([]string{c.text(a, "center.numbers.cut", "n", fmt.Sprint(maxNumbered))})
		}
		if err := file.row([]string{person.Name, person.Number, known.IDNumber, known.Phone, names[person.Town]}); err != nil {
			return err
		}
	}
	return nil
}
