package issuer

import (
	"context"
	"strings"

	"yizhan/civic"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// person is one accepted row of a roster, until it is merged into a document.
type person struct {
	id      ledger.ID
	known   int32 // index in the register, -1: new
	name    string
	number  string
	keys    []civic.KeyHash
	phone   civic.PhoneHash
	tail    string
	minutes int64 // total so far, 0: not told
	add     ledger.Points
	counted int64 // minutes that add was counted from
	rate    int64
	expires ledger.Day
	rule    civic.Rule // by which points or expiry were worked out
	secret  civic.CardSecret
	card    bool // secret is a new card
	profile *civic.Profile
	sealed  []byte // the numbers, as Options.Seal made it
}

// roster reads the list of volunteers into records and rejections.
type roster struct {
	*run
	people []person
}

func (r *roster) read(ctx context.Context, path string, file *File) error {
	summary, err := sheet.ReadRoster(ctx, path, func(p sheet.Person) error {
		rejected, err := r.accept(p)
		if err == nil && rejected != nil {
			r.rejectLate(file, *rejected, personColumns, func() []string { return personCells(p) })
		}
		return err
	}, func(rej sheet.Rejection) error { return r.rejectRow(file, rej) })
	return r.finish(file, summary, err)
}

// accept compares a row with the register and keeps it, or tells why not.
func (r *roster) accept(p sheet.Person) (*sheet.Rejection, error) {
	at, rejected := r.recognise(p)
	if rejected != nil {
		return rejected, nil
	}
	rec := person{known: at, name: strings.Clone(p.Name), minutes: p.Minutes, keys: r.keys(p)}
	var before known
	if at >= 0 {
		before = r.register.people[at]
	}
	if rejected := r.earn(&rec, p, before); rejected != nil {
		return rejected, nil
	}
	if !civic.HoldsPrivateNumber(p.Number) {
		rec.number = strings.Clone(p.Number)
	}
	if p.Phone != "" {
		rec.phone = civic.HashPhone(r.station.PhoneKey, p.Phone)
		rec.tail = strings.Clone(p.Phone[len(p.Phone)-4:])
	}
	if rec.id = before.id; at < 0 {
		rec.id = r.identity.newID(rec.keys[0])
	} else {
		k := &r.register.people[at]
		k.row, k.update = int32(p.Row), int32(len(r.people))
	}
	if !p.Profile.IsZero() {
		profile := p.Profile // alone: the row behind it has all of its cells
		rec.profile = &profile
	}
	if r.Seal != nil && p.IDNumber+p.Phone != "" {
		rec.sealed = r.Seal(rec.id, p.IDNumber, p.Phone)
	}
	if r.wantCards && (!before.hasCard || before.renew) {
		secret, err := civic.NewCard(r.Random)
		if err != nil {
			return nil, err
		}
		rec.secret, rec.card = secret, true
	}
	r.people = append(r.people, rec)
	return nil, nil
}

// recognise finds the person of a row in the register; -1 is a new one.
func (r *roster) recognise(p sheet.Person) (int32, *sheet.Rejection) {
	no := func(code string, args ...any) (int32, *sheet.Rejection) {
		return -1, reject(p.Sheet, p.Row, code, args...)
	}
	if civic.HoldsPrivateNumber(p.Name) {
		return no(CodePrivate)
	}
	byNumber := r.register.find(r.identity.numberKey(p.Number), p.Number != "")
	byID := r.register.find(r.identity.idKey(p.IDNumber), p.IDNumber != "")
	if byNumber >= 0 && byID >= 0 && byNumber != byID {
		return no(CodeTwoPeople)
	}
	at := max(byNumber, byID)
	if at < 0 {
		return -1, nil
	}
	k := r.register.people[at]
	if k.locked {
		return no(CodeElsewhere)
	}
	if byID < 0 && p.IDNumber != "" && k.hasID && k.name != hashName(p.Name) {
		return no(CodeIDConflict)
	}
	if k.row > 0 {
		return no(CodeSamePerson, k.row)
	}
	return at, nil
}

// keys lists the keys of a row, the number's first.
func (r *roster) keys(p sheet.Person) []civic.KeyHash {
	var keys []civic.KeyHash
	if p.Number != "" {
		keys = append(keys, r.identity.numberKey(p.Number))
	}
	if p.IDNumber != "" {
		keys = append(keys, r.identity.idKey(p.IDNumber))
	}
	return keys
}

// earn finds what a row adds to the points granted before.
func (r *roster) earn(rec *person, p sheet.Person, before known) *sheet.Rejection {
	no := func(code string, args ...any) *sheet.Rejection { return reject(p.Sheet, p.Row, code, args...) }
	policy := r.station.Policy
	switch {
	case p.HasPoints:
		if rec.add = ledger.Points(p.Points) - before.granted; rec.add < 0 {
			return no(CodePointsLess, before.granted, p.Points)
		}
	case p.HasMinutes && before.minutes > 0:
		if p.Minutes < before.minutes {
			return no(CodeMinutesLess, before.minutes, p.Minutes)
		}
		// Half hours are rounded on the totals, so that no minute is lost between two rosters.
		rec.counted = p.Minutes - before.minutes
		rec.add, rec.rate = policy.PointsFor(p.Minutes)-policy.PointsFor(before.minutes), policy.WithDefaults().PointsPerHour
	case p.HasMinutes:
		rec.counted = p.Minutes
		if rec.add = policy.PointsFor(p.Minutes) - before.granted; rec.add < 0 {
			return no(CodePointsLess, before.granted, policy.PointsFor(p.Minutes))
		}
		rec.rate = policy.WithDefaults().PointsPerHour
	}
	if rec.add == 0 {
		return nil
	}
	rec.rule = r.station.Rule
	if rec.expires = policy.Expiry(r.today); !p.Expires.IsZero() {
		rec.expires = dayOf(p.Expires)
		if rec.rate == 0 {
			rec.rule = "" // the list says both
		}
	}
	switch {
	case rec.expires < r.today:
		return no(CodeExpired, rec.expires)
	case rec.expires > ledger.MaxDay:
		return no(CodeDateFar, rec.expires)
	}
	return nil
}
