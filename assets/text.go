package assets

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Lang is a language that the screens speak, as in HTML's lang attribute.
type Lang string

// The languages, Chinese first.
const (
	Chinese Lang = "zh-CN"
	English Lang = "en"
)

// Langs are all languages there are texts for.
var Langs = []Lang{Chinese, English}

// Other is the language that the key in the corner changes to.
func (l Lang) Other() Lang {
	if l == Chinese {
		return English
	}
	return Chinese
}

// Catalogue is all texts of one language.
type Catalogue struct {
	Lang  Lang
	texts map[string]string
}

// Texts is the catalogue of a language. It is read once.
func Texts(lang Lang) (Catalogue, error) {
	read, known := catalogues[lang]
	if !known {
		return readTexts(lang)
	}
	return read()
}

var catalogues = map[Lang]func() (Catalogue, error){
	Chinese: sync.OnceValues(func() (Catalogue, error) { return readTexts(Chinese) }),
	English: sync.OnceValues(func() (Catalogue, error) { return readTexts(English) }),
}

func readTexts(lang Lang) (Catalogue, error) {
	b, err := files.ReadFile("text/" + string(lang) + ".json")
	if err != nil {
		return Catalogue{}, fmt.Errorf("reading texts: %w", err)
	}
	c := Catalogue{Lang: lang}
	if err := json.Unmarshal(b, &c.texts); err != nil {
		return Catalogue{}, fmt.Errorf("reading texts of %s: %w", lang, err)
	}
	return c, nil
}

// Has tells whether there is a text of that key.
func (c Catalogue) Has(key string) bool { _, ok := c.texts[key]; return ok }

// Keys returns all keys, sorted.
func (c Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.texts))
	for k := range c.texts {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Text returns the text of key with its placeholders filled in: values come in
// pairs of a name and a value. A key without a text answers the key in ⟦⟧, which a
// person can read out to a technician and a test can find; a placeholder without
// a value stays as it is.
func (c Catalogue) Text(key string, pairs ...any) string {
	text, ok := c.texts[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	if len(pairs) == 0 {
		return text
	}
	return expand(text, func(name string) (any, bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return nil, false
	})
}

// Placeholders returns the sorted names that the text of key leaves open.
func (c Catalogue) Placeholders(key string) []string {
	var names []string
	expand(c.texts[key], func(name string) (any, bool) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		return nil, false
	})
	slices.Sort(names)
	return names
}

// expand replaces every placeholder for which value has an answer.
func expand(text string, value func(name string) (any, bool)) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		inside, after, found := strings.Cut(rest, "}")
		if !found {
			out.WriteString("{" + rest)
			return out.String()
		}
		out.WriteString(placeholder(inside, value))
		text = after
	}
}

func placeholder(inside string, value func(string) (any, bool)) string {
	name, words, plural := strings.Cut(inside, ":")
	v, ok := value(name)
	if !ok {
		return "{" + inside + "}"
	}
	if !plural {
		return fmt.Sprint(v)
	}
	one, many, _ := strings.Cut(words, "|")
	if fmt.Sprint(v) == "1" {
		return one
	}
	return many
}

// Hours writes minutes as hours, to the half hour or, when they don't fit, as hours and
// minutes: 2, 1.5, 2:05.
func Hours(minutes int64) string {
	switch minutes % 60 {
	case 0:
		return fmt.Sprint(minutes / 60)
	case 30:
		return fmt.Sprintf("%d.5", minutes/60)
	}
	return fmt.Sprintf("%d:%02d", minutes/60, minutes%60)
}
