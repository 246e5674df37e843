package store

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// officer adds an officer who has a password.
func (w *world) officer(name string) Officer {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(w.AddOfficer(ctx, name, RoleOfficer, "center", "terminal"))
	token, _, err := w.MakeLink(ctx, name, []byte("sealed"), "terminal")
	w.must(err)
	w.must(w.UseLink(ctx, token, "verifier of "+name, 10))
	o, err := w.Officer(ctx, name)
	w.must(err)
	return o
}

func (w *world) wants(want, got error) {
	w.t.Helper()
	if !errors.Is(got, want) {
		w.t.Fatalf("got %v, want %v", got, want)
	}
}

func TestALinkIsGoodOnceForTwoDays(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.must(w.AddOfficer(ctx, "lin", RoleOfficer, "center", "terminal"))
		w.wants(ErrState, w.AddOfficer(ctx, "lin", RoleOfficer, "center", "terminal"))
		first, _, err := w.MakeLink(ctx, "lin", []byte{1}, "terminal")
		w.must(err)
		second, ends, err := w.MakeLink(ctx, "lin", []byte{2}, "terminal")
		w.must(err)
		if want := w.time.Add(48 * time.Hour); !ends.Equal(want) {
			t.Errorf("ends %v, want %v", ends, want)
		}
		_, _, err = w.Link(ctx, first)
		w.wants(ErrLink, err) // the later one is the only one
		o, secret, err := w.Link(ctx, second)
		w.must(err)
		if o.Name != "lin" || o.Ready() || string(secret) != "\x02" {
			t.Errorf("%+v %v", o, secret)
		}
		w.must(w.UseLink(ctx, second, "verifier", 7))
		w.wants(ErrLink, w.UseLink(ctx, second, "another", 8))
		o, err = w.Officer(ctx, "lin")
		w.must(err)
		if !o.Ready() || o.Password != "verifier" || o.Step != 7 || string(o.Secret) != "\x02" {
			t.Errorf("%+v", o)
		}
		late, _, err := w.MakeLink(ctx, "lin", []byte{3}, "terminal")
		w.must(err)
		w.time = w.time.Add(48 * time.Hour)
		_, _, err = w.Link(ctx, late)
		w.wants(ErrLink, err)
		_, _, err = w.Link(ctx, "")
		w.wants(ErrLink, err)
		_, _, err = w.MakeLink(ctx, "nobody", nil, "terminal")
		w.wants(ErrUnknown, err)
		w.proof()
	})
}

func TestSessionsEnd(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.cfg.LockAfter = SessionIdle // another test's
		w.officer("lin")
		step := int64(10)
		in := func() string {
			step++
			token, err := w.SignIn(ctx, "lin", step, "Firefox")
			w.must(err)
			return token
		}
		over := func(token string) {
			t.Helper()
			_, _, err := w.Session(ctx, token, true)
			w.wants(ErrSession, err)
		}
		_, err := w.SignIn(ctx, "lin", 10, "")
		w.wants(ErrStep, err) // the code that set the password

		idle := in()
		w.time = w.time.Add(SessionIdle - time.Second)
		session, o, err := w.Session(ctx, idle, true)
		w.must(err)
		if o.Name != "lin" || session.Browser != "Firefox" || session.Officer != "lin" {
			t.Errorf("%+v %+v", session, o)
		}
		w.time = w.time.Add(SessionIdle - time.Second)
		_, _, err = w.Session(ctx, idle, false) // it loads itself again: that is no use
		w.must(err)
		w.time = w.time.Add(2 * time.Second)
		over(idle)

		mine, other := in(), in()
		list, err := w.Sessions(ctx, "lin")
		w.must(err)
		if len(list) != 2 {
			t.Fatalf("%d sessions: %+v", len(list), list)
		}
		w.must(w.EndSession(ctx, tokenID(other), "somebody else"))
		if _, _, err := w.Session(ctx, other, true); err != nil {
			t.Errorf("another's session was ended: %v", err)
		}
		w.must(w.EndSession(ctx, tokenID(other), "lin"))
		over(other)
		for range 24 { // half a day of work ends all the same
			w.time = w.time.Add(SessionIdle)
			if _, _, err = w.Session(ctx, mine, true); err != nil {
				break
			}
		}
		w.time = w.time.Add(time.Second)
		over(mine)

		mine = in()
		link, _, err := w.MakeLink(ctx, "lin", nil, "terminal")
		w.must(err)
		w.must(w.UseLink(ctx, link, "a new password", step+1))
		over(mine)
		step++
		mine = in()
		w.must(w.DisableOfficer(ctx, "lin", true, "chen"))
		over(mine)
		_, err = w.SignIn(ctx, "lin", step+1, "")
		w.wants(ErrState, err)
		w.must(w.DisableOfficer(ctx, "lin", false, "chen")) // the old password opens nothing
		_, err = w.SignIn(ctx, "lin", step+2, "")
		w.wants(ErrState, err)
		link, _, err = w.MakeLink(ctx, "lin", nil, "terminal")
		w.must(err)
		w.must(w.UseLink(ctx, link, "one more password", step+2))
		step += 2
		in()

		w.time = w.time.Add(48 * time.Hour)
		_, err = w.Sweep(ctx)
		w.must(err)
		var left int
		w.must(w.db.QueryRow(`SELECT COUNT(*) FROM session`).Scan(&left))
		if left != 0 {
			t.Errorf("%d sessions are kept for ever", left)
		}
	})
}

func TestTriesAreCounted(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.officer("lin")
		for _, name := range []string{"lin", "nobody"} { // alike
			for range MaxTries {
				w.must(w.Try(ctx, name))
			}
			w.wants(ErrLocked, w.Try(ctx, name))
			w.time = w.time.Add(LockedFor)
			w.wants(ErrLocked, w.another(nil).Try(ctx, name)) // and after a restart
			w.time = w.time.Add(time.Second)
			w.must(w.Try(ctx, name))
		}
		_, err := w.SignIn(ctx, "lin", 11, "")
		w.must(err)
		for range MaxTries { // a right one clears them
			w.must(w.Try(ctx, "lin"))
		}
		w.wants(ErrLocked, w.Try(ctx, "lin"))
	})
}

func TestNamesOfOfficers(t *testing.T) {
	for typed, want := range map[string]string{" Lin.Haiyan ": "lin.haiyan", "林海燕": "林海燕", "": "", "a\x00": "", "<b>": "", strings.Repeat("a", 31): "", "\xff": ""} {
		if got := OfficerName(typed); got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
}

func TestActsAreAChain(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := As(t.Context(), "lin")
		w.kiosk("SQ01")
		w.must(w.PutKiosk(ctx, Kiosk{ID: "SQ01", Name: "石桥站", Parent: "shiqiao", Cap: 5000}))
		w.must(w.PutKiosk(ctx, Kiosk{ID: "SQ01", Name: "石桥站", Parent: "shiqiao", Cap: 5000})) // says nothing new
		w.must(w.Revoke(ctx, "SQ01"))
		w.must(w.Revoke(ctx, "SQ01"))
		w.must(w.PutScope(ctx, Scope{ID: "liuhe", Parent: "center", Name: "柳河镇"}))
		acts, err := w.Acts(ctx, "SQ01", 0, 10)
		w.must(err)
		var kinds []string
		for _, a := range acts {
			kinds = append(kinds, a.Kind)
		}
		if got := strings.Join(kinds, " "); got != "kiosk.revoked kiosk.changed kiosk.approved kiosk.code" {
			t.Fatal(got)
		}
		if a := acts[1]; a.Who != "lin" || !strings.Contains(string(a.Body.Before), "1000000") || !strings.Contains(string(a.Body.After), "5000") {
			t.Errorf("%+v", a)
		}
		earlier, err := w.Acts(ctx, "SQ01", acts[1].Seq, 1)
		w.must(err)
		if len(earlier) != 1 || earlier[0].Kind != "kiosk.approved" {
			t.Errorf("%+v", earlier)
		}
		if r := w.proof(); r.Acts != 5 {
			t.Errorf("%d acts proved", r.Acts)
		}
		for _, change := range []string{`UPDATE act SET who = 'wang' WHERE place = 'SQ01' AND seq = 2`, `DELETE FROM act WHERE place = 'SQ01' AND seq = 1`} {
			_, err := w.db.Exec(change)
			w.must(err)
			r, err := w.Verify(ctx)
			w.must(err)
			if r.OK() {
				t.Errorf("%s: nothing is found", change)
			}
		}
	})
}
