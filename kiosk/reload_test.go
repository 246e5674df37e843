package kiosk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAPageThatReloadsItselfIsNobody leaves a page open whose slip never comes, as
// when the disk is full: the visit ends all the same.
func TestAPageThatReloadsItselfIsNobody(t *testing.T) {
	v := newVillage(t)
	r := v.reserve(zhang, "G05", 1, 90)
	s := v.screen()
	s.onDutyAs(clerk)
	next := exchangePage(r.Seq)
	for range (DefaultIdleSeconds + DefaultCountdownSeconds) / 2 {
		request := httptest.NewRequest(http.MethodGet, next, nil)
		request.Host = "localhost"
		request.AddCookie(&http.Cookie{Name: visitCookie, Value: s.cookies[visitCookie]})
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, request)
		_, refresh, there := strings.Cut(w.Body.String(), `content="2;url=`)
		if w.Code != http.StatusOK || !there {
			t.Fatalf("%d, no refresh:\n%s", w.Code, w.Body)
		}
		next, _, _ = strings.Cut(refresh, `"`)
		v.clock.advance(2 * time.Second)
		v.tick()
	}
	v.clock.advance(2 * time.Second)
	v.tick()
	s.get(exchangePage(r.Seq)).on("/?over")
}
