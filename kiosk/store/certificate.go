package store

import (
	"context"
	"crypto/sha256"
	"fmt"

	"yizhan/ledger"
)

// Certificate is a certificate of service that is printed here.
type Certificate struct {
	ledger.Certificate
	Seq uint64 // the entry behind it
	Job Job    // its slip
}

// certificateKey makes one entry of one certificate, however often it is asked for.
func certificateKey(serial string) (key ledger.Key) {
	sum := sha256.Sum256([]byte("yizhan certificate 1 " + serial))
	copy(key[:], sum[:])
	return key
}

// PrintCertificate records that a certificate which the center has issued is printed,
// and makes the print job of it. One that was printed before is found again: fresh is
// false then.
func (s *Store) PrintCertificate(ctx context.Context, body ledger.Certificate) (c Certificate, fresh bool, err error) {
	var seq uint64
	body.Key = certificateKey(body.Serial)
	c, err = ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		first, again, err := t.again(body.Key, func(b ledger.Body) bool {
			e, ok := b.(ledger.Certificate)
			return ok && e.Volunteer == body.Volunteer && e.Serial == body.Serial
		})
		if seq, fresh = first, false; again || err != nil {
			return nil, err
		}
		if t.get(bVolunteer, body.Volunteer[:]) == nil {
			return nil, fmt.Errorf("%w: volunteer %v", ErrUnknown, body.Volunteer)
		}
		seq, fresh = t.state.Head.Seq+1, true
		return []ledger.Body{body}, nil
	}, func(t *tx) Certificate {
		c, _ := t.certificate(seq)
		return c
	})
	return c, fresh, err
}

// Certificate returns the certificate that an entry is about.
func (s *Store) Certificate(seq uint64) (c Certificate, err error) {
	found := false
	err = s.view(func(t *tx) { c, found = t.certificate(seq) })
	if err == nil && !found {
		err = fmt.Errorf("%w: certificate %d", ErrUnknown, seq)
	}
	return c, err
}

func (t *tx) certificate(seq uint64) (c Certificate, found bool) {
	_, e, _ := t.entry(seq)
	body, ok := e.Body.(ledger.Certificate)
	if !ok {
		return c, false
	}
	job, found := t.job(seq)
	return Certificate{body, seq, job}, found
}
