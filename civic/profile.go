package civic

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"yizhan/civic/code"
)

// Profile is what the national system asks about a volunteer and no kiosk needs: it
// stays at the center, in no document. Fields hold codes of package code; empty: not
// known. Each name is that of the national system's field.
type Profile struct {
	IDType     string   `json:"id_type,omitempty"`    // albp0004, of the number that the center keeps sealed
	Sex        string   `json:"sex,omitempty"`        // albp0006
	Political  string   `json:"political,omitempty"`  // albp0007
	Nation     string   `json:"nation,omitempty"`     // albp0008
	Education  string   `json:"education,omitempty"`  // albp0017
	Occupation string   `json:"occupation,omitempty"` // albp0018
	Area       string   `json:"area,omitempty"`       // where somebody lives, in words
	Kinds      []string `json:"kinds,omitempty"`      // of service, albp0021: up to four, in words
	Times      []string `json:"times,omitempty"`      // when somebody is free, albp0035
	Skills     []string `json:"skills,omitempty"`     // albp0039
}

// Limits of a profile.
const (
	MaxAreaRunes = 60
	MaxKinds     = 4
	MaxKindRunes = 20
)

// ProfileCode is a field that holds one code.
type ProfileCode struct {
	Word  string // of the field
	Table *code.Table
	At    func(*Profile) *string
}

// ProfileCodes are the fields with one code, in the order of forms.
var ProfileCodes = []ProfileCode{
	{"sex", code.Sex, func(p *Profile) *string { return &p.Sex }},
	{"nation", code.Nation, func(p *Profile) *string { return &p.Nation }},
	{"political", code.Political, func(p *Profile) *string { return &p.Political }},
	{"education", code.Education, func(p *Profile) *string { return &p.Education }},
	{"occupation", code.Occupation, func(p *Profile) *string { return &p.Occupation }},
	{"id_type", code.IDType, func(p *Profile) *string { return &p.IDType }},
}

// ProfileSet is a field that holds several codes, or with no table several words.
type ProfileSet struct {
	Word  string
	Table *code.Table
	At    func(*Profile) *[]string
}

// Labels are the names of values.
func (s ProfileSet) Labels(values []string, english bool) []string {
	if s.Table == nil {
		return values
	}
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = s.Table.Label(v, english)
	}
	return names
}

// ProfileSets are the fields with several values.
var ProfileSets = []ProfileSet{
	{"kinds", nil, func(p *Profile) *[]string { return &p.Kinds }},
	{"times", code.Time, func(p *Profile) *[]string { return &p.Times }},
	{"skills", code.Skill, func(p *Profile) *[]string { return &p.Skills }},
}

// IsZero tells whether nothing is known.
func (p Profile) IsZero() bool {
	for _, f := range ProfileCodes {
		if *f.At(&p) != "" {
			return false
		}
	}
	return p.Area == "" && len(p.Kinds)+len(p.Times)+len(p.Skills) == 0
}

// Equal tells whether two say the same.
func (p Profile) Equal(q Profile) bool {
	for _, f := range ProfileCodes {
		if *f.At(&p) != *f.At(&q) {
			return false
		}
	}
	for _, f := range ProfileSets {
		if !slices.Equal(*f.At(&p), *f.At(&q)) {
			return false
		}
	}
	return p.Area == q.Area
}

// Merge takes what another one knows; what that leaves open stays.
func (p Profile) Merge(more Profile) Profile {
	for _, f := range ProfileCodes {
		if v := *f.At(&more); v != "" {
			*f.At(&p) = v
		}
	}
	for _, f := range ProfileSets {
		if v := *f.At(&more); len(v) > 0 {
			*f.At(&p) = v
		}
	}
	if more.Area != "" {
		p.Area = more.Area
	}
	return p
}

// Check holds the rules of every field.
func (p Profile) Check() error {
	for _, f := range ProfileCodes {
		if v := *f.At(&p); v != "" && !f.Table.Has(v) {
			return fmt.Errorf("%s %q is no code of %s", f.Word, v, f.Table.Name)
		}
	}
	for _, f := range ProfileSets {
		list := *f.At(&p)
		for i, v := range list {
			if f.Table != nil && !f.Table.Has(v) || v == "" || slices.Contains(list[:i], v) {
				return fmt.Errorf("%s has %q twice, or not at all", f.Word, v)
			}
		}
	}
	if len(p.Kinds) > MaxKinds || slices.ContainsFunc(p.Kinds, func(k string) bool { return utf8.RuneCountInString(k) > MaxKindRunes }) {
		return fmt.Errorf("at most %d kinds of service, of %d characters", MaxKinds, MaxKindRunes)
	}
	if utf8.RuneCountInString(p.Area) > MaxAreaRunes || !utf8.ValidString(p.Area) {
		return errors.New("the area is too long")
	}
	return nil
}
