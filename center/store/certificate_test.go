package store

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"yizhan/ledger"
)

// A certificate is found by its serial, says what it said, and can be revoked once.
func TestACertificateIsIssuedAndRevoked(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx, v := t.Context(), w.person(1, "")
		c := Certificate{Volunteer: v, Serial: "7F2K9Q3M0000WXYZ", Body: []byte(`{"n":1}`), Who: "lin"}
		for range 2 {
			w.must(w.IssueCertificate(ctx, c))
		}
		other := c
		other.Body = []byte(`{"n":2}`)
		if err := w.IssueCertificate(ctx, other); !errors.Is(err, ErrKeyReused) {
			t.Error(err)
		}
		got, err := w.CertificateBy(ctx, c.Serial)
		if err != nil || got.Volunteer != v || string(got.Body) != `{"n":1}` || !got.Stands() || !got.Made.Equal(w.time) {
			t.Errorf("%+v %v", got, err)
		}
		for range 2 {
			w.must(w.RevokeCertificate(ctx, v, c.Serial, "chen", "名字印错了"))
		}
		got, err = w.CertificateOf(ctx, v, c.Serial)
		if err != nil || got.Stands() || got.RevokedBy != "chen" || got.Why != "名字印错了" {
			t.Errorf("%+v %v", got, err)
		}
		if list, err := w.Certificates(ctx, v); err != nil || len(list) != 1 || list[0].Serial != c.Serial {
			t.Errorf("%+v %v", list, err)
		}
		if acts, err := w.PersonActs(ctx, v, 0, 10); err != nil || len(acts) != 2 || acts[0].Kind != "certificate.revoked" || !strings.Contains(string(acts[1].Body.After), "7F2K-9Q3M") {
			t.Errorf("%+v %v", acts, err)
		}
		for _, serial := range []string{"", "short", "7f2k9q3m0000wxyz"} {
			bad := c
			if bad.Serial = serial; !errors.Is(w.IssueCertificate(ctx, bad), ErrInput) {
				t.Errorf("%q is a serial", serial)
			}
		}
		c.Serial, c.Volunteer = "0000000000000000", ledger.ID{9, 9}
		if err := w.IssueCertificate(ctx, c); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if _, err := w.CertificateBy(ctx, c.Serial); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if err := w.RevokeCertificate(ctx, v, c.Serial, "chen", "x"); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		w.proof()
	})
}

// At a kiosk the same record gives the same certificate all day; another one is issued
// when the record has changed, a few times a day, and never the officers' share.
func TestCertificatesAtKiosksAreFew(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx, v := t.Context(), w.person(1, "")
		serials := 0
		ask := func(body string) (Certificate, bool, error) {
			serials++
			c := Certificate{Volunteer: v, Serial: fmt.Sprintf("%016d", serials), Body: []byte(body), Who: "@A-07"}
			return w.CertifyAtKiosk(ctx, c, w.time.Truncate(24*time.Hour))
		}
		first, again, err := ask(`{"n":1}`)
		if err != nil || again || !first.Made.Equal(w.time) {
			t.Fatalf("%+v %v %v", first, again, err)
		}
		w.time = w.time.Add(time.Minute)
		if same, again, err := ask(`{"n":1}`); err != nil || !again || same.Serial != first.Serial || !same.Made.Equal(first.Made) {
			t.Errorf("%+v %v %v", same, again, err)
		}
		w.must(w.RevokeCertificate(ctx, v, first.Serial, "chen", "名字印错了"))
		second, again, err := ask(`{"n":1}`)
		if err != nil || again || second.Serial == first.Serial {
			t.Errorf("of one that was revoked: %+v %v %v", second, again, err)
		}
		if _, _, err := ask(`{"n":2}`); err != nil {
			t.Error(err)
		}
		if _, _, err := ask(`{"n":3}`); !errors.Is(err, ErrFull) {
			t.Errorf("a fourth of one day: %v", err)
		}
		if _, again, err := ask(`{"n":2}`); err != nil || !again {
			t.Errorf("what stands is still given: %v %v", again, err)
		}
		for n := 4; ; n++ {
			w.time = w.time.Add(24 * time.Hour)
			if _, _, err = ask(fmt.Sprintf(`{"n":%d}`, n)); err != nil {
				break
			}
		}
		list, _ := w.Certificates(ctx, v)
		if !errors.Is(err, ErrFull) || len(list) != MaxCertificates/2 {
			t.Errorf("%d certificates, %v", len(list), err)
		}
		w.must(w.IssueCertificate(ctx, Certificate{Volunteer: v, Serial: "ZZZZ000000000000", Body: []byte(`{}`), Who: "lin"}))
		for _, bad := range []Certificate{{Volunteer: v, Serial: "short", Body: []byte("{}"), Who: "@A"}, {Volunteer: v, Serial: "ZZZZ000000000001", Body: []byte("{}")}} {
			if _, _, err := w.CertifyAtKiosk(ctx, bad, w.time); !errors.Is(err, ErrInput) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, _, err := w.CertifyAtKiosk(ctx, Certificate{Volunteer: ledger.ID{9, 9}, Serial: "ZZZZ000000000002", Body: []byte("{}"), Who: "@A"}, w.time); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		w.proof()
	})
}
