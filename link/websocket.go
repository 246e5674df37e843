package link

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Path is where a center listens for kiosks.
const Path = "/link"

// ErrPin means that whoever answers is not the center that the kiosk was
// enrolled at.
var ErrPin = errors.New("link: the center's key is not the pinned one")

// Pin returns what a kiosk remembers of a center: the SHA-256 of the certificate's
// public key, in its SubjectPublicKeyInfo. The certificate itself may be renewed.
func Pin(cert *x509.Certificate) Digest { return sha256.Sum256(cert.RawSubjectPublicKeyInfo) }

// Dial connects to the center at addr, host:port, over TLS 1.3, and to nobody
// who does not hold the pinned key (ErrPin).
func Dial(ctx context.Context, addr string, center Digest) (Conn, error) {
	d := websocket.Dialer{
		TLSClientConfig:  pinned(center),
		HandshakeTimeout: HandshakeTime,
	}
	u := url.URL{Scheme: "wss", Host: addr, Path: Path}
	ws, resp, err := d.DialContext(ctx, u.String(), nil)
	if err != nil {
		if resp != nil {
			return nil, fmt.Errorf("calling %s: %s: %w", addr, resp.Status, err)
		}
		return nil, fmt.Errorf("calling %s: %w", addr, err)
	}
	c := newSocket(ws, MaxFrameDown)
	c.mu.Lock()
	c.pinger = time.AfterFunc(PingEvery, c.ping)
	c.mu.Unlock()
	return c, nil
}

// pinned talks to nobody but who holds the key. No authority is asked: a
// village's center has no name that one would sign.
func pinned(center Digest) *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			if len(s.PeerCertificates) == 0 || Pin(s.PeerCertificates[0]) != center {
				return ErrPin
			}
			return nil
		},
	}
}

var upgrader = websocket.Upgrader{
	HandshakeTimeout: HandshakeTime,
	WriteBufferPool:  new(sync.Pool), // an idle kiosk keeps none
	Error: func(w http.ResponseWriter, _ *http.Request, status int, reason error) {
		http.Error(w, reason.Error(), status)
	},
}

// Accept turns a kiosk's request into a connection. It answers the request
// itself when it cannot. TLS must end in this process: the proof is bound to its
// key.
func Accept(w http.ResponseWriter, r *http.Request) (Conn, error) {
	if r.TLS == nil || r.TLS.Version < tls.VersionTLS13 {
		http.Error(w, "TLS 1.3 is needed", http.StatusUpgradeRequired)
		return nil, errors.New("link: a kiosk called without TLS 1.3")
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil, fmt.Errorf("accepting a kiosk: %w", err)
	}
	return newSocket(ws, MaxFrameUp), nil
}

// socket is a Conn over a WebSocket. The kiosk pings, the center answers; either
// hangs up after SilenceTime without a sign of life.
type socket struct {
	ws     *websocket.Conn
	mu     sync.Mutex
	pinger *time.Timer // of the kiosk's end
	closed bool
}

func newSocket(ws *websocket.Conn, limit int64) *socket {
	c := &socket{ws: ws}
	ws.SetReadLimit(limit)
	ws.SetPingHandler(func(data string) error {
		c.alive()
		_ = ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(WriteTime)) // Read will learn of it
		return nil
	})
	ws.SetPongHandler(func(string) error { c.alive(); return nil })
	c.alive()
	return c
}

func (c *socket) alive() { _ = c.ws.SetReadDeadline(time.Now().Add(SilenceTime)) }

// ping asks for a sign of life, again and again until the connection is closed.
func (c *socket) ping() {
	_ = c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(WriteTime)) // Read will learn of it
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.pinger.Reset(PingEvery)
	}
}

func (c *socket) Read(ctx context.Context) (Frame, error) {
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	kind, b, err := c.ws.ReadMessage()
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	c.alive()
	if kind != websocket.BinaryMessage {
		return nil, fmt.Errorf("%w: a message of text", ErrFrame)
	}
	return Decode(b)
}

func (c *socket) Write(ctx context.Context, f Frame) error {
	b, err := Encode(f)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	if err := c.ws.SetWriteDeadline(time.Now().Add(WriteTime)); err != nil {
		return c.broken(ctx, err)
	}
	if err := c.ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		return c.broken(ctx, err)
	}
	return nil
}

// broken says why: the context's end, when it was that.
func (c *socket) broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrCut, context.Cause(ctx))
	}
	return fmt.Errorf("%w: %w", ErrCut, err)
}

func (c *socket) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.pinger != nil {
		c.pinger.Stop()
	}
	return c.ws.Close()
}
