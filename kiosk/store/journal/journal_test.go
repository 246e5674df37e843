package journal_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"testing"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

const kiosk = "V001-K1"

// chain makes entries of a valid chain, the first of them after a head.
func chain(t testing.TB, head ledger.Head, count int) [][]byte {
	t.Helper()
	var entries [][]byte
	for range count {
		seq := head.Seq + 1
		e := ledger.Entry{
			Kiosk: head.Kiosk, Epoch: head.Epoch, Seq: seq, Prev: head.Hash, MonoMS: int64(seq),
			Body: ledger.Device{Event: ledger.DeviceBundle, Text: fmt.Sprintf("%d%s", seq, bytes.Repeat([]byte("x"), int(seq*37%300)))},
		}
		b, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if head, _, err = head.Next(b); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, b)
	}
	return entries
}

// sealer returns the sealer of a key.
func sealer(t testing.TB, key byte) *seal.Sealer {
	t.Helper()
	s, err := seal.New(bytes.Repeat([]byte{key}, seal.KeyBytes))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func config(t testing.TB, dir string) journal.Config {
	t.Helper()
	return journal.Config{Dir: dir, Kiosk: kiosk, Epoch: 1, Sealer: sealer(t, 7), Random: rand.Reader, SegmentBytes: journal.MinSegmentBytes}
}

func open(t testing.TB, cfg journal.Config) *journal.Journal {
	t.Helper()
	j, err := journal.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

// read returns the entries from a number on, as copies.
func read(t testing.TB, j *journal.Journal, from uint64) [][]byte {
	t.Helper()
	var got [][]byte
	err := j.Read(from, func(seq uint64, entry []byte) error {
		if seq != from+uint64(len(got)) {
			t.Fatalf("entry %d after %d entries from %d", seq, len(got), from)
		}
		got = append(got, bytes.Clone(entry))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestRestart appends in groups over several segments, opens again, and goes on.
func TestRestart(t *testing.T) {
	cfg := config(t, t.TempDir()+"/journal")
	j := open(t, cfg)
	var all [][]byte
	for i := range 40 {
		group := chain(t, j.Head(), 1+i%4)
		if err := j.Append(j.Head().Seq+1, group); err != nil {
			t.Fatal(err)
		}
		all = append(all, group...)
		if i%10 == 9 {
			head := j.Head()
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			j = open(t, cfg)
			if j.Head() != head {
				t.Fatalf("head %v after opening, before %v", j.Head(), head)
			}
		}
	}
	for _, from := range []uint64{1, 2, 50, uint64(len(all)), uint64(len(all)) + 1} {
		got := read(t, j, from)
		want := all[from-1:]
		if len(got) != len(want) || !bytes.Equal(bytes.Join(got, nil), bytes.Join(want, nil)) {
			t.Fatalf("from %d: %d entries, want %d", from, len(got), len(want))
		}
	}
	if _, err := journal.Open(cfg); !errors.Is(err, journal.ErrLocked) {
		t.Fatalf("opened twice: %v", err)
	}
	j.Close()
	report, err := journal.Scan(cfg)
	if err != nil || !report.Whole() || len(report.Good) != 1 || report.Good[0] != (journal.Range{First: 1, Last: uint64(len(all))}) {
		t.Fatalf("%+v, %v", report, err)
	}
}

// TestReadWhileAppending reads on and on while entries are appended and the
// next segments are made in the background.
func TestReadWhileAppending(t *testing.T) {
	j := open(t, config(t, t.TempDir()+"/journal"))
	done := make(chan struct{})
	var wait sync.WaitGroup
	for range 2 {
		wait.Go(func() {
			for last := uint64(0); ; {
				select {
				case <-done:
					return
				default:
				}
				head := j.Head()
				err := j.Read(last, func(seq uint64, _ []byte) error {
					last = seq
					return nil
				})
				if err != nil || last < head.Seq {
					t.Errorf("read up to %d of %d: %v", last, head.Seq, err)
					return
				}
			}
		})
	}
	if err := fill(t, j, 200); err != nil {
		t.Error(err)
	}
	close(done)
	wait.Wait()
}
