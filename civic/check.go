package civic

import (
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"yizhan/ledger"
)

// check holds every rule of a document for its addressee.
func (d Document) check(to addressee) error {
	switch {
	case d.Station != nil:
		return d.Station.check(to)
	case d.Staff != nil:
		return d.Staff.check(to.serial)
	case d.Good != nil:
		return d.Good.check(to.serial)
	case d.Picture != nil:
		return d.Picture.check(to.serial)
	case d.Grant != nil:
		return d.Grant.check(to)
	case d.Delivery != nil:
		return d.Delivery.check(to)
	case d.Shift != nil:
		return d.Shift.check(to)
	case d.Attended != nil:
		return d.Attended.check(to)
	case d.Gone != nil:
		return d.Gone.check(to)
	}
	return d.Volunteer.check(to)
}

func (s Station) check(to addressee) error {
	if s.Kiosk != to.kiosk {
		return fmt.Errorf("is for kiosk %q, not for %q", s.Kiosk, to.kiosk)
	}
	if n := len(s.PhoneKey); n != 0 && n != 32 {
		return errors.New("the key for phones is not 32 bytes")
	}
	return errors.Join(checkVersion(s.Version, to.serial), required("name", s.Name),
		short("name", s.Name), short("English name", s.NameEN), short("parent", s.Parent), short("English parent", s.ParentEN),
		short("counter", s.Counter), short("English counter", s.CounterEN), short("phone", s.Phone), s.Rule.check(), s.Policy.Check())
}

func (s Staff) check(serial uint64) error {
	if s.ID.IsZero() {
		return errors.New("the id is nobody's")
	}
	if s.Role != RoleClerk && s.Role != RoleLeader && s.Role != RoleTechnician {
		return fmt.Errorf("role %q is not known", s.Role)
	}
	return errors.Join(checkVersion(s.Version, serial), checkName(s.Name), checkNumber(s.Number),
		checkCards(s.Cards), checkVerifier(s.PIN), checkKeys(s.Keys))
}

func (g Good) check(serial uint64) error {
	if !ledger.ValidGood(g.Code) {
		return errors.New("the code is not 1 to 24 letters, digits, hyphens, underscores and full stops")
	}
	if g.Price < 1 {
		return errors.New("the price is below 1")
	}
	return errors.Join(checkVersion(g.Version, serial), required("name", g.Name),
		short("name", g.Name), short("English name", g.NameEN), short("size", g.Size), short("unit", g.Unit),
		short("category", g.Category), short("donor", g.Donor), checkMerchant(g.Merchant), checkPictureName(g.Picture), checkDay(g.BestBefore),
		within("price", int64(g.Price), int64(maxPrice)), within("limit", g.Limit, maxLimit),
		within("delivered", g.Delivered, ledger.MaxCount))
}

func (p Picture) check(serial uint64) error {
	if p.Name == "" || len(p.Data) == 0 || len(p.Data) > MaxPictureBytes {
		return fmt.Errorf("a picture has a name and 1 to %d bytes", MaxPictureBytes)
	}
	// An SVG is left out on purpose: it can carry script.
	if !slices.Contains([]string{"image/png", "image/jpeg", "image/webp"}, p.Type) {
		return fmt.Errorf("type %q is not shown", p.Type)
	}
	return errors.Join(checkVersion(p.Version, serial), checkPictureName(p.Name))
}

func (v Volunteer) check(to addressee) error {
	if v.ID.IsZero() {
		return errors.New("the id is nobody's")
	}
	if to.linked && !v.Linked {
		return errors.New("a center's volunteers are linked: their earnings grant nothing")
	}
	if len(v.Initials) > MaxNameRunes || !each(v.Initials, 'a', 'z') {
		return errors.New("the initials are not a to z")
	}
	if v.Tail != "" && (len(v.Tail) != 4 || !each(v.Tail, '0', '9')) {
		return errors.New("the tail of the phone is not four digits")
	}
	return errors.Join(checkVersion(v.Version, to.serial), checkName(v.Name), checkNumber(v.Number), checkCards(v.Cards),
		checkVerifier(v.PIN), within("minutes", v.Minutes, maxMinutes), within("minutes of shifts", v.Served, maxMinutes), checkKeys(v.Keys), checkEarned(v.Earned, v.Linked))
}

func (g Grant) check(to addressee) error {
	switch {
	case g.Volunteer.IsZero():
		return errors.New("the id is nobody's")
	case g.Kiosk != to.kiosk || g.Epoch == 0 || to.epoch != 0 && g.Epoch != to.epoch:
		return fmt.Errorf("is for epoch %d of kiosk %q, not for epoch %d of %q", g.Epoch, g.Kiosk, to.epoch, to.kiosk)
	case len(g.Lots) < 1 || len(g.Lots) > MaxLots:
		return fmt.Errorf("%d lots, want 1 to %d", len(g.Lots), MaxLots)
	}
	last := ledger.Day(-1)
	for _, lot := range g.Lots {
		if lot.Expires <= last || lot.Expires > ledger.MaxDay {
			return fmt.Errorf("lot %v is out of order, comes twice or is no date we know", lot.Expires)
		}
		if err := within("points granted", int64(lot.Granted), int64(ledger.MaxPoints)); err != nil {
			return err
		}
		last = lot.Expires
	}
	return checkVersion(g.Version, to.serial)
}

// checkEarned holds the history. Only a center takes points back: where earnings are
// what is granted, they only grow.
func checkEarned(earned []Earning, linked bool) error {
	if len(earned) > MaxEarned {
		return fmt.Errorf("%d earnings, at most %d", len(earned), MaxEarned)
	}
	var sum ledger.Points
	for _, e := range earned {
		points, minutes := e.Points, e.Minutes
		if linked { // there are corrections
			points, minutes = max(points, -points), max(minutes, -minutes)
		}
		if err := errors.Join(required("source of points", e.What), short("source of points", e.What), noPrivate(e.What),
			within("points", int64(points), int64(ledger.MaxPoints)), short("earning of a correction", e.Of), within("minutes", minutes, maxMinutes),
			within("rate", e.Rate, maxRate), checkDay(e.On), checkDay(e.Expires), e.Rule.check()); err != nil {
			return err
		}
		if sum += e.Points; sum > ledger.MaxPoints {
			return fmt.Errorf("the points add up to more than %d", ledger.MaxPoints)
		}
	}
	return nil
}

func checkVersion(version, serial uint64) error {
	if version < 1 || version > serial {
		return fmt.Errorf("version %d in bundle %d", version, serial)
	}
	return nil
}

func checkName(name string) error {
	if n := utf8.RuneCountInString(name); n < 1 || n > MaxNameRunes {
		return fmt.Errorf("the name has %d characters, want 1 to %d", n, MaxNameRunes)
	}
	return errors.Join(short("name", name), noPrivate(name))
}

func checkNumber(number string) error {
	if len(number) > MaxNumberBytes {
		return fmt.Errorf("the number is longer than %d bytes", MaxNumberBytes)
	}
	return errors.Join(short("number", number), noPrivate(number))
}

func checkCards(cards []CardID) error {
	if len(cards) > MaxCards {
		return fmt.Errorf("%d cards, at most %d", len(cards), MaxCards)
	}
	return nil
}

func checkKeys(keys []KeyHash) error {
	if len(keys) > MaxKeys {
		return fmt.Errorf("%d keys, at most %d", len(keys), MaxKeys)
	}
	return nil
}

func checkVerifier(verifier string) error {
	if verifier == "" {
		return nil
	}
	if _, _, _, ok := parseVerifier(verifier); !ok || len(verifier) > maxPINVerifier {
		return errors.New("the PIN's verifier is damaged")
	}
	return nil
}

// ValidMerchant tells whether a text can be the id of a merchant or donor: 16
// hexadecimal digits.
func ValidMerchant(id string) bool {
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(id) == merchantDigits
}

func checkMerchant(id string) error {
	if id != "" && !ValidMerchant(id) {
		return fmt.Errorf("%q is no merchant's id", id)
	}
	return nil
}

// checkPictureName allows what can stand in a path of the kiosk's pages.
func checkPictureName(name string) error {
	if name != "" && (len(name) > MaxPictureName || !pictureName.MatchString(name)) {
		return fmt.Errorf("%q is not a picture's name", name)
	}
	return nil
}

func checkDay(d ledger.Day) error {
	if d < -ledger.MaxDay || d > ledger.MaxDay {
		return fmt.Errorf("%v is no date we know", d)
	}
	return nil
}

func required(field, s string) error {
	if s == "" {
		return fmt.Errorf("the %s is missing", field)
	}
	return nil
}

func short(field, s string) error {
	if utf8.RuneCountInString(s) > MaxTextRunes || !utf8.ValidString(s) {
		return fmt.Errorf("the %s is too long or not UTF-8", field)
	}
	for _, r := range s {
		if unicode.IsControl(r) {
			return fmt.Errorf("the %s has a control character", field)
		}
	}
	return nil
}

func within(field string, n, limit int64) error {
	if n < 0 || n > limit {
		return fmt.Errorf("the %s of %d is not 0 to %d", field, n, limit)
	}
	return nil
}

func each(s string, low, high byte) bool {
	for _, c := range []byte(s) {
		if c < low || c > high {
			return false
		}
	}
	return true
}

func noPrivate(s string) error {
	if HoldsPrivateNumber(s) {
		return errors.New("it holds an ID-card number or a full phone number")
	}
	return nil
}
