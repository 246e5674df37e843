package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yizhan/civic/sheet/sheettest"
)

// FuzzSheet puts any XML where a sheet stands, in a workbook that is otherwise sound.
func FuzzSheet(f *testing.F) {
	f.Add(inlineRows(headerXML, `<row r="2"><c t="inlineStr"><is><t>张三</t></is></c><c><v>1</v></c></row>`))
	f.Add(strings.Replace(inlineRows(headerXML), "</worksheet>", `<mergeCells><mergeCell ref="A1:B3"/></mergeCells></worksheet>`, 1))
	f.Add(inlineRows(headerXML, `<row><c t="s"><v>0</v></c><c><f>A1</f></c><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c></row>`))
	f.Add(inlineRows(headerXML, `<row><c><v> </v></c><c><v>&#x200B;</v></c></row>`))
	f.Fuzz(func(t *testing.T, s string) {
		parts := bookParts(s)
		parts["xl/t.xml"] = `<sst><si><t>李四</t></si></sst>`
		accountFor(t, zipFile(t, parts))
	})
}

// accountFor reads a hostile file: every row is accounted for and satisfies the rules, or the file is refused.
func accountFor(t *testing.T, path string) (refused *Error) {
	t.Helper()
	people, rejected, summary, err := roster(t, path)
	if err != nil && !errors.As(err, &refused) {
		t.Fatalf("error %v is no refusal", err)
	}
	if err == nil && (summary.Accepted != len(people) || summary.Rejected != len(rejected) || summary.Rows != len(people)+len(rejected)) {
		t.Fatalf("%+v, accepted %d, rejected %d", summary, len(people), len(rejected))
	}
	for _, p := range people {
		if p.Name == "" || p.Number == "" && p.IDNumber == "" || p.Phone != "" && !isMobile(p.Phone) || p.Points < 0 || p.Minutes < 0 {
			t.Fatalf("accepted %+v", p)
		}
	}
	for _, r := range rejected {
		if _, ok := reasons[r.Code]; !ok || r.Reason == "" || strings.Contains(r.Reason+r.ReasonEN, "%!") {
			t.Fatalf("rejected %+v", r)
		}
	}
	return refused
}

// mutate flips some bits, and now and then cuts the end off.
func mutate(rng *rand.Rand, sound []byte) []byte {
	broken := bytes.Clone(sound)
	for range 1 + rng.IntN(8) {
		broken[rng.IntN(len(broken))] ^= 1 << rng.IntN(8)
	}
	if rng.IntN(8) == 0 {
		broken = broken[:rng.IntN(len(broken))]
	}
	return broken
}

// TestMutatedWorkbooks flips bits of a sound workbook: of the file, where checksums find most of it, and of the XML inside, where nothing does.
func TestMutatedWorkbooks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sound.xlsx")
	if _, err := sheettest.Roster(path, sheettest.Options{Seed: 5, Rows: 60, Faults: 200}); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(sound), int64(len(sound)))
	if err != nil {
		t.Fatal(err)
	}
	const rounds = 600
	seen := map[string]int{}
	for round := range rounds {
		rng := newRand(uint64(round))
		broken := mutate(rng, sound)
		if round%2 == 1 {
			broken = mutateParts(t, rng, z)
		}
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			if refused := accountFor(t, path); refused != nil {
				seen[refused.Code]++
			} else {
				seen["read"]++
			}
		})
	}
	if seen["read"] < rounds/20 || seen[RefusedDamaged] < rounds/4 {
		t.Errorf("seed or mutation has lost its bite: %v", seen)
	}
	t.Log(seen)
}

// mutateParts makes a sound zip file of the parts, one of them mutated.
func mutateParts(t *testing.T, rng *rand.Rand, z *zip.Reader) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	victim := rng.IntN(len(z.File))
	for i, e := range z.File {
		content, err := fs.ReadFile(z, e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if i == victim {
			content = mutate(rng, content)
		}
		out, err := w.Create(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
