package center

import (
	"encoding/json"
	"fmt"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/civic"
)

// policyDone is what an act says of a version of the rules.
type policyDone struct {
	N     uint64 `json:"n"`
	First string `json:"first"`
	store.PolicyText
}

// policySides says of an act on a version which rules it changed; of a new draft and
// of one that comes in force, what is unlike the usual rules.
func (c *console) policySides(texts assets.Catalogue, a store.Act) (before, after, why string) {
	var old, now policyDone
	hasOld, hasNow := json.Unmarshal(a.Body.Before, &old) == nil, json.Unmarshal(a.Body.After, &now) == nil
	usual := civic.Policy{}.WithDefaults()
	switch {
	case hasOld && hasNow:
		return policySide(texts, old, now.Policy), policySide(texts, now, old.Policy), now.Why
	case hasOld:
		return policySide(texts, old, usual), "", old.Why
	case hasNow:
		return "", policySide(texts, now, usual), now.Why
	}
	return "", "", ""
}

// policySide is what one side says that the other does not.
func policySide(texts assets.Catalogue, p policyDone, other civic.Policy) string {
	parts := []string{texts.Text("center.policy.n", "n", p.N)}
	if p.First != "" {
		parts = append(parts, texts.Text("center.policy.from")+" "+p.First)
	}
	if p.Ends {
		return strings.Join(append(parts, texts.Text("center.policy.ends")), "; ")
	}
	for _, f := range civic.PolicyFields {
		if n := f.Of(p.Policy); n != f.Of(other) {
			parts = append(parts, fmt.Sprintf("%s %s", texts.Text("center.policy.field."+f.Word), ruleText(texts, f, n)))
		}
	}
	return strings.Join(parts, "; ")
}
