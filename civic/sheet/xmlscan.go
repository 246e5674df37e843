package sheet

import (
	"bytes"
	"errors"
	"io"
)

// xmlScanner reads the part of XML that workbooks use: elements, attributes, text, CDATA, the five named entities and numeric ones. It knows
// no document types, so nothing can be declared, included or expanded. It holds one token at a time and says when a token is too long.
//
// It exists because encoding/xml makes several allocations of every cell and reads a sixth as fast (BenchmarkXML: 34 against 200 MB/s); a
// million empty rows with formats are hundreds of megabytes.
type xmlScanner struct {
	in    io.Reader
	buf   []byte
	pos   int // next byte to parse
	end   int // bytes in buf
	done  error
	depth int

	name    []byte // local name of the tag, valid until the next token
	attrs   []byte // attributes of the start tag as written
	text    []byte // text as written
	literal bool   // text is from CDATA and has no entities
	closing bool   // the start tag just read was <x/>: its end comes next
}

type xmlToken uint8

const (
	xmlEnd xmlToken = iota // end of the document
	xmlOpen
	xmlClose
	xmlText
)

var (
	errXMLSyntax = errors.New("malformed XML")
	errXMLLong   = errors.New("XML token too long")
	errXMLType   = errors.New("XML with a document type")
	errXMLCode   = errors.New("XML that is not UTF-8")
)

func newXMLScanner(r io.Reader) *xmlScanner {
	return &xmlScanner{in: r, buf: make([]byte, 64<<10)}
}

// fill reads more behind what is there. It moves what is left to the front, and makes room up to maxTokenBytes.
func (x *xmlScanner) fill() error {
	if x.done != nil {
		return x.done
	}
	if x.pos > 0 {
		x.end = copy(x.buf, x.buf[x.pos:x.end])
		x.pos = 0
	}
	if x.end == len(x.buf) {
		if len(x.buf) >= maxTokenBytes {
			return errXMLLong
		}
		x.buf = append(x.buf, make([]byte, len(x.buf))...)
	}
	n, err := x.in.Read(x.buf[x.end:])
	x.end += n
	if n == 0 {
		x.done = err
		return err // nil for a reader that has nothing yet
	}
	return nil
}

// find gives the distance from pos to a pattern, reading on as needed.
func (x *xmlScanner) find(pattern string, from int) (int, error) {
	for {
		if i := bytes.Index(x.buf[x.pos+from:x.end], []byte(pattern)); i >= 0 {
			return from + i, nil
		}
		from = max(from, x.end-x.pos-len(pattern)+1)
		if err := x.fill(); err != nil {
			return 0, unexpected(err)
		}
	}
}

// skipPast drops everything up to the end of a pattern without keeping it.
func (x *xmlScanner) skipPast(pattern string) error {
	for {
		if i := bytes.Index(x.buf[x.pos:x.end], []byte(pattern)); i >= 0 {
			x.pos += i + len(pattern)
			return nil
		}
		x.pos = max(x.pos, x.end-len(pattern)+1)
		if err := x.fill(); err != nil {
			return unexpected(err)
		}
	}
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// startsWith tells whether the next bytes are a pattern.
func (x *xmlScanner) startsWith(pattern string) bool {
	for x.end-x.pos < len(pattern) {
		if x.fill() != nil {
			return false
		}
	}
	return bytes.HasPrefix(x.buf[x.pos:x.end], []byte(pattern))
}

// next reads one token.
func (x *xmlScanner) next() (xmlToken, error) {
	if x.closing {
		x.closing = false
		x.depth--
		return xmlClose, nil
	}
	for {
		if x.pos == x.end {
			switch err := x.fill(); {
			case err == io.EOF && x.depth > 0:
				return 0, io.ErrUnexpectedEOF
			case err == io.EOF:
				return xmlEnd, nil
			case err != nil:
				return 0, err
			}
			continue
		}
		if x.buf[x.pos] != '<' {
			return x.readText()
		}
		switch {
		case x.startsWith("</"):
			return x.readClose()
		case x.startsWith("<?"):
			if err := x.instruction(); err != nil {
				return 0, err
			}
		case x.startsWith("<!--"):
			x.pos += 4
			if err := x.skipPast("-->"); err != nil {
				return 0, err
			}
		case x.startsWith("<![CDATA["):
			return x.readLiteral()
		case x.startsWith("<!"):
			return 0, errXMLType
		default:
			return x.readOpen()
		}
	}
}

// within reads one token inside an element, where the document must not end. Names of end tags are not compared, so depth alone
// would not tell.
func (x *xmlScanner) within() (xmlToken, error) {
	t, err := x.next()
	if err == nil && t == xmlEnd {
		err = io.ErrUnexpectedEOF
	}
	return t, err
}

func (x *xmlScanner) readText() (xmlToken, error) {
	n, err := x.find("<", 0)
	if err == io.ErrUnexpectedEOF && x.depth == 0 {
		n, err = x.end-x.pos, nil // white space behind the document
	}
	if err != nil {
		return 0, err
	}
	x.text, x.literal = x.buf[x.pos:x.pos+n], false
	x.pos += n
	return xmlText, nil
}

func (x *xmlScanner) readLiteral() (xmlToken, error) {
	const start = len("<![CDATA[")
	n, err := x.find("]]>", start)
	if err != nil {
		return 0, err
	}
	x.text, x.literal = x.buf[x.pos+start:x.pos+n], true
	x.pos += n + 3
	return xmlText, nil
}

func (x *xmlScanner) readClose() (xmlToken, error) {
	n, err := x.find(">", 2)
	if err != nil {
		return 0, err
	}
	x.name = localName(bytes.TrimRight(x.buf[x.pos+2:x.pos+n], " \t\r\n"))
	x.pos += n + 1
	if x.depth--; x.depth < 0 || len(x.name) == 0 {
		return 0, errXMLSyntax
	}
	return xmlClose, nil
}

// readOpen reads a start tag. A > inside an attribute's quotation marks does not end it.
func (x *xmlScanner) readOpen() (xmlToken, error) {
	n := 0
	for {
		var err error
		if n, err = x.find(">", n+1); err != nil {
			return 0, err
		}
		if !insideQuotes(x.buf[x.pos+1 : x.pos+n]) {
			break
		}
	}
	tag := x.buf[x.pos+1 : x.pos+n]
	x.pos += n + 1
	if x.closing = len(tag) > 0 && tag[len(tag)-1] == '/'; x.closing {
		tag = tag[:len(tag)-1]
	}
	i := bytes.IndexAny(tag, " \t\r\n")
	if i < 0 {
		i = len(tag)
	}
	x.name, x.attrs = localName(tag[:i]), tag[i:]
	if len(x.name) == 0 {
		return 0, errXMLSyntax
	}
	x.depth++
	return xmlOpen, nil
}

func insideQuotes(tag []byte) bool {
	var quote byte
	for _, b := range tag {
		switch {
		case quote == 0 && (b == '"' || b == '\''):
			quote = b
		case b == quote:
			quote = 0
		}
	}
	return quote != 0
}

// instruction passes over <?...?>. The one at the start may name the encoding.
func (x *xmlScanner) instruction() error {
	n, err := x.find("?>", 2)
	if err != nil {
		return err
	}
	words := bytes.ToLower(x.buf[x.pos : x.pos+n])
	x.pos += n + 2
	if _, code, ok := bytes.Cut(words, []byte("encoding=")); ok && bytes.HasPrefix(words, []byte("<?xml ")) {
		code = bytes.Trim(code, `"'`)
		if !bytes.HasPrefix(code, []byte("utf-8")) && !bytes.HasPrefix(code, []byte("us-ascii")) {
			return errXMLCode
		}
	}
	return nil
}

// localName drops a name-space prefix: some programs write <x:row>.
func localName(name []byte) []byte {
	return name[bytes.IndexByte(name, ':')+1:]
}
