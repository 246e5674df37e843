package template

// mark is a word in square brackets at the beginning of a line.
type mark int

const (
	markCentre mark = iota + 1
	markRight
	markBig
	markBold
	markWide
	markTall
	markQR
	markFeed
	markIf
)

// marks are the words, in both languages; centre also as it is written in America.
var marks = map[string]mark{
	"居中": markCentre, "centre": markCentre, "center": markCentre,
	"靠右": markRight, "right": markRight,
	"大字": markBig, "big": markBig,
	"加粗": markBold, "bold": markBold,
	"宽字": markWide, "wide": markWide,
	"高字": markTall, "tall": markTall,
	"二维码": markQR, "qr": markQR,
	"空行": markFeed, "feed": markFeed,
	"如有": markIf, "if": markIf,
}

// apply puts a mark on a line.
func (l *line) apply(m mark) {
	switch m {
	case markCentre, markRight:
		l.align = m
	case markBig:
		l.wide, l.tall = true, true
	case markBold:
		l.bold = true
	case markWide:
		l.wide = true
	case markTall:
		l.tall = true
	case markQR:
		l.kind = qrKind
	case markFeed:
		l.kind, l.feed = feedKind, 1
	}
}

// fits tells whether a mark means something on a line of that kind.
func (m mark) fits(k kind) bool {
	switch m {
	case markIf:
		return true
	case markCentre, markRight:
		return k == textKind
	case markQR:
		return k == qrKind
	case markFeed:
		return k == feedKind
	}
	return k == textKind || k == columnsKind
}

// clashes tells whether two marks say the same thing twice, or two things of which
// only one can be.
func (m mark) clashes(with mark) bool {
	one := func(a, b mark) bool { return m == a && with == b || m == b && with == a }
	return m == with || one(markCentre, markRight) || one(markQR, markFeed)
}
