package probe

import (
	"bytes"
	"fmt"
	"strings"

	"yizhan/printer"
	"yizhan/printer/bitmap"
	"yizhan/printer/glyph"
)

// What the lines say. Every line that could turn out as rubbish ends with its letter
// again: half a character at its end swallows that, and not the line end.
const (
	heading  = "YIZHAN PRINTER TEST"
	nameText = "益栈积分"
	plain    = "春夏" // in line F
	separate = "秋冬" // in line G
	rare     = '㛃'
)

// The codes say which is which to whoever scans them. The one that the printer draws
// is longer than 28 bytes, because firmware that prints what it does not know should
// not find a control character where its length stands.
const (
	drawnCode  = "YIZHAN PRINTER TEST: THIS IS CODE J"
	nativeCode = "YIZHAN PRINTER TEST: THIS IS CODE K"
)

// Page is the test page, some 8 KB: the same for every printer, about 15 cm long.
//
// Nearly every line is what [printer.Encode] writes for a printer of that kind, so
// that what is tried is what will be used. Each begins with ESC @ and states its own
// character set, whatever the line before has done to the printer; the last thing
// sent is ESC @, too. What a firmware is likeliest to stumble over stands last, and
// what it prints when it does not know a command holds no control character. No
// picture is wider than the narrowest paper, and none holds a real-time command.
func Page() []byte {
	gbk, utf8, drawn := printer.Profile58, printer.Profile58, printer.Profile58
	utf8.Encoding = printer.UTF8
	drawn.NativeQR = false
	gbkApart, utf8Apart := gbk, utf8
	gbkApart.ChineseSize, utf8Apart.ChineseSize = true, true

	var out bytes.Buffer
	line := func(p printer.Profile, lines ...printer.Line) { out.Write(encode(p, lines)) }
	line(gbk, printer.Text(heading))
	line(gbk, lettered("A", nameText))
	line(utf8, lettered("B", nameText))
	for _, w := range widths {
		line(w.profile, printer.Text(ruler(w.letter, w.profile.Columns)))
	}
	// Whichever of the two character sets is the printer's, in one of them the size
	// of its Chinese can be seen.
	line(gbk, lettered("F", plain).Big())
	line(utf8, lettered("F", plain).Big())
	line(gbkApart, lettered("G", separate).Big())
	line(utf8Apart, lettered("G", separate).Big())
	line(gbk, lettered("H", string(rare)), printer.Feed(1))
	line(drawn, printer.Text("J"), printer.QR(drawnCode), printer.Feed(1))
	line(gbk, printer.Text("K"), printer.QR(nativeCode), printer.Feed(1))
	out.Write(taughtLine())
	// Without a cutter, the blank lines bring the page out.
	line(gbk, lettered("M", "- - - - - - - - - - -"), printer.Feed(4), printer.Cut())
	out.WriteString("\x1b@") // ESC @
	return out.Bytes()
}

func encode(p printer.Profile, lines printer.Slip) []byte {
	b, err := printer.Encode(lines, p)
	if err != nil {
		panic(fmt.Sprintf("probe: %v", err))
	}
	return b
}

// lettered is a line that begins and ends with its letter.
func lettered(letter, text string) printer.Line {
	return printer.Text(letter + " " + text + " " + letter)
}

// ruler is a line of exactly so many cells. Its end mark is the last of them.
func ruler(letter string, cells int) string {
	start := fmt.Sprintf("%s %d ", letter, cells)
	return start + strings.Repeat("-", cells-len(start)-1) + "|"
}

// taughtLine defines the rare character by FS 2 and prints it.
func taughtLine() []byte {
	const code = "\xfe\xa1"
	var out bytes.Buffer
	out.WriteString("\x1b@\x1c&")   // ESC @, FS &
	out.WriteString("\x1c2" + code) // FS 2
	picture := taught()
	for x := range picture.Width {
		for y := 0; y < picture.Height; y += 8 {
			out.WriteByte(column(picture, x, y))
		}
	}
	out.WriteString("L " + code + " L\n")
	return out.Bytes()
}

// taught is the rare character as it is defined. A firmware without FS 2 takes the
// data for text, and would obey the control characters in it; so every eight dots
// that would make one get one dot more. The character is moved up by one dot, where
// fewest of its strokes need that.
func taught() *bitmap.Image {
	picture := bitmap.New(glyph.Width, glyph.Height)
	picture.Draw(glyph.Draw(rare), 0, -1, 1, 1, false)
	for x := range picture.Width {
		for y := 0; y < picture.Height; y += 8 {
			switch c := column(picture, x, y); {
			case c > 0 && c < 0x20:
				picture.Set(x, y+2)
			case c == 0x7F:
				picture.Set(x, y)
			}
		}
	}
	return picture
}

// column is eight dots from x, y down, the uppermost in the highest bit.
func column(picture *bitmap.Image, x, y int) byte {
	var c byte
	for i := range 8 {
		c <<= 1
		if picture.At(x, y+i) {
			c |= 1
		}
	}
	return c
}
