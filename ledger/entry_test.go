package ledger_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"yizhan/ledger"
)

var update = flag.Bool("update", false, "write the golden bytes anew: only with a new entry version")

// TestGoldenEntries pins the wire format: journals on boxes in the field and
// receipts on paper hold these bytes.
func TestGoldenEntries(t *testing.T) {
	const file = "testdata/entries.golden"
	var got strings.Builder
	for _, body := range samples() {
		fmt.Fprintf(&got, "%-8s %x\n", bodyName(body), mustEncode(t, sampleEntry(body)))
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
	if len(wantLines) != len(gotLines) {
		t.Fatalf("%d golden lines, %d entries", len(wantLines), len(gotLines))
	}
	for i, line := range wantLines {
		if gotLines[i] != line {
			t.Errorf("the encoding changed\n got %s\nwant %s", gotLines[i], line)
		}
	}
	for i, body := range samples() {
		b, err := hex.DecodeString(strings.Fields(wantLines[i])[1])
		if err != nil {
			t.Fatal(err)
		}
		e, err := ledger.DecodeEntry(b)
		if err != nil || !reflect.DeepEqual(e, sampleEntry(body)) {
			t.Errorf("golden bytes decode to\n%+v, %v, want\n%+v", e, err, sampleEntry(body))
		}
	}
}

// TestNumbersOnTheWire pins the values that the golden entries leave out.
func TestNumbersOnTheWire(t *testing.T) {
	for _, values := range [][]uint8{
		{1, uint8(ledger.KindReserve), uint8(ledger.KindSettle), uint8(ledger.KindCancel), uint8(ledger.KindRefund), uint8(ledger.KindReturn)},
		{8, uint8(ledger.KindStock), uint8(ledger.KindRegister)},
		{12, uint8(ledger.KindPrint), uint8(ledger.KindStaff), uint8(ledger.KindDevice)},
		{6, uint8(ledger.KindCheckIn), uint8(ledger.KindCheckOut)},
		{15, uint8(ledger.KindConfirm), uint8(ledger.KindObject), uint8(ledger.KindEnlist), uint8(ledger.KindTicket), uint8(ledger.KindCertificate)},
		{1, uint8(ledger.CheckCard), uint8(ledger.CheckPhone), uint8(ledger.CheckAccount), uint8(ledger.CheckStaff), uint8(ledger.CheckWalkIn)},
		{1, uint8(ledger.VerdictThere), uint8(ledger.VerdictAbsent)},
		{1, uint8(ledger.ObjectFewer), uint8(ledger.ObjectMore), uint8(ledger.ObjectAbsent), uint8(ledger.ObjectLost), uint8(ledger.ObjectPoints), uint8(ledger.ObjectOther)},
		{0, uint8(ledger.ClockUnknown), uint8(ledger.ClockHuman), uint8(ledger.ClockSynced)},
		{1, uint8(ledger.StockReceived), uint8(ledger.StockCounted), uint8(ledger.StockWasted)},
		{1, uint8(ledger.PINTry), uint8(ledger.PINClear), uint8(ledger.PINSet)},
		{1, uint8(ledger.StaffSignIn), uint8(ledger.StaffSignOut), uint8(ledger.StaffCloseDay), uint8(ledger.StaffDrawer)},
		{1, uint8(ledger.PrintSending), uint8(ledger.PrintPresumed), uint8(ledger.PrintUncertain), uint8(ledger.PrintHeld), uint8(ledger.PrintAgain),
			uint8(ledger.PrintDrained), uint8(ledger.PrintConfirmed), uint8(ledger.PrintFenced), uint8(ledger.PrintSeen), uint8(ledger.PrintVoided),
			uint8(ledger.PrintReleased), uint8(ledger.PrintDropped), uint8(ledger.PrintAsked)},
		{1, uint8(ledger.DeviceStart), uint8(ledger.DeviceBundle), uint8(ledger.DeviceRebuilt), uint8(ledger.DeviceNewEpoch), uint8(ledger.DevicePrinter), uint8(ledger.DeviceEra), uint8(ledger.DeviceHalt)},
		{1, uint8(ledger.Reserved), uint8(ledger.Settled), uint8(ledger.Cancelled), uint8(ledger.Refunded)},
	} {
		first, values := values[0], values[1:]
		for i, got := range values {
			if want := first + uint8(i); got != want {
				t.Errorf("value %d of %v is %d on the wire, want %d", i, values, got, want)
			}
		}
	}
}

// TestRoundTrip: whatever Encode accepts, DecodeEntry accepts and gives back
// equal.
func TestRoundTrip(t *testing.T) {
	for kind, body := range samples() {
		t.Run(bodyName(body), rapid.MakeCheck(func(t *rapid.T) {
			e := genEntry(t, kind)
			b := mustEncode(t, e)
			got, err := ledger.DecodeEntry(b)
			if err != nil {
				t.Fatalf("what was encoded cannot be read: %v", err)
			}
			if !reflect.DeepEqual(got, e) {
				t.Fatalf("got  %+v\nwant %+v", got, e)
			}
		}))
	}
}

// TestLimitsThemselvesAreAccepted, by writer and reader alike.
func TestLimitsThemselvesAreAccepted(t *testing.T) {
	var parts []ledger.Part
	for i := range ledger.MaxParts {
		parts = append(parts, ledger.Part{Expires: ledger.MaxDay - ledger.MaxParts + 1 + ledger.Day(i), Points: ledger.MaxPoints})
	}
	text, good := strings.Repeat("x", ledger.MaxText), strings.Repeat("g", ledger.MaxGoodCode)
	count, points := ledger.MaxCount, ledger.MaxPoints
	for _, body := range []ledger.Body{
		ledger.Reserve{Good: good, Quantity: ledger.MaxQuantity, Parts: parts, Claim: ledger.MaxClaim - 1, Balance: points},
		ledger.Reserve{Good: good, Quantity: 1, Parts: parts, Until: maxSeconds, Shelf: true},
		ledger.Reserve{Good: "0", Quantity: 1, Parts: []ledger.Part{{Expires: 0, Points: 1}}},
		ledger.Settle{Redemption: maxSeq},
		ledger.Cancel{Redemption: 1, Reason: text},
		ledger.Refund{Redemption: maxSeq, Reason: text},
		ledger.Return{Parts: parts},
		ledger.Stock{Good: good, Move: ledger.StockReceived, Delta: count, OnHand: count, Note: text},
		ledger.Stock{Good: "z", Move: ledger.StockWasted, Delta: -count},
		ledger.Register{Step: ledger.PINTry},
		ledger.Register{Step: ledger.PINSet, Verifier: make([]byte, ledger.MaxVerifier)},
		ledger.Print{Job: maxSeq, Step: ledger.PrintSending, Copy: 1e6, Note: text},
		ledger.Staff{Act: ledger.StaffSignIn, Totals: ledger.Totals{FromSeq: maxSeq, Reserved: count, Settled: count,
			Cancelled: count, Refunded: count, Spent: points, Back: points}},
		ledger.Device{Event: ledger.DeviceNewEpoch, Text: text},
		ledger.Certificate{Serial: strings.Repeat("Z", ledger.MaxSerial), Proof: text, Center: text, Day: ledger.MaxDay, First: ledger.MaxDay, Last: ledger.MaxDay,
			Listed: count, Credit: count, Honour: count, Stars: count},
	} {
		for _, e := range []ledger.Entry{
			{Kiosk: "A", Epoch: 1, Seq: 1, Body: body},
			{Kiosk: strings.Repeat("Z", ledger.MaxKioskID), Epoch: math.MaxUint32, Seq: maxSeq, MonoMS: maxMillis,
				WallMS: maxMillis, Quality: ledger.ClockSynced, Body: body},
		} {
			got, err := ledger.DecodeEntry(mustEncode(t, e))
			if err != nil || !reflect.DeepEqual(got, e) {
				t.Errorf("%+v comes back as %+v, %v", e, got, err)
			}
		}
	}
}

// TestLimitsNeverShrink: boxes in the field hold entries that reach them.
func TestLimitsNeverShrink(t *testing.T) {
	for name, c := range map[string]struct{ now, released int64 }{
		"MaxEntryBytes": {ledger.MaxEntryBytes, 2048}, "MaxKioskID": {ledger.MaxKioskID, 16},
		"MaxGoodCode": {ledger.MaxGoodCode, 24}, "MaxText": {ledger.MaxText, 400},
		"MaxVerifier": {ledger.MaxVerifier, 200}, "MaxParts": {ledger.MaxParts, 40},
		"MaxQuantity": {ledger.MaxQuantity, 99}, "MaxPoints": {int64(ledger.MaxPoints), 1e12},
		"MaxCount": {ledger.MaxCount, 1e9}, "MaxDay": {int64(ledger.MaxDay), 14640},
		"MaxSerial": {ledger.MaxSerial, 16},
	} {
		if c.now < c.released {
			t.Errorf("%s is %d, and was released as %d", name, c.now, c.released)
		}
	}
}

func TestEncodeRefusesWhatIsOutsideItsLimits(t *testing.T) {
	for field, entries := range allSpoilt() {
		for _, e := range entries {
			b, err := e.Encode()
			if !errors.Is(err, ledger.ErrEncoding) || !strings.Contains(err.Error(), ": "+field) {
				t.Errorf("%s: %+v answers %v", field, e, err)
			}
			if b != nil {
				t.Errorf("%s: bytes beside an error", field)
			}
		}
	}
}

// TestDecodeReadsOnlyWhatEncodeWrites puts foreign values at every place of
// every kind of entry: each byte, numbers beyond every limit, long texts,
// numbers and booleans in a second form. What is still accepted must be the
// one encoding of what it says.
func TestDecodeReadsOnlyWhatEncodeWrites(t *testing.T) {
	foreign := [][]byte{nil, {0}, {0x80, 0}, {0x81, 0}, {0x85, 0x80, 0}, bytes.Repeat([]byte{0xff}, 10), {0xc3, 0x28}}
	for _, v := range []uint64{100, 24000, uint64(ledger.MaxDay), 1e6, 1e9, 2e9, 1e12, 1 << 48, 1 << 52, 1<<32 - 1} {
		foreign = append(foreign, binary.AppendUvarint(nil, v), binary.AppendUvarint(nil, v+1))
	}
	for _, n := range []int{ledger.MaxKioskID, ledger.MaxGoodCode, ledger.MaxVerifier, ledger.MaxText} {
		for _, n := range []int{n, n + 1} {
			foreign = append(foreign, append(binary.AppendUvarint(nil, uint64(n)), strings.Repeat("A", n)...))
		}
	}
	parts := []byte{ledger.MaxParts + 1}
	for i := range ledger.MaxParts + 1 {
		parts = append(parts, byte(i), 1)
	}
	foreign = append(foreign, parts)
	header := len(mustEncode(t, sampleEntry(ledger.Device{Event: 1}))) - 2
	for n, body := range samples() {
		b := mustEncode(t, sampleEntry(body))
		checkOneEncoding(t, append(bytes.Clone(b), 0))
		start := 0
		if n > 0 {
			start = header // the header is the same for every kind
		}
		for i := start; i < len(b); i++ {
			checkOneEncoding(t, b[:i])
			for v := range 256 {
				checkOneEncoding(t, bytes.Join([][]byte{b[:i], {byte(v)}, b[i+1:]}, nil))
			}
			for _, f := range foreign {
				for end := i; end <= min(i+13, len(b)); end++ {
					checkOneEncoding(t, bytes.Join([][]byte{b[:i], f, b[end:]}, nil))
				}
			}
		}
	}
}

// checkOneEncoding tells whether b is refused in good order, or else the
// encoding of the entry that it decodes to.
func checkOneEncoding(t *testing.T, b []byte) bool {
	e, err := ledger.DecodeEntry(b)
	if err != nil {
		if !errors.Is(err, ledger.ErrEncoding) {
			t.Fatalf("%x: an error of another kind: %v", b, err)
		}
		if e.Body != nil || e.Seq != 0 || e.Kiosk != "" {
			t.Fatalf("%x: an entry beside the error %v", b, err)
		}
		return false
	}
	again, err := e.Encode()
	if err != nil {
		t.Fatalf("%x was read as %+v, which cannot be written: %v", b, e, err)
	}
	if !bytes.Equal(again, b) {
		t.Fatalf("%x was read, but is written as %x", b, again)
	}
	return true
}

func TestDecodeSaysWhatIsWrong(t *testing.T) {
	good := mustEncode(t, sampleEntry(samples()[1]))
	for _, c := range []struct {
		name, want string
		b          []byte
	}{
		{"nothing", "cut short", nil},
		{"a later version", "version 2", append([]byte{2}, good[1:]...)},
		{"a kind not built yet", "kind is not known", append([]byte{1, byte(10)}, good[2:]...)},
		{"cut in the middle", "cut short", good[:len(good)-1]},
		{"two entries", "bytes after its end", append(bytes.Clone(good), good...)},
		{"as long as can be", "version 0", make([]byte, 2048)},
		{"too long", "2049 bytes, at most 2048", make([]byte, 2049)},
	} {
		_, err := ledger.DecodeEntry(c.b)
		if !errors.Is(err, ledger.ErrEncoding) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// TestDecodeKeepsItsOwnCopy: a journal hands in a buffer that it fills again.
func TestDecodeKeepsItsOwnCopy(t *testing.T) {
	for _, body := range samples() {
		b := mustEncode(t, sampleEntry(body))
		e, err := ledger.DecodeEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		clear(b)
		if !reflect.DeepEqual(e, sampleEntry(body)) {
			t.Errorf("%T changes with the buffer it was read from", body)
		}
	}
}

// TestDecodeAllocatesLittle: lengths that promise much cost nothing.
func TestDecodeAllocatesLittle(t *testing.T) {
	const limitBytes = 16 << 10
	var inputs [][]byte
	for _, body := range samples() {
		b := mustEncode(t, sampleEntry(body))
		for i := range b {
			for _, n := range []uint64{255, 1 << 20, 1 << 31, 1 << 62} {
				inputs = append(inputs, append(bytes.Clone(b[:i]), binary.AppendUvarint(nil, n)...))
			}
		}
	}
	for _, b := range inputs {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = ledger.DecodeEntry(b)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > limitBytes {
			t.Fatalf("%d bytes of input made %d bytes of memory: %x", len(b), n, b)
		}
	}
}

func FuzzDecodeEntry(f *testing.F) {
	for _, body := range samples() {
		f.Add(mustEncode(f, sampleEntry(body)))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkOneEncoding(t, b) })
}
