package store

import (
	"strings"
	"testing"

	"yizhan/ledger"
)

// Each of these is what a disk, a bug or another hand could do to the book; the
// proof names where.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, damage, where, what string }{
		{"free points from nothing", `UPDATE lot SET free = free + 1`, "volunteer", "earned, but"},
		{"earned more", `UPDATE lot SET earned = earned + 1, free = free + 1`, "volunteer", "the earnings add up"},
		{"a lot gone", `DELETE FROM lot`, "volunteer", "is not there"},
		{"a person gone", `DELETE FROM person`, "volunteer", "not registered"},
		{"negative", `UPDATE lot SET free = 0, expired = expired + free, earned = -1`, "volunteer", "-1 earned"},
		{"granted more", `UPDATE rights SET granted = granted + 1`, "volunteer", "earned, but"},
		{"spent less", `UPDATE rights SET spent = spent - 1`, "SQ-01 epoch 1", "a fresh fold comes to"},
		{"overspent", `UPDATE rights SET held = granted`, "volunteer", "negative"},
		{"lost too much", `UPDATE rights SET lost = granted + 1`, "volunteer", "lost of"},
		{"an entry gone", `DELETE FROM entry WHERE seq = 2`, "SQ-01 epoch 1", "does not follow"},
		{"the last entry gone", `DELETE FROM entry WHERE seq = 4`, "SQ-01 epoch 1", "the entries end at 3"},
		{"another entry", `UPDATE entry SET raw = (SELECT raw FROM entry WHERE seq = 1) WHERE seq = 3`, "SQ-01 epoch 1", "does not follow"},
		{"another hash", `UPDATE entry SET hash = (SELECT hash FROM entry WHERE seq = 1) WHERE seq = 3`, "SQ-01 epoch 1", "another hash"},
		{"another volunteer", `UPDATE entry SET volunteer = 'x' WHERE seq = 3`, "SQ-01 epoch 1", "other points"},
		{"a fold too far", `UPDATE chain SET folded = 9`, "SQ-01 epoch 1", "folded up to 9"},
		{"a fold that was not", `UPDATE folded SET seq = 2`, "SQ-01 epoch 1", "is not folded"},
		{"another signature", `UPDATE chain SET signature = hash`, "SQ-01 epoch 1", "signature"},
		{"another head", `UPDATE chain SET seq = 5`, "SQ-01 epoch 1", "the head says 5"},
		{"other sums", `UPDATE chain SET spent = spent + 1`, "SQ-01 epoch 1", "by the entries"},
		{"documents that grant more", `UPDATE chain SET granted = granted + 1`, "SQ-01 epoch 1", "by the documents"},
		{"another state", `UPDATE redemption SET state = 3`, "SQ-01 epoch 1", "redemption 1"},
		{"a redemption gone", `DELETE FROM redemption`, "SQ-01 epoch 1", "redemption 1 is missing"},
		{"more taken back", `UPDATE reversal SET taken = taken + 1 WHERE taken > 0`, "volunteer", "booked"},
		{"less taken back", `UPDATE earning SET points = points + 1 WHERE points < 0`, "volunteer", "booked"},
		{"taken back by nobody", `DELETE FROM reversal WHERE taken > 0`, "volunteer", "no reversal does"},
		{"a reversal for nothing", `UPDATE reversal SET state = 'wanted', ended_ms = 0 WHERE taken = asked`, "volunteer", "wants 0"},
		{"free though wanted", `UPDATE lot SET free = 1 WHERE expires = 2930`, "volunteer", "has 1 free"},
		{"a reversal ended early", `UPDATE reversal SET state = 'done'`, "volunteer", `is "done"`},
		{"another shelf", `UPDATE shelf SET sold = sold + 1`, "SQ-01 epoch 1", "the shelf of rice"},
		{"a shelf gone", `DELETE FROM shelf`, "SQ-01 epoch 1", "the shelf of rice is missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, t.TempDir()+"/book.db")
			b := w.kiosk("SQ-01")
			v := w.person(1, "SQ-01")
			w.earn(v, lotA, 50)
			w.earn(v, lotB, 9)
			u := w.person(2, "")
			w.earn(u, lotC, 9)
			w.reverse(v, 1, lotB, 4, 0, ReversalWanted)
			w.reverse(u, 1, lotC, 4, 4, ReversalDone)
			b.down()
			b.settle(b.reserve(v, 10))
			b.giveBack(v, 5)
			b.settle(b.reserve(v, 7))
			b.entries = b.entries[:4] // the last hand-over is still to come
			b.head.Seq, b.head.Hash = 4, ledger.HashOf(b.entries[3])
			b.up()
			w.proof()
			if _, err := w.db.Exec(c.damage); err != nil {
				t.Fatal(err)
			}
			r, err := w.Verify(t.Context())
			w.must(err)
			for _, f := range r.Findings {
				if strings.HasPrefix(f.Where, c.where) && strings.Contains(f.What, c.what) {
					return
				}
			}
			t.Errorf("found only %+v", r.Findings)
		})
	}
}

// proofs says of each table how the book is proved where another hand changes it. What
// has nothing in it that points, hours or reports hang on is not proved, and says why.
var proofs = map[string]string{
	"lot": "the earnings", "earning": "what it says itself, and its lot", "rights": "a fresh fold", "folded": "a fresh fold", "person": "the lots", "reversal": "the earnings",
	"entry": "its chain", "chain": "its signature", "redemption": "a fresh fold", "shelf": "a fresh fold", "kioskday": "the entries", "kioskmonth": "its days", "townday": "the earnings",
	"attendance": "the entries and the rules", "act": "its chain", "personact": "its chain", "report": "its act", "policy": "its act", "sheet": "its act", "honour": "its act", "certificate": "its act",
	"merged": "the earnings that were passed on", "absorbed": "the earnings that were passed on",

	"missing": "no: a book from an old copy says what it lacks until its kiosks have told", "listed": "no: what lists said, read again with the next one", "formerhome": "no: asks for points again, which moves none twice",
	"outbox": "no: messages on their way, each done once", "recall": "no: questions between processes", "seat": "no: which process a kiosk talks to", "era": "no: bounded by what kiosks say", "identity": "no: the center does not start with other keys",
	"migration": "no: the program does not start with another one", "kiosk": "no: caps and names, each change an act", "suspect": "no: reports of forks for a person", "allowance": "no: what a stick carries, granted once",
	"writeoff": "no: two names beside what is booked as lost", "enrolment": "no: codes for a day", "scope": "no: the tree, each change an act", "document": "no: each kiosk holds its own copy", "merchant": "no: each change an act",
	"card": "no: which card opens which account, written anew from the volunteer", "personkey": "no: an index of volunteers", "finder": "no: an index of volunteers", "delivery": "no: what is received is an entry", "batch": "no: dates for a list",
	"price": "no: each change an act", "officer": "no: each change an act", "welcome": "no: links for a day", "session": "no: who is signed in", "attempt": "no: wrong passwords", "passkey": "no: each change an act", "kept": "no: half-typed forms",
	"job": "no: long work under way", "jobpart": "no: files for seven days", "imported": "no: what an import can undo", "residents": "no: each change an act", "placecard": "no: each change an act", "activity": "no: each change an act",
	"shift": "no: follows from the activity", "enlisted": "no: claims, heard again from kiosks", "enlistheard": "no: claims, heard again from kiosks", "star": "no: looked for each night", "objection": "no: each answer an act", "sign": "no: a list for a person",
	"wish": "no: only the kiosk's entry holds goods", "asked": "no: each step an act", "pin": "no: wrong PINs", "phone": "no: who is signed in", "ticket": "no: slips for half an hour",
}

// A new table says how it is proved, or why it is not.
func TestEveryTableSaysHowItIsProved(t *testing.T) {
	for table := range shardKeys {
		if proofs[table] == "" {
			t.Errorf("%s: how is it proved?", table)
		}
	}
}

// recorded is a book with one of everything that acts tell of, and a month of days.
func recorded(t *testing.T) *world {
	w := newWorld(t, t.TempDir()+"/book.db")
	ctx := As(t.Context(), "lin")
	w.leader()
	b := w.kiosk("SQ-01")
	v, u := w.person(1, "SQ-01"), w.person(2, "")
	w.earn(v, lotA, 50)
	s := w.plan(1, "SQ-01")
	b.down()
	b.settle(b.reserve(v, 10))
	b.checks(s, 1, false, card(v))
	b.checks(s, 91, true, card(v))
	b.roster(s, 121, ledger.VerdictThere, 0, v)
	b.up()
	for range 2 {
		if _, err := w.TellTowns(ctx); err != nil {
			t.Fatal(err)
		}
	}
	week := (WeekOf(w.today()) - 1).Monday()
	w.must(w.SignReport(ctx, SignedReport{Scope: "qingxi", Span: SpanWeek, Day: week, By: "lin", Body: []byte(`{"figures":1}`)}))
	w.must(w.PutHonour(ctx, Honour{Volunteer: u, ID: "h1", Day: w.today() - 3, First: 480, Last: 600, What: "护河", Who: "lin", Second: "chen"}, 480))
	w.must(w.IssueCertificate(ctx, Certificate{Volunteer: u, Serial: "7F2K9Q3M0000WXYZ", Body: []byte(`{"n":1}`), Who: "lin"}))
	draft, err := w.DraftPolicy(ctx, "qingxi", PolicyText{Policy: perHour(7)})
	w.must(err)
	w.must(w.ForcePolicy(ctx, draft.Rule(), draft.Edits, w.today()+1))
	_, err = w.PutSheet(ctx, Sheet{SheetHead: SheetHead{Scope: "qingxi", Merchant: oilShop, From: w.today() - 9, To: w.today() - 2}, Request: "r1", Name: "粮油店"}, 0)
	w.must(err)
	w.proof()
	return w
}

// Whatever hand changes the book, in whatever table that is proved: the proof says so.
func TestVerifyFindsWhatActsAndRulesDoNotTell(t *testing.T) {
	whole := recorded(t)
	for _, c := range []struct{ damage, what string }{
		{`UPDATE report SET body = 'x'`, "no act tells of a signed report"},
		{`UPDATE report SET signed_by = 'chen'`, "no act tells of a signed report, by chen"},
		{`DELETE FROM report`, "an act tells of a signed report"},
		{`INSERT INTO report (scope, span, day, signed_by, signed_ms, body, hash) SELECT 'nowhere', span, day, signed_by, signed_ms, body, hash FROM report`, "there are none, and here is a signed report"},
		{`UPDATE policy SET first_day = first_day - 30`, "no act tells of a version of the rules"},
		{`UPDATE policy SET body = CAST(REPLACE(CAST(body AS TEXT), '7', '9') AS BLOB)`, "no act tells of a version of the rules"},
		{`UPDATE policy SET body = '{'`, "what cannot be read"},
		{`DELETE FROM policy`, "an act tells of a version of the rules"},
		{`UPDATE sheet SET fen = fen + 1`, "no act tells of a settlement sheet"},
		{`UPDATE sheet SET body = CAST(REPLACE(CAST(body AS TEXT), 'r1', 'r2') AS BLOB)`, "no act tells of a settlement sheet"},
		{`DELETE FROM sheet`, "an act tells of a settlement sheet"},
		{`UPDATE honour SET last_minute = last_minute + 60`, "no act tells of hours entered afterwards"},
		{`UPDATE honour SET first_minute = first_minute - 60, last_minute = last_minute - 60`, "no act tells of hours entered afterwards"},
		{`UPDATE honour SET second = who`, "no act tells of hours entered afterwards, by lin"},
		{`INSERT INTO honour (volunteer, id, day, first_minute, last_minute, what, who, second, made_ms) SELECT volunteer, 'h2', day + 1, first_minute, last_minute, what, who, second, made_ms FROM honour`, "no act tells of hours entered afterwards"},
		{`INSERT INTO honour (volunteer, id, day, first_minute, last_minute, what, who, second, made_ms) SELECT 'AAAA', 'h2', day, first_minute, last_minute, what, who, second, made_ms FROM honour`, "there are none, and here is hours entered afterwards"},
		{`DELETE FROM honour`, "an act tells of hours entered afterwards"},
		{`UPDATE certificate SET body = '{"n":9}'`, "no act tells of a certificate"},
		{`DELETE FROM certificate`, "an act tells of a certificate"},
		{`UPDATE act SET who = 'chen' WHERE place = 'qingxi' AND seq = 1`, "the chain breaks at act 1"},
		{`UPDATE act SET body = '{' WHERE place = 'qingxi' AND seq = 1`, "the chain breaks at act 1"},
		{`DELETE FROM act WHERE place = 'qingxi' AND seq = 2`, "the chain breaks at act 3"},
		{`UPDATE personact SET body = '{}' WHERE seq = 1 AND kind = 'person.honour'`, "the chain breaks at act 1"},
		{`UPDATE earning SET body = CAST(REPLACE(CAST(body AS TEXT), '50', '51') AS BLOB)`, "other points than it says"},
		{`UPDATE earning SET body = 'x'`, "other points than it says"},
		{`UPDATE person SET body = 'x'`, "cannot be read"},
		{`UPDATE attendance SET credit = credit + 60`, ""},
		{`DELETE FROM attendance`, ""},
		{`UPDATE kioskday SET settled = settled + 1`, ""},
		{`DELETE FROM kioskday`, ""},
		{`UPDATE townday SET earned = earned + 1`, ""},
	} {
		t.Run(c.damage, func(t *testing.T) {
			copied := t.TempDir() + "/book.db"
			_, err := whole.db.Exec(`VACUUM INTO '` + copied + `'`)
			whole.must(err)
			w := &world{t: t, database: copied, time: whole.time}
			w.Store = w.another(nil)
			if r, err := w.db.Exec(c.damage); err != nil {
				t.Fatal(err)
			} else if n, _ := r.RowsAffected(); n == 0 {
				t.Fatal("nothing was damaged")
			}
			r, err := w.Verify(t.Context())
			w.must(err)
			for _, f := range r.Findings {
				if strings.Contains(f.What, c.what) {
					return
				}
			}
			t.Errorf("found only %+v", r.Findings)
		})
	}
}

func TestAnOlderBookAndAnotherProgram(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		w.another(nil) // opens again, and changes nothing
		if _, err := w.db.Exec(`UPDATE migration SET hash = $1 WHERE id = 2`, []byte("another")); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), w.Store.cfg); err == nil || !strings.Contains(err.Error(), "another program") {
			t.Errorf("%v", err)
		}
	})
}
