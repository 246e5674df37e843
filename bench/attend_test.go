package bench

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"yizhan/center/store"
	"yizhan/center/store/storetest"
	"yizhan/civic"
	"yizhan/ledger"
)

// BenchmarkAttend measures how many phones a second a center checks in, from the code
// that the phone has read to the document that has the kiosk greet its owner, beside one
// row that is written to the same database and committed as often as there are people.
// A school of 500 arrives at one kiosk, 16 at a time.
func BenchmarkAttend(b *testing.B) {
	for name, database := range map[string]func(*testing.B) string{
		"sqlite":   func(b *testing.B) string { return filepath.Join(b.TempDir(), "book.db") },
		"postgres": func(b *testing.B) string { return storetest.Database(b) },
	} {
		b.Run(name, func(b *testing.B) { attend(b, database(b), database(b)) })
	}
}

const (
	schoolPeople  = 500
	schoolCallers = 16
	schoolKiosk   = "SQ-01"
)

func attend(b *testing.B, database, beside string) {
	ctx := context.Background()
	book, err := store.Open(ctx, store.Config{Database: database, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer book.Close()
	public, private, _ := ed25519.GenerateKey(nil)
	people := school(b, book)
	row := openRow(b, beside)
	var ours, floor time.Duration
	rounds := 0
	for b.Loop() {
		shift := plan(b, book, rounds)
		code := civic.CheckCode{Shift: shift, Kiosk: schoolKiosk, Epoch: 1, Step: civic.StepAt(time.Now())}.Sign("", private)
		ours += crowd(schoolCallers, len(people)/schoolCallers, func(i int) {
			c, err := civic.VerifyCheckCode(code, public)
			if err != nil {
				b.Error(err)
			}
			a, err := book.Attend(ctx, store.Attend{Volunteer: people[i], Shift: c.Shift, At: time.Now(), Kiosk: c.Kiosk, Phone: people[i].String()})
			if err != nil || a.State != civic.AttendOpen {
				b.Error(a.State, err)
			}
		})
		floor += crowd(schoolCallers, len(people)/schoolCallers, func(int) { row() })
		rounds++
	}
	done := float64(rounds * (len(people) / schoolCallers) * schoolCallers)
	b.ReportMetric(done/ours.Seconds(), "check-ins/s")
	b.ReportMetric(done/floor.Seconds(), "rows/s")
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "x-row")
}

// school registers a place with a kiosk, and everybody who arrives there.
func school(b *testing.B, book *store.Store) (people []ledger.ID) {
	ctx := context.Background()
	fail := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	fail(book.PutScope(ctx, store.Scope{ID: "town", Name: "镇"}))
	fail(book.PutKiosk(ctx, store.Kiosk{ID: schoolKiosk, Name: "站", Parent: "town"}))
	for i := range schoolPeople {
		id := volunteerID(i)
		fail(book.PutPerson(ctx, store.Person{Volunteer: civic.Volunteer{ID: id, Name: fmt.Sprint("学生", i)}, Town: "town"}))
		people = append(people, id)
	}
	return people
}

// plan makes one more shift, to which the same people come.
func plan(b *testing.B, book *store.Store, n int) ledger.ID {
	now := time.Now().Unix()
	s := civic.Shift{ID: ledger.ID{byte(n >> 8), byte(n), 7}, Activity: ledger.ID{8}, Title: "护河", Place: "学校", Start: now, End: now + 3600, Kiosks: []string{schoolKiosk}, CheckEarly: 600}
	if err := book.PutShift(context.Background(), "town", s); err != nil {
		b.Fatal(err)
	}
	return s.ID
}

// openRow returns what writes one row and commits it.
func openRow(b *testing.B, database string) func() {
	var n atomic.Int64
	if strings.HasPrefix(database, "postgres") {
		conns := make(chan *pgx.Conn, schoolCallers)
		for range schoolCallers {
			conn, err := pgx.Connect(context.Background(), database)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { conn.Close(context.Background()) })
			conns <- conn
		}
		exec := func(query string, args ...any) {
			conn := <-conns
			defer func() { conns <- conn }()
			if _, err := conn.Exec(context.Background(), query, args...); err != nil {
				b.Error(err)
			}
		}
		exec(makeSeen)
		return func() { exec(insertSeen, n.Add(1), time.Now().UnixNano()) }
	}
	db, err := sql.Open("sqlite", "file:"+database+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(makeSeen); err != nil {
		b.Fatal(err)
	}
	return func() {
		if _, err := db.Exec(insertSeen, n.Add(1), time.Now().UnixNano()); err != nil {
			b.Error(err)
		}
	}
}

const (
	makeSeen   = `CREATE TABLE seen (id BIGINT PRIMARY KEY, at BIGINT NOT NULL)`
	insertSeen = `INSERT INTO seen (id, at) VALUES ($1, $2)`
)
