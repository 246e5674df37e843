package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"yizhan/ledger"
)

const (
	toldReports      = `SELECT span, day, signed_by, body, hash FROM report WHERE scope = $1`
	toldPolicies     = `SELECT version, first_day, body, force_by FROM policy WHERE scope = $1 AND state = 'force'`
	toldSheets       = `SELECT n, from_day, to_day, pieces, points, fen, who, body FROM sheet WHERE scope = $1`
	toldHonours      = `SELECT day, first_minute, last_minute, what, who, second FROM honour WHERE volunteer = $1 AND origin = ''`
	toldCertificates = `SELECT number, body, who FROM certificate WHERE volunteer = $1`

	scatterReported  = `SELECT DISTINCT scope FROM report WHERE scope > $1 ORDER BY scope LIMIT $2`
	scatterRuled     = `SELECT DISTINCT scope FROM policy WHERE state = 'force' AND scope > $1 ORDER BY scope LIMIT $2`
	scatterSettled   = `SELECT DISTINCT scope FROM sheet WHERE scope > $1 ORDER BY scope LIMIT $2`
	scatterHonoured  = `SELECT DISTINCT volunteer FROM honour WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`
	scatterCertified = `SELECT DISTINCT volunteer FROM certificate WHERE volunteer > $1 ORDER BY volunteer LIMIT $2`
)

// toldRows are rows that are written with an act, in one transaction, and of which what the
// act tells never changes: so the chain of acts proves them too. A row that no act tells
// of was put there, or altered, by another hand; one that an act tells of and that is
// not there was taken away.
type toldRows struct {
	kind   string // of the act
	what   string // such a row is called
	shards string // the statement that says where there are some
	// rows hands on who is named in each row, and what an act of it says; nil: it cannot
	// be read.
	rows func(t *txn, row func(who string, after any)) error
}

var (
	toldOfPlaces = []toldRows{
		{"report.signed", "a signed report", scatterReported, (*txn).toldReports},
		{"policy.forced", "a version of the rules", scatterRuled, (*txn).toldPolicies},
		{"sheet.closed", "a settlement sheet", scatterSettled, (*txn).toldSheets},
	}
	toldOfPeople = []toldRows{
		{"person.honour", "hours entered afterwards", scatterHonoured, (*txn).toldHonours},
		{"certificate.issued", "a certificate", scatterCertified, (*txn).toldCertificates},
	}
)

// testimony is what acts of one shard tell of its rows, and how often.
type testimony map[string]int

// about is a row as its act tells of it, in one line.
func (x toldRows) about(who string, after []byte) string {
	return fmt.Sprintf("%s, by %s: %s", x.what, who, after)
}

// hear notes an act, if it tells of a row.
func (w testimony) hear(of []toldRows, a Act) {
	if i := slices.IndexFunc(of, func(x toldRows) bool { return x.kind == a.Kind }); i >= 0 {
		w[of[i].about(a.Who, a.Body.After)]++
	}
}

// compare holds what was heard against the rows that are there.
func (w testimony) compare(t *txn, of []toldRows, find func(format string, args ...any)) error {
	for _, x := range of {
		err := x.rows(t, func(who string, after any) {
			body := []byte("what cannot be read")
			if after != nil {
				body, _ = json.Marshal(after) // it could be written in the act
			}
			if line := x.about(who, body); w[line] > 0 {
				w[line]--
			} else {
				find("no act tells of %.400s", line)
			}
		})
		if err != nil {
			return err
		}
	}
	for _, line := range slices.Sorted(maps.Keys(w)) {
		if w[line] > 0 {
			find("an act tells of %.400s, and it is not there", line)
		}
	}
	return nil
}

// verifyUntold finds rows in shards that have no act at all; where there are some,
// the acts were compared when their chain was proved.
func (s *Store) verifyUntold(ctx context.Context, in trace, report *Report) error {
	for _, x := range in.told {
		err := s.eachShard(ctx, "reading what acts tell of", x.shards, func(shard string) error {
			return s.read(ctx, "looking for acts", shard, func(t *txn) error {
				var seq int64
				var hash []byte
				statement := in.last
				found, err := t.one(statement, nil, &seq, &hash)
				if err == nil && !found {
					report.find("acts of "+shard, "there are none, and here is %s", x.what)
				}
				return err
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachShard goes through the shards that a statement names, in their order, page by
// page: its $1 is where the page before ended, $2 how many a page has.
func (s *Store) eachShard(ctx context.Context, what, statement string, visit func(shard string) error) error {
	for after := ""; ; {
		var shards []string
		err := s.scatter(ctx, what, statement, []any{after, int64(sweepBatch)}, func() { shards = nil }, func(rows scanner) error {
			var shard string
			err := rows.Scan(&shard)
			shards = append(shards, shard)
			return err
		})
		if err != nil || len(shards) == 0 {
			return err
		}
		for _, shard := range shards {
			if err := visit(shard); err != nil {
				return err
			}
		}
		after = shards[len(shards)-1]
	}
}

// bodyHash is the SHA-256 of a body as acts have it.
func bodyHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func (t *txn) toldReports(row func(string, any)) error {
	return t.each(toldReports, nil, func(rows scanner) error {
		var r SignedReport
		if err := rows.Scan(&r.Span, &r.Day, &r.By, &r.Body, &r.Hash); err != nil {
			return err
		}
		if sum := sha256.Sum256(r.Body); !bytes.Equal(sum[:], r.Hash) {
			row(r.By, nil)
		} else {
			row(r.By, r.act())
		}
		return nil
	})
}

func (t *txn) toldPolicies(row func(string, any)) error {
	return t.each(toldPolicies, nil, func(rows scanner) error {
		var number, first int64
		var who string
		var body []byte
		if err := rows.Scan(&number, &first, &body, &who); err != nil {
			return err
		}
		a := policyAct{N: uint64(number), First: ledger.Day(first).String()}
		if json.Unmarshal(body, &a.PolicyText) != nil {
			row(who, nil)
		} else {
			row(who, a)
		}
		return nil
	})
}

func (t *txn) toldSheets(row func(string, any)) error {
	return t.each(toldSheets, nil, func(rows scanner) error {
		var s Sheet
		var who string
		var body []byte
		if err := rows.Scan(&s.N, &s.From, &s.To, &s.Pieces, &s.Points, &s.Fen, &who, &body); err != nil {
			return err
		}
		if json.Unmarshal(body, &s) != nil {
			row(who, nil)
		} else {
			row(who, s.closed(s.N, body))
		}
		return nil
	})
}

func (t *txn) toldHonours(row func(string, any)) error {
	return t.each(toldHonours, nil, func(rows scanner) error {
		var h Honour
		err := rows.Scan(&h.Day, &h.First, &h.Last, &h.What, &h.Who, &h.Second)
		row(h.Second, h.act())
		return err
	})
}

func (t *txn) toldCertificates(row func(string, any)) error {
	return t.each(toldCertificates, nil, func(rows scanner) error {
		var c Certificate
		err := rows.Scan(&c.Serial, &c.Body, &c.Who)
		row(c.Who, c.act())
		return err
	})
}
