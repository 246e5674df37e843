package civic

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func sampleDelivery() Delivery {
	return Delivery{ID: "7KM2QW9R", Kiosk: "SQ-01", Version: 3, Sent: 2700, From: "清溪粮油站", Note: "早上送",
		Lines: []DeliveryLine{{Good: "rice", Pieces: 20, Batch: "26-11 甲", BestBefore: 3000}, {Good: "rice", Pieces: 5}, {Good: "oil-5l", Pieces: MaxDelivered}}}
}

func TestADeliveryIsReadStrictly(t *testing.T) {
	read := func(change func(*Delivery)) error {
		d := sampleDelivery()
		d.Lines = append([]DeliveryLine{}, d.Lines...)
		change(&d)
		line, err := json.Marshal(Document{Delivery: &d})
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadDocument(line, "SQ-01")
		return err
	}
	if err := read(func(*Delivery) {}); err != nil {
		t.Errorf("refused: %v", err)
	}
	for name, change := range map[string]func(*Delivery){
		"another kiosk":    func(d *Delivery) { d.Kiosk = "LH-01" },
		"no id":            func(d *Delivery) { d.ID = "" },
		"an id with an O":  func(d *Delivery) { d.ID = "7KM2QW9O" },
		"no lines":         func(d *Delivery) { d.Lines = nil },
		"too many lines":   func(d *Delivery) { d.Lines = make([]DeliveryLine, MaxDeliveryLines+1) },
		"no pieces":        func(d *Delivery) { d.Lines[1].Pieces = 0 },
		"too many pieces":  func(d *Delivery) { d.Lines[1].Pieces = MaxDelivered + 1 },
		"no good":          func(d *Delivery) { d.Lines[1].Good = "大米" },
		"a line in a text": func(d *Delivery) { d.Note = "a\nb" },
		"no version":       func(d *Delivery) { d.Version = 0 },
		"a long batch":     func(d *Delivery) { d.Lines[0].Batch = strings.Repeat("x", MaxTextRunes+1) },
	} {
		if read(change) == nil {
			t.Errorf("%s is taken", name)
		}
	}
	gone, err := json.Marshal(Document{Gone: &Gone{Kind: GoneDelivery, ID: "7KM2QW9R", Version: 4}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ReadDocument(gone, "SQ-01"); err != nil {
		t.Errorf("called back: %v", err)
	}
}

// A stick of a center brings deliveries; an office has none to send.
func TestDeliveriesTravelInBundles(t *testing.T) {
	d := sampleDelivery()
	docs := []Document{sampleDocuments()[0], {Delivery: &d}}
	h := testHeader
	h.Era = "k3v9"
	b := write(t, h, testSigner, docs)
	opened, err := open(b, Trust{})
	if err != nil || opened.Header.Counts.Deliveries != 1 {
		t.Fatalf("%+v, %v", opened, err)
	}
	n := 0
	for got, err := range opened.Documents() {
		if err != nil {
			t.Fatal(err)
		}
		if got.Delivery != nil && len(got.Delivery.Lines) == 3 {
			n++
		}
	}
	var m memory
	if _, err := WriteBundle(&m, testHeader, testSigner, list(docs)); err == nil || n != 1 {
		t.Errorf("%d came; an office sends deliveries: %v", n, err)
	}
}

func TestDeliveryIDs(t *testing.T) {
	id, err := NewDeliveryID(bytes.NewReader([]byte{0, 1, 31, 32, 255, 200, 7, 9}))
	if err != nil || !ValidDelivery(id) || id != "23Z2ZA9B" {
		t.Errorf("%q, %v", id, err)
	}
	if _, err := NewDeliveryID(bytes.NewReader(nil)); err == nil {
		t.Error("drawn from nothing")
	}
}

func TestArrivals(t *testing.T) {
	for _, a := range []Arrival{{"7KM2QW9R", 1, 1, 1, ""}, {"7KM2QW9R", 2, 20, MaxDelivered, "broken"}} {
		if got, ok := ParseArrival(a.Note()); !ok || got != a {
			t.Errorf("%q: %+v, %v", a.Note(), got, ok)
		}
	}
	for _, note := range []string{"", "broken", "delivery", "delivery 7KM2QW9R 2/3", "delivery 7KM2QW9R 4/3 20", "delivery 7KM2QW9R 0/3 20", "delivery 7KM2QW9R 1/21 20",
		"delivery 7KM2QW9R 1/3 0", "delivery 7KM2QW9R 1/3 +20", "delivery 7KM2QW9R 01/3 20", "delivery 7KM2QW9R 1/3 20 ", "delivery 7KM2QW9R 1/3 20 lost", "delivery 7km2qw9r 1/3 20", "delivery 7KM2QW9R 1/3 20 broken x"} {
		if a, ok := ParseArrival(note); ok {
			t.Errorf("%q is %+v", note, a)
		}
	}
}

func FuzzParseArrival(f *testing.F) {
	f.Add("delivery 7KM2QW9R 2/3 20 broken")
	f.Add("delivery 7KM2QW9R 1/1 9999")
	f.Fuzz(func(t *testing.T, note string) {
		if a, ok := ParseArrival(note); ok && a.Note() != note {
			t.Errorf("%q is written %q", note, a.Note())
		}
	})
}
