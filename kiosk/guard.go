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
	return guard(next, func(w http.ResponseWriter, r *http.Request, broke any) {
		s.cfg.Log.Error("page broke", "path", r.URL.Path, "panic", broke, "stack", string(debug.Stack()))
		s.trouble(s.asked(w, r), troubleBroken)
	})
}

// guard is Guard for any screen; broken answers a request whose handler panicked,
// which is our own bug.
func guard(next http.Handler, broken func(http.ResponseWriter, *http.Request, any)) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	checked := crossOrigin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assets.SecureHeaders(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, formBytes(r))
		defer func() {
			if p := recover(); p == http.ErrAbortHandler {
				panic(p)
			} else if p != nil {
				broken(w, r, p)
			}
		}()
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
