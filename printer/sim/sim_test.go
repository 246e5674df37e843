package sim_test

import (
	"bytes"
	"image/png"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
)

const start = "\x1b@\x1c&"

// run prints bytes on a 58 mm printer that hears everything and returns it with
// what it answered.
func run(p printer.Profile, level sim.Level, stream string) (*sim.Printer, string) {
	var answers bytes.Buffer
	s := sim.New(sim.Options{Profile: p, Level: level, Answer: &answers})
	s.Write([]byte(stream))
	return s, answers.String()
}

// TestStrict: each stream has exactly one mistake, at a known byte.
func TestStrict(t *testing.T) {
	plain := printer.Profile58
	plain.NativeQR, plain.Cutter = false, false
	taught := printer.Profile58
	taught.UserChars = true
	for _, c := range []struct {
		name, stream string
		profile      printer.Profile
		offset       int64
		want         string
	}{
		{"unknown ESC", start + "\x1bz", printer.Profile58, 4, "unknown: 1B 7A"},
		{"unknown GS", start + "ab\n\x1dQ", printer.Profile58, 7, "unknown: 1D 51"},
		{"unknown FS", "\x1cz", printer.Profile58, 0, "unknown: 1C 7A"},
		{"DLE that is no status", "\x10\x05", printer.Profile58, 0, "unknown: 10 05"},
		{"status 5", "\x10\x04\x05", printer.Profile58, 0, "want 1 to 4"},
		{"NUL", start + "a\x00b", printer.Profile58, 5, "unknown: 00 62"},
		{"tab", start + "\t", printer.Profile58, 4, "unknown: 09"},
		{"DEL", start + "\x7f", printer.Profile58, 4, "unknown: 7F"},
		{"Chinese before FS &", "\x1b@\xd5", printer.Profile58, 2, "unknown: D5"},
		{"80h is no euro", start + "\x80", printer.Profile58, 4, "unknown: 80"},
		{"half a character", start + "\xd5\n", printer.Profile58, 4, "not GBK: D5 0A"},
		{"UTF-8 to a GBK printer", "\x1cC\xff", printer.Profile58, 0, "no such character set"},
		{"alignment 3", start + "\x1ba\x03", printer.Profile58, 4, "want 0 to 2"},
		{"alignment inside a line", start + "a\x1ba\x01", printer.Profile58, 5, "no effect"},
		{"bold 2", start + "\x1bE\x02", printer.Profile58, 4, "want 0 or 1"},
		{"size 9", start + "\x1d!\x80", printer.Profile58, 4, "sizes go to 8"},
		{"Chinese size", start + "\x1c!\x01", printer.Profile58, 4, "want bits 04 and 08"},
		{"a line too wide", start + strings.Repeat("a", 33), printer.Profile58, 36, "wider than 384 dots"},
		{"a line too wide when doubled", start + "\x1d!\x10" + strings.Repeat("a", 17), printer.Profile58, 23, "wider than 384 dots"},
		{"a line dropped", start + "a\x1b@", printer.Profile58, 5, "was not printed"},
		{"cut in a line", start + "a\x1dVB\x00", printer.Profile58, 5, "no effect"},
		{"cut right after a picture", start + "\x1dv0\x00\x01\x00\x01\x00\xff\x1dVB\x00", printer.Profile58, 13, "no effect"},
		{"another cut", start + "\x1dV\x00\x00", printer.Profile58, 4, "want 66"},
		{"no cutter", start + "\x1dVB\x00", plain, 4, "no cutter"},
		{"no QR codes", start + "\x1d(k\x04\x001A2\x00", plain, 4, "draws no QR codes"},
		{"QR before it is set", start + "\x1d(k\x03\x001Q0", printer.Profile58, 4, "before model"},
		{"QR function", start + "\x1d(k\x03\x001Z0", printer.Profile58, 4, "function Z"},
		{"unknown GS (", start + "\x1d(Z\x01\x00a", printer.Profile58, 4, "GS ( Z"},
		{"a picture too wide", start + "\x1dv0\x00\x31\x00\x01\x00" + strings.Repeat("\x00", 49), printer.Profile58, 4, "392 dots"},
		{"a band too high", start + "\x1dv0\x00\x01\x00\x41\x00" + strings.Repeat("\x00", 65), printer.Profile58, 4, "65 rows"},
		{"a picture scaled", start + "\x1dv0\x01\x01\x00\x01\x00\x00", printer.Profile58, 4, "want 30 00"},
		{"a picture in a line", start + "a\x1dv0\x00\x01\x00\x01\x00\x00", printer.Profile58, 5, "no effect"},
		{"real time in a picture", start + "\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01", printer.Profile58, 4, "10 04 01"},
		{"DLE ENQ in a picture", start + "\x1dv0\x00\x03\x00\x01\x00\x00\x10\x05", printer.Profile58, 4, "real-time"},
		{"FS 2 without user characters", start + "\x1c2\xfe\xa1" + strings.Repeat("\x00", 72), printer.Profile58, 4, "defines no characters"},
		{"FS 2 outside the user area", start + "\x1c2\xb0\xa1" + strings.Repeat("\x00", 72), taught, 4, "want FE A1"},
		{"FS 2 in a line", start + "a\x1c2\xfe\xa1" + strings.Repeat("\x00", 72), taught, 5, "inside a line"},
		{"real time in a character", start + "\x1c2\xfe\xa1\x10\x14" + strings.Repeat("\x00", 70), taught, 4, "10 14"},
		{"a character that was not defined", start + "\x1c2\xfe\xa1" + strings.Repeat("\x00", 72) + "\xfe\xa1\xfe\xa2", taught, 82, "FE A2 is not defined"},
		{"a character that ESC @ took", start + "\x1c2\xfe\xa1" + strings.Repeat("\x00", 72) + start + "\xfe\xa1", taught, 84, "FE A1 is not defined"},
		{"drawer 7", start + "\x1bp\x07\x01\x01", printer.Profile58, 4, "no drawer 7"},
		{"fence 9", start + "\x1dr\x09", printer.Profile58, 4, "want 1"},
		{"id of controls", start + "\x1d(H\x06\x0000\x01234", printer.Profile58, 4, "20 to 7E"},
	} {
		s, _ := run(c.profile, sim.Confirmed, c.stream)
		got := s.Paper().Mistakes
		if len(got) != 1 || got[0].Offset != c.offset || !strings.Contains(got[0].Text, c.want) {
			t.Errorf("%s: %v, want one at byte %d with %q", c.name, got, c.offset, c.want)
		}
		if len(got) == 1 && !strings.Contains(s.Paper().Text(), got[0].Error()) {
			t.Errorf("%s: the paper does not say so: %q", c.name, s.Paper().Text())
		}
	}
}

// After a mistake the printer goes on.
func TestGoesOnAfterAMistake(t *testing.T) {
	s, _ := run(printer.Profile58, sim.Mute, start+"\x1bzabc\n")
	if got := s.Paper().Lines; !slices.Equal(got, []string{"!! byte 4: unknown: 1B 7A", "abc"}) {
		t.Errorf("the paper says %q", got)
	}
}

// What is wrong does not stand on the paper of a lax printer, and a line that is too
// wide goes on in the next.
func TestLax(t *testing.T) {
	s := sim.New(sim.Options{Profile: printer.Profile58, Lax: true})
	s.Write([]byte(start + "\x1bzabc\n" + strings.Repeat("d", 33) + "\n\x1cC\xffe\n"))
	paper := s.Paper()
	if want := []string{"abc", strings.Repeat("d", 32), "d", "e"}; !slices.Equal(paper.Lines, want) {
		t.Errorf("the paper says %q, want %q", paper.Lines, want)
	}
	if len(paper.Mistakes) != 3 || paper.Image.Height != 4*30 {
		t.Errorf("%v, and %d dots of paper", paper.Mistakes, paper.Image.Height)
	}
}

func TestAnswers(t *testing.T) {
	const id = "\x1d(H\x06\x0000ID42"
	for _, c := range []struct {
		level sim.Level
		want  string
	}{
		{sim.Mute, ""},
		{sim.Status, "\x12"},
		{sim.Fence, "\x12\x00"},
		{sim.Confirmed, "\x12\x00\x37\x22ID42\x00"},
	} {
		s, got := run(printer.Profile58, c.level, "\x10\x04\x02"+start+"abc\n\x1dr\x01"+id)
		if got != c.want || len(s.Paper().Mistakes) > 0 {
			t.Errorf("level %d answers %q, want %q; %v", c.level, got, c.want, s.Paper().Mistakes)
		}
	}
}

func TestPapersAreNumberedAndCut(t *testing.T) {
	var papers []sim.Paper
	var s *sim.Printer
	s = sim.New(sim.Options{Profile: printer.Profile58, OnPaper: func(p sim.Paper) {
		papers = append(papers, p)
		if next := s.Paper(); next.Number != p.Number+1 || next.Text() != "" {
			t.Errorf("while %d is handed over, %d hangs out: %q", p.Number, next.Number, next.Text())
		}
	}})
	s.Write([]byte(start + "one\n\x1dVB\x00two\n\x1dVB\x00thr"))
	if len(papers) != 2 || papers[0].Text() != "one" || papers[1].Text() != "two" || papers[1].Number != 2 {
		t.Fatalf("papers: %v", papers)
	}
	if !s.Pending() || s.Received() != int64(len(start)+19) {
		t.Errorf("pending %v after %d bytes", s.Pending(), s.Received())
	}
}

// Paper without end is cut off, so that nothing sent to the printer can fill the
// memory.
func TestPaperHasAnEnd(t *testing.T) {
	pieces, mistakes := 0, 0
	s := sim.New(sim.Options{Profile: printer.Profile58, OnPaper: func(p sim.Paper) {
		pieces++
		mistakes += len(p.Mistakes)
		if p.Image.Height > 20_400 {
			t.Errorf("a piece of %d dots", p.Image.Height)
		}
	}})
	s.Write([]byte(strings.Repeat("\n", 2000)))
	if pieces != 2 || mistakes != 2 {
		t.Errorf("%d pieces with %d mistakes, want 2 with one each", pieces, mistakes)
	}
}

func TestPNG(t *testing.T) {
	s, _ := run(printer.Profile58, sim.Mute, start+"\x1bE\x01\xb0\xa1\n")
	var file bytes.Buffer
	if err := s.Paper().PNG(&file); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&file)
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != 464 || size.Y != 30+48 {
		t.Errorf("58 mm paper with one line is %v dots, want 464 by 78", size)
	}
	dark := 0
	for y := range 78 {
		for x := range 464 {
			if r, _, _, _ := picture.At(x, y).RGBA(); r < 0x8000 {
				dark++
				if x < 40 || x > 40+24 || y < 24 || y > 48 {
					t.Fatalf("ink at %d,%d, outside the character", x, y)
				}
			}
		}
	}
	if dark < 60 {
		t.Errorf("啊 has %d dots", dark)
	}
}

func TestDeviceStallsAndResumes(t *testing.T) {
	papers := make(chan sim.Paper, 1)
	d, err := sim.Start(sim.Options{Profile: printer.Profile58, Level: sim.Status, OnPaper: func(p sim.Paper) { papers <- p }}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	host, err := os.OpenFile(d.Path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	d.Fail(sim.Stall)
	if _, err := host.WriteString(start + "one\n\x1dVB\x00\x10\x04\x01"); err != nil {
		t.Fatal(err)
	}
	select {
	case p := <-papers:
		t.Fatalf("a stalled printer printed %q", p.Text())
	case <-time.After(50 * time.Millisecond):
	}
	d.Mend()
	select {
	case p := <-papers:
		if p.Text() != "one" {
			t.Errorf("the paper says %q", p.Text())
		}
	case <-time.After(5 * time.Second):
		t.Fatal("the printer did not go on")
	}
	answer := make([]byte, 1)
	if _, err := host.Read(answer); err != nil || answer[0] != 0x12 {
		t.Errorf("the answer is %x, %v", answer, err)
	}
}

// FuzzPrinter: no stream breaks the printer itself, and how it is cut into writes
// makes no difference.
func FuzzPrinter(f *testing.F) {
	f.Add([]byte(start+"\xb0\xa1\n\x1dVB\x00"), 1)
	f.Add([]byte("\x1dv0\x00\xff\xff\xff\xff"), 3)
	f.Add([]byte(start+"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x05\x1d(k\x03\x001E1\x1d(k\x04\x001P0A\x1d(k\x03\x001Q0"), 7)
	f.Add([]byte("\x1cC\xff\xf0\x9f"), 2)
	f.Add([]byte(start+mark+"\xb0\xa1\n"+id+mark+execute+"\x1bp\x00\x19\xfa"), 3)
	f.Add([]byte(start+"\x1c2\xfe\xa1"+strings.Repeat("\x81", 72)+"\xfe\xa1\n"), 9)
	f.Add([]byte("\x1bd\xff\x1bd\xff\x1b3\xff\x1bd\xff"), 2)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		p := printer.Profile58
		p.UserChars = true
		if size&128 != 0 {
			p.Encoding = printer.UTF8
		}
		whole, _ := run(p, sim.Confirmed, string(stream))
		pieces := sim.New(sim.Options{Profile: p, Level: sim.Confirmed})
		for piece := range slices.Chunk(stream, 1+size&63) {
			pieces.Write(piece)
		}
		a, b := whole.Paper(), pieces.Paper()
		if a.Text() != b.Text() || !bytes.Equal(a.Image.Pix, b.Image.Pix) || a.Number != b.Number {
			t.Errorf("%q in pieces of %d says\n%s\nand whole\n%s", stream, 1+size&63, b.Text(), a.Text())
		}
	})
}
