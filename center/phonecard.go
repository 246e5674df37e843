package center

import (
	"html/template"
	"time"

	"yizhan/civic"
)

// phoneCard is somebody's card as a phone shows it to a kiosk's scanner.
type phoneCard struct {
	Name string
	Code template.HTML
	At   time.Time
	Good int64 // seconds for which it is good
	Each int64 // seconds after which the page fetches another one
}

// card makes a phone card for this moment. The page's script fetches the next one; a
// key does so too.
func (p *phones) card(a *caller) error {
	now := p.Now()
	code, err := qrPicture(civic.PhoneCard{Volunteer: a.id(), Made: now.Unix()}.Sign(p.Keys.Signer))
	if err != nil {
		return err
	}
	return p.show(a, page{word: "card", data: phoneCard{civic.MaskName(a.person.Name), code, now, civic.PhoneCardSeconds, int64(cardEach.Seconds())}})
}
