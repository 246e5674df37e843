package kiosk

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkPages is the server's share of the time from a tap to the next screen.
func BenchmarkPages(b *testing.B) {
	v := newVillage(b)
	s := v.screen()
	s.scanCard(zhang)
	s.redeemed("G01", "1")
	for _, path := range []string{"/balance", "/goods", "/redeem/G02", "/points", "/done/" + s.at[len("/done/"):]} {
		b.Run(path[1:], func(b *testing.B) {
			for b.Loop() {
				r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
				r.AddCookie(&http.Cookie{Name: visitCookie, Value: s.cookies[visitCookie]})
				w := httptest.NewRecorder()
				s.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}
