package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	insertCertificate  = `INSERT INTO certificate (volunteer, number, body, who, made_ms, revoked_ms, revoked_by, why) VALUES ($1, $2, $3, $4, $5, 0, '', '')`
	selectCertificate  = `SELECT number, body, who, made_ms, revoked_ms, revoked_by, why FROM certificate WHERE volunteer = $1 AND number = $2`
	selectCertificates = `SELECT number, body, who, made_ms, revoked_ms, revoked_by, why FROM certificate WHERE volunteer = $1 ORDER BY made_ms DESC, number LIMIT $2`
	countCertificates  = `SELECT COUNT(*) FROM certificate WHERE volunteer = $1`
	selectIssuedSince  = `SELECT number, body, who, made_ms, revoked_ms, revoked_by, why FROM certificate WHERE volunteer = $1 AND made_ms >= $2 ORDER BY made_ms DESC, number LIMIT $3`
	revokeCertificate  = `UPDATE certificate SET revoked_ms = $3, revoked_by = $4, why = $5 WHERE volunteer = $1 AND number = $2`
	scatterSerial      = `SELECT volunteer, number, body, who, made_ms, revoked_ms, revoked_by, why FROM certificate WHERE number = $1 ORDER BY volunteer LIMIT 1`
)

// Certificate says how somebody has served, as it was on the day on which it was
// issued. What it says is never changed; when it was wrong it is revoked.
type Certificate struct {
	Volunteer ledger.ID
	Serial    string
	Body      []byte // what it says, as who issued it wrote it
	Who       string
	Made      time.Time
	Revoked   time.Time // zero: it stands
	RevokedBy string
	Why       string
}

// act is what the act of issuing it tells.
func (c Certificate) act() map[string]any {
	return map[string]any{"serial": civic.SerialText(c.Serial), "hash": bodyHash(c.Body)}
}

// Stands tells whether it has not been revoked.
func (c Certificate) Stands() bool { return c.Revoked.IsZero() }

// IssueCertificate writes a certificate down, and leaves an act with the volunteer.
// The same again changes nothing; ErrFull: the volunteer has MaxCertificates.
func (s *Store) IssueCertificate(ctx context.Context, c Certificate) error {
	if err := c.check(); err != nil {
		return err
	}
	return s.write(ctx, "issuing a certificate", c.Volunteer.String(), func(t *txn) error {
		old, known, err := t.certificate(c.Serial)
		switch {
		case err != nil:
			return err
		case known && bytes.Equal(old.Body, c.Body):
			return nil
		case known:
			return fmt.Errorf("%w: serial %s", ErrKeyReused, c.Serial)
		}
		return t.issue(c, s.now(), MaxCertificates)
	})
}

// CertifyAtKiosk issues a certificate that a volunteer asks a kiosk for. When one that
// stands says the same and was issued at or after since, that one is answered, and
// again. ErrFull: the volunteer has enough that were issued since then, or so many in
// all that the rest is left for officers.
func (s *Store) CertifyAtKiosk(ctx context.Context, c Certificate, since time.Time) (issued Certificate, again bool, err error) {
	if err := c.check(); err != nil {
		return c, false, err
	}
	err = s.write(ctx, "issuing a certificate at a kiosk", c.Volunteer.String(), func(t *txn) error {
		issued, again = c, false
		var today []Certificate
		err := t.each(selectIssuedSince, []any{since.UnixMilli(), int64(MaxCertificates)}, func(rows scanner) error {
			old := Certificate{Volunteer: c.Volunteer}
			err := rows.Scan(old.columns()...)
			today = append(today, old)
			return err
		})
		if err != nil {
			return err
		}
		for _, old := range today {
			if old.Stands() && bytes.Equal(old.Body, c.Body) {
				issued, again = old, true
				return nil
			}
		}
		if len(today) >= maxCertificatesADay {
			return fmt.Errorf("%w: %d certificates of one day", ErrFull, len(today))
		}
		now := s.now()
		issued.Made = time.UnixMilli(now)
		return t.issue(c, now, MaxCertificates/2)
	})
	return issued, again, err
}

func (c Certificate) check() error {
	if serial, ok := civic.ParseSerial(c.Serial); !ok || serial != c.Serial || c.Who == "" || len(c.Body) == 0 || len(c.Body) > maxCertificateBytes {
		return fmt.Errorf("%w: a certificate has a serial and says something", ErrInput)
	}
	return nil
}

// issue writes a certificate down when the volunteer has fewer than most.
func (t *txn) issue(c Certificate, now, most int64) error {
	if _, found, err := t.person(); err != nil || !found {
		return orUnknown(err, c.Volunteer)
	}
	var n int64
	if _, err := t.one(countCertificates, nil, &n); err != nil {
		return err
	}
	if n >= most {
		return fmt.Errorf("%w: %d certificates", ErrFull, n)
	}
	if err := t.change(insertCertificate, c.Serial, c.Body, c.Who, now); err != nil {
		return err
	}
	return t.actIn(personTrace, now, c.Who, "certificate.issued", nil, c.act())
}

// RevokeCertificate takes a certificate back: whoever asks whether it is genuine is
// told so. The same again changes nothing.
func (s *Store) RevokeCertificate(ctx context.Context, volunteer ledger.ID, serial, who, why string) error {
	if who == "" || why == "" || !line(why, MaxAskedRunes) {
		return fmt.Errorf("%w: a certificate is revoked by somebody for a reason", ErrInput)
	}
	return s.write(ctx, "revoking a certificate", volunteer.String(), func(t *txn) error {
		c, known, err := t.certificate(serial)
		if err != nil || !known {
			return orUnknown(err, volunteer)
		}
		if !c.Stands() {
			return nil
		}
		if err := t.change(revokeCertificate, serial, s.now(), who, why); err != nil {
			return err
		}
		return t.actIn(personTrace, s.now(), who, "certificate.revoked", nil, map[string]any{"serial": civic.SerialText(serial), "reason": why})
	})
}

func (t *txn) certificate(serial string) (c Certificate, found bool, err error) {
	found, err = t.one(selectCertificate, []any{serial}, c.columns()...)
	if err == nil {
		c.Volunteer, err = ledger.ParseID(fmt.Sprint(t.shard))
	}
	return c, found, err
}

func (c *Certificate) columns() []any {
	return []any{&c.Serial, &c.Body, &c.Who, (*millis)(&c.Made), (*maybe)(&c.Revoked), &c.RevokedBy, &c.Why}
}

// CertificateOf returns one of a volunteer's certificates, or of a record that was merged
// into theirs, or ErrUnknown.
func (s *Store) CertificateOf(ctx context.Context, volunteer ledger.ID, serial string) (c Certificate, err error) {
	list, err := ofRecords(ctx, s, "reading a certificate", volunteer, func(t *txn, list *[]Certificate) error {
		c, found, err := t.certificate(serial)
		if found {
			*list = append(*list, c)
		}
		return err
	})
	if err != nil || len(list) == 0 {
		return c, orUnknown(err, volunteer)
	}
	return list[0], nil
}

// Certificates returns those of a volunteer, the latest first, and of records that were
// merged into theirs: what was issued stays genuine.
func (s *Store) Certificates(ctx context.Context, volunteer ledger.ID) ([]Certificate, error) {
	list, err := ofRecords(ctx, s, "reading certificates", volunteer, func(t *txn, list *[]Certificate) error {
		record, err := ledger.ParseID(fmt.Sprint(t.shard))
		if err != nil {
			return err
		}
		return t.each(selectCertificates, []any{int64(MaxCertificates)}, func(rows scanner) error {
			c := Certificate{Volunteer: record}
			err := rows.Scan(c.columns()...)
			*list = append(*list, c)
			return err
		})
	})
	slices.SortStableFunc(list, func(x, y Certificate) int { return y.Made.Compare(x.Made) })
	return list, err
}

// CertificateBy returns the certificate with a serial, or ErrUnknown.
func (s *Store) CertificateBy(ctx context.Context, serial string) (c Certificate, err error) {
	found := false
	err = s.scatter(ctx, "looking for a certificate", scatterSerial, []any{serial}, func() { found = false }, func(rows scanner) error {
		found = true
		return rows.Scan(append([]any{(*scanID)(&c.Volunteer)}, c.columns()...)...)
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: no certificate has that serial", ErrUnknown)
	}
	return c, err
}
