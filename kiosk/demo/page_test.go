package demo

import (
	"bufio"
	"encoding/json"
	"errors"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/assets"
	"yizhan/printer"
	"yizhan/printer/probe"
	"yizhan/printer/sim"
)

// desk is somebody at the page, and a kiosk's end of the printer's line.
type desk struct {
	*testing.T
	page    *Page
	bench   *Bench
	port    *printer.Port
	scanned []string
}

func newDesk(t *testing.T, level sim.Level) *desk {
	t.Helper()
	d := &desk{T: t}
	var err error
	d.bench, err = NewBench(filepath.Join(t.TempDir(), "printer"), printer.Profile58, level, 0)
	d.must(err)
	t.Cleanup(func() { d.must(d.bench.Close()) })
	static, err := assets.NewStatic(nil)
	d.must(err)
	sample := Sample{Cards: []Card{{Name: "张小伟", Text: "YZC1:A"}, {Name: "周桂英", Text: "YZC1:B", PIN: "061101"}}}
	d.page, err = NewPage(static, sample, d.bench, func(text string) { d.scanned = append(d.scanned, text) })
	d.must(err)
	d.open()
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// open opens the printer as a kiosk does.
func (d *desk) open() {
	d.Helper()
	port, err := printer.OpenPort(d.bench.Path(), 115200)
	d.must(err)
	d.Cleanup(func() { _ = port.Close() }) // the printer may have gone before
	d.port = port
}

// slip is ten lines and a cut.
var slip = "\x1b@" + strings.Repeat("ten lines\n", 10) + "\x1dVB\x00"

func (d *desk) send(stream string) {
	d.Helper()
	_, err := d.port.Send(d.Context(), []byte(stream))
	d.must(err)
}

// hears reads what the printer answers, until it says nothing for a moment.
func (d *desk) hears() string {
	d.Helper()
	var heard []byte
	for {
		b := make([]byte, 16)
		n, err := d.port.Read(b, 200*time.Millisecond)
		heard = append(heard, b[:n]...)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return string(heard)
		}
		d.must(err)
	}
}

// press posts a form and returns what the page shows then.
func (d *desk) press(path string, pairs ...string) string {
	d.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	d.page.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		d.Fatalf("%s %v: %d %s", path, pairs, w.Code, w.Body)
	}
	return d.get(w.Header().Get("Location")).Body.String()
}

func (d *desk) get(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	d.page.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// await waits until the page shows all of texts.
func (d *desk) await(texts ...string) {
	d.Helper()
	var shown string
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		shown = d.get("/demo/").Body.String()
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(shown, text)
		}
		if !missing {
			return
		}
	}
	d.Fatalf("the page does not say %q but:\n%s", texts, shown[strings.Index(shown, `<section class="printer"`):])
}

// dots is the height of a picture of paper, without the margins.
func (d *desk) dots(path string) int {
	d.Helper()
	picture, err := png.Decode(d.get(path).Body)
	d.must(err)
	return picture.Bounds().Dy() - 48
}

// TestButtons presses each button, and looks at the page and at the line.
func TestButtons(t *testing.T) {
	const status = "\x10\x04\x02"
	for _, c := range []struct{ word, says, hears string }{
		{"tear", "没纸了", "\x32"},
		{"cover", "盖子开着", "\x16"},
		{"power", "断过电", "\x12"},
		{"stall", "线路卡住", ""},
		{"noise", "线上来了一阵杂音", "\xff\x00\x55\x13\x37\x22\x80\x7f\x12"},
		{"near", "纸快用完", "\x12"},
	} {
		d := newDesk(t, sim.Confirmed)
		if shown := d.press("/demo/printer", "do", c.word); !strings.Contains(shown, c.says) {
			t.Errorf("%s: the page does not say %s", c.word, c.says)
		}
		d.send(status)
		if got := d.hears(); got != c.hears {
			t.Errorf("%s: the kiosk hears %q, want %q", c.word, got, c.hears)
		}
		d.press("/demo/printer", "do", "mend")
		d.await("有纸", "盖子合好", "有电", "线路通", "修好了")
		d.send(slip)
		d.await("第 1 张")
	}
}

// TestUnplug: the path is gone with the cable, and leads to the printer again when it
// is plugged in: at once, or when the cable came off in the middle of a slip.
// The page that tries everything a printer may know is as long as the kiosk says, 15 cm,
// though this one knows only some of it.
func TestProbePage(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	d.send(string(probe.Page()))
	d.await("第 1 张")
	if dots := d.dots("/demo/paper/1.png"); dots > 8*160 {
		t.Errorf("it has %d dots, %d mm", dots, dots/8)
	}
}

func TestUnplug(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	for n, when := range []string{"now", "half"} {
		d.press("/demo/printer", "do", "unplug", "when", when)
		if when == "half" {
			d.await("等着")
			d.send(slip)
		}
		d.await("线拔了")
		for end := time.Now().Add(time.Second); ; time.Sleep(time.Millisecond) {
			if _, err := os.Lstat(d.bench.Path()); errors.Is(err, fs.ErrNotExist) {
				break
			} else if time.Now().After(end) {
				t.Fatalf("%s: the path still leads somewhere: %v", when, err)
			}
		}
		if _, err := d.port.Send(t.Context(), []byte(slip)); err == nil {
			t.Errorf("%s: a printer without a cable takes bytes", when)
		}
		if shown := d.press("/demo/printer", "do", "mend"); !strings.Contains(shown, "线路通") {
			t.Errorf("%s: plugged in, the page does not say so", when)
		}
		d.open()
		d.send(slip)
		d.await([]string{"第 1 张", "第 3 张"}[n]) // what hung out of the unplugged one is the second
	}
}

// TestTear tears the paper out, in the middle of a slip that is being printed and of
// the next, which is told before.
func TestTear(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	d.send("\x1b@one\ntwo\n")
	d.await(`src="/demo/paper/out.png"`)
	d.press("/demo/printer", "do", "tear")
	d.await(`class="torn"`, "第 1 张", "没纸了")
	if got := d.dots("/demo/paper/1.png"); got != 60 {
		t.Errorf("two lines were torn off, %d dots", got)
	}
	d.press("/demo/printer", "do", "mend")
	d.send(slip)
	d.await("第 2 张")
	d.press("/demo/printer", "do", "tear", "when", "half")
	d.await("等着：下一张打到一半就「撕断纸」", "有纸")
	d.send("\x10\x04\x01\x10\x04\x04" + slip) // what is asked before is no part of the slip
	d.await("第 3 张", "没纸了", "打印机里还压着 54 字节")
	if got := d.dots("/demo/paper/3.png"); got != 150 {
		t.Errorf("the third piece has %d dots, want half of 300", got)
	}
	if shown := d.press("/demo/printer", "do", "mend"); !strings.Contains(shown, "第 4 张") || strings.Contains(shown, "等着：") {
		t.Error("with new paper in, the rest of the slip does not come out")
	}
}

// TestSwap: another printer stands behind the same path, and speaks as it should.
func TestSwap(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	for level, want := range []string{"", "\x12", "\x12\x00", "\x12\x00\x37\x22ID42\x00"} {
		d.send("\x1b@hanging\n")
		d.await("out.png")
		shown := d.press("/demo/swap", "level", string(rune('0'+level)))
		if !strings.Contains(shown, `value="`+string(rune('0'+level))+`" title="`+levels[level].Hint+`" aria-pressed="true"`) {
			t.Errorf("level %d is not pressed in", level)
		}
		d.await("第 " + string(rune('1'+level)) + " 张")
		d.open()
		d.send("\x10\x04\x02\x1dr\x01\x1d(H\x06\x0000ID42")
		if got := d.hears(); got != want {
			t.Errorf("level %d answers %q, want %q", level, got, want)
		}
	}
	if s := d.bench.state(); s.Baud != 0 {
		t.Errorf("the speed changed with the level, to %d", s.Baud)
	}
	d.press("/demo/swap", "baud", "9600")
	d.open()
	began := time.Now()
	d.send(slip)
	d.await("第 5 张")
	if took, least := time.Since(began), time.Duration(len(slip)-20)*10*time.Second/9600; took < least { // it prints, then waits
		t.Errorf("%d bytes came over a line of 9600 baud in %v, want %v", len(slip), took, least)
	}
	if s := d.bench.state(); s.Level != int(sim.Confirmed) {
		t.Errorf("the level changed with the speed, to %d", s.Level)
	}
}

// TestRefused: a form that no button sends changes nothing.
func TestRefused(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	before := d.bench.state()
	for _, form := range []string{"printer?do=explode", "printer", "swap?level=4", "swap?level=-1", "swap?baud=1", "swap?baud=x"} {
		w := httptest.NewRecorder()
		d.page.ServeHTTP(w, httptest.NewRequest("POST", "/demo/"+form, nil))
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", form, w.Code)
		}
	}
	if after := d.bench.state(); after.Level != before.Level || after.Baud != before.Baud || after.Last != before.Last {
		t.Errorf("%+v became %+v", before, after)
	}
	if w := d.get("/demo/paper/1.png"); w.Code != http.StatusNotFound {
		t.Errorf("paper that is not there: %d", w.Code)
	}
}

// TestHold: a card is held to the scanner, and the page comes back as it was.
func TestHold(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	if shown := d.press("/demo/scan?screen=landscape", "text", "YZC1:A"); !strings.Contains(shown, `<body class="landscape"`) || !strings.Contains(shown, "PIN 061101") {
		t.Errorf("the page is not as it was: %s", shown)
	}
	if len(d.scanned) != 1 || d.scanned[0] != "YZC1:A" {
		t.Errorf("scanned: %q", d.scanned)
	}
}

// TestEvents: a window hears of the paper while it comes out, when it falls, and of
// the printer's state.
func TestEvents(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	d.send(slip)
	d.await("第 1 张")
	server := httptest.NewServer(d.page)
	defer server.Close()
	window, err := http.Get(server.URL + "/demo/events?after=1")
	d.must(err)
	defer window.Body.Close()
	lines := bufio.NewScanner(window.Body)
	next := func() (event string, data map[string]any) {
		for lines.Scan() {
			name, text, _ := strings.Cut(lines.Text(), ": ")
			if name == "event" {
				event = text
			} else if name == "data" {
				d.must(json.Unmarshal([]byte(text), &data))
				return event, data
			}
		}
		t.Fatalf("the events ended: %v", lines.Err())
		return "", nil
	}
	if event, data := next(); event != "state" || data["level"] != 3.0 || !strings.Contains(data["html"].(string), "有纸") {
		t.Errorf("first: %s %v", event, data)
	}
	d.send("\x1b@two\nlines\n")
	if event, data := next(); event != "out" || data["dots"] != 60.0 {
		t.Errorf("while it comes out: %s %v", event, data)
	}
	d.press("/demo/printer", "do", "tear")
	var heard []string
	for range 3 {
		event, data := next()
		heard = append(heard, event)
		if event == "paper" && (data["number"] != 2.0 || !strings.Contains(data["html"].(string), "撕断的")) {
			t.Errorf("fell: %v", data)
		}
	}
	paper, out := slices.Index(heard, "paper"), slices.Index(heard, "out")
	if paper < 0 || out < paper || !slices.Contains(heard, "state") {
		t.Errorf("torn out: %s", heard)
	}
}

// TestWatchersAreCounted: so many windows, and when one closes another may come.
func TestWatchersAreCounted(t *testing.T) {
	d := newDesk(t, sim.Confirmed)
	server := httptest.NewServer(d.page)
	defer server.Close()
	var open []*http.Response
	for range maxWatchers {
		window, err := http.Get(server.URL + "/demo/events")
		d.must(err)
		defer window.Body.Close()
		open = append(open, window)
	}
	if w := d.get("/demo/events"); w.Code != http.StatusTooManyRequests {
		t.Fatalf("one window too many: %d", w.Code)
	}
	open[0].Body.Close()
	for end := time.Now().Add(5 * time.Second); len(d.page.watching) == maxWatchers; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("a window that was closed is still counted")
		}
	}
}
