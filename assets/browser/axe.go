package browser

import (
	_ "embed"

	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js
var axe string

// Axe is what axe-core has against the page, by all of its rules that are not
// experiments, without those that are switched off. target-size is switched on.
func (b *Tab) Axe(off ...string) []string {
	b.t.Helper()
	if !Eval[bool](b, `return !!window.axe`) {
		b.Do("handing axe-core to the page", chromedp.Evaluate[chromedp.Void](axe))
	}
	rules := map[string]map[string]bool{"target-size": {"enabled": true}}
	for _, rule := range off {
		rules[rule] = map[string]bool{"enabled": false}
	}
	return Eval[[]string](b, `const r = await axe.run(document, {resultTypes: ["violations"], rules: args[0]});
		return r.violations.flatMap((v) => v.nodes.map((n) => "axe " + v.id + ": " + n.target + " " + n.failureSummary.replace(/\s+/g, " ").replace(/, font size.*?\)/, "").slice(0, 200)))`, rules)
}
