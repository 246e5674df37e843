package store

import (
	"fmt"
	"strings"

	"yizhan/printer/spool"
)

// text is the form of a known printer in its entry and in its row: what it answers,
// its profile and its port.
func (p KnownPrinter) text() string {
	return p.Ability.String() + ";" + p.Profile + ";" + p.Port
}

// parseKnownPrinter reads what text writes.
func parseKnownPrinter(s string) (p KnownPrinter, err error) {
	parts := strings.SplitN(s, ";", 3)
	if len(parts) != 3 || parts[2] == "" || len(s) > maxPrinterText {
		return p, fmt.Errorf("reading what is known of a printer: %q", s)
	}
	p.Profile, p.Port = parts[1], parts[2]
	if p.Ability, err = spool.ParseAbility(parts[0]); err != nil {
		return p, fmt.Errorf("reading what is known of a printer: %w", err)
	}
	return p, nil
}

func (t *tx) printer(port string) (p KnownPrinter, known bool) {
	raw := t.get(bPrinter, []byte(port))
	if raw == nil {
		return p, false
	}
	p, err := parseKnownPrinter(string(raw))
	if err != nil {
		t.fail(err)
	}
	return p, err == nil
}

func (t *tx) putPrinter(text string) error {
	p, err := parseKnownPrinter(text)
	if err != nil {
		return err
	}
	t.put(bPrinter, []byte(p.Port), []byte(text))
	return nil
}
