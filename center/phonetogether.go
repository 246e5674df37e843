package center

import (
	"errors"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// phonePerson is somebody who is signed in on this phone beside the one who uses it now.
type phonePerson struct {
	At   string // the phone's id, which tells them apart
	Name string // masked
}

// cutTokens reads what joinTokens wrote. There is always a first one, of who uses the
// phone.
func cutTokens(text string) []string {
	list := strings.Split(text, ".")
	return list[:min(len(list), maxTogether)]
}

// joinTokens writes the tokens of a household's phone, that of who uses it first; ""
// when there is none.
func joinTokens(list []string) string {
	others := slices.DeleteFunc(slices.Clone(list[1:]), func(token string) bool { return token == "" })
	if list[0] == "" && len(others) == 0 {
		return ""
	}
	all := append([]string{list[0]}, others...)
	return strings.Join(all[:min(len(all), maxTogether)], ".")
}

// keepTokens has the phone keep the tokens as they are now.
func (p *phones) keepTokens(a *caller) {
	if text := joinTokens(a.tokens); text != "" {
		a.setCookie(phoneCookie, text, int(store.PhoneIdle.Seconds()))
		return
	}
	a.setCookie(phoneCookie, "", -1)
}

// phoneOf is who one of the phone's tokens is of; none when that is over. It may come
// back with another token.
func (p *phones) phoneOf(a *caller, i int) (store.Phone, error) {
	if a.tokens[i] == "" {
		return store.Phone{}, nil
	}
	phone, fresh, err := p.Store.Phone(a.Context(), a.tokens[i], a.device)
	if errors.Is(err, store.ErrCloned) {
		p.Log.Warn("phones: a token was copied", "from", a.RemoteAddr, "why", err)
	}
	if errors.Is(err, store.ErrSession) || errors.Is(err, store.ErrCloned) {
		a.tokens[i] = ""
		p.keepTokens(a)
		return store.Phone{}, nil
	}
	if err == nil && fresh != "" {
		a.tokens[i] = fresh
		p.keepTokens(a)
	}
	return phone, err
}

// together are those who are signed in on this phone, without the one who uses it.
func (p *phones) together(a *caller) (list []phonePerson, err error) {
	for i := range a.tokens[1:] {
		phone, err := p.phoneOf(a, i+1)
		if err != nil {
			return nil, err
		}
		if phone.ID == "" {
			continue
		}
		person, err := p.personNow(a, phone.Volunteer)
		if err != nil {
			return nil, err
		}
		if person.Name != "" {
			list = append(list, phonePerson{phone.ID, civic.MaskName(person.Name)})
		}
	}
	return list, nil
}

// join puts a new token first. Somebody who was signed in on this phone already is so
// no longer with the old one.
func (p *phones) join(a *caller, token string, who ledger.ID) error {
	keep := []string{token}
	for i := range a.tokens {
		phone, err := p.phoneOf(a, i)
		if err != nil {
			return err
		}
		if phone.ID != "" && phone.Volunteer == who {
			if err := p.Store.EndPhone(a.Context(), phone.ID, who); err != nil {
				return err
			}
		} else if phone.ID != "" {
			keep = append(keep, a.tokens[i])
		}
	}
	a.tokens = keep
	p.keepTokens(a)
	return nil
}

// switchNow lets another person go on who is signed in on this phone.
func (p *phones) switchNow(a *caller) error {
	at := a.typed("at")
	for i, token := range a.tokens {
		if at != "" && strings.HasPrefix(token, at) {
			a.tokens[0], a.tokens[i] = token, a.tokens[0]
			p.keepTokens(a)
			break
		}
	}
	a.redirect(phonePath(a.PostFormValue("next")))
	return nil
}
