package kiosk

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// TestStaffScreens takes pictures of every staff page; see TestScreens.
func TestStaffScreens(t *testing.T) {
	if *shots == "" {
		t.Skip("no -shots folder")
	}
	panels := []struct {
		name          string
		width, height int64
		inches        float64
	}{{"tall", 1080, 1920, 21.5}, {"wide", 1280, 800, 10.1}}
	for _, panel := range panels {
		v := newVillage(t, func(c *Config) { c.Screen.DiagonalInch = panel.inches }, withStick(t), withBox)
		v.busyDay()
		ctx, stop := context.WithCancel(t.Context())
		go v.Run(ctx)
		defer stop()
		server := httptest.NewServer(v.Handler())
		defer server.Close()
		b := newBrowser(t, panel.width, panel.height)
		for _, lang := range []string{"zh-CN", "en"} {
			for _, print := range []string{"normal", "large"} {
				t.Run(panel.name+"-"+lang+"-"+print, func(t *testing.T) {
					walkStaff(v, func(name, cookie, path string) {
						file := filepath.Join(*shots, fmt.Sprintf("staff-%s-%s-%s-%s.png", name, panel.name, lang, print))
						b.shoot(t, server.URL+path, cookie, file, panel.inches)
						b.apart(t, filepath.Base(file))
					}, lang, print)
				})
			}
		}
	}
}

// withBox hands in what the box page shows of the machine.
func withBox(c *Config) {
	c.Addresses = func() []string { return []string{"192.168.31.207", "10.0.8.15"} }
	c.FreeBytes = func() (int64, error) { return 21 << 30, nil }
}

// busyDay is a morning at the counter: redemptions that wait, and one of each end.
func (v *village) busyDay() {
	v.Helper()
	ctx, st := v.Context(), v.cfg.Store
	reserve := func(person byte, good string, price ledger.Points) store.Redemption {
		v.Helper()
		v.clock.advance(7 * time.Minute)
		return v.reserve(person, good, 1, price)
	}
	settled := reserve(zhang, "G05", 90)
	_, err := st.Settle(ctx, v.key(), settled.Seq, id(clerk))
	v.must(err)
	for _, line := range []struct {
		person byte
		good   string
		price  ledger.Points
	}{{zhang, "G08", 30}, {zhang, "G07", 60}, {wang, "G07", 60}, {zhang, "G03", 420}, {liu, "G08", 30}, {zhang, "G02", 160}, {zhang, "G01", 280}} {
		reserve(line.person, line.good, line.price)
	}
	v.clock.advance(2 * time.Minute)
}

// walkStaff visits every staff page once, and calls shoot.
func walkStaff(v *village, shoot func(name, cookie, path string), lang, print string) {
	s := v.screen()
	take := func(name string) { v.Helper(); shoot(name, s.cookies[visitCookie], s.at) }
	s.post("/leave")
	s.scanCard(clerk)
	s.post("/language", "to", lang, "page", "/staff/pin").post("/print-size", "to", print, "page", "/staff/pin")
	take("pin")
	s.post("/staff/pin", "typed", "111222", "key", "go")
	take("pin-wrong")
	s.post("/staff/pin", "typed", clerkPIN, "key", "go").on("/staff")
	take("desk")
	newest, _, err := v.cfg.Store.Waiting(0, 9)
	v.must(err)
	s.get(rowPage(newest[2].Seq))
	take("desk-row")
	s.get("/staff/withhold/" + textOf(newest[1].Seq))
	take("withhold")
	s.get("/staff/claim")
	take("claim")
	s.get("/staff/claim?digits=" + unused(newest))
	take("claim-none")
	s.get("/staff/more")
	take("more")
	s.get("/staff/find?q=z")
	take("find")
	s.get("/staff/find?q=zx")
	take("find-2")
	s.get("/staff/find?by=digits&q=0001")
	take("find-digits")
	s.get("/staff/found?q=0001")
	take("found")
	for _, tab := range []string{"redemptions", "lines", "lots"} {
		s.get(personURL(id(zhang), tab))
		take("person-" + tab)
	}
	list, err := v.cfg.Store.RedemptionsOf(id(zhang), 0, 20)
	v.must(err)
	first := textOf(list[len(list)-1].Seq)
	s.get("/staff/exchange/" + first)
	take("exchange-settled")
	s.get("/staff/exchange/" + textOf(newest[0].Seq))
	take("exchange-reserved")
	s.get("/staff/refund/" + first)
	take("refund-why")
	s.get("/staff/refund/" + first + "?reason=broken")
	take("refund-goods")
	s.get("/staff/refund/" + first + "?reason=broken&restock=yes")
	take("refund-confirm")
	s.get("/staff/stock")
	take("stock")
	s.get("/staff/shelf/G01")
	take("shelf")
	s.get("/staff/move/receive/G01")
	take("move-pieces")
	s.get("/staff/move/waste/G01?pieces=2")
	take("move-why")
	s.get("/staff/move/waste/G01?pieces=12&reason=spoilt")
	take("move-confirm")
	s.get("/staff/move/count/G01?pieces=11")
	take("move-count")
	for _, word := range []string{"receive", "count"} {
		s.get("/staff/move/" + word + "/G01?pieces=14")
		s.post("/staff/moved/"+word+"/G01", "key", s.field("key"), "pieces", "14")
	}
	take("shelf-moved")
	s.get("/staff/moves")
	take("moves")
	s.get("/staff/close")
	take("close")
	s.get("/staff/box")
	take("box")
	s.post("/staff/box/test")
	take("box-test")
	s.get("/staff/bundle")
	take("bundle")
	s.get("/staff/exchange/999999")
	take("trouble")
	s.get("/staff/unlock/" + id(wang).String())
	take("unlock-done")
	v.lock(leader)
	s.get("/staff/unlock/" + id(leader).String())
	take("unlock")
	s.post("/leave").scanCard(leader)
	s.post("/language", "to", lang, "page", "/staff/pin").post("/print-size", "to", print, "page", "/staff/pin")
	take("pin-locked")
	v.must(v.cfg.Store.ClearPIN(v.Context(), id(leader), id(clerk)))
	s.post("/staff/pin", "typed", clerkPIN, "key", "go").on("/staff")
	if strings.HasPrefix(lang, "zh") {
		s.get("/staff/close")
		s.post("/staff/close", "key", s.field("key"))
		take("closed")
	}
}

// unused is three digits that no code of the list ends in.
func unused(list []store.Redemption) string {
	for n := uint16(0); ; n++ {
		digits := ledger.ClaimText(n)[1:]
		if !slices.ContainsFunc(list, func(r store.Redemption) bool { return ledger.ClaimText(r.Claim)[1:] == digits }) {
			return digits
		}
	}
}

// apart fails when two parts of the page shown lie over each other.
func (b browser) apart(t *testing.T, name string) {
	t.Helper()
	problem, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](overlaps))
	if err != nil {
		t.Fatal(err)
	}
	if problem != "" {
		t.Errorf("%s: %s", name, problem)
	}
}

// overlaps names the parts of a page, the rows of its lists and their keys that
// cover each other.
const overlaps = `(() => {
  const out = [];
  const seen = (el) => el.checkVisibility({visibilityProperty: true}) && el.getClientRects().length && getComputedStyle(el).position !== "absolute";
  const ends = (el) => { const r = el.getBoundingClientRect(); let {top, bottom} = r; for (const c of el.querySelectorAll("*")) { if (!seen(c) || c.closest("svg") && c.tagName !== "svg") continue; const k = c.getBoundingClientRect(); top = Math.min(top, k.top); bottom = Math.max(bottom, k.bottom); } return {top, bottom, left: r.left, right: r.right}; };
  for (const box of document.querySelectorAll(".stage, .stage ul, .stage .keys, .stage .duo, .stage .reasons")) {
    const parts = [...box.children].filter(seen).map((el) => [el, ends(el)]);
    for (let i = 0; i < parts.length; i++) for (let j = i + 1; j < parts.length; j++) {
      const [a, p] = parts[i], [b, q] = parts[j];
      if (p.bottom > q.top + 1 && q.bottom > p.top + 1 && p.right > q.left + 1 && q.right > p.left + 1) out.push("overlap: " + a.textContent.trim().slice(0, 20) + " / " + b.textContent.trim().slice(0, 20));
    }
  }
  return out.slice(0, 6).join("\n");
})()`
