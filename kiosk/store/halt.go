package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"yizhan/ledger"
)

// Quarantine stops everything that moves points or stock, or lets it go on when
// the reason is empty. It is an entry, so a book that is built anew stands still
// as well. A reason is one word; a text that an entry cannot hold is cut.
func (s *Store) Quarantine(ctx context.Context, reason, text string) error {
	if len(reason) > maxReasonBytes || strings.ContainsAny(reason, " \n") || reason == "" && text != "" {
		return fmt.Errorf("%w: quarantine %q", ErrInput, reason)
	}
	want := haltText(reason, text)
	return s.submit(ctx, &op{plan: func(t *tx, _ Instant) ([]ledger.Body, error) {
		if t.state.Halt == want {
			return nil, nil
		}
		return []ledger.Body{ledger.Device{Event: ledger.DeviceHalt, Text: want}}, nil
	}})
}

// Quarantined is what Quarantine was told last: a reason, and a text for people.
func (s *Store) Quarantined() (reason, text string) {
	var halt string
	read := func(t *tx) { halt = t.state.Halt }
	if err := s.view(read); errors.Is(err, ErrReadOnly) {
		_ = s.book.view(read) // nothing moves while the disk is full; say at least what was known
	}
	return parseHalt(halt)
}

// haltText is the text of the entry: the reason, and after a space what there is
// to say.
func haltText(reason, text string) string {
	if reason == "" {
		return ""
	}
	whole := strings.ToValidUTF8(reason+" "+text, "?")
	for cut := ledger.MaxText; len(whole) > ledger.MaxText; cut-- {
		if utf8.RuneStart(whole[cut]) {
			whole = whole[:cut]
		}
	}
	return whole
}

func parseHalt(whole string) (reason, text string) {
	reason, text, _ = strings.Cut(whole, " ")
	return reason, text
}

// halted refuses entries that move points or stock while the book stands still.
func (t *tx) halted(bodies []ledger.Body) error {
	if t.state.Halt == "" || !slices.ContainsFunc(bodies, moves) {
		return nil
	}
	reason, text := parseHalt(t.state.Halt)
	return fmt.Errorf("%w: %s: %s", ErrQuarantine, reason, text)
}

// moves tells whether an entry changes an account or a shelf.
func moves(b ledger.Body) bool {
	switch b.(type) {
	case ledger.Reserve, ledger.Settle, ledger.Cancel, ledger.Refund, ledger.Return, ledger.Stock:
		return true
	}
	return false
}
