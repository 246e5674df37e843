package store

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shardKeys says what each table is sharded by. A new table needs a line here,
// and one in citus.sql.
var shardKeys = map[string]string{
	"person": "volunteer", "lot": "volunteer", "earning": "volunteer", "rights": "volunteer", "folded": "volunteer", "outbox": "volunteer", "listed": "volunteer", "missing": "volunteer",
	"reversal": "volunteer", "formerhome": "volunteer", "merged": "volunteer", "absorbed": "volunteer",
	"kiosk": "kiosk", "chain": "kiosk", "entry": "kiosk", "redemption": "kiosk", "shelf": "kiosk", "suspect": "kiosk", "allowance": "kiosk", "writeoff": "kiosk", "seat": "kiosk", "recall": "kiosk",
	"scope": "scope", "sheet": "scope", "document": "scope", "merchant": "scope", "card": "card", "personkey": "hash", "enrolment": "code", "migration": "id", "era": "id", "identity": "id",
	"policy":   "scope",
	"delivery": "kiosk", "batch": "kiosk", "price": "scope",
	"finder": "volunteer", "personact": "volunteer", "officer": "officer", "act": "place", "welcome": "link", "session": "session", "attempt": "attempt",
	"job": "job", "jobpart": "job", "imported": "volunteer",
	"kioskday": "kiosk", "kioskmonth": "kiosk", "townday": "scope", "report": "scope", "residents": "scope",
	"placecard": "scope",
	"activity":  "scope", "shift": "scope", "enlisted": "scope", "enlistheard": "scope",
	"star": "volunteer", "certificate": "volunteer",
	"attendance": "volunteer", "objection": "volunteer", "pin": "volunteer", "sign": "scope",
	"wish":  "volunteer",
	"asked": "place", "kept": "officer", "passkey": "passkey", "honour": "volunteer",
	"phone": "phone", "ticket": "ticket",
}

var (
	sqlText     = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|TRUNCATE|LOCK|LISTEN|NOTIFY|SET|DO|CALL|VACUUM|MERGE|BEGIN|SAVEPOINT|PRAGMA)\b`)
	forbidden   = regexp.MustCompile(`(?i)\b(FOR\s+(NO\s+KEY\s+)?(UPDATE|SHARE)|LISTEN|NOTIFY|TRIGGER|PROCEDURE|FUNCTION|TEMP|TEMPORARY|UNLOGGED|\w*ADVISORY\w*|SEQUENCE|SERIAL|BIGSERIAL|NEXTVAL|AUTOINCREMENT|GENERATED|REFERENCES|TRUNCATE|DROP|LOCK|NOW|RANDOM|CURRENT_\w+|ROWID|CTID|RETURNING|PRAGMA)\b`)
	createTable = regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+) \((.*)\)$`)
	createIndex = regexp.MustCompile(`^CREATE (UNIQUE )?INDEX IF NOT EXISTS \w+ ON (\w+) \((\w+)`)
	addColumn   = regexp.MustCompile(`^ALTER TABLE \w+ ADD COLUMN \w+ (TEXT|BIGINT|BYTEA)\b`)
	primaryKey  = regexp.MustCompile(`PRIMARY KEY \((\w+)[,)]`)
	column      = regexp.MustCompile(`^\w+ (TEXT|BIGINT|BYTEA) NOT NULL( CHECK \(\w+ >= 0\))?$`)
	fromTable   = regexp.MustCompile(`\b(?:FROM|UPDATE|JOIN) (\w+)`)
	insertInto  = regexp.MustCompile(`^INSERT INTO (\w+) \((\w+)[,)].*? VALUES \(\$1[,)]`)
	onConflict  = regexp.MustCompile(`ON CONFLICT \((\w+)`)
)

// tidy writes a statement on one line.
func tidy(statement string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(statement), " "), "( ", "(")
}

// lint returns what is wrong with one statement, "" when nothing is. Statements
// whose name begins with scatter may look across shards, and only look.
func lint(name, statement string) string {
	s := tidy(statement)
	if word := forbidden.FindString(s); word != "" {
		return "says " + word
	}
	switch verb, _, _ := strings.Cut(s, " "); {
	case name == "vacuumInto" && s == "VACUUM INTO $1":
		return "" // of SQLite alone; it writes a copy of the book
	case verb == "CREATE" || verb == "ALTER":
		return lintShape(s)
	case strings.Contains(s, ";"):
		return "is more than one statement"
	case strings.HasPrefix(name, "scatter"):
		if verb != "SELECT" {
			return "changes something across shards"
		}
		return ""
	case verb == "INSERT":
		m, conflict := insertInto.FindStringSubmatch(s), onConflict.FindStringSubmatch(s)
		if m == nil || shardKeys[m[1]] == "" || shardKeys[m[1]] != m[2] {
			return "does not insert its shard key as $1"
		}
		_, values, _ := strings.Cut(s, " VALUES ")
		for _, row := range strings.Split(values, "), (") {
			if !strings.HasPrefix(strings.TrimPrefix(row, "("), "$1") {
				return "inserts a row of another shard"
			}
		}
		if conflict != nil && conflict[1] != m[2] {
			return "looks for a conflict outside its shard"
		}
		return ""
	case verb == "SELECT" || verb == "UPDATE" || verb == "DELETE":
		tables := fromTable.FindAllStringSubmatch(s, -1)
		if len(tables) != 1 || shardKeys[tables[0][1]] == "" {
			return "does not name one table"
		}
		if _, where, _ := strings.Cut(s, " WHERE "); !strings.HasPrefix(where, shardKeys[tables[0][1]]+" = $1") || strings.Contains(where, " OR ") {
			return "does not stay in the shard of $1"
		}
		return ""
	}
	return "is no statement of the book"
}

// lintShape holds the rules of tables and indexes.
func lintShape(s string) string {
	if m := createTable.FindStringSubmatch(s); m != nil {
		key := primaryKey.FindStringSubmatch(m[2])
		if key == nil || shardKeys[m[1]] != key[1] {
			return "has a primary key that does not begin with its shard key"
		}
		body, _, _ := strings.Cut(m[2], ", PRIMARY KEY")
		for _, c := range strings.Split(body, ", ") {
			if !column.MatchString(c) {
				return fmt.Sprintf("has a column %q", c)
			}
		}
		return ""
	}
	if m := createIndex.FindStringSubmatch(s); m != nil {
		if m[1] != "" && shardKeys[m[2]] != m[3] {
			return "has a unique key that does not begin with its shard key"
		}
		return ""
	}
	if addColumn.MatchString(s) {
		return ""
	}
	return "changes more of a table than adding to it"
}

// sources parses the package without its tests.
func sources(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set, files := token.NewFileSet(), make(map[string]*ast.File)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(set, name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return set, files
}

// constants are the string constants and the elements of the schema, by name.
func constants(files map[string]*ast.File) map[string]string {
	all := make(map[string]string)
	for file, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, value := range spec.Values {
				ast.Inspect(value, func(n ast.Node) bool {
					if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
						text, _ := strconv.Unquote(lit.Value)
						name := spec.Names[min(i, len(spec.Names)-1)].Name
						if _, twice := all[name]; twice {
							name = fmt.Sprint(name, " ", file, " ", lit.Pos())
						}
						all[name] = text
					}
					return true
				})
			}
			return true
		})
	}
	return all
}

func TestEveryStatementStaysInItsShard(t *testing.T) {
	set, files := sources(t)
	named := constants(files)
	statements := 0
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if sqlText.MatchString(named[name]) {
			statements++
			if wrong := lint(name, named[name]); wrong != "" {
				t.Errorf("%s %s: %s", name, wrong, named[name])
			}
		}
	}
	if statements < 80 {
		t.Errorf("only %d statements were looked at", statements)
	}
	scatters := scatterers(files)
	for name, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if wrong := lintCall(name, call, named, scatters); wrong != "" {
				t.Errorf("%v: %s", set.Position(call.Pos()), wrong)
			}
			return true
		})
	}
}

// scatterers are scatter and the functions that hand a parameter of theirs on to it
// as its statement, themselves or through another of them: by name, the place of the
// statement among the arguments.
func scatterers(files map[string]*ast.File) map[string]int {
	all := map[string]int{"scatter": 2}
	for grown := true; grown; {
		grown = false
		for _, f := range files {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if _, known := all[fn.Name.Name]; known {
					continue
				}
				if place := handsOn(fn, all); place >= 0 {
					all[fn.Name.Name], grown = place, true
				}
			}
		}
	}
	return all
}

// handsOn returns the place of the parameter that a function hands on as a statement,
// -1 when it does not.
func handsOn(fn *ast.FuncDecl, to map[string]int) int {
	var params []string
	for _, field := range fn.Type.Params.List {
		for _, name := range field.Names {
			params = append(params, name.Name)
		}
	}
	place := -1
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && place < 0 {
			if id, ok := statementOf(call, to); ok {
				place = slices.Index(params, id)
			}
		}
		return true
	})
	return place
}

// statementOf returns the name that a call hands to a scatterer as its statement.
func statementOf(call *ast.CallExpr, to map[string]int) (name string, ok bool) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", false
	}
	place, ok := to[sel.Sel.Name]
	if !ok || place >= len(call.Args) {
		return "", false
	}
	id, ok := call.Args[place].(*ast.Ident)
	if !ok {
		return "", false
	}
	return id.Name, true
}

// lintCall holds that statements are constants, that the scatter ones go through
// scatter alone, and that only the transaction speaks to the database.
func lintCall(file string, call *ast.CallExpr, named map[string]string, scatters map[string]int) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	for _, arg := range call.Args {
		if lit, ok := arg.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, _ := strconv.Unquote(lit.Value); sqlText.MatchString(text) {
				return "a statement without a name"
			}
		}
		id, ok := arg.(*ast.Ident)
		if !ok || !strings.HasPrefix(id.Name, "scatter") {
			continue
		}
		if run, _ := statementOf(call, scatters); run != id.Name {
			return id.Name + " is not run by scatter"
		}
	}
	switch sel.Sel.Name {
	case "ExecContext", "QueryContext", "QueryRowContext", "Exec", "Query", "QueryRow", "PrepareContext", "Prepare":
		if !slices.Contains([]string{"txn.go", "schema.go", "postgres.go", "postgrestx.go", "sqlite.go"}, file) {
			return "speaks to the database past the transaction"
		}
	case "exec", "changed", "change", "query", "ahead", "one", "each":
		if len(call.Args) == 1 { // of an answer
			return ""
		}
		id, ok := call.Args[0].(*ast.Ident)
		if !ok || !sqlText.MatchString(named[id.Name]) && id.Name != "statement" && file != "txn.go" {
			return "runs what is no named statement"
		}
	}
	return ""
}

// The rules would notice.
func TestLintCatches(t *testing.T) {
	for _, c := range []struct{ name, statement, want string }{
		{"x", `SELECT body FROM earning WHERE volunteer = $1 AND id = $2`, ""},
		{"x", `SELECT body FROM earning WHERE id = $2`, "does not stay in the shard of $1"},
		{"x", `SELECT body FROM earning WHERE volunteer = $2 AND id = $1`, "does not stay in the shard of $1"},
		{"x", `SELECT body FROM earning WHERE volunteer = $1 OR id = $2`, "does not stay in the shard of $1"},
		{"x", `SELECT body FROM earning`, "does not stay in the shard of $1"},
		{"x", `SELECT body FROM earning e JOIN lot l ON true WHERE volunteer = $1`, "does not name one table"},
		{"x", `SELECT body FROM elsewhere WHERE volunteer = $1`, "does not name one table"},
		{"x", `SELECT free FROM lot WHERE volunteer = $1 FOR UPDATE`, "says FOR UPDATE"},
		{"x", `SELECT pg_advisory_xact_lock($1)`, "says pg_advisory_xact_lock"},
		{"scatterX", `SELECT volunteer FROM lot WHERE free > 0`, ""},
		{"scatterX", `DELETE FROM lot WHERE free = 0`, "changes something across shards"},
		{"x", `UPDATE lot SET free = 0 WHERE expires < $1`, "does not stay in the shard of $1"},
		{"x", `DELETE FROM outbox WHERE sent = 1`, "does not stay in the shard of $1"},
		{"x", `INSERT INTO card (card, volunteer) VALUES ($1, $2)`, ""},
		{"x", `INSERT INTO card (volunteer, card) VALUES ($1, $2)`, "does not insert its shard key as $1"},
		{"x", `INSERT INTO card (card, volunteer) VALUES ($2, $1)`, "does not insert its shard key as $1"},
		{"x", `INSERT INTO card (card, volunteer) VALUES ($1, $2), ($1, $3)`, ""},
		{"x", `INSERT INTO card (card, volunteer) VALUES ($1, $2), ($3, $4)`, "inserts a row of another shard"},
		{"x", `INSERT INTO card (card, volunteer) VALUES ($1, $2) ON CONFLICT (volunteer) DO NOTHING`, "looks for a conflict outside its shard"},
		{"x", `LISTEN news`, "says LISTEN"},
		{"x", `DELETE FROM card WHERE card = $1; DELETE FROM lot`, "is more than one statement"},
		{"x", `CREATE TABLE IF NOT EXISTS lot (volunteer TEXT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (volunteer, expires))`, ""},
		{"x", `CREATE TABLE IF NOT EXISTS lot (volunteer TEXT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (expires, volunteer))`, "has a primary key that does not begin with its shard key"},
		{"x", `CREATE TABLE IF NOT EXISTS unknown (volunteer TEXT NOT NULL, PRIMARY KEY (volunteer))`, "has a primary key that does not begin with its shard key"},
		{"x", `CREATE TABLE IF NOT EXISTS lot (volunteer TEXT NOT NULL, n BIGINT NOT NULL UNIQUE, PRIMARY KEY (volunteer))`, `has a column "n BIGINT NOT NULL UNIQUE"`},
		{"x", `CREATE TABLE IF NOT EXISTS lot (volunteer TEXT NOT NULL, n SERIAL, PRIMARY KEY (volunteer))`, "says SERIAL"},
		{"x", `CREATE UNIQUE INDEX IF NOT EXISTS i ON document (version)`, "has a unique key that does not begin with its shard key"},
		{"x", `CREATE TRIGGER t`, "says TRIGGER"},
		{"x", `ALTER TABLE lot ADD COLUMN note TEXT`, ""},
		{"x", `ALTER TABLE lot RENAME COLUMN free TO rest`, "changes more of a table than adding to it"},
		{"x", `DROP TABLE lot`, "says DROP"},
	} {
		if got := lint(c.name, c.statement); got != c.want {
			t.Errorf("%s: %q, want %q", c.statement, got, c.want)
		}
	}
}

// citus.sql distributes every table by its shard key, and those of one group
// together.
func TestCitusKnowsEveryTable(t *testing.T) {
	text, err := os.ReadFile("citus.sql")
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]string{"volunteer": "person", "kiosk": "kiosk", "scope": "kiosk", "officer": "kiosk", "place": "kiosk", "job": "job"}
	want := map[string]bool{}
	for table, key := range shardKeys {
		group := groups[key]
		if group == "" || group == table {
			group = "none"
		}
		if key == "id" {
			want[fmt.Sprintf("SELECT create_reference_table('%s');", table)] = true
		} else {
			want[fmt.Sprintf("SELECT create_distributed_table('%s', '%s', colocate_with => '%s');", table, key, group)] = true
		}
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--") && !want[line] {
			t.Errorf("%s: not a table of the schema, or twice", line)
		}
		delete(want, line)
	}
	for line := range want {
		t.Errorf("missing: %s", line)
	}
	made := map[string]bool{}
	for _, statement := range append(slices.Clone(schema), createMigration) {
		if m := createTable.FindStringSubmatch(tidy(statement)); m != nil {
			made[m[1]] = true
		}
	}
	if len(made) != len(shardKeys) {
		t.Errorf("%d tables are made, %d have a shard key", len(made), len(shardKeys))
	}
}
