package probe

import (
	"fmt"
	"slices"
	"strings"

	"yizhan/printer"
)

// widths are the rulers, each with the ready profile that it stands for. A wider
// printer (there are some of 56 and 64 cells) gets the widest profile and leaves the
// rest of its paper blank.
var widths = []struct {
	letter  string
	profile printer.Profile
}{
	{"C", printer.Profile58},
	{"D", printer.Profile80Narrow},
	{"E", printer.Profile80},
}

// Problem is why no profile fits the answers. A person can do something about it: look
// at the page again, or take another printer. The key of the text that says so is
// "probe.problem." and the problem's own.
type Problem string

// The problems.
const (
	// NoChinese is a printer without a Chinese font. Every line would have to be
	// drawn, half a minute for a receipt at 9600 baud, so it is refused.
	NoChinese Problem = "chinese"
	// TooNarrow is a printer of less than 32 cells.
	TooNarrow Problem = "narrow"
	// NoPictures is a printer without GS v 0. Names with rare characters would have
	// gaps in them.
	NoPictures Problem = "pictures"
	// Contradiction is in answers that see the picture of line H and not that of J,
	// or the other way round. They are printed alike.
	Contradiction Problem = "contradiction"
)

func (p Problem) Error() string {
	switch p {
	case NoChinese:
		return "this printer has no Chinese font: every line would have to be drawn"
	case TooNarrow:
		return "this printer has fewer than 32 cells in a line"
	case NoPictures:
		return "this printer prints no pictures: rare characters could not be printed"
	case Contradiction:
		return "the answers contradict each other: H and J are both printed as pictures"
	}
	return string(p)
}

// Profile turns answers, choices by the keys of their questions, into a profile. An
// error is a [Problem] when the answers are complete and possible.
//
// A printer that reads both A and B is given UTF-8: it obeys FS C FF, which says what
// it wants to get. One that enlarges Chinese in neither F nor G prints large lines
// small, but whole, and is taken as it is.
func Profile(answers map[string]string) (printer.Profile, error) {
	if err := check(answers); err != nil {
		return printer.Profile{}, err
	}
	sees := func(key, choice string) bool { return answers[key] == choice || answers[key] == "both" }
	p := printer.Profile{}
	for _, w := range widths {
		if answers["width"] == strings.ToLower(w.letter) {
			p = w.profile
		}
	}
	switch {
	case answers["text"] == "neither":
		return printer.Profile{}, NoChinese
	case answers["width"] == "none":
		return printer.Profile{}, TooNarrow
	case sees("rare", "h") != sees("code", "j"):
		return printer.Profile{}, Contradiction
	case !sees("rare", "h"):
		return printer.Profile{}, NoPictures
	}
	if sees("text", "b") {
		p.Encoding = printer.UTF8
	}
	p.ChineseSize = answers["size"] == "g"
	p.UserChars = sees("rare", "l")
	p.NativeQR = sees("code", "k")
	p.Cutter = answers["cut"] == "yes"
	return p, nil
}

// check holds that every question has one of its answers, and nothing else has.
func check(answers map[string]string) error {
	for _, q := range Questions {
		answer, ok := answers[q.Key]
		if !ok {
			return fmt.Errorf("question %q of the printer's test page is not answered", q.Key)
		}
		if !slices.Contains(q.Choices, answer) {
			return fmt.Errorf("question %q of the printer's test page: no choice %q", q.Key, answer)
		}
	}
	if len(answers) > len(Questions) {
		return fmt.Errorf("%d answers to %d questions of the printer's test page", len(answers), len(Questions))
	}
	return nil
}
