package spool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Ability is what a printer was found to answer on its port.
type Ability struct {
	Status bool // DLE EOT, at once, even while it cannot print
	Fence  bool // GS r, in the order of what it prints
	ID     bool // GS ( H, in that order and with the id that it was sent
	Macro  bool // GS : and GS ^ put off one of the two, so that an answer also proves that the power stayed
}

// Level is the ability in the words of the field: 3 for ids, 2 for a fence, 1 for a
// status, 0 for a mute printer.
func (a Ability) Level() int {
	switch {
	case a.ID:
		return 3
	case a.Fence:
		return 2
	case a.Status:
		return 1
	}
	return 0
}

// ordered holds when the printer answers something in the order of what it prints.
func (a Ability) ordered() bool { return a.Fence || a.ID }

// words are the abilities in the order in which String writes them.
func (a *Ability) words() []struct {
	word string
	can  *bool
} {
	return []struct {
		word string
		can  *bool
	}{{"status", &a.Status}, {"fence", &a.Fence}, {"id", &a.ID}, {"macro", &a.Macro}}
}

// String writes the ability as ParseAbility reads it: "status fence id macro", or
// "mute".
func (a Ability) String() string {
	var words []string
	for _, w := range a.words() {
		if *w.can {
			words = append(words, w.word)
		}
	}
	if len(words) == 0 {
		return "mute"
	}
	return strings.Join(words, " ")
}

// errAbility is what ParseAbility says of anything that String does not write.
var errAbility = errors.New("want \"mute\" or some of \"status fence id macro\" in this order, macro not alone")

// ParseAbility reads what String writes, and nothing else.
func ParseAbility(s string) (a Ability, err error) {
	given := strings.Split(s, " ")
	for _, w := range a.words() {
		*w.can = slices.Contains(given, w.word)
	}
	if a.String() != s || a.Macro && !a.ordered() {
		return Ability{}, fmt.Errorf("ability of a printer %q: %w", s, errAbility)
	}
	return a, nil
}
