package link

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// proven is what a kiosk signs to prove who it is: it names the center by the
// key that TLS has shown, so that nobody in between can pass the proof on, and
// the Hello that it stands for.
func proven(center Digest, c Challenge, h Hello) ([]byte, error) {
	hello, err := Encode(h)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(hello)
	b := append([]byte("yizhan link 1\n"), center[:]...)
	b = append(b, c.Nonce[:]...)
	return append(b, sum[:]...), nil
}

// Introduce is the kiosk's side of the handshake. Center is the SHA-256 of the
// pinned public key. It answers a Refused when the center says so.
func Introduce(ctx context.Context, c Conn, center Digest, h Hello, key ed25519.PrivateKey) (Welcome, error) {
	ctx, stop := context.WithTimeout(ctx, HandshakeTime)
	defer stop()
	if err := c.Write(ctx, h); err != nil {
		return Welcome{}, fmt.Errorf("greeting the center: %w", err)
	}
	challenge, err := expect[Challenge](ctx, c)
	if err != nil {
		return Welcome{}, fmt.Errorf("greeting the center: %w", err)
	}
	message, err := proven(center, challenge, h)
	if err != nil {
		return Welcome{}, err
	}
	if err := c.Write(ctx, Proof{ed25519.Sign(key, message)}); err != nil {
		return Welcome{}, fmt.Errorf("greeting the center: %w", err)
	}
	w, err := expect[Welcome](ctx, c)
	if err != nil {
		return w, fmt.Errorf("greeting the center: %w", err)
	}
	return w, nil
}

// expect reads a frame of one type. A Refused comes back as an error.
func expect[T Frame](ctx context.Context, c Conn) (T, error) {
	var want T
	f, err := c.Read(ctx)
	if err != nil {
		return want, err
	}
	switch f := f.(type) {
	case T:
		return f, nil
	case Refused:
		return want, f
	}
	return want, fmt.Errorf("%w: %T instead of %T", ErrSequence, f, want)
}

// Challenger is the center's side of the handshake, up to the Welcome.
type Challenger struct {
	Center Digest    // SHA-256 of the public key that TLS shows
	Random io.Reader // of the challenges
}

// Prove hears a Hello and has it proven: whoever speaks holds the key that it
// names and means this center. Whose key it is, the caller looks up. It says
// Refused by itself.
func (ch Challenger) Prove(ctx context.Context, c Conn) (Hello, error) {
	ctx, stop := context.WithTimeout(ctx, HandshakeTime)
	defer stop()
	h, err := expect[Hello](ctx, c)
	if other, ok := errors.AsType[otherProtocol](err); ok {
		return h, refuse(ctx, c, Refused{ReasonProtocol, fmt.Sprintf("this center speaks version %d, the kiosk %d", Protocol, int(other))})
	}
	if err != nil {
		return h, fmt.Errorf("greeting a kiosk: %w", err)
	}
	var challenge Challenge
	if _, err := io.ReadFull(ch.Random, challenge.Nonce[:]); err != nil {
		return h, fmt.Errorf("making a challenge: %w", err)
	}
	if err := c.Write(ctx, challenge); err != nil {
		return h, fmt.Errorf("greeting a kiosk: %w", err)
	}
	p, err := expect[Proof](ctx, c)
	if err != nil {
		return h, fmt.Errorf("greeting a kiosk: %w", err)
	}
	message, err := proven(ch.Center, challenge, h)
	if err != nil {
		return h, err
	}
	if !ed25519.Verify(h.Public(), message, p.Signature) {
		return h, refuse(ctx, c, Refused{ReasonProof, "the proof is not of this key for this center"})
	}
	return h, nil
}

// refuse says why, if the other end still listens, and answers the reason.
func refuse(ctx context.Context, c Conn, r Refused) error {
	ctx, stop := context.WithTimeout(ctx, lastWord)
	defer stop()
	return errors.Join(r, c.Write(ctx, r))
}
