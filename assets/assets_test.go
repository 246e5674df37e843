package assets

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestVendoredFilesAreTheOnesWeLookedAt(t *testing.T) {
	sums, err := fs.ReadFile(files, "vendor/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]bool)
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		listed[name] = true
		body, err := fs.ReadFile(files, "vendor/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != want {
			t.Errorf("vendor/%s is not the file whose hash stands in SHA256SUMS", name)
		}
	}
	scripts, _ := fs.Glob(files, "vendor/*.js")
	for _, script := range scripts {
		if !listed[path.Base(script)] {
			t.Errorf("%s has no line in SHA256SUMS", script)
		}
	}
	for _, licence := range []string{"vendor/htmx.LICENSE", "vendor/uplot.LICENSE"} {
		if _, err := fs.Stat(files, licence); err != nil {
			t.Error(err)
		}
	}
}

func catalogue(t testing.TB, lang Lang) Catalogue {
	t.Helper()
	c, err := Texts(lang)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryLanguageHasEveryTextWithTheSamePlaceholders(t *testing.T) {
	chinese, english := catalogue(t, Chinese), catalogue(t, English)
	for _, key := range chinese.Keys() {
		if !english.Has(key) {
			t.Errorf("%s is missing in English", key)
			continue
		}
		// A language may leave a value out, such as the unit after a number, but
		// never wait for one that the other does not name.
		for _, name := range english.Placeholders(key) {
			if !slices.Contains(chinese.Placeholders(key), name) && !pluralOnly(english, key, name) {
				t.Errorf("%s waits for {%s} in English alone", key, name)
			}
		}
		if chinese.Text(key) == "" || english.Text(key) == "" {
			t.Errorf("%s is empty", key)
		}
	}
	for _, key := range english.Keys() {
		if !chinese.Has(key) {
			t.Errorf("%s is missing in Chinese", key)
		}
	}
}

// pluralOnly tells whether a value does nothing but choose between one and many.
func pluralOnly(c Catalogue, key, name string) bool {
	return !strings.Contains(c.Text(key), "{"+name+"}")
}

func TestTextFillsInItsPlaceholders(t *testing.T) {
	c := Catalogue{Lang: English, texts: map[string]string{
		"left": "{n} {n:piece|pieces} of {what}", "odd": "a { b } {", "plain": "plain",
	}}
	for _, test := range []struct {
		key   string
		pairs []any
		want  string
	}{
		{"left", []any{"n", 1, "what", "rice"}, "1 piece of rice"},
		{"left", []any{"n", int64(2), "what", "{n}"}, "2 pieces of {n}"},
		{"left", []any{"n", 2}, "2 pieces of {what}"},
		{"odd", []any{"n", 1}, "a { b } {"},
		{"plain", []any{"n", 1, "odd"}, "plain"},
		{"none", nil, "⟦none⟧"},
	} {
		if got := c.Text(test.key, test.pairs...); got != test.want {
			t.Errorf("%s %v: %q, want %q", test.key, test.pairs, got, test.want)
		}
	}
}

var (
	usedIcon  = regexp.MustCompile(`\bicon "([^"]+)"`)
	usedAsset = regexp.MustCompile(`\basset "([^"]+)"`)
	usedText  = regexp.MustCompile(`\bt "([^"]+)"`)
	defined   = regexp.MustCompile(`{{define "([^"]+)"}}`)
)

// apps are the folders of pages: each has a frame and parts of its own.
var apps = []string{"kiosk", "center", "phone"}

func templates(t testing.TB) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for _, app := range apps {
		err := fs.WalkDir(files, app, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || path.Ext(name) != ".tmpl" {
				return err
			}
			body, err := fs.ReadFile(files, name)
			found[name] = string(body)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func TestTemplatesUseTextsThatExist(t *testing.T) {
	texts := catalogue(t, Chinese)
	for name, body := range templates(t) {
		for _, m := range usedText.FindAllStringSubmatch(body, -1) {
			if !texts.Has(m[1]) {
				t.Errorf("%s uses %q, which no catalogue has", name, m[1])
			}
		}
	}
}

func TestTemplatesUseIconsAndFilesThatExist(t *testing.T) {
	static, err := NewStatic(map[string][]byte{"screen.css": nil})
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range templates(t) {
		for _, m := range usedIcon.FindAllStringSubmatch(body, -1) {
			if _, err := Icon(m[1]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, m := range usedAsset.FindAllStringSubmatch(body, -1) {
			if !static.Has(m[1]) {
				t.Errorf("%s uses the file %q, which is not served", name, m[1])
			}
		}
	}
}

func TestNoPartIsDefinedTwice(t *testing.T) {
	where := make(map[string]string)
	for name, body := range templates(t) {
		for _, m := range defined.FindAllStringSubmatch(body, -1) {
			if m[1] == "stage" {
				continue
			}
			app, _, _ := strings.Cut(name, "/")
			part := app + " " + m[1]
			if other := where[part]; other != "" {
				t.Errorf("the part %q is defined in %s and in %s", m[1], other, name)
			}
			where[part] = name
		}
	}
}

func TestNothingInThePageRunsByItself(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<script(?:[^>]*[^>])?>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
	for name, body := range templates(t) {
		if m := inline.FindString(body); m != "" {
			t.Errorf("%s holds %q: styles and scripts stand in files", name, m)
		}
	}
}

func TestStaticFilesAreKeptForEverUnderTheirHash(t *testing.T) {
	s, err := NewStatic(map[string][]byte{"screen.css": []byte(":root{}")})
	if err != nil {
		t.Fatal(err)
	}
	get := func(url string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, url, nil))
		return w
	}
	w := get(s.URL("screen.css"))
	if w.Code != http.StatusOK || w.Body.String() != ":root{}" || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("served as %s", got)
	}
	for _, url := range []string{"/static/", "/static/screen.css", "/static/000000000000/screen.css", "/static/000000000000/text/en.json", "/static//../text/en.json"} {
		if w := get(url); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", url, w.Code)
		}
	}
	if s.URL("text/en.json") != "" || s.URL("kiosk/home/home.tmpl") != "" {
		t.Error("files that no page loads are served")
	}
}

func TestIconsAreDrawnInTheColourOfTheirWord(t *testing.T) {
	names, err := fs.Glob(files, "icons/*.svg")
	if err != nil || len(names) == 0 {
		t.Fatal("no icons", err)
	}
	for _, name := range names {
		svg, err := Icon(strings.TrimSuffix(path.Base(name), ".svg"), "lead")
		if err != nil {
			t.Error(err)
		}
		if !strings.HasPrefix(string(svg), `<svg class="i lead"`) || strings.Contains(string(svg), "#") {
			t.Errorf("%s: %s", name, svg)
		}
	}
	if _, err := Icon("none"); err == nil {
		t.Error("an icon that does not exist is drawn")
	}
}

func TestHours(t *testing.T) {
	for minutes, want := range map[int64]string{0: "0", 120: "2", 90: "1.5", 125: "2:05", 30: "0.5"} {
		if got := Hours(minutes); got != want {
			t.Errorf("%d minutes are written %s", minutes, got)
		}
	}
}
