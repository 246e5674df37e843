package demo

import (
	"testing"

	"yizhan/civic"
)

// Whoever tries the demo sees rare characters on receipts, where names are masked.
func TestRareCharactersAreNotMasked(t *testing.T) {
	shown := make(map[string]bool)
	for _, name := range rare {
		shown[civic.MaskName(name)] = true
	}
	for _, want := range []string{"李*㛃", "赵*𬱖", "王*龘"} {
		if !shown[want] {
			t.Errorf("nobody in the sample is shown as %s", want)
		}
	}
}
