package link

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

// bodies has one body of each kind of entry.
var bodies = []ledger.Body{ledger.Reserve{}, ledger.Settle{}, ledger.Cancel{}, ledger.Refund{}, ledger.Return{}, ledger.CheckIn{}, ledger.CheckOut{},
	ledger.Stock{}, ledger.Register{}, ledger.Print{}, ledger.Staff{}, ledger.Device{}, ledger.Confirm{}, ledger.Object{}, ledger.Enlist{}, ledger.Ticket{}, ledger.Certificate{}}

// format writes down what an end must know to read what the other one writes, but for
// the frames, which TestGolden has: each field of each entry in its order, then each
// field of each document, then those of what documents hold.
func format(t *testing.T) string {
	var all strings.Builder
	for _, b := range bodies {
		fields := goFields(reflect.TypeOf(b))
		fmt.Fprintf(&all, "%2d %-9s %s\n", b.Kind(), reflect.TypeOf(b).Name(), strings.Join(fields, ", "))
	}
	all.WriteString("\n")
	seen := map[reflect.Type]bool{}
	wait := []reflect.Type{reflect.TypeFor[civic.Document]()}
	for len(wait) > 0 {
		one := wait[0]
		wait = wait[1:]
		line, inner := jsonFields(t, one)
		fmt.Fprintf(&all, "%-10s %s\n", one.Name(), line)
		for _, in := range inner {
			if !seen[in] {
				seen[in] = true
				wait = append(wait, in)
			}
		}
	}
	return all.String()
}

func goFields(of reflect.Type) (list []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Anonymous {
			list = append(list, goFields(f.Type)...)
			continue
		}
		list = append(list, f.Name+" "+typeName(f.Type))
	}
	return list
}

func typeName(of reflect.Type) string {
	switch {
	case of.Name() != "":
		return of.Name()
	case of.Kind() == reflect.Slice:
		return "[]" + typeName(of.Elem())
	}
	return of.String()
}

// jsonFields are the fields as they travel, with a ? behind those that may be missing,
// and the structs of package civic among them.
func jsonFields(t *testing.T, of reflect.Type) (string, []reflect.Type) {
	var list []string
	var inner []reflect.Type
	for i := range of.NumField() {
		f := of.Field(i)
		name, more, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			t.Errorf("%s.%s has no name in JSON", of.Name(), f.Name)
		}
		if more != "" {
			name += "?"
		}
		list = append(list, name)
		deep := f.Type
		for deep.Kind() == reflect.Pointer || deep.Kind() == reflect.Slice || deep.Kind() == reflect.Map {
			deep = deep.Elem()
		}
		if deep.Kind() == reflect.Struct && !reflect.PointerTo(deep).Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]()) {
			inner = append(inner, deep)
		}
	}
	return strings.Join(list, ", "), inner
}

// TestFormat: what travels is what docs/protocol.md says of this number, and nothing
// changed without a thought about those who have the program of before. When this fails
// because something was added, the number has to be raised (civic.Version), unless a
// program of the same number, and its strict readers, would read it all the same.
func TestFormat(t *testing.T) {
	kinds := make([]ledger.Kind, len(bodies))
	for i, b := range bodies {
		kinds[i] = b.Kind()
	}
	entry, err := ledger.Entry{Kiosk: "A", Epoch: 1, Seq: 1, Body: ledger.Device{Event: ledger.DeviceStart}}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for kind := range 256 {
		entry[1] = byte(kind)
		_, err := ledger.DecodeEntry(entry)
		if known := err == nil || !strings.Contains(err.Error(), "kind is not known"); known != slices.Contains(kinds, ledger.Kind(kind)) {
			t.Errorf("kind %d: known to package ledger is %v", kind, known)
		}
	}
	want, file := format(t), fmt.Sprintf("testdata/format-%d.txt", Protocol)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{file, "../docs/protocol.md"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(want) {
			if !strings.Contains(string(b), line) {
				t.Errorf("%s, protocol %d, does not have: %s", file, Protocol, line)
			}
		}
	}
}
