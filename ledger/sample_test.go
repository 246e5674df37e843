package ledger_test

import (
	"crypto/ed25519"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"yizhan/ledger"
)

// testKey signs in tests. Its seed is fixed, so that signatures repeat.
var testKey = ed25519.NewKeyFromSeed([]byte("yizhan-ledger-test-key-of-32-byt"))

func testPublic() ed25519.PublicKey { return testKey.Public().(ed25519.PublicKey) }

var (
	aVolunteer = ledger.ID{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	aClerk     = ledger.ID{0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66}
	aKey       = ledger.Key{1, 3, 5, 7, 9, 11, 13, 15}
)

// samples holds one body of each kind that an entry can have, with a value
// other than zero in every field.
func samples() []ledger.Body {
	return []ledger.Body{
		ledger.Reserve{Key: aKey, Volunteer: aVolunteer, Good: "rice-5kg", Quantity: 2,
			Parts: []ledger.Part{{Expires: 2372, Points: 15}, {Expires: 2403, Points: 225}},
			Claim: 37, Balance: 160, Shelf: true},
		ledger.Settle{Key: aKey, Redemption: 4711, Operator: aClerk},
		ledger.Cancel{Key: aKey, Redemption: 4711, Operator: aClerk, Reason: "不想要了"},
		ledger.Refund{Key: aKey, Redemption: 4711, Operator: aClerk, Restock: true, Reason: "包装破损"},
		ledger.Return{Volunteer: aVolunteer, Parts: []ledger.Part{{Expires: 2372, Points: 15}}, Expired: true},
		ledger.Stock{Key: aKey, Good: "rice-5kg", Move: ledger.StockCounted, Delta: -3, OnHand: 21,
			Operator: aClerk, Note: "盘点"},
		ledger.Register{Person: aVolunteer, Step: ledger.PINSet, Verifier: []byte("argon2id"), Operator: aClerk},
		ledger.Print{Job: 4711, Step: ledger.PrintAgain, Copy: 1, Operator: aClerk, Note: "重打"},
		ledger.Staff{Key: aKey, Operator: aClerk, Act: ledger.StaffCloseDay,
			Totals: ledger.Totals{FromSeq: 4600, Reserved: 9, Settled: 7, Cancelled: 2, Refunded: 1, Spent: 910, Back: 240}},
		ledger.Device{Event: ledger.DeviceBundle, Text: "12 4bf5122f"},
		ledger.CheckIn{Check: aCheck},
		ledger.CheckOut{Check: aCheck},
		ledger.Confirm{Key: aKey, Shift: aShift, Operator: aClerk, Verdict: ledger.VerdictAbsent, Minutes: 95, People: []ledger.ID{aVolunteer, {7}}},
		ledger.Object{Key: aKey, Volunteer: aVolunteer, Shift: aShift, Earning: "a1b2", Reason: ledger.ObjectLost, Minutes: 120},
		ledger.Enlist{Key: aKey, Volunteer: aVolunteer, Shift: aShift, Post: 2, Off: true, Operator: aClerk},
		ledger.Ticket{Key: aKey, Volunteer: aVolunteer},
		ledger.Certificate{Key: aKey, Volunteer: aVolunteer, Serial: "7F2K9Q3M0000WXYZ", Again: true, Proof: "https://c/proof/7F2K9Q3M0000WXYZ", Center: "清溪县",
			Day: 2372, First: 2000, Last: 2371, Listed: 600, Credit: 90, Honour: 30, Stars: 1},
		ledger.Reserve{Key: aKey, Volunteer: aVolunteer, Good: "rice-5kg", Quantity: 1, Parts: []ledger.Part{{Expires: 2372, Points: 15}}, Claim: 38, Until: 1785000000},
	}
}

var (
	aShift = ledger.ID{9, 8, 7, 6, 5, 4, 3, 2, 1, 1}
	aCheck = ledger.Check{Key: aKey, Shift: aShift, Who: aVolunteer, By: ledger.CheckWalkIn, Phone: [16]byte{15: 3}, Tail: "0421", Operator: aClerk}
)

func bodyName(body ledger.Body) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", body), "ledger.")
}

// sampleEntry puts a body into an entry with a value in every field.
func sampleEntry(body ledger.Body) ledger.Entry {
	return ledger.Entry{
		Kiosk: "XI-07", Epoch: 2, Seq: 4712, Prev: ledger.HashOf([]byte("before")),
		Boot: [8]byte{8, 7, 6, 5, 4, 3, 2, 1}, MonoMS: 86_400_001, WallMS: 1_790_000_000_000,
		Quality: ledger.ClockHuman, Body: body,
	}
}

func mustEncode(t interface {
	Helper()
	Fatal(...any)
}, e ledger.Entry) []byte {
	t.Helper()
	b, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Generators draw every value that an entry may carry; rapid leans towards the
// ends of a range, which are the limits.

const (
	maxSeq     = 1 << 48
	maxMillis  = 1 << 52
	maxSeconds = 1 << 42
)

func genBytes(n int) *rapid.Generator[[]byte] { return rapid.SliceOfN(rapid.Byte(), n, n) }

func genID(t *rapid.T, name string) ledger.ID { return ledger.ID(genBytes(10).Draw(t, name)) }

func genPoints(t *rapid.T, name string, low ledger.Points) ledger.Points {
	return ledger.Points(rapid.Int64Range(int64(low), int64(ledger.MaxPoints)).Draw(t, name))
}

func genParts(t *rapid.T) []ledger.Part {
	days := rapid.SliceOfNDistinct(rapid.Int32Range(0, int32(ledger.MaxDay)), 1, ledger.MaxParts, rapid.ID).Draw(t, "days")
	var account ledger.Account
	for _, d := range days {
		account = account.Grant(ledger.Day(d), genPoints(t, "points", 1))
	}
	var parts []ledger.Part
	for _, r := range account.Rights {
		parts = append(parts, ledger.Part{Expires: r.Expires, Points: r.Granted})
	}
	return parts
}

func genDay(t *rapid.T, name string) ledger.Day {
	return ledger.Day(rapid.Int32Range(0, int32(ledger.MaxDay)).Draw(t, name))
}

func genText(t *rapid.T, name string) string {
	s := rapid.StringN(0, ledger.MaxText, ledger.MaxText).Draw(t, name)
	return strings.ToValidUTF8(s, "")
}

// genBody draws a body of the kind that stands at the place kind of samples.
func genBody(t *rapid.T, kind int) ledger.Body {
	key := ledger.Key(genBytes(8).Draw(t, "key"))
	seq := rapid.Uint64Range(1, maxSeq).Draw(t, "redemption")
	count := func(name string) int64 { return rapid.Int64Range(0, ledger.MaxCount).Draw(t, name) }
	oneOf := func(last uint8) uint8 { return rapid.Uint8Range(1, last).Draw(t, "one of") }
	good := rapid.StringMatching(`[A-Za-z0-9._-]{1,24}`)
	flag := rapid.Bool()
	switch kind {
	case 0:
		return ledger.Reserve{Key: key, Volunteer: genID(t, "volunteer"), Good: good.Draw(t, "good"),
			Quantity: rapid.Int64Range(1, ledger.MaxQuantity).Draw(t, "quantity"), Parts: genParts(t),
			Claim: rapid.Uint16Range(0, ledger.MaxClaim-1).Draw(t, "claim"), Balance: genPoints(t, "balance", 0),
			Shelf: flag.Draw(t, "shelf"), Until: rapid.Int64Range(0, maxSeconds).Draw(t, "until")}
	case 1:
		return ledger.Settle{Key: key, Redemption: seq, Operator: genID(t, "operator")}
	case 2:
		return ledger.Cancel{Key: key, Redemption: seq, Operator: genID(t, "operator"), Reason: genText(t, "reason")}
	case 3:
		return ledger.Refund{Key: key, Redemption: seq, Operator: genID(t, "operator"), Restock: flag.Draw(t, "restock"),
			Reason: genText(t, "reason")}
	case 4:
		return ledger.Return{Volunteer: genID(t, "volunteer"), Parts: genParts(t), Expired: flag.Draw(t, "expired")}
	case 5:
		return ledger.Stock{Key: key, Good: good.Draw(t, "good"), Move: ledger.StockMove(oneOf(3)),
			Delta: rapid.Int64Range(-ledger.MaxCount, ledger.MaxCount).Draw(t, "delta"), OnHand: count("on hand"),
			Operator: genID(t, "operator"), Note: genText(t, "note")}
	case 6:
		step := ledger.PINStep(oneOf(3))
		var verifier []byte
		if step == ledger.PINSet {
			verifier = rapid.SliceOfN(rapid.Byte(), 1, ledger.MaxVerifier).Draw(t, "verifier")
		}
		return ledger.Register{Person: genID(t, "person"), Step: step, Verifier: verifier, Operator: genID(t, "operator")}
	case 7:
		return ledger.Print{Job: seq, Step: ledger.PrintStep(oneOf(13)), Copy: rapid.Int64Range(0, 1e6).Draw(t, "copy"),
			Operator: genID(t, "operator"), Note: genText(t, "note")}
	case 8:
		return ledger.Staff{Key: key, Operator: genID(t, "operator"), Act: ledger.StaffAct(oneOf(4)), Totals: ledger.Totals{
			FromSeq: seq - 1, Reserved: count("reserved"), Settled: count("settled"), Cancelled: count("cancelled"),
			Refunded: count("refunded"), Spent: genPoints(t, "spent", 0), Back: genPoints(t, "back", 0)}}
	case 9:
		return ledger.Device{Event: ledger.DeviceEvent(oneOf(7)), Text: genText(t, "text")}
	case 10:
		return ledger.CheckIn{Check: genCheck(t)}
	case 11:
		return ledger.CheckOut{Check: genCheck(t)}
	case 12:
		people := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ledger.ID { return genID(t, "person") }), 1, ledger.MaxRoster).Draw(t, "people")
		return ledger.Confirm{Key: key, Shift: genID(t, "shift"), Operator: genID(t, "operator"), Verdict: ledger.Verdict(oneOf(2)),
			Minutes: rapid.Int64Range(0, 24*60).Draw(t, "minutes"), People: people}
	case 13:
		return ledger.Object{Key: key, Volunteer: genID(t, "volunteer"), Shift: genID(t, "shift"), Earning: genText(t, "earning"),
			Reason: ledger.Objection(oneOf(6)), Minutes: rapid.Int64Range(0, 24*60).Draw(t, "minutes")}
	case 16:
		return ledger.Certificate{Key: key, Volunteer: genID(t, "volunteer"), Serial: rapid.StringMatching("[0-9A-Z]{0,16}").Draw(t, "serial"), Again: flag.Draw(t, "again"),
			Proof: genText(t, "proof"), Center: genText(t, "center"), Day: genDay(t, "day"), First: genDay(t, "first"), Last: genDay(t, "last"),
			Listed: count("listed"), Credit: count("credit"), Honour: count("honour"), Stars: count("stars")}
	case 15:
		return ledger.Ticket{Key: key, Volunteer: genID(t, "volunteer")}
	default:
		return ledger.Enlist{Key: key, Volunteer: genID(t, "volunteer"), Shift: genID(t, "shift"),
			Post: rapid.Int64Range(0, ledger.MaxPosts).Draw(t, "post"), Off: flag.Draw(t, "off"), Operator: genID(t, "operator")}
	}
}

// genCheck draws a check of a person, or of a strange card.
func genCheck(t *rapid.T) ledger.Check {
	b := ledger.Check{Key: ledger.Key(genBytes(8).Draw(t, "key")), Shift: genID(t, "shift"), By: ledger.CheckBy(rapid.Uint8Range(1, 5).Draw(t, "way")),
		Phone: [16]byte(genBytes(16).Draw(t, "phone")), Tail: rapid.StringMatching(`([0-9]{4})?`).Draw(t, "tail"), Operator: genID(t, "operator")}
	if rapid.Bool().Draw(t, "strange") {
		b.Card = [16]byte(genBytes(16).Draw(t, "card"))
		b.Card[0] |= 1
		return b
	}
	b.Who = genID(t, "who")
	b.Who[0] |= 1
	return b
}

func genEntry(t *rapid.T, kind int) ledger.Entry {
	return ledger.Entry{
		Kiosk:   rapid.StringMatching(`[A-Z0-9-]{1,16}`).Draw(t, "kiosk"),
		Epoch:   rapid.Uint32Range(1, math.MaxUint32).Draw(t, "epoch"),
		Seq:     rapid.Uint64Range(1, maxSeq).Draw(t, "seq"),
		Prev:    ledger.Hash(genBytes(32).Draw(t, "prev")),
		Boot:    [8]byte(genBytes(8).Draw(t, "boot")),
		MonoMS:  rapid.Int64Range(0, maxMillis).Draw(t, "mono"),
		WallMS:  rapid.Int64Range(0, maxMillis).Draw(t, "wall"),
		Quality: ledger.Quality(rapid.Uint8Range(0, 2).Draw(t, "quality")),
		Body:    genBody(t, kind),
	}
}

// TestSamplesHaveEveryKind fails when a kind has no sample, so that a new one cannot be added
// without golden bytes, seeds and limits.
func TestSamplesHaveEveryKind(t *testing.T) {
	var sampled [256]bool
	for _, body := range samples() {
		sampled[body.Kind()] = true
	}
	for kind := range 256 {
		b := mustEncode(t, sampleEntry(ledger.Device{Event: ledger.DeviceStart}))
		b[1] = byte(kind)
		_, err := ledger.DecodeEntry(b)
		known := err == nil || !strings.Contains(err.Error(), "kind is not known")
		if known != sampled[kind] {
			t.Errorf("kind %d: known to the decoder is %v, sampled is %v", kind, known, sampled[kind])
		}
	}
}
