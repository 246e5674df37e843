package center

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"yizhan/center/store"
	"yizhan/link"
)

// serveEnrol hears a box that wants to become a kiosk. It asks again until an
// officer has decided. A wrong code is answered with 403, which tells the box that
// asking again does not help.
func (s *Server) serveEnrol(w http.ResponseWriter, r *http.Request) {
	if !s.enrol.allow(r.RemoteAddr) {
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many requests from this address", http.StatusTooManyRequests)
		return
	}
	var ask link.EnrolRequest
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&ask); err != nil || !atEnd(decoder) {
		http.Error(w, "the request cannot be read", http.StatusBadRequest)
		return
	}
	if err := ask.Verify(s.cfg.Keys.Pin()); err != nil {
		s.cfg.Log.Warn("center: a request to be enrolled is not signed for this center", "from", r.RemoteAddr, "why", err)
		http.Error(w, "the request is not signed for this center", http.StatusBadRequest)
		return
	}
	e, err := s.store.Enrol(r.Context(), ask.Code, ask.Key[:], ask.Least)
	switch {
	case errors.Is(err, store.ErrCode):
		s.cfg.Log.Warn("center: an enrolment code is wrong, used or too old", "from", r.RemoteAddr)
		http.Error(w, "the code is wrong, used or too old", http.StatusForbidden)
		return
	case err != nil:
		s.cfg.Log.Error("center: enrolling a box", "from", r.RemoteAddr, "error", err)
		http.Error(w, "the center cannot answer now", http.StatusServiceUnavailable)
		return
	}
	if e.State == string(link.EnrolWaiting) {
		s.cfg.Log.Info("center: a box waits to be enrolled", "kiosk", e.Kiosk, "from", r.RemoteAddr, "fingerprint", s.Fingerprint(e.PublicKey))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(link.EnrolAnswer{State: link.EnrolState(e.State), Kiosk: e.Kiosk, Epoch: e.Epoch,
		Issuer: link.Digest(s.cfg.Keys.Issuer())}) // a box that hears nothing asks again
}

// Fingerprint is what an officer compares with the screen of a box.
func (s *Server) Fingerprint(box ed25519.PublicKey) string {
	return link.Fingerprint(box, s.cfg.Keys.Pin())
}

func atEnd(d *json.Decoder) bool {
	_, err := d.Token()
	return err == io.EOF
}

// limiter bounds how often one address, or whoever else is named, may ask this process.
// Each has a burst of tokens, and gets one back now and then. What must hold for all
// processes together is counted in the database.
type limiter struct {
	now   func() time.Time
	burst time.Duration // of tokens, as long as it takes to get them back
	every time.Duration
	mu    sync.Mutex
	at    map[string]time.Time // when the address has all its tokens again
}

// newLimiter is a limiter of askBurst tokens, one of which comes back every askEvery.
func newLimiter(now func() time.Time) *limiter { return limitTo(now, askBurst, askEvery) }

func limitTo(now func() time.Time, burst int64, every time.Duration) *limiter {
	return &limiter{now: now, burst: time.Duration(burst) * every, every: every, at: make(map[string]time.Time)}
}

func (l *limiter) allow(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if _, known := l.at[host]; !known && len(l.at) >= maxAddresses {
		for h, full := range l.at {
			if !full.After(now) {
				delete(l.at, h)
			}
		}
		if len(l.at) >= maxAddresses {
			return false
		}
	}
	full := l.at[host]
	if full.Before(now) {
		full = now
	}
	if full = full.Add(l.every); full.Sub(now) > l.burst {
		return false
	}
	l.at[host] = full
	return true
}

// back gives back a token that allow took of a name without a port.
func (l *limiter) back(who string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if full, known := l.at[who]; known {
		l.at[who] = full.Add(-l.every)
	}
}
