// Package probe finds out what a printer can do, with a person's eyes: it prints a
// page, asks what stands on it, and turns the answers into a [printer.Profile]. What
// a printer claims about itself is never asked; copies claim to be what they copy.
//
// The page has lines with letters (I and O are left out, they look like digits):
//
//	A  B     the same words in GBK and in UTF-8 (FS C FF)
//	C  D  E  rulers of 32, 42 and 48 cells; one that is too long is broken or cut off
//	F  G     Chinese in double size by GS ! alone, and by GS ! and FS !; each in GBK
//	         and again in UTF-8, one of which is rubbish on most printers
//	H        a rare character, drawn as dots (GS v 0)
//	J  K     QR codes, drawn as dots and drawn by the printer (GS ( k)
//	L        the rare character again, defined by FS 2
//	M        the paper is cut below it (GS V 66)
//
// [Questions] are what to ask, one a screen. The texts belong to whoever asks; their
// keys are made of the words here.
package probe

// Question is about the page. The key of its text is "probe." and Key, that of a
// choice's text is the same, a dot and the choice.
type Question struct {
	Key     string
	Choices []string // at most four
}

// Questions are all questions, in the order of the lines on the page. The choice "c"
// means line C and no other.
var Questions = []Question{
	{"text", []string{"a", "b", "both", "neither"}}, // which reads 益栈积分
	{"width", []string{"c", "d", "e", "none"}},      // the longest ruler that is in one piece
	{"size", []string{"f", "g", "both", "neither"}}, // where Chinese is as tall as the letter
	{"rare", []string{"h", "l", "both", "neither"}}, // where 㛃 can be read
	{"code", []string{"j", "k", "both", "neither"}}, // below which letter a QR code stands
	{"cut", []string{"yes", "no"}},                  // whether the paper was cut below M
}
