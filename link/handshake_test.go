package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
)

// boxKey is the key of a test's kiosk; the same number, the same key.
func boxKey(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func helloOf(key ed25519.PrivateKey) Hello {
	return Hello{Protocol: Protocol, Kiosk: "A-07", Epoch: 1, Key: Digest(key.Public().(ed25519.PublicKey)), Program: "test"}
}

func TestHandshake(t *testing.T) {
	pinned, other := Digest{1}, Digest{2}
	welcome := Welcome{Era: "e", Scopes: List[string]{"center"}}
	for _, c := range []struct {
		name     string
		hello    Hello
		key      ed25519.PrivateKey
		pin      Digest
		atCenter Reason // why the center refuses; empty: it does not
	}{
		{"as it should be", helloOf(boxKey(1)), boxKey(1), pinned, ""},
		{"signed by another key", helloOf(boxKey(1)), boxKey(2), pinned, ReasonProof},
		{"meant for another center", helloOf(boxKey(1)), boxKey(1), other, ReasonProof},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				box, office := Pipe(nil)
				heard := make(chan error, 1)
				go func() {
					h, err := Challenger{pinned, rand.NewChaCha8([32]byte{})}.Prove(t.Context(), office)
					if err == nil && h.Kiosk != c.hello.Kiosk {
						err = errors.New("another hello")
					}
					if err == nil {
						err = office.Write(t.Context(), welcome)
					}
					heard <- err
				}()
				w, err := Introduce(t.Context(), box, c.pin, c.hello, c.key)
				if c.atCenter == "" {
					if err != nil || w.Era != "e" {
						t.Errorf("%+v, %v", w, err)
					}
				} else if r, ok := errors.AsType[Refused](err); !ok || r.Reason != c.atCenter {
					t.Errorf("the kiosk hears %v", err)
				}
				err = <-heard
				if r, ok := errors.AsType[Refused](err); ok != (c.atCenter != "") || r.Reason != c.atCenter {
					t.Errorf("the center says %v", err)
				}
			})
		})
	}
}

// TestReplayedProof: a proof is good for one challenge and one Hello.
func TestReplayedProof(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		office := Challenger{Digest{1}, rand.NewChaCha8([32]byte{})}
		key := boxKey(1)
		attempt := func(h Hello, proof func(Challenge) Proof) error {
			box, end := Pipe(nil)
			heard := make(chan error, 1)
			go func() { _, err := office.Prove(t.Context(), end); heard <- err }()
			if err := box.Write(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			c, err := expect[Challenge](t.Context(), box)
			if err != nil {
				t.Fatal(err)
			}
			if err := box.Write(t.Context(), proof(c)); err != nil {
				t.Fatal(err)
			}
			return <-heard
		}
		var kept Proof
		sign := func(c Challenge) Proof {
			m, err := proven(Digest{1}, c, helloOf(key))
			if err != nil {
				t.Fatal(err)
			}
			kept = Proof{ed25519.Sign(key, m)}
			return kept
		}
		if err := attempt(helloOf(key), sign); err != nil {
			t.Fatalf("the proof itself: %v", err)
		}
		replay := func(Challenge) Proof { return kept }
		if r, ok := errors.AsType[Refused](attempt(helloOf(key), replay)); !ok || r.Reason != ReasonProof {
			t.Errorf("replayed: %v", r)
		}
		altered := helloOf(key)
		altered.Epoch = 2
		if r, ok := errors.AsType[Refused](attempt(altered, sign)); !ok || r.Reason != ReasonProof {
			t.Errorf("with another hello: %v", r)
		}
	})
}

// TestAnotherProtocol: a Hello of the past, or of the future with fields that nobody
// here knows, is told which version is spoken, and both numbers stand in the log.
func TestAnotherProtocol(t *testing.T) {
	for _, n := range []int{1, Protocol + 1} {
		synctest.Test(t, func(t *testing.T) {
			box, end := Pipe(nil)
			other := helloOf(boxKey(1))
			other.Protocol = n
			go func() { _ = box.Write(t.Context(), other) }()
			_, err := Challenger{Digest{1}, rand.NewChaCha8([32]byte{})}.Prove(t.Context(), end)
			if r, ok := errors.AsType[Refused](err); !ok || r.Reason != ReasonProtocol || !strings.Contains(err.Error(), fmt.Sprintf("version %d, the kiosk %d", Protocol, n)) {
				t.Errorf("the center says %v", err)
			}
			f, err := box.Read(t.Context())
			if r, ok := f.(Refused); !ok || r.Reason != ReasonProtocol {
				t.Errorf("the kiosk hears %+v, %v", f, err)
			}
		})
	}
	future := append([]byte{byte(KindHello)}, fmt.Sprintf(`{"protocol":%d,"unheard_of":true}`, Protocol+1)...)
	if _, err := Decode(future); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("version %d of the protocol", Protocol+1)) {
		t.Errorf("a hello with unknown fields: %v", err)
	}
}

// TestHandshakeOutOfOrder: a peer that says something else, or nothing, does not
// hold the other end.
func TestHandshakeOutOfOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box, end := Pipe(nil)
		go func() { _ = box.Write(t.Context(), Returned{1, 1}) }()
		ch := Challenger{Digest{1}, rand.NewChaCha8([32]byte{})}
		if _, err := ch.Prove(t.Context(), end); !errors.Is(err, ErrSequence) {
			t.Errorf("another frame: %v", err)
		}
		_, mute := Pipe(nil)
		if _, err := ch.Prove(t.Context(), mute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("silence: %v", err)
		}
		silent, _ := Pipe(nil)
		if _, err := Introduce(t.Context(), silent, Digest{1}, helloOf(boxKey(1)), boxKey(1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a silent center: %v", err)
		}
	})
}
