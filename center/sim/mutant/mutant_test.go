package main

import (
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const small = `package p

import "fmt"

func (r Right) check(n int) error {
	if r.n < 0 || n > 5 {
		return fmt.Errorf("out of range")
	}
	if n > 3 {
		n = 3
	}
	switch {
	case n == 2:
		return fmt.Errorf("two")
	case n == 1:
		return nil
	}
	if err := other(min(n, r.n)); err != nil {
		return err
	}
	return other(n)
}
`

func smallSource(t *testing.T) *source {
	t.Helper()
	s := &source{name: "p/small.go", text: []byte(small), set: token.NewFileSet()}
	var err error
	if s.file, err = parser.ParseFile(s.set, s.name, small, 0); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestGuardsAreConditionsThatRefuse(t *testing.T) {
	s := smallSource(t)
	var names []string
	for _, m := range s.guards() {
		names = append(names, m.name)
	}
	want := "p/small Right.check: r.n < 0, p/small Right.check: n > 5, p/small Right.check: n == 2, p/small Right.check: err != nil"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	text, err := s.rewrite()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(`if (mutantHas("p/small Right.check: r.n < 0") && (r.n < 0)) || (mutantHas("p/small Right.check: n > 5") && (n > 5)) {`)) {
		t.Errorf("%s", text)
	}
}

func TestListedGuards(t *testing.T) {
	for _, c := range []struct {
		guard guard
		want  string // in the text, or in the error
	}{
		{guard{file: "p/small.go", function: "Right.check", text: "err := other(min(n, r.n)); err != nil"}, `; (mutantHas("p/small Right.check: err := other(min(n, r.n)); err != nil") && (err != nil)) {`},
		{guard{file: "p/small.go", function: "Right.check", text: "min(n, r.n)", becomes: "n"}, `other(mutantElse("p/small Right.check: min(n, r.n) → n", min(n, r.n), n))`},
		{guard{file: "p/small.go", function: "Right.check", text: "other(n)", becomes: skipped}, `return mutantDo("p/small Right.check: other(n)", func() error { return other(n)})`},
		{guard{file: "p/small.go", function: "Right.check", text: "n", nth: 2, of: 4}, "stands there 9 times"},
		{guard{file: "p/small.go", function: "Right.check", text: "n > 7"}, "stands there 0 times"},
		{guard{file: "p/small.go", function: "check", text: "n > 3"}, "has no function check"},
	} {
		s := smallSource(t)
		_, err := s.mutate(c.guard)
		if err != nil {
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v: %v", c.guard, err)
			}
			continue
		}
		text, err := s.rewrite()
		if err != nil || !bytes.Contains(text, []byte(c.want)) {
			t.Errorf("%+v: %v\n%s", c.guard, err, text)
		}
	}
}

func TestGuardsDoNotOverlap(t *testing.T) {
	s := smallSource(t)
	for _, text := range []string{"other(min(n, r.n))", "min(n, r.n)"} {
		if _, err := s.mutate(guard{file: "p/small.go", function: "Right.check", text: text, becomes: "n"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.rewrite(); err == nil {
		t.Error("one guard within another was not refused")
	}
}

// The list is true to the sources, and each guard of the rules is in it.
func TestTheListAppliesToTheSources(t *testing.T) {
	files, all, err := instrument("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 90 || len(files) < 20 {
		t.Errorf("%d mutants in %d files", len(all), len(files))
	}
	for name, text := range files {
		if _, err := parser.ParseFile(token.NewFileSet(), name, text, 0); err != nil {
			t.Error(err)
		}
	}
}

func TestSurvivorsThatAreGoneAreAnError(t *testing.T) {
	defer func(before map[string]string) { survivors = before }(survivors)
	survivors = map[string]string{"p/small Right.check: n > 7": "it was there once"}
	if err := explain([]mutant{{name: "p/small Right.check: n == 2"}}); err == nil {
		t.Error("a survivor that is no guard was not refused")
	}
	if err := explain([]mutant{{name: "p/small Right.check: n > 7"}, {name: "p/small Right.check: n > 7"}}); err == nil {
		t.Error("two guards of one name were not refused")
	}
}

// The hunt runs a program for each mutant and reads which seed it fails at.
func TestHunt(t *testing.T) {
	program := filepath.Join(t.TempDir(), "sim.test")
	script := "#!/bin/sh\ncase \"$" + switchVariable + "\" in\nkilled) echo '--- FAIL: TestWorlds/seed/7'; exit 1 ;;\nstrange) exit 2 ;;\ndies) echo '=== CONT  TestWorlds/seed/8'; echo '=== CONT  TestWorlds/seed/9'; exit 2 ;;\nesac\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	h := hunt{program: program, folder: t.TempDir(), seeds: 3, limit: time.Minute}
	every := regexp.MustCompile("")
	for _, c := range []struct {
		mutant mutant
		row    string
		fails  bool
	}{
		{mutant{name: "killed", place: "here", guard: "a || b"}, "| here | `a \\|\\| b` | 7 |", false},
		{mutant{name: "killed", place: "here", guard: "a", why: "twice"}, "| here | `a` | 7 |", true},
		{mutant{name: "strange", place: "here", guard: "a"}, "no world can begin", false},
		{mutant{name: "dies", place: "here", guard: "a"}, "| 9 (the process dies) |", false},
		{mutant{name: "lives", place: "here", guard: "a", why: "twice"}, "| here | `a` | none: twice |", false},
		{mutant{name: "lives", place: "here", guard: "a"}, "survived", true},
	} {
		var out bytes.Buffer
		err := h.all(&out, []mutant{c.mutant}, every, 1)
		if (err != nil) != c.fails || !strings.Contains(out.String(), c.row) {
			t.Errorf("%+v: %v\n%s", c.mutant, err, out.String())
		}
	}
	if err := errors.Join(run([]string{"-only", "("}, &bytes.Buffer{})); err == nil {
		t.Error("an expression that is none was not refused")
	}
}
