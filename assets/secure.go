package assets

import "net/http"

// ContentPolicy lets a page load only what its server serves, and run no script
// or style that stands in the page itself.
const ContentPolicy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"

// SecureHeaders says to a browser what the pages of this package need, and that
// they may nothing else. [Static] says itself how long its files are kept.
func SecureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", ContentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
