package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"yizhan/ledger"
)

const (
	insertSign = `INSERT INTO sign (scope, id, word, shift, volunteer, kiosk, state, made_ms, ended_ms, body) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, 0, $8)
		ON CONFLICT (scope, id) DO NOTHING`
	selectSign   = `SELECT scope, id, word, shift, volunteer, kiosk, state, made_ms, ended_ms, body FROM sign WHERE scope = $1 AND id = $2`
	settleSign   = `UPDATE sign SET state = 'settled', ended_ms = $3, body = $4 WHERE scope = $1 AND id = $2 AND state = 'open'`
	scatterSigns = `SELECT scope, id, word, shift, volunteer, kiosk, state, made_ms, ended_ms, body FROM sign
		WHERE state = $1 AND (made_ms, scope, id) < ($2, $3, $4) ORDER BY made_ms DESC, scope DESC, id DESC LIMIT $5`
	scatterSignsAt = `SELECT scope, id, word, shift, volunteer, kiosk, state, made_ms, ended_ms, body FROM sign WHERE shift = $1 ORDER BY state, made_ms, id LIMIT $2`
)

// Signs of abuse, or of an error. What has one is listed for review and refused nothing.
const (
	SignElsewhere = "elsewhere" // at two kiosks at the same time; Other is the other shift
	SignPhone     = "phone"     // one phone for many people; N is how many that day
	SignClock     = "clock"     // no clock proves the times
	SignLong      = "long"      // longer than the rules find usual; N is the minutes
	SignLate      = "late"      // a check came after somebody had decided
	SignOwn       = "own"       // somebody confirmed an attendance of their own, or of their household
	SignBatch     = "batch"     // cards closer together than the rules let a kiosk take them; N is how many
	SignHand      = "hand"      // most of a shift was checked in by hand; N is how many
	SignOutside   = "outside"   // a check outside of the time, or at a kiosk, of the shift
	SignShift     = "shift"     // an entry about a shift that nobody knows
	SignNobody    = "nobody"    // a roster was confirmed by nobody, or by somebody who may not
	SignDay       = "day"       // more than one may serve on a day without approval; N is the minutes above
	SignQuota     = "quota"     // the quota of back-entry was reached; N is the minutes that were asked for
	SignObjected  = "objected"  // hours stand on an objection alone
	SignApart     = "apart"     // with two cards at one shift, at times that lie apart: the longest counts; N is how many
	SignEntered   = "entered"   // some of the time was entered afterwards as well; N is the minutes, which count once
	SignMerged    = "merged"    // an attendance cannot be counted, because its record was merged or is gone
)

// Sign is what is strange about an attendance.
type Sign struct {
	Word  string    `json:"word"`
	Other ledger.ID `json:"other,omitzero"`
	N     int64     `json:"n,omitempty"`
}

// sign notes one of a kind and about one other; the first count stands, but for a
// greater one.
func (a *Attendance) sign(x Sign) {
	at := slices.IndexFunc(a.Signs, func(s Sign) bool { return s.Word == x.Word && s.Other == x.Other })
	switch {
	case at >= 0:
		a.Signs[at].N = max(a.Signs[at].N, x.N)
	case len(a.Signs) < maxSigns:
		a.Signs = append(slices.Clone(a.Signs), x)
	}
}

// Review is a line of the review list: a sign, where it was seen, and what somebody
// made of it.
type Review struct {
	Scope, ID string
	Sign
	Shift     ledger.ID // zero: of none
	Volunteer ledger.ID // zero: of nobody in particular
	Kiosk     string
	Settled   bool
	Made      time.Time
	Ended     time.Time
	Who, Note string
}

// reviewText is what nobody looks for.
type reviewText struct {
	Sign
	Who  string `json:"who,omitempty"`
	Note string `json:"note,omitempty"`
}

// Mark is where a list goes on behind the line.
func (r Review) Mark() AskedMark { return AskedMark{r.Made, r.Scope, r.ID} }

// signID makes the same sign seen twice one line.
func signID(r Review, more ...any) string {
	text := fmt.Sprint("yizhan sign 1\n", r.Word, "\n", idText(r.Shift), "\n", idText(r.Volunteer), "\n", idText(r.Other), "\n", r.Kiosk)
	sum := sha256.Sum256(fmt.Append([]byte(text), more...))
	return hex.EncodeToString(sum[:8])
}

// idText is an id, or "" for nobody's.
func idText(id ledger.ID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// takeSign lists the signs of an attendance.
func (t *txn) takeSign(p parcel) error {
	for _, sign := range p.attended.Signs {
		r := Review{Sign: sign, Shift: p.attended.Shift, Volunteer: p.attended.Volunteer}
		r.ID, r.Kiosk = signID(r), p.attended.Kiosk()
		if err := t.putSign(r, p.made); err != nil {
			return err
		}
	}
	return nil
}

// putSign lists a sign in the scope whose shard it is, once.
func (t *txn) putSign(r Review, now int64) error {
	body, err := json.Marshal(reviewText{Sign: r.Sign})
	if err != nil {
		return fmt.Errorf("writing a sign: %w", err)
	}
	return t.exec(insertSign, r.ID, r.Word, idText(r.Shift), idText(r.Volunteer), r.Kiosk, now, body)
}

// raise lists a sign that is on no attendance.
func (s *Store) raise(ctx context.Context, scope string, r Review, more ...any) error {
	r.ID = signID(r, more...)
	return s.write(ctx, "listing a sign", scope, func(t *txn) error { return t.putSign(r, s.now()) })
}

// Signs returns lines of the review list of everywhere behind a mark, the latest first;
// those of an officer's area are picked out by who reads.
func (s *Store) Signs(ctx context.Context, settled bool, behind AskedMark, limit int) ([]Review, error) {
	state := "open"
	if settled {
		state = "settled"
	}
	return s.reviews(ctx, scatterSigns, append([]any{state}, behind.before(min(limit, MaxSignsShown))...)...)
}

// SignsAt returns the lines about a shift, those that are open first.
func (s *Store) SignsAt(ctx context.Context, shift ledger.ID) ([]Review, error) {
	return s.reviews(ctx, scatterSignsAt, shift.String(), int64(MaxSignsShown))
}

func (s *Store) reviews(ctx context.Context, statement string, args ...any) (list []Review, err error) {
	err = s.scatter(ctx, "reading the review list", statement, args, func() { list = nil }, func(rows scanner) error {
		r, err := scanReview(rows)
		list = append(list, r)
		return err
	})
	return list, err
}

func scanReview(rows scanner) (r Review, err error) {
	var shift, volunteer, state, word string
	var ended int64
	var body []byte
	if err := rows.Scan(&r.Scope, &r.ID, &word, &shift, &volunteer, &r.Kiosk, &state, (*millis)(&r.Made), &ended, &body); err != nil {
		return r, err
	}
	var text reviewText
	if err := json.Unmarshal(body, &text); err != nil {
		return r, bug("a sign that cannot be read: %v", err)
	}
	for id, from := range map[*ledger.ID]string{&r.Shift: shift, &r.Volunteer: volunteer} {
		if from == "" {
			continue
		}
		if *id, err = ledger.ParseID(from); err != nil {
			return r, bug("a sign about %q", from)
		}
	}
	r.Sign, r.Who, r.Note, r.Settled = text.Sign, text.Who, text.Note, state == "settled"
	r.Word = word
	if ended > 0 {
		r.Ended = time.UnixMilli(ended)
	}
	return r, nil
}

// SettleSign notes what an officer made of a line, and leaves an act. It answers
// ErrUnknown, and ErrState when somebody was faster; the same again changes nothing.
func (s *Store) SettleSign(ctx context.Context, scope, id, who, note string) error {
	if who == "" || note == "" || !line(note, maxSignNote) {
		return fmt.Errorf("%w: a sign is settled by somebody, who says what it was", ErrInput)
	}
	return s.write(ctx, "settling a sign", scope, func(t *txn) error {
		r, err := t.review(id)
		switch {
		case err != nil:
			return err
		case r.Settled && r.Who == who && r.Note == note:
			return nil
		case r.Settled:
			return fmt.Errorf("%w: %s settled it", ErrState, r.Who)
		}
		body, err := json.Marshal(reviewText{r.Sign, who, note})
		if err != nil {
			return fmt.Errorf("writing a sign: %w", err)
		}
		after := map[string]any{"sign": r.Word, "shift": idText(r.Shift), "volunteer": idText(r.Volunteer), "note": note}
		if err := t.act(s.now(), who, "sign.settled", nil, after); err != nil {
			return err
		}
		return t.change(settleSign, id, s.now(), body)
	})
}

// review reads one line, or answers ErrUnknown.
func (t *txn) review(id string) (r Review, err error) {
	found := false
	err = t.each(selectSign, []any{id}, func(rows scanner) error {
		found = true
		r, err = scanReview(rows)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: sign %s of %v", ErrUnknown, id, t.shard)
	}
	return r, err
}
