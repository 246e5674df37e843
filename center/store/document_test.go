package store

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

func good(code, name string, delivered int64) civic.Document {
	return civic.Document{Good: &civic.Good{Code: code, Name: name, Unit: "袋", Price: 300, Delivered: delivered}}
}

func TestDocumentsComeDownByScopeAndCursor(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.kiosk("SQ-01")
		scopes, err := w.Scopes(ctx, "SQ-01")
		var ids []string
		for _, s := range scopes {
			ids = append(ids, s.ID)
		}
		if err != nil || !slices.Equal(ids, []string{"SQ-01", "shiqiao", "qingxi", "center"}) {
			t.Fatalf("%v, %v", ids, err)
		}
		w.must(w.PutDocument(ctx, "SQ-01", good("rice", "大米", 20)))
		w.must(w.PutDocument(ctx, "SQ-01", good("oil", "油", 5)))
		w.must(w.PutDocument(ctx, "SQ-01", good("rice", "大米", 20))) // nothing new
		d, err := w.Delta(ctx, "SQ-01", 0, 100, 1<<20)
		if err != nil || d.To != 2 || len(d.Changes) != 2 || d.Changes[0].ID != "rice" {
			t.Fatalf("%+v, %v", d, err)
		}
		w.must(w.PutDocument(ctx, "SQ-01", good("rice", "香米", 12)))
		d, err = w.Delta(ctx, "SQ-01", 2, 100, 1<<20)
		if err != nil || d.From != 2 || d.To != 3 || len(d.Changes) != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		if g := document(t, d.Changes[0]).Good; g.Name != "香米" || g.Delivered != 20 || g.Version != 3 {
			t.Errorf("%+v", g)
		}
		if d, err = w.Delta(ctx, "SQ-01", 0, 1, 1<<20); err != nil || d.To != 2 || d.Last != 3 || len(d.Changes) != 1 {
			t.Errorf("one at a time: %+v, %v", d, err)
		}
		if d, err = w.Delta(ctx, "SQ-01", 99, 100, 1<<20); err != nil || d.From != 0 || len(d.Changes) != 2 {
			t.Errorf("a cursor ahead of the scope: %+v, %v", d, err)
		}
		if d, err = w.Delta(ctx, "SQ-01", 3, 100, 1<<20); err != nil || d.To != 3 || len(d.Changes) != 0 {
			t.Errorf("nothing new: %+v, %v", d, err)
		}
		for want, call := range map[error]func() error{
			ErrUnknown: func() error { return w.PutDocument(ctx, "nowhere", good("rice", "大米", 1)) },
			ErrInput:   func() error { return w.PutDocument(ctx, "SQ-01", civic.Document{}) },
		} {
			if err := call(); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		for _, name := range []string{"\x1b[2J", "a\nb", "\xff", strings.Repeat("名", MaxNameRunes+1)} {
			w.wants(ErrInput, w.PutScope(ctx, Scope{ID: "new", Parent: "center", Name: name}))
			w.wants(ErrInput, w.PutKiosk(ctx, Kiosk{ID: "NEW1", Parent: "shiqiao", Name: name}))
		}
		if _, err := w.Delta(ctx, "nowhere", 0, 1, 1<<20); !errors.Is(err, ErrUnknown) {
			t.Error(err)
		}
		if all, err := w.AllScopes(ctx); err != nil || len(all) != 5 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

// Pictures are large: an answer stays small, and the cursor brings the rest.
func TestDeltaIsBounded(t *testing.T) {
	w := newWorld(t, t.TempDir()+"/book.db")
	for n := range 12 {
		picture := civic.Picture{Name: strings.Repeat("x", n+1), Type: "image/png", Data: make([]byte, civic.MaxPictureBytes)}
		w.must(w.PutDocument(t.Context(), "center", civic.Document{Picture: &picture}))
	}
	seen, cursor := 0, uint64(0)
	for answers := 0; ; answers++ {
		d, err := w.Delta(t.Context(), "center", cursor, 100, 2<<20)
		w.must(err)
		if len(d.Changes) > 10 || answers > 20 {
			t.Fatalf("%d pictures in answer %d", len(d.Changes), answers)
		}
		seen, cursor = seen+len(d.Changes), d.To
		if d.To == d.Last {
			break
		}
	}
	if seen != 12 {
		t.Errorf("%d pictures came down", seen)
	}
}

func TestVolunteersMoveAndLoseCards(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		v := w.person(1, "")
		p, err := w.Identify(ctx, civic.CardID{1})
		if err != nil || p.ID != v || p.Town != "qingxi" {
			t.Fatalf("%+v, %v", p, err)
		}
		p.Town, p.Cards = "lianhua", []civic.CardID{{8}}
		w.must(w.PutPerson(ctx, p))
		if _, err := w.Identify(ctx, civic.CardID{1}); !errors.Is(err, ErrUnknown) {
			t.Errorf("a card that was taken back: %v", err)
		}
		if p, err := w.Identify(ctx, civic.CardID{8}); err != nil || p.ID != v {
			t.Errorf("%+v, %v", p, err)
		}
		old, err := w.Delta(ctx, "qingxi", 0, 10, 1<<20)
		if err != nil || len(old.Changes) != 1 {
			t.Fatalf("the old town: %+v, %v", old, err)
		}
		if gone := document(t, old.Changes[0]).Gone; gone == nil || gone.Kind != civic.GoneVolunteer || gone.ID != v.String() || gone.Version != 1 {
			t.Errorf("the old town: %s", old.Changes[0].Body)
		}
		p.Town = "qingxi"
		w.must(w.PutPerson(ctx, p))
		p.Town = "lianhua"
		if back, err := w.Delta(ctx, "qingxi", old.To, 10, 1<<20); err != nil || len(back.Changes) != 1 || document(t, back.Changes[0]).Volunteer == nil {
			t.Errorf("who comes back: %+v, %v", back, err)
		}
		w.must(w.PutPerson(ctx, p))
		now, err := w.Delta(ctx, "lianhua", 0, 10, 1<<20)
		if err != nil || len(now.Changes) != 1 || !document(t, now.Changes[0]).Volunteer.Linked || document(t, now.Changes[0]).Volunteer.Version < 2 {
			t.Errorf("the new town: %+v, %v", now, err)
		}
		for name, p := range map[string]Person{"nobody": {Town: "qingxi", Volunteer: civic.Volunteer{Name: "x"}},
			"no town": {Volunteer: civic.Volunteer{ID: ledger.ID{1}, Name: "x"}},
			"no home": {Town: "qingxi", Home: "no kiosk", Volunteer: civic.Volunteer{ID: ledger.ID{1}, Name: "x"}}} {
			if err := w.PutPerson(ctx, p); !errors.Is(err, ErrInput) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestEnrolment(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.must(w.PutKiosk(ctx, Kiosk{ID: "SQ-01", Name: "石桥", Parent: "shiqiao"}))
		box := newKey(t)
		thief := newKey(t)
		code, ends, err := w.MakeCode(ctx, "SQ-01", "li")
		if err != nil || len(code) != 19 || !ends.Equal(w.time.Add(48*time.Hour)) {
			t.Fatalf("%q, %v, %v", code, ends, err)
		}
		if _, err := w.Enrol(ctx, "AAAA-AAAA-AAAA-AAAA", box, 1); !errors.Is(err, ErrCode) {
			t.Errorf("a code that was never made: %v", err)
		}
		e, err := w.Enrol(ctx, " "+strings.ToLower(strings.ReplaceAll(code, "-", " ")), box, 3)
		if err != nil || e.State != "waiting" || e.Kiosk != "SQ-01" {
			t.Fatalf("%+v, %v", e, err)
		}
		if _, err := w.Enrol(ctx, code, thief, 1); !errors.Is(err, ErrCode) {
			t.Errorf("a code used twice: %v", err)
		}
		waiting, err := w.Waiting(ctx)
		if err != nil || len(waiting) != 1 || waiting[0].ID != e.ID || !waiting[0].PublicKey.Equal(box) {
			t.Fatalf("%+v, %v", waiting, err)
		}
		for range 2 {
			e, err = w.Approve(ctx, e.ID, "wang")
			if err != nil || e.State != "approved" || e.Epoch != 3 || e.Officer != "wang" {
				t.Fatalf("%+v, %v", e, err)
			}
		}
		if e, err = w.Enrol(ctx, code, box, 3); err != nil || e.State != "approved" || e.Epoch != 3 {
			t.Errorf("the box asks again: %+v, %v", e, err)
		}
		_, err = w.decide(ctx, e.ID, "refused", 0, "chen") // at the same moment
		w.wants(ErrState, err)
		if _, err := w.Refuse(ctx, e.ID, "wang"); !errors.Is(err, ErrState) {
			t.Errorf("refused what was approved: %v", err)
		}
		_, c, err := w.Kiosk(ctx, "SQ-01")
		if err != nil || !c.PublicKey.Equal(box) || c.State != ChainOpen || c.Head.Epoch != 3 {
			t.Errorf("%+v, %v", c, err)
		}

		code, _, err = w.MakeCode(ctx, "SQ-01", "li")
		w.must(err)
		w.time = w.time.Add(48 * time.Hour)
		if _, err := w.Enrol(ctx, code, thief, 1); !errors.Is(err, ErrCode) {
			t.Errorf("a code of two days ago: %v", err)
		}
		code, _, err = w.MakeCode(ctx, "SQ-01", "li")
		w.must(err)
		e, err = w.Enrol(ctx, code, thief, 1)
		w.must(err)
		if e, err = w.Refuse(ctx, e.ID, "wang"); err != nil || e.State != "refused" {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := w.Approve(ctx, e.ID, "wang"); !errors.Is(err, ErrState) {
			t.Errorf("approved what was refused: %v", err)
		}
		if _, _, err := w.MakeCode(ctx, "XX-01", "li"); !errors.Is(err, ErrUnknown) {
			t.Errorf("a code for no kiosk: %v", err)
		}
		if all, err := w.Kiosks(ctx, "", 10); err != nil || len(all) != 1 || all[0].Epoch != 3 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func newKey(t *testing.T) ed25519.PublicKey {
	t.Helper()
	key, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func document(t testing.TB, c Change) (d civic.Document) {
	t.Helper()
	if err := json.Unmarshal(c.Body, &d); err != nil {
		t.Fatal(err)
	}
	return d
}
