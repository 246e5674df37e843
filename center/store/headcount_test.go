package store

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// A headcount says what a map would, of marks that repeat, that hash to the same slots,
// and of the one that is zero.
func TestHeadcount(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for round := range 300 {
		met := make(map[PersonMark]bool)
		days := make([]KioskDay, draw.IntN(5))
		among := 1 + draw.Uint64N(1<<(round%12))
		for i := range days {
			there := make(map[PersonMark]bool) // each once on a day
			for range draw.IntN(200) {
				var p PersonMark
				binary.BigEndian.PutUint64(p[:], draw.Uint64N(among)<<(round%57))
				if !there[p] {
					days[i].People = append(days[i].People, p)
				}
				there[p], met[p] = true, true
			}
		}
		if n := Headcount(days); n != int64(len(met)) {
			t.Fatalf("round %d: %d people in %d days, want %d", round, n, len(days), len(met))
		}
	}
}

// BenchmarkHeadcount counts a million people whose months lie at 500 kiosks.
func BenchmarkHeadcount(b *testing.B) {
	draw := rand.New(rand.NewPCG(1, 2))
	months := make([]KioskDay, 500)
	for i := range months {
		for range 2000 {
			months[i].People = append(months[i].People, PersonMark(binary.BigEndian.AppendUint64(nil, draw.Uint64())))
		}
	}
	for b.Loop() {
		if n := Headcount(months); n != 1_000_000 {
			b.Fatal(n)
		}
	}
}
