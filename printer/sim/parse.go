package sim

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"yizhan/printer"
	"yizhan/printer/bitmap"
)

// The bytes that begin a command.
const (
	lf  = 0x0A
	dle = 0x10
	esc = 0x1B
	fs  = 0x1C
	gs  = 0x1D
)

// fixed are the commands of a length that does not depend on their parameters.
var fixed = map[[2]byte]int{
	{esc, '@'}: 2, {esc, '2'}: 2, {esc, '3'}: 3, {esc, 'E'}: 3, {esc, 'a'}: 3,
	{esc, 'd'}: 3, {esc, 'p'}: 5,
	{fs, '&'}: 2, {fs, '.'}: 2, {fs, '!'}: 3, {fs, 'C'}: 3, {fs, '2'}: 4 + userBytes,
	{gs, '!'}: 3, {gs, 'V'}: 4, {gs, 'a'}: 3, {gs, 'r'}: 3,
	{gs, ':'}: 2, {gs, '^'}: 5,
	{dle, 0x04}: 3,
}

// process is the parser: it gathers bytes until they are a character or a command.
// The byte c came in at the offset at.
func (p *Printer) process(c byte, at int64) {
	if len(p.command) == 0 {
		p.began = at
	}
	p.command = append(p.command, c)
	n := p.length()
	if n > len(p.command) {
		p.realTimeInData()
		return
	}
	command := p.command
	p.command = nil
	if n == 0 {
		p.mistake("unknown: % X", command[:min(len(command), 8)])
		return
	}
	p.record(command)
	p.obey(command)
}

// realTimeInData answers a DLE EOT that ends what has come of a command so far. It is
// obeyed there, too, and its bytes still count as the command's.
func (p *Printer) realTimeInData() {
	c := p.command
	if n := len(c) - 3; !p.options.InTurn && n > 0 && c[n] == dle && c[n+1] == 0x04 && c[n+2] >= 1 && c[n+2] <= 4 {
		p.answer(Status, p.status(c[n+2]))
	}
}

// length is how many bytes the command in p.command has, as far as can be told;
// more than there are when it isn't complete, 0 when nothing begins like that.
func (p *Printer) length() int {
	c := p.command
	switch c[0] {
	case lf:
		return 1
	case 0:
		return p.resyncLength()
	case esc, fs, gs, dle:
		return p.commandLength()
	}
	switch {
	case c[0] < 0x20 || c[0] == 0x7F:
		return 0
	case c[0] < 0x80:
		return 1
	case p.state.utf8:
		return utf8Length(c)
	case p.state.chinese && c[0] >= 0x81 && c[0] <= 0xFE:
		return 2
	}
	return 0
}

// resyncLength is for the one use of NUL: a run of them, up to the data of the
// largest picture, fills what an aborted command still waits for; ESC @ must follow.
func (p *Printer) resyncLength() int {
	c := p.command
	switch last := c[len(c)-1]; {
	case last == 0 && len(c) <= maxRasterBytes, last == esc:
		return len(c) + 1
	case last == '@' && c[len(c)-2] == esc:
		return len(c)
	}
	return 0
}

// utf8Length is 1 more than there is until a character is whole, or can't become
// one.
func utf8Length(c []byte) int {
	if utf8.FullRune(c) {
		if r, _ := utf8.DecodeRune(c); r == utf8.RuneError {
			return 0
		}
		return len(c)
	}
	return len(c) + 1
}

func (p *Printer) commandLength() int {
	c := p.command
	if len(c) < 2 {
		return 2
	}
	if n, ok := fixed[[2]byte{c[0], c[1]}]; ok {
		return n
	}
	switch {
	case c[0] == gs && c[1] == '(':
		if len(c) < 5 {
			return 5
		}
		n := 5 + int(c[3]) + int(c[4])<<8
		if n > maxCommandBytes || n == 5 {
			return 0
		}
		return n
	case c[0] == gs && c[1] == 'v':
		if len(c) < 8 {
			return 8
		}
		n := rasterBytes(c)
		if n > maxRasterBytes || n == 0 {
			return 0
		}
		return 8 + n
	}
	return 0
}

// rasterBytes is the length of the data that a GS v 0 announces.
func rasterBytes(c []byte) int {
	return (int(c[4]) + int(c[5])<<8) * (int(c[6]) + int(c[7])<<8)
}

// obey does what a complete command or character says.
func (p *Printer) obey(c []byte) {
	switch c[0] {
	case lf:
		p.paper.newLine(p.state)
	case 0:
		p.paper.dropLine()
		p.state = resetState()
	case esc:
		p.obeyESC(c)
	case fs:
		p.obeyFS(c)
	case gs:
		p.obeyGS(c)
	case dle:
		p.obeyDLE(c)
	default:
		p.character(c)
	}
	if p.paper.image.Height > maxPaperDots {
		p.mistake("the paper is longer than %d dots and is cut off", maxPaperDots)
		p.cutOff()
	}
}

// character puts a character into the line buffer.
func (p *Printer) character(c []byte) {
	if isUserCode(c) && !p.state.utf8 {
		p.userChar(c)
		return
	}
	r, _ := utf8.DecodeRune(c)
	if c[0] >= 0x80 && !p.state.utf8 {
		text, err := simplifiedchinese.GBK.NewDecoder().Bytes(c)
		r, _ = utf8.DecodeRune(text)
		if err != nil || r == utf8.RuneError {
			p.mistake("not GBK: % X", c)
			return
		}
	}
	p.add(r, rom(r))
}

// add puts the picture of r into the line buffer.
func (p *Printer) add(r rune, picture *bitmap.Image) {
	if p.paper.add(r, picture, p.state) {
		return
	}
	p.mistake("the line is wider than %d dots at %q", p.options.Profile.Dots, r)
	if p.options.Lax {
		p.paper.newLine(p.state)
		p.paper.add(r, picture, p.state)
	}
}

func (p *Printer) obeyESC(c []byte) {
	s := &p.state
	switch c[1] {
	case '@':
		if len(p.paper.line) > 0 {
			p.mistake("ESC @ drops a line that was not printed")
			p.paper.dropLine()
		}
		*s = resetState()
	case '2':
		s.spacing = 30
	case '3':
		s.spacing = int(c[2])
	case 'E':
		p.flag(c, &s.bold)
	case 'a':
		switch {
		case c[2] > 2:
			p.mistake("ESC a %d: want 0 to 2", c[2])
		case len(p.paper.line) > 0:
			p.mistake("ESC a inside a line has no effect")
		default:
			s.align = c[2]
		}
	case 'd':
		for range c[2] {
			p.paper.newLine(*s)
		}
	case 'p':
		if c[2] > 1 {
			p.mistake("ESC p: no drawer %d", c[2])
			return
		}
		p.kicks++
	}
}

// flag reads a parameter that is 0 or 1.
func (p *Printer) flag(c []byte, to *bool) {
	if c[2] > 1 {
		p.mistake("% X: want 0 or 1", c)
		return
	}
	*to = c[2] == 1
}

func (p *Printer) obeyFS(c []byte) {
	s := &p.state
	switch c[1] {
	case '&':
		s.chinese = true
	case '.':
		s.chinese = false
	case 'C':
		if c[2] != 0xFF || !p.speaksUTF8() {
			p.mistake("FS C %02X: this firmware has no such character set", c[2])
			return
		}
		s.utf8 = true
	case '2':
		p.defineChar(c)
	case '!':
		if c[2]&^0x0C != 0 {
			p.mistake("FS ! %02X: want bits 04 and 08 only", c[2])
			return
		}
		s.chineseX, s.chineseY = 1+int(c[2]>>2&1), 1+int(c[2]>>3&1)
	}
}

func (p *Printer) obeyGS(c []byte) {
	switch c[1] {
	case '!':
		x, y := 1+int(c[2]>>4), 1+int(c[2]&0x0F)
		if x > 8 || y > 8 {
			p.mistake("GS ! %02X: sizes go to 8", c[2])
			return
		}
		p.state.asciiX, p.state.asciiY = x, y
		if !p.options.Profile.ChineseSize {
			p.state.chineseX, p.state.chineseY = x, y
		}
	case 'V':
		p.obeyCut(c)
	case 'v':
		p.obeyRaster(c)
	case 'a':
		p.asb = c[2] != 0
		p.report()
	case 'r':
		if c[2] != 1 {
			p.mistake("GS r %d: want 1", c[2])
			return
		}
		p.answer(Fence, p.paperSensor())
	case ':':
		p.obeyMacroMark()
	case '^':
		p.obeyMacro(c)
	case '(':
		switch c[2] {
		case 'k':
			p.obeyQR(c)
		case 'H':
			p.obeyConfirm(c)
		default:
			p.mistake("unknown: GS ( %c", c[2])
		}
	}
}

func (p *Printer) obeyCut(c []byte) {
	switch {
	case !p.options.Profile.Cutter:
		p.mistake("GS V: there is no cutter")
	case c[2] != 66:
		p.mistake("GS V %d: want 66", c[2])
	case !p.paper.atLineStart():
		p.mistake("GS V inside a line has no effect")
	default:
		p.paper.feed(int(c[3]))
		p.cutOff()
	}
}

// obeyRaster prints a band, and looks in its data for what firmware would obey.
func (p *Printer) obeyRaster(c []byte) {
	data, stride := c[8:], int(c[4])+int(c[5])<<8
	switch {
	case c[2] != '0' || c[3] != 0:
		p.mistake("GS v %02X %02X: want 30 00", c[2], c[3])
		return
	case stride*8 > p.options.Profile.Dots:
		p.mistake("a picture of %d dots is wider than the paper", stride*8)
		return
	case len(data)/stride > maxBandRows:
		p.mistake("a band of %d rows overruns the receive buffer", len(data)/stride)
		return
	case len(p.paper.line) > 0:
		p.mistake("GS v 0 inside a line has no effect")
		return
	}
	if at := realTime(data); at >= 0 {
		p.mistake("real-time command % X in the picture at byte %d of its data", data[at:at+3], at)
	}
	p.paper.picture(stride, data)
}

// realTime finds a sequence that firmware obeys wherever it stands, or is -1.
func realTime(data []byte) int {
	for i := range len(data) - 2 {
		if data[i] != dle {
			continue
		}
		switch next := data[i+1]; {
		case next == 0x04 && data[i+2] >= 1 && data[i+2] <= 4, next == 0x05, next == 0x14:
			return i
		}
	}
	if n := len(data); n >= 2 && data[n-2] == dle && bytes.IndexByte([]byte{0x04, 0x05, 0x14}, data[n-1]) >= 0 {
		return max(0, n-3)
	}
	return -1
}

// obeyDLE answers a real-time status request.
func (p *Printer) obeyDLE(c []byte) {
	if c[2] < 1 || c[2] > 4 {
		p.mistake("DLE EOT %d: want 1 to 4", c[2])
		return
	}
	p.answer(Status, p.status(c[2]))
}

// obeyConfirm is GS ( H function 48: the id comes back when what stands before it
// is on paper.
func (p *Printer) obeyConfirm(c []byte) {
	if len(c) != 11 || c[5] != 0x30 || c[6] != 0x30 {
		p.mistake("GS ( H: want 06 00 30 30 and four bytes of id")
		return
	}
	id := c[7:]
	for _, b := range id {
		if b < 0x20 || b > 0x7E {
			p.mistake("GS ( H: id % X: want bytes from 20 to 7E", id)
			return
		}
	}
	p.answer(Confirmed, 0x37, 0x22, id[0], id[1], id[2], id[3], 0x00)
}

func (p *Printer) speaksUTF8() bool { return p.options.Profile.Encoding == printer.UTF8 }
