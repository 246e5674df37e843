package store

import (
	"errors"
	"strings"
	"testing"

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
