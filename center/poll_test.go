package center

import (
	"fmt"
	"path/filepath"
	"testing"

	"crypto/ed25519"

	"yizhan/center/store"
	"yizhan/center/store/storetest"
)

// BenchmarkPoll is what a process looks at every second, with 10,000 kiosks in the
// book.
func BenchmarkPoll(b *testing.B) {
	for name, database := range map[string]string{"sqlite": filepath.Join(b.TempDir(), "book.db"), "postgres": storetest.Database(b)} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, database)
			for i := range 10_000 {
				id := fmt.Sprintf("K-%05d", i)
				w.must(w.PutKiosk(b.Context(), store.Kiosk{ID: id, Name: id, Parent: "qingxi"}))
				_, err := w.NewEpoch(b.Context(), id, make(ed25519.PublicKey, 32), 1, "x")
				w.must(err)
				w.must(w.TakeSeat(b.Context(), id, "somebody"))
			}
			p := w.serve("")
			for b.Loop() {
				w.must(p.work.poll(b.Context()))
			}
		})
	}
}
