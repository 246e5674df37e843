package center

import (
	"errors"
	"net/http"

	"yizhan/center/store"
	"yizhan/civic"
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
	if err := c.comparing(a.Context()); err != nil {
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
}

func (c *console) me(a *ask) error {
	sessions, err := c.Store.Sessions(a.Context(), a.officer.Name)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "me", data: mePage{a.officer.Role, sessions, a.session.ID}})
}

// meEnd ends one of the officer's own sessions.
func (c *console) meEnd(a *ask) error {
	if err := c.Store.EndSession(a.Context(), a.typed("session"), a.officer.Name); err != nil {
		return err
	}
	a.redirect("/me?done=session")
	return nil
}
