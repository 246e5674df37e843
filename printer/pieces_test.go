package printer_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"yizhan/printer"
	"yizhan/printer/sim"
)

// TestPieces asks for the status after every piece of slips that have everything:
// each request is answered at once, nothing is pending, and the paper is the same.
func TestPieces(t *testing.T) {
	slips := []printer.Slip{receipt(), short(), nil, {printer.Text("㛃𬱖𠮷㐀䶿𠀀𪛖")}, {printer.QR(strings.Repeat("a", printer.MaxQRBytes)), printer.Cut()}}
	for _, p := range variants() {
		for i, slip := range slips {
			pieces, err := printer.Pieces(slip, p)
			if err != nil {
				t.Fatal(err)
			}
			stream := encode(t, slip, p)
			if !bytes.Equal(bytes.Join(pieces, nil), stream) {
				t.Errorf("%s, slip %d: the pieces joined are not what Encode returns", p.Name, i)
			}
			if want := len(stream)/printer.MaxChunkBytes*2 + 1; len(pieces) > want {
				t.Errorf("%s, slip %d: %d pieces of %d bytes, want at most %d", p.Name, i, len(pieces), len(stream), want)
			}
			checkPieces(t, p, pieces)
			if got, want := asking(t, p, pieces), asking(t, p, [][]byte{stream}); !bytes.Equal(got.Image.Pix, want.Image.Pix) {
				t.Errorf("%s, slip %d: asking for the status changes the paper", p.Name, i)
			}
		}
	}
}

// asking prints pieces with a status request after each and returns the paper.
func asking(t *testing.T, p printer.Profile, pieces [][]byte) sim.Paper {
	t.Helper()
	var answers bytes.Buffer
	var papers []sim.Paper
	s := sim.New(sim.Options{Profile: p, Level: sim.Status, Answer: &answers,
		OnPaper: func(paper sim.Paper) { papers = append(papers, paper) }})
	for i, piece := range pieces {
		s.Write(piece)
		if s.Pending() {
			t.Errorf("%s: after piece %d something is pending", p.Name, i)
		}
		s.Write([]byte{0x10, 0x04, 1})
	}
	if got := answers.String(); got != strings.Repeat("\x12", len(pieces)) {
		t.Errorf("%s: %d requests are answered by % X", p.Name, len(pieces), got)
	}
	paper := slices.Concat(papers, []sim.Paper{s.Paper()})[0]
	for _, m := range paper.Mistakes {
		t.Errorf("%s: %v", p.Name, m)
	}
	return paper
}

// checkPieces holds for pieces that are short, or one command.
func checkPieces(t *testing.T, p printer.Profile, pieces [][]byte) {
	t.Helper()
	for i, piece := range pieces {
		if len(piece) == 0 || len(piece) > printer.MaxChunkBytes && !oneCommand(piece) {
			t.Errorf("%s: piece %d has %d bytes: % X...", p.Name, i, len(piece), piece[:min(len(piece), 8)])
		}
	}
}

// oneCommand says whether a piece is a band of a picture or a GS ( and no more.
func oneCommand(b []byte) bool {
	switch {
	case bytes.HasPrefix(b, []byte("\x1dv0")):
		return len(b) == 8+(int(b[4])+int(b[5])<<8)*(int(b[6])+int(b[7])<<8)
	case bytes.HasPrefix(b, []byte("\x1d(")):
		return len(b) == 5+int(b[3])+int(b[4])<<8
	}
	return false
}
