package sim

import (
	"errors"
	"fmt"

	"yizhan/printer"
)

// Draw draws a slip as a printer of the profile would print it: it is encoded, and a
// simulated printer prints those very bytes. What is no slip of one piece of paper
// without a mistake is an error.
func Draw(slip printer.Slip, p printer.Profile) (Paper, error) {
	stream, err := printer.Encode(slip, p)
	if err != nil {
		return Paper{}, err
	}
	var papers []Paper
	device := New(Options{Profile: p, OnPaper: func(paper Paper) { papers = append(papers, paper) }})
	if _, err := device.Write(stream); err != nil {
		return Paper{}, err
	}
	if !p.Cutter {
		papers = append(papers, device.Paper())
	}
	if len(papers) != 1 {
		return Paper{}, fmt.Errorf("a slip came out as %d pieces of paper", len(papers))
	}
	var wrong []error
	for _, m := range papers[0].Mistakes {
		wrong = append(wrong, m)
	}
	return papers[0], errors.Join(wrong...)
}
