package center

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/center/store"
	"yizhan/link"
)

// ask sends a request to a process as a browser would that was led there.
func (p *process) ask(t *testing.T, method, path, host string, change func(*http.Request)) (int, string, http.Header) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}, Timeout: 10 * time.Second}
	r, err := http.NewRequestWithContext(t.Context(), method, "https://"+p.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		r.Host = host
	}
	if change != nil {
		change(r)
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Header
}

// Every door answers to the center's own names alone.
func TestOnlyOwnNamesAreAnswered(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	p := w.serve("")
	for host, want := range map[string]bool{
		"": true, p.address: true, "127.0.0.1": true, "127.0.0.1:9": true, "localhost": true, "LOCALHOST:8443": true, "center.test": true, "Center.Test:8443": true, "county.test": true,
		"evil.example": false, "127.0.0.2": false, "[::1]:8443": false, "10.0.0.1": false, "center.test.evil.example": false, "localhost.evil.example": false, "127.0.0.1.nip.example": false,
	} {
		for _, path := range []string{"/", link.Path, link.EnrolPath, "/nothing"} {
			status, _, _ := p.ask(t, http.MethodGet, path, host, nil)
			if got := status != http.StatusMisdirectedRequest; got != want {
				t.Errorf("%s by the name %q: %d", path, host, status)
			}
		}
	}
	status, _, header := p.ask(t, http.MethodGet, "/", "", nil)
	if status != http.StatusOK || header.Get("Content-Security-Policy") != assets.ContentPolicy || header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%d, %v", status, header)
	}
	for _, path := range []string{"/", link.EnrolPath} {
		status, _, _ := p.ask(t, http.MethodPost, path, "", func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") })
		if status != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, status)
		}
	}
	status, _, _ = p.ask(t, http.MethodGet, link.Path, "", func(r *http.Request) {
		for k, v := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
			"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Origin": "https://evil.example"} {
			r.Header.Set(k, v)
		}
	})
	if status != http.StatusForbidden {
		t.Errorf("a page of another site opens the link: %d", status)
	}
}

// The door without TLS has the console, and nothing for kiosks.
func TestTheLocalDoor(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	p := w.serve("")
	local := httptest.NewServer(p.Console())
	defer local.Close()
	for path, want := range map[string]int{"/": http.StatusOK, link.Path: http.StatusNotFound, link.EnrolPath: http.StatusNotFound} {
		resp, err := http.Get(local.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	plain := httptest.NewServer(p.Handler())
	defer plain.Close()
	resp, err := http.Get(plain.URL + link.Path)
	if err != nil || resp.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("a kiosk without TLS: %v, %v", resp.StatusCode, err)
	}
}

// What a box may hear when it asks wrongly, and that nothing comes of it.
func TestEnrolmentRefuses(t *testing.T) {
	w := newWorld(t, filepath.Join(t.TempDir(), "book.db"))
	p := w.serve("")
	w.must(w.PutKiosk(t.Context(), store.Kiosk{ID: "QX-01", Name: "清溪站", Parent: "qingxi"}))
	code, _, err := w.MakeCode(t.Context(), "QX-01", "李科")
	w.must(err)
	_, key, err := ed25519.GenerateKey(nil)
	w.must(err)
	signed := func(pin link.Digest, code string) string {
		r := link.EnrolRequest{Code: code, Least: 1, Program: "test"}
		r.Sign(pin, key)
		body, err := json.Marshal(r)
		w.must(err)
		return string(body)
	}
	right := signed(w.keys.Pin(), code)
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"nothing":                {"", http.StatusBadRequest},
		"no JSON":                {"hello", http.StatusBadRequest},
		"an unknown field":       {strings.Replace(right, "{", `{"admin":true,`, 1), http.StatusBadRequest},
		"more behind it":         {right + right, http.StatusBadRequest},
		"too long":               {strings.Replace(right, `"program":"test"`, `"program":"`+strings.Repeat("x", 5<<10)+`"`, 1), http.StatusBadRequest},
		"for another center":     {signed(link.Digest{1}, code), http.StatusBadRequest},
		"changed on its way":     {strings.Replace(right, `"least":1`, `"least":9`, 1), http.StatusBadRequest},
		"a code that is no code": {signed(w.keys.Pin(), "AAAAAAAAAAAAAAAA"), http.StatusForbidden},
	} {
		r := httptest.NewRequest(http.MethodPost, "https://127.0.0.1"+link.EnrolPath, bytes.NewReader([]byte(c.body)))
		answer := httptest.NewRecorder()
		p.Handler().ServeHTTP(answer, r)
		if answer.Code != c.status {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	waiting, err := w.Waiting(t.Context())
	if err != nil || len(waiting) != 0 {
		t.Errorf("%v, %v", waiting, err)
	}

	// The right one is taken, until the address has asked too often.
	r := link.EnrolRequest{Code: code, Least: 1, Program: "test"}
	r.Sign(w.keys.Pin(), key)
	a, err := link.Enrol(t.Context(), p.address, w.keys.Pin(), r)
	if err != nil || a.State != link.EnrolWaiting || a.Kiosk != "QX-01" {
		t.Errorf("%+v, %v", a, err)
	}
	r.Sign(link.Digest{1}, key)
	if _, err := link.Enrol(t.Context(), p.address, w.keys.Pin(), r); !errors.Is(err, link.ErrEnrol) || errors.Is(err, link.ErrCode) {
		t.Errorf("for another center: %v", err)
	}
	r.Sign(w.keys.Pin(), key)
	var refused error
	for range 2 * askBurst {
		if _, err := link.Enrol(t.Context(), p.address, w.keys.Pin(), r); err != nil {
			refused = err
			break
		}
	}
	if refused == nil || errors.Is(refused, link.ErrEnrol) {
		t.Errorf("asking without end: %v", refused)
	}
}

func TestLimiter(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := newLimiter(func() time.Time { return now })
	many := func(from string) (n int) {
		for l.allow(from) {
			n++
		}
		return n
	}
	if n := many("10.0.0.1:1234"); n != askBurst {
		t.Errorf("%d at once", n)
	}
	if l.allow("10.0.0.1:99") {
		t.Error("another port is another address")
	}
	if n := many("[fe80::1]:1234"); n != askBurst {
		t.Errorf("%d of another address", n)
	}
	now = now.Add(3 * askEvery)
	if n := many("10.0.0.1:1234"); n != 3 {
		t.Errorf("%d after three seconds", n)
	}
	now = now.Add(time.Hour)
	if n := many("10.0.0.1:1234"); n != askBurst {
		t.Errorf("%d after an hour", n)
	}
	for i := range maxAddresses {
		l.allow(string(rune('a'+i%26)) + string(rune(0x4e00+i)) + ":1")
	}
	if l.allow("10.9.9.9:1") {
		t.Error("the memory grows without bound")
	}
	now = now.Add(time.Hour)
	if !l.allow("10.9.9.9:1") || len(l.at) > 2 {
		t.Errorf("%d addresses are remembered that ask no more", len(l.at))
	}
}

func TestReasonsAreReadBack(t *testing.T) {
	for _, q := range []link.Quarantine{{Reason: link.ReasonFork, Text: "another entry stands at 7"}, {Reason: link.ReasonOfficer, Text: "a: b"}, {Reason: link.ReasonGap, Text: ""}} {
		if got := quarantineOf(reasonText(q)); got != q {
			t.Errorf("%+v became %+v", q, got)
		}
	}
	own := "store: an entry does what its chain does not allow: entry 3"
	if got := quarantineOf(own); got != (link.Quarantine{Reason: link.ReasonForged, Text: own}) {
		t.Errorf("%+v", got)
	}
	if long := clip(strings.Repeat("长", 500)); len(long) > 400 {
		t.Errorf("%d bytes", len(long))
	}
}

// What is added while it waits is done once; what is added while it is done, again.
func TestPending(t *testing.T) {
	p := newPending[int]()
	for _, n := range []int{1, 2, 1, 3, 2} {
		p.add(n)
	}
	ctx, stop := context.WithCancel(t.Context())
	var done []int
	each(ctx, p, func(_ context.Context, n int) {
		if done = append(done, n); len(done) == 1 {
			p.add(1)
		}
		if len(done) == 4 {
			stop()
		}
	})
	if want := []int{1, 2, 3, 1}; len(done) != 4 || done[0] != want[0] || done[1] != want[1] || done[2] != want[2] || done[3] != want[3] {
		t.Errorf("%v", done)
	}
}

// A page that breaks may have changed something before it did, and does not deny it.
func TestABrokenPageDeniesNothing(t *testing.T) {
	o := newOffice(t)
	broken := o.server.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") }))
	w := httptest.NewRecorder()
	broken.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:8400/addkiosk", nil))
	if body := w.Body.String(); w.Code != http.StatusInternalServerError || !strings.Contains(body, "不确定") || !strings.Contains(body, "not certain") {
		t.Errorf("%d: %s", w.Code, body)
	}
}
