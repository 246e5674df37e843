package center

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// welcomePage is where an officer sets a password and scans the secret of the
// one-time codes.
type welcomePage struct {
	Name    string
	Address string // the secret as an app scans it
	Secret  string // and as a person types it, in groups
	Problem string // center.welcome.problem.WORD; "": none
}

// totpIssuer is what an authenticator app calls the center.
const totpIssuer = "Yizhan"

func (c *console) welcome(a *ask) error { return c.showWelcome(a, "") }

func (c *console) showWelcome(a *ask, problem string) error {
	o, sealed, err := c.Store.Link(a.Context(), a.PathValue("token"))
	if err != nil {
		return err
	}
	secret, ok := c.vault.open(o.Name, sealed)
	if !ok {
		return store.ErrLink
	}
	data := welcomePage{Name: o.Name, Address: totpAddress(secret, totpIssuer, o.Name), Problem: problem}
	for i, text := 0, totpText(secret); i < len(text); i += 4 {
		data.Secret += text[i:min(i+4, len(text))] + " "
	}
	p := page{word: "welcome", data: data}
	if problem != "" {
		p.code = http.StatusUnprocessableEntity
	}
	return c.show(a, p)
}

// welcomeNow sets the password once a one-time code has shown that the secret is in
// the officer's app.
func (c *console) welcomeNow(a *ask) error {
	token, password := a.PathValue("token"), a.PostFormValue("password")
	o, sealed, err := c.Store.Link(a.Context(), token)
	if err != nil {
		return err
	}
	secret, ok := c.vault.open(o.Name, sealed)
	if !ok {
		return store.ErrLink
	}
	step, fits := checkTOTP(secret, oneTimeCode(a.PostFormValue("code")), c.Now(), 0)
	switch {
	case password != a.PostFormValue("again"):
		return c.showWelcome(a, "again")
	case !fits:
		return c.showWelcome(a, "code")
	}
	if err := c.comparing(a); err != nil {
		return err
	}
	verifier, err := civic.HashPassword(password, o.Name, civic.PasswordCost, c.Random)
	<-c.passwords
	if errors.Is(err, civic.ErrPasswordForm) {
		return c.showWelcome(a, "form")
	}
	if err != nil {
		return err
	}
	if err := c.Store.UseLink(a.Context(), token, verifier, step); err != nil {
		return err
	}
	a.redirect("/signin?done=ready")
	return nil
}

// mePage is an officer's own sessions.
type mePage struct {
	Role     store.Role
	Sessions []store.Session
	This     string // the id of the one that shows the page
	Passkeys []passkeyRow
	Offered  bool   // passkeys can be used at this address
	Own      string // name of the officer's own record; "": none is known
	OwnID    ledger.ID
}

func (c *console) me(a *ask) error {
	sessions, err := c.Store.Sessions(a.Context(), a.officer.Name)
	if err != nil {
		return err
	}
	p := mePage{Role: a.officer.Role, Sessions: sessions, This: a.session.ID, OwnID: a.officer.Own}
	if p.Passkeys, err = c.passkeyRows(a); err != nil {
		return err
	}
	_, p.Offered = relyingOf(a)
	if !p.OwnID.IsZero() {
		r, err := c.Store.Record(a.Context(), p.OwnID)
		if err != nil && !gone(err) {
			return err
		}
		p.Own = r.Name
	}
	return c.show(a, page{word: "me", data: p})
}

// meEnd ends one of the officer's own sessions.
func (c *console) meEnd(a *ask) error {
	if err := c.Store.EndSession(a.Context(), a.typed("session"), a.officer.Name); err != nil {
		return err
	}
	a.redirect("/me?done=session")
	return nil
}

// ReadyOfficer adds an officer with a password, as if they had been at the welcome
// page already, and returns the secret of their one-time codes. It is for a demo,
// where nobody holds a phone; everybody else uses InviteOfficer.
func ReadyOfficer(ctx context.Context, s *store.Store, keys *Keys, random io.Reader, now time.Time, name, password string) (secret []byte, err error) {
	v, err := openVault(keys, vaultCodes)
	if err != nil {
		return nil, err
	}
	sealed, err := v.draw(name, random)
	if err != nil {
		return nil, err
	}
	if err := s.AddOfficer(ctx, name, store.RoleOfficer, "", name); err != nil {
		return nil, err
	}
	token, _, err := s.MakeLink(ctx, name, sealed, name)
	if err != nil {
		return nil, err
	}
	verifier, err := civic.HashPassword(password, name, civic.PasswordCost, random)
	if err != nil {
		return nil, err
	}
	secret, _ = v.open(name, sealed)
	return secret, s.UseLink(ctx, token, verifier, totpStep(now)-totpSteps-1)
}

// OneTimeCode is what an authenticator app shows at a moment (RFC 6238).
func OneTimeCode(secret []byte, at time.Time) string { return hotp(secret, totpStep(at), totpDigits) }
