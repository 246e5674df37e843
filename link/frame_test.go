package link

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

var update = flag.Bool("update", false, "write testdata anew")

// samples has one frame of each kind, in the order of the kinds.
func samples() []Frame {
	digest := func(b byte) (d Digest) { d[0], d[31] = b, b; return d }
	doc := json.RawMessage(`{"good":{"code":"RICE-5","version":7,"name":"大米","unit":"袋","price":120,"delivered":40}}`)
	wish := Wish{ledger.Key{1, 2, 3}, ledger.ID{1}, "RICE-5", 1, 120}
	return []Frame{
		Hello{Protocol, "A-07", 2, digest(1), Mark{130, digest(2)}, 128, "k3v9", List[Cursor]{{"kiosk:A-07", 12}, {"town:qingxi", 340}}, "yizhan 0.4"},
		Challenge{digest(3)},
		Proof{bytes.Repeat([]byte{7}, 64)},
		Welcome{Mark{128, digest(4)}, 1767225600000, "k3v9", List[string]{"center", "town:qingxi", "kiosk:A-07"}, false, Quarantine{}},
		Refused{ReasonReplaced, "epoch 3 has begun"},
		Diverged{Mark{131, digest(5)}, Mark{130, digest(2)}},
		Rights{List[Granted]{{ledger.ID{1}, List[Lot]{{2555, 400}}}}, true},
		Entries{129, bytes.Repeat([]byte{9}, 64), [][]byte{[]byte("one"), []byte("two")}},
		Ack{Mark{130, digest(2)}},
		Documents{"town:qingxi", 340, 341, List[json.RawMessage]{doc}},
		Cursor{"town:qingxi", 341},
		Identify{1, civic.CardID{1, 2}},
		TopUp{2, ledger.ID{1}, 400, 60},
		Answer{2, OutcomeOK, List[json.RawMessage]{doc}, 15, List[Holding]{{"B-02", "青山村益栈", 40, false}}, List[Place]{{"B-02", "石桥村益栈", "Shiqiao", "进门左手边", "", 6, 120}}, Kept{131, 37, 1767484800},
			Certificate{"7F2K9Q3M0000WXYZ", true, "https://c.example/proof/7F2K9Q3M0000WXYZ", "清溪县", 2372, 2000, 2371, 600, 90, 30, 1}},
		Recall{1, ledger.ID{1}, 60},
		Returned{1, 131},
		Quarantine{ReasonFork, "another entry stands at 131"},
		Status{"ok", "low", 1 << 30, 1767225600500, 2, 2, 1500, "yizhan 0.4"},
		Find{3, "RICE-5"},
		Reserve{4, wish, "B-02"},
		Order{1, wish, 1767484800, List[json.RawMessage]{doc}},
		Ordered{1, OutcomePoints, Kept{}, 400, 60},
		Release{2, wish.Key, ledger.ID{1}, 131, ReleasePhone},
		Released{2, OutcomeOK},
		Certify{5, ledger.ID{1}},
	}
}

// golden writes a frame as docs/protocol.md quotes it: its kind, and its body.
func golden(f Frame) string {
	b, err := Encode(f)
	if err != nil {
		panic(err) // a sample is valid
	}
	if f.Kind() == KindEntries {
		return fmt.Sprintf("%2d Entries    %x", b[0], b[1:])
	}
	return fmt.Sprintf("%2d %-10s %s", b[0], strings.TrimPrefix(fmt.Sprintf("%T", f), "link."), b[1:])
}

func TestGolden(t *testing.T) {
	var all strings.Builder
	for i, f := range samples() {
		if f.Kind() != Kind(i+1) {
			t.Errorf("sample %d is of kind %d", i+1, f.Kind())
		}
		all.WriteString(golden(f) + "\n")
	}
	if len(samples()) != len(decoders) {
		t.Errorf("%d samples of %d kinds", len(samples()), len(decoders))
	}
	if *update {
		if err := os.WriteFile("testdata/frames.txt", []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{"testdata/frames.txt", "../docs/protocol.md"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), all.String()) {
			t.Errorf("%s does not hold the frames as they are written; go test ./link -run Golden -update writes testdata", file)
		}
	}
}

func TestFramesComeBack(t *testing.T) {
	for _, f := range samples() {
		b, err := Encode(f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(b)
		if err != nil {
			t.Fatalf("%T: %v", f, err)
		}
		if !reflect.DeepEqual(got, f) {
			t.Errorf("%T came back as %+v", f, got)
		}
	}
}

// TestStrict: each sample with a byte too many, a field too many, too few, twice
// or null is refused.
func TestStrict(t *testing.T) {
	for _, f := range samples() {
		b, _ := Encode(f)
		bad := map[string]string{"longer": string(b) + " ", "shorter": string(b[:len(b)-1]), "without a body": string(b[:1])}
		if f.Kind() != KindEntries {
			body := string(b[1:])
			first, _, _ := strings.Cut(body[1:], ",")
			first = strings.TrimSuffix(first, "}")
			bad["unknown field"] = string(b[:1]) + body[:len(body)-1] + `,"more":1}`
			bad["twice"] = string(b[:1]) + "{" + first + "," + body[1:]
			bad["missing"] = string(b[:1]) + "{" + strings.TrimPrefix(body[1+len(first):], ",")
			bad["capital"] = string(b[:1]) + `{"` + strings.ToUpper(body[2:3]) + body[3:]
			bad["null"] = string(b[:1]) + "null"
		}
		for what, raw := range bad {
			if got, err := Decode([]byte(raw)); !errors.Is(err, ErrFrame) {
				t.Errorf("%T, %s: %+v, %v", f, what, got, err)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("x", maxTextBytes+1)
	manyEntries := make([][]byte, MaxEntries+1)
	fat := make([][]byte, MaxEntries)
	for i := range manyEntries {
		manyEntries[i] = []byte{1}
	}
	for i := range fat {
		fat[i] = make([]byte, ledger.MaxEntryBytes+1)
	}
	sig := make([]byte, 64)
	hello := samples()[0].(Hello)
	wish := Wish{ledger.Key{1}, ledger.ID{1}, "RICE", 1, 1}
	with := func(change func(*Hello)) Hello { h := hello; change(&h); return h }
	for _, f := range []Frame{
		with(func(h *Hello) { h.Kiosk = "a b" }), with(func(h *Hello) { h.Epoch = 0 }), with(func(h *Hello) { h.Acked = 131 }),
		with(func(h *Hello) { h.Cursors = List[Cursor]{{"b", 1}, {"a", 1}} }), with(func(h *Hello) { h.Cursors = List[Cursor]{{"", 1}} }),
		with(func(h *Hello) { h.Head.Seq, h.Acked = 0, 0 }), with(func(h *Hello) { h.Cursors = make(List[Cursor], MaxScopes+1) }),
		with(func(h *Hello) { h.Program = long }), with(func(h *Hello) { h.Protocol = 0 }),
		Proof{sig[:63]}, Welcome{}, Welcome{Era: "e", Scopes: make(List[string], MaxScopes+1)}, Welcome{Era: "e", Scopes: List[string]{""}},
		Refused{"", ""}, Refused{ReasonBusy, long}, Quarantine{ReasonFork, long},
		Entries{1, sig, manyEntries}, Entries{1, sig, fat}, Entries{1, sig, nil}, Entries{0, sig, manyEntries[:1]}, Entries{1, nil, manyEntries[:1]},
		Documents{"s", 2, 1, nil}, Documents{"", 1, 2, nil}, Documents{"s", 1, 2, make(List[json.RawMessage], MaxDocuments+1)},
		Documents{"s", 1, 2, List[json.RawMessage]{json.RawMessage(`"text"`)}},
		Documents{"s", 1, 2, List[json.RawMessage]{json.RawMessage(`{"a":"` + strings.Repeat("x", MaxDocumentBytes) + `"}`)}},
		Documents{"s", 1, 2, List[json.RawMessage]{json.RawMessage(`{`)}},
		TopUp{1, ledger.ID{}, 0, 1}, TopUp{1, ledger.ID{1}, 0, -1}, TopUp{1, ledger.ID{1}, -1, 1}, TopUp{1, ledger.ID{1}, 0, ledger.MaxPoints + 1},
		Answer{Outcome: "perhaps"}, Answer{Outcome: OutcomeOK, Free: -1}, Answer{Outcome: OutcomeOK, Elsewhere: List[Holding]{{Kiosk: "A"}}}, Answer{Outcome: OutcomeOK, Elsewhere: List[Holding]{{"A", strings.Repeat("名", 200), 1, true}}}, Answer{Outcome: OutcomeOK, Elsewhere: make(List[Holding], MaxElsewhere+1)},
		Recall{1, ledger.ID{}, 1}, Recall{1, ledger.ID{1}, 0},
		Rights{List[Granted]{{ledger.ID{}, nil}}, true}, Rights{make(List[Granted], MaxRights+1), true},
		Rights{List[Granted]{{ledger.ID{1}, List[Lot]{{-1, 4}}}}, true}, Rights{List[Granted]{{ledger.ID{1}, List[Lot]{{1, -4}}}}, true},
		Status{DiskFreeBytes: -1}, Status{Printer: long}, Status{Program: "\x1b[2J"}, Status{Paper: "low\n"},
		Find{1, ""}, Find{1, "rice 5"}, Reserve{1, wish, ""}, Reserve{1, Wish{}, "A"}, Order{1, Wish{}, 0, nil}, Order{1, wish, 0, List[json.RawMessage]{json.RawMessage("7")}},
		Order{1, wish, -1, nil}, Order{1, wish, maxUntil + 1, nil}, Release{1, wish.Key, wish.Volunteer, 1, ""}, Release{1, wish.Key, wish.Volunteer, 1, "a\n"}, Release{1, wish.Key, wish.Volunteer, 1, long},
		Release{1, ledger.Key{}, wish.Volunteer, 1, "phone"}, Release{1, wish.Key, ledger.ID{}, 1, "phone"}, Released{1, "perhaps"},
		Reserve{1, Wish{ledger.Key{}, wish.Volunteer, "RICE", 1, 1}, "A"}, Reserve{1, Wish{wish.Key, wish.Volunteer, "RICE", 0, 1}, "A"},
		Reserve{1, Wish{wish.Key, wish.Volunteer, "RICE", ledger.MaxQuantity + 1, 1}, "A"}, Reserve{1, Wish{wish.Key, wish.Volunteer, "RICE", 1, -1}, "A"},
		Answer{Outcome: OutcomeOK, Places: make(List[Place], MaxPlaces+1)}, Answer{Outcome: OutcomeOK, Places: List[Place]{{Kiosk: "A", Left: 0}}},
		Answer{Outcome: OutcomeOK, Places: List[Place]{{Kiosk: "A", Left: 1, Counter: long}}}, Answer{Outcome: OutcomeOK, Kept: Kept{0, 1, 0}}, Answer{Outcome: OutcomeOK, Kept: Kept{1, ledger.MaxClaim, 0}}, Answer{Outcome: OutcomeOK, Kept: Kept{0, 0, 1}}, Answer{Outcome: OutcomeOK, Kept: Kept{1, 1, -1}},
		Certify{1, ledger.ID{}}, Answer{Outcome: OutcomeOK, Certificate: Certificate{Proof: "https://c"}}, Answer{Outcome: OutcomeOK, Certificate: Certificate{Serial: strings.Repeat("Z", ledger.MaxSerial+1)}},
		Answer{Outcome: OutcomeOK, Certificate: Certificate{Serial: "Z", Credit: -1}}, Answer{Outcome: OutcomeOK, Certificate: Certificate{Serial: "Z", Day: -1}}, Answer{Outcome: OutcomeOK, Certificate: Certificate{Serial: "Z", Center: long}},
		Ordered{1, OutcomeOK, Kept{}, 0, 0}, Ordered{1, OutcomeGone, Kept{1, 1, 0}, 0, 0}, Ordered{1, OutcomePoints, Kept{}, 1, 0}, Ordered{1, OutcomeGone, Kept{}, 0, 1}, Ordered{1, "perhaps", Kept{}, 0, 0},
	} {
		if b, err := Encode(f); !errors.Is(err, ErrFrame) {
			t.Errorf("%T %.80v was written: %.80q", f, f, b)
		}
	}
	if _, err := Decode(append([]byte{byte(KindRefused)}, bytes.Repeat([]byte{' '}, MaxFrameDown)...)); !errors.Is(err, ErrFrame) {
		t.Errorf("a frame beyond the limit: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples() {
		b, err := Encode(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{byte(KindEntries), 0x80, 0x00})
	f.Add([]byte(`` + string(rune(KindHello)) + `{"protocol":3}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := Decode(b)
		if err != nil {
			if !errors.Is(err, ErrFrame) {
				t.Fatalf("%v is no ErrFrame", err)
			}
			return
		}
		again, err := Encode(frame)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q was read, and written as %q: %v", b, again, err)
		}
	})
}
