package civic_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base32"
	"errors"
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	qrcode "github.com/skip2/go-qrcode"

	"yizhan/civic"
	"yizhan/ledger"
)

var codes = flag.Int("codes", 20_000, "mutated, stale and foreign check-in codes to try")

var (
	kioskKey  = ed25519.NewKeyFromSeed([]byte("yizhan-civic-kiosk-key-32-bytes."))
	otherKey  = ed25519.NewKeyFromSeed([]byte("yizhan-civic-other-key-32-bytes."))
	aPrefix   = "HTTPS://JIFEN.QINGHE.GOV.CN:8443/C/"
	aMoment   = time.Unix(1_795_000_000, 0)
	aCode     = civic.CheckCode{Shift: ledger.ID{1, 2, 3}, Kiosk: "SQ-01", Epoch: 2, Step: civic.StepAt(aMoment), Out: true}
	aPhone    = civic.PhoneCard{Volunteer: ledger.ID{7, 7}, Made: aMoment.Unix()}
	aTicket   = civic.PhoneTicket{Volunteer: ledger.ID{7, 7}, Kiosk: "SQ-01", Epoch: 2, Nonce: ledger.Key{4}, Made: aMoment.Unix()}
	theNormal = base32.StdEncoding.WithPadding(base32.NoPadding)
)

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

func TestCodesReadBackWhatWasSigned(t *testing.T) {
	got, err := civic.VerifyCheckCode(strings.TrimPrefix(aCode.Sign(aPrefix, kioskKey), aPrefix), public(kioskKey))
	if err != nil || got != aCode {
		t.Errorf("%+v, %v", got, err)
	}
	card, err := civic.VerifyPhoneCard(" "+strings.ToLower(aPhone.Sign(kioskKey))+"\r\n", public(kioskKey), aMoment.Add(time.Minute), 0)
	if err != nil || card != aPhone {
		t.Errorf("%+v, %v", card, err)
	}
	ticket, err := civic.VerifyPhoneTicket(aTicket.Sign("", kioskKey), public(kioskKey), aMoment.Add(29*time.Minute), 0)
	if err != nil || ticket != aTicket {
		t.Errorf("%+v, %v", ticket, err)
	}
}

// One kind of code is never taken for another, though one key signs both.
func TestCodesAreOfOneKind(t *testing.T) {
	check, phone, ticket := aCode.Sign("", kioskKey), aPhone.Sign(kioskKey), aTicket.Sign("", kioskKey)
	for _, text := range []string{phone, strings.TrimPrefix(phone, "YZP1:"), ticket} {
		if _, err := civic.VerifyCheckCode(text, public(kioskKey)); !errors.Is(err, civic.ErrCode) {
			t.Errorf("%.20s is taken for a check-in code: %v", text, err)
		}
	}
	for _, text := range []string{check, "YZP1:" + check, "YZP1:" + ticket} {
		if _, err := civic.VerifyPhoneCard(text, public(kioskKey), aMoment, 0); !errors.Is(err, civic.ErrCode) {
			t.Errorf("%.20s is taken for a phone card: %v", text, err)
		}
	}
	for _, text := range []string{check, phone} {
		if _, err := civic.VerifyPhoneTicket(text, public(kioskKey), aMoment, 0); !errors.Is(err, civic.ErrCode) {
			t.Errorf("%.20s is taken for a ticket: %v", text, err)
		}
	}
}

// The longest code still is a QR of version 8 at M, as design 7 wants it.
func TestTheLongestCodeFitsVersion8(t *testing.T) {
	long := civic.CheckCode{Shift: ledger.ID{1}, Kiosk: strings.Repeat("K", ledger.MaxKioskID), Epoch: 1<<32 - 1, Step: aCode.Step}
	prefix := "HTTPS://" + strings.Repeat("H", civic.MaxCodesPrefix-len("HTTPS:///C/")) + "/C/"
	for text, most := range map[string]int{aCode.Sign(aPrefix, kioskKey): 8, long.Sign(prefix, kioskKey): 8} {
		q, err := qrcode.New(text, qrcode.Medium)
		if err != nil || q.VersionNumber > most {
			t.Errorf("%d characters are version %d, %v", len(text), q.VersionNumber, err)
		}
	}
}

func TestStepsThatAreTaken(t *testing.T) {
	for _, c := range []struct {
		later, skew time.Duration
		fresh       bool
	}{
		{0, 0, true}, {15 * time.Second, 0, true}, {30 * time.Second, 0, false}, {-15 * time.Second, 0, false},
		{120 * time.Second, 120 * time.Second, true}, {-120 * time.Second, 120 * time.Second, true},
		{150 * time.Second, 120 * time.Second, false}, {-136 * time.Second, 120 * time.Second, false},
	} {
		now := time.Unix(aCode.Step*civic.CodeSeconds, 0).Add(c.later)
		if err := aCode.Fresh(now, c.skew); (err == nil) != c.fresh || err != nil && !errors.Is(err, civic.ErrStale) {
			t.Errorf("%v later with a skew of %v: %v", c.later, c.skew, err)
		}
	}
}

func TestPhoneCardsAndTicketsRunOut(t *testing.T) {
	for later, fresh := range map[time.Duration]bool{-time.Second: false, 0: true, 60 * time.Second: true, 61 * time.Second: false} {
		if _, err := civic.VerifyPhoneCard(aPhone.Sign(kioskKey), public(kioskKey), aMoment.Add(later), 0); (err == nil) != fresh {
			t.Errorf("a phone card after %v: %v", later, err)
		}
	}
	for later, fresh := range map[time.Duration]bool{-time.Second: false, 30 * time.Minute: true, 31 * time.Minute: false} {
		if _, err := civic.VerifyPhoneTicket(aTicket.Sign("", kioskKey), public(kioskKey), aMoment.Add(later), 0); (err == nil) != fresh {
			t.Errorf("a ticket after %v: %v", later, err)
		}
	}
}

// None of many codes that were changed, are old, or come from another box is taken.
func TestNoOtherCodeIsTaken(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d, %d codes", seed, *codes)
	r := rand.New(rand.NewPCG(seed, 6))
	raw, err := theNormal.DecodeString(aCode.Sign("", kioskKey))
	if err != nil {
		t.Fatal(err)
	}
	taken := func(text string, now time.Time) bool {
		c, err := civic.VerifyCheckCode(text, public(kioskKey))
		return err == nil && c.Fresh(now, 0) == nil
	}
	if !taken(theNormal.EncodeToString(raw), aMoment) {
		t.Fatal("the code itself is not taken")
	}
	for range *codes {
		text, now := theNormal.EncodeToString(raw), aMoment
		switch r.IntN(4) {
		case 0: // changed bytes
			b := bytes.Clone(raw)
			for n := 1 + r.IntN(3); n > 0; {
				if i, v := r.IntN(len(b)), byte(r.Uint32()); b[i] != v {
					b[i], n = v, n-1
				}
			}
			if bytes.Equal(b, raw) {
				continue
			}
			text = theNormal.EncodeToString(b)
		case 1: // cut, longer, or other letters
			b := []byte(text)
			i := r.IntN(len(b))
			switch r.IntN(3) {
			case 0:
				b = b[:i]
			case 1:
				b = append(b, b[i])
			case 2:
				b[i] = "abz=\n 018"[r.IntN(9)]
			}
			text = string(b)
		case 2: // replayed later, or delayed
			now = now.Add(30*time.Second + time.Duration(r.Int64N(int64(30*24*time.Hour))))
		case 3: // of another box, about anything
			other := aCode
			other.Step += r.Int64N(3) - 1
			other.Out = r.IntN(2) == 0
			text = other.Sign("", otherKey)
		}
		if taken(text, now) {
			t.Fatalf("seed %d: %q is taken at %v", seed, text, now)
		}
	}
}

func FuzzReadCheckCode(f *testing.F) {
	f.Add(aCode.Sign("", kioskKey))
	f.Add(aTicket.Sign("", kioskKey))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := civic.ReadCheckCode(text); err == nil && (c.Shift.IsZero() || !ledger.ValidKiosk(c.Kiosk) || c.Epoch == 0) {
			t.Errorf("%q is read as %+v", text, c)
		}
		if c, err := civic.ReadPhoneTicket(text); err == nil && (c.Volunteer.IsZero() || c.Nonce.IsZero()) {
			t.Errorf("%q is read as %+v", text, c)
		}
	})
}
