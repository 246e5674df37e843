package screentest

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"yizhan/assets"
	"yizhan/kiosk"
	"yizhan/kiosk/enrol"
	"yizhan/link"
)

// center is one that enrols boxes as the test says.
type center struct {
	mu    sync.Mutex
	state link.EnrolState
	err   error
}

const (
	centerAddress = "center.qingxi.example:8443"
	centerCode    = "ABCDEFGHJKMNPQ29"
)

var centerPin = link.Digest{7}

func (c *center) answers(state link.EnrolState, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state, c.err = state, err
}

func (c *center) see(context.Context, string) (link.Digest, error) { return centerPin, nil }

func (c *center) ask(_ context.Context, _ string, pin link.Digest, r link.EnrolRequest) (link.EnrolAnswer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := r.Verify(centerPin); err != nil || pin != centerPin || r.Code != centerCode {
		return link.EnrolAnswer{}, errors.Join(err, link.ErrCode)
	}
	return link.EnrolAnswer{State: c.state, Kiosk: "QX-SQ-01", Epoch: 2, Issuer: link.Digest{8}}, c.err
}

// enrolment is that of a box with a folder of its own, at c.
func (c *center) enrolment(t testing.TB, dir string) *enrol.Enrolment {
	t.Helper()
	e, err := enrol.New(enrol.Config{Dir: dir, Program: "test", See: c.see, Ask: c.ask, Log: slog.New(slog.DiscardHandler),
		Box: func() (ed25519.PrivateKey, uint32, error) { return ed25519.NewKeyFromSeed(make([]byte, 32)), 2, nil }})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// newcomer is a box that is no kiosk yet.
type newcomer struct {
	*tab
	center *center
	screen *kiosk.Unenrolled
	work   sync.WaitGroup
	off    func()
}

func newNewcomer(t *testing.T, p panel) *newcomer {
	t.Helper()
	n := &newcomer{tab: &tab{box: &box{TB: t, panel: p, dir: t.TempDir(), address: "127.0.0.1:0"}}, center: &center{state: link.EnrolWaiting}}
	n.start()
	n.tab = n.open()
	t.Cleanup(func() { n.off() })
	return n
}

// start switches the box on; off ends it without a word.
func (n *newcomer) start() {
	n.Helper()
	ctx, cancel := context.WithCancel(n.Context())
	e := n.center.enrolment(n, n.dir)
	screen, err := kiosk.NewUnenrolled(kiosk.UnenrolledConfig{Enrolment: e, Log: slog.New(slog.NewTextHandler(&n.log, nil)), Lang: assets.Chinese,
		Screen: kiosk.Screen{DiagonalInch: n.inches}, Addresses: func() []string { return []string{"192.168.31.207"} }})
	n.must(err)
	n.screen = screen
	listener, err := net.Listen("tcp", n.address)
	n.must(err)
	n.address = listener.Addr().String()
	web := &http.Server{Handler: screen.Handler()}
	n.work.Go(func() { screen.Run(ctx) })
	n.work.Go(func() { _, _ = e.Run(ctx) })
	n.work.Go(func() { _ = web.Serve(listener) })
	n.off = func() { cancel(); web.Close(); n.work.Wait() }
}

func (n *newcomer) invite() link.Invitation {
	return link.Invitation{Address: centerAddress, Code: centerCode, Center: centerPin}
}

// spell types letters at the keys on the screen.
func (v *tab) spell(letters string) *tab {
	v.Helper()
	for _, c := range letters {
		v.press(v.find(`#pad button[value="`+string(c)+`"]`, false))
	}
	return v
}

// Every page of a box that is no kiosk yet has nothing that anybody could have
// against it.
func TestEnrolPages(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		n := newNewcomer(t, p)
		a := newAuditor(n.tab)
		a.words = append(a.words, centerAddress, "QX-SQ-01", "192.168.31.207:8443")
		defer a.report()
		a.goTo("enrol-nothing", "/")
		a.goTo("enrol-help", "/help")
		a.goTo("enrol-strange", "/code/strange")
		a.goTo("enrol-disk", "/code/disk")
		a.goTo("enrol-address", "/enrol/address?typed=192.168.31.207:8443")
		a.goTo("enrol-address-wrong", "/enrol/address?typed=10.0.0.5::&wrong=yes")
		a.goTo("enrol-address-letters", "/enrol/address?letters=yes&typed=center.qingxi.example")
		a.goTo("enrol-code", "/enrol/code?to="+centerAddress)
		a.goTo("enrol-code-some", "/enrol/code?typed=ABCDEFGHJK&to="+centerAddress)
		a.goTo("enrol-code-all", "/enrol/code?typed="+centerCode+"&to="+centerAddress)
		for _, is := range []struct {
			name  string
			state link.EnrolState
			err   error
			i     func(*link.Invitation)
			sees  string
		}{
			{"waiting", link.EnrolWaiting, nil, nil, "QX-SQ-01"},
			{"network", link.EnrolWaiting, errors.New("no route"), nil, centerAddress},
			{"stranger", "", link.ErrEnrol, nil, centerAddress},
			{"key", "", link.ErrPin, nil, centerAddress},
			{"refused", link.EnrolRefused, nil, nil, ""},
			{"code", "", nil, func(i *link.Invitation) { i.Code = "WRONGWRONGWRONGW" }, ""},
		} {
			a.visit("/").on("/").post("/enrol/over").on("/")
			n.center.answers(is.state, is.err)
			i := n.invite()
			if is.i != nil {
				is.i(&i)
			}
			eval[chromedp.Void](n.tab, `document.body.dataset.old = "yes"`)
			n.screen.Scan(i.Text())
			a.visit("/").on("/").sees(a.title(is.name))
			a.page("enrol-" + is.name)
		}
		for _, word := range []string{"enrol", "enroltype", "enrolhelp", "enrolcode"} {
			if !a.seen[word] {
				t.Errorf("no walk comes by the page %q", word)
			}
		}
	})
}

// title is the heading of an enrolment's page, in the language of the screen.
func (a *auditor) title(state string) string {
	a.Helper()
	texts, err := assets.Texts(assets.Lang(eval[string](a.tab, `return document.documentElement.lang`)))
	a.must(err)
	if state == "waiting" {
		return texts.Text("enrol.compare")
	}
	return texts.Text("enrol." + state + ".title")
}

// A box is enrolled by a finger alone, in the middle of which it loses its power; the
// screen says by itself what the center has answered.
func TestEnrolByFinger(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		n := newNewcomer(t, p)
		n.tap("=手动输入").on("/enrol/address")
		n.tap("=字母").on("/enrol/address?letters").spell("center.qingxi.example")
		n.tap("=下一步").on("/enrol/code").spell("ABCDEFGHJKMNPQ27")
		n.press(n.find("=退一格", false)).spell("9").sees("去登记")
		n.tap("=去登记").on("/").sees("请和中心的屏幕核对", "QX-SQ-01", centerAddress)
		print := n.Words()
		n.off()
		n.sees("机器正在重新接上")
		n.start()
		n.on("/").sees("请和中心的屏幕核对")
		if words := n.Words(); words != print {
			t.Errorf("after a power cut it says %q, before %q", words, print)
		}
		n.center.answers(link.EnrolRefused, nil)
		n.sees("中心没有批准") // nobody has touched anything
		n.center.answers(link.EnrolWaiting, nil)
		n.tap("=重新开始").on("/").sees("这台机器还没登记")
		n.screen.Scan("YZC1-somebody's card")
		n.on("/code/strange").sees("这不是登记码")
		n.screen.Scan(n.invite().Text()) // on any page
		n.on("/").sees("请和中心的屏幕核对")
		n.center.answers(link.EnrolApproved, nil)
		n.sees("登记好了：QX-SQ-01")
		if c, err := enrol.Load(n.dir); err != nil || c.Kiosk != "QX-SQ-01" || c.Address != centerAddress || c.Epoch != 2 {
			t.Errorf("kept %+v, %v", c, err)
		}
	})
}

// A scanner that types, and no script at all: every step is a plain form.
func TestEnrolByKeyboard(t *testing.T) {
	n := newNewcomer(t, wide)
	// As fast as a scanner types, which the browser's driver is not on a busy machine.
	eval[chromedp.Void](n.tab, `for (const key of [...args[0], "Enter"]) document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}))`, n.invite().Text())
	n.sees("请和中心的屏幕核对")
	n.visit("/").on("/").tap("=重新开始").on("/").sees("这台机器还没登记")

	n.SetScript(false)
	n.visit("/enrol/address?typed=10.0.0.").on("/enrol/address").tap(`#pad button[value="5"]`).on("/enrol/address?typed=10.0.0.5").tap(`button[value="back"]`).on("/enrol/address?typed=10.0.0.")
	n.tap(`#pad button[value="7"]`).on("/enrol/address?typed=10.0.0.7").tap(`button[value="go"]`).on("/enrol/code?to=10.0.0.7%3A8443")
	n.visit("/enrol/code?to=10.0.0.7:8443&typed=" + centerCode[:15]).on("/enrol/code").tap(`#pad button[value="9"]`).on("/enrol/code?to=10.0.0.7%3A8443&typed=" + centerCode)
	n.tap(`button[value="go"]`).on("/").sees("10.0.0.7:8443")
	for _, strange := range []string{"/enrol/code?to=nowhere", "/enrol/code"} {
		n.visit(strange).on("/enrol/address")
	}
}
