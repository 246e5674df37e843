package center

import (
	"yizhan/center/store"
	"yizhan/ledger"
)

// phonesPage is the phones on which a volunteer is signed in.
type phonesPage struct {
	ID     ledger.ID
	Name   string
	Phones []minePhone
}

// phones lists them, and says what follows when an officer signs the volunteer out: of a
// phone that was lost, say.
func (c *console) phones(a *ask) error {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return store.ErrUnknown
	}
	r, err := c.record(a, id)
	if err != nil {
		return err
	}
	list, err := c.Store.Phones(a.Context(), id)
	if err != nil {
		return err
	}
	p := phonesPage{ID: id, Name: r.Name}
	for _, one := range list {
		p.Phones = append(p.Phones, minePhone{one, false, browserText(c.texts[a.lang], one.Browser)})
	}
	return c.show(a, page{word: "phones", data: p})
}

// phonesNow signs the volunteer out on all phones.
func (c *console) phonesNow(a *ask) error {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return store.ErrUnknown
	}
	if _, err := c.record(a, id); err != nil {
		return err
	}
	if _, err := c.Store.EndPhones(a.Context(), id); err != nil {
		return err
	}
	a.redirect(accountPath(id) + "?done=phones_ended")
	return nil
}
