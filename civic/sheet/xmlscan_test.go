package sheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// tokens lists what the scanner makes of a document, text as text.
func tokens(r io.Reader) (list []string, err error) {
	x := newXMLScanner(r)
	for {
		t, err := x.next()
		if err != nil || t == xmlEnd {
			return list, err
		}
		switch t {
		case xmlOpen:
			list = append(list, "<"+string(x.name))
		case xmlClose:
			list = append(list, ">")
		case xmlText:
			text, err := x.appendTo(nil)
			if err != nil {
				return list, err
			}
			if n := len(list); n > 0 && strings.HasPrefix(list[n-1], "=") {
				list[n-1] += string(text)
			} else if len(text) > 0 {
				list = append(list, "="+string(text))
			}
		}
	}
}

// standardTokens lists what encoding/xml makes of it.
func standardTokens(s string) (list []string, err error) {
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			list = append(list, "<"+t.Name.Local)
		case xml.EndElement:
			list = append(list, ">")
		case xml.Directive:
			return list, errXMLType
		case xml.CharData:
			if n := len(list); n > 0 && strings.HasPrefix(list[n-1], "=") {
				list[n-1] += string(t)
			} else if len(t) > 0 {
				list = append(list, "="+string(t))
			}
		}
	}
}

var xmlSamples = []string{
	`<a/>`, `<a></a >`, `<?xml version="1.0" encoding="UTF-8"?><a b="1" c='>'>x</a>`, `<x:a y:b="&lt;"><c/>&amp;&#65;&#x4E00;</x:a>`, `<a><!-- <b> --><![CDATA[<c>&]]>t</a>`,
	` <a> </a> `, `<a b = "1" />`, `<a>&quot;&apos;&gt;</a>`, "<a>\r\n\t</a>", `<a><b><c></c></b></a>`,
}

func TestXMLScanner(t *testing.T) {
	for _, s := range xmlSamples {
		want, err := standardTokens(strings.ReplaceAll(s, "\r\n", "\n"))
		if err != nil {
			t.Fatal(err)
		}
		for name, r := range map[string]io.Reader{
			"whole": strings.NewReader(s), "bytes": iotest.OneByteReader(strings.NewReader(s)), "halves": iotest.HalfReader(strings.NewReader(s)), "with end": iotest.DataErrReader(strings.NewReader(s)),
		} {
			got, err := tokens(r)
			if err != nil || strings.ReplaceAll(strings.Join(got, " "), "\r\n", "\n") != strings.Join(want, " ") {
				t.Errorf("%s %s: %q %v, want %q", s, name, got, err, want)
			}
		}
	}
	for s, want := range map[string]error{
		`<a>`: io.ErrUnexpectedEOF, `<a`: io.ErrUnexpectedEOF, `<a b="`: io.ErrUnexpectedEOF, `<a><!-- `: io.ErrUnexpectedEOF, `<a><![CDATA[`: io.ErrUnexpectedEOF, `</a>`: errXMLSyntax, `<a></>`: errXMLSyntax,
		`< a/>`: errXMLSyntax, `<a>&b;</a>`: errXMLSyntax, `<a>&</a>`: errXMLSyntax, `<a>&#xD800;</a>`: errXMLSyntax, `<a>&#;</a>`: errXMLSyntax, `<a>&#x;</a>`: errXMLSyntax, `<!DOCTYPE a><a/>`: errXMLType,
		`<?xml encoding="utf-16"?><a/>`: errXMLCode, `<a b="` + strings.Repeat("x", maxTokenBytes) + `"/>`: errXMLLong, `<a>` + strings.Repeat("x", maxTokenBytes) + `</a>`: errXMLLong,
	} {
		if _, err := tokens(strings.NewReader(s)); !errors.Is(err, want) {
			t.Errorf("%.40s: %v, want %v", s, err, want)
		}
	}
	broken := errors.New("broken medium")
	if _, err := tokens(io.MultiReader(strings.NewReader("<a>text"), iotest.ErrReader(broken))); err != broken {
		t.Errorf("read error: %v", err)
	}
}

func TestXMLAttributes(t *testing.T) {
	x := newXMLScanner(strings.NewReader(`<c x:r="B2" s='7' t = "s" note="a=&quot;b&quot; r='9'" bad/>`))
	if _, err := x.next(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"r": "B2", "s": "7", "t": "s", "note": `a="b" r='9'`, "bad": "", "none": ""} {
		if got := x.attrText(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	long := newXMLScanner(strings.NewReader(`<c r="` + strings.Repeat("x", maxAttrBytes+1) + `"/>`))
	if _, err := long.next(); err != nil || long.attrText("r") != "" {
		t.Errorf("long attribute kept, %v", err)
	}
	if x.attrNumber("s") != 7 || x.attrNumber("r") != -1 || x.attrNumber("none") != -1 {
		t.Error("numbers")
	}
}

// FuzzXML: what encoding/xml reads and we read comes out alike; nothing panics.
func FuzzXML(f *testing.F) {
	for _, s := range xmlSamples {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := tokens(strings.NewReader(s))
		want, standard := standardTokens(s)
		if err != nil || standard != nil || strings.Contains(s, "\r") {
			return // each is strict in its own way
		}
		if strings.Join(got, "\x00") != strings.Join(want, "\x00") {
			t.Fatalf("%q:\n got %q\nwant %q", s, got, want)
		}
	})
}

// BenchmarkXML shows why the scanner exists.
func BenchmarkXML(b *testing.B) {
	var sheet bytes.Buffer
	sheet.WriteString("<sheetData>")
	for range 2000 {
		sheet.WriteString(`<row r="12345">` + strings.Repeat(`<c r="A12345" s="0" t="s"><v>123456</v></c>`, 8) + `</row>`)
	}
	sheet.WriteString("</sheetData>")
	b.Run("scanner", func(b *testing.B) {
		b.SetBytes(int64(sheet.Len()))
		for b.Loop() {
			x := newXMLScanner(bytes.NewReader(sheet.Bytes()))
			for t, err := x.next(); t != xmlEnd; t, err = x.next() {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("encoding-xml", func(b *testing.B) {
		b.SetBytes(int64(sheet.Len()))
		for b.Loop() {
			d := xml.NewDecoder(bytes.NewReader(sheet.Bytes()))
			for _, err := d.RawToken(); err != io.EOF; _, err = d.RawToken() {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}
