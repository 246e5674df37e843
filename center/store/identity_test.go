package store

import (
	"errors"
	"testing"
)

func TestABookHasOneOwner(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		if known, err := w.Claimed(ctx); err != nil || known {
			t.Errorf("before anybody: %v, %v", known, err)
		}
		own := Identity{Issuer: []byte("issuer"), Pin: []byte("pin")}
		w.must(w.Claim(ctx, own))
		w.must(w.Claim(ctx, own))
		w.must(w.another(nil).Claim(ctx, own))
		for _, other := range []Identity{{[]byte("issuer"), []byte("other")}, {[]byte("other"), []byte("pin")}, {}} {
			if err := w.Claim(ctx, other); err == nil || other.Issuer != nil && !errors.Is(err, ErrOtherKeys) {
				t.Errorf("%q: %v", other, err)
			}
		}
		if known, err := w.Claimed(ctx); err != nil || !known {
			t.Errorf("afterwards: %v, %v", known, err)
		}
		next := Identity{Issuer: []byte("new"), Pin: []byte("new")}
		w.must(w.Reclaim(ctx, next))
		w.must(w.Claim(ctx, next))
		if err := w.Claim(ctx, own); !errors.Is(err, ErrOtherKeys) {
			t.Errorf("the old keys: %v", err)
		}
	})
}
