package screentest

import (
	"encoding/hex"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"yizhan/kiosk"
	"yizhan/printer/spool"
)

// Every page that the kiosk has is shown on both panels, in both languages and in
// both sizes of print, and nobody has anything against it.
func TestPages(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		b := newBox(t, p, func(c *kiosk.Config) {
			c.Bundles, c.Drawer = stick(t), true
			c.Slips = kiosk.SlipFolder(t.TempDir())
			c.Addresses = func() []string { return []string{"192.168.31.207", "10.0.8.15"} }
			c.FreeBytes = func() (int64, error) { return 21 << 30, nil }
		})
		a := newAuditor(b.open())
		defer a.report()
		a.walkNobody()
		a.walkVolunteer()
		a.walkTroubles()
		a.walkSlips()
		a.walkStaff()
		a.walkTechnician()
		a.walkPaper()
		for _, word := range pageWords(t) {
			if !a.seen[word] && !slices.Contains(slices.Concat(linkedWords, standingWords, checkinWords), word) {
				t.Errorf("no walk comes by the page %q", word)
			}
		}
	})
}

// linkedWords are pages that only a kiosk with a center shows.
var linkedWords = []string{"asking", "elsewhere", "nearby", "keep", "kept", "unheard", "deliveries", "delivery", "deliveryline",
	"shifts", "shift", "hours", "attendance", "object", "handset", "certificate", "certified", "nocertificate", "rosters", "roster", "rosterone"}

// standingWords are those about the center itself; TestStandingPages comes by them.
var standingWords = []string{"center", "halted"}

// And so is every page that is another one where there is a center.
func TestLinkedPages(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		b, c := newLinkedBox(t, p)
		a := newAuditor(b.open())
		defer a.report()
		a.walkNearby(c)
		a.walkCenter(c)
		a.walkDeliveries(c)
		a.walkShifts(c)
		a.walkRoster(c)
		for _, word := range linkedWords {
			if !a.seen[word] {
				t.Errorf("no walk comes by the page %q", word)
			}
		}
	})
}

// pageWords are all pages that the kiosk has templates for. Those of a box that is no
// kiosk yet, and the one of journals that are carried, are walked by tests of their own.
func pageWords(t *testing.T) (words []string) {
	t.Helper()
	files, err := filepath.Glob("../../assets/kiosk/*/*.tmpl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	for _, file := range files {
		if folder := filepath.Base(filepath.Dir(file)); folder != "frame" && folder != "enrol" && filepath.Base(file) != "carry.tmpl" {
			words = append(words, strings.TrimSuffix(filepath.Base(file), ".tmpl"))
		}
	}
	return words
}

// goTo shows a page and audits it.
func (a *auditor) goTo(name, path string) {
	a.Helper()
	a.visit(path).on(path)
	a.page(name)
}

// signIn scans a card and waits for the first page of its owner.
func (a *auditor) signIn(n byte, first string) {
	a.Helper()
	a.leave().scan(card(n)).on(first)
}

// walkNobody is what stands on the screen before anybody has said who they are.
func (a *auditor) walkNobody() {
	a.Helper()
	a.goTo("home", "/")
	a.goTo("home-over", "/?over")
	a.goTo("help", "/help")
	a.goTo("identify", "/identify")
	a.dial(zhangPhone[:4])
	a.look("identify-some", false)
	a.dial(zhangPhone[4:]).tap(".go").on("/identify/pin")
	a.page("identify-pin")
	a.dial("111222").tap(".go").on("/identify/pin")
	a.page("identify-wrong")
	for _, what := range []string{"strange", "misread", "card", "empty", "broken", "receipt", "forged"} {
		a.goTo("code-"+what, "/code/"+what)
	}
	a.leave().visit("/identify").on("/identify").dial(homePhone).tap(".go").on("/identify/pin").dial(homePIN).tap(".go").on("/identify/who")
	a.page("identify-who")
}

// walkVolunteer is everything a volunteer can come to.
func (a *auditor) walkVolunteer() {
	a.Helper()
	rice := a.reserve(zhang, "G01", 280)
	soap := a.reserve(zhang, "G07", 60)
	a.paper(2)
	_, err := a.books.Settle(a.Context(), a.key(), soap.Seq, id(clerk))
	a.must(err)
	a.signIn(zhang, "/balance")
	a.page("balance")
	for _, at := range []string{"/goods", a.secondPage(), "/goods?in=*", "/redeem/G02", "/redeem/G07?n=1", "/redeem/G04", "/redeem/G06", "/redeem/G12",
		"/points", "/points?from=3", "/why/1", "/why/4", "/why/5", "/orders", "/orders/" + text(rice.Seq), "/orders/" + text(soap.Seq), "/giveback/" + text(rice.Seq), "/done/" + text(rice.Seq)} {
		a.goTo(fileName(at), at)
	}
	a.unplug()
	held := a.reserve(zhang, "G08", 30)
	a.within(stepLimit, "the slip that cannot be printed", func() bool {
		r, err := a.books.Redemption(held.Seq)
		return err == nil && r.Job.State == spool.Held
	})
	a.goTo("done-held", "/done/"+text(held.Seq))
	a.plug()
	a.paper(3)
	a.shows("done") // by itself
	a.goTo("help-in", "/help")
	a.goTo("pin", "/pin")
	a.dial("112233").tap(".go").on("/pin")
	a.page("pin-second")
	a.dial("445566").tap(".go").on("/pin")
	a.page("pin-differs")
	for range 2 {
		a.dial("730512").tap(".go").on("/pin")
	}
	a.goTo("pin-set", "/pin?set")
	a.signIn(chen, "/balance")
	for _, at := range []string{"/balance", "/goods", "/points", "/orders"} {
		a.goTo("poor-"+fileName(at), at)
	}
	a.signIn(adili, "/balance")
	for _, at := range []string{"/balance", "/points", "/redeem/G04?n=2", "/why/15"} {
		a.goTo("rich-"+fileName(at), at)
	}
}

// shows waits for the page of that word.
func (a *auditor) shows(word string) {
	a.Helper()
	a.within(stepLimit, "the page "+word, func() bool {
		there, err := tryEval[bool](a.tab, `return document.body.matches(".page-" + args[0])`, word)
		return err == nil && there
	})
}

// secondPage is where the pager of this panel leads.
func (a *auditor) secondPage() string {
	if a.panel == tall {
		return "/goods?from=6"
	}
	return "/goods?from=8"
}

// text writes the number of an entry.
func text(seq uint64) string { return strconv.FormatUint(seq, 10) }

// fileName makes a file's name of a page's path.
func fileName(path string) string {
	return strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-", "&", "-", "*", "rest").Replace(path), "-")
}

// walkTroubles provokes what a person can be told has gone wrong.
func (a *auditor) walkTroubles() {
	a.Helper()
	a.signIn(zhang, "/balance")
	tries := []struct{ name, path, good, quantity, price string }{
		{"points", "/redeem", "G04", "1", "3800"},
		{"stock", "/redeem", "G06", "1", "150"},
		{"limit", "/redeem", "G08", "9", "30"},
		{"price", "/redeem", "G08", "1", "29"},
		{"unknown", "/redeem", "G99", "1", "29"},
		{"form", "/redeem", "G08", "", "30"},
	}
	for _, try := range tries {
		a.visit("/redeem/G08").on("/redeem/G08")
		key := a.key()
		a.post(try.path, "key", hex.EncodeToString(key[:]), "good", try.good, "quantity", try.quantity, "price", try.price).on("/trouble")
		a.page("trouble-" + try.name)
	}
	a.free.Store(0)
	a.visit("/redeem/G08").on("/redeem/G08").tap("form.foot .main").on("/trouble")
	a.page("trouble-full")
	a.free.Store(1 << 40)
	settled := a.redemptions(zhang)[0]
	a.goTo("trouble-state", "/giveback/"+text(settled.Seq))
	a.goTo("trouble-nowhere", "/nowhere")
}
