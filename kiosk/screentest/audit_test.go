package screentest

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"yizhan/assets"
	"yizhan/civic"
)

//go:embed testdata/axe.min.js
var axe string

//go:embed testdata/audit.js
var audit string

// axe-core is what its publisher made.
func TestAxeIsGenuine(t *testing.T) {
	sums, err := os.ReadFile("testdata/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s has the SHA-256 %x, want %s", name, sum, want)
		}
	}
}

// auditor looks at every page that a walk comes by, in both languages and both
// sizes of print.
type auditor struct {
	*tab
	words []string        // texts of documents, in their own language
	seen  map[string]bool // pages, by their word
	lang  assets.Lang
	found map[string][]string // what is wrong, and where

	unscripted bool // JavaScript is off, except while axe-core works
}

func newAuditor(v *tab) *auditor {
	return &auditor{tab: v, words: documentWords(), seen: make(map[string]bool), found: make(map[string][]string), lang: assets.Chinese}
}

// page audits the page that is shown. It leaves it in the other language, which the
// visit then keeps.
func (a *auditor) page(name string) {
	a.Helper()
	a.seen[eval[string](a.tab, `return document.body.className.match(/page-(\S+)/)[1]`)] = true
	a.lang = assets.Lang(eval[string](a.tab, `return document.documentElement.lang`))
	a.look(name, false)
	a.look(name, true)
	at := a.path()
	a.lang = a.lang.Other()
	eval[chromedp.Void](a.tab, `window.pressed = true; document.querySelector("form[action='/language'] button").click()`)
	a.on(at)
	a.look(name, true)
	a.look(name, false)
}

// look audits what is shown now, in large print or not, and keeps its picture. Large
// print is switched on where the page has its switch, which spares a loading. axe-core,
// which takes longest, looks once at each page on each panel: at one in Chinese, at
// the other in large English, and which is which follows from the length of the name.
func (a *auditor) look(name string, large bool) {
	a.Helper()
	print, even := "normal", len(name)%2 == 0
	if large {
		print = "large"
	}
	name = fmt.Sprintf("%s-%s-%s-%s", name, a.panel.name, a.lang, print)
	problems := eval[[]string](a.tab, `const [print, audit] = args;
		if (print === "large") document.documentElement.dataset.print = print;
		else delete document.documentElement.dataset.print;
		return await new Function("args", "return (async () => {" + audit + "})()")(args.slice(2));`,
		print, audit, map[string]any{"inches": a.inches, "lang": a.lang, "words": a.words})
	a.shot(name)
	if *full || large == (a.lang == assets.English) && large == (even == (a.panel == tall)) {
		problems = append(problems, a.askAxe()...)
	}
	for _, problem := range problems {
		a.found[problem] = append(a.found[problem], name)
	}
}

// report fails the test with everything that was found, each thing once.
func (a *auditor) report() {
	a.Helper()
	for _, problem := range slices.SortedFunc(maps.Keys(a.found), func(x, y string) int { return cmp.Compare(a.found[x][0]+x, a.found[y][0]+y) }) {
		a.Errorf("%s\n\ton %d pages: %s", problem, len(a.found[problem]), strings.Join(a.found[problem][:min(len(a.found[problem]), 6)], " "))
	}
}

// askAxe is what axe-core has against the page, by all of its rules that are not
// experiments. target-size is switched on; the ruler asks for more. Without a script
// only a timed refresh can end the visit of somebody who walked away, so that rule is
// off there.
func (a *auditor) askAxe() []string {
	a.Helper()
	if a.unscripted {
		a.do("switching scripts on", setScript(true))
		defer a.do("switching scripts off", setScript(false))
	}
	if !eval[bool](a.tab, `return !!window.axe`) {
		a.do("handing axe-core to the page", chromedp.Evaluate[chromedp.Void](axe))
	}
	return eval[[]string](a.tab, `const r = await axe.run(document, {resultTypes: ["violations"], rules: {"target-size": {enabled: true}, "meta-refresh": {enabled: args[0]}}});
		return r.violations.flatMap((v) => v.nodes.map((n) => "axe " + v.id + ": " + n.target + " " + n.failureSummary.replace(/\s+/g, " ").replace(/, font size.*?\)/, "").slice(0, 200)))`,
		!a.unscripted)
}

// documentWords are the texts of the village that documents have in one language
// alone, the longest first.
func documentWords() []string {
	words := []string{otherStation, "粮油", "日用", "洗护", "文具", "健康"}
	for _, d := range goods() {
		words = append(words, d.Good.Size, d.Good.Unit)
	}
	people := []string{"李芳芳", "陈建国", "吴志强", "张小伟", "王秀英", "刘大山", "陈李", longName}
	for _, name := range people {
		words = append(words, name, civic.MaskName(name))
	}
	words = append(words, activities...)
	words = append(words, "益栈积分", "㛃", "丰", "刀", "女") // on the printer's page that is read back
	words = append(words, "新时代文明实践站周…")               // as a line of the account has room for it
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}
