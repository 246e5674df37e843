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
	Keypad keypad
	None   string    // the digits that nobody waits with
	Rows   []deskRow // several wait with these digits: which one is it?
}

// claim takes a collection code when the receipt cannot be scanned. Its digits are
// enough: among those who wait they are rarely the same twice, and then the page
// asks which.
func (o *office) claim(a *ask, _ civic.Staff) error {
	k := keypad{Action: "/staff/claim", Least: claimDigits, Most: claimDigits, Key: "staff.claim.show"}
	if a.Method == http.MethodPost {
		if digits := o.press(a, k); digits != "" {
			a.redirect("/staff/claim?digits=" + digits)
			return nil
		}
		a.redirect("/staff/claim?" + typing)
		return nil
	}
	data := claimData{Keypad: k}
	data.Keypad.Digits = typed(a)
	if digits := onlyDigits(a.FormValue("digits")); len(digits) == claimDigits {
		waiting, err := o.claimed(digits)
		switch {
		case err != nil:
			return err
		case len(waiting) == 0:
			data.None = digits
		case len(waiting) == 1:
			a.redirect(rowPage(waiting[0].Seq))
			return nil
		}
		for _, r := range waiting[:min(len(waiting), maxSameDigits)] {
			data.Rows = append(data.Rows, o.deskRow(a, r, false))
		}
	}
	return o.show(a, page{word: "claim", back: deskPage, data: data})
}

// claimed finds the redemptions that wait with a code of these digits.
func (o *office) claimed(digits string) (waiting []store.Redemption, err error) {
	for first := uint16(0); first < ledger.MaxClaim; first += 1000 {
		claim, err := ledger.ParseClaim(ledger.ClaimText(first)[:1] + digits)
		if err != nil {
			return nil, err
		}
		r, err := o.cfg.Store.ByClaim(claim)
		if errors.Is(err, store.ErrUnknown) {
			continue
		}
		if err != nil {
			return nil, err
		}
		waiting = append(waiting, r)
	}
	return waiting, nil
}
