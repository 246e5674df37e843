package civic

import (
	"bytes"
	"strings"
	"testing"
)

func TestASerialIsReadAsPeopleTypeIt(t *testing.T) {
	serial, err := NewSerial(bytes.NewReader([]byte("0123456789")))
	if err != nil || len(serial) != SerialLetters {
		t.Fatalf("%q %v", serial, err)
	}
	for _, text := range []string{serial, SerialText(serial), strings.ToLower(SerialText(serial)), " " + strings.ReplaceAll(SerialText(serial), "-", " - ")} {
		if got, ok := ParseSerial(text); !ok || got != serial {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
	if got, ok := ParseSerial("o1il-0000-0000-0000"); !ok || got != "0111000000000000" {
		t.Errorf("letters that look alike: %q %v", got, ok)
	}
	if SerialText("0111000000000000") != "0111-0000-0000-0000" {
		t.Error(SerialText("0111000000000000"))
	}
	for _, text := range []string{"", serial[1:], serial + "0", "U" + serial[1:], "张" + serial[3:], serial[:8] + "\n" + serial[8:]} {
		if got, ok := ParseSerial(text); ok {
			t.Errorf("%q passes for %q", text, got)
		}
	}
	if _, err := NewSerial(strings.NewReader("short")); err == nil {
		t.Error("a serial is drawn from too little")
	}
}

func FuzzParseSerial(f *testing.F) {
	f.Add("7F2K-9Q3M-0000-WXYZ")
	f.Fuzz(func(t *testing.T, text string) {
		serial, ok := ParseSerial(text)
		if !ok {
			return
		}
		if again, ok := ParseSerial(SerialText(serial)); !ok || again != serial {
			t.Errorf("%q is %q, then %q", text, serial, again)
		}
	})
}
