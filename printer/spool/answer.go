package spool

// answerKind says what a printer said.
type answerKind uint8

const (
	statusAnswer answerKind = iota + 1 // to DLE EOT
	fenceAnswer                        // to GS r
	idAnswer                           // to GS ( H
	noiseAnswer                        // to nothing that we ask
)

// answer is one thing that the printer said.
type answer struct {
	kind  answerKind
	value byte   // of a status, a fence or noise
	id    string // four characters
}

// An id comes back as 37 22 d1 d2 d3 d4 00 (Epson ESC/POS, GS ( H function 48).
const (
	idHead0, idHead1 = 0x37, 0x22
	idBytes          = 4
	idAnswerBytes    = 2 + idBytes + 1
)

// ear makes answers out of bytes. The kinds are told apart by their bits alone,
// because they come unasked and in any order: a status has 1 in bits 1 and 4 and 0
// in bits 0 and 7, a fence has nothing but bits 0 to 3.
type ear struct {
	began []byte // an id that is not complete yet
}

// hear takes one byte and says what has become clear with it.
func (e *ear) hear(b byte, say func(answer)) {
	if len(e.began) == 0 {
		e.first(b, say)
		return
	}
	e.began = append(e.began, b)
	switch at := len(e.began) - 1; {
	case e.fits(at, b) && len(e.began) == idAnswerBytes:
		say(answer{kind: idAnswer, id: string(e.began[2 : 2+idBytes])})
		e.began = nil
	case !e.fits(at, b):
		// Not an id after all: its first byte is noise, the rest is heard anew.
		rest := e.began[1:]
		say(answer{kind: noiseAnswer, value: e.began[0]})
		e.began = nil
		for _, b := range rest {
			e.hear(b, say)
		}
	}
}

// fits says whether an id can have b at that place.
func (e *ear) fits(at int, b byte) bool {
	switch at {
	case 1:
		return b == idHead1
	case idAnswerBytes - 1:
		return b == 0
	}
	return b >= 0x20 && b <= 0x7E
}

func (e *ear) first(b byte, say func(answer)) {
	switch {
	case b == idHead0:
		e.began = []byte{b}
	case b&0x93 == 0x12:
		say(answer{kind: statusAnswer, value: b})
	case b&^0x0F == 0:
		say(answer{kind: fenceAnswer, value: b})
	default:
		say(answer{kind: noiseAnswer, value: b})
	}
}
