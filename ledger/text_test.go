package ledger_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"yizhan/ledger"
)

func TestClaimText(t *testing.T) {
	seen := map[string]bool{}
	for claim := range ledger.MaxClaim {
		s := ledger.ClaimText(claim)
		if got, err := ledger.ParseClaim(s); err != nil || got != claim || seen[s] {
			t.Fatalf("%d is written %q and read %d, %v", claim, s, got, err)
		}
		seen[s] = true
	}
	for claim, want := range map[uint16]string{0: "A000", 37: "A037", 999: "A999", 1000: "B000", 8000: "J000",
		13000: "P000", 23999: "Z999", ledger.MaxClaim: "A000", 65535: "T535"} {
		if got := ledger.ClaimText(claim); got != want {
			t.Errorf("%d is %q, want %q", claim, got, want)
		}
	}
}

var notClaims = []string{"", "A", "A37", "A0037", "037", "0037", "a037", "I037", "O037", "A+12", "A-12", "A 12", "A12 ",
	"A1_2", "A0x1", "A1.5", "AA12", "A01\n", "Ａ12", "A１"}

func TestParseClaimIsStrict(t *testing.T) {
	for _, s := range notClaims {
		if n, err := ledger.ParseClaim(s); !errors.Is(err, ledger.ErrEncoding) {
			t.Errorf("%q is read as %d, %v", s, n, err)
		}
	}
}

func FuzzParseClaim(f *testing.F) {
	for _, s := range append(notClaims, "A000", "Z999") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ledger.ParseClaim(s); err == nil && ledger.ClaimText(n) != s {
			t.Fatalf("%q is read as %d, which is written %q", s, n, ledger.ClaimText(n))
		}
	})
}

func TestDay(t *testing.T) {
	for s, want := range map[string]ledger.Day{
		"2020-01-01": 0, "2019-12-31": -1, "2020-03-01": 60, "2026-12-31": 2556, "2059-12-31": 14609,
		"0000-01-01": -737790, "0001-01-01": -737424, "1600-01-01": -153402, "9999-12-31": 2914634,
	} {
		got, err := ledger.ParseDay(s)
		if err != nil || got != want || got.String() != s {
			t.Errorf("%s is read as %d (%v), %v, want %d", s, got, got, err, want)
		}
		if got.Time().Format(time.RFC3339) != s+"T00:00:00Z" {
			t.Errorf("%s begins at %v", s, got.Time())
		}
	}
}

// TestDayOfIsTheDateOnTheWall: the same moment is another date further east.
func TestDayOfIsTheDateOnTheWall(t *testing.T) {
	moment := time.Date(2026, 8, 31, 23, 30, 0, 0, time.UTC)
	for zone, want := range map[*time.Location]string{
		time.UTC:                             "2026-08-31",
		time.FixedZone("Shanghai", 8*3600):   "2026-09-01",
		time.FixedZone("Honolulu", -10*3600): "2026-08-31",
	} {
		if got := ledger.DayOf(moment.In(zone)).String(); got != want {
			t.Errorf("in %v it is %s, want %s", zone, got, want)
		}
	}
}

var notDays = []string{"", "2026-1-01", "2026-13-01", "2026-02-29", "20260101", "2026/01/01", "2026-01-01 ", "+2026-01-01",
	"12026-01-01", "2026-01-01T00:00:00Z", "２０２６-01-01"}

func TestParseDayIsStrict(t *testing.T) {
	for _, s := range notDays {
		if d, err := ledger.ParseDay(s); err == nil {
			t.Errorf("%q is read as %v", s, d)
		}
	}
}

func FuzzParseDay(f *testing.F) {
	for _, s := range append(notDays, "2020-01-01", "0000-01-01", "9999-12-31") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ledger.ParseDay(s); err == nil && d.String() != s {
			t.Fatalf("%q is read as %v", s, d)
		}
	})
}

var notIDs = []string{"", "AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAA======", "aaaaaaaaaaaaaaaa",
	"AAAAAAAA AAAAAAA", "AAAAAAAA\nAAAAAAAA", "AAAAAAAA\nAAAAAAA", "AAAAAAAAAAAAAAAA\r\n", "AAAAAAAAAAAAAAA1", "AAAAAAAAAAAAAAA="}

func TestIDText(t *testing.T) {
	const text = "AAAQEAYEAUDAOCAJ"
	if got := aVolunteer.String(); got != text {
		t.Errorf("written %q, want %q", got, text)
	}
	if id, err := ledger.ParseID(text); err != nil || id != aVolunteer {
		t.Errorf("read %v, %v", id, err)
	}
	for _, s := range notIDs {
		if id, err := ledger.ParseID(s); err == nil || !id.IsZero() {
			t.Errorf("%q is read as %v, %v", s, id, err)
		}
	}
}

func FuzzParseID(f *testing.F) {
	for _, s := range append(notIDs, aVolunteer.String(), aClerk.String()) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ledger.ParseID(s); err == nil && id.String() != s {
			t.Fatalf("%q is read as %v", s, id)
		}
	})
}

func TestZeroValuesAreNobody(t *testing.T) {
	if !(ledger.ID{}).IsZero() || aClerk.IsZero() || (ledger.ID{9: 1}).IsZero() {
		t.Error("IsZero of an ID")
	}
	if !(ledger.Key{}).IsZero() || aKey.IsZero() || (ledger.Key{7: 1}).IsZero() {
		t.Error("IsZero of a Key")
	}
}

// TestJSON: documents carry dates and ids as text.
func TestJSON(t *testing.T) {
	type document struct {
		Who ledger.ID  `json:"who"`
		Day ledger.Day `json:"day"`
	}
	const text = `{"who":"AAAQEAYEAUDAOCAJ","day":"2026-12-31"}`
	b, err := json.Marshal(document{aVolunteer, 2556})
	if err != nil || string(b) != text {
		t.Errorf("written %s, %v", b, err)
	}
	var d document
	if err := json.Unmarshal([]byte(text), &d); err != nil || d != (document{aVolunteer, 2556}) {
		t.Errorf("read %+v, %v", d, err)
	}
	for _, bad := range []string{`{"day":"31.12.2026"}`, `{"day":2556}`, `{"who":"short"}`, `{"who":7}`} {
		d := document{aClerk, 7}
		if err := json.Unmarshal([]byte(bad), &d); err == nil || d != (document{aClerk, 7}) {
			t.Errorf("%s is read as %+v, %v", bad, d, err)
		}
	}
}
