package link

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"yizhan/ledger"
)

// takeTries bounds how often another process may append to the same chain while
// one frame is taken in.
const takeTries = 8

// Take checks a stretch of a chain and makes it durable. What the center has
// already is passed over. It answers the head that stands then, or an error that
// is a Quarantine when the stretch does not belong there: nothing of it is kept.
func Take(ctx context.Context, chains Chains, kiosk string, epoch uint32, key ed25519.PublicKey, e Entries) (ledger.Head, error) {
	for range takeTries {
		head, err := chains.Head(ctx, kiosk, epoch)
		if err != nil {
			return head, fmt.Errorf("reading the head of %s: %w", kiosk, err)
		}
		fresh, err := passOver(ctx, chains, head, e)
		if err != nil {
			return head, err
		}
		if len(fresh) == 0 {
			return head, nil
		}
		to, err := follow(head, key, e.Signature, fresh)
		if err != nil {
			return head, err
		}
		done, err := chains.Append(ctx, head, to, e.Signature, fresh)
		if err != nil {
			return head, fmt.Errorf("keeping entries %d to %d of %s: %w", head.Seq+1, to.Seq, kiosk, err)
		}
		if done {
			return to, nil
		}
	}
	return ledger.Head{}, fmt.Errorf("keeping entries of %s: others append to the same chain", kiosk)
}

// passOver leaves out the entries that the center has, and finds the one that is
// another.
func passOver(ctx context.Context, chains Chains, head ledger.Head, e Entries) ([][]byte, error) {
	fresh := e.Entries
	for seq := e.First; len(fresh) > 0 && seq <= head.Seq; seq++ {
		have, err := chains.Hash(ctx, head.Kiosk, head.Epoch, seq)
		if err != nil {
			return nil, fmt.Errorf("reading entry %d of %s: %w", seq, head.Kiosk, err)
		}
		if have != ledger.HashOf(fresh[0]) {
			return nil, Quarantine{ReasonFork, fmt.Sprintf("another entry stands at %d", seq)}
		}
		fresh = fresh[1:]
	}
	return fresh, nil
}

// follow checks that entries continue a chain, and that the kiosk has signed
// where they end.
func follow(head ledger.Head, key ed25519.PublicKey, sig []byte, entries [][]byte) (ledger.Head, error) {
	for _, b := range entries {
		next, _, err := head.Next(b)
		if err != nil {
			return head, Quarantine{reasonOf(err), fmt.Sprintf("after entry %d: %v", head.Seq, err)}
		}
		head = next
	}
	if !head.Verify(key, sig) {
		return head, Quarantine{ReasonForged, fmt.Sprintf("the signature at %d is not the kiosk's", head.Seq)}
	}
	return head, nil
}

func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, ledger.ErrFork):
		return ReasonFork
	case errors.Is(err, ledger.ErrGap):
		return ReasonGap
	}
	return ReasonForged
}
