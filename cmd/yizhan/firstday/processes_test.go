package firstday

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"yizhan/assets/browser"
)

// TestMain builds the program and starts the browser.
func TestMain(m *testing.M) { browser.Main(m) }

// built is the program as it ships, for as long as a test needs it.
var built struct {
	sync.Mutex
	path  string
	users map[*testing.T]bool
}

// program builds the program, unless it was built for another test that still runs.
func program(t *testing.T) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if len(built.users) == 0 {
		dir, err := os.MkdirTemp("", "yizhan-firstday-")
		if err != nil {
			t.Fatal(err)
		}
		built.path, built.users = filepath.Join(dir, "yizhan"), make(map[*testing.T]bool)
		cmd := exec.Command("go", "build", "-o", built.path, "yizhan/cmd/yizhan")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			os.RemoveAll(dir)
			t.Fatalf("%v\n%s", err, out)
		}
	}
	if !built.users[t] {
		built.users[t] = true
		t.Cleanup(func() {
			built.Lock()
			defer built.Unlock()
			if delete(built.users, t); len(built.users) == 0 {
				os.RemoveAll(filepath.Dir(built.path))
			}
		})
	}
	return built.path
}

// process is a running yizhan.
type process struct {
	*exec.Cmd
	mu    sync.Mutex
	lines []string
}

func start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(program(t), args...)}
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.Stderr = p.Stdout
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, scanner.Text())
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = p.Process.Kill()
		<-read
		_ = p.Wait()
		if t.Failed() {
			t.Logf("%s:\n%s", args[0], p.said())
		}
	})
	return p
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines[max(0, len(p.lines)-30):], "\n")
}

// find waits for a line that matches and returns its submatches.
func (p *process) find(t *testing.T, pattern string) []string {
	t.Helper()
	match := regexp.MustCompile(pattern)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if found := match.FindStringSubmatch(p.said()); found != nil {
			return found
		}
	}
	t.Fatalf("no line like %s:\n%s", pattern, p.said())
	return nil
}

// run runs the program to its end and returns what it printed.
func run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command(program(t), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("yizhan %q: %v\n%s", args, err, out)
	}
	return string(out)
}
