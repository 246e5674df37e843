package center

import (
	"yizhan/center/store"
	"yizhan/link"
)

// newcomer is a box that wants to become a kiosk.
type newcomer struct {
	store.Enrolment
	Name        string // of the kiosk
	Fingerprint string // to compare with the box's screen
	Replaces    bool   // the kiosk has a box
}

// waiting reads the boxes that wait for an officer of their place, the first one
// first.
func (c *console) waiting(a *ask) (list []newcomer, err error) {
	all, err := c.Store.Waiting(a.Context())
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		if !a.area.has(e.Kiosk) {
			continue
		}
		k, _, err := c.Store.Kiosk(a.Context(), e.Kiosk)
		if err != nil {
			return nil, err
		}
		list = append(list, newcomer{e, k.Name, link.Fingerprint(e.PublicKey, c.pin()), k.Epoch > 0})
	}
	return list, nil
}

// boxesPage is all boxes that wait.
type boxesPage struct {
	Boxes  []newcomer
	MayAct bool
}

func (c *console) boxes(a *ask) error {
	list, err := c.waiting(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "boxes", data: boxesPage{list, a.may(powerEquip)}})
}

// boxNow decides on a box. Who has compared the fingerprints says so with the tick.
func (c *console) boxNow(a *ask) error {
	id := a.PathValue("box")
	if err := c.reachesBox(a, id); err != nil {
		return err
	}
	switch a.PathValue("verdict") {
	case "approve":
		if a.PostFormValue("compared") == "" {
			a.redirect("/boxes?done=compare")
			return nil
		}
		e, err := c.Store.Approve(a.Context(), id, a.officer.Name)
		if err != nil {
			return err
		}
		a.redirect(stationPath(e.Kiosk) + "?done=approve")
	case "refuse":
		e, err := c.Store.Refuse(a.Context(), id, a.officer.Name)
		if err != nil {
			return err
		}
		a.redirect(stationPath(e.Kiosk) + "?done=refuse")
	default:
		return store.ErrUnknown
	}
	return nil
}

// reachesBox refuses a box that waits for a kiosk outside of the officer's area.
func (c *console) reachesBox(a *ask, id string) error {
	if a.area.whole {
		return nil
	}
	kiosk, err := c.Store.EnrolmentOf(a.Context(), id)
	if err != nil {
		return err
	}
	return a.reaches(kiosk)
}
