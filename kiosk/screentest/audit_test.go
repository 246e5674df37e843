package screentest

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/chromedp/chromedp"

	"yizhan/assets"
	"yizhan/civic"
)

//go:embed testdata/audit.js
var audit string

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
	a.bothPrints(name)
	at := a.Path()
	a.lang = a.lang.Other()
	eval[chromedp.Void](a.tab, `window.pressed = true; document.querySelector("form[action='/language'] button").click()`)
	a.on(at)
	a.bothPrints(name)
}

// bothPrints audits the page in one language: Chinese in normal print, English in large
// print, and with -prints each in the other one too. axe-core sees some pages in normal
// Chinese, and the others in large English.
func (a *auditor) bothPrints(name string) {
	a.Helper()
	english := len(name)/2%2 == 0 && a.lang == assets.English
	chinese := len(name)/2%2 == 1 && a.lang == assets.Chinese
	if everyPrint() || a.lang == assets.Chinese {
		a.see(name, false, chinese)
	}
	if everyPrint() || a.lang == assets.English {
		a.see(name, true, english)
	}
}

// look audits what is shown now, in large print or not.
func (a *auditor) look(name string, large bool) {
	a.Helper()
	a.see(name, large, !large)
}

// see audits what is shown now, and keeps its picture. Large print is switched on where
// the page has its switch, which spares a loading. axe-core takes as long as all the rest,
// so it sees a page on one panel only. How a page is shown to it follows from the length
// of the page's name.
func (a *auditor) see(name string, large, axe bool) {
	a.Helper()
	print := "normal"
	if large {
		print = "large"
	}
	axe = axe && (len(name)%2 == 0) == (a.panel == tall)
	name = fmt.Sprintf("%s-%s-%s-%s", name, a.panel.name, a.lang, print)
	problems := eval[[]string](a.tab, `const [print, audit] = args;
		if (print === "large") document.documentElement.dataset.print = print;
		else delete document.documentElement.dataset.print;
		return await new Function("args", "return (async () => {" + audit + "})()")(args.slice(2));`,
		print, audit, map[string]any{"inches": a.inches, "lang": a.lang, "words": a.words})
	a.Shot(name)
	if *full || axe {
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

// askAxe is what axe-core has against the page. Without a script only a timed refresh can
// end the visit of somebody who walked away, so the rule against that is off there.
func (a *auditor) askAxe() []string {
	a.Helper()
	if !a.unscripted {
		return a.Axe()
	}
	a.SetScript(true)
	defer a.SetScript(false)
	return a.Axe("meta-refresh")
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
