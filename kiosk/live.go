package kiosk

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// message is what the server sends to a page over /live: a piece of the page to
// put in place of what Target selects, a page to go to, or one that, if it is this
// page, has something new on it.
type message struct {
	Target  string `json:"target,omitempty"`
	Swap    string `json:"swap,omitempty"`
	Content string `json:"content,omitempty"`
	Go      string `json:"go,omitempty"`
	Renew   string `json:"renew,omitempty"`
	Anew    bool   `json:"anew,omitempty"`  // the page to renew is loaded whole
	Sound   string `json:"sound,omitempty"` // done, attention
}

// hub holds the open connections, one for each page on a screen. A page connects
// only after it has come, so the hub keeps what it sent last for those that come.
// Scans are another matter: see awaited.
type hub struct {
	log    *slog.Logger
	mu     sync.Mutex
	out    map[chan []byte]place
	screen place    // where scans lead: on this box, once a page here has connected
	total  uint64   // messages sent so far, but for scans
	latest [][]byte // the last of them, the newest last
}

// place is where a page is shown. A box opened to the network serves other browsers
// too, and a scan would let any of them join the visit. The scanner stands at the
// box's own screen, so only a box that has none leads them.
type place int

const (
	elsewhere place = iota
	onThisBox
)

// placeOf tells where a request comes from.
func placeOf(r *http.Request) place {
	address, err := netip.ParseAddrPort(r.RemoteAddr)
	if err == nil && address.Addr().Unmap().IsLoopback() {
		return onThisBox
	}
	return elsewhere
}

func newHub(log *slog.Logger) *hub { return &hub{log: log, out: make(map[chan []byte]place)} }

// sent is how many messages were sent so far.
func (h *hub) sent() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.total
}

// join adds a connection and queues what was sent after the first messages, of which
// the page knows. It answers nil when there are too many connections.
func (h *hub) join(first uint64, at place) chan []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.out) >= maxScreens {
		return nil
	}
	out := make(chan []byte, liveQueue)
	h.out[out] = at
	h.screen = max(h.screen, at)
	missed := h.total - min(first, h.total)
	for _, b := range h.latest[len(h.latest)-int(min(missed, uint64(len(h.latest)))):] {
		out <- b
	}
	return out
}

// enter is join for the page that makes a request.
func (h *hub) enter(r *http.Request) chan []byte {
	first, _ := strconv.ParseUint(r.FormValue("first"), 10, 64) // without it the page knows of nothing
	return h.join(first, placeOf(r))
}

// leave takes a connection out; its channel is closed once.
func (h *hub) leave(out chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.out[out]; there {
		delete(h.out, out)
		close(out)
	}
}

// send hands m to every page.
func (h *hub) send(m message) {
	b, err := json.Marshal(m)
	if err != nil {
		h.log.Error("live message", "error", err)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total++
	h.latest = append(h.latest, b)
	h.latest = h.latest[max(0, len(h.latest)-liveQueue/2):]
	for out := range h.out {
		h.queue(out, b)
	}
}

// lead sends the screen to a page. A page that connects later is led by remind.
func (h *hub) lead(to string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for out := range h.out {
		h.leadOne(out, to)
	}
}

// remind sends one page of the screen to another page.
func (h *hub) remind(out chan []byte, to string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.out[out]; there {
		h.leadOne(out, to)
	}
}

func (h *hub) leadOne(out chan []byte, to string) {
	if h.out[out] < h.screen {
		return
	}
	b, err := json.Marshal(message{Go: to})
	if err != nil {
		h.log.Error("live message", "error", err)
		return
	}
	h.queue(out, b)
}

// leads tells whether a page there is the screen's.
func (h *hub) leads(at place) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return at >= h.screen
}

// queue hands b to one page. One that does not keep up is cut off: it connects again
// and loads itself anew. It needs h.mu.
func (h *hub) queue(out chan []byte, b []byte) {
	select {
	case out <- b:
	default:
		delete(h.out, out)
		close(out)
	}
}

// close ends every connection.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for out := range h.out {
		delete(h.out, out)
		close(out)
	}
}

// upgrader accepts a page of ours and nothing else: a WebSocket is not bound to
// its origin by the browser, so the Origin must be there and be this box.
var upgrader = websocket.Upgrader{
	ReadBufferSize:  maxLiveBytes,
	WriteBufferSize: 4096,
	CheckOrigin: func(r *http.Request) bool {
		return r.Header.Get("Origin") == "http://"+r.Host
	},
}

// serveLive is the WebSocket of a page. What comes in only says that somebody is
// there; see touch.
func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	v := s.visitOf(r)
	conn, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.cfg.Log.Info("live connection refused", "error", err)
		return
	}
	scan, _ := strconv.ParseUint(r.FormValue("scan"), 10, 64) // without it the page knows of none
	out := s.live.enter(r)
	if out == nil {
		conn.Close()
		return
	}
	// Only now: a scan from here on is told to this page like to every other.
	if s.live.leads(placeOf(r)) {
		if to := s.remind(scan); to != "" {
			s.live.remind(out, to)
		}
	}
	s.live.converse(conn, out, func() {
		if v != nil && v == s.current() {
			s.awaken(v)
		}
	})
}

// converse serves one connection until it ends; heard is told that somebody is there.
func (h *hub) converse(conn *websocket.Conn, out chan []byte, heard func()) {
	go h.write(conn, out)
	defer h.leave(out)
	conn.SetReadLimit(maxLiveBytes)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(livePongTimeout)) }
	conn.SetPongHandler(alive)
	for alive("") == nil {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
		heard()
	}
}

// write sends what is queued for one connection, and pings, until the queue is
// closed or the page is gone.
func (h *hub) write(conn *websocket.Conn, out chan []byte) {
	defer conn.Close()
	ping := time.NewTicker(livePingEvery)
	defer ping.Stop()
	for {
		kind, body := websocket.PingMessage, []byte(nil)
		select {
		case <-ping.C:
		case b, open := <-out:
			if !open {
				return
			}
			kind, body = websocket.TextMessage, b
		}
		conn.SetWriteDeadline(time.Now().Add(liveWriteTimeout))
		if err := conn.WriteMessage(kind, body); err != nil {
			h.leave(out)
			return
		}
	}
}
