package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// child is a yizhan process of the test's own.
type child struct {
	*exec.Cmd
	lines chan string // what it prints
}

// start starts yizhan with args and ends it with the test. What it prints on
// either stream comes out of lines.
func start(t *testing.T, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command("yizhan", args...), lines: make(chan string, 1000)}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = c.Stdout
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			c.lines <- scanner.Text()
		}
	}()
	t.Cleanup(c.kill)
	return c
}

// kill ends the process as a power cut would.
func (c *child) kill() {
	c.Process.Kill()
	for range c.lines {
	}
	c.Wait()
}

// find waits for a line that matches and returns its submatches.
func (c *child) find(t *testing.T, pattern string) []string {
	t.Helper()
	match := regexp.MustCompile(pattern)
	deadline := time.After(60 * time.Second)
	var seen []string
	for {
		select {
		case line, ok := <-c.lines:
			if !ok {
				t.Fatalf("ended without a line like %s:\n%s", pattern, strings.Join(seen, "\n"))
			}
			seen = append(seen, line)
			if m := match.FindStringSubmatch(line); m != nil {
				return m
			}
		case <-deadline:
			t.Fatalf("no line like %s in a minute:\n%s", pattern, strings.Join(seen, "\n"))
		}
	}
}

// screen is a browser without a script in front of a kiosk.
type screen struct {
	t    *testing.T
	http http.Client
	base string
	page string // the page that it shows
	at   string // its path

	status int // HTTP status of the page
}

func newScreen(t *testing.T, base string) *screen {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &screen{t: t, http: http.Client{Jar: jar, Timeout: 20 * time.Second}, base: strings.TrimSuffix(base, "/")}
}

func (s *screen) get(path string) *screen {
	s.t.Helper()
	response, err := s.http.Get(s.base + path)
	return s.shows(response, err)
}

// post sends a form with the hidden fields of the page and more.
func (s *screen) post(path string, more url.Values) *screen {
	s.t.Helper()
	form := s.hidden()
	for name, values := range more {
		form[name] = values
	}
	response, err := s.http.PostForm(s.base+path, form)
	return s.shows(response, err)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// hidden is the hidden fields of the page.
func (s *screen) hidden() url.Values {
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(s.page, -1) {
		form.Set(field[1], field[2])
	}
	return form
}

func (s *screen) shows(response *http.Response, err error) *screen {
	s.t.Helper()
	if err := s.hears(response, err); err != nil {
		s.t.Fatal(err)
	}
	if s.status >= 400 {
		s.t.Fatalf("%s answered %s", response.Request.URL, response.Status)
	}
	return s
}

// hears takes an answer that may break off, because the kiosk is killed meanwhile.
func (s *screen) hears(response *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	s.page, s.at, s.status = string(body), response.Request.URL.Path, response.StatusCode
	return nil
}

func (s *screen) want(texts ...string) {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.page, text) {
			s.t.Fatalf("the page does not say %q:\n%s", text, s.page)
		}
	}
}

// TestDemo does what README tells a new user to do: start the demo, hold the card
// to the scanner, redeem, take the paper and check it. Then the plug is pulled, and
// a real kiosk goes on with the same books.
func TestDemo(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	demo := start(t, "demo", "--port", "0", "--data", data)
	address := demo.find(t, `^(http://127\.0\.0\.1:\d+/)$`)[1]
	card := demo.find(t, `^card \S+\s+(YZC1:\S+)`)[1]
	s := newScreen(t, address)
	s.post("/scan", url.Values{"text": {card}}).want("张*伟", "1,260")
	s.get("/redeem/G001").want("980", "280")
	s.post("/redeem", nil).want("换好了", "980")
	receipt := paper(t, newScreen(t, address))
	demo.kill()

	books := filepath.Join(data, "SQ01")
	var proof verified
	if err := json.Unmarshal(yizhan(t, "verify", "--data", books, "--kiosk", "SQ01", "--json"), &proof); err != nil || !proof.OK {
		t.Fatalf("the books after a power cut: %+v, %v", proof, err)
	}
	if said := string(yizhan(t, "receipt", "verify", "--key", proof.PublicKey, receipt)); !strings.Contains(said, "genuine") || !strings.Contains(said, "G001 x 1") {
		t.Fatalf("the receipt is said to be: %s", said)
	}

	kiosk := start(t, "kiosk", "--data", books, "--kiosk", "SQ01", "--listen", "127.0.0.1:0")
	address = kiosk.find(t, `address=(http://\S+/)`)[1]
	newScreen(t, address).post("/scan", url.Values{"text": {card}}).want("张*伟", "680") // 300 are at the other kiosk
}

// paper waits until a receipt hangs out of the demo's printer and returns its QR
// code's text.
func paper(t *testing.T, s *screen) string {
	t.Helper()
	for range 100 {
		s.get("/demo/")
		if m := regexp.MustCompile(`value="(YZ1:[A-Z2-7]+)"`).FindStringSubmatch(s.page); m != nil {
			return m[1]
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("no receipt came out within ten seconds")
	return ""
}

func yizhan(t *testing.T, args ...string) []byte {
	t.Helper()
	out, err := exec.Command("yizhan", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("yizhan %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// TestConfigFile holds that a file sets what flags set, and that a misspelt key is
// refused instead of forgotten.
func TestConfigFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "kiosk.toml")
	for _, c := range []struct{ config, want string }{
		{"kiosk = \"NOT A NAME\"\ndata = \"" + dir + "/data\"", "NOT A NAME"},
		{"kiosk = \"SQ01\"\ndata = \"" + dir + "/data\"\nprinter-boud = 9600", `"printer-boud", which is no setting`},
		{"kiosk = \"SQ01\"\ndata = \"" + dir + "/data\"\nzone = \"Asia/Nowhere\"", `"Asia/Nowhere" is not known`},
		{"kiosk = [", "kiosk.toml"},
	} {
		if err := os.WriteFile(file, []byte(c.config), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("yizhan", "kiosk", "--config", file).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s\n  %v, said: %s\n  want %q", c.config, err, out, c.want)
		}
	}
}
