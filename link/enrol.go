package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"yizhan/ledger"
)

// EnrolPath is where a center hears boxes that want to become its kiosks.
const EnrolPath = "/enrol"

// ErrEnrol means that the center did not take a request to be enrolled; the text
// says why.
var ErrEnrol = errors.New("link: the center does not enrol this box")

// ErrCode is the ErrEnrol of a code that is wrong, used or too old: the center
// says it with the status 403.
var ErrCode = fmt.Errorf("%w: the code is wrong, used or too old", ErrEnrol)

// Invitation is what an officer gives a box: where the center is, the one-time
// code, and the center's key. As a QR code a box reads all three; somebody who
// types leaves the key out, and then the comparison of fingerprints alone tells
// whether the center is the right one.
type Invitation struct {
	Address string // host:port
	Code    string // 16 letters and digits; hyphens, spaces and case say nothing
	Center  Digest // SHA-256 of the center's public key; zero: not known
}

const invitationMark = "YZE1:"

var pinText = base32.StdEncoding.WithPadding(base32.NoPadding)

// Text writes an invitation for a QR code, in the characters of its alphanumeric
// mode: YZE1:CODE:KEY:ADDRESS.
func (i Invitation) Text() string {
	return invitationMark + plainCode(i.Code) + ":" + pinText.EncodeToString(i.Center[:]) + ":" + strings.ToUpper(i.Address)
}

// IsInvitation tells whether a text is meant as one, whole or not.
func IsInvitation(text string) bool { return strings.HasPrefix(text, invitationMark) }

// ParseInvitation reads what Text writes.
func ParseInvitation(text string) (Invitation, error) {
	bad := fmt.Errorf("%w: this is no invitation of a center", ErrEnrol)
	rest, ok := strings.CutPrefix(text, invitationMark)
	parts := strings.SplitN(rest, ":", 3)
	if !ok || len(parts) != 3 || len(text) > maxInvitation {
		return Invitation{}, bad
	}
	key, err := pinText.DecodeString(parts[1])
	i := Invitation{Address: strings.ToLower(parts[2]), Code: parts[0]}
	if err != nil || len(key) != len(i.Center) || i.Code == "" {
		return Invitation{}, bad
	}
	i.Center = Digest(key)
	if i.Text() != text || CheckAddress(i.Address) != nil {
		return Invitation{}, bad
	}
	return i, nil
}

// CheckAddress tells what is wrong with the address of a center.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || port == "" || strings.ContainsAny(address, " /?#@\\") {
		return fmt.Errorf("%w: %q is no address; write it like 10.0.0.5:8443", ErrEnrol, address)
	}
	return nil
}

func plainCode(code string) string {
	return strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(code))
}

// Fingerprint is what the officer compares on both screens: 16 hexadecimal
// digits, in fours, of the box's public key and of the center's as the box saw
// it. Whoever stands between the two has another key, and so another fingerprint.
func Fingerprint(box ed25519.PublicKey, center Digest) string {
	sum := sha256.Sum256(append(append([]byte("yizhan fingerprint 1\n"), center[:]...), box...))
	text := hex.EncodeToString(sum[:8])
	return text[:4] + " " + text[4:8] + " " + text[8:12] + " " + text[12:]
}

// EnrolRequest asks that a box become the kiosk that the code is for.
type EnrolRequest struct {
	Code      string `json:"code"`
	Key       Digest `json:"key"`   // Ed25519 public key of the box
	Least     uint32 `json:"least"` // the lowest epoch that its journal can begin
	Program   string `json:"program"`
	Signature []byte `json:"signature"` // of the other fields and the center's key
}

// signed is what a box signs: the center that it means and what it asks.
func (r EnrolRequest) signed(center Digest) []byte {
	r.Signature = nil
	body, _ := json.Marshal(r) // strings and numbers: it cannot fail
	return append(append([]byte("yizhan enrol 1\n"), center[:]...), body...)
}

// Sign signs the request for a center.
func (r *EnrolRequest) Sign(center Digest, key ed25519.PrivateKey) {
	r.Key = Digest(key.Public().(ed25519.PublicKey))
	r.Code = plainCode(r.Code)
	r.Signature = ed25519.Sign(key, r.signed(center))
}

// Verify tells whether whoever asks holds the key, and means this center.
func (r EnrolRequest) Verify(center Digest) error {
	if r.Code == "" || len(r.Code) > maxCodeBytes || len(r.Program) > maxCodeBytes {
		return fmt.Errorf("%w: a code or a program's name of the wrong length", ErrEnrol)
	}
	if r.Least > maxLeast {
		return fmt.Errorf("%w: no box has seen %d epochs", ErrEnrol, r.Least)
	}
	if !ed25519.Verify(r.Key[:], r.signed(center), r.Signature) {
		return fmt.Errorf("%w: the signature is not of this key for this center", ErrEnrol)
	}
	return nil
}

// EnrolState is how far an enrolment is.
type EnrolState string

// States of an enrolment.
const (
	EnrolWaiting  EnrolState = "waiting" // an officer compares the fingerprints
	EnrolApproved EnrolState = "approved"
	EnrolRefused  EnrolState = "refused"
)

// EnrolAnswer is what a box hears, each time that it asks.
type EnrolAnswer struct {
	State  EnrolState `json:"state"`
	Kiosk  string     `json:"kiosk"`  // that it becomes
	Epoch  uint32     `json:"epoch"`  // to begin, once approved
	Issuer Digest     `json:"issuer"` // Ed25519 public key that signs the center's bundles
}

func (a EnrolAnswer) check() error {
	if a.State != EnrolWaiting && a.State != EnrolApproved && a.State != EnrolRefused {
		return fmt.Errorf("%w: state %q", ErrEnrol, a.State)
	}
	if !ledger.ValidKiosk(a.Kiosk) || a.State == EnrolApproved && (a.Epoch == 0 || a.Issuer == Digest{}) {
		return fmt.Errorf("%w: kiosk %q, epoch %d", ErrEnrol, a.Kiosk, a.Epoch)
	}
	return nil
}

// SeePin connects to a center and returns the key that it shows.
func SeePin(ctx context.Context, address string) (Digest, error) {
	d := tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}} // fingerprints are compared
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return Digest{}, fmt.Errorf("calling %s: %w", address, err)
	}
	defer conn.Close()
	return Pin(conn.(*tls.Conn).ConnectionState().PeerCertificates[0]), nil
}

// Enrol asks a center once, and is called again until the answer is no longer
// that the box waits. The center must show the key that the request was signed
// for (ErrPin). A code that is wrong, used or too old answers ErrCode, and whoever
// is no center ErrEnrol; any other error means that asking again may help.
func Enrol(ctx context.Context, address string, center Digest, r EnrolRequest) (EnrolAnswer, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return EnrolAnswer{}, fmt.Errorf("writing the request: %w", err)
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+address+EnrolPath, bytes.NewReader(body))
	if err != nil {
		return EnrolAnswer{}, fmt.Errorf("%w: %w", ErrEnrol, err)
	}
	ask.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{TLSClientConfig: pinned(center), DisableKeepAlives: true}, Timeout: HandshakeTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(ask)
	if err != nil {
		return EnrolAnswer{}, fmt.Errorf("calling %s: %w", address, err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxEnrolBytes))
	if err != nil {
		return EnrolAnswer{}, fmt.Errorf("calling %s: %w", address, err)
	}
	if resp.StatusCode != http.StatusOK {
		return EnrolAnswer{}, noAnswer(resp.StatusCode, strings.TrimSpace(string(text[:min(len(text), maxTextBytes)])))
	}
	var a EnrolAnswer
	if err := json.Unmarshal(text, &a); err != nil {
		return a, fmt.Errorf("%w: the answer cannot be read: %w", ErrEnrol, err)
	}
	return a, a.check()
}

// noAnswer is what it means that a center answers with a status other than 200.
func noAnswer(status int, text string) error {
	switch {
	case status == http.StatusForbidden:
		return fmt.Errorf("%w: %s", ErrCode, text)
	case status >= http.StatusInternalServerError || status == http.StatusTooManyRequests:
		return fmt.Errorf("link: the center cannot answer now: %d %s", status, text)
	}
	return fmt.Errorf("%w: %d %s", ErrEnrol, status, text)
}
