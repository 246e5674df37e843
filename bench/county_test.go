package bench

import (
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/ledger"
)

// county is the book of a county, or of a whole prefecture: one town that was made
// through the store, entry by entry, and copies of it that the database made, each
// row under other names. Sums, trails and lists are those of real books; hashes and
// what names somebody inside of a body are the first town's.
type county struct {
	towns, volunteers, entries int
	town                       seedTown
	phones                     []*http.Cookie // of one volunteer each
}

// seedTown is the town that is copied.
type seedTown struct {
	volunteers, kiosks, entries int
	attendances                 int // of each volunteer
	people                      []ledger.ID
	boxes                       []*fleetBox
}

const (
	countyTown  = "town"
	countyGoods = 60
	countyDays  = 90 // that the entries lie back
)

var (
	countySurnames = strings.Split("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗", "")
	countyGiven    = strings.Split("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国", "")
)

// newTown makes the town in an empty book.
func newTown(b *testing.B, book *store.Store, t seedTown) seedTown {
	b.Helper()
	ctx := store.As(b.Context(), "bench")
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	must(book.PutScope(ctx, store.Scope{ID: "center", Name: "青禾县中心"}))
	must(book.PutScope(ctx, store.Scope{ID: countyTown, Parent: "center", Name: "清溪镇"}))
	for i := range countyGoods {
		must(book.PutDocument(ctx, "center", civic.Document{Good: &civic.Good{Code: fmt.Sprintf("G%03d", i), Name: fmt.Sprintf("物品 %d", i), Unit: "件", Price: ledger.Points(10 + i), Delivered: 10_000}}))
	}
	for i := range t.kiosks {
		box := newFleetBox(i)
		t.boxes = append(t.boxes, box)
		must(book.PutKiosk(ctx, store.Kiosk{ID: box.kiosk, Name: fmt.Sprintf("第 %d 村益栈", i), Parent: countyTown, Cap: ledger.MaxPoints}))
		_, err := book.NewEpoch(ctx, box.kiosk, box.key.Public().(ed25519.PublicKey), 1, "bench")
		must(err)
		must(book.Seen(ctx, box.kiosk, []byte(`{"printer":"ok","paper":"ok","disk_free_bytes":20000000000,"program":"bench"}`)))
	}
	draw := rand.New(rand.NewPCG(1, 2))
	for first := 0; first < t.volunteers; first += store.MaxAdmissions {
		var list []store.Admission
		for n := first; n < min(first+store.MaxAdmissions, t.volunteers); n++ {
			list = append(list, admission(n, t.boxes[n%t.kiosks].kiosk, draw))
			t.people = append(t.people, list[len(list)-1].ID)
		}
		_, err := book.Admit(ctx, list, false)
		must(err)
	}
	for i, box := range t.boxes {
		t.redeem(b, book, i, box)
	}
	t.serve(b, book, t.attendances)
	_, err := book.SumMonths(ctx)
	must(err)
	return t
}

func admission(n int, home string, draw *rand.Rand) store.Admission {
	var id ledger.ID // begins with fifteen bits of zero: AAA
	binary.BigEndian.PutUint32(id[2:], uint32(n)+1)
	name := countySurnames[draw.IntN(len(countySurnames))] + countyGiven[draw.IntN(len(countyGiven))] + countyGiven[draw.IntN(len(countyGiven))]
	e := civic.Earning{On: 20_000, Expires: fleetLot, What: "名单", Minutes: 60_000, Rate: 10, Points: 10_000}
	return store.Admission{ID: id, Town: countyTown, Home: home, Earned: e, After: store.Listed{Points: e.Points, Minutes: e.Minutes},
		Change: func(v civic.Volunteer) civic.Volunteer {
			v.Name, v.Initials, v.Number, v.Tail = name, issuer.Initials(name), fmt.Sprintf("42-%07d", n), fmt.Sprintf("%04d", n%10_000)
			v.Cards = []civic.CardID{{byte(n), byte(n >> 8), byte(n >> 16), 1}}
			v.Minutes = e.Minutes
			return v
		}}
}

// redeem lets a kiosk's volunteers redeem through some months, and takes that in.
func (t seedTown) redeem(b *testing.B, book *store.Store, n int, box *fleetBox) {
	b.Helper()
	each := t.entries / t.kiosks
	began := time.Now().Add(-countyDays * 24 * time.Hour).UnixMilli()
	step := int64(countyDays*24*3600*1000) / int64(each)
	for i := 0; len(box.entries) < each; i++ {
		who := t.people[(n+i*t.kiosks)%len(t.people)]
		seq := box.head.Seq + 1
		var key ledger.Key
		binary.BigEndian.PutUint64(key[:], seq)
		price := ledger.Points(1 + i%20)
		box.writeAt(b, began+int64(seq)*step, ledger.Reserve{Key: key, Volunteer: who, Good: fmt.Sprintf("G%03d", i%countyGoods), Quantity: 1,
			Parts: []ledger.Part{{Expires: fleetLot, Points: price}}, Claim: uint16(seq % 9000)})
		key[0]++
		box.writeAt(b, began+int64(seq)*step+60_000, ledger.Settle{Key: key, Redemption: seq, Operator: ledger.ID{9}})
	}
	box.bring(b, book, 0)
}

func (b *fleetBox) writeAt(tb testing.TB, wall int64, body ledger.Body) {
	raw, err := ledger.Entry{Kiosk: b.kiosk, Epoch: 1, Seq: b.head.Seq + 1, Prev: b.head.Hash, MonoMS: int64(b.head.Seq), WallMS: wall, Quality: ledger.ClockSynced, Body: body}.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	b.entries = append(b.entries, raw)
	b.head.Seq, b.head.Hash = b.head.Seq+1, ledger.HashOf(raw)
}

// notCopied are tables that are the same everywhere, or of what passes.
var notCopied = []string{"migration", "era", "identity", "outbox", "officer", "welcome", "session", "attempt", "enrolment", "job", "jobpart", "seat", "recall", "phone", "ticket"}

// copyTown copies the town under other names, as often as is wanted.
func copyTown(b *testing.B, database string, copies int) {
	b.Helper()
	ctx := context.WithoutCancel(b.Context())
	db, err := pgx.Connect(ctx, database)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close(ctx)
	columns := make(map[string][][2]string)
	rows, err := db.Query(ctx, `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`)
	if err != nil {
		b.Fatal(err)
	}
	var table, name, kind string
	if _, err := pgx.ForEachRow(rows, []any{&table, &name, &kind}, func() error {
		columns[table] = append(columns[table], [2]string{name, kind})
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	for table, list := range columns {
		if slices.Contains(notCopied, table) {
			continue
		}
		began := time.Now()
		done, err := db.Exec(ctx, copyStatement(table, list), copies)
		if err != nil {
			b.Fatalf("copying %s: %v", table, err)
		}
		fmt.Printf("%s: %d rows in %v\n", table, done.RowsAffected(), time.Since(began).Round(time.Second))
	}
	if _, err := db.Exec(ctx, "ANALYZE"); err != nil {
		b.Fatal(err)
	}
}

// copyStatement writes the copies of a table's rows. Columns that name a volunteer, a
// place or a kiosk name the copy's; a hash becomes another one.
func copyStatement(table string, columns [][2]string) string {
	const copyOf = `translate(to_char(copy, 'FM000'), '0123456789', 'BCDEFGHIJK')`
	named := func(c string) string {
		return `CASE WHEN ` + c + ` = '' THEN '' ELSE ` + copyOf + ` || substr(` + c + `, 4) END`
	}
	place := func(c string) string {
		return `CASE WHEN ` + c + ` IN ('', 'center') THEN ` + c + ` ELSE ` + c + ` || '-' || copy END`
	}
	var names, values []string
	for _, column := range columns {
		c := column[0]
		value := "t." + c
		switch {
		case c == "volunteer" || c == "shift" || c == "activity" || c == "id" && (table == "shift" || table == "activity"):
			value = named(value)
		case c == "body" && table == "person":
			value = `convert_to(replace(convert_from(t.body, 'UTF8'), t.volunteer, ` + named("t.volunteer") + `), 'UTF8')`
		case c == "body" && (table == "shift" || table == "activity"): // whose page looks for what its body names
			text := `replace(convert_from(t.body, 'UTF8'), t.id, ` + named("t.id") + `)`
			if table == "shift" {
				text = `replace(` + text + `, t.activity, ` + named("t.activity") + `)`
			}
			value = `convert_to(regexp_replace(replace(` + text + `, '"scope":"` + countyTown + `"', '"scope":"` + countyTown + `-' || copy || '"'),
				'"(K-[0-9]+)"', '"\1-' || copy || '"', 'g'), 'UTF8')`
		case slices.Contains([]string{"kiosk", "scope", "parent", "home", "town", "place"}, c) && column[1] == "text":
			value = place(value)
		case c == "people" && column[1] == "bytea": // others' marks, so that nobody counts for two towns
			value = `(SELECT COALESCE(string_agg(substr(sha256(substr(all_of, at, 8) || int4send(copy)), 1, 8), '' ORDER BY at), '')
				FROM (SELECT ` + value + ` || ''::bytea AS all_of OFFSET 0) whole, generate_series(1, length(all_of), 8) at)` // read whole, not once for each mark
		case (c == "card" || c == "hash") && column[1] == "text":
			value += ` || copy`
		case table == "document" && c == "id":
			value = `CASE WHEN t.kind IN ('volunteer', 'grant', 'shift', 'attended') THEN ` + named(value) + ` WHEN t.kind = 'station' THEN ` + place(value) + ` ELSE ` + value + ` END`
		}
		names, values = append(names, c), append(values, value)
	}
	return `INSERT INTO ` + table + ` (` + strings.Join(names, ", ") + `) SELECT ` + strings.Join(values, ", ") + ` FROM ` + table +
		` t CROSS JOIN generate_series(1, $1::int) copy ON CONFLICT DO NOTHING`
}
