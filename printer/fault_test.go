package printer_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/printer"
	"yizhan/printer/bitmap"
	"yizhan/printer/sim"
)

// short has one of everything that a stream can be inside of.
func short() printer.Slip {
	return printer.Slip{
		printer.Text("益栈").Centre().Big(),
		printer.Pair("姓名", "张㛃").Bold(),
		printer.QR("YZ1:ABC"),
		printer.Text("A037"),
		printer.Cut(),
	}
}

// broken prints stream on a printer that f befalls at offset and that is mended
// when everything has been sent, and returns the printer and its papers.
func broken(p printer.Profile, stream []byte, offset int64, f sim.Fault) (*sim.Printer, []sim.Paper) {
	var papers []sim.Paper
	s := sim.New(sim.Options{Profile: p, OnPaper: func(paper sim.Paper) { papers = append(papers, paper) }})
	s.FailAt(offset, f)
	s.Write(stream)
	s.Mend()
	return s, papers
}

// TestPaperOutAnywhere: a printer that comes back prints on where it stopped.
func TestPaperOutAnywhere(t *testing.T) {
	t.Parallel()
	p := printer.Profile58
	stream := encode(t, short(), p)
	want := onPaper(t, p, stream)
	for offset := range int64(len(stream)) {
		for _, f := range []sim.Fault{sim.PaperOut, sim.CoverOpen} {
			s, papers := broken(p, stream, offset, f)
			if len(papers) != 1 || s.Pending() || papers[0].Text() != want.Text() || !bytes.Equal(papers[0].Image.Pix, want.Image.Pix) {
				t.Fatalf("fault %d at byte %d: %d papers", f, offset, len(papers))
			}
		}
	}
}

// TestResyncAnywhere: wherever a job broke off, what is sent after Resync is whole.
func TestResyncAnywhere(t *testing.T) {
	t.Parallel()
	pictures, characters := printer.Profile58, printer.Profile58
	pictures.NativeQR, characters.UserChars = false, true
	for _, p := range []printer.Profile{pictures, characters} {
		resyncAnywhere(t, p)
	}
}

func resyncAnywhere(t *testing.T, p printer.Profile) {
	first, second := encode(t, short(), p), encode(t, printer.Slip{printer.Text("第二张"), printer.Cut()}, p)
	step := 1
	if testing.Short() {
		step = 7
	}
	for cut := 0; cut < len(first); cut += step {
		stream := slices.Concat(first[:cut], printer.Resync(p), second)
		s, papers := broken(p, stream, -1, 0)
		wholeAfter(t, cut, s, papers, int64(len(stream)-len(second)))
	}
}

// TestResyncFillsTheLargestPicture: nothing but the head of the largest picture that is
// ever sent has come.
func TestResyncFillsTheLargestPicture(t *testing.T) {
	for _, p := range profiles {
		picture := printer.EncodePicture(bitmap.New(p.Dots, printer.MaxBandRows), p)
		head := picture[:bytes.Index(picture, []byte("\x1dv0"))+8]
		second := encode(t, printer.Slip{printer.Text("第二张"), printer.Cut()}, p)
		stream := slices.Concat(head, printer.Resync(p), second)
		s, papers := broken(p, stream, -1, 0)
		wholeAfter(t, len(head), s, papers, int64(len(stream)-len(second)))
	}
}

// TestPowerCycleAnywhere: a printer that lost its memory prints the rest of the job
// as rubbish, but not what comes after Resync.
func TestPowerCycleAnywhere(t *testing.T) {
	t.Parallel()
	drawing, defining := printer.Profile58, printer.Profile58
	defining.UserChars = true
	for _, p := range []printer.Profile{drawing, defining} {
		first, second := encode(t, short(), p), encode(t, printer.Slip{printer.Text("第二张"), printer.Cut()}, p)
		for offset := range len(first) {
			stream := slices.Concat(first, printer.Resync(p), second)
			s, papers := broken(p, stream, int64(offset), sim.PowerCycle)
			wholeAfter(t, offset, s, papers, int64(len(stream)-len(second)))
		}
	}
}

// wholeAfter checks that the last piece of paper ends with the second slip, and
// that nothing sent from the offset on was a mistake.
func wholeAfter(t *testing.T, at int, s *sim.Printer, papers []sim.Paper, offset int64) {
	t.Helper()
	if len(papers) == 0 || s.Pending() {
		t.Fatalf("broken at byte %d: %d papers, pending %v", at, len(papers), s.Pending())
	}
	last := papers[len(papers)-1]
	if !strings.HasSuffix(last.Text(), "第二张") {
		t.Fatalf("broken at byte %d: the last paper says\n%s", at, last.Text())
	}
	for _, m := range last.Mistakes {
		if m.Offset >= offset {
			t.Fatalf("broken at byte %d: %v", at, m)
		}
	}
}

// TestResyncOnASoundPrinter leaves no trace.
func TestResyncOnASoundPrinter(t *testing.T) {
	for _, p := range profiles {
		stream := encode(t, receipt(), p)
		want, got := onPaper(t, p, stream), onPaper(t, p, append(printer.Resync(p), stream...))
		if !bytes.Equal(got.Image.Pix, want.Image.Pix) {
			t.Errorf("%s: the paper looks different", p.Name)
		}
	}
}

// TestFaultsOverTheLine: what the host sees of each fault.
func TestFaultsOverTheLine(t *testing.T) {
	papers := make(chan sim.Paper, 1)
	device, err := sim.Start(sim.Options{Profile: printer.Profile58, Level: sim.Confirmed, OnPaper: func(p sim.Paper) { papers <- p }}, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	port := open(t, device.Path, 115200)
	ask := func(what, question, want string) {
		t.Helper()
		if _, err := port.Send(t.Context(), []byte(question)); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 16)
		n, err := port.Read(got, time.Second)
		if err != nil || string(got[:n]) != want {
			t.Errorf("%s: answered % X, %v, want % X", what, got[:n], err, want)
		}
	}
	const why, roll, online, fence = "\x10\x04\x02", "\x10\x04\x04", "\x10\x04\x01", "\x1dr\x01"
	ask("sound", online, "\x12")
	ask("fence", fence, "\x00")
	device.SetNearEnd(true)
	ask("near end", roll, "\x1e")
	ask("near end, in order", fence, "\x03")
	device.Fail(sim.PaperOut)
	ask("paper out", why, "\x32")
	ask("paper out", roll, "\x7e")
	ask("paper out", online, "\x1a")
	device.Mend()
	device.Fail(sim.CoverOpen)
	ask("cover open", why, "\x16")

	// Offline it keeps the job, and the fence is not answered before the paper.
	stream := append(encode(t, short(), printer.Profile58), fence...)
	if _, err := port.Send(t.Context(), stream); err != nil {
		t.Fatal(err)
	}
	if n, err := port.Read(make([]byte, 1), 50*time.Millisecond); err == nil {
		t.Errorf("the fence was answered with %d bytes before anything was printed", n)
	}
	device.Mend()
	if got, err := readByte(port); err != nil || got != 0x00 {
		t.Errorf("mended, the fence answers %x, %v", got, err)
	}
	select {
	case p := <-papers:
		if p.Text() != onPaper(t, printer.Profile58, encode(t, short(), printer.Profile58)).Text() {
			t.Errorf("the paper says\n%s", p.Text())
		}
	case <-time.After(5 * time.Second):
		t.Error("no paper after mending")
	}

	device.Fail(sim.Garbage)
	for {
		b, err := readByte(port)
		if err != nil {
			break
		}
		if b&0x93 == 0x12 {
			t.Errorf("the noise holds a valid status: %x", b)
		}
	}
	device.Fail(sim.Unplug)
	if _, err := readByte(port); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("unplugged, reading says %v", err)
	}
}

func readByte(port *printer.Port) (byte, error) {
	var b [1]byte
	n, err := port.Read(b[:], 300*time.Millisecond)
	if err == nil && n == 0 {
		err = errors.New("nothing")
	}
	return b[0], err
}

// TestAutomaticStatus: asked for with GS a, it comes by itself, until the power is
// cut.
func TestAutomaticStatus(t *testing.T) {
	var answers bytes.Buffer
	s := sim.New(sim.Options{Profile: printer.Profile58, Level: sim.Status, Answer: &answers})
	s.Fail(sim.PaperOut) // not asked yet
	s.Mend()
	s.Write([]byte("\x1da\xff"))
	s.Fail(sim.PaperOut)
	s.Mend()
	s.Fail(sim.CoverOpen)
	s.Fail(sim.PowerCycle)
	s.Mend()
	const ok, noPaper, open = "\x10\x00\x00\x00", "\x18\x00\x0c\x00", "\x38\x00\x00\x00"
	if got := answers.String(); got != ok+noPaper+ok+open {
		t.Errorf("it said % X", got)
	}
}
