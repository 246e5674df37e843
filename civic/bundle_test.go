package civic

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"reflect"
	"strings"
	"testing"
	"time"

	"yizhan/ledger"
)

var (
	testSigner  = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	otherSigner = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	testHeader  = BundleHeader{Kiosk: "SQ-01", Epoch: 2, Serial: 5, Made: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
)

// memory is a file in memory.
type memory struct {
	b  []byte
	at int
}

func (m *memory) Seek(offset int64, _ int) (int64, error) { m.at = int(offset); return offset, nil }

func (m *memory) Write(b []byte) (int, error) {
	if need := m.at + len(b) - len(m.b); need > 0 {
		m.b = append(m.b, make([]byte, need)...)
	}
	m.at += copy(m.b[m.at:], b)
	return len(b), nil
}

func sampleDocuments() []Document {
	day := ledger.DayOf(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	verifier := "$argon2id$v=19$m=12288,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	return []Document{
		{Station: &Station{Version: 1, Kiosk: "SQ-01", Name: "石桥村益栈", Parent: "清溪镇 · 文明实践站", Phone: "0512-6512345", PhoneKey: make([]byte, 32), Policy: Policy{PointsPerHour: 10}}},
		{Staff: &Staff{ID: ledger.ID{1}, Version: 2, Name: "李敏", Role: RoleClerk, Cards: []CardID{{1}}, PIN: verifier}},
		{Good: &Good{Code: "oil-5l", Version: 5, Name: "菜籽油 <5升> & 更多", Unit: "桶", Price: 600, Delivered: 20, Picture: "oil", BestBefore: day}},
		{Good: &Good{Code: "rice", Version: 1, Name: "大米", Unit: "袋", Price: 300, Withdrawn: true}},
		{Picture: &Picture{Name: "oil", Version: 1, Type: "image/png", Data: []byte{1, 2, 3}}},
		{Volunteer: &Volunteer{ID: ledger.ID{2}, Version: 5, Name: "张伟", Initials: "zw", Number: "V-1", Tail: "1234", Phone: PhoneHash{1}, Cards: []CardID{{9}},
			Minutes: 90, Earned: []Earning{{On: day, Expires: day + 1000, What: "名册", Minutes: 90, Rate: 10, Points: 15}}, Keys: []KeyHash{{3}}}},
		{Volunteer: &Volunteer{ID: ledger.ID{3}, Version: 3, Name: "买买提·艾力", Linked: true}},
		{Grant: &Grant{Volunteer: ledger.ID{3}, Kiosk: "SQ-01", Epoch: 2, Version: 4, Lots: []GrantedLot{{Expires: day, Granted: 40}, {Expires: day + 31, Granted: 0}}}},
	}
}

func list(docs []Document) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

func write(t testing.TB, h BundleHeader, signer ed25519.PrivateKey, docs []Document) []byte {
	t.Helper()
	var m memory
	if _, err := WriteBundle(&m, h, signer, list(docs)); err != nil {
		t.Fatal(err)
	}
	return m.b
}

func open(b []byte, trust Trust) (*Bundle, error) {
	return OpenBundle(bytes.NewReader(b), int64(len(b)), trust)
}

func collect(b *Bundle) (docs []Document, err error) {
	for d, err := range b.Documents() {
		if err != nil {
			return docs, err
		}
		docs = append(docs, d)
	}
	return docs, nil
}

func TestBundleComesBackAsItWasWritten(t *testing.T) {
	b := write(t, testHeader, testSigner, sampleDocuments())
	bundle, err := open(b, Trust{Kiosk: "SQ-01", Epoch: 2, Issuer: testSigner.Public().(ed25519.PublicKey), MinSerial: 5})
	if err != nil {
		t.Fatal(err)
	}
	want := BundleCounts{Staff: 1, Goods: 2, Pictures: 1, Volunteers: 2, Grants: 1}
	if h := bundle.Header; h.Counts != want || h.Counts.Total() != 8 || h.Serial != 5 || !h.Made.Equal(testHeader.Made) {
		t.Errorf("header %+v", h)
	}
	for range 2 { // a second walk hands out the same
		docs, err := collect(bundle)
		if err != nil || !reflect.DeepEqual(docs, sampleDocuments()) {
			t.Fatalf("documents %+v, %v", docs, err)
		}
	}
	for range bundle.Documents() {
		break // stopping early is fine
	}
}

func TestBundleOfOneStationOnly(t *testing.T) {
	bundle, err := open(write(t, testHeader, testSigner, sampleDocuments()[:1]), Trust{})
	if err != nil {
		t.Fatal(err)
	}
	if docs, err := collect(bundle); err != nil || len(docs) != 1 {
		t.Errorf("documents %v, %v", docs, err)
	}
}

// Every byte of a bundle matters, padding included.
func TestAnyFlippedBitIsForged(t *testing.T) {
	good := write(t, testHeader, testSigner, sampleDocuments())
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if _, err := open(bad, Trust{}); !errors.Is(err, ErrForged) {
			t.Fatalf("byte %d flipped: %v", i, err)
		}
	}
	for _, n := range []int{0, 1, 4095, 4096, len(good) - 1} {
		if _, err := open(good[:n], Trust{}); !errors.Is(err, ErrForged) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := open(append(bytes.Clone(good), 0), Trust{}); !errors.Is(err, ErrForged) {
		t.Errorf("one byte more: %v", err)
	}
}

func TestForeignAndOlderBundles(t *testing.T) {
	b := write(t, testHeader, testSigner, sampleDocuments())
	for name, c := range map[string]struct {
		trust Trust
		want  error
	}{
		"another kiosk":  {Trust{Kiosk: "SQ-02"}, ErrForeign},
		"another epoch":  {Trust{Kiosk: "SQ-01", Epoch: 3}, ErrForeign},
		"another issuer": {Trust{Issuer: otherSigner.Public().(ed25519.PublicKey)}, ErrForeign},
		"older":          {Trust{MinSerial: 6}, ErrOlder},
		"the same again": {Trust{MinSerial: 5}, nil},
	} {
		if _, err := open(b, c.trust); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// A file that changes between the check and the walk, as on a bad stick, ends
// in an error.
func TestBundleChangedWhileItIsRead(t *testing.T) {
	b := write(t, testHeader, testSigner, sampleDocuments())
	bundle, err := open(b, Trust{})
	if err != nil {
		t.Fatal(err)
	}
	copy(b, write(t, testHeader, testSigner, renamed("李伟")))
	if _, err := collect(bundle); !errors.Is(err, ErrForged) {
		t.Errorf("changed file: %v", err)
	}
}

func renamed(name string) []Document {
	docs := sampleDocuments()
	docs[5].Volunteer.Name = name
	return docs
}

func TestMediumThatFails(t *testing.T) {
	b := write(t, testHeader, testSigner, sampleDocuments())
	if _, err := OpenBundle(failing{}, int64(len(b)), Trust{}); !errors.Is(err, io.ErrClosedPipe) || errors.Is(err, ErrForged) {
		t.Errorf("reading failed: %v", err)
	}
	bundle, err := open(b, Trust{})
	if err != nil {
		t.Fatal(err)
	}
	bundle.body = failing{}
	if _, err := collect(bundle); !errors.Is(err, io.ErrClosedPipe) || errors.Is(err, ErrForged) {
		t.Errorf("reading failed on the way: %v", err)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestDocumentsThatNoBundleHolds(t *testing.T) {
	for name, spoil := range map[string]func(d []Document) []Document{
		"no station":          func(d []Document) []Document { return d[1:] },
		"two stations":        func(d []Document) []Document { return append(d[:1:1], d...) },
		"out of order":        func(d []Document) []Document { d[1], d[2] = d[2], d[1]; return d },
		"twice":               func(d []Document) []Document { return append(d, d[6]) },
		"grant twice":         func(d []Document) []Document { return append(d, d[7]) },
		"grant elsewhere":     func(d []Document) []Document { d[7].Grant.Kiosk = "SQ-09"; return d },
		"grant of an epoch":   func(d []Document) []Document { d[7].Grant.Epoch = 1; return d },
		"grant to nobody":     func(d []Document) []Document { d[7].Grant.Volunteer = ledger.ID{}; return d },
		"grant of nothing":    func(d []Document) []Document { d[7].Grant.Lots = nil; return d },
		"negative grant":      func(d []Document) []Document { d[7].Grant.Lots[0].Granted = -1; return d },
		"grant version":       func(d []Document) []Document { d[7].Grant.Version = 6; return d },
		"lot twice":           func(d []Document) []Document { d[7].Grant.Lots[1] = d[7].Grant.Lots[0]; return d },
		"far lot":             func(d []Document) []Document { d[7].Grant.Lots[1].Expires = ledger.MaxDay + 1; return d },
		"two in one":          func(d []Document) []Document { d[2].Volunteer = d[5].Volunteer; return d },
		"nothing":             func(d []Document) []Document { return append(d, Document{}) },
		"other kiosk":         func(d []Document) []Document { d[0].Station.Kiosk = "SQ-09"; return d },
		"policy":              func(d []Document) []Document { d[0].Station.Policy.MonthlyLimit = -1; return d },
		"version 0":           func(d []Document) []Document { d[6].Volunteer.Version = 0; return d },
		"future version":      func(d []Document) []Document { d[6].Volunteer.Version = 6; return d },
		"nobody":              func(d []Document) []Document { d[5].Volunteer.ID = ledger.ID{}; return d },
		"no name":             func(d []Document) []Document { d[5].Volunteer.Name = ""; return d },
		"long name":           func(d []Document) []Document { d[5].Volunteer.Name = strings.Repeat("长", 51); return d },
		"control":             func(d []Document) []Document { d[5].Volunteer.Name = "张\n伟"; return d },
		"phone as name":       func(d []Document) []Document { d[5].Volunteer.Name = "张伟13800138000"; return d },
		"id number as number": func(d []Document) []Document { d[5].Volunteer.Number = "11010519491231002X"; return d },
		"initials":            func(d []Document) []Document { d[5].Volunteer.Initials = "Zw"; return d },
		"tail":                func(d []Document) []Document { d[5].Volunteer.Tail = "12345"; return d },
		"negative points":     func(d []Document) []Document { d[5].Volunteer.Earned[0].Points = -1; return d },
		"sum too large": func(d []Document) []Document {
			v := d[5].Volunteer
			v.Earned = append(v.Earned, Earning{What: "x", Points: ledger.MaxPoints})
			return d
		},
		"far expiry":           func(d []Document) []Document { d[5].Volunteer.Earned[0].Expires = 1 << 30; return d },
		"many cards":           func(d []Document) []Document { d[5].Volunteer.Cards = make([]CardID, 9); return d },
		"role":                 func(d []Document) []Document { d[1].Staff.Role = "boss"; return d },
		"verifier":             func(d []Document) []Document { d[1].Staff.PIN = "$argon2id$v=19$m=1"; return d },
		"good code":            func(d []Document) []Document { d[2].Good.Code = "oil 5l"; return d },
		"price":                func(d []Document) []Document { d[2].Good.Price = 0; return d },
		"delivered":            func(d []Document) []Document { d[2].Good.Delivered = -1; return d },
		"picture type":         func(d []Document) []Document { d[4].Picture.Type = "image/svg+xml"; return d },
		"picture name":         func(d []Document) []Document { d[4].Picture.Name = "../oil"; return d },
		"picture too large":    func(d []Document) []Document { d[4].Picture.Data = make([]byte, MaxPictureBytes+1); return d },
		"picture without data": func(d []Document) []Document { d[4].Picture.Data = nil; return d },
	} {
		var m memory
		if _, err := WriteBundle(&m, testHeader, testSigner, list(spoil(sampleDocuments()))); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
}

func TestWriteBundlePassesOnTheErrorOfItsDocuments(t *testing.T) {
	var m memory
	docs := func(yield func(Document, error) bool) { yield(Document{}, io.ErrNoProgress) }
	if _, err := WriteBundle(&m, testHeader, testSigner, docs); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error of the documents: %v", err)
	}
	for name, h := range map[string]BundleHeader{
		"kiosk": {Kiosk: "sq", Epoch: 1, Serial: 5}, "epoch": {Kiosk: "SQ-01", Serial: 5}, "serial": {Kiosk: "SQ-01", Epoch: 1, Serial: 1 << 50},
	} {
		if _, err := WriteBundle(&m, h, testSigner, list(sampleDocuments())); err == nil {
			t.Errorf("header with a bad %s was written", name)
		}
	}
}

// forge signs any body, as an issuer gone wrong would.
func forge(t testing.TB, h BundleHeader, packed []byte) []byte {
	t.Helper()
	h.Format, h.Issuer = cmp.Or(h.Format, FormatOf(bundleKind)), testSigner.Public().(ed25519.PublicKey)
	h.BodyBytes, h.BodySHA256 = int64(len(packed)), sha256.Sum256(packed)
	head, err := signHead(h, testSigner)
	if err != nil {
		t.Fatal(err)
	}
	return append(head, packed...)
}

func pack(t testing.TB, plain string) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	io.WriteString(zip, plain)
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const stationLine = `{"station":{"version":1,"kiosk":"SQ-01","name":"石桥","policy":{}}}` + "\n"

// A signature says who made the file, not that it can be believed blindly.
func TestSignedBodiesThatAreRefused(t *testing.T) {
	volunteer := func(fields string) string {
		return stationLine + `{"volunteer":{"id":"AAAAAAAAAAAAAAAB","version":1,"name":"张伟"` + fields + "}}\n"
	}
	if b, err := open(bodyOf(t, volunteer(""), 1), Trust{}); err != nil {
		t.Fatal(err)
	} else if docs, err := collect(b); err != nil || len(docs) != 2 {
		t.Fatalf("the plain line is fine: %v, %v", docs, err)
	}
	for name, plain := range map[string]string{
		"unknown field":  volunteer(`,"vip":true`),
		"field twice":    volunteer(`,"name":"李四"`),
		"other spelling": volunteer(`,"Minutes":5`),
		"white space":    volunteer(" "),
		"empty field":    volunteer(`,"number":""`),
		"no newline":     strings.TrimSuffix(volunteer(""), "\n"),
		"empty line":     volunteer("") + "\n",
		"no JSON":        stationLine + "hello\n",
		"too long":       volunteer(`,"number":"` + strings.Repeat("1", maxDocumentBytes) + `"`),
		"nothing":        "",
	} {
		b, err := open(bodyOf(t, plain, 1), Trust{})
		if err == nil {
			_, err = collect(b)
		}
		if !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func bodyOf(t testing.TB, plain string, volunteers int) []byte {
	h := testHeader
	h.PlainBytes, h.Counts.Volunteers = int64(len(plain)), volunteers
	return forge(t, h, pack(t, plain))
}

func TestSignedBombsAreRefused(t *testing.T) {
	bomb := pack(t, stationLine+strings.Repeat("\n", 20<<20))
	for name, h := range map[string]BundleHeader{
		"honest about its size": {PlainBytes: 20<<20 + int64(len(stationLine))},
		"lying about its size":  {PlainBytes: int64(len(stationLine))},
		"beyond every limit":    {PlainBytes: MaxBundlePlain + 1},
		"negative":              {PlainBytes: -1},
		"counts lie":            {PlainBytes: int64(len(stationLine)), Counts: BundleCounts{Volunteers: 7}},
		"counts too large":      {PlainBytes: int64(len(stationLine)), Counts: BundleCounts{Goods: MaxGoods + 1}},
	} {
		h.Kiosk, h.Epoch, h.Serial, h.Made = "SQ-01", 1, 1, testHeader.Made
		b, err := open(forge(t, h, bomb), Trust{})
		if err == nil {
			_, err = collect(b)
		}
		if !errors.Is(err, ErrForged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := OpenBundle(failing{}, MaxBundleBytes+1, Trust{}); !errors.Is(err, ErrForged) {
		t.Errorf("file too large: %v", err)
	}
	b, err := open(bodyOf(t, stationLine, 0), Trust{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := collect(b); err != nil {
		t.Fatal(err)
	}
	two := append(pack(t, stationLine), pack(t, "x")...) // a second gzip member
	h := testHeader
	h.PlainBytes = int64(len(stationLine))
	if b, err = open(forge(t, h, two), Trust{}); err == nil {
		_, err = collect(b)
	}
	if !errors.Is(err, ErrForged) {
		t.Errorf("bytes after the body: %v", err)
	}
}

// FuzzOpenBundle feeds any bytes as a file.
func FuzzOpenBundle(f *testing.F) {
	f.Add(write(f, testHeader, testSigner, sampleDocuments()))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if b, err := open(file, Trust{}); err == nil {
			collect(b)
		} else if !errors.Is(err, ErrForged) {
			t.Error(err)
		}
	})
}

// FuzzBundleBody signs any body, packed. What is handed out can be written again.
func FuzzBundleBody(f *testing.F) {
	f.Add([]byte(stationLine))
	var lines bytes.Buffer
	for _, d := range sampleDocuments() {
		line, err := json.Marshal(d)
		if err != nil {
			f.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	f.Add(lines.Bytes())
	f.Fuzz(func(t *testing.T, plain []byte) {
		h := testHeader
		h.PlainBytes = int64(len(plain))
		h.Counts.Volunteers = bytes.Count(plain, []byte(`{"volunteer":`))
		b, err := open(forge(t, h, pack(t, string(plain))), Trust{})
		if err != nil {
			return
		}
		if docs, err := collect(b); err == nil {
			write(t, h, testSigner, docs)
		}
	})
}
