package bench

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

const (
	benchKiosk = "BENCH-1"
	benchGood  = "G001"
	surnames   = "wlzcyhzwxsmzhglxstzhfdcpztdypycjyydycsw"
)

// volunteerID numbers the volunteers of a bench station.
func volunteerID(i int) (id ledger.ID) {
	binary.BigEndian.PutUint64(id[2:], uint64(i)*0x9E3779B97F4A7C15+1)
	return id
}

func documents(volunteers int) iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		station := civic.Station{Version: 1, Kiosk: benchKiosk, Name: "测量站", PhoneKey: make([]byte, 32),
			Policy: civic.Policy{MonthlyLimit: 99}}
		good := civic.Good{Code: benchGood, Version: 1, Name: "东北大米", Unit: "袋", Price: 1, Delivered: 1e9}
		if !yield(civic.Document{Station: &station}, nil) || !yield(civic.Document{Good: &good}, nil) {
			return
		}
		ids := make([]ledger.ID, volunteers)
		for i := range ids {
			ids[i] = volunteerID(i)
		}
		sortIDs(ids)
		for i, id := range ids {
			v := volunteer(i, id)
			if !yield(civic.Document{Volunteer: &v}, nil) {
				return
			}
		}
	}
}

func volunteer(i int, id ledger.ID) civic.Volunteer {
	phone := fmt.Sprintf("154%08d", i)
	var card civic.CardSecret
	binary.BigEndian.PutUint64(card[:], uint64(i))
	return civic.Volunteer{
		ID: id, Version: 1, Name: fmt.Sprintf("测量%c%c", 0x4E00+i%20000, 0x4E00+i/7%20000),
		Initials: string([]byte{surnames[i%len(surnames)], byte('a' + i/39%26), byte('a' + i/1014%26)}),
		Number:   fmt.Sprintf("330%09d", i), Phone: civic.HashPhone(make([]byte, 32), phone), Tail: phone[7:],
		Cards: []civic.CardID{card.ID()}, Minutes: 6000,
		Earned: []civic.Earning{
			{On: 2000, Expires: 3200, What: "名册", Minutes: 3000, Rate: 10, Points: 5e8},
			{On: 2300, Expires: 3500, What: "名册", Minutes: 3000, Rate: 10, Points: 5e8},
		},
	}
}

// writeBundle writes a signed bundle of a station with that many volunteers.
func writeBundle(t testing.TB, volunteers int) string {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bench.yzb")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	head := civic.BundleHeader{Kiosk: benchKiosk, Epoch: 1, Serial: 1, Made: time.Now()}
	if _, err := civic.WriteBundle(f, head, key, documents(volunteers)); err != nil {
		t.Fatal(err)
	}
	return path
}

// station opens a store with that many volunteers in dir.
func station(t testing.TB, dir string, volunteers int) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), config(dir))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, err := s.LoadBundle(context.Background(), writeBundle(t, volunteers), store.LoadOptions{Trust: true}); err != nil {
		t.Fatal(err)
	}
	return s
}

func config(dir string) store.Config {
	return store.Config{Dir: dir, Kiosk: benchKiosk, Program: "bench", Clock: store.NewSystemClock(), Random: rand.Reader,
		Log: slog.New(slog.DiscardHandler), Fatal: func(err error) { panic(err) }}
}

func newKey() (k ledger.Key) {
	rand.Read(k[:])
	return k
}
