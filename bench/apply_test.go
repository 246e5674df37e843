package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"yizhan/center/store"
	"yizhan/center/store/storetest"
	"yizhan/ledger"
)

// TestMain ends the database server that measurements have started.
func TestMain(m *testing.M) {
	code := m.Run()
	storetest.Stop()
	if built.path != "" {
		os.RemoveAll(filepath.Dir(built.path))
	}
	os.Exit(code)
}

const applyBatch = 64 // entries, as a link brings them

// BenchmarkApply measures how many entries a second a center takes in and folds
// that come from one kiosk, 64 at a time: on SQLite; on PostgreSQL; and beside
// that, on the same server in the same run, pgbench with a script of the same
// statements and rows, as the floor of what that database can do with them.
func BenchmarkApply(b *testing.B) {
	var sqlite, postgres, peer time.Duration
	var entries int
	for b.Loop() {
		const more = 100 * applyBatch
		sqlite += apply(b, filepath.Join(b.TempDir(), "book.db"), more)
		postgres += apply(b, storetest.Database(b), more)
		peer += pgbench(b, storetest.Database(b), more/applyBatch)
		entries += more
	}
	perSecond := func(d time.Duration) float64 { return float64(entries) / d.Seconds() }
	b.ReportMetric(perSecond(sqlite), "sqlite-entries/s")
	b.ReportMetric(perSecond(postgres), "postgres-entries/s")
	b.ReportMetric(perSecond(peer), "pgbench-entries/s")
	b.ReportMetric(postgres.Seconds()/peer.Seconds(), "x-pgbench")
}

// apply takes in and folds the entries of one kiosk and tells how long that took.
func apply(b *testing.B, database string, entries int) time.Duration {
	book, err := store.Open(b.Context(), store.Config{Database: database, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	box := newFleetBox(0)
	settleFleet(b, book, []*fleetBox{box})
	box.work(b, entries)
	return timed(func() {
		for first := 0; first < entries; first += applyBatch {
			part := box.entries[first : first+applyBatch]
			head := ledger.Head{Kiosk: box.kiosk, Epoch: 1, Seq: uint64(first + applyBatch), Hash: ledger.HashOf(part[applyBatch-1])}
			_, err := book.Append(b.Context(), store.Batch{Kiosk: box.kiosk, Epoch: 1, First: uint64(first) + 1, Entries: part, Head: head, Signature: head.Sign(box.key)})
			if err == nil {
				_, err = book.Fold(b.Context(), box.kiosk, 1)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// pgbench writes the same rows by the same statements, with nothing to check.
func pgbench(b *testing.B, database string, batches int) time.Duration {
	book, err := store.Open(context.Background(), store.Config{Database: database, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	box := newFleetBox(0)
	settleFleet(b, book, []*fleetBox{box})
	if err := book.Close(); err != nil {
		b.Fatal(err)
	}
	script := filepath.Join(b.TempDir(), "apply.sql")
	if err := os.WriteFile(script, []byte(applyScript(box)), 0o644); err != nil {
		b.Fatal(err)
	}
	var out []byte
	took := timed(func() {
		cmd := exec.Command("pgbench", "-n", "-M", "prepared", "-c", "1", "-t", strconv.Itoa(batches), "-f", script, database)
		out, err = cmd.CombinedOutput()
	})
	if err != nil || !strings.Contains(string(out), fmt.Sprintf("processed: %d/%d", batches, batches)) {
		b.Fatalf("pgbench: %v\n%s", err, out)
	}
	return took
}

// applyScript is one batch for pgbench: the transaction that takes 64 entries in,
// one for each volunteer's rights, and the one that moves the fold's cursor.
func applyScript(box *fleetBox) string {
	const begin, redemptions = "BEGIN ISOLATION LEVEL SERIALIZABLE;\n", applyBatch / 2
	const raw = `decode(repeat('ab', 150), 'hex')`
	const hash = `decode(repeat('cd', 32), 'hex')`
	const parts = `decode('0101a01f', 'hex')`
	of := fmt.Sprintf("kiosk = '%s' AND epoch = 1", box.kiosk)
	var s strings.Builder
	// The head tells where the chain stands, as it does to the store.
	fmt.Fprintf(&s, "%sSELECT seq AS base FROM chain WHERE %s \\gset\n", begin, of)
	for first := 1; first <= applyBatch; first += 16 {
		s.WriteString("INSERT INTO entry (kiosk, epoch, seq, hash, kind, volunteer, parts, raw) VALUES ")
		for i := range 16 {
			fmt.Fprintf(&s, "%s('%s', 1, :base + %d, %s, 1, '%s', %s, %s)", comma(i), box.kiosk, first+i, hash, box.volunteers[i%fleetPeople], parts, raw)
		}
		s.WriteString(";\n")
	}
	for i := range redemptions {
		fmt.Fprintf(&s, `INSERT INTO redemption (kiosk, epoch, seq, volunteer, good, quantity, parts, state) VALUES ('%s', 1, :base + %d, '%s', '%s', 1, %s, 2)
 ON CONFLICT (kiosk, epoch, seq) DO UPDATE SET state = excluded.state;
`, box.kiosk, 2*i+1, box.volunteers[i%fleetPeople], fleetGood, parts)
	}
	fmt.Fprintf(&s, `INSERT INTO shelf (kiosk, epoch, good, moved, sold, restocked, held) VALUES ('%s', 1, '%s', 0, 1, 0, 0)
 ON CONFLICT (kiosk, epoch, good) DO UPDATE SET sold = shelf.sold + 32;
UPDATE chain SET seq = :base + %d, hash = %s, signed = :base + %d, spent = spent + %d WHERE %s AND seq = :base;
COMMIT;
`, box.kiosk, fleetGood, applyBatch, hash, applyBatch, redemptions, of)
	for _, v := range box.volunteers {
		fmt.Fprintf(&s, `%sSELECT seq FROM folded WHERE volunteer = '%s' AND %s;
SELECT expires, granted, spent, refunded, returned, held, lost FROM rights WHERE volunteer = '%s' AND %s ORDER BY expires;
UPDATE rights SET spent = spent + %d WHERE volunteer = '%s' AND %s AND expires = %d;
INSERT INTO folded (volunteer, kiosk, epoch, seq) VALUES ('%s', '%s', 1, :base) ON CONFLICT (volunteer, kiosk, epoch) DO UPDATE SET seq = excluded.seq;
COMMIT;
`, begin, v, of, v, of, redemptions/fleetPeople, v, of, fleetLot, v, box.kiosk)
	}
	fmt.Fprintf(&s, "%sUPDATE chain SET folded = :base + %d WHERE %s AND folded < :base + %d;\nCOMMIT;\n", begin, applyBatch, of, applyBatch)
	return s.String()
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ", "
}
