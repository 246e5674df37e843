package center

import (
	"slices"
	"strings"

	"yizhan/link"
)

// reasons are those for which a chain is in quarantine. The store keeps one text:
// the reason, a colon and what it is about.
var reasons = []link.Reason{link.ReasonFork, link.ReasonGap, link.ReasonForged, link.ReasonRegressed, link.ReasonOfficer}

func reasonText(q link.Quarantine) string { return string(q.Reason) + ": " + q.Text }

// quarantineOf reads what reasonText wrote. What the store has found out by itself
// (an entry that does what its chain does not allow) is text alone.
func quarantineOf(text string) link.Quarantine {
	word, rest, ok := strings.Cut(text, ": ")
	if ok && slices.Contains(reasons, link.Reason(word)) {
		return link.Quarantine{Reason: link.Reason(word), Text: rest}
	}
	return link.Quarantine{Reason: link.ReasonForged, Text: text}
}
