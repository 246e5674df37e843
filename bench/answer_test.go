package bench

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	_ "modernc.org/sqlite"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

func sortIDs(ids []ledger.ID) {
	slices.SortFunc(ids, func(a, b ledger.ID) int { return slices.Compare(a[:], b[:]) })
}

// BenchmarkAnswer measures how long one redemption waits for its answer: the
// median beside one raw write and fdatasync of the same size, and beside SQLite
// (WAL, FULL) doing the same writes. The three take turns, so that they see the
// same disk.
func BenchmarkAnswer(b *testing.B) {
	const people = 5000
	s := station(b, b.TempDir(), people)
	floor := openFloor(b)
	peer := openPeer(b, people)
	var floorTimes, ourTimes, peerTimes []time.Duration
	i := 0
	for b.Loop() {
		floorTimes = append(floorTimes, timed(func() { floor.write(b) }))
		id := volunteerID(i % people)
		ourTimes = append(ourTimes, timed(func() { reserve(b, s, id) }))
		if _, err := s.Account(id); err != nil { // waits until the book has it too
			b.Fatal(err)
		}
		peerTimes = append(peerTimes, timed(func() { peer.reserve(b, id) }))
		i++
	}
	ours, raw, sqlite := median(ourTimes), median(floorTimes), median(peerTimes)
	b.ReportMetric(float64(ours.Microseconds()), "answer-us")
	b.ReportMetric(float64(raw.Microseconds()), "fdatasync-us")
	b.ReportMetric(float64(sqlite.Microseconds()), "sqlite-us")
	b.ReportMetric(float64(ours)/float64(raw), "x-fdatasync")
	b.ReportMetric(float64(sqlite)/float64(ours), "x-faster-than-sqlite")
}

// BenchmarkThroughput64 measures redemptions per second with 64 callers at
// once, beside SQLite doing the same writes with 64 callers.
func BenchmarkThroughput64(b *testing.B) {
	const people, callers, each = 5000, 64, 50
	s := station(b, b.TempDir(), people)
	peer := openPeer(b, people)
	var ours, sqlite time.Duration
	rounds := 0
	for b.Loop() {
		ours += crowd(callers, each, func(i int) { reserve(b, s, volunteerID(i%people)) })
		sqlite += crowd(callers, each, func(i int) { peer.reserve(b, volunteerID(i%people)) })
		rounds++
	}
	done := float64(rounds * callers * each)
	b.ReportMetric(done/ours.Seconds(), "redemptions/s")
	b.ReportMetric(done/sqlite.Seconds(), "sqlite/s")
	b.ReportMetric(sqlite.Seconds()/ours.Seconds(), "x-sqlite")
}

func crowd(callers, each int, do func(i int)) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				do(c*each + i)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func timed(do func()) time.Duration {
	start := time.Now()
	do()
	return time.Since(start)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func reserve(b *testing.B, s *store.Store, id ledger.ID) {
	_, err := s.Reserve(context.Background(), store.Reserve{Key: newKey(), Volunteer: id, Good: benchGood, Quantity: 1, Price: 1})
	if err != nil {
		b.Error(err)
	}
}

// floor is one raw pwrite and fdatasync of a frame's size into a file that is
// already filled with zeros.
type floor struct {
	f      *os.File
	offset int64
	frame  [200]byte
}

const floorBytes = 64 << 20

func openFloor(b *testing.B) *floor {
	f, err := os.Create(filepath.Join(b.TempDir(), "floor"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	zeros := make([]byte, 1<<20)
	for at := int64(0); at < floorBytes; at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros, at); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
	return &floor{f: f}
}

func (f *floor) write(b *testing.B) {
	f.offset = (f.offset + int64(len(f.frame))) % (floorBytes - int64(len(f.frame)))
	f.frame[0]++
	if _, err := f.f.WriteAt(f.frame[:], f.offset); err != nil {
		b.Error(err)
	}
	if err := unix.Fdatasync(int(f.f.Fd())); err != nil {
		b.Error(err)
	}
}

// peer does a redemption's writes in SQLite: the account, the shelf, the
// redemption, its print job and the entry, in one transaction.
type peer struct{ db *sql.DB }

func openPeer(b *testing.B, people int) *peer {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "peer.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(60000)&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	for _, statement := range []string{
		`CREATE TABLE account (id BLOB PRIMARY KEY, held INTEGER NOT NULL, granted INTEGER NOT NULL) WITHOUT ROWID`,
		`CREATE TABLE shelf (good TEXT PRIMARY KEY, held INTEGER NOT NULL) WITHOUT ROWID`,
		`CREATE TABLE redemption (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, good TEXT NOT NULL, body BLOB NOT NULL)`,
		`CREATE TABLE job (seq INTEGER PRIMARY KEY, state INTEGER NOT NULL)`,
		`CREATE TABLE entry (seq INTEGER PRIMARY KEY, body BLOB NOT NULL)`,
		`CREATE TABLE request (key BLOB PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID`,
		`INSERT INTO shelf VALUES ('G001', 0)`,
	} {
		if _, err := db.Exec(statement); err != nil {
			b.Fatal(err)
		}
	}
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	for i := range people {
		id := volunteerID(i)
		if _, err := tx.Exec(`INSERT INTO account VALUES (?, 0, 1000000000)`, id[:]); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return &peer{db}
}

func (p *peer) reserve(b *testing.B, id ledger.ID) {
	if err := p.try(id); err != nil {
		b.Error(err)
	}
}

func (p *peer) try(id ledger.ID) error {
	tx, err := p.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var body [110]byte
	key := newKey()
	result, err := tx.Exec(`INSERT INTO entry (body) VALUES (?)`, body[:])
	if err != nil {
		return err
	}
	seq, err := result.LastInsertId()
	if err != nil {
		return err
	}
	for _, write := range []struct {
		statement string
		args      []any
	}{
		{`UPDATE account SET held = held + 1 WHERE id = ? AND held < granted`, []any{id[:]}},
		{`UPDATE shelf SET held = held + 1 WHERE good = 'G001'`, nil},
		{`INSERT INTO redemption VALUES (?, ?, 'G001', ?)`, []any{seq, id[:], body[:]}},
		{`INSERT INTO job VALUES (?, 1)`, []any{seq}},
		{`INSERT INTO request VALUES (?, ?)`, []any{key[:], seq}},
	} {
		if _, err := tx.Exec(write.statement, write.args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
