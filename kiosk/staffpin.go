package kiosk

import (
	"errors"
	"net/http"
	"slices"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// staffPINData is what the page asks a member of staff whose card was scanned.
type staffPINData struct {
	Keypad keypad
	Name   string
	Wrong  bool
	Left   int64 // tries left after a wrong PIN
	Locked bool
}

// pinPage asks for the PIN that goes with a card of staff. There is no way here
// without the card.
func (o *office) pinPage(a *ask) error {
	switch {
	case a.visit == nil || !a.visit.staff:
		a.redirect("/?over")
		return nil
	case a.visit.proven:
		a.redirect(deskPage)
		return nil
	}
	k := keypad{Action: staffPINPage, Least: civic.PINDigits, Most: civic.PINDigits, Hidden: true, Key: "staff.pin.open"}
	if a.Method == http.MethodPost {
		if pin := o.press(a, k); pin != "" {
			return o.refused(a, o.signIn(a, pin))
		}
		a.redirect(staffPINPage)
		return nil
	}
	_, tries, err := o.cfg.Store.PINState(a.visit.person)
	if err != nil {
		return err
	}
	st := a.visit.get()
	k.Digits = st.digits
	data := staffPINData{Keypad: k, Name: o.staffName(a.visit.person), Left: civic.MaxPINTries - tries}
	data.Locked = data.Left <= 0
	data.Wrong = st.wrong != "" && !data.Locked
	if data.Locked {
		o.noteLocked(a.visit.person)
	}
	return o.show(a, page{word: "staffpin", back: "/", data: data})
}

// signIn compares a PIN. The try is durable before the comparison, so that pulling
// the plug gives no free tries.
func (o *office) signIn(a *ask, pin string) error {
	o.pin.Lock()
	defer o.pin.Unlock()
	me, ctx := a.visit.person, a.Context()
	verifier, _, err := o.cfg.Store.TryPIN(ctx, me)
	if err == nil {
		err = civic.CheckPIN(verifier, pin, o.cfg.PINCost)
	}
	if errors.Is(err, store.ErrLocked) || errors.Is(err, civic.ErrPIN) {
		a.visit.set(func(st *visitState) { st.wrong = "staff.pin.wrong" })
		a.redirect(staffPINPage)
		return nil
	}
	if err != nil {
		return err
	}
	if err := o.cfg.Store.ClearPIN(ctx, me, ledger.ID{}); err != nil {
		return err
	}
	if err := o.cfg.Store.SignIn(ctx, me); err != nil {
		return err
	}
	was := a.visit.get()
	v := o.follow(a.visit, identity{person: me, staff: true, proven: true, byCard: true})
	if v == nil {
		a.redirect("/?over")
		return o.cfg.Store.SignOut(ctx, me)
	}
	v.set(func(st *visitState) { st.lang, st.large = was.lang, was.large })
	join(a.w, v)
	to := deskPage
	if locked := o.lockedColleague(me); !locked.IsZero() {
		to = "/staff/unlock/" + locked.String()
	}
	a.redirect(to)
	return nil
}

// noteLocked remembers a member of staff whose PIN is locked, so that the next
// one who signs in is asked about it. Nobody comes up who was not here with a card.
func (o *office) noteLocked(id ledger.ID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.locked = slices.DeleteFunc(o.locked, func(other ledger.ID) bool { return other == id })
	if len(o.locked) == maxLocked {
		o.locked = o.locked[1:]
	}
	o.locked = append(o.locked, id)
}

// lockedColleague is somebody else of staff whose PIN is locked; zero: nobody.
func (o *office) lockedColleague(me ledger.ID) ledger.ID {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range slices.Backward(o.locked) {
		if id == me {
			continue
		}
		if _, tries, err := o.cfg.Store.PINState(id); err == nil && tries >= civic.MaxPINTries {
			return id
		}
	}
	return ledger.ID{}
}

// unlock asks whether the wrong PINs of a person may be forgotten.
func (o *office) unlock(a *ask, me civic.Staff) error {
	id, name, back, err := o.lockedPerson(a, me)
	if err != nil {
		return err
	}
	_, tries, err := o.cfg.Store.PINState(id)
	if err != nil {
		return err
	}
	return o.show(a, page{word: "unlock", back: back, data: struct {
		ID     ledger.ID
		Name   string
		Locked bool
		Self   bool
		To     string
	}{id, name, tries >= civic.MaxPINTries, id == me.ID, back}})
}

// unlockNow forgets them.
func (o *office) unlockNow(a *ask, me civic.Staff) error {
	id, _, _, err := o.lockedPerson(a, me)
	if err != nil {
		return err
	}
	if id == me.ID {
		return errForm // somebody else has to vouch for a member of staff
	}
	if err := o.cfg.Store.ClearPIN(a.Context(), id, me.ID); err != nil {
		return err
	}
	a.redirect("/staff/unlock/" + id.String())
	return nil
}

// lockedPerson is the volunteer or colleague that the path names, and the page to
// go back to. Volunteers are no business of a technician.
func (o *office) lockedPerson(a *ask, me civic.Staff) (id ledger.ID, name, back string, err error) {
	id, err = ledger.ParseID(a.PathValue("person"))
	if err != nil {
		return id, "", "", store.ErrUnknown
	}
	if p, err := o.cfg.Store.Staff(id); err == nil {
		return id, civic.MaskName(p.Name), deskPage, nil
	}
	v, err := o.cfg.Store.Volunteer(id)
	if err == nil && me.Role == civic.RoleTechnician {
		err = store.ErrUnknown
	}
	return id, civic.MaskName(v.Name), "/staff/person/" + id.String(), err
}
