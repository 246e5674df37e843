package ledger_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"
	"yizhan/ledger"
)

// parcel is bytes that come in as an entry, and what they are.
type parcel struct {
	bytes  []byte
	seq    uint64
	what   string // "genuine", "other body", "other past", "foreign" or "garbage"
	answer error  // when it is not the genuine next one; nil: it depends on seq
}

// makeParcels builds a chain of n entries, and forgeries behind each of them.
func makeParcels(t *rapid.T, n int) [][]parcel {
	var all [][]parcel
	head := ledger.Head{Kiosk: "K-1", Epoch: 3}
	for range n {
		var parcels []parcel
		e := ledger.Entry{Kiosk: "K-1", Epoch: 3, Seq: head.Seq + 1, Prev: head.Hash,
			Body: ledger.Device{Event: ledger.DeviceStart, Text: fmt.Sprint(head.Seq)}}
		add := func(what string, answer error, change func(*ledger.Entry)) {
			forged := e
			change(&forged)
			parcels = append(parcels, parcel{mustEncode(t, forged), e.Seq, what, answer})
		}
		add("genuine", nil, func(*ledger.Entry) {})
		genuine := parcels[0].bytes
		add("other body", nil, func(e *ledger.Entry) { e.Body = ledger.Device{Event: ledger.DeviceNewEpoch, Text: "forged"} })
		add("other past", nil, func(e *ledger.Entry) { e.Prev[31] ^= 1 })
		add("foreign", ledger.ErrForeign, func(e *ledger.Entry) { e.Kiosk = "K-2" })
		add("foreign", ledger.ErrForeign, func(e *ledger.Entry) { e.Epoch = 4 })
		parcels = append(parcels, parcel{genuine[:len(genuine)-1], e.Seq, "garbage", ledger.ErrEncoding})
		next, _, err := head.Next(genuine)
		if err != nil {
			t.Fatal(err)
		}
		head, all = next, append(all, parcels)
	}
	return all
}

// TestChainIsAPrefixOfItsKiosks: whatever comes in, doubled, out of order,
// forged or cut, the receiver holds invariant 3: one entry for each number,
// without gaps, the kiosk's own from the first on. (An "other body" at the end
// of the chain is as good as the genuine entry to one who has only the bytes:
// the signature of the head tells them apart, so the receiver here checks it.)
func TestChainIsAPrefixOfItsKiosks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parcels := makeParcels(t, 8)
		head := ledger.Head{Kiosk: "K-1", Epoch: 3}
		known := map[ledger.Hash]bool{}
		for range 100 {
			i := int(head.Seq) + rapid.IntRange(-3, 3).Draw(t, "offset") // 0: the next one
			p := rapid.SampledFrom(parcels[min(max(i, 0), 7)]).Draw(t, "parcel")
			if p.what == "other body" && p.seq == head.Seq+1 || known[ledger.HashOf(p.bytes)] {
				continue
			}
			next, e, err := head.Next(p.bytes)
			want := p.answer
			switch {
			case want != nil:
			case p.seq > head.Seq+1:
				want = ledger.ErrGap
			case p.what != "genuine" || p.seq <= head.Seq:
				want = ledger.ErrFork
			}
			if !errors.Is(err, want) {
				t.Fatalf("%s entry %d after %d: %v, want %v", p.what, p.seq, head.Seq, err, want)
			}
			if err != nil && next != head {
				t.Fatalf("a refused entry moves the head to %+v", next)
			}
			if err == nil && (next.Seq != head.Seq+1 || e.Seq != next.Seq || next.Hash != ledger.HashOf(p.bytes)) {
				t.Fatalf("after %+v the head is %+v, the entry %+v", head, next, e)
			}
			if err == nil {
				known[next.Hash] = true
			}
			head = next
		}
	})
}

// TestForkOfABox: two boxes with the same key go on from the same entry. To
// the center, which has seen one of them, the other is a fork from there on.
func TestForkOfABox(t *testing.T) {
	start := ledger.Head{Kiosk: "K-1", Epoch: 1}
	grow := func(h ledger.Head, text string) (ledger.Head, []byte) {
		b := mustEncode(t, ledger.Entry{Kiosk: "K-1", Epoch: 1, Seq: h.Seq + 1, Prev: h.Hash,
			Body: ledger.Device{Event: ledger.DeviceStart, Text: text}})
		next, _, err := h.Next(b)
		if err != nil {
			t.Fatal(err)
		}
		return next, b
	}
	common, _ := grow(start, "before the copy")
	box, _ := grow(common, "the box")
	twin, b2 := grow(common, "its twin")
	_, b3 := grow(twin, "its twin again")
	for _, b := range [][]byte{b2, b3} {
		if _, _, err := box.Next(b); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("the twin's entry: %v, want %v", err, ledger.ErrFork)
		}
	}
	for seq := uint64(1); seq <= box.Seq; seq++ { // an old number with the newest past
		b := mustEncode(t, ledger.Entry{Kiosk: "K-1", Epoch: 1, Seq: seq, Prev: box.Hash, Body: ledger.Device{Event: ledger.DeviceStart}})
		if _, _, err := box.Next(b); !errors.Is(err, ledger.ErrFork) {
			t.Errorf("entry %d after %d: %v, want %v", seq, box.Seq, err, ledger.ErrFork)
		}
	}
	if _, _, err := start.Next(b3); !errors.Is(err, ledger.ErrGap) {
		t.Errorf("entries left out: %v", err)
	}
}

// TestHeadSignature covers every field of the head.
func TestHeadSignature(t *testing.T) {
	h := ledger.Head{Kiosk: "XI-07", Epoch: 2, Seq: 4712, Hash: ledger.HashOf([]byte("entry"))}
	sig := h.Sign(testKey)
	if len(sig) != 64 || !h.Verify(testPublic(), sig) {
		t.Fatal("the kiosk's own signature does not verify")
	}
	for name, change := range map[string]func(*ledger.Head){
		"kiosk": func(h *ledger.Head) { h.Kiosk = "XI-08" },
		"epoch": func(h *ledger.Head) { h.Epoch++ },
		"seq":   func(h *ledger.Head) { h.Seq++ },
		"hash":  func(h *ledger.Head) { h.Hash[0] ^= 1 },
	} {
		forged := h
		change(&forged)
		if forged.Verify(testPublic(), sig) {
			t.Errorf("another %s verifies", name)
		}
	}
	if h.Verify(testPublic(), sig[:63]) || h.Verify(testPublic(), nil) || h.Verify(nil, sig) || h.Verify(testPublic()[1:], sig) {
		t.Error("a short key or signature verifies")
	}
	if h.Verify(ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey), sig) {
		t.Error("with another key it verifies")
	}
}

// TestHeadSignatureIsPinned: signatures on paper must verify for years.
func TestHeadSignatureIsPinned(t *testing.T) {
	h := ledger.Head{Kiosk: "XI-07", Epoch: 2, Seq: 4712, Hash: ledger.HashOf([]byte("entry"))}
	signed := "yizhan head v1\nXI-07\n" + "\x00\x00\x00\x02" + "\x00\x00\x00\x00\x00\x00\x12\x68" + string(h.Hash[:])
	if !ed25519.Verify(testPublic(), []byte(signed), h.Sign(testKey)) {
		t.Error("a signature of a head covers other bytes than it used to")
	}
}
