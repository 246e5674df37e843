package center

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"yizhan/center/store"
)

// Passkeys are a second way to sign in and to unlock, beside password and one-time
// code. They belong to a name of the center, so a browser that came by an address
// is not offered any; and to a connection that browsers call secure.
//
// A challenge is kept nowhere: it carries its time and an HMAC, is good for
// challengeValid, and once, because a passkey notes the time of the last one that it
// signed (see [store.Store.UsePasskey]).

// Ceremonies, as browsers call them.
const (
	ceremonyCreate = "webauthn.create"
	ceremonyGet    = "webauthn.get"
)

// challengeBytes are its time, randomness, and the HMAC's first half.
const challengeBytes = 8 + 8 + 16

// relyingOf is who a passkey would be for; false: none can be used here.
func relyingOf(a *ask) (relying, bool) {
	host, _, err := net.SplitHostPort(a.Host)
	if err != nil {
		host = a.Host
	}
	host = strings.ToLower(host)
	scheme := "http"
	if a.secure() {
		scheme = "https"
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil || host == "" || scheme == "http" && host != "localhost" {
		return relying{}, false
	}
	return relying{ID: host, Origin: scheme + "://" + strings.ToLower(a.Host)}, true
}

// challengeKey is the key of challenges, which all processes of a center share.
func challengeKey(k *Keys) ([]byte, error) {
	return hkdf.Key(sha256.New, k.Signer.Seed(), nil, "yizhan passkey challenges v1", sha256.Size)
}

// challenge makes a challenge for a ceremony of somebody: of a session that is
// signed in, or of nobody who is known yet.
func (c *console) challenge(ceremony, session string, rp relying) ([]byte, error) {
	text := binary.BigEndian.AppendUint64(nil, uint64(c.Now().UnixMilli()))
	text = append(text, make([]byte, 8)...)
	if _, err := io.ReadFull(c.Random, text[8:16]); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return append(text, c.challengeMAC(text, ceremony, session, rp)...), nil
}

func (c *console) challengeMAC(text []byte, ceremony, session string, rp relying) []byte {
	mac := hmac.New(sha256.New, c.challenges)
	fmt.Fprintf(mac, "%q %q %q %x", ceremony, session, rp.Origin, text)
	return mac.Sum(nil)[:16]
}

// checkChallenge tells when the challenge was made, if it is one of ours and still
// good.
func (c *console) checkChallenge(text []byte, ceremony, session string, rp relying) (made time.Time, err error) {
	if len(text) != challengeBytes || !hmac.Equal(text[16:], c.challengeMAC(text[:16], ceremony, session, rp)) {
		return made, fmt.Errorf("%w: a challenge that is not ours", errPasskey)
	}
	made = time.UnixMilli(int64(binary.BigEndian.Uint64(text)))
	if age := c.Now().Sub(made); age > challengeValid || age < -challengeValid {
		return made, fmt.Errorf("%w: a challenge of %v", errPasskey, made)
	}
	return made, nil
}

// userHandle is what authenticators know an officer by: nothing that says who it is.
func (c *console) userHandle(officer string) []byte {
	mac := hmac.New(sha256.New, c.challenges)
	fmt.Fprintf(mac, "user %q", officer)
	return mac.Sum(nil)[:16]
}

// offer is what a page's script hands to the browser.
type offer struct {
	Challenge string   `json:"challenge"`
	RP        string   `json:"rp"`
	Center    string   `json:"center"`
	User      string   `json:"user,omitempty"`
	Name      string   `json:"name,omitempty"`
	Known     []string `json:"known"` // credentials that the officer has already
}

// offerPasskey makes a challenge: for a new passkey of who is signed in, or to sign
// in or unlock.
func (c *console) offerPasskey(a *ask) error {
	rp, ok := relyingOf(a)
	if !ok {
		return store.ErrUnknown
	}
	root, err := c.Store.Root(a.Context())
	if err != nil {
		return err
	}
	o := offer{RP: rp.ID, Center: root.Name, Known: []string{}}
	if o.Center == "" {
		o.Center = totpIssuer
	}
	ceremony, session := ceremonyGet, ""
	if a.URL.Query().Get("for") == "create" && a.officer.Name != "" {
		ceremony, session = ceremonyCreate, a.session.ID
		o.User, o.Name = base64.RawURLEncoding.EncodeToString(c.userHandle(a.officer.Name)), a.officer.Name
		list, err := c.Store.Passkeys(a.Context(), a.officer.Name)
		if err != nil {
			return err
		}
		for _, p := range list {
			o.Known = append(o.Known, base64.RawURLEncoding.EncodeToString(p.ID))
		}
	}
	text, err := c.challenge(ceremony, session, rp)
	if err != nil {
		return err
	}
	o.Challenge = base64.RawURLEncoding.EncodeToString(text)
	a.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(a.w).Encode(o)
}

// blob is a field of a form in base64, as scripts write it.
func blob(a *ask, name string) ([]byte, error) {
	text := a.PostFormValue(name)
	if len(text) > maxPasskeyField {
		return nil, fmt.Errorf("%w: %d bytes of %s", errPasskey, len(text), name)
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errPasskey, name, err)
	}
	return b, nil
}

// spoken is what an authenticator and its browser have said.
type spoken struct {
	rp        relying
	id        []byte
	data      []byte // the authenticator's
	client    []byte // the browser's
	challenge time.Time
}

// hear reads the form of a ceremony, and holds everything that needs no key.
func (c *console) hear(a *ask, ceremony, session string) (s spoken, auth authenticated, err error) {
	rp, ok := relyingOf(a)
	if !ok {
		return s, auth, fmt.Errorf("%w: no name, or not secure", errPasskey)
	}
	s.rp = rp
	var challenge []byte
	for name, field := range map[string]*[]byte{"id": &s.id, "data": &s.data, "client": &s.client, "challenge": &challenge} {
		if *field, err = blob(a, name); err != nil {
			return s, auth, err
		}
	}
	if s.challenge, err = c.checkChallenge(challenge, ceremony, session, rp); err != nil {
		return s, auth, err
	}
	if err = checkClient(s.client, ceremony, challenge, rp); err != nil {
		return s, auth, err
	}
	auth, err = readAuthenticator(s.data, rp)
	return s, auth, err
}

// passkeyNew registers a passkey of who is signed in.
func (c *console) passkeyNew(a *ask) error {
	s, auth, err := c.hear(a, ceremonyCreate, a.session.ID)
	if err == nil && (auth.Key == nil || string(auth.Credential) != string(s.id)) {
		err = fmt.Errorf("%w: no credential, or another one", errPasskey)
	}
	name := a.typed("name")
	if err == nil && name == "" {
		name = c.text(a, "center.passkey.unnamed")
	}
	if err == nil {
		name = string([]rune(name)[:min(len([]rune(name)), store.MaxNameRunes)])
		err = c.Store.AddPasskey(a.Context(), store.Passkey{ID: s.id, Officer: a.officer.Name, Name: name, RP: s.rp.ID, PublicKey: auth.Key, Counter: auth.Counter, Made: c.Now()})
	}
	switch {
	case errors.Is(err, store.ErrFull):
		a.redirect("/me?done=passkeys_full")
		return nil
	case errors.Is(err, store.ErrKeyReused):
		return errors.Join(errPasskey, err)
	case err != nil:
		return err
	}
	a.redirect("/me?done=passkey_added")
	return nil
}

// passkeyDrop takes a passkey away.
func (c *console) passkeyDrop(a *ask) error {
	if err := c.Store.DropPasskey(a.Context(), a.typed("passkey"), a.officer.Name); err != nil {
		return err
	}
	a.redirect("/me?done=passkey_removed")
	return nil
}

// passkeyIn signs in or unlocks. Nobody tries passkeys in a row, so no name is closed
// by wrong ones, and a name that others have closed is open to its passkey.
func (c *console) passkeyIn(a *ask) error {
	next := ownPath(a.PostFormValue("next"))
	if !c.tries.allow(a.RemoteAddr) {
		return fmt.Errorf("%w: too many tries from %s", store.ErrBusy, a.RemoteAddr)
	}
	err := c.letInByPasskey(a)
	if errors.Is(err, errPasskey) || errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrStep) || errors.Is(err, store.ErrCloned) || errors.Is(err, store.ErrState) {
		c.Log.Warn("console: a try to sign in by passkey failed", "from", a.RemoteAddr, "why", err)
		return c.passkeyWrong(a, next)
	}
	if err != nil {
		return err
	}
	a.redirect(next)
	return nil
}

// passkeyWrong shows the page again that the passkey did not open.
func (c *console) passkeyWrong(a *ask, next string) error {
	_, offered := relyingOf(a)
	p := page{word: "signin", data: signinPage{Next: next, PasskeyWrong: true, Passkeys: offered}, code: http.StatusUnauthorized}
	if a.locked.Name != "" {
		p.word, p.data = "unlock", unlockPage{Name: a.locked.Name, Next: next, PasskeyWrong: true, Passkeys: offered}
	}
	return c.show(a, p)
}

// letInByPasskey begins a session, or unlocks the one that is locked.
func (c *console) letInByPasskey(a *ask) error {
	s, auth, err := c.hear(a, ceremonyGet, "")
	if err != nil {
		return err
	}
	p, o, err := c.Store.Passkey(a.Context(), s.id)
	if err != nil {
		return err
	}
	signature, err := blob(a, "signature")
	if err != nil {
		return err
	}
	user, err := blob(a, "user")
	switch {
	case err != nil:
		return err
	case p.RP != s.rp.ID:
		return fmt.Errorf("%w: it is for %q", errPasskey, p.RP)
	case !hmac.Equal(user, c.userHandle(o.Name)):
		return fmt.Errorf("%w: it is of another user", errPasskey)
	case a.locked.Name != "" && a.locked.Name != o.Name:
		return fmt.Errorf("%w: it is %s's, and %s has locked", errPasskey, o.Name, a.locked.Name)
	}
	if err := checkSignature(p.PublicKey, s.data, s.client, signature); err != nil {
		return err
	}
	if err := c.Store.UsePasskey(a.Context(), p, auth.Counter, s.challenge); err != nil {
		return err
	}
	if a.locked.Name != "" {
		return c.Store.Unlock(a.Context(), a.session.ID, o.Name)
	}
	token, err := c.Store.SignInBy(a.Context(), p, a.UserAgent())
	if err == nil {
		c.setSession(a, token, 0)
	}
	return err
}

// passkeyRow is a passkey on the page of its officer.
type passkeyRow struct {
	store.Passkey
	Here bool // it can be used at the address of this page
}

// passkeyRows lists the officer's passkeys.
func (c *console) passkeyRows(a *ask) (rows []passkeyRow, err error) {
	rp, _ := relyingOf(a)
	list, err := c.Store.Passkeys(a.Context(), a.officer.Name)
	for _, p := range list {
		rows = append(rows, passkeyRow{p, p.RP == rp.ID})
	}
	return rows, err
}
