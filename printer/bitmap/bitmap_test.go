package bitmap

import (
	"bytes"
	"testing"
)

func TestDrawEnlargesAndClips(t *testing.T) {
	dot := New(2, 1)
	dot.Set(0, 0)
	for _, c := range []struct {
		name           string
		x, y           int
		scaleX, scaleY int
		bold           bool
		want           []byte // 10 by 2 dots: two bytes a row
	}{
		{"plain", 1, 0, 1, 1, false, []byte{0x40, 0, 0, 0}},
		{"bold", 1, 0, 1, 1, true, []byte{0x60, 0, 0, 0}},
		{"twice as large", 0, 0, 2, 2, false, []byte{0xC0, 0, 0xC0, 0}},
		{"over the byte border", 7, 1, 2, 1, false, []byte{0, 0, 1, 0x80}},
		{"clipped at the right", 9, 0, 2, 3, true, []byte{0, 0x40, 0, 0x40}},
		{"clipped at the left and top", -1, -1, 2, 2, false, []byte{0x80, 0, 0, 0}},
		{"outside", 10, 2, 4, 4, false, []byte{0, 0, 0, 0}},
	} {
		m := New(10, 2)
		m.Draw(dot, c.x, c.y, c.scaleX, c.scaleY, c.bold)
		if !bytes.Equal(m.Pix, c.want) {
			t.Errorf("%s: % X, want % X", c.name, m.Pix, c.want)
		}
		for y := range 2 {
			for x := range 16 {
				if want := x < 10 && c.want[y*2+x/8]&(0x80>>(x%8)) != 0; m.At(x, y) != want {
					t.Errorf("%s: At(%d, %d) is %v", c.name, x, y, !want)
				}
			}
		}
	}
}

func TestRows(t *testing.T) {
	m := New(10, 3)
	m.Fill(0, 1, 10, 1)
	if got := m.Rows(1, 3); !bytes.Equal(got, []byte{0xFF, 0xC0, 0, 0}) {
		t.Errorf("rows 1 and 2 are % X", got)
	}
}
