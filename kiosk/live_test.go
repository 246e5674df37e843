package kiosk

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"yizhan/kiosk/store"
	"yizhan/printer/sim"

	"github.com/gorilla/websocket"
)

// livePage is the script's end of a page's connection.
type livePage struct {
	testing.TB
	conn *websocket.Conn
}

// connection is what the script reads from a page.
var connection = regexp.MustCompile(`hx-ws:connect="([^"]+)"`)

// connect opens the connection of the page that the screen shows.
func (v *village) connect(s *screen) livePage {
	v.Helper()
	address := connection.FindStringSubmatch(s.body)
	if address == nil {
		v.Fatalf("%s does not connect", s.at)
	}
	server := httptest.NewServer(s.handler)
	v.Cleanup(server.Close)
	header := http.Header{"Origin": {server.URL}}
	if cookie := s.cookies[visitCookie]; cookie != "" {
		header.Set("Cookie", visitCookie+"="+cookie)
	}
	before := v.live.count()
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+html.UnescapeString(address[1]), header)
	if err != nil {
		v.Fatal(err)
	}
	v.Cleanup(func() { conn.Close() })
	v.await(func() bool { return v.live.count() > before })
	return livePage{v.TB, conn}
}

// count is how many pages are connected.
func (h *hub) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.out)
}

// await waits for something that another goroutine brings about.
func (v *village) await(done func() bool) {
	v.Helper()
	for range 500 {
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	v.Fatal("it never came about")
}

// hears reads messages until one holds all of texts.
func (p livePage) hears(texts ...string) {
	p.Helper()
	var heard []string
	for {
		p.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, b, err := p.conn.ReadMessage()
		if err != nil {
			p.Fatalf("nobody said %q: %v\n%s", texts, err, strings.Join(heard, "\n"))
		}
		body := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(b))
		heard = append(heard, body)
		all := true
		for _, text := range texts {
			all = all && strings.Contains(body, text)
		}
		if all {
			return
		}
	}
}

// says sends a message as the script does.
func (p livePage) says(text string) {
	p.Helper()
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.Fatal(err)
	}
}

func TestAScanReachesTheScreen(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.get("/")
	page := v.connect(s)
	v.Scan(card(zhang))
	page.hears(`"go":"/ticket/`)
	v.Scan("6901234567892")
	page.hears(`"go":"/code/strange"`)
}

func TestChipsFollowThePrinter(t *testing.T) {
	v := newVillage(t)
	page := v.connect(v.screen().get("/"))
	v.paper.Round(t.Context())
	v.tick()
	page.hears("#chips", "打印正常")
	v.printer.Fail(sim.PaperOut)
	v.paper.Round(t.Context())
	v.tick()
	page.hears("#chips", "没纸了")
}

// A page that came between two looks at the disk is told when what it shows is over,
// though both looks saw the same.
func TestChipsOfAPageBetweenTwoTicks(t *testing.T) {
	var free atomic.Int64
	free.Store(1 << 40)
	v := newVillage(t, func(c *Config) {
		c.Store = openStore(t, c.Clock, func(c *store.Config) { c.FreeBytes = func(string) (int64, error) { return free.Load(), nil } })
	})
	s := v.screen().scanCard(zhang).get("/redeem/G01")
	v.tick()
	free.Store(0)
	s.confirm().on("/trouble")
	page := v.connect(s.get("/goods").sees("只能查看"))
	free.Store(1 << 40)
	v.await(func() bool { return v.cfg.Store.Health().ReadOnly == nil })
	v.tick()
	page.hears("#chips", "记账正常")
}

// A slip comes out while a key of the desk leads to another page: that one hears what
// was meant for the one before, and must not be led back to it.
func TestNewsOfASlipLeadNowhere(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.onDutyAs(clerk).on("/staff")
	asked := v.live.sent()
	r := v.reserve(zhang, "G01", 1, 280)
	v.paper.Round(t.Context())
	s.get("/staff?row=" + textOf(r.Seq))
	s.body = regexp.MustCompile(`first=\d+`).ReplaceAllString(s.body, fmt.Sprintf("first=%d", asked))
	page := v.connect(s)
	page.hears(`{"renew":"/staff"}`)
	if to := page.led(); to != "" {
		t.Errorf("led to %q", to)
	}
}

func TestOnlyOurOwnPagesConnect(t *testing.T) {
	v := newVillage(t)
	server := httptest.NewServer(v.Handler())
	defer server.Close()
	address := strings.TrimPrefix(server.URL, "http://")
	for _, origin := range []string{"", "null", "http://example.org", "https://" + address, "http://127.0.0.1:1"} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, resp, err := websocket.DefaultDialer.Dial("ws://"+address+"/live", header)
		if err == nil {
			conn.Close()
			t.Errorf("origin %q is let in", origin)
		} else if resp != nil && resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %s", origin, resp.Status)
		}
	}
}

func TestConnectionsAreCounted(t *testing.T) {
	v := newVillage(t)
	server := httptest.NewServer(v.Handler())
	defer server.Close()
	dial := func() *websocket.Conn {
		conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(server.URL, "http")+"/live", http.Header{"Origin": {server.URL}})
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	var open []*websocket.Conn
	for range maxScreens {
		open = append(open, dial())
	}
	v.await(func() bool { return v.live.count() == maxScreens })
	extra := dial()
	extra.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, _, err := extra.ReadMessage(); err == nil {
		t.Error("one page too many is served")
	}
	open[0].Close()
	v.await(func() bool { return v.live.count() == maxScreens-1 })
	if err := open[1].WriteMessage(websocket.TextMessage, make([]byte, maxLiveBytes+1)); err != nil {
		t.Fatal(err)
	}
	v.await(func() bool { return v.live.count() == maxScreens-2 })
	v.live.close()
	v.await(func() bool { return v.live.count() == 0 })
}

// TestScansLeadTheBoxsOwnScreen: a page elsewhere in the network is led only as long
// as no page on the box has connected; everything else is told to all.
func TestScansLeadTheBoxsOwnScreen(t *testing.T) {
	h := newHub(nil)
	far := h.join(0, elsewhere)
	h.lead("/ticket/1")
	near := h.join(0, onThisBox)
	h.lead("/ticket/2")
	h.remind(far, "/ticket/3")
	h.remind(near, "/ticket/4")
	h.leave(near) // the screen is between two pages
	h.lead("/ticket/5")
	h.send(message{Go: "/"})
	h.close()
	for _, c := range []struct {
		out  chan []byte
		want string
	}{{far, `{"go":"/ticket/1"}{"go":"/"}`}, {near, `{"go":"/ticket/2"}{"go":"/ticket/4"}`}} {
		var heard string
		for b := range c.out {
			heard += string(b)
		}
		if heard != c.want {
			t.Errorf("heard %s, want %s", heard, c.want)
		}
	}
	for address, want := range map[string]place{"127.0.0.1:5": onThisBox, "[::1]:5": onThisBox, "[::ffff:127.0.0.1]:5": onThisBox,
		"192.168.1.7:5": elsewhere, "[fe80::1%eth0]:5": elsewhere, "": elsewhere} {
		if got := placeOf(&http.Request{RemoteAddr: address}); got != want {
			t.Errorf("%q is at %d", address, got)
		}
	}
}

func TestAPageThatDoesNotListenIsCutOff(t *testing.T) {
	h := newHub(nil)
	slow, quick := h.join(0, onThisBox), h.join(0, onThisBox)
	for range liveQueue + 1 {
		h.send(message{Go: "/"})
		<-quick
	}
	if h.count() != 1 {
		t.Errorf("%d pages are still served", h.count())
	}
	for range slow { // what was queued, then closed
	}
}
