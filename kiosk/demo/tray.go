package demo

import (
	"bytes"
	"sync"

	"yizhan/ledger"
	"yizhan/printer/sim"
)

// tray is where paper falls.
type tray struct {
	mu     sync.Mutex
	pieces []piece // oldest first
	number int     // of the last piece, whichever printer it came from
	dots   int     // height of the last piece that was cut
}

// piece is one piece of paper, already a picture.
type piece struct {
	Number  int
	Torn    bool   // off by a hand
	Receipt string // payload of its receipt QR code; "" when it has none
	png     []byte
}

// add takes a piece of paper. It is the simulated printer's OnPaper.
func (t *tray) add(paper sim.Paper) {
	var png bytes.Buffer
	if err := paper.PNG(&png); err != nil {
		return // a picture in memory cannot fail to be written
	}
	one := piece{Torn: paper.Torn, png: png.Bytes()}
	for _, payload := range paper.QR {
		if ledger.IsReceipt(payload) {
			one.Receipt = payload
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.number++
	one.Number = t.number
	t.pieces = append(t.pieces, one)
	t.pieces = t.pieces[max(0, len(t.pieces)-maxPieces):]
	if !one.Torn {
		t.dots = paper.Image.Height
	}
}

// after is what fell after the piece of that number, oldest first.
func (t *tray) after(number int) []piece {
	t.mu.Lock()
	defer t.mu.Unlock()
	var fell []piece
	for _, one := range t.pieces {
		if one.Number > number {
			fell = append(fell, one)
		}
	}
	return fell
}

// half is half the height of a slip, as far as is known before it is printed.
func (t *tray) half() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.dots == 0 {
		return usualSlipDots / 2
	}
	return t.dots / 2
}

// usualSlipDots is the height of a receipt with its QR code, 11 cm.
const usualSlipDots = 900
