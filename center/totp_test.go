package center

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
)

// The vectors of RFC 6238, appendix B, for SHA-1, and of RFC 4226, appendix D.
func TestOneTimeCodesAreThoseOfTheRFC(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130"} {
		if got := hotp(secret, totpStep(time.Unix(at, 0)), 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
	for step, want := range strings.Fields("755224 287082 359152 969429 338314 254676 287922 162583 399871 520489") {
		if got := hotp(secret, int64(step), totpDigits); got != want {
			t.Errorf("step %d: %s, want %s", step, got, want)
		}
	}
}

func TestACodeIsGoodOnceAndForAMinuteOrSo(t *testing.T) {
	secret, now := []byte("12345678901234567890"), time.Unix(1_800_000_000, 0)
	here := totpStep(now)
	for _, c := range []struct {
		name       string
		step, last int64
		ok         bool
	}{
		{"now", here, 0, true}, {"a clock behind", here - 1, 0, true}, {"a clock ahead", here + 1, 0, true},
		{"too old", here - 2, 0, false}, {"too new", here + 2, 0, false},
		{"used", here, here, false}, {"older than the one used", here - 1, here, false}, {"the next one", here + 1, here, true},
	} {
		step, ok := checkTOTP(secret, hotp(secret, c.step, totpDigits), now, c.last)
		if ok != c.ok || ok && step != c.step {
			t.Errorf("%s: step %d, %v", c.name, step-here, ok)
		}
	}
	for _, code := range []string{"", "0", "1234567", "abcdef"} {
		if _, ok := checkTOTP(secret, code, now, 0); ok {
			t.Errorf("%q is taken", code)
		}
	}
}

func TestSecretsAreSealedForTheirOfficer(t *testing.T) {
	key := make([]byte, 32)
	v, err := newVault(key, vaultCodes)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.draw("lin", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret, ok := v.open("lin", sealed)
	if !ok || len(secret) != totpSecret || strings.Contains(string(sealed), string(secret)) {
		t.Errorf("%x opens to %x, %v", sealed, secret, ok)
	}
	other, err := newVault(append(key[1:], 1), vaultCodes)
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() ([]byte, bool){
		"for another officer": func() ([]byte, bool) { return v.open("chen", sealed) },
		"by another key":      func() ([]byte, bool) { return other.open("lin", sealed) },
		"cut":                 func() ([]byte, bool) { return v.open("lin", sealed[:30]) },
		"none":                func() ([]byte, bool) { return v.open("lin", nil) },
	} {
		if _, ok := try(); ok {
			t.Errorf("%s: opens", name)
		}
	}
	if got, want := totpAddress([]byte("12345678901234567890"), "益栈", "lin"), "otpauth://totp/%E7%9B%8A%E6%A0%88:lin?issuer=%E7%9B%8A%E6%A0%88&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Whatever a kiosk is told, and so whatever stands in the database, opens nothing.
func TestTheDatabaseDoesNotOpenTheVault(t *testing.T) {
	o := newOffice(t)
	o.must(o.store.PutKiosk(t.Context(), store.Kiosk{ID: "SQ-01", Name: "石桥", Parent: "shiqiao"}))
	desk := Office{Store: o.store, Keys: o.keys, Now: o.server.cfg.Now, Random: rand.Reader}
	o.must(desk.PutStation(t.Context(), "SQ-01", civic.Station{Name: "石桥"}))
	told, err := o.store.Documents(t.Context(), "SQ-01", store.KindStation, []string{"SQ-01"})
	o.must(err)
	v, err := openVault(o.keys, vaultCodes)
	o.must(err)
	sealed, err := v.draw("lin", rand.Reader)
	o.must(err)
	thief, err := newVault(told[0].Station.PhoneKey, vaultCodes)
	o.must(err)
	if _, ok := thief.open("lin", sealed); ok || len(told[0].Station.PhoneKey) == 0 {
		t.Error("the phone key that every kiosk has opens what officers sign in with")
	}
}
