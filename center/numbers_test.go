package center

import (
	"bytes"
	"testing"

	"yizhan/ledger"
)

func TestNumbersAreSealedForOnePerson(t *testing.T) {
	o := newOffice(t)
	s, err := openSafe(o.keys)
	o.must(err)
	a, b := ledger.ID{1}, ledger.ID{2}
	both := numbers{"11010519491231002X", "13800138000"}
	sealed := s.seal(a, both)
	if n, ok := s.open(a, sealed); !ok || n != both {
		t.Errorf("%+v, %t", n, ok)
	}
	if !bytes.Equal(sealed, s.seal(a, both)) || bytes.Equal(sealed, s.seal(b, both)) || bytes.Contains(sealed, []byte("138")) {
		t.Error("the same numbers of one person are sealed alike, of two persons never")
	}
	for name, wrong := range map[string][]byte{"short": {1, 2}, "changed": append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1)} {
		if _, ok := s.open(a, wrong); ok {
			t.Errorf("%s is opened", name)
		}
	}
	if _, ok := s.open(b, sealed); ok {
		t.Error("another person's are opened")
	}
	other, err := openSafe(newOffice(t).keys)
	o.must(err)
	if _, ok := other.open(a, sealed); ok {
		t.Error("another center opens them")
	}
	merged := s.merge(a, s.seal(a, numbers{IDNumber: "X1"}), s.seal(a, numbers{Phone: "13900139000"}))
	if n, ok := s.open(a, merged); !ok || n != (numbers{"X1", "13900139000"}) {
		t.Errorf("%+v", n)
	}
	if s.seal(a, numbers{}) != nil || s.merge(a, sealed, nil) == nil {
		t.Error("nothing is sealed, or something forgotten")
	}
	if n, ok := s.open(a, nil); !ok || n != (numbers{}) {
		t.Error("nothing cannot be opened")
	}
}
