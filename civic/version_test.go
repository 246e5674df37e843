package civic

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestCanRead(t *testing.T) {
	for format, want := range map[string]string{
		"yizhan-x-1": "", FormatOf("yizhan-x"): "", fmt.Sprintf("yizhan-x-%d", Version+1): "newer", "yizhan-x-65535": "newer",
		"": "no", "yizhan-x-0": "no", "yizhan-x-01": "no", "yizhan-x-+1": "no", "yizhan-x-65536": "no", "yizhan-x-": "no", "yizhan-y-1": "no", "yizhan-x-1 ": "no",
	} {
		err := CanRead(format, "yizhan-x")
		if (err == nil) != (want == "") || errors.Is(err, ErrNewer) != (want == "newer") {
			t.Errorf("%q: %v", format, err)
		}
	}
}

// A bundle of a number before is read; one of a later number is told from a damaged
// one, whatever its header has that this program does not know.
func TestBundlesOfOtherVersions(t *testing.T) {
	head := func(format string) []byte {
		line := fmt.Sprintf(`{"format":%q,"kiosk":"SQ-01","unheard_of":1}`+"\nAAAA\n", format)
		return []byte(line + strings.Repeat(" ", headBytes-len(line)))
	}
	if _, err := open(head(fmt.Sprintf("%s-%d", bundleKind, Version+1)), Trust{}); !errors.Is(err, ErrNewer) || errors.Is(err, ErrForged) {
		t.Errorf("a newer bundle: %v", err)
	}
	if _, err := open(head(FormatOf(bundleKind)), Trust{}); !errors.Is(err, ErrForged) {
		t.Errorf("a bundle with an unknown field: %v", err)
	}
	old := testHeader
	old.Format, old.PlainBytes = bundleKind+"-1", int64(len(stationLine))
	b, err := open(forge(t, old, pack(t, stationLine)), Trust{})
	if err != nil {
		t.Fatalf("a bundle of number 1: %v", err)
	}
	if docs, err := collect(b); err != nil || len(docs) != 1 {
		t.Errorf("%d documents, %v", len(docs), err)
	}
}
