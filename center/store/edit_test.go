package store

import (
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// renames is an edit that only changes the name.
func renames(id ledger.ID, seen, name string, keys ...civic.KeyHash) Edit {
	return Edit{ID: id, Seen: seen, Kind: "person.changed", By: "lin", Keys: keys, To: func(p Person) Person {
		p.Name, p.Town = name, "qingxi"
		p.Keys = append(p.Keys[:len(p.Keys):len(p.Keys)], keys...)
		return p
	}}
}

func TestAnEditOverwritesNothing(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx, id := t.Context(), ledger.ID{1, 1}
		w.wants(ErrUnknown, w.Edit(ctx, renames(id, "seen", "张伟")))
		w.must(w.Edit(ctx, renames(id, "", "张伟")))
		w.must(w.Edit(ctx, renames(id, "", "张伟"))) // the same once more, by a finger that pressed twice
		w.wants(ErrChanged, w.Edit(ctx, renames(id, "", "李四")))
		r, err := w.Record(ctx, id)
		w.must(err)
		w.earn(id, lotA, 50) // points are nothing that an officer changes here
		w.must(w.Edit(ctx, renames(id, r.Stand, "张建伟")))
		w.wants(ErrChanged, w.Edit(ctx, renames(id, r.Stand, "张大伟")))
		w.wants(ErrInput, w.Edit(ctx, renames(id, r.Stand, "")))
		r, err = w.Record(ctx, id)
		w.must(err)
		if r.Name != "张建伟" {
			t.Errorf("%+v", r)
		}
		acts, err := w.PersonActs(ctx, id, 0, 9)
		w.must(err)
		if len(acts) != 2 || acts[0].Who != "lin" || string(acts[1].Body.Before) != "" {
			t.Errorf("%+v", acts)
		}
		if report := w.proof(); report.Acts != 2+countActs(w) {
			t.Errorf("%d acts are proved", report.Acts)
		}
	})
}

// countActs is how many acts stand at places.
func countActs(w *world) (n int64) {
	w.t.Helper()
	r := &Report{}
	w.must(w.verifyTrace(w.t.Context(), placeTrace, r))
	return r.Acts
}

func TestAKeyIsOnePersons(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx, zhang, li, key := t.Context(), ledger.ID{1, 1}, ledger.ID{2, 1}, civic.KeyHash{7}
		w.must(w.Edit(ctx, renames(zhang, "", "张伟", key)))
		w.wants(ErrKeyReused, w.Edit(ctx, renames(li, "", "李芳", key)))
		if p, err := w.ByKey(ctx, key); err != nil || p.ID != zhang {
			t.Errorf("%+v %v", p, err)
		}
		// Zhang no longer has it: then it is free.
		r, err := w.Record(ctx, zhang)
		w.must(err)
		w.must(w.Edit(ctx, Edit{ID: zhang, Seen: r.Stand, Kind: "person.changed", By: "lin", To: func(p Person) Person { p.Keys = nil; return p }}))
		w.must(w.Edit(ctx, renames(li, "", "李芳", key)))
		// One that was claimed for somebody who never came to be can be taken over.
		w.must(w.claim(ctx, civic.KeyHash{8}, ledger.ID{3, 1}))
		w.must(w.claim(ctx, civic.KeyHash{8}, li))
		if p, err := w.ByKey(ctx, key); err != nil || p.ID != li {
			t.Errorf("%+v %v", p, err)
		}
	})
}
