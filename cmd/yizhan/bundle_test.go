package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yizhan/civic/sheet/sheettest"
)

// rosterRows is how long the roster of the speed test is. The limits hold for
// 100,000: go test ./cmd/yizhan -run BigRoster -rows 100000
var rosterRows = flag.Int("rows", 5_000, "rows of the roster in the speed test")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"yizhan": main})
}

// TestScripts runs the documents in testdata/script, each a session of a
// technician at the command line.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("LANG", "zh_CN.UTF-8")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "keepbook": keepBook, "adopt": adopt, "flip": flip, "gb18030": gb18030, "unpack": unpack, "freeport": freeport, "enrolbox": enrolBox,
		},
	})
}

// exits CODE yizhan ARGS... runs the program and compares its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	code := exitFine
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// flip FILE OFFSET [BITS] changes the lowest bit of a byte of a file, or those bits.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	b := []byte(ts.ReadFile(args[0]))
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	bits := 1
	if len(args) > 2 {
		bits, err = strconv.Atoi(args[2])
		ts.Check(err)
	}
	b[at] ^= byte(bits)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o600))
}

// gb18030 FILE writes a file again as Excel in China writes CSV.
func gb18030(ts *testscript.TestScript, _ bool, args []string) {
	b, err := simplifiedchinese.GB18030.NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b), 0o600))
}

// unpack BUNDLE FILE writes a bundle's head and its documents as text.
func unpack(ts *testscript.TestScript, _ bool, args []string) {
	plain, err := unpackBundle([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), plain, 0o600))
}

func unpackBundle(b []byte) ([]byte, error) {
	const head = 4096
	zip, err := gzip.NewReader(bytes.NewReader(b[head:]))
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(zip)
	return append(b[:head:head], plain...), err
}

// A county's roster is read in at most 30 s and 256 MiB, the first time and
// when a bundle of the same size stands before it. Time is that of the
// processor, so that the test holds beside others. Of all the numbers in the
// roster, none is in the bundle.
func TestBigRosterInBoundedTimeAndMemory(t *testing.T) {
	dir := t.TempDir()
	private := make(map[string]bool)
	for _, name := range []string{"roster.csv", "roster.xlsx"} {
		truth, err := sheettest.Roster(filepath.Join(dir, name), sheettest.Options{Seed: 1, Rows: *rosterRows, Faults: 20})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range truth.People {
			private[p.IDNumber], private[p.Phone] = true, true
		}
		t.Logf("%s: %d sound rows, %d traps", name, len(truth.People), len(truth.Traps))
	}
	if err := os.WriteFile(filepath.Join(dir, "station.toml"), []byte("name = \"石桥村益栈\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, roster := range []string{"roster.csv", "roster.csv", "roster.xlsx"} {
		child := makeInChild(t, dir, roster)
		took, rss := child.UserTime()+child.SystemTime(), int64(child.SysUsage().(*syscall.Rusage).Maxrss)<<10
		t.Logf("%d rows from %s: %.1f s, %d MiB", *rosterRows, roster, took.Seconds(), rss>>20)
		if took > 30*time.Second || rss > 256<<20 {
			t.Errorf("%s: %v and %d MiB, at most 30 s and 256 MiB", roster, took, rss>>20)
		}
	}
	if found := privateIn(t, filepath.Join(dir, "out.yzb"), private); found > 0 || len(private) < *rosterRows {
		t.Errorf("%d of %d ID-card and phone numbers are in the bundle", found, len(private))
	}
}

// privateIn counts the places of a bundle where one of the numbers stands.
func privateIn(t *testing.T, path string, private map[string]bool) int {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := unpackBundle(b)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for at := range plain {
		for _, length := range []int{11, 15, 18} {
			if at+length <= len(plain) && private[string(plain[at:at+length])] {
				found++
			}
		}
	}
	return found
}

// makeInChild makes a bundle in a process of its own and returns how it went.
func makeInChild(t *testing.T, dir, roster string) *os.ProcessState {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	child := exec.CommandContext(ctx, self, "bundle", "make", "--issuer", "issuer", "--kiosk", "SQ-01", "--station", "station.toml",
		"--roster", roster, "--out", "out.yzb", "--rejected", "rejected.xlsx")
	child.Args[0] = "yizhan" // by which TestMain tells the program from the tests
	child.Dir = dir
	out, err := child.CombinedOutput()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != exitPartly {
		t.Fatalf("%v, want exit code %d: %s", err, exitPartly, out)
	}
	return child.ProcessState
}
