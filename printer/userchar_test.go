package printer_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/bitmap"
	"yizhan/printer/sim"
)

// taught is a 58 mm printer that knows FS 2.
func taught() printer.Profile {
	p := printer.Profile58
	p.UserChars = true
	return p
}

// definitions counts the FS 2 of a stream.
func definitions(stream []byte) int { return bytes.Count(stream, []byte{0x1C, '2', 0xFE}) }

// styles are all that a line can look like.
func styles() []func(printer.Line) printer.Line {
	plain := func(l printer.Line) printer.Line { return l }
	all := []func(printer.Line) printer.Line{plain}
	for _, change := range []func(printer.Line) printer.Line{printer.Line.Bold, printer.Line.Wide, printer.Line.Tall, printer.Line.Centre} {
		for _, before := range slices.Clone(all) {
			all = append(all, func(l printer.Line) printer.Line { return change(before(l)) })
		}
	}
	return append(all, printer.Line.Right)
}

// A defined character looks as a drawn one in every style, dot by dot, also where
// Chinese is enlarged by FS !.
func TestDefinedLooksDrawn(t *testing.T) {
	apart := taught()
	apart.ChineseSize = true
	for i, style := range styles() {
		slip := printer.Slip{style(printer.Text("张㛃A𬱖")), style(printer.Text("李龘𠮷")), printer.Text("下"), printer.Cut()}
		want := onPaper(t, printer.Profile58, encode(t, slip, printer.Profile58))
		for _, p := range []printer.Profile{taught(), apart} {
			got := onPaper(t, p, encode(t, slip, p))
			if !strings.Contains(got.Lines[0], "张〓A〓") || !strings.Contains(got.Lines[1], "李龘〓") {
				t.Errorf("%s, style %d: the paper says %q", p, i, got.Lines)
			}
			if !bytes.Equal(got.Image.Pix, want.Image.Pix) {
				t.Errorf("%s, style %d: the papers differ", p, i)
			}
		}
	}
}

// A character is defined once in a slip, however often it stands there.
func TestDefinedOnce(t *testing.T) {
	slip := printer.Slip{printer.Text("㛃㛃"), printer.Pair("姓名", "㛃"), printer.Row("𬱖㛃", "1"), printer.Cut()}
	stream := encode(t, slip, taught())
	if n := definitions(stream); n != 2 {
		t.Errorf("%d definitions, want 2", n)
	}
	if got := onPaper(t, taught(), stream).Lines; got[0] != "〓〓" || !strings.HasPrefix(got[2], "〓〓 ") {
		t.Errorf("the paper says %q", got)
	}
}

// When the printer can learn no more, the lines that need more are drawn, and those
// that don't are still text.
func TestMoreThanThePrinterLearns(t *testing.T) {
	slip := printer.Slip{}
	for i := range printer.MaxUserChars {
		slip = slip.With(printer.Text("第" + string(rune(0x3500+i))))
	}
	slip = slip.With(printer.Text("㛃"), printer.Text("\u3500㛃"), printer.Text("\u3500"), printer.Cut())
	stream := encode(t, slip, taught())
	lines := onPaper(t, taught(), stream).Lines[printer.MaxUserChars-1:]
	if n := definitions(stream); n != printer.MaxUserChars || lines[0] != "第〓" || lines[3] != "〓" ||
		!strings.HasPrefix(lines[1], "[picture") || !strings.HasPrefix(lines[2], "[picture") {
		t.Errorf("%d definitions, the paper ends %q", n, lines)
	}
	if other := encode(t, printer.Slip{printer.Text("㛃"), printer.Cut()}, taught()); definitions(other) != 1 {
		t.Errorf("the next slip has %d definitions", definitions(other))
	}
}

// Whether ESC @ forgets characters or keeps them, a slip shows its own.
func TestDefinitionsOfAnEarlierSlip(t *testing.T) {
	slip := func(name string) []byte {
		return encode(t, printer.Slip{printer.Text(name), printer.Cut()}, taught())
	}
	var papers []sim.Paper
	s := sim.New(sim.Options{Profile: taught(), OnPaper: func(p sim.Paper) { papers = append(papers, p) }})
	s.Write(slip("㛃"))
	s.Write(bytes.TrimPrefix(slip("𬱖"), []byte("\x1b@"))) // as if it kept them
	s.Write(slip("𠮷"))
	for i, name := range []string{"㛃", "𬱖", "𠮷"} {
		if want := onPaper(t, taught(), slip(name)); !bytes.Equal(papers[i].Image.Pix, want.Image.Pix) {
			t.Errorf("paper %d does not show %s", i, name)
		}
	}
}

// obeyedAnywhere are the sequences that firmware obeys inside data too.
var obeyedAnywhere = []string{"\x10\x04\x01", "\x10\x04\x02", "\x10\x04\x03", "\x10\x04\x04", "\x10\x05", "\x10\x14"}

// safe checks that a stream holds none of them anywhere, and reads its commands
// far enough to see that no band is too high.
func safe(stream []byte) error {
	for _, bad := range obeyedAnywhere {
		if at := bytes.Index(stream, []byte(bad)); at >= 0 {
			return fmt.Errorf("% X at byte %d", bad, at)
		}
	}
	for at := 0; ; {
		next := bytes.Index(stream[at:], []byte("\x1dv0\x00"))
		if next < 0 {
			return nil
		}
		head := stream[at+next : at+next+8]
		rows := int(head[6]) + int(head[7])<<8
		if rows > printer.MaxBandRows {
			return fmt.Errorf("a band of %d rows", rows)
		}
		at += next + 8 + rows*(int(head[4])+int(head[5])<<8)
	}
}

// TestNoRealTimeCommandInData prints the characters whose dots would be such a
// command, as columns (the first five) or as rows, and random names and pictures.
func TestNoRealTimeCommandInData(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	names := []string{"㑳", "㮍", "㶭", "㹵䌯", "㩲", "㔤", "㫺", "张䑻", "李䩏"}
	for range 60 {
		name := make([]rune, 6)
		for i := range name {
			name[i] = 0x3400 + random.Int32N(0x31000)
		}
		names = append(names, string(name))
	}
	for _, p := range variants() {
		for _, name := range names {
			slip := printer.Slip{printer.Text(name), printer.Text(name).Big().Bold().Centre(), printer.Cut()}
			stream := encode(t, slip, p)
			if err := safe(stream); err != nil {
				t.Errorf("%s, %s, seed %d: %v", p.Name, name, seed, err)
			}
			onPaper(t, p, stream)
		}
		picture := bitmap.New(p.Dots, 200)
		for i := range picture.Pix {
			picture.Pix[i] = "\x10\x04\x05\x14\x01\x00"[random.IntN(6)]
		}
		stream := printer.EncodePicture(picture, p)
		if err := safe(stream); err != nil {
			t.Errorf("%s, a picture, seed %d: %v", p.Name, seed, err)
		}
		onPaper(t, p, stream)
	}
}

// An added dot is no other character: it touches the one that it stands beside.
func TestThickenedCharacter(t *testing.T) {
	stream := encode(t, printer.Slip{printer.Text("㑳"), printer.Cut()}, taught())
	paper := onPaper(t, taught(), stream)
	want, added := encode(t, printer.Slip{printer.Text("㑳"), printer.Cut()}, printer.Profile58), 0
	drawn := onPaper(t, printer.Profile58, want)
	for y := range paper.Image.Height {
		for x := range paper.Image.Width {
			switch {
			case paper.Image.At(x, y) == drawn.Image.At(x, y):
			case paper.Image.At(x, y) && drawn.Image.At(x, y+1):
				added++
			default:
				t.Fatalf("the character differs at %d,%d", x, y)
			}
		}
	}
	if added != 1 {
		t.Errorf("%d dots were added, want 1", added)
	}
}
