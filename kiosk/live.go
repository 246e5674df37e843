package kiosk

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// message is what the server sends to a page over /live: a piece of the page to
// put in place of what Target selects, or a page to go to.
type message struct {
	Target  string `json:"target,omitempty"`
	Swap    string `json:"swap,omitempty"`
	Content string `json:"content,omitempty"`
	Go      string `json:"go,omitempty"`
}

// hub holds the open connections, one for each page on a screen. A page connects
// only after it has come, so the hub keeps what it sent last: a card scanned in
// between must not be lost.
type hub struct {
	log    *slog.Logger
	mu     sync.Mutex
	out    map[chan []byte]struct{}
	total  uint64   // messages sent so far
	latest [][]byte // the last of them, the newest last
}

func newHub(log *slog.Logger) *hub { return &hub{log: log, out: make(map[chan []byte]struct{})} }

// sent is how many messages were sent so far.
func (h *hub) sent() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.total
}

// join adds a connection and queues what was sent after the first messages, of which
// the page knows. It answers nil when there are too many connections.
func (h *hub) join(first uint64) chan []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.out) >= maxScreens {
		return nil
	}
	out := make(chan []byte, liveQueue)
	h.out[out] = struct{}{}
	missed := h.total - min(first, h.total)
	for _, b := range h.latest[len(h.latest)-int(min(missed, uint64(len(h.latest)))):] {
		out <- b
	}
	return out
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

// send hands m to every page. One that does not keep up is cut off: it connects
// again and loads itself anew.
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
		select {
		case out <- b:
		default:
			delete(h.out, out)
			close(out)
		}
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
	first, _ := strconv.ParseUint(r.FormValue("first"), 10, 64)
	out := s.live.join(first)
	if out == nil {
		conn.Close()
		return
	}
	go s.writeLive(conn, out)
	defer s.live.leave(out)
	conn.SetReadLimit(maxLiveBytes)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(livePongTimeout)) }
	conn.SetPongHandler(alive)
	for alive("") == nil {
		if _, _, err := conn.ReadMessage(); err != nil {
			return
		}
		if v != nil && v == s.current() {
			s.awaken(v)
		}
	}
}

// writeLive sends what is queued for one connection, and pings, until the queue is
// closed or the page is gone.
func (s *Server) writeLive(conn *websocket.Conn, out chan []byte) {
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
			s.live.leave(out)
			return
		}
	}
}
