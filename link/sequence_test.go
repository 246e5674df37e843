package link

import (
	"context"
	"crypto/ed25519"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// TestKioskHearsNonsense: a center that says what it may not is hung up on.
func TestKioskHearsNonsense(t *testing.T) {
	for _, f := range []Frame{
		Ack{Mark{5, Digest{1}}}, Documents{"town:other", 0, 1, nil}, Documents{"center", 3, 4, nil}, Answer{ID: 1, Outcome: OutcomeOK},
		Challenge{}, Returned{1, 1}, Find{1, "RICE"}, Ordered{1, OutcomeGone, Kept{}, 0, 0}, Released{1, OutcomeOK}, Welcome{Era: "e"}, Refused{ReasonRevoked, "stolen"},
	} {
		inWorld(t, func(t *testing.T, w *world) {
			bk := newBook("A")
			box, office := Pipe(nil)
			dialed := false
			k := NewKiosk(KioskConfig{Key: keyOf("A"), Center: Digest{1}, Now: time.Now, Random: rand.New(rand.NewPCG(1, 1)), Journal: bk, Library: bk, Purse: bk, Guard: bk,
				Status: func() Status { return Status{} }, Dial: func(context.Context) (Conn, error) {
					if dialed {
						return nil, errors.New("once is enough")
					}
					dialed = true
					return box, nil
				}})
			go func() { _ = k.Run(w.ctx) }()
			if _, err := (Challenger{Digest{1}, rand.NewChaCha8([32]byte{})}).Prove(t.Context(), office); err != nil {
				t.Fatal(err)
			}
			_ = office.Write(t.Context(), Welcome{Era: "e", Scopes: List[string]{"center"}})
			if got, err := office.Read(t.Context()); err != nil || got.Kind() != KindStatus || !k.State().Online {
				t.Fatalf("%+v, %v", got, err)
			}
			_ = office.Write(t.Context(), f)
			synctest.Wait()
			if s := k.State(); s.Online {
				t.Errorf("still online after %T", f)
			}
			if _, err := office.Read(t.Context()); !errors.Is(err, ErrCut) {
				t.Errorf("after %T: %v", f, err)
			}
		})
	}
}

// TestCenterHearsNonsense: so is a kiosk.
func TestCenterHearsNonsense(t *testing.T) {
	many := make([]Frame, 0, MaxCalls+1)
	for i := range MaxCalls + 1 {
		many = append(many, Identify{uint64(i), civic.CardID{7}})
	}
	for _, list := range [][]Frame{
		{Cursor{"center", 1}}, {Rights{Last: true}}, {Returned{1, 1}}, {Returned{0, 0}}, {Ordered{1, OutcomeGone, Kept{}, 0, 0}}, {Released{1, OutcomeOK}}, {Welcome{Era: "e"}}, {Hello{Protocol: Protocol, Kiosk: "A", Epoch: 1}}, many,
	} {
		inWorld(t, func(t *testing.T, w *world) {
			w.office.enrol("A", keyOf("A").Public().(ed25519.PublicKey))
			box, far := Pipe(nil)
			ended := make(chan error, 1)
			go func() { ended <- w.office.link.Serve(w.ctx, far) }()
			h := helloOf(keyOf("A"))
			h.Kiosk = "A"
			if _, err := Introduce(t.Context(), box, Digest{1}, h, keyOf("A")); err != nil {
				t.Fatal(err)
			}
			if len(list) > 1 { // nobody is answered while the office thinks
				w.office.mu.Lock()
				defer w.office.mu.Unlock()
			}
			for _, f := range list {
				_ = box.Write(t.Context(), f)
			}
			if len(list) > 1 {
				return
			}
			if err := <-ended; !errors.Is(err, ErrSequence) {
				t.Errorf("%T: %v", list[0], err)
			}
		})
	}
}

// TestTrouble: a document that the program cannot read keeps others from coming,
// and nothing else.
func TestTrouble(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		w.office.do(func() { w.office.scopes["center"] = append(w.office.scopes["center"], []byte(`{"text":7}`)) })
		w.office.link.Written("center")
		w.office.earn(zhang, "A", 10)
		a.events(5)
		synctest.Wait()
		if s := a.kiosk.State(); s.Trouble == nil || !s.Online || s.Unsent != 0 {
			t.Errorf("%+v", s)
		}
		w.office.do(func() { w.office.scopes["center"][0] = []byte(`{"text":"seven"}`) })
		w.cut("A", true)
		w.cut("A", false)
		w.settle()
		if s := a.kiosk.State(); s.Trouble != nil {
			t.Errorf("mended: %+v", s)
		}
		if err := w.converged(); err != nil {
			t.Error(err)
		}
	})
}

// TestForgotten: a center that was put back from a copy by hand is found out by
// the first kiosk that can tell, and serves it only after it was told.
func TestForgotten(t *testing.T) {
	for _, what := range []string{"entries", "documents"} {
		t.Run(what, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				a := w.enrol("A")
				synctest.Wait()
				backup := w.office.copy()
				if what == "entries" {
					a.events(3)
				} else {
					w.office.earn(zhang, "A", 10)
					backup.lots[zhang] = ledger.Lot{Expires: 4000, Earned: 10}
				}
				synctest.Wait()
				w.cut("A", true)
				w.office.do(func() { w.office.boxes, w.office.lots, w.office.scopes = backup.boxes, backup.lots, backup.scopes })
				w.cut("A", false)
				w.settle()
				if s := a.kiosk.State(); s.Online || s.Refused.Reason != ReasonForgot {
					t.Errorf("%+v", s)
				}
				w.office.restore(w.office.copy())
				w.office.tell("a document of the new era")
				w.settle()
				if err := w.converged(); err != nil || !a.kiosk.State().Online {
					t.Error(err)
				}
			})
		})
	}
}

// TestWelcomeSeesThrough: what a Hello alone shows, the center does not leave to
// the kiosk to tell.
func TestWelcomeSeesThrough(t *testing.T) {
	for _, c := range []struct {
		head Mark
		want Reason
	}{{Mark{4, Digest{1}}, ReasonRegressed}, {Mark{}, ReasonRegressed}, {Mark{5, Digest{1}}, ReasonFork}, {Mark{6, Digest{1}}, ""}} {
		inWorld(t, func(t *testing.T, w *world) {
			bk := newBook("A")
			bk.events(5)
			key := keyOf("A")
			w.office.enrol("A", key.Public().(ed25519.PublicKey))
			if _, err := Take(t.Context(), w.office, "A", 1, key.Public().(ed25519.PublicKey), stretch(bk, 1, 5, key)); err != nil {
				t.Fatal(err)
			}
			near, far := Pipe(nil)
			go func() { _ = w.office.link.Serve(w.ctx, far) }()
			h := helloOf(key)
			h.Kiosk, h.Head = "A", c.head
			got, err := Introduce(t.Context(), near, Digest{1}, h, key)
			if err != nil || got.Quarantine.Reason != c.want || w.office.boxes["A"].quarantine.Reason != c.want {
				t.Errorf("%+v: %+v, %v", c.head, got, err)
			}
		})
	}
}
