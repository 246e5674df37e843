package kiosk

import (
	"net/http"
	"runtime/debug"
	"strings"

	"yizhan/assets"
)

// Guard stands before every route. A request must name this box in its Host
// header, which alone stops DNS rebinding; one that changes something must not
// come from another site; and no body is read beyond its limit.
func (s *Server) Guard(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	checked := crossOrigin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assets.SecureHeaders(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, formBytes(r))
		defer s.recovered(w, r)
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownHost(r) {
			http.Error(w, "this address does not belong to the kiosk", http.StatusMisdirectedRequest)
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// formBytes is how long the body of a request may be.
func formBytes(r *http.Request) int64 {
	if strings.HasPrefix(r.URL.Path, slipsPage+"/") {
		return maxSlipBytes
	}
	return maxFormBytes
}

// recovered turns a panic, which is our own bug, into the page that says so.
func (s *Server) recovered(w http.ResponseWriter, r *http.Request) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		s.cfg.Log.Error("page broke", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
		s.trouble(s.asked(w, r), troubleBroken)
	}
}
