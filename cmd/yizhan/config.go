package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// maxConfigBytes bounds a configuration file.
const maxConfigBytes = 64 << 10

// settings are the values of a --config file: a flat TOML table whose keys are
// the command's flags without the dashes in front. Flags and the environment
// win over it.
type settings map[string]any

// loadSettings reads a configuration file for kong.
func loadSettings(r io.Reader) (kong.Resolver, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxConfigBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxConfigBytes {
		return nil, fmt.Errorf("it is longer than %d bytes", maxConfigBytes)
	}
	var s settings
	if err := toml.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("the configuration%s is not TOML: %w", nameOf(r), err)
	}
	return s, nil
}

// nameOf says which file it is; the parser hands over a reader only.
func nameOf(r io.Reader) string {
	if file, ok := r.(interface{ Name() string }); ok {
		return " " + file.Name()
	}
	return ""
}

// Validate refuses a key that is no flag, so that a typing error is found when
// the box is set up and not when the printer stays silent.
func (s settings) Validate(app *kong.Application) error {
	var known []string
	for _, command := range app.Leaves(true) {
		for node := command; node != nil; node = node.Parent {
			for _, flag := range node.Flags {
				known = append(known, flag.Name)
			}
		}
	}
	for key := range s {
		if !slices.Contains(known, key) {
			return fmt.Errorf("the configuration has %q, which is no setting", key)
		}
	}
	return nil
}

// Resolve answers kong with the file's value of a flag, if it has one.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := s[flag.Name]
	if !ok {
		return nil, nil
	}
	switch v := value.(type) {
	case []any:
		words := make([]string, len(v))
		for i, w := range v {
			words[i] = fmt.Sprint(w)
		}
		return strings.Join(words, ","), nil
	case map[string]any:
		return nil, fmt.Errorf("%q must be a value, not a table", flag.Name)
	}
	return fmt.Sprint(value), nil
}
