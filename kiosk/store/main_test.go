package store

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// The long forms of the tests that damage and kill.
var (
	kills = flag.Int("kills", 6, "how often a process is killed in the middle of redemptions")
	flips = flag.Int("flips", 200, "how many files get flipped bytes")
)

// childVar names what this binary does when a test starts it as a child.
const childVar = "YIZHAN_STORE_CHILD"

var childJobs = map[string]func(dir string) error{
	"verify": childVerify,
	"redeem": childRedeem,
	"load":   childLoad,
	"serve":  childServe,
}

func TestMain(m *testing.M) {
	if job := os.Getenv(childVar); job != "" {
		if err := childJobs[job](os.Getenv(childVar + "_DIR")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child prepares this binary as a child process with a job.
func child(t testing.TB, job, dir string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Env = append(os.Environ(), childVar+"="+job, childVar+"_DIR="+dir)
	c.Stderr = os.Stderr
	return c
}

// childVerify prints the report of Verify, as the real command does.
func childVerify(dir string) error {
	r, err := Verify(bg, smallConfig(dir, newClock()))
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// smallConfig has short segments, so that tests cross their borders.
func smallConfig(dir string, clock Clock) Config {
	cfg := testConfig(dir, clock)
	cfg.segmentBytes = 8 << 10
	return cfg
}

// verifyApart runs Verify in a process of its own.
func verifyApart(t testing.TB, dir string) (r Report) {
	t.Helper()
	out, err := child(t, "verify", dir).Output()
	if err != nil {
		t.Fatalf("verify died: %v", err)
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// tempDir is t.TempDir in memory where the machine has such a place: what these
// tests prove does not depend on a slow disk, and a kill leaves memory whole.
func tempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "yizhan-store-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
