package center

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
)

// signinPage is the form to sign in. Whatever was wrong, it says the same.
type signinPage struct {
	Name                   string // as typed
	Next                   string // where it leads
	Wrong                  bool
	Passkeys, PasskeyWrong bool // passkeys can be used here; one did not fit
}

// toSignIn leads to the form, or to the one that unlocks, and from there back to the
// page that was asked for, or to the form that was sent, as it was typed.
func (c *console) toSignIn(a *ask) {
	if a.URL.Query().Has(poll) {
		http.Error(a.w, "nobody is signed in", http.StatusUnauthorized)
		return
	}
	next := "/"
	switch a.Method {
	case http.MethodGet:
		next = a.URL.RequestURI()
	case http.MethodPost:
		next = c.keepSent(a)
	}
	a.redirect(doorPath(a.locked.Name != "", next))
}

// doorPath is the page that lets somebody in, and leads on from there.
func doorPath(locked bool, next string) string {
	path := "/signin"
	if locked {
		path = "/unlock"
	}
	if next != "/" {
		path += "?next=" + url.QueryEscape(next)
	}
	return path
}

func (c *console) signin(a *ask) error {
	if a.officer.Name != "" {
		a.redirect(ownPath(a.URL.Query().Get("next")))
		return nil
	}
	_, offered := relyingOf(a)
	return c.show(a, page{word: "signin", data: signinPage{Next: ownPath(a.URL.Query().Get("next")), Passkeys: offered}})
}

// signinNow checks name, password and one-time code. Each try is counted before
// anything is compared, all of it is compared whoever asks, and the answer says
// nothing of what was wrong.
func (c *console) signinNow(a *ask) error {
	typed, next := a.typed("name"), ownPath(a.PostFormValue("next"))
	token, err := c.letIn(a, store.OfficerName(typed), a.PostFormValue("password"), oneTimeCode(a.PostFormValue("code")))
	if errors.Is(err, errWrong) {
		c.Log.Warn("console: a try to sign in failed", "from", a.RemoteAddr, "name", typed, "why", err)
		_, offered := relyingOf(a)
		return c.show(a, page{word: "signin", data: signinPage{Name: typed, Next: next, Wrong: true, Passkeys: offered}, code: http.StatusUnauthorized})
	}
	if err != nil {
		return err
	}
	c.setSession(a, token, 0)
	a.redirect(next)
	return nil
}

// errWrong is all that somebody learns who did not get in.
var errWrong = errors.New("center: nobody signs in like that")

// letIn begins a session, or answers errWrong.
func (c *console) letIn(a *ask, name, password, code string) (token string, err error) {
	ctx := a.Context()
	if err := c.comparing(a); err != nil { // also bounds how fast names can be tried
		return "", err
	}
	defer func() { <-c.passwords }()
	locked := c.Store.Try(ctx, name)
	if locked != nil && !errors.Is(locked, store.ErrLocked) {
		return "", locked
	}
	o, err := c.Store.Officer(ctx, name)
	if err != nil && !errors.Is(err, store.ErrUnknown) {
		return "", err
	}
	passwordErr := civic.CheckPassword(o.Password, password, civic.PasswordCost)
	secret, sealed := c.vault.open(name, o.Secret)
	step, fits := checkTOTP(secret, code, c.Now(), o.Step)
	switch {
	case locked != nil:
		return "", errors.Join(errWrong, locked)
	case passwordErr != nil || !fits || !sealed || !o.Ready():
		return "", errWrong
	}
	token, err = c.Store.SignIn(ctx, name, step, a.UserAgent())
	if errors.Is(err, store.ErrStep) || errors.Is(err, store.ErrState) {
		err = errors.Join(errWrong, err)
	}
	return token, err
}

// comparing waits for a place to compare a password in, and answers ErrBusy when
// none comes free, or the address has tried too often. Whoever has it gives it back.
func (c *console) comparing(a *ask) error {
	if !c.tries.allow(a.RemoteAddr) {
		return fmt.Errorf("%w: too many tries from %s", store.ErrBusy, a.RemoteAddr)
	}
	wait := time.NewTimer(passwordWait)
	defer wait.Stop()
	select {
	case c.passwords <- struct{}{}:
		return nil
	case <-wait.C:
		return fmt.Errorf("%w: others are signing in", store.ErrBusy)
	case <-a.Context().Done():
		return a.Context().Err()
	}
}

// oneTimeCode drops what people type between the digits.
func oneTimeCode(typed string) string {
	digits := make([]byte, 0, totpDigits)
	for _, b := range []byte(typed) {
		if b >= '0' && b <= '9' && len(digits) < 2*totpDigits {
			digits = append(digits, b)
		}
	}
	return string(digits)
}

// setSession gives the browser a session's token; age -1 takes it away.
func (c *console) setSession(a *ask, token string, age int) {
	http.SetCookie(a.w, &http.Cookie{Name: sessionCookie, Value: token, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteStrictMode})
}

func (c *console) signout(a *ask) error {
	if a.session.ID != "" {
		if err := c.Store.EndSession(a.Context(), a.session.ID, a.known); err != nil {
			return err
		}
	}
	c.setSession(a, "", -1)
	a.redirect("/signin?done=signed_out")
	return nil
}
