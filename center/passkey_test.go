package center

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
)

// authenticator is a security key in a test's hand, which does what it is told.
type authenticator struct {
	id      []byte
	signer  crypto.Signer
	counter uint32
	flags   byte
	rp      string
	origin  string
	user    string // handle, in base64
}

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &authenticator{id: []byte("credential 1"), signer: key, flags: flagPresent | flagVerified, rp: "localhost", origin: "http://localhost:8400"}
}

// cbor writes an item's head in its shortest form.
func cbor(kind byte, n uint64) []byte {
	switch {
	case n < 24:
		return []byte{kind<<5 | byte(n)}
	case n < 256:
		return []byte{kind<<5 | 24, byte(n)}
	}
	return []byte{kind<<5 | 25, byte(n >> 8), byte(n)}
}

// cose is the public key.
func (a *authenticator) cose() []byte {
	number := func(n int64) []byte {
		if n < 0 {
			return cbor(1, uint64(-1-n))
		}
		return cbor(0, uint64(n))
	}
	text := func(b []byte) []byte { return append(cbor(2, uint64(len(b))), b...) }
	switch key := a.signer.Public().(type) {
	case *ecdsa.PublicKey:
		point, _ := key.Bytes()
		return slicesOf(cbor(5, 5), number(1), number(2), number(3), number(-7), number(-1), number(1), number(-2), text(point[1:33]), number(-3), text(point[33:]))
	case ed25519.PublicKey:
		return slicesOf(cbor(5, 4), number(1), number(1), number(3), number(-8), number(-1), number(6), number(-2), text(key))
	case *rsa.PublicKey:
		return slicesOf(cbor(5, 4), number(1), number(3), number(3), number(-257), number(-1), text(key.N.Bytes()), number(-2), text(big.NewInt(int64(key.E)).Bytes()))
	}
	return nil
}

func slicesOf(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// data is what the authenticator signs.
func (a *authenticator) data(create bool) []byte {
	hash := sha256.Sum256([]byte(a.rp))
	flags := a.flags
	if create {
		flags |= flagAttested
	}
	data := binary.BigEndian.AppendUint32(append(hash[:], flags), a.counter)
	if create {
		data = slicesOf(data, make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(a.id))), a.id, a.cose())
	}
	return data
}

func (a *authenticator) client(kind, challenge string) []byte {
	text, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false, "other_keys_can_be_added_here": "x"})
	return text
}

func (a *authenticator) sign(data, client []byte) []byte {
	hash := sha256.Sum256(client)
	signed := slicesOf(data, hash[:])
	if _, plain := a.signer.Public().(ed25519.PublicKey); plain {
		signature, _ := a.signer.Sign(rand.Reader, signed, crypto.Hash(0))
		return signature
	}
	digest := sha256.Sum256(signed)
	signature, _ := a.signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	return signature
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// named has the browser come by the center's name.
func (b *browser) named(host string) *browser { b.host = host; return b }

// offered asks the center for a challenge.
func (b *browser) offered(kind string) (o offer) {
	b.Helper()
	b.get("/passkey/challenge?poll=1&for=" + kind).shows(200)
	if err := json.Unmarshal([]byte(b.body), &o); err != nil {
		b.Fatal(err)
	}
	return o
}

// registers adds a passkey, which remembers its user.
func (b *browser) registers(a *authenticator, name string) *browser {
	b.Helper()
	o := b.offered("create")
	a.user = o.User
	return b.post("/me/passkey", "challenge", o.Challenge, "id", b64(a.id), "client", b64(a.client(ceremonyCreate, o.Challenge)), "data", b64(a.data(true)), "name", name)
}

// asserts is the form of a passkey that signs a challenge.
func (a *authenticator) asserts(challenge string) []string {
	data, client := a.data(false), a.client(ceremonyGet, challenge)
	return []string{"challenge", challenge, "id", b64(a.id), "client", b64(client), "data", b64(data), "signature", b64(a.sign(data, client)), "user", a.user}
}

// signsIn signs in with a passkey.
func (b *browser) signsIn(a *authenticator, pairs ...string) *browser {
	b.Helper()
	a.counter++
	return b.post("/passkey/signin", with(a.asserts(b.offered("get").Challenge), pairs...)...)
}

func TestAPasskeySignsIn(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer).named("localhost:8400")
	a := newAuthenticator(t)
	b.get("/me").shows(200, "添加通行密钥")
	b.registers(a, "蓝色的键").shows(200, "通行密钥添加好了", "蓝色的键", "localhost")
	if got := b.offered("create"); len(got.Known) != 1 || got.Known[0] != b64(a.id) || got.Center != "青禾县中心" {
		t.Errorf("%+v", got)
	}
	in := o.browser().named("localhost:8400")
	in.get("/signin").shows(200, "用通行密钥")
	o.now = o.now.Add(time.Second)
	in.signsIn(a, "next", "/me").shows(200, "在这些地方登录着", "蓝色的键")
	o.now = o.now.Add(idle)
	in.get("/fleet").shows(200, "已锁上", "用通行密钥")
	in.signsIn(a, "next", "/fleet").shows(200, "终端机")
	in.get("/audit?place=lin").shows(200, "添加通行密钥", "解锁")

	chen := o.signedIn("chen", store.RoleOfficer).named("localhost:8400")
	chen.post("/lock").shows(200, "已锁上")
	o.now = o.now.Add(time.Second)
	chen.signsIn(a).shows(401, "通行密钥没有通过", "已锁上") // lin's key does not open chen's desk
	in.post("/me/passkey/drop", "passkey", passkeyOn(in)).shows(200, "通行密钥已移除").hides("蓝色的键")
	o.now = o.now.Add(time.Second)
	o.browser().named("localhost:8400").signsIn(a).shows(401, "通行密钥没有通过")
}

// passkeyOn is the first passkey that the page of an officer lists.
func passkeyOn(b *browser) string {
	b.Helper()
	return hidden(b.get("/me").body, "passkey")
}

// What does not fit is refused, and the same answer is good the next moment.
func TestPasskeysThatDoNotFit(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer).named("localhost:8400")
	a := newAuthenticator(t)
	b.registers(a, "键").shows(200, "通行密钥添加好了")
	in := o.browser().named("localhost:8400")
	try := func(change func(a *authenticator)) *browser {
		o.now = o.now.Add(time.Second)
		bad := *a
		bad.counter++
		change(&bad)
		return in.post("/passkey/signin", bad.asserts(in.offered("get").Challenge)...)
	}
	other := newAuthenticator(t)
	for name, change := range map[string]func(a *authenticator){
		"the user was not verified": func(a *authenticator) { a.flags = flagPresent },
		"nobody was there":          func(a *authenticator) { a.flags = flagVerified },
		"moved, and may not":        func(a *authenticator) { a.flags |= flagMoved },
		"another origin":            func(a *authenticator) { a.origin = "http://evil.example" },
		"another port":              func(a *authenticator) { a.origin = "http://localhost:8401" },
		"another center":            func(a *authenticator) { a.rp = "evil.example" },
		"another key":               func(a *authenticator) { a.signer = other.signer },
		"an unknown credential":     func(a *authenticator) { a.id = []byte("credential 2") },
		"another user":              func(a *authenticator) { a.user = b64([]byte("somebody")) },
		"no user":                   func(a *authenticator) { a.user = "" },
	} {
		if try(change); in.code != 401 || len(in.cookies) != 0 {
			t.Errorf("%s: answers %d with %v", name, in.code, in.cookies)
		}
	}
	a.counter++
	challenge := in.offered("get").Challenge
	right := a.asserts(challenge)
	for name, form := range map[string][]string{
		"no signature":        with(right, "signature", ""),
		"a padded field":      with(right, "id", b64(a.id)+"="),
		"a long field":        with(right, "client", strings.Repeat("A", maxPasskeyField+1)),
		"a made up challenge": with(right, "challenge", b64(make([]byte, challengeBytes))),
		"a challenge to make": a.asserts(b.offered("create").Challenge),
		"cut off":             with(right, "data", b64(a.data(false)[:36])),
		"more behind it":      with(right, "data", b64(append(a.data(false), 0))),
		"no client":           with(right, "client", b64([]byte("{"))),
		"to make one":         with(right, "client", b64(a.client(ceremonyCreate, challenge))),
		"another challenge":   with(right, "client", b64(a.client(ceremonyGet, "x"))),
	} {
		if in.post("/passkey/signin", form...); in.code != 401 {
			t.Errorf("%s: answers %d", name, in.code)
		}
		o.now = o.now.Add(time.Second)
	}
	in.named("127.0.0.1:8400").post("/passkey/signin", right...).shows(401) // by address there is none
	in.named("localhost:8400").post("/passkey/signin", right...).shows(200, "今天")
	in.post("/signout")
	o.now = o.now.Add(2 * time.Second)
	in.post("/passkey/signin", right...).shows(401) // a replay
	late := in.offered("get").Challenge
	a.counter++
	o.now = o.now.Add(challengeValid + time.Second)
	in.post("/passkey/signin", a.asserts(late)...).shows(401)
	try(func(a *authenticator) { a.counter -= 2 }).shows(401) // a copy that lags behind
	acts, err := o.store.Acts(t.Context(), "lin", 0, 1)
	o.must(err)
	if acts[0].Kind != "officer.passkey_cloned" {
		t.Errorf("the copy left no trace: %+v", acts[0])
	}
	try(func(*authenticator) {}).shows(200, "今天")
}

func TestAPasskeyIsMadeForItsOfficer(t *testing.T) {
	o := newOffice(t)
	b := o.signedIn("lin", store.RoleOfficer).named("localhost:8400")
	a := newAuthenticator(t)
	for name, change := range map[string]func(a *authenticator){
		"not verified":   func(a *authenticator) { a.flags = flagPresent },
		"another origin": func(a *authenticator) { a.origin = "http://evil.example" },
		"another center": func(a *authenticator) { a.rp = "evil.example" },
		"no id":          func(a *authenticator) { a.id = nil },
	} {
		bad := *a
		change(&bad)
		if b.registers(&bad, "x"); b.code != 400 {
			t.Errorf("%s: answers %d", name, b.code)
		}
	}
	chen := o.signedIn("chen", store.RoleOfficer).named("localhost:8400")
	offer := chen.offered("create")
	b.post("/me/passkey", "challenge", offer.Challenge, "id", b64(a.id), "client", b64(a.client(ceremonyCreate, offer.Challenge)), "data", b64(a.data(true))).shows(400) // of another session
	b.registers(a, "").shows(200, "通行密钥添加好了")
	chen.registers(a, "偷来的").shows(400)
	for i := range store.MaxPasskeys {
		a.id = fmt.Appendf(nil, "key %d", i)
		b.registers(a, "x")
	}
	b.shows(200, "最多 10 把")
	b.named("127.0.0.1:8400").get("/me").shows(200, "请用中心的域名打开").hides("添加通行密钥")
	b.get("/passkey/challenge").shows(404)
	link, _, err := InviteOfficer(t.Context(), o.store, o.keys, rand.Reader, "lin", "terminal")
	o.must(err)
	in := o.browser().get(link)
	in.secret = secretOn(t, in.body)
	in.post(link, "password", goodPassword, "again", goodPassword, "code", in.now6()).shows(200, "密码设好了")
	o.now = o.now.Add(time.Minute)
	in.named("localhost:8400").signsIn(a).shows(401) // a new password voids passkeys
}

// Every kind of key is read and believed, and another's signature is not.
func TestKindsOfKeys(t *testing.T) {
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	a := newAuthenticator(t)
	for _, signer := range []crypto.Signer{a.signer, ed, old} {
		a.signer = signer
		data, client := a.data(false), a.client(ceremonyGet, "x")
		signature := a.sign(data, client)
		if err := checkSignature(a.cose(), data, client, signature); err != nil {
			t.Errorf("%T: %v", signer, err)
		}
		signature[len(signature)-1] ^= 1
		if checkSignature(a.cose(), data, client, signature) == nil {
			t.Errorf("%T: any signature is believed", signer)
		}
		if _, err := publicKey(append(a.cose(), 0)); err == nil {
			t.Errorf("%T: a key with something behind it is taken", signer)
		}
	}
	for name, text := range map[string][]byte{
		"nothing": nil, "no map": {0x01}, "a label twice": {0xa2, 0x01, 0x02, 0x01, 0x02}, "a long number": {0xa1, 0x18, 0x01, 0x02}, "cut off": {0xa1, 0x01}, "a text": {0xa1, 0x01, 0x61, 0x61},
		"an endless map": {0xbf, 0xff}, "off the curve": append([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, append(append(make([]byte, 32), 0x22, 0x58, 32), make([]byte, 32)...)...),
	} {
		if _, err := publicKey(text); err == nil {
			t.Errorf("%s is taken for a key", name)
		}
	}
}

// FuzzAuthenticator holds that whatever an authenticator says is read or refused.
func FuzzAuthenticator(f *testing.F) {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a := &authenticator{id: []byte("x"), signer: key, flags: flagPresent | flagVerified, rp: "localhost"}
	f.Add(a.data(true))
	f.Add(a.data(false))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readAuthenticator(data, relying{ID: "localhost"})
		if err == nil && got.Key != nil {
			if _, err := publicKey(got.Key); err != nil {
				t.Errorf("a key that is none was taken: %x", got.Key)
			}
		}
	})
}
