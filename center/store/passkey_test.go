package store

import (
	"fmt"
	"testing"
	"time"
)

func TestAPasskeyOfAnOfficer(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.officer("lin")
		w.officer("chen")
		add := func(id, officer string) error {
			return w.AddPasskey(ctx, Passkey{ID: []byte(id), Officer: officer, Name: "键", RP: "localhost", PublicKey: []byte{1}, Made: w.time})
		}
		w.must(add("one", "lin"))
		w.must(add("one", "lin")) // the answer was lost
		w.wants(ErrKeyReused, add("one", "chen"))
		w.wants(ErrUnknown, add("two", "nobody"))
		w.wants(ErrInput, add("", "lin"))
		p, o, err := w.Passkey(ctx, []byte("one"))
		w.must(err)
		if o.Name != "lin" || p.Name != "键" || p.RP != "localhost" {
			t.Errorf("%+v of %+v", p, o)
		}
		_, _, err = w.Passkey(ctx, []byte("two"))
		w.wants(ErrUnknown, err)

		at := func(seconds int) time.Time { return w.time.Add(time.Duration(seconds) * time.Second) }
		w.must(w.UsePasskey(ctx, p, 0, at(1)))
		w.must(w.UsePasskey(ctx, p, 0, at(2))) // one that counts nothing
		w.wants(ErrStep, w.UsePasskey(ctx, p, 5, at(2)))
		w.wants(ErrStep, w.UsePasskey(ctx, p, 5, at(1)))
		w.must(w.UsePasskey(ctx, p, 5, at(3)))
		w.wants(ErrCloned, w.UsePasskey(ctx, p, 5, at(4)))
		w.wants(ErrCloned, w.UsePasskey(ctx, p, 0, at(5)))
		w.must(w.UsePasskey(ctx, p, 6, at(6)))
		token, err := w.SignInBy(ctx, p, "Firefox")
		w.must(err)
		session, _, err := w.Session(ctx, token, true)
		w.must(err)
		if session.Officer != "lin" || session.Browser != "Firefox" {
			t.Errorf("%+v", session)
		}
		for i := range MaxPasskeys - 1 {
			w.must(add(fmt.Sprint(i), "lin"))
		}
		w.wants(ErrFull, add("more", "lin"))
		w.must(w.DropPasskey(ctx, p.Key(), "chen"))
		w.must(w.DropPasskey(ctx, p.Key(), "lin"))
		_, _, err = w.Passkey(ctx, []byte("one"))
		w.wants(ErrUnknown, err)

		p, _, err = w.Passkey(ctx, []byte("1"))
		w.must(err)
		link, _, err := w.MakeLink(ctx, "lin", nil, "terminal")
		w.must(err)
		w.must(w.UseLink(ctx, link, "a new password", 20))
		_, _, err = w.Passkey(ctx, []byte("1"))
		w.wants(ErrUnknown, err)
		_, err = w.SignInBy(ctx, p, "")
		w.wants(ErrState, err)
		list, err := w.Passkeys(ctx, "lin")
		w.must(err)
		w.must(add("new", "lin")) // the old ones make room
		again, err := w.Passkeys(ctx, "lin")
		w.must(err)
		if len(list) != 0 || len(again) != 1 {
			t.Errorf("%d and %d are listed", len(list), len(again))
		}
	})
}
