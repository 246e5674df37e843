package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Must is what a template may not do to a value: lose it.
type Must string

// The rules. A line with a condition of another value, or of a list, does not count,
// because it may be left out.
const (
	Free Must = ""     // the value may be shown, or not
	Once Must = "once" // it stands somewhere
	// Ends: it stands in the first HeadLines lines, and again below every value
	// that is not itself shown at both ends: so a torn slip shows.
	Ends Must = "ends"
	// QR: it stands in a QR code, alone. It is printable ASCII and fits one.
	QR Must = "qr"
)

// Field is a value that a template may show.
type Field struct {
	Name string `json:"name"` // small letters, digits and _; LIST.NAME for a value of a list's items
	Must Must   `json:"must"`
}

// Fields are all values of one kind of slip, in the order in which people are told.
type Fields []Field

func (f Fields) has(name string) bool {
	return slices.ContainsFunc(f, func(one Field) bool { return one.Name == name })
}

// hasList tells whether name is a list.
func (f Fields) hasList(name string) bool {
	return slices.ContainsFunc(f, func(one Field) bool { return strings.HasPrefix(one.Name, name+".") })
}

// must is the rule for a value.
func (f Fields) must(name string) Must {
	for _, one := range f {
		if one.Name == name {
			return one.Must
		}
	}
	return Free
}

// known names the fields that must one of these things, all when none is given, for a
// person.
func (f Fields) known(must ...Must) string {
	var names []string
	for _, one := range f {
		if len(must) == 0 || slices.Contains(must, one.Must) {
			names = append(names, "{"+one.Name+"}")
		}
	}
	return strings.Join(names, " ")
}

// Form is one kind of slip: what its templates may and must show, and values to show
// it with. Maps are by language.
type Form struct {
	Fields Fields            `json:"fields"`
	Sample map[string]Values `json:"sample"` // of the slip as it mostly is
	Cases  []Case            `json:"cases"`  // and how it sometimes is
}

// Case is a slip with some other values than the sample, such as a reprint.
type Case struct {
	Name string                       `json:"name"`
	Text map[string]map[string]string `json:"text"`
}

// Show returns the values of a case in a language; those of the sample when there is
// no case of that name.
func (f Form) Show(lang, name string) Values {
	v := f.Sample[lang]
	for _, one := range f.Cases {
		if one.Name == name {
			v.Text = maps.Clone(v.Text)
			maps.Copy(v.Text, one.Text[lang])
		}
	}
	return v
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$`)

// ReadForm reads a form from JSON and checks that its fields are well named and its
// samples have no others.
func ReadForm(b []byte) (Form, error) {
	var form Form
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&form); err != nil {
		return Form{}, fmt.Errorf("reading the form of a slip: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Form{}, fmt.Errorf("reading the form of a slip: something follows it")
	}
	for _, f := range form.Fields {
		if !fieldName.MatchString(f.Name) || !slices.Contains([]Must{Free, Once, Ends, QR}, f.Must) {
			return Form{}, fmt.Errorf("reading the form of a slip: field %q, which must %q, cannot be", f.Name, f.Must)
		}
	}
	for lang, sample := range form.Sample {
		if err := form.Fields.know(sample); err != nil {
			return Form{}, fmt.Errorf("reading the sample in %s: %w", lang, err)
		}
		for _, one := range form.Cases {
			if err := form.Fields.know(Values{Text: one.Text[lang]}); err != nil {
				return Form{}, fmt.Errorf("reading the case %s in %s: %w", one.Name, lang, err)
			}
		}
	}
	return form, nil
}
