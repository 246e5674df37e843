package printer_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
	"yizhan/printer/sim"
)

// lines prints a slip at 58 mm and returns what stands on the paper.
func lines(t *testing.T, s ...printer.Line) []string {
	t.Helper()
	paper := onPaper(t, printer.Profile58, encode(t, printer.Slip(s).With(printer.Cut()), printer.Profile58))
	return paper.Lines
}

func TestLayout(t *testing.T) {
	const long = "东北五常有机稻花香大米真空包装"
	for _, c := range []struct {
		name string
		line printer.Line
		want []string
	}{
		{"left", printer.Text("石桥"), []string{"石桥"}},
		{"centre", printer.Text("石桥").Centre(), []string{"              石桥"}},
		{"right", printer.Text("石桥").Right(), []string{"                            石桥"}},
		{"big centre", printer.Text("石桥").Centre().Big(), []string{"            石桥"}},
		{"big wraps at half the columns", printer.Text("石桥村文明实践站益栈").Wide(),
			[]string{"石桥村文明实践站", "益栈"}},
		{"pair", printer.Pair("单号", "A037"), []string{"单号                        A037"}},
		{"pair that just fits", printer.Pair("东北大米五常有机稻花香", "280 分"),
			[]string{"东北大米五常有机稻花香    280 分"}},
		{"pair that would touch", printer.Pair("东北大米五常有机稻花香五公", "280 分"),
			[]string{"东北大米五常有机稻花香五公", "                          280 分"}},
		{"pair that wraps", printer.Pair(long+"5公斤", "280 分"),
			[]string{"东北五常有机稻花香大米真空包装5", "公斤                      280 分"}},
		{"value on its own line", printer.Pair(long, "280 分"),
			[]string{long, "                          280 分"}},
		{"value wider than the paper", printer.Pair("备注", long+"五公斤"),
			[]string{"备注", "东北五常有机稻花香大米真空包装五", "                            公斤"}},
		{"label only", printer.Pair("备注", ""), []string{"备注"}},
		{"value only", printer.Pair("", "备注"), []string{"                            备注"}},
		{"row", printer.Row("大米", "12", "3360"), []string{"大米                  12    3360"}},
		{"row that wraps", printer.Row("东北五常有机稻花香", "12", "3360"),
			[]string{"东北五常有机稻花", "香                    12    3360"}},
		{"row with many columns", printer.Row("东北大米", "1", "22", "333"),
			[]string{"东北大米       1      22     333"}},
		{"row of wide columns", printer.Row("大米", "1234567890", "1234567890"),
			[]string{"大米       1234567890 1234567890"}},
		{"rule", printer.Rule(), []string{strings.Repeat("─", 16)}},
		{"bold rule", printer.Rule().Bold(), []string{strings.Repeat("━", 16)}},
		{"feed", printer.Feed(2), []string{"", ""}},
		{"no feed", printer.Feed(0), nil},
	} {
		if got := lines(t, c.line); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n%q\nwant\n%q", c.name, got, c.want)
		}
	}
}

// A slip is a value: adding to one does not change another that began the same.
func TestSlipWith(t *testing.T) {
	head := append(make(printer.Slip, 0, 8), printer.Text("头"))
	a := head.With(printer.Text("甲"))
	b := head.With(printer.Text("乙"))
	if got := lines(t, a...); !slices.Equal(got, []string{"头", "甲"}) {
		t.Errorf("after With for b, a is %q", got)
	}
	if got := lines(t, b...); !slices.Equal(got, []string{"头", "乙"}) {
		t.Errorf("b is %q", got)
	}
}

// variants are printers that differ in what their firmware can do.
func variants() []printer.Profile {
	all := slices.Clone(profiles)
	for _, text := range []string{"58mm utf8", "80mm raster-qr no-cutter", "58mm chinese-size", "58mm user-chars",
		"80mm-42 raster-qr chinese-size user-chars no-cutter", "80mm-42 utf8 raster-qr user-chars"} {
		p, err := printer.ParseProfile(text)
		if err != nil {
			panic(err)
		}
		p.Name = text
		all = append(all, p)
	}
	return all
}

func TestEveryPrinterSaysTheSame(t *testing.T) {
	want := ""
	for _, p := range variants() {
		paper := onPaper(t, p, encode(t, receipt(), p))
		var said []string
		for _, line := range paper.Lines {
			if words := strings.Join(strings.Fields(line), " "); words != "" && !strings.ContainsAny(words, "[━─") {
				said = append(said, words)
			}
		}
		got := strings.Join(said, "\n")
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("%s says\n%s\nwant\n%s", p.Name, got, want)
		}
	}
	if !strings.Contains(want, "东北大米 5公斤 ×1 280 分") {
		t.Errorf("the papers say %q", want)
	}
}

// TestComposedReceiptGolden: a receipt that was composed in code gives the bytes that
// it gave when the encoder was new.
func TestComposedReceiptGolden(t *testing.T) {
	for _, p := range profiles {
		golden(t, "composed-"+p.Name+".escpos", encode(t, receipt(), p))
	}
}

// TestRareNamesPrintAsThemselves compares the dots on the paper with the glyphs.
func TestRareNamesPrintAsThemselves(t *testing.T) {
	for _, p := range variants() {
		for _, name := range []string{"张㛃", "𬱖", "李𠮷", "䶮䶮", "阿依古丽·é㛃", "㛃龘", "😀",
			"㐀䶿", "𠀀𪛖", "𪜀𫜴", "𫝀𫠝", "𫠠𬺡", "𬺰𮯠", "𰀀𱍊", "𱍐𲎯", "𮯰", "\uF900\uFADA", "\U0002F800\U0002FA1D"} { // CJK extensions A to I, and compatibility
			slip := printer.Slip{printer.Text("上"), printer.Pair("姓名", name), printer.Text("下"), printer.Cut()}
			paper := onPaper(t, p, encode(t, slip, p))
			x, top := p.Columns*12, 32
			for _, r := range slices.Backward([]rune(name)) {
				want := glyph.Draw(r)
				x -= want.Width
				if !samePixels(paper.Image, x, top, want) {
					t.Errorf("%s: %c of %s is not on the paper at %d,%d", p.Name, r, name, x, top)
				}
			}
			if len(paper.Lines) < 3 || paper.Lines[0] != "上" || paper.Lines[2] != "下" {
				t.Errorf("%s: %s spoils its neighbours: %q", p.Name, name, paper.Lines)
			}
			if drawn := strings.HasPrefix(paper.Lines[1], "[picture"); drawn == (p.UserChars && p.Encoding == printer.GBK) {
				t.Errorf("%s: %s is sent as %q", p.Name, name, paper.Lines[1])
			}
		}
	}
}

func samePixels(paper *bitmap.Image, left, top int, want *bitmap.Image) bool {
	for y := range want.Height {
		for x := range want.Width {
			if paper.At(left+x, top+y) != want.At(x, y) {
				return false
			}
		}
	}
	return true
}

// A drawn line looks like a printed one: the same size, place and weight.
func TestDrawnLineMatchesPrintedLine(t *testing.T) {
	for _, c := range []struct {
		name         string
		style        func(printer.Line) printer.Line
		left         int // where 王 begins, in dots
		scaleX, bold int
	}{
		{"plain", func(l printer.Line) printer.Line { return l }, 0, 1, 0},
		{"bold", printer.Line.Bold, 0, 1, 1},
		{"wide", printer.Line.Wide, 0, 2, 0},
		{"tall", printer.Line.Tall, 0, 1, 0},
		{"big", printer.Line.Big, 0, 2, 0},
		{"centre", func(l printer.Line) printer.Line { return l.Centre().Big().Bold() }, (384 - 144) / 2, 2, 1},
		{"right", printer.Line.Right, 384 - 72, 1, 0},
	} {
		show := func(text string) sim.Paper {
			slip := printer.Slip{c.style(printer.Text(text)), printer.Text("下"), printer.Cut()}
			return onPaper(t, printer.Profile58, encode(t, slip, printer.Profile58))
		}
		// The box for the emoji is to be the only difference between the two.
		printed, drawn := show("王口明"), show("王😀明")
		if !strings.HasPrefix(drawn.Lines[0], "[picture") || drawn.Image.Height != printed.Image.Height {
			t.Fatalf("%s: drawn as %q, %d dots high, want %d", c.name, drawn.Lines, drawn.Image.Height, printed.Image.Height)
		}
		from, to := c.left+24*c.scaleX, c.left+48*c.scaleX+c.bold
		for y := range printed.Image.Height {
			for x := range printed.Image.Width {
				if printed.Image.At(x, y) != drawn.Image.At(x, y) && (x < from || x >= to) {
					t.Fatalf("%s: the lines differ at %d,%d", c.name, x, y)
				}
			}
		}
	}
}

// Firmware that enlarges Chinese only by FS ! gets both commands.
func TestChineseSize(t *testing.T) {
	apart := printer.Profile58
	apart.ChineseSize = true
	for _, line := range []printer.Line{printer.Text("栈A").Big(), printer.Text("栈A").Wide(), printer.Text("栈A").Tall()} {
		slip := printer.Slip{line, printer.Text("栈A"), printer.Cut()}
		want := onPaper(t, printer.Profile58, encode(t, slip, printer.Profile58))
		if got := onPaper(t, apart, encode(t, slip, apart)); !bytes.Equal(got.Image.Pix, want.Image.Pix) {
			t.Errorf("the paper looks different")
		}
	}
}

// A firmware may spend a byte on every character of a QR code; its larger code must
// still be no wider than the paper.
func TestNativeQRFitsInByteMode(t *testing.T) {
	for _, c := range []struct {
		bytes int
		size  byte // 384 dots by 4 x version + 17 modules in byte mode
	}{{14, 6}, {180, 6}, {287, 5}, {400, 4}, {600, 4}} {
		stream := encode(t, printer.Slip{printer.QR(strings.Repeat("A", c.bytes))}, printer.Profile58)
		if want := []byte{0x1D, '(', 'k', 3, 0, '1', 'C', c.size}; !bytes.Contains(stream, want) {
			t.Errorf("%d bytes: no % X in the stream", c.bytes, want)
		}
	}
}

// A code of sixty bytes costs some hundred on the line when the printer draws it, and
// thousands when we do.
func TestNativeQRIsShort(t *testing.T) {
	for _, c := range []struct {
		native      bool
		least, most int
	}{{true, 60, 115}, {false, 4000, 10000}} {
		p := printer.Profile58
		p.NativeQR = c.native
		n := len(encode(t, printer.Slip{printer.QR(strings.Repeat("a", 60))}, p)) - len(encode(t, nil, p))
		if n < c.least || n > c.most {
			t.Errorf("native %v: %d bytes, want %d to %d", c.native, n, c.least, c.most)
		}
		t.Logf("native %v: %d bytes", c.native, n)
	}
}

// GS V does nothing inside a line, and firmware is in one after a picture, whatever of no
// lines is fed in between.
func TestACutAfterAPicture(t *testing.T) {
	p := printer.Profile58
	p.NativeQR = false
	for _, before := range []printer.Slip{{printer.QR("YZ1:A")}, {printer.Text("㛃")}, {printer.QR("YZ1:A"), printer.Feed(0)}} {
		if stream := encode(t, before.With(printer.Cut()), p); !bytes.HasSuffix(stream, []byte("\n\x1dV\x42\x00")) {
			t.Errorf("the stream ends % X", stream[max(0, len(stream)-8):])
		}
	}
}

// Where nothing cuts, the last line comes out far enough to be torn off above it.
func TestPaperWithoutACutterComesOut(t *testing.T) {
	p := printer.Profile58
	p.Cutter = false
	slip := printer.Slip{printer.Text("益栈")}
	before, after := onPaper(t, p, encode(t, slip, p)), onPaper(t, p, encode(t, slip.With(printer.Cut()), p))
	if came := after.Image.Height - before.Image.Height; came < 100 { // 12.5 mm
		t.Errorf("%d dots came out after the last line", came)
	}
}

func TestEncodeRefuses(t *testing.T) {
	odd := printer.Profile58
	odd.Dots = 380
	tooMany := printer.Profile58
	tooMany.Columns = 40
	narrow := printer.Profile{Name: "narrow", Columns: 16, Dots: 192, NativeQR: true}
	drawn := narrow
	drawn.NativeQR = false
	for _, c := range []struct {
		name    string
		slip    printer.Slip
		profile printer.Profile
		want    string
	}{
		{"a profile that isn't one", nil, odd, "multiple of 8"},
		{"columns wider than the paper", nil, tooMany, "16 to 32"},
		{"too many lines", make(printer.Slip, printer.MaxLines+1), printer.Profile58, "401 lines"},
		{"a text too long", printer.Slip{printer.Rule(), printer.Text(strings.Repeat("a", printer.MaxTextBytes+1))}, printer.Profile58, "line 2"},
		{"QR without payload", printer.Slip{printer.QR("")}, printer.Profile58, "no payload"},
		{"QR in Chinese", printer.Slip{printer.QR("YZ1:益")}, printer.Profile58, "printable ASCII"},
		{"QR with a line end", printer.Slip{printer.QR("YZ1:A\n")}, printer.Profile58, "printable ASCII"},
		{"QR with DEL", printer.Slip{printer.QR("YZ1:A\x7f")}, printer.Profile58, "printable ASCII"},
		{"QR too large for the paper", printer.Slip{printer.QR(strings.Repeat("a", printer.MaxQRBytes))}, narrow, "does not fit 192 dots"},
		{"a drawn QR too large for the paper", printer.Slip{printer.QR(strings.Repeat("a", printer.MaxQRBytes))}, drawn, "does not fit 192 dots"},
		{"QR too long", printer.Slip{printer.QR(strings.Repeat("A", printer.MaxQRBytes+1))}, printer.Profile58, "601 bytes"},
		{"feed for ever", printer.Slip{printer.Feed(1000)}, printer.Profile58, "1000 lines"},
		{"feed backwards", printer.Slip{printer.Feed(-1)}, printer.Profile58, "-1 lines"},
	} {
		stream, err := printer.Encode(c.slip, c.profile)
		if err == nil || !strings.Contains(err.Error(), c.want) || stream != nil {
			t.Errorf("%s: got %d bytes and %v, want an error with %q", c.name, len(stream), err, c.want)
		}
	}
}

// TestLongestQRFits is the contract that composers of receipts rely on.
func TestLongestQRFits(t *testing.T) {
	for _, p := range variants() {
		for _, text := range []string{strings.Repeat("A1", printer.MaxQRBytes/2), strings.Repeat("a", printer.MaxQRBytes)} {
			paper := onPaper(t, p, encode(t, printer.Slip{printer.QR(text), printer.Cut()}, p))
			if p.NativeQR && !slices.Equal(paper.QR, []string{text}) {
				t.Errorf("%s: QR on paper: %q", p.Name, paper.QR)
			}
		}
	}
}

// TestPicturesHoldNoRealTimeCommands tries every pair of bytes that could become
// one, at the border of a row and of a band too.
func TestPicturesHoldNoRealTimeCommands(t *testing.T) {
	picture := bitmap.New(3*8, 3*256)
	for i := range 256 {
		copy(picture.Pix[i*9:], []byte{0x10, 0x04, byte(i), 0x10, 0x05, byte(i), 0x10, 0x14, byte(i)})
	}
	paper := onPaper(t, printer.Profile58, printer.EncodePicture(picture, printer.Profile58))
	for y := range picture.Height {
		for x := range picture.Width {
			if picture.At(x, y) && !paper.Image.At(x, y) {
				t.Fatalf("the dot at %d,%d was lost", x, y)
			}
		}
	}
}

func FuzzThicken(f *testing.F) {
	f.Add([]byte{0x10, 0x04, 0x01})
	f.Add([]byte{0x10, 0x10, 0x05, 0x10, 0x14})
	f.Fuzz(func(t *testing.T, pix []byte) {
		safe := slices.Clone(pix)
		printer.Thicken(safe)
		for i, b := range pix {
			if safe[i]&b != b || safe[i]&^b&^0x20 != 0 {
				t.Errorf("byte %d: %02x became %02x", i, b, safe[i])
			}
		}
		for _, bad := range []string{"\x10\x04\x01", "\x10\x04\x02", "\x10\x04\x03", "\x10\x04\x04", "\x10\x05", "\x10\x14"} {
			if bytes.Contains(safe, []byte(bad)) {
				t.Errorf("% X still holds % X", safe, bad)
			}
		}
	})
}

// FuzzEncode: whatever people are called, the stream stays whole, also when the
// status is asked between its pieces; every piece of text stands on the paper, and
// the lines above and below are not touched.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"张伟", "㛃𬱖", "\x1b@\x1dV\x42\x00", "\x10\x04\x01\x10\x05\x01", "a\x00b\n\r\tc", "\u202eabc",
		"👨\u200d👩\u200d👧", "¥€", "\xff\xfe\x81\x30", "（（（（（（（（（（（（（（（（（（（（", strings.Repeat("长", 200), "𠀀𪜀𫝀𫠠𬺰𰀀𱍐",
		"한글", "नमस्ते", "مرحبا", "e\u0301\u0301\u0301", "\ue863\U000f0000", "[picture", "阿卜杜热合曼·阿卜杜拉"} {
		for i := range variants() {
			f.Add(s, uint16(i)<<5)
			f.Add(s, uint16(i)<<5|0x1F)
		}
	}
	f.Fuzz(func(t *testing.T, s string, options uint16) {
		if len(s) > printer.MaxTextBytes {
			return
		}
		style := func(l printer.Line) printer.Line {
			for bit, change := range []func(printer.Line) printer.Line{printer.Line.Bold, printer.Line.Wide, printer.Line.Tall, printer.Line.Centre, printer.Line.Right} {
				if options&(1<<bit) != 0 {
					l = change(l)
				}
			}
			return l
		}
		all := variants()
		p := all[int(options>>5)%len(all)]
		for _, line := range []printer.Line{printer.Text(s), printer.Pair(s, "280 分"), printer.Pair("姓名", s), printer.Row(s, s, "1")} {
			slip := printer.Slip{printer.Text("上面"), style(line), printer.Text("下面"), printer.Cut()}
			pieces, err := printer.Pieces(slip, p)
			if err != nil {
				t.Fatal(err)
			}
			if err := between(p, asking(t, p, pieces), s); err != nil {
				t.Errorf("%s, options %02x, %q: %v", p.Name, options, s, err)
			}
		}
	})
}

// between checks that the neighbours are whole and that s, as far as it was sent as
// text, stands between them.
func between(p printer.Profile, paper sim.Paper, s string) error {
	lines := paper.Lines
	for len(lines) > 0 && lines[len(lines)-1] == "" { // fed to be torn off
		lines = lines[:len(lines)-1]
	}
	if len(lines) < 2 || lines[0] != "上面" || lines[len(lines)-1] != "下面" {
		return fmt.Errorf("the paper says %q", lines)
	}
	want, ok := asText(p, unspaced(printer.Normalize(s)))
	said := unspaced(strings.Join(lines, ""))
	if ok && !strings.Contains(said, want) {
		return fmt.Errorf("the paper says %q without %q", said, want)
	}
	if strings.Contains(said, "?") && !strings.Contains(s, "?") {
		return fmt.Errorf("the paper asks %q", said)
	}
	return nil
}

// asText is how normalised text is shown that p prints as text, all of it.
func asText(p printer.Profile, normal string) (string, bool) {
	defined := map[rune]bool{}
	shown := strings.Map(func(r rune) rune {
		if printer.Printable(string(r)) {
			return r
		}
		defined[r] = true
		return '〓'
	}, normal)
	return shown, len(defined) == 0 || p.UserChars && p.Encoding == printer.GBK && len(defined) <= printer.MaxUserChars
}

func BenchmarkEncode(b *testing.B) {
	rare := receipt().With(printer.Pair("姓名", "张㛃"))
	for _, c := range []struct {
		name string
		slip printer.Slip
	}{{"receipt", receipt()}, {"receipt with a rare name", rare}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := printer.Encode(c.slip, printer.Profile58); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
