package kiosk

import (
	"errors"
	"net/http"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// claimDigits follow the letter of a collection code.
const claimDigits = 3

// claimData is the page that takes a collection code by hand.
type claimData struct {
	Keypad  keypad
	Letter  string
	Letters []string // to choose from; nil: the digits are asked for
	Wrong   string   // the code that nobody waits with
}

// claim takes a collection code when the receipt cannot be scanned. Codes of one
// day mostly share their letter, so that of the newest is already there.
func (o *office) claim(a *ask, _ civic.Staff) error {
	letter, err := o.claimLetter(a)
	if err != nil {
		return err
	}
	k := keypad{Action: "/staff/claim?letter=" + letter, Least: claimDigits, Most: claimDigits, Key: "staff.claim.show"}
	if a.Method == http.MethodPost {
		return o.claimTyped(a, k, letter)
	}
	data := claimData{Keypad: k, Letter: letter}
	data.Keypad.Digits = a.visit.get().digits
	if _, choosing := a.URL.Query()["letters"]; choosing {
		for claim := uint16(0); claim < ledger.MaxClaim; claim += 1000 {
			data.Letters = append(data.Letters, ledger.ClaimText(claim)[:1])
		}
	}
	if wrong, err := ledger.ParseClaim(a.FormValue("none")); err == nil {
		data.Wrong = ledger.ClaimText(wrong)
	}
	return o.show(a, page{word: "claim", back: deskPage, data: data})
}

// claimTyped takes a key of the keypad, and looks for the code once it is whole.
func (o *office) claimTyped(a *ask, k keypad, letter string) error {
	digits := o.press(a, k)
	if digits == "" {
		a.redirect(k.Action)
		return nil
	}
	claim, err := ledger.ParseClaim(letter + digits)
	if err != nil {
		return errForm
	}
	r, err := o.cfg.Store.ByClaim(claim)
	if errors.Is(err, store.ErrUnknown) {
		a.redirect(k.Action + "&none=" + ledger.ClaimText(claim))
		return nil
	}
	if err != nil {
		return err
	}
	a.redirect(rowPage(r.Seq))
	return nil
}

// claimLetter is the letter that was chosen, else that of the newest redemption.
func (o *office) claimLetter(a *ask) (string, error) {
	if letter := a.FormValue("letter"); letter != "" {
		if _, err := ledger.ParseClaim(letter + "000"); err != nil {
			return "", errForm
		}
		return letter, nil
	}
	newest, _, err := o.cfg.Store.Waiting(0, 1)
	if err != nil {
		return "", err
	}
	claim := uint16(0)
	if len(newest) > 0 {
		claim = newest[0].Claim
	}
	return ledger.ClaimText(claim)[:1], nil
}
