package main

import (
	"bytes"
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// centerSays runs a command on a center and returns its exit code and what it said.
func centerSays(t *testing.T, data string, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	code = run(t.Context(), append([]string{"center", "--data", data}, args...), func(string) string { return "" }, strings.NewReader(""), &out, &out)
	return code, out.String()
}

// Points are given at the command line, and the same command again gives nothing;
// when somebody then changes the tables by hand, verify says where.
func TestGrantAndVerify(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if code, said := centerSays(t, data, "scope", "add", "center", "--name", "县中心"); code != exitFine {
		t.Fatal(said)
	}
	volunteer := ledger.ID{1, 2, 3}
	book, err := store.Open(context.Background(), store.Config{Database: filepath.Join(data, bookFile), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	err = book.PutPerson(t.Context(), store.Person{Volunteer: civic.Volunteer{ID: volunteer, Name: "张伟"}, Town: "center"})
	if err != nil || book.Close() != nil {
		t.Fatal(err)
	}
	id := volunteer.String()
	for _, want := range []string{"now 100 free at the center", "now 100 free at the center"} {
		if code, said := centerSays(t, data, "grant", id, "100", "--what", "补发"); code != exitFine || !strings.Contains(said, want) {
			t.Errorf("%d: %s", code, said)
		}
	}
	if code, said := centerSays(t, data, "grant", id, "100", "--what", "补发", "--key", "second"); code != exitFine || !strings.Contains(said, "now 200 free") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := centerSays(t, data, "grant", id, "50", "--what", "补发", "--key", "second"); code != exitFailed || !strings.Contains(said, "另一笔积分") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := centerSays(t, data, "grant", id, "50", "--what", "补发", "--expires", "2020-01-01"); code != exitUsage {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := centerSays(t, data, "verify"); code != exitFine || !strings.Contains(said, "earned 获得 200 = expired 过期 0 + free 在中心 200 + out 在益栈 0") {
		t.Errorf("%d: %s", code, said)
	}

	db, err := sql.Open("sqlite", filepath.Join(data, bookFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE lot SET free = free + 1"); err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	code, said := centerSays(t, data, "verify")
	if code != exitFailed || !strings.Contains(said, "volunteer "+id) || !strings.Contains(said, "保留现场") {
		t.Errorf("%d: %s", code, said)
	}
	if code, said := centerSays(t, data, "verify", "--json"); code != exitFailed || !strings.Contains(said, `"where": "volunteer `+id) {
		t.Errorf("%d: %s", code, said)
	}
}
