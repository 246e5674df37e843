package civic

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"yizhan/ledger"
)

// linkedDocuments is what a center may send to SQ-01.
func linkedDocuments() []Document {
	docs := sampleDocuments()
	docs[5].Volunteer.Linked = true
	return append(docs, Document{Gone: &Gone{Kind: GoneGood, ID: "oil", Version: 3}}, Document{Gone: &Gone{Kind: GonePicture, ID: "oil", Version: 2}},
		Document{Gone: &Gone{Kind: GoneStaff, ID: ledger.ID{8}.String(), Version: 1}}, Document{Gone: &Gone{Kind: GoneVolunteer, ID: ledger.ID{9}.String(), Version: 5}})
}

func TestDocumentsOneByOne(t *testing.T) {
	for _, d := range linkedDocuments() {
		line, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ReadDocument(line, "SQ-01"); err != nil || !reflect.DeepEqual(got, d) {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
		for _, other := range [][]byte{append([]byte(" "), line...), append(bytes.Clone(line), '\n'), line[:len(line)-1], bytes.ToUpper(line), nil, []byte("null"), []byte("{}")} {
			if _, err := ReadDocument(other, "SQ-01"); err == nil {
				t.Errorf("%.40q was read", other)
			}
		}
	}
	for name, spoil := range map[string]func(d []Document) Document{
		"another station":     func(d []Document) Document { d[0].Station.Kiosk = "SQ-02"; return d[0] },
		"another's grant":     func(d []Document) Document { d[7].Grant.Kiosk = "SQ-02"; return d[7] },
		"a grant of no epoch": func(d []Document) Document { d[7].Grant.Epoch = 0; return d[7] },
		"earned lines":        func(d []Document) Document { d[5].Volunteer.Linked = false; return d[5] },
		"too much taken back": func(d []Document) Document {
			d[5].Volunteer.Earned[0].Points = -ledger.MaxPoints - 1
			return d[5]
		},
		"a phone number":     func(d []Document) Document { d[5].Volunteer.Number = "13800138000"; return d[5] },
		"two in one":         func(d []Document) Document { d[1].Gone = d[8].Gone; return d[1] },
		"a grant is gone":    func(d []Document) Document { d[8].Gone.Kind = "grant"; return d[8] },
		"a station is gone":  func(d []Document) Document { d[8].Gone.Kind = "station"; return d[8] },
		"gone at version 0":  func(d []Document) Document { d[8].Gone.Version = 0; return d[8] },
		"gone far ahead":     func(d []Document) Document { d[8].Gone.Version = MaxSerial + 1; return d[8] },
		"no good":            func(d []Document) Document { d[8].Gone.ID = "oil 5l"; return d[8] },
		"no picture":         func(d []Document) Document { d[9].Gone.ID = ""; return d[9] },
		"no member of staff": func(d []Document) Document { d[10].Gone.ID = "oil"; return d[10] },
		"nobody":             func(d []Document) Document { d[11].Gone.ID = ledger.ID{}.String(); return d[11] },
		"too long": func(d []Document) Document {
			return Document{Picture: &Picture{Name: "x", Version: 1, Type: "image/png", Data: make([]byte, maxDocumentBytes)}}
		},
	} {
		line, err := json.Marshal(spoil(linkedDocuments()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ReadDocument(line, "SQ-01"); err == nil {
			t.Errorf("%s: was read", name)
		}
	}
	later := linkedDocuments()[7]
	later.Grant.Epoch = 9 // which epoch counts, the caller knows
	if line, err := json.Marshal(later); err != nil {
		t.Fatal(err)
	} else if _, err := ReadDocument(line, "SQ-01"); err != nil {
		t.Errorf("a grant of another epoch: %v", err)
	}
}

// TestBundleOfACenter carries the era and the cursors, and what is gone.
func TestBundleOfACenter(t *testing.T) {
	h := testHeader
	h.Era, h.Cursors = "k3v9", []Cursor{{"SQ-01", 4}, {"center", 0}, {"qingxi", 340}}
	bundle, err := open(write(t, h, testSigner, linkedDocuments()), Trust{})
	if err != nil {
		t.Fatal(err)
	}
	docs, err := collect(bundle)
	if err != nil || !reflect.DeepEqual(docs, linkedDocuments()) {
		t.Fatalf("%+v, %v", docs, err)
	}
	if got := bundle.Header; got.Era != "k3v9" || !reflect.DeepEqual(got.Cursors, h.Cursors) || got.Counts.Gone != 4 || got.Counts.Total() != 12 {
		t.Errorf("%+v", got)
	}
	var long []Cursor
	for n := range MaxCursors {
		long = append(long, Cursor{strings.Repeat(string(rune('a'+n)), maxScopeBytes), MaxSerial})
	}
	h.Era, h.Cursors = strings.Repeat("e", maxEraBytes), long
	if _, err := open(write(t, h, testSigner, linkedDocuments()), Trust{}); err != nil {
		t.Errorf("the longest head: %v", err)
	}
	for name, spoil := range map[string]func(h *BundleHeader, d []Document){
		"cursors of no era":  func(h *BundleHeader, d []Document) { h.Era = "" },
		"a long era":         func(h *BundleHeader, d []Document) { h.Era += "x" },
		"many scopes":        func(h *BundleHeader, d []Document) { h.Cursors = append(h.Cursors, Cursor{"z", 1}) },
		"scopes descend":     func(h *BundleHeader, d []Document) { h.Cursors = []Cursor{{"b", 1}, {"a", 1}} },
		"a scope twice":      func(h *BundleHeader, d []Document) { h.Cursors = []Cursor{{"a", 1}, {"a", 1}} },
		"a scope of no name": func(h *BundleHeader, d []Document) { h.Cursors = []Cursor{{"", 1}} },
		"a long scope":       func(h *BundleHeader, d []Document) { h.Cursors = []Cursor{{strings.Repeat("x", maxScopeBytes+1), 1}} },
		"a far version":      func(h *BundleHeader, d []Document) { h.Cursors = []Cursor{{"a", MaxSerial + 1}} },
		"earned lines":       func(h *BundleHeader, d []Document) { d[5].Volunteer.Linked = false },
		"gone out of order":  func(h *BundleHeader, d []Document) { d[8], d[9] = d[9], d[8] },
		"gone twice":         func(h *BundleHeader, d []Document) { d[9] = d[8] },
	} {
		spoilt, docs := h, linkedDocuments()
		spoil(&spoilt, docs)
		var m memory
		if _, err := WriteBundle(&m, spoilt, testSigner, list(docs)); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
	var m memory
	if _, err := WriteBundle(&m, testHeader, testSigner, list(linkedDocuments())); err == nil {
		t.Error("an office took documents back from a kiosk that stands alone")
	}
}

// TestOldBundlesAreAsTheyWere: what a kiosk that stands alone is told has no word
// of centers.
func TestOldBundlesAreAsTheyWere(t *testing.T) {
	line, err := json.Marshal(testHeader)
	want := `{"format":"","kiosk":"SQ-01","epoch":2,"issuer":null,"serial":5,"made":"2026-03-01T08:00:00Z",` +
		`"counts":{"staff":0,"goods":0,"pictures":0,"volunteers":0},"plain_bytes":0,"body_bytes":0,"body_sha256":"` + strings.Repeat("0", 64) + `"}`
	if err != nil || string(line) != want {
		t.Errorf("%s, %v", line, err)
	}
	line, err = json.Marshal(sampleDocuments()[3])
	if err != nil || string(line) != `{"good":{"code":"rice","version":1,"name":"大米","unit":"袋","price":300,"delivered":0,"withdrawn":true}}` {
		t.Errorf("%s, %v", line, err)
	}
}

// FuzzReadDocument reads any line. What is taken is written the same.
func FuzzReadDocument(f *testing.F) {
	for _, d := range linkedDocuments() {
		line, err := json.Marshal(d)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		d, err := ReadDocument(line, "SQ-01")
		if err != nil {
			return
		}
		if again, err := json.Marshal(d); err != nil || !bytes.Equal(again, line) {
			t.Fatal(errors.Join(err, errors.New(string(again))))
		}
	})
}
