// Package storetest starts a real PostgreSQL for the tests of those who keep the
// center's book: a server of its own, in a temporary folder behind a socket, as a
// user that is not root.
package storetest

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is the server of one test binary.
type postgres struct {
	once   sync.Once
	dir    string
	owner  *syscall.SysProcAttr
	proc   *exec.Cmd
	err    error
	mu     sync.Mutex
	number int // of the last database
}

var server postgres

// program finds one of the server's programs, which Debian keeps out of the path.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("%s is not installed (Debian package postgresql)", name)
	}
	slices.Sort(found)
	return found[len(found)-1], nil
}

func (p *postgres) start() error {
	initdb, err := program("initdb")
	if err != nil {
		return err
	}
	daemon, err := program("postgres")
	if err != nil {
		return err
	}
	if p.dir, err = os.MkdirTemp("", "yizhan-pg"); err != nil {
		return err
	}
	if os.Getuid() == 0 { // the server refuses to run as root
		nobody, err := user.Lookup("nobody")
		if err != nil {
			return err
		}
		uid, _ := strconv.Atoi(nobody.Uid)
		gid, _ := strconv.Atoi(nobody.Gid)
		p.owner = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		if err := os.Chown(p.dir, uid, gid); err != nil {
			return err
		}
	}
	data := filepath.Join(p.dir, "data")
	setup := exec.Command(initdb, "-D", data, "-U", "yizhan", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	setup.SysProcAttr, setup.Dir = p.owner, p.dir
	if out, err := setup.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	p.proc = exec.Command(daemon, "-D", data, "-k", p.dir, "-c", "listen_addresses=", "-c", "fsync="+fsync(), "-c", "max_connections=200")
	p.proc.Dir, p.proc.Stdout, p.proc.Stderr = p.dir, log, log
	p.proc.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT} // a test that panics leaves no server behind
	if p.owner != nil {
		p.proc.SysProcAttr.Credential = p.owner.Credential
	}
	if err := p.proc.Start(); err != nil {
		return err
	}
	for range 200 {
		if conn, err := pgx.Connect(context.Background(), p.url("postgres")); err == nil {
			return conn.Close(context.Background())
		}
		time.Sleep(50 * time.Millisecond)
	}
	said, _ := os.ReadFile(log.Name())
	return fmt.Errorf("the server does not answer: %s", said)
}

// fsync is off for tests, which cut no power, and on for measurements.
func fsync() string {
	if f := flag.Lookup("test.bench"); f != nil && f.Value.String() != "" {
		return "on"
	}
	return "off"
}

func (p *postgres) stop() {
	if p.proc != nil && p.proc.Process != nil {
		p.proc.Process.Signal(syscall.SIGQUIT) // at once; the data go with the folder
		p.proc.Wait()
	}
	if p.dir != "" {
		os.RemoveAll(p.dir)
	}
}

func (p *postgres) url(database string) string {
	return "postgres://yizhan@/" + database + "?host=" + p.dir + "&sslmode=disable"
}

// URL is the address of a database of the server, which runs already.
func URL(database string) string { return server.url(database) }

// Stop ends the server, if one was started, and deletes its data.
func Stop() { server.stop() }

// Database makes a new database named book1, book2 and so on, and returns its
// address. It skips the test with a loud line where no PostgreSQL is installed, and
// fails it in CI.
func Database(t testing.TB) string {
	t.Helper()
	p := &server
	p.once.Do(func() { p.err = p.start() })
	if p.err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no PostgreSQL: %v", p.err)
		}
		fmt.Fprintf(os.Stderr, "!!!! NOT TESTED on PostgreSQL: %v\n", p.err)
		t.Skipf("!!!! NOT TESTED on PostgreSQL: %v", p.err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.number++
	name := fmt.Sprintf("book%d", p.number)
	conn, err := pgx.Connect(t.Context(), p.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return p.url(name)
}
