package probe_test

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
	"yizhan/printer/probe"
	"yizhan/printer/sim"
)

var pictures = flag.String("pictures", "", "write what the pages look like into this folder")

// everyPrinter is each printer that the simulator can play.
func everyPrinter() []printer.Profile {
	var all []printer.Profile
	for _, p := range []printer.Profile{printer.Profile58, printer.Profile80Narrow, printer.Profile80} {
		for i := range 32 {
			p.Encoding = printer.Encoding(i & 1)
			p.NativeQR, p.Cutter = i&2 != 0, i&4 != 0
			p.ChineseSize, p.UserChars = i&8 != 0, i&16 != 0
			all = append(all, p)
		}
	}
	return all
}

// device is a simulated printer and the pieces of paper that it has cut off.
type device struct {
	*sim.Printer
	cut []sim.Paper
}

func newDevice(p printer.Profile) *device {
	d := &device{}
	d.Printer = sim.New(sim.Options{Profile: p, OnPaper: func(paper sim.Paper) { d.cut = append(d.cut, paper) }})
	return d
}

// last is the piece of paper that was printed last, and whether it was cut off.
func (d *device) last() (sim.Paper, bool) {
	if len(d.cut) > 0 {
		return d.cut[len(d.cut)-1], true
	}
	return d.Paper(), false
}

// TestPageIsReadBack: whatever printer prints the page, answering what it shows gives
// that printer's profile, and a receipt afterwards comes out as if from a new one.
func TestPageIsReadBack(t *testing.T) {
	page := probe.Page()
	for _, want := range everyPrinter() {
		d := newDevice(want)
		d.Write(page)
		paper, cut := d.last()
		if d.Pending() {
			t.Errorf("%s: the printer waits for more", want)
		}
		if len(d.cut) > 1 || cut != want.Cutter {
			t.Errorf("%s: %d pieces of paper", want, len(d.cut))
		}
		answers := look(paper)
		answers["cut"] = map[bool]string{true: "yes", false: "no"}[cut]
		got, err := probe.Profile(answers)
		if err != nil || got != want {
			t.Errorf("%s was taken for %s, %v: %v", want, got, err, answers)
		}
		if *pictures != "" {
			write(t, filepath.Join(*pictures, strings.ReplaceAll(want.String(), " ", "_")+".png"), paper)
		}
		receiptAfterwards(t, d, want)
	}
}

// look answers the questions as a person would, but for the cut.
func look(paper sim.Paper) map[string]string {
	line := func(want string) bool { return slices.Contains(paper.Lines, want) }
	big := func(letter rune, text string) bool {
		word := []rune(text)
		return shows(paper.Image, 2, letter, glyph.Draw(word[0]), glyph.Draw(word[1]))
	}
	answers := map[string]string{
		"text": which("a", line("A "+probe.NameText+" A"), "b", line("B "+probe.NameText+" B")),
		"size": which("f", big('F', probe.Plain), "g", big('G', probe.Separate)),
		"rare": which("h", shows(paper.Image, 1, 'H', glyph.Draw(probe.Rare)), "l", shows(paper.Image, 1, 'L', probe.Taught())),
		"code": which("j", pictureBelow(paper.Lines, "J"), "k", slices.Contains(paper.QR, probe.NativeCode)),
	}
	answers["width"] = "none"
	for _, text := range paper.Lines {
		if strings.Trim(text, "CDE 0123456789-") == "|" && strings.HasSuffix(text, "|") {
			answers["width"] = strings.ToLower(text[:1])
		}
	}
	return answers
}

// which of two lines is as it should be.
func which(a string, seesA bool, b string, seesB bool) string {
	switch {
	case seesA && seesB:
		return "both"
	case seesA:
		return a
	case seesB:
		return b
	}
	return "neither"
}

func pictureBelow(lines []string, letter string) bool {
	i := slices.Index(lines, letter)
	return i >= 0 && i+1 < len(lines) && strings.HasPrefix(lines[i+1], "[picture ")
}

// shows looks for a line that begins with a letter, a space and characters, all of
// them enlarged by the scale, dot by dot.
func shows(paper *bitmap.Image, scale int, letter rune, characters ...*bitmap.Image) bool {
	want := bitmap.New(24*scale*(1+len(characters)), 24*scale)
	want.Draw(glyph.Draw(letter), 0, 0, scale, scale, false)
	for i, c := range characters {
		want.Draw(c, 24*scale*(1+i), 0, scale, scale, false)
	}
	for top := range paper.Height - want.Height {
		if showsAt(paper, want, top) {
			return true
		}
	}
	return false
}

func showsAt(paper, want *bitmap.Image, top int) bool {
	for y := range want.Height {
		for x := range want.Width {
			if paper.At(x, top+y) != want.At(x, y) {
				return false
			}
		}
	}
	return true
}

// receiptAfterwards prints a receipt for the printer's own profile after the page.
func receiptAfterwards(t *testing.T, d *device, p printer.Profile) {
	t.Helper()
	slip := printer.Slip{
		printer.Text("石桥村益栈").Centre().Big(),
		printer.Pair("志愿者", "㛃𬱖"),
		printer.QR("YZ1:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
		printer.Text("谢谢您的志愿服务").Centre(),
		printer.Cut(),
	}
	stream, err := printer.Encode(slip, p)
	if err != nil {
		t.Fatal(err)
	}
	d.Write(stream)
	fresh := newDevice(p)
	fresh.Write(stream)
	got, _ := d.last()
	want, _ := fresh.last()
	got.Lines = got.Lines[max(0, len(got.Lines)-len(want.Lines)):] // what was not cut hangs above
	if got.Text() != want.Text() || len(want.Mistakes) > 0 {
		t.Errorf("%s: after the page the receipt says\n%s\nand not\n%s", p, got.Text(), want.Text())
	}
}

// TestPageOnFirmwareThatKnowsLess: a printer that takes a command for text, name,
// parameters and all, prints rubbish there, and a receipt as ever afterwards.
func TestPageOnFirmwareThatKnowsLess(t *testing.T) {
	for _, command := range []string{"\x1cC", "\x1c2", "\x1c!", "\x1c&", "\x1d(k", "\x1d!", "\x1dV", "\x1ba", "\x1b3"} {
		page := bytes.ReplaceAll(probe.Page(), []byte(command), []byte(command[1:]))
		if len(page) == len(probe.Page()) {
			t.Errorf("the page has no %q", command)
		}
		d := newDevice(printer.Profile58)
		d.Write(page)
		if d.Pending() {
			t.Errorf("without %q the printer waits for more", command)
		}
		if len(d.cut) > 1 {
			t.Errorf("without %q the page comes in %d pieces", command, len(d.cut))
		}
		receiptAfterwards(t, d, printer.Profile58)
	}
}

// TestPageHoldsNothingDangerous: no real-time command anywhere, ESC @ at the end, and
// no control character in what firmware without FS 2 or GS ( k takes for text.
func TestPageHoldsNothingDangerous(t *testing.T) {
	page := probe.Page()
	for i := range page[:len(page)-1] {
		if page[i] == 0x10 && bytes.IndexByte([]byte{0x04, 0x05, 0x14}, page[i+1]) >= 0 {
			t.Errorf("real-time command at byte %d", i)
		}
	}
	if !bytes.HasSuffix(page, []byte("\x1b@")) {
		t.Error("the page does not end with ESC @")
	}
	at := bytes.Index(page, []byte("\x1c2"))
	if at < 0 || bytes.Count(page, []byte("\x1c2")) != 1 {
		t.Fatal("want one FS 2")
	}
	for i, c := range page[at+2 : at+76] {
		if c > 0 && c < 0x20 || c == 0x7F {
			t.Errorf("FS 2 has the control character %02X at byte %d", c, i)
		}
	}
	if i := bytes.Index(page, []byte(probe.NativeCode)); i < 0 || page[i-5] < 0x20 {
		t.Errorf("the length of code K is a control character")
	}
}

// Both codes can be scanned off the page, and say which they are.
func TestCodesScan(t *testing.T) {
	zbarimg, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("SKIPPED: zbarimg (Debian: zbar-tools) is not installed, so no QR code was read off the page")
	}
	for _, p := range []printer.Profile{printer.Profile58, printer.Profile80Narrow, printer.Profile80} {
		for _, native := range []bool{true, false} {
			p.NativeQR = native
			d := newDevice(p)
			d.Write(probe.Page())
			paper, _ := d.last()
			path := filepath.Join(t.TempDir(), "page.png")
			write(t, path, paper)
			out, err := exec.Command(zbarimg, "--quiet", "--raw", "--set", "*.enable=0", "--set", "qrcode.enable=1", path).Output()
			if err != nil {
				t.Fatalf("%s: scanning the page: %v\n%s", p, err, out)
			}
			got := strings.Split(strings.TrimSpace(string(out)), "\n")
			slices.Sort(got)
			want := []string{probe.DrawnCode, probe.NativeCode}[:1+len(paper.QR)]
			if !slices.Equal(got, want) || native != (len(paper.QR) == 1) {
				t.Errorf("%s: scanned %q, want %q", p, got, want)
			}
		}
	}
}

func write(t *testing.T, path string, paper sim.Paper) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := paper.PNG(f); err != nil {
		t.Fatal(err)
	}
}

// good are the answers of a clerk before the plainest printer of 58 mm.
func good() map[string]string {
	return map[string]string{"text": "a", "width": "c", "size": "both", "rare": "h", "code": "both", "cut": "yes"}
}

func TestProfile(t *testing.T) {
	for _, c := range []struct {
		answers string // that differ from the good ones
		want    string // the profile, or part of the error
		problem error
	}{
		{"", "58mm", nil},
		{"width=e", "80mm", nil},
		{"width=d", "80mm-42", nil},
		{"text=b", "58mm utf8", nil},
		{"text=both", "58mm utf8", nil},
		{"size=g", "58mm chinese-size", nil},
		{"size=f", "58mm", nil},
		{"size=neither", "58mm", nil},
		{"rare=both", "58mm user-chars", nil},
		{"code=j", "58mm raster-qr", nil},
		{"cut=no", "58mm no-cutter", nil},
		{"width=e text=both size=g rare=both code=j cut=no", "80mm utf8 raster-qr chinese-size user-chars no-cutter", nil},

		{"text=neither", "no Chinese font", probe.NoChinese},
		{"width=none", "fewer than 32 cells", probe.TooNarrow},
		{"rare=l code=k", "prints no pictures", probe.NoPictures},
		{"rare=neither code=neither", "prints no pictures", probe.NoPictures},
		{"rare=l", "contradict", probe.Contradiction},
		{"code=k", "contradict", probe.Contradiction},
		{"rare=neither", "contradict", probe.Contradiction},

		{"text=", `"text" of the printer's test page is not answered`, nil},
		{"cut=", `"cut" of the printer's test page is not answered`, nil},
		{"cut=maybe", `no choice "maybe"`, nil},
		{"width=both", `no choice "both"`, nil},
		{"smell=good", "7 answers to 6 questions", nil},
	} {
		answers := good()
		for _, word := range strings.Fields(c.answers) {
			key, answer, _ := strings.Cut(word, "=")
			if answer == "" {
				delete(answers, key)
			} else {
				answers[key] = answer
			}
		}
		got, err := probe.Profile(answers)
		if err == nil && (got.String() != c.want || c.problem != nil) {
			t.Errorf("%s: %s, want %s", c.answers, got, c.want)
		}
		if err != nil && (!strings.Contains(err.Error(), c.want) || got != printer.Profile{} || c.problem != nil && !errors.Is(err, c.problem)) {
			t.Errorf("%s: %s and %v, want %s", c.answers, got, err, c.want)
		}
	}
}

// TestEveryAnswerIsTaken: whatever is chosen, there is a profile that prints, or a
// problem that has a name.
func TestEveryAnswerIsTaken(t *testing.T) {
	profiles := map[string]bool{}
	var choose func(answers map[string]string, rest []probe.Question)
	choose = func(answers map[string]string, rest []probe.Question) {
		if len(rest) > 0 {
			for _, choice := range rest[0].Choices {
				next := maps.Clone(answers)
				next[rest[0].Key] = choice
				choose(next, rest[1:])
			}
			return
		}
		p, err := probe.Profile(answers)
		var problem probe.Problem
		if err != nil && !errors.As(err, &problem) {
			t.Errorf("%v: %v", answers, err)
		}
		if err == nil {
			profiles[p.String()] = true
		}
	}
	choose(map[string]string{}, probe.Questions)
	for text := range profiles {
		p, err := printer.ParseProfile(text)
		if err == nil {
			_, err = printer.Encode(printer.Slip{printer.Text("益栈")}, p)
		}
		if err != nil {
			t.Error(err)
		}
	}
	if len(profiles) != len(everyPrinter()) {
		t.Errorf("the answers lead to %d profiles, want %d", len(profiles), len(everyPrinter()))
	}
}

func TestQuestionsFitTheScreen(t *testing.T) {
	seen := map[string]bool{}
	for _, q := range probe.Questions {
		if len(q.Choices) < 2 || len(q.Choices) > 4 || seen[q.Key] {
			t.Errorf("%+v", q)
		}
		seen[q.Key] = true
	}
}
