package store

import (
	"path/filepath"
	"testing"

	"yizhan/center/store/storetest"
	"yizhan/ledger"
)

// BenchmarkApply takes entries in as a link sends them, 64 in a batch, and folds
// them: 8 volunteers redeem in turn, reserve and hand-over.
//
//	go test -run '^$' -bench Apply -benchtime 20000x ./center/store
func BenchmarkApply(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkApply(b, filepath.Join(b.TempDir(), "book.db")) })
	b.Run("postgres", func(b *testing.B) { benchmarkApply(b, storetest.Database(b)) })
}

func benchmarkApply(b *testing.B, database string) {
	w := newWorld(b, database)
	k := w.kiosk("SQ-01")
	var volunteers []ledger.ID
	for n := range byte(8) {
		volunteers = append(volunteers, w.person(n+1, "SQ-01"))
		w.earn(volunteers[n], lotA, 100_000)
	}
	k.down()
	for n := 0; len(k.entries) < b.N; n++ {
		k.settle(k.reserve(volunteers[n%8], 1))
	}
	b.ResetTimer()
	for first := 0; first < len(k.entries); first += 64 {
		end := min(first+64, len(k.entries))
		head := ledger.Head{Kiosk: "SQ-01", Epoch: 1, Seq: uint64(end), Hash: ledger.HashOf(k.entries[end-1])}
		_, err := w.Append(b.Context(), Batch{Kiosk: "SQ-01", Epoch: 1, First: uint64(first) + 1, Entries: k.entries[first:end], Head: head, Signature: head.Sign(k.key)})
		w.must(err)
		_, err = w.Fold(b.Context(), "SQ-01", 1)
		w.must(err)
	}
	b.ReportMetric(float64(len(k.entries))/b.Elapsed().Seconds(), "entries/s")
	b.StopTimer()
	for _, v := range volunteers {
		k.same(v)
	}
}
