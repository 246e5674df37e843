package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"yizhan/ledger"
)

const (
	insertOfficer = `INSERT INTO officer (officer, role, scope, password, secret, step, generation, disabled, link, link_secret, link_ends_ms, made_by, made_ms)
		VALUES ($1, $2, $3, '', $4, 0, 0, 0, $5, $4, 0, $6, $7)`
	selectOfficer   = `SELECT role, scope, password, secret, step, generation, disabled, link, link_secret, link_ends_ms, volunteer, made_by, made_ms FROM officer WHERE officer = $1`
	setOwn          = `UPDATE officer SET volunteer = $2 WHERE officer = $1`
	setLink         = `UPDATE officer SET link = $2, link_secret = $3, link_ends_ms = $4 WHERE officer = $1`
	setReady        = `UPDATE officer SET password = $2, secret = link_secret, step = $3, generation = generation + 1, link = '', link_ends_ms = 0 WHERE officer = $1 AND link = $4`
	setDisabled     = `UPDATE officer SET disabled = $2, password = '', generation = generation + 1, link = '' WHERE officer = $1`
	insertWelcome   = `INSERT INTO welcome (link, officer, made_ms) VALUES ($1, $2, $3) ON CONFLICT (link) DO NOTHING`
	selectWelcome   = `SELECT officer FROM welcome WHERE link = $1`
	scatterOfficers = `SELECT officer, role, scope, password, disabled FROM officer ORDER BY officer LIMIT $1`
)

// Role says what an officer of the center may do.
type Role string

// Roles of officers. What each may do the console says.
const (
	RoleOfficer    Role = "officer"    // manages
	RoleClerk      Role = "clerk"      // works with volunteers
	RoleLeader     Role = "leader"     // of a team or station: reads, and is a second person
	RoleAuditor    Role = "auditor"    // reads everything, changes nothing
	RoleTechnician Role = "technician" // boxes, and no volunteers
)

// Roles are all of them.
var Roles = []Role{RoleOfficer, RoleClerk, RoleLeader, RoleAuditor, RoleTechnician}

// Officer is somebody who signs in at the center.
type Officer struct {
	Name       string // to sign in with
	Role       Role
	Scope      string // node of the org tree that the role is bound to; "": all of it
	Password   string // verifier, see civic.HashPassword; "": the link was not used yet
	Secret     []byte // of one-time codes, as the caller sealed it
	Step       int64  // of the last one-time code that was used
	Disabled   bool
	Own        ledger.ID // the officer's own record as a volunteer; zero: none is known
	MadeBy     string
	Made       time.Time
	generation int64 // of the password: sessions of another one are over

	link       string
	linkSecret []byte
	linkEnds   time.Time
}

// Ready tells whether the officer has a password and may use it.
func (o Officer) Ready() bool { return o.Password != "" && !o.Disabled }

// OfficerName is the form of a name that officers are known by: without spaces at
// its ends, Latin letters small. It is "" for what cannot be a name.
func OfficerName(typed string) string {
	name := strings.ToLower(strings.TrimSpace(typed))
	if name == "" || utf8.RuneCountInString(name) > MaxOfficerRunes || !utf8.ValidString(name) {
		return ""
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".-_· ", r) {
			return ""
		}
	}
	return name
}

// SamePerson tells whether two names are one person's, however they are typed: in
// full-width letters, in capitals, or with spaces. Whoever confirms must not be
// another spelling of who proposed.
func SamePerson(x, y string) bool { return foldPerson(x) == foldPerson(y) }

func foldPerson(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(name))
}

// AddOfficer makes an officer who cannot sign in yet: see MakeLink. It answers
// ErrState when there is one of that name.
func (s *Store) AddOfficer(ctx context.Context, name string, role Role, scope, by string) error {
	if OfficerName(name) != name || name == "" || by == "" || !slices.Contains(Roles, role) {
		return fmt.Errorf("%w: officer %q as %q", ErrInput, name, role)
	}
	id, err := s.randomID()
	if err != nil {
		return err
	}
	return s.write(ctx, "adding an officer", name, func(t *txn) error {
		o, found, err := t.officer()
		if err != nil || found && o.link == id {
			return err // a run before this one was committed
		}
		if found {
			return fmt.Errorf("%w: there is an officer %s", ErrState, name)
		}
		if err := t.change(insertOfficer, string(role), scope, []byte{}, id, by, s.now()); err != nil {
			return err
		}
		return t.act(s.now(), by, "officer.added", nil, map[string]string{"role": string(role), "scope": scope})
	})
}

// MakeLink makes the one-time link by which an officer sets a password, within 48
// hours; a link made before is void. Secret is kept for the one-time codes, as it
// is, and comes into force with the password.
func (s *Store) MakeLink(ctx context.Context, name string, secret []byte, by string) (token string, ends time.Time, err error) {
	if token, err = s.token(); err != nil {
		return "", ends, err
	}
	now := s.cfg.Now()
	ends = now.Add(linkValid)
	id := tokenID(token)
	err = s.write(ctx, "noting a link", id, func(t *txn) error {
		return t.exec(insertWelcome, name, now.UnixMilli())
	})
	if err != nil {
		return "", ends, err
	}
	err = s.write(ctx, "making a link", name, func(t *txn) error {
		o, found, err := t.officer()
		switch {
		case err != nil || found && o.link == id:
			return err
		case !found || by == "":
			return fmt.Errorf("%w: officer %q", ErrUnknown, name)
		case o.Disabled:
			return fmt.Errorf("%w: %s may not sign in", ErrState, name)
		}
		if err := t.change(setLink, id, append([]byte{}, secret...), ends.UnixMilli()); err != nil {
			return err
		}
		return t.act(now.UnixMilli(), by, "officer.link", nil, nil)
	})
	return token, ends, err
}

// Link returns whose link it is and the secret that was kept with it, or ErrLink.
func (s *Store) Link(ctx context.Context, token string) (o Officer, secret []byte, err error) {
	var name string
	err = s.read(ctx, "reading a link", tokenID(token), func(t *txn) error {
		_, err := t.one(selectWelcome, nil, &name)
		return err
	})
	if err != nil {
		return o, nil, err
	}
	o, err = s.Officer(ctx, name)
	if err != nil || o.link != tokenID(token) || o.Disabled || !s.cfg.Now().Before(o.linkEnds) {
		return Officer{}, nil, ErrLink
	}
	return o, o.linkSecret, nil
}

// UseLink sets the officer's password, after the caller has checked a one-time code
// of the step given. It ends the link and all sessions of before.
func (s *Store) UseLink(ctx context.Context, token, password string, step int64) error {
	o, _, err := s.Link(ctx, token)
	if err != nil {
		return err
	}
	return s.write(ctx, "setting a password", o.Name, func(t *txn) error {
		now, _, err := t.officer()
		if err != nil || now.Password == password { // a run before this one was committed
			return err
		}
		n, err := t.changed(setReady, password, step, tokenID(token))
		if err == nil && n == 0 {
			err = ErrLink
		}
		if err != nil {
			return err
		}
		return t.act(s.now(), o.Name, "officer.password", nil, nil)
	})
}

// DisableOfficer ends all sessions of an officer, whose password is forgotten, and
// lets nobody sign in by that name; or it lets them again, with a new link.
func (s *Store) DisableOfficer(ctx context.Context, name string, disabled bool, by string) error {
	return s.write(ctx, "disabling an officer", name, func(t *txn) error {
		o, found, err := t.officer()
		if err != nil || found && o.Disabled == disabled {
			return err
		}
		if !found || by == "" {
			return fmt.Errorf("%w: officer %q", ErrUnknown, name)
		}
		flag, kind := int64(0), "officer.enabled"
		if disabled {
			flag, kind = 1, "officer.disabled"
		}
		if err := t.change(setDisabled, flag); err != nil {
			return err
		}
		return t.act(s.now(), by, kind, nil, nil)
	})
}

// Officer returns an officer by name, or ErrUnknown.
func (s *Store) Officer(ctx context.Context, name string) (o Officer, err error) {
	err = s.read(ctx, "reading an officer", name, func(t *txn) error {
		var found bool
		o, found, err = t.officer()
		if err == nil && !found {
			err = fmt.Errorf("%w: officer %q", ErrUnknown, name)
		}
		return err
	})
	return o, err
}

// Officers returns all officers, by name, without what they sign in with.
func (s *Store) Officers(ctx context.Context) (all []Officer, err error) {
	err = s.scatter(ctx, "reading the officers", scatterOfficers, []any{int64(maxOfficers)}, func() { all = nil }, func(rows scanner) error {
		var o Officer
		var disabled int64
		err := rows.Scan(&o.Name, &o.Role, &o.Scope, &o.Password, &disabled)
		if o.Password != "" {
			o.Password = "set"
		}
		o.Disabled = disabled != 0
		all = append(all, o)
		return err
	})
	return all, err
}

func (t *txn) officer() (o Officer, found bool, err error) {
	o.Name = fmt.Sprint(t.shard)
	var disabled, linkEnds, made int64
	var own string
	found, err = t.one(selectOfficer, nil, &o.Role, &o.Scope, &o.Password, &o.Secret, &o.Step, &o.generation, &disabled, &o.link, &o.linkSecret, &linkEnds, &own, &o.MadeBy, &made)
	o.Disabled, o.linkEnds, o.Made = disabled != 0, time.UnixMilli(linkEnds), time.UnixMilli(made)
	if err == nil && own != "" {
		if o.Own, err = ledger.ParseID(own); err != nil {
			return o, found, bug("officer %s is volunteer %q", o.Name, own)
		}
	}
	return o, found, err
}

// token makes a secret of 32 bytes that fits an address and a cookie.
func (s *Store) token() (string, error) {
	var b [32]byte
	if _, err := io.ReadFull(s.cfg.Random, b[:]); err != nil {
		return "", fmt.Errorf("reading randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

// tokenID is the hash that a token is known by; the token itself is not kept.
func tokenID(token string) string {
	sum := sha256.Sum256([]byte("yizhan token v1\n" + token))
	return hex.EncodeToString(sum[:])
}
