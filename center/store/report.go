package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"yizhan/ledger"
)

const (
	insertReport  = `INSERT INTO report (scope, span, day, signed_by, signed_ms, body, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	selectReport  = `SELECT day, signed_by, signed_ms, body, hash FROM report WHERE scope = $1 AND span = $2 AND day = $3`
	selectReports = `SELECT day, signed_by, signed_ms, body, hash FROM report
		WHERE scope = $1 AND span = $2 AND day >= $3 AND day < $4 ORDER BY day DESC LIMIT $5`
	scatterSums = `SELECT kiosk, CAST(SUM(settled) AS BIGINT), CAST(SUM(spent) AS BIGINT), CAST(SUM(refunded) AS BIGINT), CAST(SUM(back) AS BIGINT) FROM kioskday
		WHERE day >= $1 AND day <= $2 GROUP BY kiosk LIMIT $3`
	// Hours that were entered afterwards stand with no town: they count for that of now.
	scatterHonourOf = `SELECT f.town, CAST(SUM(CASE WHEN h.counted < 0 THEN h.last_minute - h.first_minute ELSE h.counted END) AS BIGINT) FROM honour h JOIN finder f ON f.volunteer = h.volunteer AND h.heir = ''
		WHERE h.day >= $1 AND h.day <= $2 GROUP BY f.town LIMIT $3`
)

// SignedReport is a report that an officer has signed off: its figures as they were
// then, whatever comes later.
type SignedReport struct {
	Scope string
	Span  Span       // SpanWeek or SpanMonth
	Day   ledger.Day // the first of the stretch
	By    string
	At    time.Time
	Body  []byte // as the console wrote it
	Hash  []byte // SHA-256 of the body, which stands in the act too
}

// act is what the act of signing tells.
func (r SignedReport) act() map[string]string {
	return map[string]string{"span": string(r.Span), "day": r.Day.String(), "hash": bodyHash(r.Body)}
}

// HashText is the hash in hexadecimal digits.
func (r SignedReport) HashText() string { return hex.EncodeToString(r.Hash) }

// SignReport freezes a report of a stretch that is over. Signing the same again
// changes nothing; of two who sign, the second gets ErrState.
func (s *Store) SignReport(ctx context.Context, r SignedReport) error {
	first, last := r.Span.around(r.Day)
	if r.By == "" || r.Span != SpanWeek && r.Span != SpanMonth || first != r.Day || last >= s.today() || len(r.Body) == 0 || len(r.Body) > maxReportBytes {
		return fmt.Errorf("%w: signing a report of %s %v", ErrInput, r.Span, r.Day)
	}
	sum := sha256.Sum256(r.Body)
	return s.write(ctx, "signing a report", r.Scope, func(t *txn) error {
		var old SignedReport
		found, err := t.report(r.Span, r.Day, &old)
		switch {
		case err != nil:
			return err
		case found && old.By == r.By && bytes.Equal(old.Hash, sum[:]):
			return nil
		case found:
			return fmt.Errorf("%w: %s has signed it", ErrState, old.By)
		}
		if err := t.act(s.now(), r.By, "report.signed", nil, r.act()); err != nil {
			return err
		}
		return t.change(insertReport, string(r.Span), int64(r.Day), r.By, s.now(), r.Body, sum[:])
	})
}

func (t *txn) report(span Span, day ledger.Day, r *SignedReport) (found bool, err error) {
	err = t.each(selectReport, []any{string(span), int64(day)}, func(rows scanner) error {
		found = true
		*r, err = scanReport(rows, fmt.Sprint(t.shard), span)
		return err
	})
	return found, err
}

func scanReport(rows scanner, scope string, span Span) (SignedReport, error) {
	r := SignedReport{Scope: scope, Span: span}
	err := rows.Scan(&r.Day, &r.By, (*millis)(&r.At), &r.Body, &r.Hash)
	return r, err
}

// SignedReports returns the reports of a place that were signed off and are of a
// stretch from a day on and before another one, the latest first.
func (s *Store) SignedReports(ctx context.Context, scope string, span Span, from, before ledger.Day, limit int) (list []SignedReport, err error) {
	err = s.read(ctx, "reading reports", scope, func(t *txn) error {
		list = nil
		return t.each(selectReports, []any{string(span), int64(from), int64(before), int64(limit)}, func(rows scanner) error {
			r, err := scanReport(rows, scope, span)
			list = append(list, r)
			return err
		})
	})
	return list, err
}

// KioskSum is what the days of a kiosk between two come to.
type KioskSum struct {
	Settled, Refunded int64
	Spent, Back       ledger.Points
}

// KioskSums sums up a stretch that begins on a day, by kiosk.
func (s *Store) KioskSums(ctx context.Context, span Span, day ledger.Day) (sums map[string]KioskSum, err error) {
	first, last := span.around(day)
	args, start := []any{int64(first), int64(last), int64(maxStandKiosks)}, func() { sums = make(map[string]KioskSum) }
	add := func(rows scanner) error {
		var kiosk string
		var k KioskSum
		err := rows.Scan(&kiosk, &k.Settled, &k.Spent, &k.Refunded, &k.Back)
		sums[kiosk] = k
		return err
	}
	if span == SpanMonth {
		err = s.scatter(ctx, "adding up months", scatterMonthSums, args, start, add)
	} else {
		err = s.scatter(ctx, "adding up days", scatterSums, args, start, add)
	}
	return sums, err
}

// HonourMinutes sums up the hours that were entered afterwards for days between two,
// both included, by town.
func (s *Store) HonourMinutes(ctx context.Context, from, to ledger.Day) (minutes map[string]int64, err error) {
	err = s.scatter(ctx, "adding up hours", scatterHonourOf, []any{int64(from), int64(to), int64(maxTowns)}, func() { minutes = make(map[string]int64) }, func(rows scanner) error {
		var town string
		var n int64
		err := rows.Scan(&town, &n)
		minutes[town] = n
		return err
	})
	return minutes, err
}
