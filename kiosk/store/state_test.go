package store

import (
	"bytes"
	"crypto/rand"
	"testing"

	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

func testState() state {
	s := newState(ledger.Head{Kiosk: testKiosk, Epoch: 7, Seq: 1 << 40, Hash: ledger.Hash{1, 2, 3}})
	s.Totals = ledger.Totals{FromSeq: 9, Reserved: 1, Settled: 2, Cancelled: 3, Refunded: 4, Spent: 5, Back: 6}
	s.Bundle = announced{Serial: 12, Body: [32]byte{4}, Issuer: bytes.Repeat([]byte{9}, 32)}
	s.Open, s.Era, s.Halt, s.Acked, s.Changes = true, "k3v9", "fork another entry stands at 131", 1<<40-2, 77
	for b := range s.Sums {
		s.Sums[b] = sum{Rows: int64(b), Nonce: [nonceBytes]byte{byte(b)}}
	}
	return s
}

func TestStateReadsBack(t *testing.T) {
	for _, s := range []state{testState(), newState(ledger.Head{Kiosk: "K", Epoch: 1})} {
		got, err := decodeState(s.encode())
		if err != nil || string(got.encode()) != string(s.encode()) || got.Head != s.Head || got.Totals != s.Totals || got.Sums != s.Sums || got.Bundle.text() != s.Bundle.text() ||
			got.Era != s.Era || got.Halt != s.Halt || got.Acked != s.Acked || got.Changes != s.Changes || got.Open != s.Open {
			t.Fatalf("%+v, %v", got, err)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	f.Add(testState().encode())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := decodeState(b)
		if err != nil {
			return
		}
		if again, err := decodeState(s.encode()); err != nil || again.Head != s.Head {
			t.Fatal(err)
		}
	})
}

func FuzzParseAnnounced(f *testing.F) {
	f.Add(testState().Bundle.text())
	f.Add("")
	f.Add("1 2 3")
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := parseAnnounced(s); err == nil && a.text() != s {
			t.Fatalf("%q reads as %q", s, a.text())
		}
	})
}

// TestSumsNoticeWhatComesBack holds the property that sums are there for.
func TestSumsNoticeWhatComesBack(t *testing.T) {
	sealer, err := seal.New(make([]byte, seal.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	sealed := func(s string) []byte {
		b, err := sealer.Seal(nil, []byte(s), nil, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	a, b, again := sealed("a"), sealed("b"), sealed("a")
	var now sum
	now.replace(nil, a)
	now.replace(nil, b)
	now.replace(a, again)
	with := func(rows ...[]byte) (s sum) {
		for _, r := range rows {
			s.replace(nil, r)
		}
		return s
	}
	if !now.equal(with(b, again)) {
		t.Fatal("the rows that are there don't add up")
	}
	for name, s := range map[string]sum{"an old row": with(b, a), "a lost row": with(again), "a row more": with(b, again, a), "none": with()} {
		if now.equal(s) {
			t.Errorf("%s is not noticed", name)
		}
	}
	now.replace(again, nil)
	now.replace(b, nil)
	if now != (sum{}) {
		t.Error("deleting does not come to nothing")
	}
}

func TestRowsReadBack(t *testing.T) {
	account := ledger.Account{Rights: []ledger.Right{{Expires: -3, Granted: 1 << 39, Spent: 5, Refunded: 4, Returned: 3, Held: 2}, {Expires: 9}}}
	var raw []byte
	for _, r := range account.Rights {
		raw = packInts(raw, int64(r.Expires), int64(r.Granted), int64(r.Spent), int64(r.Refunded), int64(r.Returned), int64(r.Held))
	}
	got, err := decodeAccount(raw)
	if err != nil || len(got.Rights) != 2 || got.Rights[0] != account.Rights[0] || got.Rights[1] != account.Rights[1] {
		t.Fatalf("%+v, %v", got, err)
	}
	for cut := range raw {
		if got, err := decodeAccount(raw[:cut]); err == nil && len(got.Rights) == 2 {
			t.Fatalf("cut at %d it still reads", cut)
		}
	}
}
