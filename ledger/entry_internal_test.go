package ledger

import (
	"errors"
	"testing"
)

// bulky is a body that is too long, as one of a later kind could be.
type bulky int

func (bulky) Kind() Kind         { return KindDevice }
func (n bulky) encode(w *writer) { w.raw(make([]byte, n)) }

func TestEncodeHoldsTheLengthLimit(t *testing.T) {
	e := Entry{Kiosk: "A", Epoch: 1, Seq: 1}
	e.Body = bulky(0)
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	rest := MaxEntryBytes - len(b)
	e.Body = bulky(rest)
	if b, err := e.Encode(); err != nil || len(b) != MaxEntryBytes {
		t.Errorf("an entry of the greatest length: %d bytes, %v", len(b), err)
	}
	e.Body = bulky(rest + 1)
	if _, err := e.Encode(); !errors.Is(err, ErrEncoding) {
		t.Errorf("an entry one byte longer: %v", err)
	}
}
