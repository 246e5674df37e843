package kiosk

import (
	"context"
	"crypto/ed25519"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/kiosk/enrol"
	"yizhan/link"
)

// newUnenrolled is a box that is no kiosk yet, whose center lets it wait.
func newUnenrolled(t *testing.T) (u *Unenrolled, e *enrol.Enrolment, dir string) {
	t.Helper()
	dir = t.TempDir()
	e, err := enrol.New(enrol.Config{Dir: dir, Program: "test", Log: slog.New(slog.DiscardHandler),
		Box: func() (ed25519.PrivateKey, uint32, error) { return ed25519.NewKeyFromSeed(make([]byte, 32)), 1, nil },
		See: func(context.Context, string) (link.Digest, error) { return link.Digest{7}, nil },
		Ask: func(context.Context, string, link.Digest, link.EnrolRequest) (link.EnrolAnswer, error) {
			return link.EnrolAnswer{State: link.EnrolWaiting, Kiosk: "SQ-01"}, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	u, err = NewUnenrolled(UnenrolledConfig{Enrolment: e, Log: slog.New(slog.DiscardHandler), Screen: Screen{DiagonalInch: 10.1}, Lang: assets.English,
		Addresses: func() []string { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return u, e, dir
}

// ask sends one request to u, a form when there are pairs.
func askUnenrolled(t *testing.T, u *Unenrolled, path string, pairs ...string) (code int, to, body string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
	if len(pairs) > 0 {
		form := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		r = httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	u.Handler().ServeHTTP(w, r)
	b, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, w.Header().Get("Location"), string(b)
}

// A box that lost its center, or stood alone before, does not say that it has no points.
func TestUnenrolledDeniesNoPoints(t *testing.T) {
	u, e, _ := newUnenrolled(t)
	for _, c := range []struct {
		past bool
		says string
	}{{false, "no points on this machine yet"}, {true, "Everything is on record"}} {
		u, err := NewUnenrolled(UnenrolledConfig{Enrolment: e, Log: u.log, Screen: Screen{DiagonalInch: 10.1}, Lang: assets.English, Past: c.past})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, body := askUnenrolled(t, u, "/code/strange"); !strings.Contains(body, c.says) {
			t.Errorf("with books of before %v: %s", c.past, body)
		}
		if p := u.join.page(); (p.Safe == "enrol.safe_again") != c.past {
			t.Errorf("with books of before %v: %s", c.past, p.Safe)
		}
	}
}

func TestUnenrolledTakesAnInvitation(t *testing.T) {
	u, e, dir := newUnenrolled(t)
	for _, step := range []struct {
		path  string
		pairs []string
		to    string
	}{
		{"/enrol/address", []string{"typed", "10.0.0", "key", "."}, "/enrol/address?typed=10.0.0."},
		{"/enrol/address", []string{"typed", "10.0.0.", "key", "clear"}, "/enrol/address?typed="},
		{"/enrol/address", []string{"typed", "10.0.0.", "key", "other"}, "/enrol/address?letters=yes&typed=10.0.0."},
		{"/enrol/address", []string{"typed", "10.0.0.x", "letters", "yes", "key", "other"}, "/enrol/address?typed=10.0.0.x"},
		{"/enrol/address", []string{"typed", "10.0.0.x", "letters", "yes", "key", "y"}, "/enrol/address?letters=yes&typed=10.0.0.xy"},
		{"/enrol/address", []string{"typed", "<script>/10", "key", "1"}, "/enrol/address?typed=script101"},
		{"/enrol/address", []string{"typed", "1", "key", "go"}, "/enrol/address?typed=1"}, // too short
		{"/enrol/address", []string{"typed", "10::5", "key", "go"}, "/enrol/address?typed=10%3A%3A5&wrong=yes"},
		{"/enrol/address", []string{"typed", "10.0.0.5", "key", "go"}, "/enrol/code?to=10.0.0.5%3A8443"},
		{"/enrol/address", []string{"typed", "10.0.0.5:99", "key", "go"}, "/enrol/code?to=10.0.0.5%3A99"},
		{"/enrol/code", []string{"typed", "ABCD", "key", "go"}, "/enrol/address"}, // no address
		{"/enrol/code", []string{"to", "10.0.0.5:99", "typed", "ABCD", "key", "0"}, "/enrol/code?to=10.0.0.5%3A99&typed=ABCD"},
		{"/enrol/code", []string{"to", "10.0.0.5:99", "typed", "ABCDEFGHJKLMNPQ", "key", "R"}, "/enrol/code?to=10.0.0.5%3A99&typed=ABCDEFGHJKLMNPQR"},
		{"/enrol/code", []string{"to", "10.0.0.5:99", "typed", "ABCDEFGHJKLMNPQR", "key", "go"}, "/"},
		{"/nowhere", nil, "/"},
		{"/language", []string{"to", "zh-CN", "page", "//evil.example"}, "/"},
		{"/language", []string{"to", "xx", "page", "/help"}, "/help"},
		{"/print-size", []string{"to", "large", "page", "/enrol/address"}, "/enrol/address"},
	} {
		if _, to, _ := askUnenrolled(t, u, step.path, step.pairs...); to != step.to {
			t.Errorf("%s %v led to %q, want %q", step.path, step.pairs, to, step.to)
		}
	}
	if s := e.State(); s.Phase != enrol.Calling || s.Address != "10.0.0.5:99" {
		t.Errorf("invited: %+v", s)
	}
	if _, _, body := askUnenrolled(t, u, "/"); !strings.Contains(body, `lang="zh-CN" data-print="large"`) || !strings.Contains(body, "10.0.0.5:99") || !strings.Contains(body, "没有网络") {
		t.Errorf("the first page: %s", body)
	}
	os.RemoveAll(dir)
	if _, to, _ := askUnenrolled(t, u, "/enrol/over", "x", ""); to != "/code/disk" {
		t.Errorf("a disk that is gone led to %q", to)
	}
	if to := u.scan(link.Invitation{Address: "10.0.0.6:1", Code: "ABCDEFGHJKLMNPQR", Center: link.Digest{7}}.Text()); to != "/code/disk" {
		t.Errorf("a scan with no disk led to %q", to)
	}
}

// What happens to the enrolment is told to the page that is shown.
func TestUnenrolledTellsItsPage(t *testing.T) {
	u, e, _ := newUnenrolled(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go e.Run(ctx)
	out := u.live.join(0, onThisBox)
	u.Scan(link.Invitation{Address: "10.0.0.5:8443", Code: "ABCDEFGHJKLMNPQR", Center: link.Digest{7}}.Text())
	for range 3 { // it calls; the scan leads there; it waits
		select {
		case b := <-out:
			if string(b) != `{"go":"/"}` {
				t.Errorf("told %s", b)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("the page is told nothing")
		}
	}
	if _, _, body := askUnenrolled(t, u, "/"); !strings.Contains(body, "SQ-01") || !strings.Contains(body, `content="2;url=/"`) {
		t.Errorf("waiting, without a script: %s", body)
	}
	u.Scan("YZC1-somebody")
	if b := <-out; string(b) != `{"go":"/code/strange"}` {
		t.Errorf("a card led to %s", b)
	}
	for _, page := range []string{"/code/strange", "/code/disk", "/help"} {
		if code, _, body := askUnenrolled(t, u, page); code != http.StatusOK || strings.Contains(body, "⟦") {
			t.Errorf("%s: %d %s", page, code, body)
		}
	}
}
