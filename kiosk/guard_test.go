package kiosk

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestOnlyTheBoxItselfIsServed(t *testing.T) {
	v := newVillage(t)
	server := httptest.NewServer(v.Handler())
	defer server.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for host, want := range map[string]int{
		"127.0.0.1:" + port:    http.StatusOK,
		"localhost:" + port:    http.StatusOK,
		"[::1]:" + port:        http.StatusOK,
		"127.0.0.1:1":          http.StatusMisdirectedRequest,
		"127.0.0.1":            http.StatusMisdirectedRequest,
		"localhost.evil.org":   http.StatusMisdirectedRequest,
		"rebound.test:" + port: http.StatusMisdirectedRequest,
		"0.0.0.0:" + port:      http.StatusMisdirectedRequest,
	} {
		for _, path := range []string{"/", "/static/x/y", "/live", "/picture/rice", "/nowhere"} {
			r, _ := http.NewRequest(http.MethodGet, server.URL+path, nil)
			r.Host = host
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if refused := resp.StatusCode == http.StatusMisdirectedRequest; refused != (want == http.StatusMisdirectedRequest) {
				t.Errorf("host %s, %s: %s", host, path, resp.Status)
			}
		}
	}
}

func TestOtherSitesChangeNothing(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.scanCard(zhang)
	key := s.get("/redeem/G01").field("key")
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://example.org"} {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/redeem", strings.NewReader("good=G01&quantity=1&price=280&key="+key))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header, value)
		r.AddCookie(&http.Cookie{Name: visitCookie, Value: s.cookies[visitCookie]})
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden {
			t.Errorf("%s %s: %d", header, value, w.Code)
		}
	}
	s.get("/balance").sees("1,260")
}

func TestAFormIsNotReadWithoutEnd(t *testing.T) {
	s := newVillage(t).screen()
	s.post("/scan", "text", strings.Repeat("x", maxFormBytes)).on("/code/strange")
	s.post("/scan", "text", strings.Repeat("x", maxScanBytes+1)).on("/code/strange")
}

func TestAPanicIsAPageToo(t *testing.T) {
	v := newVillage(t)
	handler := v.Guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") }))
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "积分都记着") {
		t.Errorf("%d %s", w.Code, words(w.Body.String()))
	}
	if !strings.Contains(v.log.String(), "a bug") {
		t.Error("nobody will know")
	}
}

func TestConfigsThatCannotBe(t *testing.T) {
	good := newVillage(t).cfg
	for name, spoil := range map[string]func(*Config){
		"no store":  func(c *Config) { c.Store = nil },
		"no zone":   func(c *Config) { c.Zone = nil },
		"language":  func(c *Config) { c.Lang = "fr" },
		"diagonal":  func(c *Config) { c.Screen.DiagonalInch = 0 },
		"idle":      func(c *Config) { c.IdleSeconds = 0 },
		"countdown": func(c *Config) { c.CountdownSeconds = -1 },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
