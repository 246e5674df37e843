package center

import (
	"errors"
	"fmt"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
)

// ticketPage asks whether it is this person's phone.
type ticketPage struct{ Name, Ticket string }

// ticket opens what a kiosk printed for a phone's first sign-in. Opening it uses
// nothing up.
func (p *phones) ticket(a *caller) error {
	text := strings.ToUpper(a.PathValue("ticket"))
	_, person, err := p.readTicket(a, text)
	if err != nil {
		return err
	}
	return p.show(a, page{word: "ticket", data: ticketPage{civic.MaskName(person.Name), text}})
}

// ticketNow signs the phone in, once.
func (p *phones) ticketNow(a *caller) error {
	t, person, err := p.readTicket(a, strings.ToUpper(a.PathValue("ticket")))
	if err != nil {
		return err
	}
	err = p.Store.UseTicket(a.Context(), t.Nonce, t.Volunteer)
	if errors.Is(err, store.ErrLink) {
		if a.id() == person.ID { // a second tap
			a.redirect("/my")
			return nil
		}
		return errors.Join(errTicket, err)
	}
	if err != nil {
		return err
	}
	return p.begin(a, person.ID, store.PhoneByTicket, "/my?done=signed_in")
}

// readTicket is whose ticket it is, if it is genuine and not too old.
func (p *phones) readTicket(a *caller, text string) (t civic.PhoneTicket, person store.Person, err error) {
	if !p.scans.allow(a.address()) {
		return t, person, errMany
	}
	said, err := civic.ReadPhoneTicket(text)
	if err != nil {
		return t, person, errors.Join(errTicket, err)
	}
	kiosk, chain, err := p.Store.Kiosk(a.Context(), said.Kiosk)
	if errors.Is(err, store.ErrUnknown) {
		return t, person, errors.Join(errTicket, err)
	}
	if err != nil {
		return t, person, err
	}
	if kiosk.Epoch != said.Epoch || kiosk.Revoked || chain.State != store.ChainOpen {
		return t, person, fmt.Errorf("%w: %s epoch %d is %s", errTicket, kiosk.ID, said.Epoch, chain.State)
	}
	now := p.Now()
	off, known := clockOff(kiosk, now)
	skew := exactClock
	if !known {
		skew = maxSkew
	}
	if t, err = civic.VerifyPhoneTicket(text, chain.PublicKey, now.Add(off), skew); err != nil {
		return t, person, errors.Join(errTicket, err)
	}
	person, err = p.personNow(a, t.Volunteer)
	if err == nil && person.Name == "" {
		err = fmt.Errorf("%w: nobody is %v", errTicket, t.Volunteer)
	}
	return t, person, err
}
