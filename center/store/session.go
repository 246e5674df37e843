package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

const (
	selectAttempt = `SELECT tries, tried_ms FROM attempt WHERE attempt = $1`
	upsertAttempt = `INSERT INTO attempt (attempt, tries, tried_ms) VALUES ($1, $2, $3)
		ON CONFLICT (attempt) DO UPDATE SET tries = excluded.tries, tried_ms = excluded.tried_ms`
	dropAttempt     = `DELETE FROM attempt WHERE attempt = $1`
	forgetAttempt   = `DELETE FROM attempt WHERE attempt = $1 AND tried_ms < $2`
	scatterAttempts = `SELECT attempt FROM attempt WHERE tried_ms < $1 LIMIT $2`
	useStep         = `UPDATE officer SET step = $2 WHERE officer = $1 AND step < $2`
	insertSession   = `INSERT INTO session (session, officer, generation, browser, made_ms, seen_ms, locked) VALUES ($1, $2, $3, $4, $5, $5, 0) ON CONFLICT (session) DO NOTHING`
	selectSession   = `SELECT officer, generation, browser, made_ms, seen_ms, locked FROM session WHERE session = $1`
	setSessionSeen  = `UPDATE session SET seen_ms = $2 WHERE session = $1 AND seen_ms < $2`
	lockSession     = `UPDATE session SET locked = 1 WHERE session = $1 AND officer = $2`
	unlockSession   = `UPDATE session SET locked = 0, seen_ms = $3 WHERE session = $1 AND officer = $2`
	dropSession     = `DELETE FROM session WHERE session = $1 AND officer = $2`
	scatterSessions = `SELECT session, officer, generation, browser, made_ms, seen_ms, locked FROM session WHERE officer = $1 AND seen_ms > $2 ORDER BY seen_ms DESC, session LIMIT $3`
	forgetSession   = `DELETE FROM session WHERE session = $1 AND seen_ms < $2`
	scatterOver     = `SELECT session FROM session WHERE seen_ms < $1 LIMIT $2`
)

// Session is one browser in which an officer is signed in.
type Session struct {
	ID         string // the token's hash
	Officer    string
	Browser    string // what it calls itself
	Made, Seen time.Time
	Locked     bool // it shows nothing before the officer has proved who it is again
	locked     int64
	generation int64
}

// attemptID is what the tries under a name are counted by, whether there is an
// officer of that name or not.
func attemptID(name string) string {
	sum := sha256.Sum256([]byte("yizhan attempt v1\n" + name))
	return hex.EncodeToString(sum[:16])
}

// Try counts a try to sign in under a name, before anything is compared, and
// answers ErrLocked after MaxTries of them within LockedFor of each other. A try
// while it is locked counts nothing. It does the same work for a name that nobody
// has.
func (s *Store) Try(ctx context.Context, name string) error {
	return s.tryWithin(ctx, name, MaxTries, LockedFor)
}

// tryWithin answers ErrLocked after most tries within a time of each other.
func (s *Store) tryWithin(ctx context.Context, name string, most int64, within time.Duration) error {
	locked := false
	err := s.write(ctx, "counting a try", attemptID(name), func(t *txn) error {
		var tries, tried int64
		if _, err := t.one(selectAttempt, nil, &tries, &tried); err != nil {
			return err
		}
		now := s.now()
		if now-tried > within.Milliseconds() {
			tries = 0
		}
		locked = tries >= most
		if !locked {
			tries, tried = tries+1, now
		}
		return t.exec(upsertAttempt, tries, tried)
	})
	if err == nil && locked {
		err = ErrLocked
	}
	return err
}

// SignIn begins a session of an officer whose password and one-time code were
// right, and forgets the wrong tries of before. The step of the code is used up; it
// answers ErrStep when it was already, which is also what comes of it when the
// database committed and its answer was lost: then the next code is good.
func (s *Store) SignIn(ctx context.Context, name string, step int64, browser string) (token string, err error) {
	if token, err = s.token(); err != nil {
		return "", err
	}
	var o Officer
	err = s.write(ctx, "signing in", name, func(t *txn) error {
		n, err := t.changed(useStep, step)
		if err == nil && n == 0 {
			err = ErrStep
		}
		if err != nil {
			return err
		}
		if o, _, err = t.officer(); err != nil {
			return err
		}
		if !o.Ready() {
			return fmt.Errorf("%w: %s may not sign in", ErrState, name)
		}
		return t.act(s.now(), name, "officer.signed_in", nil, nil)
	})
	if err != nil {
		return "", err
	}
	if err := s.begin(ctx, token, o, browser); err != nil {
		return "", err
	}
	return token, s.forgetTries(ctx, name)
}

// begin writes a new session of an officer.
func (s *Store) begin(ctx context.Context, token string, o Officer, browser string) error {
	return s.write(ctx, "beginning a session", tokenID(token), func(t *txn) error {
		return t.exec(insertSession, o.Name, o.generation, browserName(browser), s.now())
	})
}

// Session returns who is signed in with a token, or ErrSession: when it ended, when
// nothing was done with it for SessionIdle, after half a day, or when the officer's
// password was set anew. Used says that somebody does something just now, and the
// page does not only load itself again. A session that nobody used for LockAfter is
// locked, and stays so until Unlock, whoever uses it. Of a session that is over it says
// whose it was, if its row is still there.
func (s *Store) Session(ctx context.Context, token string, used bool) (session Session, o Officer, err error) {
	id := tokenID(token)
	err = s.read(ctx, "reading a session", id, func(t *txn) error {
		session = Session{ID: id}
		found, err := t.one(selectSession, nil, session.columns()...)
		if err == nil && !found {
			err = ErrSession
		}
		return err
	})
	if err != nil {
		return session, o, err
	}
	now := s.cfg.Now()
	if now.Sub(session.Seen) > SessionIdle || now.Sub(session.Made) > sessionLong {
		return session, o, ErrSession
	}
	if o, err = s.Officer(ctx, session.Officer); err != nil {
		return session, o, err
	}
	if !o.Ready() || o.generation != session.generation {
		return session, o, ErrSession
	}
	session.lock(now, s.cfg.LockAfter)
	if used && !session.Locked && now.Sub(session.Seen) > seenEvery {
		err = s.write(ctx, "noting a session's use", id, func(t *txn) error {
			return t.exec(setSessionSeen, now.UnixMilli())
		})
	}
	return session, o, err
}

// Sessions returns the sessions of an officer that are not over, the one used last
// first.
func (s *Store) Sessions(ctx context.Context, officer string) (list []Session, err error) {
	o, err := s.Officer(ctx, officer)
	if err != nil {
		return nil, err
	}
	since := s.cfg.Now().Add(-SessionIdle).UnixMilli()
	err = s.scatter(ctx, "reading sessions", scatterSessions, []any{officer, since, int64(maxSessions)}, func() { list = nil }, func(rows scanner) error {
		var session Session
		err := rows.Scan(append([]any{&session.ID}, session.columns()...)...)
		if session.generation == o.generation {
			session.lock(s.cfg.Now(), s.cfg.LockAfter)
			list = append(list, session)
		}
		return err
	})
	return list, err
}

// lock tells whether the session is locked by now.
func (session *Session) lock(now time.Time, after time.Duration) {
	session.Locked = session.locked != 0 || now.Sub(session.Seen) > after
}

// Lock has a session show nothing until Unlock.
func (s *Store) Lock(ctx context.Context, id, officer string) error {
	return s.write(ctx, "locking a session", id, func(t *txn) error {
		return t.exec(lockSession, officer)
	})
}

// Unlock lets the officer go on, who has proved who it is, and forgets wrong tries.
func (s *Store) Unlock(ctx context.Context, id, officer string) error {
	if err := s.note(ctx, officer, officer, "officer.unlocked", nil); err != nil {
		return err
	}
	err := s.write(ctx, "unlocking a session", id, func(t *txn) error {
		return t.exec(unlockSession, officer, s.now())
	})
	if err != nil {
		return err
	}
	return s.forgetTries(ctx, officer)
}

func (s *Store) forgetTries(ctx context.Context, name string) error {
	return s.write(ctx, "forgetting tries", attemptID(name), func(t *txn) error {
		return t.exec(dropAttempt)
	})
}

// EndSession ends a session of the officer.
func (s *Store) EndSession(ctx context.Context, id, officer string) error {
	return s.write(ctx, "ending a session", id, func(t *txn) error {
		return t.exec(dropSession, officer)
	})
}

// columns are where a row of the table goes, but for its key.
func (session *Session) columns() []any {
	return []any{&session.Officer, &session.generation, &session.Browser, (*millis)(&session.Made), (*millis)(&session.Seen), &session.locked}
}

// millis scans Unix milliseconds.
type millis time.Time

// Scan takes an integer of the database.
func (m *millis) Scan(v any) error {
	ms, ok := v.(int64)
	if !ok {
		return fmt.Errorf("%T is no time", v)
	}
	*m = millis(time.UnixMilli(ms))
	return nil
}

// forgetSessions takes out sessions and tries that are over.
func (s *Store) forgetSessions(ctx context.Context) error {
	before := s.cfg.Now().Add(-sessionKept).UnixMilli()
	sessions, failed := s.list(ctx, "looking for sessions that are over", scatterOver, before)
	for _, id := range sessions {
		failed = errors.Join(failed, s.write(ctx, "forgetting a session", id, func(t *txn) error {
			return t.exec(forgetSession, before)
		}))
	}
	tries, err := s.list(ctx, "looking for old tries", scatterAttempts, before)
	for _, id := range tries {
		failed = errors.Join(failed, s.write(ctx, "forgetting tries", id, func(t *txn) error {
			return t.exec(forgetAttempt, before)
		}))
	}
	forms, err2 := s.list(ctx, "looking for old forms", scatterKept, s.cfg.Now().Add(-KeptFor).UnixMilli())
	for _, officer := range forms {
		failed = errors.Join(failed, s.write(ctx, "forgetting forms", officer, func(t *txn) error {
			return t.exec(forgetKept, s.cfg.Now().Add(-KeptFor).UnixMilli())
		}))
	}
	return errors.Join(err, err2, failed)
}
