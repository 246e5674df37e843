package sheet

import (
	"slices"
	"strings"

	"yizhan/civic"
	"yizhan/civic/code"
)

// What a roster says of a person besides: sex, nation, skills and so on. Lists have
// these columns in every state, and nobody is kept out of the register because of a
// word in one of them: what is no code is left out, and a notice tells.

// oddity is what stands in an aside and is none of its codes.
type oddity struct {
	field field
	text  string
}

// oddities are those of one column: how many rows, and some of them.
type oddities struct {
	rows int
	some []string
}

func (o *oddities) add(text string) {
	o.rows++
	if text != "" && len(o.some) < maxOdd && !slices.Contains(o.some, text) {
		o.some = append(o.some, text)
	}
}

// asides are the columns with one code.
var asides = []struct {
	field field
	word  string // of civic.ProfileCode
}{{fieldSex, "sex"}, {fieldNation, "nation"}, {fieldPolitical, "political"}, {fieldEducation, "education"}, {fieldOccupation, "occupation"}}

// profile reads the asides. The type of the document, in words, is one too.
func (r *record) profile(idType string) (p civic.Profile) {
	for _, a := range asides {
		if r.head.index[a.field] < 0 {
			continue
		}
		at := slices.IndexFunc(civic.ProfileCodes, func(c civic.ProfileCode) bool { return c.Word == a.word })
		c := civic.ProfileCodes[at]
		if text := r.aside(a.field, maxShortRunes); text != "" {
			*c.At(&p) = r.coded(a.field, c.Table, text)
		}
	}
	p.IDType, _ = code.IDType.Parse(idType)
	p.Area = strings.Clone(r.aside(fieldArea, civic.MaxAreaRunes))
	p.Kinds = r.several(fieldKinds, nil)
	p.Times = r.several(fieldTimes, code.Time)
	p.Skills = r.several(fieldSkills, code.Skill)
	return p
}

// aside is a field's text. Where the text cannot be used the field is odd, and the row
// is none the worse.
func (r *record) aside(f field, maxRunes int) string {
	if r.head.index[f] < 0 {
		return ""
	}
	before := len(r.faults)
	text := r.words(f, maxRunes)
	if len(r.faults) > before {
		r.faults = r.faults[:before]
		r.odd = append(r.odd, oddity{f, ""})
		return ""
	}
	if civic.HoldsPrivateNumber(text) {
		r.odd = append(r.odd, oddity{f, ""})
		return ""
	}
	return text
}

func (r *record) coded(f field, table *code.Table, text string) string {
	c, ok := table.Parse(text)
	if !ok {
		r.odd = append(r.odd, oddity{f, shorten(strings.Clone(text))})
	}
	return c
}

// several reads a cell with several values, 、 or the like between them. Without a
// table they are words.
func (r *record) several(f field, table *code.Table) (list []string) {
	text := r.aside(f, maxSeveralRunes)
	for _, part := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune("、,，;；|", c) }) {
		part = strings.Clone(tidy(part))
		if table != nil {
			part = r.coded(f, table, part)
		} else if len([]rune(part)) > civic.MaxKindRunes || len(list) == civic.MaxKinds {
			r.odd = append(r.odd, oddity{f, shorten(part)})
			continue
		}
		if part != "" && !slices.Contains(list, part) {
			list = append(list, part)
		}
	}
	return list
}
