package store

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	bbolt "go.etcd.io/bbolt"
)

// plainBook makes a bbolt file that has branches, long values, an empty bucket
// and a small one inline.
func plainBook(t testing.TB, rows int) (path string, want map[string]string) {
	t.Helper()
	path = filepath.Join(tempDir(t), "plain.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoFreelistSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want = make(map[string]string)
	put := func(b *bbolt.Bucket, name, k, v string) error {
		want[name+" "+k] = v
		return b.Put([]byte(k), []byte(v))
	}
	for round := range 3 { // later rounds overwrite, so that pages are freed and used again
		err = db.Update(func(tx *bbolt.Tx) error {
			large, _ := tx.CreateBucketIfNotExists([]byte("large"))
			small, _ := tx.CreateBucketIfNotExists([]byte("small"))
			if _, err := tx.CreateBucketIfNotExists([]byte("empty")); err != nil {
				return err
			}
			for n := range rows {
				size := 20 + n%50
				if n%97 == 0 {
					size = 9000
				}
				if err := put(large, "large", fmt.Sprintf("%05d", n*7919%rows), string(bytes.Repeat([]byte{byte(round + 1)}, size))); err != nil {
					return err
				}
			}
			return put(small, "small", "k", fmt.Sprint(round))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return path, want
}

// walk reads a file's rows, and how many complaints there were.
func walk(b []byte) (rows map[string]string, bad int, err error) {
	rows = make(map[string]string)
	err = walkPages(bytes.NewReader(b), int64(len(b)), func(bucket string, key, value []byte) { rows[bucket+" "+string(key)] = string(value) },
		func(string, string) { bad++ })
	return rows, bad, err
}

func TestWalkReadsWhatBoltWrote(t *testing.T) {
	for _, rows := range []int{0, 1, 3, 300, 8_000} {
		path, want := plainBook(t, rows)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, bad, err := walk(b)
		if err != nil || bad > 0 {
			t.Fatalf("%d rows: %d complaints, %v", rows, bad, err)
		}
		sameDump(t, got, want)
	}
}

// TestWalkNoticesEveryPage zeroes each page in turn. Either the walk complains,
// or every row is still there.
func TestWalkNoticesEveryPage(t *testing.T) {
	path, want := plainBook(t, 800)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	complained := 0
	for at := 0; at+page <= len(whole); at += page {
		b := bytes.Clone(whole)
		clear(b[at : at+page])
		got, bad, err := walk(b)
		if err != nil || bad > 0 {
			complained++
			continue
		}
		if at < 2*page {
			continue // a meta page: the other one serves, perhaps one commit behind
		}
		for key := range want { // the values of long rows are the seals' to prove
			if _, there := got[key]; !there {
				t.Fatalf("page at %d: row %s is gone and nobody complains", at, key)
			}
		}
	}
	if complained < 20 {
		t.Fatalf("only %d pages mattered", complained)
	}
}

func TestWalkOfNoBook(t *testing.T) {
	junk := make([]byte, 64<<10)
	rand.Read(junk)
	for name, b := range map[string][]byte{"empty": nil, "short": junk[:100], "junk": junk, "zeros": make([]byte, 64<<10)} {
		if _, _, err := walk(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// FuzzWalk must neither panic nor loop nor take much memory, whatever it reads.
func FuzzWalk(f *testing.F) {
	path, _ := plainBook(f, 40)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	whole = whole[:16*os.Getpagesize()]
	f.Add(whole, uint32(0), byte(0))
	for at := range 64 {
		f.Add(whole, uint32(at*1021), byte(at+1))
	}
	f.Fuzz(func(t *testing.T, b []byte, at uint32, by byte) {
		if len(b) > 0 {
			b = bytes.Clone(b)
			b[int(at)%len(b)] ^= by
		}
		walk(b)
	})
}
