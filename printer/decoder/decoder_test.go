// Package decoder_test holds the encoder and the simulated printer against npos,
// an ESC/POS implementation from npm: all three must agree on every stream.
// decode.js says what npos does and what it leaves out.
package decoder_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/bitmap"
	"yizhan/printer/sim"
)

// modules is where build.sh installs what package-lock.json names.
const modules = "../../build/decoder/node_modules"

// stream is what was sent to the printer that a profile describes.
type stream struct {
	bytes   []byte
	profile printer.Profile
}

// decoded is what decode.js prints of one stream.
type decoded struct {
	Cuts   []int
	Papers []struct {
		Lines, QR []string
		Pictures  [][]string
	}
}

func TestNpmReadsTheGoldenStreams(t *testing.T) {
	paths, err := filepath.Glob("../testdata/*.escpos")
	if err != nil || len(paths) < 2 {
		t.Fatalf("%d golden streams: %v", len(paths), err)
	}
	streams := map[string]stream{}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		streams[filepath.Base(path)] = stream{b, profileOf(t, path)}
	}
	agree(t, streams)
}

// profileOf is the profile at the end of a golden stream's name, NAME-PROFILE.escpos
// with hyphens for spaces.
func profileOf(t *testing.T, path string) printer.Profile {
	t.Helper()
	name, longest, found := strings.TrimSuffix(path, ".escpos"), 0, printer.Profile{}
	for _, p := range profiles() {
		if strings.HasSuffix(name, "-"+slug(p)) && len(slug(p)) > longest {
			longest, found = len(slug(p)), p
		}
	}
	if longest == 0 {
		t.Fatalf("%s: no profile in the name", path)
	}
	return found
}

func slug(p printer.Profile) string { return strings.ReplaceAll(p.String(), " ", "-") }

// profiles are all that have a cutter, so that every slip ends with a cut.
func profiles() []printer.Profile {
	var all []printer.Profile
	for _, p := range []printer.Profile{printer.Profile58, printer.Profile80, printer.Profile80Narrow} {
		for i := range 16 {
			p.Encoding = printer.Encoding(i & 1)
			p.NativeQR, p.ChineseSize, p.UserChars = i&2 == 0, i&4 != 0, i&8 != 0
			all = append(all, p)
		}
	}
	return all
}

// What the golden streams of the plainest printers may not hold: text in UTF-8,
// FS !, FS 2, drawn lines, drawn QR codes, two pieces of paper.
func TestNpmReadsOtherFirmware(t *testing.T) {
	slip := printer.Slip{
		printer.Text("石桥村益栈").Centre().Big(),
		printer.Pair("志愿者", "㛃𬱖").Bold(),
		printer.Text("𠮷 龘 AbC").Right().Wide(),
		printer.QR("YZ1:ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
		printer.Text("谢谢").Tall(),
		printer.Cut(),
		printer.Row("东北大米", "2", "560"),
		printer.Cut(),
	}
	streams := map[string]stream{}
	for _, p := range profiles() {
		b, err := printer.Encode(slip, p)
		if err != nil {
			t.Fatal(err)
		}
		streams[slug(p)] = stream{b, p}
	}
	agree(t, streams)
}

// agree has npm decode the streams and compares each with the simulated printer.
func agree(t *testing.T, streams map[string]stream) {
	t.Helper()
	for name, theirs := range decode(t, streams) {
		t.Run(name, func(t *testing.T) {
			s := streams[name]
			ours := print(t, s)
			if len(theirs.Papers) != len(ours) {
				t.Fatalf("npm sees %d pieces of paper, the printer printed %d", len(theirs.Papers), len(ours))
			}
			for i, paper := range theirs.Papers {
				if !slices.Equal(paper.Lines, ours[i].Lines) {
					t.Errorf("npm reads\n%s\nand we\n%s", strings.Join(paper.Lines, "\n"), ours[i].Text())
				}
				if !slices.Equal(paper.QR, ours[i].QR) {
					t.Errorf("npm reads the QR codes %q and we %q", paper.QR, ours[i].QR)
				}
				pictures(t, paper.Pictures, ours[i].Image)
			}
			cuts(t, s, theirs.Cuts)
		})
	}
}

// decode runs decode.js once for all streams.
func decode(t *testing.T, streams map[string]stream) map[string]decoded {
	t.Helper()
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(filepath.Join(modules, "npos"))
	}
	if err != nil {
		t.Skipf("SKIPPED: no second implementation has read the streams (./build.sh test installs it): %v", err)
	}
	script, err := os.ReadFile("decode.js") // so that a cached result ends with it
	if err != nil {
		t.Fatal(err)
	}
	dir, args, names := t.TempDir(), []string{"-"}, []string{}
	for name, s := range streams {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, s.bytes, 0o644); err != nil {
			t.Fatal(err)
		}
		args, names = append(args, fmt.Sprintf("%s:%d", path, s.profile.Dots)), append(names, name)
	}
	command := exec.Command(node, args...)
	command.Stdin, command.Stderr = bytes.NewReader(script), os.Stderr
	command.Env = append(os.Environ(), "NODE_PATH="+modules)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("running decode.js: %v", err)
	}
	results, lines := map[string]decoded{}, json.NewDecoder(bytes.NewReader(out))
	for _, name := range names {
		var d decoded
		if err := lines.Decode(&d); err != nil {
			t.Fatalf("reading what decode.js says of %s: %v", name, err)
		}
		results[name] = d
	}
	return results
}

// print prints a stream on the simulated printer, without a mistake.
func print(t *testing.T, s stream) []sim.Paper {
	t.Helper()
	var papers []sim.Paper
	device := sim.New(sim.Options{Profile: s.profile, OnPaper: func(p sim.Paper) {
		papers = append(papers, p)
		for _, m := range p.Mistakes {
			t.Error(m)
		}
	}})
	if _, err := device.Write(s.bytes); err != nil {
		t.Fatal(err)
	}
	if rest := device.Paper(); device.Pending() || rest.Text() != "" {
		t.Errorf("after the cut there is %q", rest.Text())
	}
	return papers
}

// pictures finds each band that npm has decoded on our paper, dot by dot, from the
// top down.
func pictures(t *testing.T, bands [][]string, paper *bitmap.Image) {
	t.Helper()
	y := 0
	for i, band := range bands {
		for y+len(band) <= paper.Height && !stands(band, paper, y) {
			y++
		}
		if y+len(band) > paper.Height {
			t.Fatalf("band %d of %dx%d dots is not on the paper", i, len(band[0]), len(band))
		}
		y += len(band)
	}
}

// stands says whether the rows of a band are those of the paper from top on.
func stands(band []string, paper *bitmap.Image, top int) bool {
	for y, row := range band {
		for x := range paper.Width {
			if paper.At(x, top+y) != (x < len(row) && row[x] == '#') {
				return false
			}
		}
	}
	return true
}

// cuts holds that both see the same commands: where npm begins a new one, ours must
// be at the beginning of one too, and so answers a status request there at once.
func cuts(t *testing.T, s stream, at []int) {
	t.Helper()
	var answers bytes.Buffer
	device := sim.New(sim.Options{Profile: s.profile, Level: sim.Status, Answer: &answers})
	last := 0
	for i, cut := range append(at, len(s.bytes)) {
		device.Write(s.bytes[last:cut])
		device.Write([]byte{0x10, 0x04, 1}) // DLE EOT 1
		if answers.Len() != i+1 {
			t.Fatalf("npm cuts at byte %d, between % X and % X; we do not", cut,
				s.bytes[max(0, cut-8):cut], s.bytes[cut:min(len(s.bytes), cut+8)])
		}
		last = cut
	}
}
