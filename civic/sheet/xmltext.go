package sheet

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// attr gives the value of an attribute of the start tag just read, as written, or nil.
func (x *xmlScanner) attr(name string) []byte {
	rest := x.attrs
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := localName(bytes.TrimRight(rest[:eq], " \t\r\n"))
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		n := bytes.IndexByte(rest[1:], rest[0])
		if n < 0 {
			return nil
		}
		if string(key) == name {
			return rest[1 : 1+n]
		}
		rest = rest[n+2:]
	}
}

// attrText gives an attribute with its entities resolved; nothing when it is malformed or longer than any that matters.
func (x *xmlScanner) attrText(name string) string {
	raw := x.attr(name)
	if len(raw) > maxAttrBytes {
		return ""
	}
	b, err := appendText(nil, raw)
	if err != nil {
		return ""
	}
	return string(b)
}

// attrNumber gives an attribute that is a small number, or -1.
func (x *xmlScanner) attrNumber(name string) int {
	return atoi(x.attr(name))
}

// atoi reads up to nine digits without an allocation; anything else is -1.
func atoi(b []byte) int {
	if len(b) == 0 || len(b) > 9 {
		return -1
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// appendTo adds the text token to dst, its entities resolved.
func (x *xmlScanner) appendTo(dst []byte) ([]byte, error) {
	if x.literal {
		return append(dst, x.text...), nil
	}
	return appendText(dst, x.text)
}

// appendText adds XML text with its entities resolved.
func appendText(dst, src []byte) ([]byte, error) {
	for {
		i := bytes.IndexByte(src, '&')
		if i < 0 {
			return append(dst, src...), nil
		}
		dst = append(dst, src[:i]...)
		src = src[i+1:]
		semicolon := bytes.IndexByte(src[:min(len(src), 12)], ';')
		if semicolon < 0 {
			return dst, errXMLSyntax
		}
		r, ok := entity(string(src[:semicolon]))
		if !ok {
			return dst, errXMLSyntax
		}
		dst = utf8.AppendRune(dst, r)
		src = src[semicolon+1:]
	}
}

func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "apos":
		return '\'', true
	case "quot":
		return '"', true
	}
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	base, digits := 10, name[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), err == nil && utf8.ValidRune(rune(n))
}
