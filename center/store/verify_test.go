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
