package center

import (
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"

	"yizhan/assets"
	"yizhan/link"
)

// guard stands before every route. A request must name this center in its Host
// header, which alone stops DNS rebinding; one that changes something must not
// come from another site; and no body is read beyond its limit.
func (s *Server) guard(next http.Handler) http.Handler {
	crossOrigin := http.NewCrossOriginProtection()
	checked := crossOrigin.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assets.SecureHeaders(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, bodyBytes(r))
		defer s.recovered(w, r)
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.ownHost(r) {
			http.Error(w, "这个网址不是本中心的，请用中心启动时给的名字（--host）。\n"+
				"this address does not belong to the center; it is called by the names that it was started with (--host)", http.StatusMisdirectedRequest)
			return
		}
		checked.ServeHTTP(w, r)
	})
}

// bodyBytes is how long the body of a request may be.
func bodyBytes(r *http.Request) int64 {
	if r.URL.Path == link.EnrolPath {
		return maxEnrolBytes
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/good/"):
		return maxPhotoBytes
	case strings.HasPrefix(r.URL.Path, "/pictures/"):
		return maxPicturesBytes
	case strings.HasPrefix(r.URL.Path, "/journal/"):
		return maxJournalBytes
	case r.URL.Path == placelistPath, r.URL.Path == activitylistPath, strings.HasPrefix(r.URL.Path, "/goodlist/"):
		return maxPlaceBytes
	case r.URL.Path == "/import":
		return maxListBytes
	case strings.HasPrefix(r.URL.Path, "/c/"), strings.HasPrefix(r.URL.Path, "/p/"), strings.HasPrefix(r.URL.Path, "/my"):
		return maxPhoneForm
	}
	return maxFormBytes
}

// recovered turns a panic, which is our own bug, into an answer.
func (s *Server) recovered(w http.ResponseWriter, r *http.Request) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		s.cfg.Log.Error("center: a request broke", "path", pathOf(r), "panic", p, "stack", string(debug.Stack()))
		http.Error(w, "中心出了问题，不确定这一步办成没有：先回去看看，再决定要不要重做。\n"+
			"Something is wrong at the center, and it is not certain whether this was done: go back and look before you do it again.", http.StatusInternalServerError)
	}
}

// pathOf is the path of a request as a log may have it: whoever reads a log must not
// find a one-time link, or a code, there that is still good.
func pathOf(r *http.Request) string {
	for _, secret := range []string{welcomePath, "/C/", "/c/", "/P/", "/p/"} {
		if strings.HasPrefix(r.URL.Path, secret) && r.URL.Path != secret {
			return secret + "..."
		}
	}
	return r.URL.Path
}

// ownHost tells whether the Host header names this center: a name that it was
// given, a loopback name, or the very address that the connection was made to. The
// port says nothing, because a router or a proxy in front may have another one; a
// name that somebody lets resolve to this machine is none of these.
func (s *Server) ownHost(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = strings.Trim(r.Host, "[]")
	}
	if slices.ContainsFunc(s.cfg.Hosts, func(name string) bool { return strings.EqualFold(name, host) }) {
		return true
	}
	local, served := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	named, err := netip.ParseAddr(host)
	if err != nil {
		return strings.EqualFold(host, "localhost")
	}
	if !served {
		return named.IsLoopback() // a test calls the handler itself
	}
	own, err := netip.ParseAddrPort(local.String())
	return err == nil && named.Unmap() == own.Addr().Unmap().WithZone("")
}
