package journal_test

import (
	"bytes"
	"fmt"
	"testing"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/journal/faulty"
)

// FuzzSegment puts any bytes into the place of a segment, the last one or one
// in the middle. Nothing panics, and only entries that were sealed come out.
func FuzzSegment(f *testing.F) {
	clean, all := written(f)
	paths := segmentsOf(f, clean)
	for _, path := range paths {
		content := clean.Content(path)
		places := journal.Places(on(f, clean), content)
		third := places[2]
		f.Add(content)
		f.Add(content[:third.Sealed])
		f.Add(append(bytes.Clone(content[:third.At]), content[third.End:]...))                   // one frame taken out
		f.Add(append(bytes.Clone(content[:third.End]), content[third.At:]...))                   // one frame doubled
		f.Add(append(bytes.Clone(content[:third.End+1]), content[third.End:]...))                // frames off their places
		f.Add(append(bytes.Clone(content[:journal.HeaderBytes]), make([]byte, third.Sealed)...)) // no frames
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 1<<16 {
			return
		}
		for _, path := range []string{paths[1], paths[len(paths)-1]} {
			d := clean.Copy()
			replace(t, d, path, content)
			right := func(seq uint64, entry []byte) error {
				if seq == 0 || seq > uint64(len(all)) || !bytes.Equal(entry, all[seq-1]) {
					return fmt.Errorf("a wrong entry %d came out", seq)
				}
				return nil
			}
			report, err := journal.Salvage(on(t, d), right)
			if err != nil {
				t.Fatal(err)
			}
			j, err := journal.Open(on(t, d))
			if err != nil {
				continue
			}
			next := uint64(0)
			err = j.Read(1, func(seq uint64, entry []byte) error {
				if next++; seq != next {
					return fmt.Errorf("entry %d came out after %d", seq, next-1)
				}
				return right(seq, entry)
			})
			if report.Whole() && (err != nil || next != report.Head.Seq) {
				t.Fatalf("whole, but %d of %d entries could be read: %v", next, report.Head.Seq, err)
			}
			j.Close()
		}
	})
}

// replace gives a file another content.
func replace(t testing.TB, d *faulty.Disk, path string, content []byte) {
	t.Helper()
	if err := d.Remove(path); err != nil {
		t.Fatal(err)
	}
	f, err := d.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(content, 0); err != nil {
		t.Fatal(err)
	}
}
