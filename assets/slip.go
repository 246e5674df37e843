package assets

import (
	"fmt"
	"path"
)

// Slips are the kinds of slips that there are built-in templates for, in the order
// in which staff look for them.
var Slips = []string{"receipt", "close", "stock", "checkin", "card", "ticket", "certificate", "void", "test"}

// Slip returns the built-in template of a kind of slip in a language. Package
// yizhan/printer/template says what stands in it.
func Slip(name string, lang Lang) (string, error) {
	b, err := files.ReadFile(path.Join("slip", string(lang), name+".slip"))
	if err != nil {
		return "", fmt.Errorf("no slip %q in %s: %w", name, lang, err)
	}
	return string(b), nil
}

// SlipForm returns what a kind of slip may and must say, and a sample of it in each
// language, as JSON.
func SlipForm(name string) ([]byte, error) {
	b, err := files.ReadFile(path.Join("slip", "sample", name+".json"))
	if err != nil {
		return nil, fmt.Errorf("no sample of slip %q: %w", name, err)
	}
	return b, nil
}
