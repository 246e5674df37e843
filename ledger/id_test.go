package ledger_test

import (
	"encoding/json"
	"testing"

	"yizhan/ledger"
)

// A key is text in messages, and one key has one text but for the case of its letters.
func TestKeyText(t *testing.T) {
	key := ledger.Key{1, 0xab, 7: 0xff}
	b, err := json.Marshal(key)
	if err != nil || string(b) != `"01ab0000000000ff"` {
		t.Errorf("%s, %v", b, err)
	}
	var again ledger.Key
	if err := json.Unmarshal(b, &again); err != nil || again != key {
		t.Errorf("%v, %v", again, err)
	}
	for _, bad := range []string{`""`, `"01"`, `"01ab0000000000f"`, `"01ab0000000000ff00"`, `"01ab0000000000fg"`, `"01ab0000000000ff0"`, `7`} {
		if err := json.Unmarshal([]byte(bad), &again); err == nil || again != key {
			t.Errorf("%s was read as %v", bad, again)
		}
	}
}
