package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base32"
	"errors"
	"reflect"
	"strings"
	"testing"

	"yizhan/ledger"
)

var text32 = base32.StdEncoding.WithPadding(base32.NoPadding)

func signSample(t interface {
	Helper()
	Fatal(...any)
}, body ledger.Body) string {
	t.Helper()
	text, err := ledger.SignReceipt(mustEncode(t, sampleEntry(body)), testKey)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestReceiptSaysWhatWasSigned(t *testing.T) {
	for _, body := range samples() {
		text := signSample(t, body)
		e, err := ledger.VerifyReceipt(text, testPublic())
		if err != nil || !reflect.DeepEqual(e, sampleEntry(body)) {
			t.Errorf("%+v, %v", e, err)
		}
		if !ledger.IsReceipt(text) || !ledger.IsReceipt(" "+text) {
			t.Errorf("%s is not seen as a receipt", text)
		}
		// A scanner ends what it read with a line end.
		if _, err := ledger.VerifyReceipt(text+"\r\n", testPublic()); err != nil {
			t.Errorf("from a scanner: %v", err)
		}
	}
}

func TestSignReceiptLeavesTheEntryAlone(t *testing.T) {
	b := mustEncode(t, sampleEntry(samples()[0]))
	room := append(bytes.Clone(b), make([]byte, 200)...)
	if _, err := ledger.SignReceipt(room[:len(b)], testKey); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(room, append(b, make([]byte, 200)...)) {
		t.Error("the signature was written behind the caller's bytes")
	}
	if _, err := ledger.SignReceipt(b[1:], testKey); !errors.Is(err, ledger.ErrEncoding) {
		t.Errorf("a receipt of what is no entry: %v", err)
	}
}

// TestReceiptFitsItsQRCode: at error correction M a QR code of version 20 holds
// 970 characters in alphanumeric mode; at 4 dots a module it is as wide as a
// 58 mm printer prints.
func TestReceiptFitsItsQRCode(t *testing.T) {
	reserve := samples()[0].(ledger.Reserve)
	if n := len(signSample(t, reserve)); n > 400 {
		t.Errorf("a receipt of two lots is %d characters", n)
	}
	reserve.Good = strings.Repeat("g", ledger.MaxGoodCode)
	reserve.Parts = nil
	for i := range ledger.MaxParts {
		reserve.Parts = append(reserve.Parts, ledger.Part{Expires: 10000 + ledger.Day(i), Points: 999_999})
	}
	if n := len(signSample(t, reserve)); n > 970 {
		t.Errorf("a receipt of %d lots is %d characters", ledger.MaxParts, n)
	}
}

func TestForgedReceipts(t *testing.T) {
	text := signSample(t, samples()[0])
	other := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	for name, key := range map[string]ed25519.PublicKey{"another kiosk's": other, "no": nil, "a short": testPublic()[:31]} {
		if e, err := ledger.VerifyReceipt(text, key); !errors.Is(err, ledger.ErrReceipt) || e.Body != nil {
			t.Errorf("with %s key it verifies as %+v, %v", name, e, err)
		}
	}
	raw, err := text32.DecodeString(text[4:])
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		forged := bytes.Clone(raw)
		forged[i] ^= 1
		if e, err := ledger.VerifyReceipt("YZ1:"+text32.EncodeToString(forged), testPublic()); !errors.Is(err, ledger.ErrReceipt) {
			t.Errorf("with byte %d changed it verifies as %+v, %v", i, e, err)
		}
	}
}

// notReceipts are texts that a scanner may well hand in.
func notReceipts(t *testing.T) []string {
	text := signSample(t, samples()[1])
	last := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", text[len(text)-1])
	return []string{
		"", "YZ1:", "YZ1", "6901234567892", "https://example.org/", text[1:], "YZ2:" + text[4:],
		strings.ToLower(text), text[:60], text[:len(text)-8], text + "AAAAAAAA", text[:50] + "\n" + text[50:],
		text[:50] + " " + text[50:], text[:50] + "\r" + text[51:], text + "=", text[:50] + "1" + text[51:],
		text[:len(text)-1] + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[last^1:][:1], // a bit after the last byte
		"YZ1:" + text32.EncodeToString(make([]byte, 63)), "YZ1:" + text32.EncodeToString(make([]byte, 64)),
		"YZ1:" + strings.Repeat("A", 1<<20),
	}
}

func TestReadReceiptIsStrict(t *testing.T) {
	if n := len(signSample(t, samples()[1])) - 4; n*5%8 == 0 {
		t.Fatal("the sample leaves no bits after its last byte")
	}
	for _, s := range notReceipts(t) {
		e, encoded, sig, err := ledger.ReadReceipt(s)
		if !errors.Is(err, ledger.ErrReceipt) || e.Body != nil || encoded != nil || sig != nil {
			t.Errorf("%.80q is read as %+v, %v", s, e, err)
		}
	}
	for _, s := range []string{"", "YZ1", "yz1:", "YZ:1", "6901234567892"} {
		if ledger.IsReceipt(s) {
			t.Errorf("%q is taken for a receipt", s)
		}
	}
}

// TestReadReceiptSaysWhatIsWrong: the person at the counter reads it.
func TestReadReceiptSaysWhatIsWrong(t *testing.T) {
	text := signSample(t, samples()[1])
	entry := mustEncode(t, sampleEntry(samples()[1]))
	for want, s := range map[string]string{
		"does not begin with YZ1:": "6901234567892",
		"too long":                 "YZ1:" + strings.Repeat("A", 3381),
		"cut short":                text[:60],
		"version 0":                "YZ1:" + text32.EncodeToString(make([]byte, len(entry)+64)),
	} {
		if _, _, _, err := ledger.ReadReceipt(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", s, err, want)
		}
		if _, err := ledger.VerifyReceipt(s, testPublic()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("verifying %.20q: %v, want %q", s, err, want)
		}
	}
	// The longest text that could be a receipt is looked at.
	if _, _, _, err := ledger.ReadReceipt("YZ1:" + strings.Repeat("A", 3380)); err == nil || strings.Contains(err.Error(), "too long") {
		t.Errorf("the longest receipt: %v", err)
	}
}

func FuzzReadReceipt(f *testing.F) {
	for _, body := range samples() {
		f.Add(signSample(f, body))
	}
	f.Add("YZ1:")
	f.Add("YZ1:AAAA\nAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		e, encoded, sig, err := ledger.ReadReceipt(s)
		if err != nil {
			if !errors.Is(err, ledger.ErrReceipt) || e.Body != nil || encoded != nil || sig != nil {
				t.Fatalf("%q: %+v, %v", s, e, err)
			}
			return
		}
		if want := "YZ1:" + text32.EncodeToString(append(bytes.Clone(encoded), sig...)); want != strings.TrimSpace(s) {
			t.Fatalf("%q is read as %q", s, want)
		}
		if len(sig) != ed25519.SignatureSize || !bytes.Equal(mustEncode(t, e), encoded) {
			t.Fatalf("%q: a signature of %d bytes, entry %+v", s, len(sig), e)
		}
	})
}

func FuzzReceiptNumber(f *testing.F) {
	for _, text := range []string{"SQ-01-1-000123", "SQ01-1-000001", "SQ01-1-1", "SQ01-0-000001", "sq01-1-000001", "1-000001", "-1-000001", "SQ01-01-000001", "SQ01-1-1234567", "A-4294967296-000001", "A-1-281474976710657"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		kiosk, epoch, seq, err := ledger.ParseReceiptNumber(text)
		if err == nil && ledger.ReceiptNumber(kiosk, epoch, seq) != text {
			t.Errorf("%q is read as %s, %d, %d", text, kiosk, epoch, seq)
		}
		if err != nil && !errors.Is(err, ledger.ErrEncoding) {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestReceiptNumber(t *testing.T) {
	kiosk, epoch, seq, err := ledger.ParseReceiptNumber("SQ-01-1-000123")
	if err != nil || kiosk != "SQ-01" || epoch != 1 || seq != 123 {
		t.Errorf("%s, %d, %d, %v", kiosk, epoch, seq, err)
	}
	for _, text := range []string{"", "SQ-01", "SQ-01-1-123", "SQ-01-0-000123", "sq-01-1-000123", " SQ-01-1-000123", "SQ-01-1-000000", "SQ-01-+1-000123"} {
		if _, _, _, err := ledger.ParseReceiptNumber(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
