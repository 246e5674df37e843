// Package yizhan_test holds the walls of the house: which room may know which,
// what a folder may be called, and who may look at a clock. It parses the
// sources itself, because a test that runs `go list` is cached past a change.
package yizhan_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "yizhan"

// floors are the rooms of the house. A room imports only from floors below its
// own; a folder within a room belongs to it, unless it is listed as a room.
var floors = map[string]int{
	".":      0, // the module's root: nothing but tests
	"ledger": 1, "printer": 1, "assets": 1,
	"civic": 2,
	"link":  3, "kiosk/store": 3, "center/store": 3,
	"kiosk": 4, "center": 4,
	"cmd": 5, "image": 5,
	"bench": 6,
}

// folders are what may stand beside the rooms: without Go, or written by
// build.sh and ignored by git. Another one needs a reason in docs/decisions.md.
var folders = []string{"docs", ".ci", ".git", "build", "dist"}

// vague names say nothing of what is inside.
var vague = []string{"util", "utils", "common", "pkg", "internal"}

// pure rooms are handed their time and randomness.
var pure = []string{"ledger", "civic"}

// impure says what of a package is out of bounds there.
var impure = map[string]func(name string) bool{
	"time": func(name string) bool {
		return slices.Contains([]string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}, name)
	},
	"math/rand":    globalRandom,
	"math/rand/v2": globalRandom,
	"crypto/rand":  func(name string) bool { return name != "Int" && name != "Prime" }, // those two are handed a source
}

// globalRandom lets pass the types of math/rand and what makes them.
func globalRandom(name string) bool {
	return !slices.Contains([]string{"New", "NewSource", "NewPCG", "NewChaCha8", "NewZipf",
		"Rand", "Source", "Source64", "PCG", "ChaCha8", "Zipf"}, name)
}

func TestFloors(t *testing.T) {
	house := inspect(os.DirFS("."))
	for _, complaint := range house.complaints {
		t.Error(complaint)
	}
	if house.files < 20 {
		t.Errorf("only %d files were looked at", house.files)
	}
}

// house is what an inspection finds.
type house struct {
	complaints   []string
	files        int
	undocumented map[string]bool // packages, by folder and name, whose comment has not been met yet
}

func (h *house) complain(format string, args ...any) {
	h.complaints = append(h.complaints, fmt.Sprintf(format, args...))
}

// inspect walks the tree of a module.
func inspect(tree fs.FS) *house {
	h := &house{undocumented: map[string]bool{}}
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return h.folder(name)
		case path.Ext(name) == ".go":
			return h.file(tree, name)
		}
		return nil
	})
	if err != nil {
		h.complain("walking the tree: %v", err)
	}
	for p, missing := range h.undocumented {
		if missing {
			h.complain("%s has no package comment", p)
		}
	}
	slices.Sort(h.complaints)
	return h
}

func (h *house) folder(name string) error {
	top, _, deeper := strings.Cut(name, "/")
	if _, isRoom := floors[top]; !deeper && !isRoom && !slices.Contains(folders, top) {
		h.complain("%s is not a folder of the design: give a reason in docs/decisions.md", name)
	}
	if slices.Contains(folders, top) {
		return fs.SkipDir
	}
	if slices.Contains(vague, path.Base(name)) {
		h.complain("%s: a folder is called by what it holds", name)
	}
	if path.Base(name) == "testdata" {
		return fs.SkipDir
	}
	return nil
}

func (h *house) file(tree fs.FS, name string) error {
	src, err := fs.ReadFile(tree, name)
	if err != nil {
		return err
	}
	f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments)
	if err != nil {
		h.complain("%v", err)
		return nil
	}
	h.files++
	folder, test := path.Dir(name), strings.HasSuffix(name, "_test.go")
	r := room(folder)
	h.imports(name, r, test, f)
	if test {
		return nil
	}
	if slices.Contains(pure, r) {
		h.purity(name, f)
	}
	p := folder + " (package " + f.Name.Name + ")"
	missing, met := h.undocumented[p]
	h.undocumented[p] = (missing || !met) && strings.TrimSpace(f.Doc.Text()) == ""
	return nil
}

// room answers the room that a folder belongs to: the innermost that holds it.
func room(folder string) string {
	for f := folder; ; f = path.Dir(f) {
		if _, ok := floors[f]; ok {
			return f
		}
	}
}

// imports holds the floors. Tests obey them too, but for those of cmd and of
// the root, which drive the whole house.
func (h *house) imports(name, from string, test bool, f *ast.File) {
	if test && (from == "cmd" || from == ".") {
		return
	}
	for _, spec := range f.Imports {
		imported := importPath(spec)
		folder, ours := strings.CutPrefix(imported+"/", module+"/")
		if !ours {
			if first, _, _ := strings.Cut(imported, "/"); from == "ledger" && !test && strings.Contains(first, ".") {
				h.complain("%s imports %s: ledger stands on the standard library alone", name, imported)
			}
			continue
		}
		to := room(path.Clean(folder))
		if to != from && floors[to] >= floors[from] {
			h.complain("%s imports %s: %s (floor %d) does not know %s (floor %d)", name, imported, from, floors[from], to, floors[to])
		}
	}
}

// purity finds clocks and dice.
func (h *house) purity(name string, f *ast.File) {
	named := map[string]string{}
	for _, spec := range f.Imports {
		imported := importPath(spec)
		if impure[imported] == nil {
			continue
		}
		local := strings.TrimSuffix(imported, "/v2")
		local = path.Base(local)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "." {
			h.complain("%s imports everything of %s by name", name, imported)
		}
		named[local] = imported
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && named[x.Name] != "" && impure[named[x.Name]](sel.Sel.Name) {
				h.complain("%s uses %s.%s: time and randomness are handed in", name, named[x.Name], sel.Sel.Name)
			}
		}
		return true
	})
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic(err) // the parser has read it
	}
	return p
}

// TestFloorsAreHeld: each wall is there, and nothing else is in the way.
func TestFloorsAreHeld(t *testing.T) {
	for _, c := range []struct {
		name, file, src string
		want            string // part of the only complaint; empty: none
	}{
		{"down one floor", "civic/a.go", `import "yizhan/ledger"`, ""},
		{"down all floors", "cmd/yizhan/a.go", `import ("yizhan/ledger"; "yizhan/kiosk"; "yizhan/center/store")`, ""},
		{"within a room", "kiosk/demo/a.go", `import ("yizhan/kiosk"; "yizhan/kiosk/page")`, ""},
		{"kiosk to its store", "kiosk/a.go", `import "yizhan/kiosk/store"`, ""},
		{"kiosk to link", "kiosk/a.go", `import "yizhan/link"`, ""},
		{"a module of another", "printer/a.go", `import "github.com/tarm/serial"`, ""},
		{"a name like ours", "ledger/a.go", `import "yizhanx/kiosk"`, ""},
		{"bench on top", "bench/a.go", `import ("yizhan/kiosk"; "yizhan/center"; "yizhan/cmd/yizhan")`, ""},
		{"a test of cmd", "cmd/yizhan/a_test.go", `import ("yizhan/bench"; "yizhan/image")`, ""},
		{"a test of the root", "a_test.go", `import "yizhan/cmd/yizhan"`, ""},
		{"a test of ledger with a tool", "ledger/a_test.go", `import "pgregory.net/rapid"`, ""},

		{"up one floor", "ledger/a.go", `import "yizhan/civic"`, "ledger (floor 1) does not know civic"},
		{"from below a room", "civic/sheet/a.go", `import "yizhan/kiosk"`, "civic (floor 2) does not know kiosk"},
		{"beside", "printer/a.go", `import "yizhan/ledger"`, "does not know ledger"},
		{"kiosk to center", "kiosk/a.go", `import "yizhan/center"`, "does not know center"},
		{"store to store", "kiosk/store/a.go", `import "yizhan/center/store"`, "does not know center/store"},
		{"store to its kiosk", "kiosk/store/a.go", `import "yizhan/kiosk"`, "does not know kiosk"},
		{"below a store to its kiosk", "kiosk/store/seal/a.go", `import "yizhan/kiosk/page"`, "does not know kiosk"},
		{"store to link", "center/store/a.go", `import "yizhan/link"`, "does not know link"},
		{"image to cmd", "image/a.go", `import "yizhan/cmd/yizhan"`, "does not know cmd"},
		{"to bench", "cmd/yizhan/a.go", `import "yizhan/bench"`, "does not know bench"},
		{"from the root", "a.go", `import "yizhan/ledger"`, ". (floor 0) does not know ledger"},
		{"a test is no way round", "civic/a_test.go", `import "yizhan/kiosk"`, "civic (floor 2) does not know kiosk"},
		{"under another name", "ledger/a.go", `import x "yizhan/civic"`, "does not know civic"},
		{"ledger on a module", "ledger/a.go", `import "golang.org/x/crypto/argon2"`, "standard library alone"},

		{"a clock handed in", "civic/a.go", `import "time"; func f(now time.Time) time.Duration { return now.Sub(time.Unix(0, 0)) }`, ""},
		{"dice handed in", "civic/a.go", `import "math/rand/v2"; func f(r *rand.Rand) int { return r.IntN(6) }`, ""},
		{"dice from a source", "civic/a.go", `import ("crypto/rand"; "io"; "math/big"); func f(r io.Reader) { rand.Int(r, big.NewInt(6)) }`, ""},
		{"a clock elsewhere", "kiosk/a.go", `import "time"; var start = time.Now()`, ""},
		{"a clock in a test", "ledger/a_test.go", `import "time"; var start = time.Now()`, ""},
		{"a clock", "ledger/a.go", `import "time"; var start = time.Now()`, "uses time.Now"},
		{"a clock as a value", "civic/sheet/a.go", `import clock "time"; var now = clock.Now`, "uses time.Now"},
		{"a hidden clock", "civic/a.go", `import "time"; func f(t time.Time) time.Duration { return time.Since(t) }`, "uses time.Since"},
		{"a clock by name", "civic/a.go", `import . "time"; var start = Now()`, "imports everything of time"},
		{"dice", "civic/a.go", `import "math/rand/v2"; var n = rand.IntN(6)`, "uses math/rand/v2.IntN"},
		{"old dice", "ledger/a.go", `import "math/rand"; var n = rand.Intn(6)`, "uses math/rand.Intn"},
		{"a secret", "civic/a.go", `import "crypto/rand"; var r = rand.Reader`, "uses crypto/rand.Reader"},

		{"a folder of its own", "kiosk/util/a.go", ``, "kiosk/util: a folder is called by what it holds"},
		{"internal", "ledger/internal/x/a.go", ``, "ledger/internal: a folder"},
		{"a new room", "server/a.go", ``, "server is not a folder of the design"},
		{"a new folder without Go", "scripts/a.sh", ``, "scripts is not a folder of the design"},
		{"a hidden folder", ".github/a.yml", ``, ".github is not a folder of the design"},
		{"a folder of the design", "docs/a.md", ``, ""},
		{"what the build writes", "dist/pkg/a.go", `import "yizhan/cmd"`, ""},
		{"data of a test", "civic/testdata/a.go", `import "yizhan/kiosk"`, ""},
		{"what is no Go", "civic/b.go", `import`, "civic/b.go:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := inspect(fstest.MapFS{c.file: {Data: []byte("// Package p is one.\npackage p\n" + c.src)}}).complaints
			if c.want == "" && len(got) > 0 {
				t.Errorf("complains: %v", got)
			}
			if c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
				t.Errorf("complains %q, want one with %q", got, c.want)
			}
		})
	}
}

func TestPackageCommentIsAsked(t *testing.T) {
	const with, without = "// Package p is one.\npackage p\n", "//go:build linux\n\n// A comment apart.\n\npackage p\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"in the first file", map[string]string{"kiosk/a.go": with, "kiosk/b.go": without}, nil},
		{"in the last file", map[string]string{"kiosk/a.go": without, "kiosk/b.go": with}, nil},
		{"missing", map[string]string{"kiosk/a.go": without, "kiosk/b.go": "package p\n"}, []string{"kiosk (package p) has no package comment"}},
		{"only a directive", map[string]string{"kiosk/a.go": "//go:generate x\npackage p\n"}, []string{"kiosk (package p) has no package comment"}},
		{"of its test", map[string]string{"kiosk/a.go": without, "kiosk/a_test.go": with}, []string{"kiosk (package p) has no package comment"}},
		{"of the room around", map[string]string{"kiosk/a.go": with, "kiosk/page/a.go": without}, []string{"kiosk/page (package p) has no package comment"}},
		{"of a program beside", map[string]string{"kiosk/a.go": "// Make makes.\npackage main\n", "kiosk/b.go": without},
			[]string{"kiosk (package p) has no package comment"}},
		{"tests alone", map[string]string{"kiosk/a_test.go": without}, nil},
	} {
		tree := fstest.MapFS{}
		for name, src := range c.files {
			tree[name] = &fstest.MapFile{Data: []byte(src)}
		}
		if got := inspect(tree).complaints; !slices.Equal(got, c.want) {
			t.Errorf("%s: complains %q, want %q", c.name, got, c.want)
		}
	}
}
