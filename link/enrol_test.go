package link

import (
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// testCenter answers enrolment as a center does, with the given state.
func testCenter(t *testing.T, answer func(EnrolRequest, Digest) (int, any)) (address string, pin Digest) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q EnrolRequest
		if err := json.NewDecoder(r.Body).Decode(&q); err != nil || r.URL.Path != EnrolPath {
			t.Errorf("%s: %v", r.URL, err)
		}
		code, body := answer(q, pin)
		w.WriteHeader(code)
		if text, ok := body.(string); ok {
			w.Write([]byte(text))
			return
		}
		_ = json.NewEncoder(w).Encode(body)
	}))
	s.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	s.StartTLS()
	t.Cleanup(s.Close)
	pin = Pin(s.Certificate())
	return s.Listener.Addr().String(), pin
}

// TestEnrol: a box learns the key that the center shows, signs for it, and takes
// only an answer that says who it becomes.
func TestEnrol(t *testing.T) {
	reply := any(EnrolAnswer{State: EnrolWaiting, Kiosk: "SQ-01"})
	status := http.StatusOK
	address, pin := testCenter(t, func(q EnrolRequest, pin Digest) (int, any) {
		if err := q.Verify(pin); err != nil {
			return http.StatusForbidden, err.Error()
		}
		if err := q.Verify(Digest{1}); !errors.Is(err, ErrEnrol) {
			t.Errorf("a request for another center: %v", err)
		}
		return status, reply
	})
	seen, err := SeePin(t.Context(), address)
	if err != nil || seen != pin {
		t.Fatalf("saw %v, %v", seen, err)
	}
	q := EnrolRequest{Code: "abcd-efgh-jklm-npqr", Least: 1, Program: "yizhan test"}
	q.Sign(pin, boxKey(1))
	if q.Code != "ABCDEFGHJKLMNPQR" {
		t.Errorf("the code travels as %q", q.Code)
	}
	if a, err := Enrol(t.Context(), address, pin, q); err != nil || a.State != EnrolWaiting || a.Kiosk != "SQ-01" {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := Enrol(t.Context(), address, Digest{9}, q); !errors.Is(err, ErrPin) {
		t.Errorf("another key than the one signed for: %v", err)
	}
	for _, wrong := range []any{EnrolAnswer{State: "soon", Kiosk: "SQ-01"}, EnrolAnswer{State: EnrolWaiting, Kiosk: "sq 1"},
		EnrolAnswer{State: EnrolApproved, Kiosk: "SQ-01", Issuer: Digest{1}}, EnrolAnswer{State: EnrolApproved, Kiosk: "SQ-01", Epoch: 1}, "no JSON"} {
		reply = wrong
		if a, err := Enrol(t.Context(), address, pin, q); !errors.Is(err, ErrEnrol) {
			t.Errorf("%v became %+v, %v", wrong, a, err)
		}
	}
	for code, is := range map[int][2]bool{ // ErrEnrol, ErrCode
		http.StatusForbidden: {true, true}, http.StatusNotFound: {true, false}, http.StatusSeeOther: {true, false},
		http.StatusServiceUnavailable: {false, false}, http.StatusTooManyRequests: {false, false}} {
		reply, status = "words of the center\n", code
		_, err := Enrol(t.Context(), address, pin, q)
		if got := [2]bool{errors.Is(err, ErrEnrol), errors.Is(err, ErrCode)}; err == nil || got != is || !strings.HasSuffix(err.Error(), "words of the center") {
			t.Errorf("status %d: %v, want %v", code, err, is)
		}
	}
}

// TestEnrolRequestIsSigned: nothing of a request can be changed on the way.
func TestEnrolRequestIsSigned(t *testing.T) {
	center := Digest{7}
	good := EnrolRequest{Code: "ABCDEFGHJKLMNPQR", Least: 2, Program: "p"}
	good.Sign(center, boxKey(1))
	if err := good.Verify(center); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*EnrolRequest){
		"code": func(r *EnrolRequest) { r.Code += "X" }, "key": func(r *EnrolRequest) { r.Key[0]++ }, "least": func(r *EnrolRequest) { r.Least = 1 },
		"program": func(r *EnrolRequest) { r.Program = "q" }, "signature": func(r *EnrolRequest) { r.Signature = r.Signature[:10] },
		"no code": func(r *EnrolRequest) { r.Code = "" }, "long code": func(r *EnrolRequest) { r.Code = strings.Repeat("A", 99) },
	} {
		r := good
		if change(&r); r.Verify(center) == nil {
			t.Errorf("another %s is taken", name)
		}
	}
}

// TestEpochsAreLeft: a box cannot take the last epoch of its kiosk.
func TestEpochsAreLeft(t *testing.T) {
	for least, want := range map[uint32]bool{1: true, maxLeast: true, maxLeast + 1: false, 1<<32 - 1: false} {
		r := EnrolRequest{Code: "ABCDEFGHJKLMNPQR", Least: least}
		r.Sign(Digest{7}, boxKey(1))
		if err := r.Verify(Digest{7}); (err == nil) != want {
			t.Errorf("at least %d: %v", least, err)
		}
	}
}

func TestFingerprint(t *testing.T) {
	box := boxKey(1).Public().(ed25519.PublicKey)
	f := Fingerprint(box, Digest{1})
	if len(f) != 19 || f == Fingerprint(box, Digest{2}) || f == Fingerprint(make([]byte, 32), Digest{1}) {
		t.Errorf("fingerprint %q does not depend on both keys", f)
	}
}

func TestInvitation(t *testing.T) {
	i := Invitation{Address: "center.qingxi.example:8443", Code: "ABCD-EFGH-JKLM-NPQR", Center: Digest{1, 2, 3}}
	text := i.Text()
	if strings.ToUpper(text) != text {
		t.Errorf("%q is not all upper case, and makes a larger code", text)
	}
	back, err := ParseInvitation(text)
	if err != nil || back.Address != i.Address || back.Center != i.Center || back.Text() != text {
		t.Errorf("%+v, %v", back, err)
	}
	for _, wrong := range []string{"", "YZ1:AAAA", "YZE1:", text[:30], text + "/x", text + ":1", strings.ToLower(text), strings.Replace(text, "YZE1", "YZE2", 1), "YZE1::" + text} {
		if got, err := ParseInvitation(wrong); !errors.Is(err, ErrEnrol) {
			t.Errorf("%q became %+v, %v", wrong, got, err)
		}
	}
}

func FuzzParseInvitation(f *testing.F) {
	f.Add(Invitation{Address: "10.0.0.5:8443", Code: "ABCD", Center: Digest{5}}.Text())
	f.Add("YZE1:A:B:C:1")
	f.Fuzz(func(t *testing.T, text string) {
		if i, err := ParseInvitation(text); err == nil && i.Text() != text {
			t.Errorf("%q is also written %q", text, i.Text())
		}
	})
}
