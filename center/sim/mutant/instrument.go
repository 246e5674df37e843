package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// switchVariable names the mutant that a run is of.
const switchVariable = "YIZHAN_MUTANT"

// switches stands in every package that is mutated.
const switches = `package %s

import "os"

var mutantMissing = os.Getenv("` + switchVariable + `")

// mutantHas tells whether a guard is there.
func mutantHas(name string) bool { return name != mutantMissing }

func mutantElse[T any](name string, is, becomes T) T {
	if mutantHas(name) {
		return is
	}
	return becomes
}

func mutantDo(name string, do func() error) error {
	if mutantHas(name) {
		return do()
	}
	return nil
}

var _, _, _ = mutantHas, mutantElse[int], mutantDo
`

// mutant is one guard that can be missing.
type mutant struct {
	name  string // place and guard
	place string // file and function
	guard string
	why   string // it cannot be killed; "": it must be

	phones bool // only a world with phones can find it out
}

// source is a file that is mutated.
type source struct {
	name  string
	text  []byte
	set   *token.FileSet
	file  *ast.File
	edits []edit
}

// edit puts text around an expression.
type edit struct {
	from, to      int
	before, after string
}

// instrument puts a switch at every guard, and returns the changed files and those
// that are new, by name.
func instrument(root string) (map[string][]byte, []mutant, error) {
	sources := make(map[string]*source)
	open := func(name string) (*source, error) {
		if s := sources[name]; s != nil {
			return s, nil
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, err
		}
		s := &source{name: name, text: text, set: token.NewFileSet()}
		if s.file, err = parser.ParseFile(s.set, name, text, 0); err != nil {
			return nil, err
		}
		sources[name] = s
		return s, nil
	}
	var all []mutant
	for _, name := range rules {
		s, err := open(name)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, s.guards()...)
	}
	var stale error
	for _, g := range listed {
		s, err := open(g.file)
		if err != nil {
			return nil, nil, err
		}
		m, err := s.mutate(g)
		m.phones = g.phones
		stale = errors.Join(stale, err)
		all = append(all, m)
	}
	if err := errors.Join(stale, explain(all)); err != nil {
		return nil, nil, err
	}
	files := make(map[string][]byte)
	for name, s := range sources {
		text, err := s.rewrite()
		if err != nil {
			return nil, nil, err
		}
		files[name] = text
		files[path.Join(path.Dir(name), "mutant_switches.go")] = fmt.Appendf(nil, switches, s.file.Name.Name)
	}
	return files, all, nil
}

// explain notes why some mutants cannot be killed.
func explain(all []mutant) error {
	left := maps.Clone(survivors)
	seen := make(map[string]bool)
	for i := range all {
		m := &all[i]
		if seen[m.name] {
			return fmt.Errorf("two guards are %s", m.name)
		}
		seen[m.name] = true
		m.why = left[m.name]
		delete(left, m.name)
	}
	for name := range left {
		return fmt.Errorf("there is no guard %s whose survival list.go explains", name)
	}
	return nil
}

// guards finds every condition of the file whose body returns an error, and each
// part of it that an or joins.
func (s *source) guards() (all []mutant) {
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IfStmt:
				if refuses(n.Body.List) {
					for _, part := range parts(n.Cond) {
						all = append(all, s.off(f, part))
					}
				}
			case *ast.CaseClause:
				if refuses(n.Body) && len(n.List) == 1 {
					if _, ok := n.List[0].(*ast.BinaryExpr); ok {
						for _, part := range parts(n.List[0]) {
							all = append(all, s.off(f, part))
						}
					}
				}
			}
			return true
		})
	}
	return all
}

// parts takes a || b || c apart.
func parts(e ast.Expr) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.LOR {
		return append(parts(b.X), parts(b.Y)...)
	}
	return []ast.Expr{e}
}

// refuses tells whether a body returns an error.
func refuses(body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	r, ok := body[len(body)-1].(*ast.ReturnStmt)
	if !ok || len(r.Results) == 0 {
		return false
	}
	switch last := r.Results[len(r.Results)-1].(type) {
	case *ast.Ident:
		return last.Name == "err"
	case *ast.CallExpr:
		return strings.HasSuffix(render(last.Fun), "Errorf") || strings.HasSuffix(render(last.Fun), "errors.New")
	}
	return false
}

// off makes the mutant whose condition never holds.
func (s *source) off(f *ast.FuncDecl, cond ast.Expr) mutant {
	m := s.named(f, s.textOf(cond.Pos(), cond.End()))
	s.around(cond, fmt.Sprintf("(mutantHas(%q) && (", m.name), "))")
	return m
}

func (s *source) named(f *ast.FuncDecl, guard string) mutant {
	place := strings.TrimSuffix(s.name, ".go") + " " + function(f)
	return mutant{name: place + ": " + guard, place: place, guard: guard}
}

// mutate makes the mutant that list.go describes.
func (s *source) mutate(g guard) (m mutant, err error) {
	for _, d := range s.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || function(f) != g.function {
			continue
		}
		found := s.find(f, g.text)
		if len(found) != max(g.of, 1) {
			return m, fmt.Errorf("%s %s: %q stands there %d times", g.file, g.function, g.text, len(found))
		}
		it := found[max(g.nth, 1)-1]
		m = s.named(f, g.text)
		if g.of > 1 {
			m.name += fmt.Sprintf(" (%d of %d)", g.nth, g.of)
		}
		switch {
		case g.becomes == "":
			s.around(it, fmt.Sprintf("(mutantHas(%q) && (", m.name), "))")
		case g.becomes == skipped:
			s.around(it, fmt.Sprintf("mutantDo(%q, func() error { return ", m.name), "})")
		default:
			m.guard, m.name = m.guard+" → "+g.becomes, m.name+" → "+g.becomes
			s.around(it, fmt.Sprintf("mutantElse(%q, ", m.name), ", "+g.becomes+")")
		}
		return m, nil
	}
	return m, fmt.Errorf("%s has no function %s", g.file, g.function)
}

// find returns the expressions of a function that read like a text: an expression,
// or the head of an if, whose condition is meant.
func (s *source) find(f *ast.FuncDecl, text string) (found []ast.Expr) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if i, ok := n.(*ast.IfStmt); ok && i.Init != nil && s.textOf(i.Init.Pos(), i.Cond.End()) == text {
			found = append(found, i.Cond)
		}
		if e, ok := n.(ast.Expr); ok && s.textOf(e.Pos(), e.End()) == text {
			found = append(found, e)
			return false
		}
		return true
	})
	return found
}

func (s *source) textOf(from, to token.Pos) string {
	return strings.Join(strings.Fields(string(s.text[s.at(from):s.at(to)])), " ")
}

func (s *source) at(p token.Pos) int { return s.set.Position(p).Offset }

func (s *source) around(e ast.Expr, before, after string) {
	s.edits = append(s.edits, edit{s.at(e.Pos()), s.at(e.End()), before, after})
}

// rewrite carries the edits out, the last one first.
func (s *source) rewrite() ([]byte, error) {
	slices.SortFunc(s.edits, func(a, b edit) int { return b.from - a.from })
	text := s.text
	for i, e := range s.edits {
		if i > 0 && e.to > s.edits[i-1].from {
			return nil, fmt.Errorf("%s: two guards overlap at %q", s.name, s.text[e.from:e.to])
		}
		text = slices.Concat(text[:e.from], []byte(e.before), text[e.from:e.to], []byte(e.after), text[e.to:])
	}
	return text, nil
}

// function names a function as Type.name or name.
func function(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return strings.TrimPrefix(render(f.Recv.List[0].Type), "*") + "." + f.Name.Name
}

func render(n ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, token.NewFileSet(), n); err != nil {
		return ""
	}
	return b.String()
}
