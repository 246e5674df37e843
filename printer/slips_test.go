package printer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/template"
)

// slips are all kinds of slips, as the folder of their samples names them.
func slips(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("../assets/slip/sample/*.json")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d samples: %v", len(files), err)
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	return names
}

// form is what is said of a kind of slip.
func form(t *testing.T, name string) template.Form {
	t.Helper()
	form, err := template.ReadForm(read(t, "../assets/slip/sample/"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// sample is a slip as its built-in template writes its sample.
func sample(t *testing.T, name, lang, as string) printer.Slip {
	t.Helper()
	form := form(t, name)
	one, err := template.Parse(string(read(t, "../assets/slip/"+lang+"/"+name+".slip")), form.Fields)
	if err != nil {
		t.Fatal(err)
	}
	slip, err := one.Render(form.Show(lang, as))
	if err != nil {
		t.Fatal(err)
	}
	return slip
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every slip is the bytes that somebody has looked at. The pictures beside them are
// for looking.
func TestSlipsGolden(t *testing.T) {
	for _, name := range slips(t) {
		for _, p := range profiles {
			if p.Columns == printer.Profile80Narrow.Columns && name != "receipt" {
				continue
			}
			stream := encode(t, sample(t, name, "zh-CN", ""), p)
			paper := onPaper(t, p, stream)
			file := name + "-" + p.Name
			golden(t, file+".escpos", stream)
			golden(t, file+".txt", []byte(paper.Text()+"\n"))
			t.Logf("%s: %d bytes", file, len(stream))
			if name == "receipt" && len(stream) > 1200 {
				t.Errorf("%s has %d bytes, want at most 1200", file, len(stream))
			}
			if *update {
				writePNG(t, filepath.Join("testdata", file+".png"), paper)
			}
		}
	}
}

// In English too, and on every paper there is, a slip has no mistakes and says its
// number at both ends.
func TestSlipsPrintOnEveryPaper(t *testing.T) {
	for _, name := range slips(t) {
		for _, p := range profiles {
			paper := onPaper(t, p, encode(t, sample(t, name, "en", ""), p))
			if n := strings.Count(paper.Text(), "SQ-01-1-"); n != 2 && name != "test" {
				t.Errorf("%s on %s says its number %d times:\n%s", name, p.Name, n, paper.Text())
			}
		}
	}
}

// A reprint says that it is one in its first lines and in its last, and a receipt stays
// short whatever has become of it.
func TestSlipsInOtherCases(t *testing.T) {
	for _, name := range slips(t) {
		for _, one := range form(t, name).Cases {
			for _, p := range profiles {
				stream := encode(t, sample(t, name, "zh-CN", one.Name), p)
				lines := strings.Split(onPaper(t, p, stream).Text(), "\n")
				head, foot := strings.Join(lines[:5], " "), lines[len(lines)-1]
				mark := "重打 第2次"
				if name == "void" {
					mark = "作废"
				}
				if one.Name == "again" && (!strings.Contains(head, mark) || strings.TrimSpace(foot) != mark) {
					t.Errorf("%s again on %s begins %q and ends %q", name, p.Name, head, foot)
				}
				if name == "receipt" && len(stream) > 1200 {
					t.Errorf("%s as %s on %s has %d bytes", name, one.Name, p.Name, len(stream))
				}
			}
		}
	}
}
