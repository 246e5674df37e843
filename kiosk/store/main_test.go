package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
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
	"fill":   childFill,
	"link":   childLink,
	"take":   childTake,
	"come":   childCome,
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

// childVerify reads folders, one a line, and prints the report of Verify for
// each. It is a process of its own, like the real command, but one for many
// folders: starting a process is what takes the time.
func childVerify(string) error {
	folders := bufio.NewScanner(os.Stdin)
	for folders.Scan() {
		r, err := Verify(bg, smallConfig(folders.Text(), newClock()))
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
			return err
		}
	}
	return folders.Err()
}

// smallConfig has short segments, so that tests cross their borders.
func smallConfig(dir string, clock Clock) Config {
	cfg := testConfig(dir, clock)
	cfg.SegmentBytes = 8 << 10
	return cfg
}

// prover is a process that verifies.
type prover struct {
	in  io.Writer
	out *json.Decoder
}

func newProver(t testing.TB) *prover {
	t.Helper()
	c := child(t, "verify", "")
	in, err1 := c.StdinPipe()
	out, err2 := c.StdoutPipe()
	if err := errors.Join(err1, err2, c.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := c.Wait(); err != nil {
			t.Errorf("verify: %v", err)
		}
	})
	return &prover{in, json.NewDecoder(out)}
}

func (p *prover) verify(t testing.TB, dir string) (r Report) {
	t.Helper()
	fmt.Fprintln(p.in, dir)
	if err := p.out.Decode(&r); err != nil {
		t.Fatalf("verify died: %v", err)
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
