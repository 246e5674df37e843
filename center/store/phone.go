package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yizhan/ledger"
)

const (
	insertPhone = `INSERT INTO phone (phone, volunteer, device, how, browser, secret, former, turned_ms, made_ms, seen_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8) ON CONFLICT (phone) DO NOTHING`
	selectPhone   = `SELECT phone, volunteer, device, how, browser, secret, former, turned_ms, made_ms, seen_ms FROM phone WHERE phone = $1`
	turnPhone     = `UPDATE phone SET secret = $2, former = $3, turned_ms = $4, seen_ms = $4 WHERE phone = $1`
	setPhoneSeen  = `UPDATE phone SET seen_ms = $2 WHERE phone = $1 AND seen_ms < $2`
	dropPhone     = `DELETE FROM phone WHERE phone = $1 AND volunteer = $2`
	forgetPhone   = `DELETE FROM phone WHERE phone = $1 AND seen_ms < $2`
	scatterPhones = `SELECT phone, volunteer, device, how, browser, secret, former, turned_ms, made_ms, seen_ms FROM phone
		WHERE volunteer = $1 AND seen_ms > $2 ORDER BY seen_ms DESC, phone LIMIT $3`
	scatterOldPhones = `SELECT phone FROM phone WHERE seen_ms < $1 LIMIT $2`

	insertTicket      = `INSERT INTO ticket (ticket, volunteer, draw, used_ms) VALUES ($1, $2, $3, $4) ON CONFLICT (ticket) DO NOTHING`
	selectTicket      = `SELECT draw FROM ticket WHERE ticket = $1`
	forgetTicket      = `DELETE FROM ticket WHERE ticket = $1 AND used_ms < $2`
	scatterOldTickets = `SELECT ticket FROM ticket WHERE used_ms < $1 LIMIT $2`
)

// Ways in which a phone was signed in.
const (
	PhoneByPIN    = "pin"
	PhoneByTicket = "ticket"
)

// Device names a phone's browser by the hash of a random number that it keeps. It
// says nothing of who uses it.
type Device [16]byte

// String writes the device in hexadecimal.
func (d Device) String() string { return hex.EncodeToString(d[:]) }

// Phone is a browser in which a volunteer is signed in.
type Phone struct {
	ID         string
	Volunteer  ledger.ID
	How        string // PhoneByPIN ...
	Browser    string // what it calls itself
	Made, Seen time.Time

	device         string
	secret, former []byte // hashes
	turned         time.Time
}

// A phone's token is its id and a secret, which is another one every PhoneTurn: a
// token that somebody copied is not good for long beside the phone's own, and whoever
// of the two comes with the older one gives the copy away.
const phoneIDDigits = 16

// secretHash is what the table has of a secret.
func secretHash(id, secret string) []byte {
	sum := sha256.Sum256([]byte("yizhan phone v1\n" + id + "\n" + secret))
	return sum[:]
}

// BeginPhone signs a volunteer in on a phone, and returns the token that it keeps.
// The phones that were used least go when there are more than MaxPhones.
func (s *Store) BeginPhone(ctx context.Context, volunteer ledger.ID, device Device, how, browser string) (token string, err error) {
	id, err := s.randomID()
	if err != nil {
		return "", err
	}
	secret, err := s.token()
	if err != nil {
		return "", err
	}
	list, err := s.Phones(ctx, volunteer)
	if err != nil {
		return "", err
	}
	for _, old := range list[min(len(list), MaxPhones-1):] {
		if err := s.EndPhone(ctx, old.ID, old.Volunteer); err != nil {
			return "", err
		}
	}
	err = s.write(ctx, "signing a phone in", id, func(t *txn) error {
		return t.exec(insertPhone, volunteer.String(), device.String(), how, browserName(browser), secretHash(id, secret), []byte{}, s.now())
	})
	return id + secret, err
}

// Phone returns who is signed in with a token on a device, or ErrSession. Now and then
// it returns a new token too, which the phone is to keep instead: until it comes with
// that, the former one is good as well, because an answer may be lost. A token older
// than that was copied: it ends the phone's session, leaves an act, and answers
// ErrCloned.
func (s *Store) Phone(ctx context.Context, token string, device Device) (p Phone, fresh string, err error) {
	id, secret, ok := cutPhoneToken(token)
	if !ok {
		return p, "", ErrSession
	}
	err = s.read(ctx, "reading a phone", id, func(t *txn) error {
		p, err = t.phone()
		return err
	})
	if err != nil {
		return p, "", err
	}
	now := s.cfg.Now()
	hash := secretHash(id, secret)
	current, former := same(hash, p.secret), same(hash, p.former)
	switch {
	case now.Sub(p.Seen) > PhoneIdle || p.device != device.String():
		return Phone{}, "", ErrSession
	case !current && !former:
		return Phone{}, "", s.endCopied(ctx, p)
	case current && now.Sub(p.turned) > PhoneTurn || former && now.Sub(p.turned) > phoneGrace:
		fresh, err = s.turnPhone(ctx, p, hash)
	case now.Sub(p.Seen) > phoneSeenEvery:
		err = s.write(ctx, "noting a phone's use", id, func(t *txn) error {
			return t.exec(setPhoneSeen, now.UnixMilli())
		})
	}
	return p, fresh, err
}

func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

func cutPhoneToken(token string) (id, secret string, ok bool) {
	if len(token) <= phoneIDDigits || len(token) > 2*phoneIDDigits+64 {
		return "", "", false
	}
	return token[:phoneIDDigits], token[phoneIDDigits:], true
}

// turnPhone gives a phone another secret; the one that it came with stays good until it
// comes with the new one. When two of its requests are on their way at once, the first
// turns it, and the second keeps what it has.
func (s *Store) turnPhone(ctx context.Context, p Phone, had []byte) (token string, err error) {
	secret, err := s.token()
	if err != nil {
		return "", err
	}
	hash := secretHash(p.ID, secret)
	turned := false
	err = s.write(ctx, "turning a phone's secret", p.ID, func(t *txn) error {
		now, err := t.phone()
		if err != nil {
			return err
		}
		if turned = same(now.secret, hash); turned { // the answer was lost
			return nil
		}
		if turned = now.turned.Equal(p.turned); !turned {
			return nil
		}
		return t.change(turnPhone, hash, had, s.now())
	})
	if err != nil || !turned {
		return "", err
	}
	return p.ID + secret, nil
}

// endCopied ends the session of a phone whose token was copied.
func (s *Store) endCopied(ctx context.Context, p Phone) error {
	if err := s.EndPhone(ctx, p.ID, p.Volunteer); err != nil {
		return err
	}
	if err := s.notePerson(ctx, p.Volunteer, "phone", "phone.copied", p.Browser); err != nil {
		return err
	}
	return fmt.Errorf("%w: a token of phone %s", ErrCloned, p.ID)
}

// notePerson leaves an act on a volunteer.
func (s *Store) notePerson(ctx context.Context, volunteer ledger.ID, who, kind string, after any) error {
	return s.write(ctx, "noting an act", volunteer.String(), func(t *txn) error { return t.actIn(personTrace, s.now(), who, kind, nil, after) })
}

// Phones returns the phones on which a volunteer is signed in, the one used last first;
// under records that were merged into the volunteer's as well.
func (s *Store) Phones(ctx context.Context, volunteer ledger.ID) (list []Phone, err error) {
	records, err := s.Records(ctx, volunteer)
	since := s.cfg.Now().Add(-PhoneIdle).UnixMilli()
	for _, record := range records {
		var some []Phone
		err = s.scatter(ctx, "reading phones", scatterPhones, []any{record.String(), since, int64(4 * MaxPhones)}, func() { some = nil }, func(rows scanner) error {
			p, err := scanPhone(rows)
			some = append(some, p)
			return err
		})
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	slices.SortStableFunc(list, func(x, y Phone) int { return y.Seen.Compare(x.Seen) })
	return list, err
}

// EndPhone signs a volunteer out on one phone; of another's it does nothing.
func (s *Store) EndPhone(ctx context.Context, id string, volunteer ledger.ID) error {
	return s.write(ctx, "signing a phone out", id, func(t *txn) error {
		return t.exec(dropPhone, volunteer.String())
	})
}

// EndPhones signs a volunteer out on all phones, and returns how many there were. An
// officer who does that leaves an act.
func (s *Store) EndPhones(ctx context.Context, volunteer ledger.ID) (n int, err error) {
	list, err := s.Phones(ctx, volunteer)
	if err != nil {
		return 0, err
	}
	for _, p := range list {
		if err := s.EndPhone(ctx, p.ID, p.Volunteer); err != nil {
			return n, err
		}
		n++
	}
	if who := actorIn(ctx); who != "" && n > 0 {
		err = s.notePerson(ctx, volunteer, who, "phone.ended", n)
	}
	return n, err
}

// UseTicket uses up the ticket of a phone's first sign-in, and answers ErrLink when it
// was used already.
func (s *Store) UseTicket(ctx context.Context, nonce ledger.Key, volunteer ledger.ID) error {
	draw, err := s.randomID()
	if err != nil {
		return err
	}
	return s.write(ctx, "using a ticket", hex.EncodeToString(nonce[:]), func(t *txn) error {
		if err := t.exec(insertTicket, volunteer.String(), draw, s.now()); err != nil {
			return err
		}
		stands := ""
		_, err := t.one(selectTicket, nil, &stands)
		if err == nil && stands != draw {
			err = ErrLink
		}
		return err
	})
}

// TryPhone counts a try to sign in on a phone before anything is compared, by whatever
// names the one who is meant, and answers ErrLocked after MaxTries in a row for
// LockedFor. After phoneDayTries it does so for a day: six digits are guessed some day.
func (s *Store) TryPhone(ctx context.Context, who string) error {
	if err := s.tryWithin(ctx, phoneTries+who, MaxTries, LockedFor); err != nil {
		return err
	}
	return s.tryWithin(ctx, phoneTries+who+phoneDay, phoneDayTries, phoneDayLocked)
}

// PassPhone forgets the tries of somebody who got in.
func (s *Store) PassPhone(ctx context.Context, who string) error {
	return errors.Join(s.forgetTries(ctx, phoneTries+who), s.forgetTries(ctx, phoneTries+who+phoneDay))
}

// Tries on phones are counted under names that no officer has.
const (
	phoneTries = "phone\n"
	phoneDay   = "\nday"
)

// forgetPhones takes out phones that nobody used for PhoneIdle, and tickets that are too old
// to come again.
func (s *Store) forgetPhones(ctx context.Context) error {
	now := s.cfg.Now()
	drop := func(what, scatter, statement string, before int64) error {
		ids, err := s.list(ctx, what, scatter, before)
		for _, id := range ids {
			err = errors.Join(err, s.write(ctx, what, id, func(t *txn) error {
				return t.exec(statement, before)
			}))
		}
		return err
	}
	return errors.Join(drop("forgetting phones", scatterOldPhones, forgetPhone, now.Add(-PhoneIdle).UnixMilli()),
		drop("forgetting tickets", scatterOldTickets, forgetTicket, now.Add(-ticketKept).UnixMilli()))
}

// phone reads the phone whose shard the transaction is in.
func (t *txn) phone() (p Phone, err error) {
	err = t.each(selectPhone, nil, func(rows scanner) error {
		p, err = scanPhone(rows)
		return err
	})
	if err == nil && p.ID == "" {
		err = ErrSession
	}
	return p, err
}

func scanPhone(rows scanner) (p Phone, err error) {
	var volunteer string
	err = rows.Scan(&p.ID, &volunteer, &p.device, &p.How, &p.Browser, &p.secret, &p.former, (*millis)(&p.turned), (*millis)(&p.Made), (*millis)(&p.Seen))
	if err != nil {
		return p, err
	}
	if p.Volunteer, err = ledger.ParseID(volunteer); err != nil {
		err = bug("a phone of %q", volunteer)
	}
	return p, err
}

// browserName is what a browser calls itself, cut to what is kept of it.
func browserName(text string) string {
	text = strings.ToValidUTF8(text, "")
	if len(text) > maxBrowser {
		text = strings.ToValidUTF8(text[:maxBrowser], "")
	}
	return text
}
