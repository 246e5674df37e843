package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"yizhan/ledger"
	"yizhan/printer/spool"
)

// Rows that follow from entries are lists of varints, because every redemption
// rewrites several of them; documents are JSON. A row that does not decode was
// sealed by a program with another idea of the layout, which the schema should
// have told.

var errRow = errors.New("a row is not laid out as this program writes it")

// packInts appends integers to dst.
func packInts(dst []byte, ints ...int64) []byte {
	for _, n := range ints {
		dst = binary.AppendVarint(dst, n)
	}
	return dst
}

// unpackInts fills ints from the front of b and returns what follows.
func unpackInts(b []byte, ints ...*int64) ([]byte, error) {
	for _, p := range ints {
		v, n := binary.Varint(b)
		if n <= 0 {
			return nil, errRow
		}
		*p, b = v, b[n:]
	}
	return b, nil
}

// unpack decodes a whole row of integers at key.
func (t *tx) unpack(b bucket, key []byte, ints ...*int64) (found bool) {
	raw := t.get(b, key)
	if raw == nil {
		return false
	}
	if rest, err := unpackInts(raw, ints...); err != nil || len(rest) > 0 {
		t.fail(fmt.Errorf("%w: %v %x", errRow, b, key))
	}
	return true
}

// account returns a person's rights; none when there is no row.
func (t *tx) account(id ledger.ID) ledger.Account {
	a, err := decodeAccount(t.get(bRight, id[:]))
	if err != nil {
		t.fail(err)
	}
	return a
}

func decodeAccount(raw []byte) (ledger.Account, error) {
	var a ledger.Account
	for len(raw) > 0 {
		var v [6]int64
		var err error
		if raw, err = unpackInts(raw, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]); err != nil {
			return a, fmt.Errorf("%w: an account", err)
		}
		a.Rights = append(a.Rights, ledger.Right{Expires: ledger.Day(v[0]), Granted: ledger.Points(v[1]), Spent: ledger.Points(v[2]),
			Refunded: ledger.Points(v[3]), Returned: ledger.Points(v[4]), Held: ledger.Points(v[5])})
	}
	return a, nil
}

func (t *tx) putAccount(id ledger.ID, a ledger.Account) {
	var raw []byte
	for _, r := range a.Rights {
		raw = packInts(raw, int64(r.Expires), int64(r.Granted), int64(r.Spent), int64(r.Refunded), int64(r.Returned), int64(r.Held))
	}
	t.put(bRight, id[:], raw)
}

// shelf returns the counters of a good; zero when there is no row.
func (t *tx) shelf(good string) (s ledger.Shelf) {
	t.unpack(bShelf, []byte(good), &s.Delivered, &s.Moved, &s.Sold, &s.Restocked, &s.Held)
	return s
}

func (t *tx) putShelf(good string, s ledger.Shelf) {
	t.put(bShelf, []byte(good), packInts(nil, s.Delivered, s.Moved, s.Sold, s.Restocked, s.Held))
}

// redemptionRow is where a redemption stands; what it is stands in its entry.
type redemptionRow struct {
	state   ledger.State
	settled uint64 // the entry of the hand-over; 0: none
	ended   uint64 // the entry that cancelled or refunded it; 0: none
}

func (t *tx) redemptionRow(seq uint64) (r redemptionRow, found bool) {
	var state, settled, ended int64
	found = t.unpack(bRedemption, seqKey(seq), &state, &settled, &ended)
	return redemptionRow{ledger.State(state), uint64(settled), uint64(ended)}, found
}

func (t *tx) putRedemption(seq uint64, r redemptionRow) {
	t.put(bRedemption, seqKey(seq), packInts(nil, int64(r.state), int64(r.settled), int64(r.ended)))
}

// entry returns a stored entry.
func (t *tx) entry(seq uint64) (raw []byte, e ledger.Entry, found bool) {
	if raw = t.get(bEntry, seqKey(seq)); raw == nil {
		return nil, e, false
	}
	e, err := ledger.DecodeEntry(raw)
	if err != nil {
		t.fail(err)
	}
	return raw, e, true
}

// redemption returns a redemption as the ledger knows it, with the entry that
// reserved it.
func (t *tx) redemption(seq uint64) (r ledger.Redemption, where redemptionRow, e ledger.Entry, found bool) {
	if where, found = t.redemptionRow(seq); !found {
		return r, where, e, false
	}
	_, e, _ = t.entry(seq)
	body, ok := e.Body.(ledger.Reserve)
	if !ok {
		t.fail(fmt.Errorf("%w: redemption %d has no entry", ErrDamaged, seq))
		return r, where, e, false
	}
	return ledger.Redemption{Reserve: body, Seq: seq, State: where.state}, where, e, true
}

// pinRow is a person's PIN as far as entries know it.
type pinRow struct {
	tries    int64
	verifier string // set at the kiosk; "": the document's counts
}

func (t *tx) pin(person ledger.ID) (p pinRow) {
	raw := t.get(bPIN, person[:])
	if raw == nil {
		return p
	}
	rest, err := unpackInts(raw, &p.tries)
	if err != nil {
		t.fail(fmt.Errorf("%w: a PIN", err))
	}
	p.verifier = string(rest)
	return p
}

func (t *tx) putPIN(person ledger.ID, p pinRow) {
	t.put(bPIN, person[:], append(packInts(nil, p.tries), p.verifier...))
}

func (t *tx) job(seq uint64) (j Job, found bool) {
	raw := t.get(bJob, seqKey(seq))
	if raw == nil {
		return j, false
	}
	var kind, state, last int64
	rest, err := unpackInts(raw, &kind, &state, &j.Copy, &last)
	if err != nil || j.Copy < 0 || int64(len(rest)) < j.Copy {
		t.fail(fmt.Errorf("%w: a print job", errRow))
		return Job{}, false
	}
	j.Seq, j.Kind, j.State, j.Last = seq, JobKind(kind), spool.State(state), spool.Step(last)
	for _, state := range rest[:j.Copy] {
		j.Past = append(j.Past, spool.State(state))
	}
	j.Note = string(rest[j.Copy:])
	return j, true
}

// putJob writes a job and keeps the list of those that are not done.
func (t *tx) putJob(j Job) {
	row := packInts(nil, int64(j.Kind), int64(j.State), j.Copy, int64(j.Last))
	for _, state := range j.Past {
		row = append(row, byte(state))
	}
	t.put(bJob, seqKey(j.Seq), append(row, j.Note...))
	if j.State.Final() {
		t.del(bOpenJob, seqKey(j.Seq))
	} else {
		t.put(bOpenJob, seqKey(j.Seq), nil)
	}
}

// document decodes the document at key into v.
func (t *tx) document(b bucket, key []byte, v any) (found bool) {
	raw := t.get(b, key)
	if raw == nil {
		return false
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.fail(fmt.Errorf("reading a document in %v: %w", b, err))
	}
	return true
}

// historyKey is where an entry stands in a person's history.
func historyKey(id ledger.ID, seq uint64) []byte { return append(id[:], seqKey(seq)...) }

// claimKey is where a waiting redemption is found by its collection code.
func claimKey(claim uint16, seq uint64) []byte {
	return append(binary.BigEndian.AppendUint16(nil, claim), seqKey(seq)...)
}
