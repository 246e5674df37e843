package kiosk

import (
	"errors"
	"fmt"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// drawSlip draws a slip as the printer would: it encodes it, and a simulated printer of
// the same kind prints those very bytes.
func drawSlip(slip printer.Slip, p printer.Profile) (sim.Paper, error) {
	stream, err := printer.Encode(slip, p)
	if err != nil {
		return sim.Paper{}, err
	}
	var papers []sim.Paper
	device := sim.New(sim.Options{Profile: p, OnPaper: func(paper sim.Paper) { papers = append(papers, paper) }})
	if _, err := device.Write(stream); err != nil {
		return sim.Paper{}, err
	}
	if !p.Cutter {
		papers = append(papers, device.Paper())
	}
	if len(papers) != 1 {
		return sim.Paper{}, fmt.Errorf("a slip came out as %d pieces of paper", len(papers))
	}
	var wrong []error
	for _, m := range papers[0].Mistakes {
		wrong = append(wrong, m)
	}
	return papers[0], errors.Join(wrong...)
}
