package center

import (
	"encoding/json"
	"slices"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/sheet"
)

// profileForm is the national fields of a volunteer's form: what was chosen, and what
// the form showed when it was opened.
type profileForm struct {
	Profile civic.Profile
	was     civic.Profile
	sent    bool // the form had them
	English bool
}

// Was is what the form showed, as it comes back with it.
func (p profileForm) Was() string {
	text, _ := json.Marshal(p.was) // it cannot fail
	return string(text)
}

// Single are the fields with one code, as lists to choose from.
func (p profileForm) Single() (list []profileChoice) {
	for _, f := range civic.ProfileCodes {
		choice := profileChoice{Word: f.Word, Chosen: *f.At(&p.Profile)}
		for _, e := range f.Table.Entries {
			choice.Options = append(choice.Options, place{store.Scope{ID: e.Code}, f.Table.Label(e.Code, p.English)})
		}
		list = append(list, choice)
	}
	return list
}

// profileChoice is one such field.
type profileChoice struct {
	Word, Chosen string
	Options      []place
}

// Several are the fields with several codes, as boxes to tick.
func (p profileForm) Several() (list []profileTicks) {
	for _, f := range civic.ProfileSets {
		if f.Table == nil {
			continue
		}
		ticks := profileTicks{Word: f.Word}
		for _, e := range f.Table.Entries {
			ticks.Ticks = append(ticks.Ticks, profileTick{e.Code, f.Table.Label(e.Code, p.English), slices.Contains(*f.At(&p.Profile), e.Code)})
		}
		list = append(list, ticks)
	}
	return list
}

type profileTicks struct {
	Word  string
	Ticks []profileTick
}

type profileTick struct {
	Code, Name string
	On         bool
}

// Kinds are the kinds of service in one line.
func (p profileForm) Kinds() string { return joined(p.Profile.Kinds) }

// readProfile reads the fields as they were sent. What is none of our codes was sent
// by no page of ours, and is left out.
func readProfile(a *ask) (p profileForm) {
	text := a.PostFormValue("was-profile")
	if p.sent = text != "" && json.Unmarshal([]byte(text), &p.was) == nil; !p.sent {
		return p
	}
	for _, f := range civic.ProfileCodes {
		if v := a.typed(f.Word); f.Table.Has(v) {
			*f.At(&p.Profile) = v
		}
	}
	for _, f := range civic.ProfileSets {
		if f.Table == nil {
			continue
		}
		for _, v := range a.PostForm[f.Word] {
			if f.Table.Has(v) && !slices.Contains(*f.At(&p.Profile), v) {
				*f.At(&p.Profile) = append(*f.At(&p.Profile), v)
			}
		}
	}
	p.Profile.Area = a.typed("area")
	for _, kind := range strings.FieldsFunc(a.typed("kinds"), func(r rune) bool { return strings.ContainsRune("、,，;；", r) }) {
		if kind = strings.TrimSpace(kind); kind != "" && !slices.Contains(p.Profile.Kinds, kind) {
			p.Profile.Kinds = append(p.Profile.Kinds, kind)
		}
	}
	return p
}

// problem is the field that cannot be taken; "": none.
func (p profileForm) problem() string {
	area, kinds := civic.Profile{Area: p.Profile.Area}, civic.Profile{Kinds: p.Profile.Kinds}
	switch {
	case area.Check() != nil || civic.HoldsPrivateNumber(p.Profile.Area):
		return "area"
	case kinds.Check() != nil || civic.HoldsPrivateNumber(joined(p.Profile.Kinds)):
		return "kinds"
	}
	return ""
}

// theirs takes what somebody else has changed of fields that were not touched here,
// and lists all that they changed.
func (p *profileForm) theirs(now civic.Profile) (list []theirChange) {
	one := func(word string, was, theirs, mine string, take func()) {
		if was == theirs {
			return
		}
		change := theirChange{Field: word, Was: was, Now: theirs}
		if mine == was || mine == theirs {
			take()
		} else {
			change.Mine = mine
		}
		list = append(list, change)
	}
	for _, f := range civic.ProfileCodes {
		label := func(v string) string { return f.Table.Label(v, p.English) }
		one(f.Word, label(*f.At(&p.was)), label(*f.At(&now)), label(*f.At(&p.Profile)), func() { *f.At(&p.Profile) = *f.At(&now) })
	}
	for _, f := range civic.ProfileSets {
		text := func(list []string) string { return joined(f.Labels(list, p.English)) }
		one(f.Word, text(*f.At(&p.was)), text(*f.At(&now)), text(*f.At(&p.Profile)), func() { *f.At(&p.Profile) = *f.At(&now) })
	}
	one("area", p.was.Area, now.Area, p.Profile.Area, func() { p.Profile.Area = now.Area })
	p.was = now
	return list
}

// fact is a line of what is known of somebody: center.changed.WORD.
type fact struct{ Word, Text string }

// profileFacts are what an account says of the person.
func profileFacts(p civic.Profile, english bool) (list []fact) {
	for _, f := range civic.ProfileCodes {
		if v := *f.At(&p); v != "" {
			list = append(list, fact{f.Word, f.Table.Label(v, english)})
		}
	}
	if p.Area != "" {
		list = append(list, fact{"area", p.Area})
	}
	for _, f := range civic.ProfileSets {
		if v := *f.At(&p); len(v) > 0 {
			list = append(list, fact{f.Word, joined(f.Labels(v, english))})
		}
	}
	return list
}

// numbered puts typed numbers into the safe, over those that are there.
func (c *console) numbered(v store.Person, idNumber, phone string, noPhone bool) []byte {
	sealed := c.safe.merge(v.ID, v.Sealed, c.safe.seal(v.ID, numbers{idNumber, phone}))
	if n, ok := c.safe.open(v.ID, sealed); ok && noPhone && phone == "" {
		n.Phone = ""
		return c.safe.seal(v.ID, n)
	}
	return sealed
}

// typedIDNumber reads an id card's number, or of another paper when the form says so.
func typedIDNumber(text, idType string) (number string, ok bool) {
	if idType != "" && idType != "01" {
		return sheet.TypedOtherID(text)
	}
	return sheet.TypedIDNumber(text)
}
