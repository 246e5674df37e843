package screentest

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// words are texts of the county, which stay in their own language.
var words = []string{"青禾县中心", "石桥村益栈", "柳树村益栈", "东坪村益栈", "竹溪村益栈", "清溪镇", "柳河镇", "石桥村", "柳树村", "张建伟", "张伟", "李红芳", "周明",
	"路口文明劝导", "石桥路口：SQ01", "石桥路口", "劝导员：2", "劝导员", "公斤", "东北大米", "菜籽油", "升", "袋", "桶", "张", "中文", "东坪村", "新河村", "王强"}

// Every page is whole, in both languages and on both screens.
func TestEveryPageIsWhole(t *testing.T) {
	d := newDesk(t)
	d.county()
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer)
	answer, _ := d.asks(d.pending("NEW1"))
	answer()
	pages := map[string]string{"today": "/", "fleet": "/fleet", "fleet-empty": "/fleet?q=nothing", "station": "/station/SQ01", "station-stopped": "/station/DP01", "station-new": "/station/NEW1",
		"act-lift": "/station/DP01/lift", "act-revoke": "/station/SQ01/revoke", "act-replace": "/station/SQ01/code", "act-cap": "/station/SQ01/cap", "boxes": "/boxes",
		"addkiosk": "/addkiosk", "volunteers": "/volunteers", "volunteers-found": "/volunteers?q=张", "volunteer": "/volunteer/" + ledger.ID{1, 7}.String(), "volunteer-new": "/volunteer", "volunteers-none": "/volunteers?q=nobody", "account": "/account/" + ledger.ID{1, 7}.String(), "account-phones": "/phones/" + ledger.ID{1, 7}.String(), "audit": "/audit", "audit-proved": "/audit?place=DP01&prove=1", "audit-none": "/audit?place=nowhere", "me": "/me", "trouble": "/nowhere"}
	_, err := d.store.BeginPhone(t.Context(), ledger.ID{1, 7}, store.Device{1}, store.PhoneByPIN, "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0")
	d.must(err)
	d.audit(v, "signin")
	v.visit("/signin").signedIn("lin")
	d.lost()
	pages["station-lost"], pages["act-confirm"] = "/station/LS01", "/station/LS01/confirm?epoch=1"
	names := make([]string, 0, len(pages))
	for name := range pages {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v.visit(pages[name])
		d.audit(v, name)
	}
}

// pending makes a code that nobody has used.
func (d *desk) pending(kiosk string) link.Invitation {
	d.Helper()
	code, _, err := d.store.MakeCode(d.Context(), kiosk, "lin")
	d.must(err)
	return link.Invitation{Address: d.outside, Code: code, Center: d.keys.Pin()}
}

// lost has a kiosk's box replaced, and its points proposed for a write-off.
func (d *desk) lost() {
	d.Helper()
	d.enrolled("LS01")
	d.must(d.store.ProposeWriteOff(d.Context(), "LS01", 1, "chen", "7 月洪水冲走了"))
}

// itoa writes an integer.
func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// auditOnce looks at a page that cannot be loaded again, as it is.
func (d *desk) auditOnce(v *tab, name string) {
	d.Helper()
	v.Shot(name + "-" + v.name)
	for _, problem := range append(v.problems(words), v.Axe()...) {
		d.Errorf("%s: %s", name, problem)
	}
}

// audit looks at the page that is shown, in both languages on both screens, and leaves it
// on the large one in Chinese. axe-core, which takes as long as all the rest, sees some
// pages small and in Chinese, and the others large and in English.
func (d *desk) audit(v *tab, name string) {
	d.Helper()
	for _, look := range []struct {
		screen
		lang assets.Lang
		axe  bool
	}{{screens[0], assets.Chinese, len(name)%2 == 0}, {screens[0], assets.English, false}, {screens[1], assets.English, len(name)%2 == 1}, {screens[1], assets.Chinese, false}} {
		v.resize(look.screen)
		v.speaks(look.lang)
		v.Shot(fmt.Sprintf("%s-%s-%s", name, look.name, look.lang))
		problems := v.problems(append(words, "月洪水冲走了"))
		if look.axe {
			problems = append(problems, v.Axe()...)
		}
		for _, problem := range problems {
			d.Errorf("%s, %s, %s: %s", name, look.name, look.lang, problem)
		}
	}
}

// speaks chooses the language of the page.
func (v *tab) speaks(lang assets.Lang) {
	v.Helper()
	if eval[string](v, `return document.documentElement.lang`) != string(lang) {
		at := v.Path()
		v.press("header form[action='/language'] button").on(at)
	}
}
