package center

import (
	"errors"
	"net/http"

	"yizhan/center/store"
	"yizhan/civic"
)

// A session that nobody used for a while is locked, see [store.Store.Session]: it
// shows nothing before the officer has given the password again. What was typed is
// kept meanwhile, see keep.go. The time is the center's; a page with a script asks
// now and then, so that it does not stay on the screen, and tells that somebody types.

// unlockPage asks an officer for the password.
type unlockPage struct {
	Name                   string
	Next                   string
	Wrong                  bool
	Passkeys, PasskeyWrong bool // as in signinPage
}

func (c *console) unlock(a *ask) error {
	next := ownPath(a.URL.Query().Get("next"))
	switch {
	case a.officer.Name != "": // it was unlocked in another window
		a.redirect(next)
		return nil
	case a.locked.Name == "":
		a.redirect(doorPath(false, next))
		return nil
	}
	_, offered := relyingOf(a)
	return c.show(a, page{word: "unlock", data: unlockPage{Name: a.locked.Name, Next: next, Passkeys: offered}})
}

// unlockNow compares the password. Tries are counted as those of signing in.
func (c *console) unlockNow(a *ask) error {
	next := ownPath(a.PostFormValue("next"))
	if a.locked.Name == "" {
		a.redirect(doorPath(false, next)) // which leads on whoever is in
		return nil
	}
	err := c.provesPassword(a, a.locked, a.PostFormValue("password"))
	if errors.Is(err, errWrong) {
		c.Log.Warn("console: a try to unlock failed", "from", a.RemoteAddr, "name", a.locked.Name, "why", err)
		_, offered := relyingOf(a)
		return c.show(a, page{word: "unlock", data: unlockPage{Name: a.locked.Name, Next: next, Wrong: true, Passkeys: offered}, code: http.StatusUnauthorized})
	}
	if err != nil {
		return err
	}
	if err := c.Store.Unlock(a.Context(), a.session.ID, a.locked.Name); err != nil {
		return err
	}
	a.redirect(next)
	return nil
}

// provesPassword answers errWrong unless it is the officer's password, and none of
// too many.
func (c *console) provesPassword(a *ask, o store.Officer, password string) error {
	if err := c.comparing(a); err != nil {
		return err
	}
	defer func() { <-c.passwords }()
	locked := c.Store.Try(a.Context(), o.Name)
	if locked != nil && !errors.Is(locked, store.ErrLocked) {
		return locked
	}
	if err := civic.CheckPassword(o.Password, password, civic.PasswordCost); err != nil || locked != nil {
		return errors.Join(errWrong, locked)
	}
	return nil
}

// lockNow locks this session, because its officer leaves the desk.
func (c *console) lockNow(a *ask) error {
	if err := c.Store.Lock(a.Context(), a.session.ID, a.officer.Name); err != nil {
		return err
	}
	a.redirect(doorPath(true, ownPath(a.PostFormValue("page"))))
	return nil
}

// alive tells a page's script whether it may stay on the screen. With poll it keeps
// nothing alive; without, somebody types.
func (c *console) alive(a *ask) error {
	if a.officer.Name == "" {
		http.Error(a.w, "nobody is signed in", http.StatusUnauthorized)
		return nil
	}
	a.w.WriteHeader(http.StatusNoContent)
	return nil
}
