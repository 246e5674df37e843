package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"yizhan/civic"
	"yizhan/ledger"
)

// journalFile is a file of a book's entries after a number.
func journalFile(t testing.TB, b *book, key ed25519.PrivateKey, after uint64) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := WriteJournal(context.Background(), &file, b, key, "yizhan test", after); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// carry takes a file in at the center.
func carry(t *testing.T, o *office, file []byte) (before, after uint64, err error) {
	t.Helper()
	f, err := ReadJournal(bytes.NewReader(file))
	if err != nil {
		return 0, 0, err
	}
	from, to, err := TakeJournal(t.Context(), o, f)
	return from.Seq, to.Seq, err
}

func TestJournalByCourier(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(200)
	o := newOffice()
	o.enrol("A", key.Public().(ed25519.PublicKey))
	for _, c := range []struct {
		name          string
		after         uint64
		before, taken uint64
		first         uint64
	}{
		{"all of it", 0, 0, 200, 1},
		{"the same again", 0, 200, 200, 1},
		{"a part that is there", 150, 200, 200, 151},
		{"nothing new: the last one, as a sign of life", 200, 200, 200, 200},
		{"more than there is", 999, 200, 200, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := journalFile(t, bk, key, c.after)
			f, err := ReadJournal(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if h := f.Header; h.First != c.first || h.Last != MarkOf(bk.head) || h.Entries() != 201-c.first || h.Kiosk != "A" || h.Program != "yizhan test" {
				t.Errorf("header %+v", h)
			}
			if before, after, err := carry(t, o, file); err != nil || before != c.before || after != c.taken {
				t.Errorf("from %d to %d, %v", before, after, err)
			}
		})
	}
	bk.events(3)
	if _, after, err := carry(t, o, journalFile(t, bk, key, 190)); err != nil || after != 203 {
		t.Errorf("after three more: %d, %v", after, err)
	}
}

func TestJournalWithoutEntries(t *testing.T) {
	if _, err := WriteJournal(t.Context(), io.Discard, newBook("A"), keyOf("A"), "x", 0); !errors.Is(err, ErrNoEntries) {
		t.Error(err)
	}
}

func TestJournalThatDoesNotFollow(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(100)
	clone := newBook("A")
	clone.boot[0] = 1
	clone.events(100)
	for _, c := range []struct {
		name string
		file []byte
		why  Reason
	}{
		{"one before it is missing", journalFile(t, bk, key, 80), ReasonGap},
		{"of a copy of the box", journalFile(t, clone, key, 0), ReasonFork},
		{"of a copy, the end alone", journalFile(t, clone, key, 50), ReasonFork},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice()
			o.enrol("A", key.Public().(ed25519.PublicKey))
			if _, err := Take(t.Context(), o, "A", 1, key.Public().(ed25519.PublicKey), stretch(bk, 1, 50, key)); err != nil {
				t.Fatal(err)
			}
			_, after, err := carry(t, o, c.file)
			if q, _ := errors.AsType[Quarantine](err); q.Reason != c.why || after != 50 || o.boxes["A"].head.Seq != 50 {
				t.Errorf("%v, up to %d", err, after)
			}
		})
	}
}

// Every file that is cut short is taken in up to its last whole frame, and says
// that it breaks off.
func TestJournalCutShort(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(3 * MaxEntries)
	file := journalFile(t, bk, key, 0)
	seen := map[uint64]bool{}
	for n := 0; n < len(file); n += 1 + n/40 {
		o := newOffice()
		o.enrol("A", key.Public().(ed25519.PublicKey))
		_, after, err := carry(t, o, file[:n])
		if !errors.Is(err, ErrBreaksOff) || after%MaxEntries != 0 || o.boxes["A"].head.Seq != after {
			t.Fatalf("cut at %d: %v, up to %d", n, err, after)
		}
		seen[after] = true
	}
	if !seen[0] || !seen[MaxEntries] || !seen[2*MaxEntries] || len(seen) != 3 {
		t.Errorf("taken up to %v", seen)
	}
}

// A bit that fell over on the stick is no proof against the kiosk: the file is
// refused from there on, and nothing of another chain comes in.
func TestJournalGarbled(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(2*MaxEntries + 5)
	file := journalFile(t, bk, key, 0)
	for n := 0; n < len(file); n += 1 + n/60 {
		bad := bytes.Clone(file)
		bad[n] ^= 1 << (n % 8)
		o := newOffice()
		o.enrol("A", key.Public().(ed25519.PublicKey))
		f, err := ReadJournal(bytes.NewReader(bad))
		if err == nil && f.Header.Public().Equal(key.Public()) && f.Header.Kiosk == "A" && f.Header.Epoch == 1 {
			_, _, err = TakeJournal(t.Context(), o, f)
			if err == nil && f.Header.Program == "yizhan test" {
				t.Fatalf("byte %d: taken in", n)
			}
		}
		if q, ok := errors.AsType[Quarantine](err); ok {
			t.Fatalf("byte %d: %v", n, q)
		}
		if err != nil && !errors.Is(err, ErrCourier) && !errors.Is(err, ErrBreaksOff) && !errors.Is(err, civic.ErrNewer) {
			t.Fatalf("byte %d: %v", n, err)
		}
		for i, raw := range o.boxes["A"].chain {
			if !bytes.Equal(raw, bk.entries[i]) {
				t.Fatalf("byte %d: entry %d is another", n, i+1)
			}
		}
	}
}

func TestJournalStrictly(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(5)
	good := string(journalFile(t, bk, key, 0))
	frames := good[strings.LastIndex(good, "\"}\n")+3:]
	header := strings.TrimSuffix(good, frames)
	magic := civic.FormatOf(courierKind) + "\n"
	for _, c := range []struct{ name, file string }{
		{"another magic", strings.Replace(good, "journal", "diaries", 1)},
		{"number 0", strings.Replace(good, magic, "yizhan-journal-0\n", 1)},
		{"more bytes", good + "x"},
		{"a frame too many", good + frames},
		{"a frame too few", header + "\x00\x00\x00\x00"},
		{"a space in the header", strings.Replace(good, `{"kiosk"`, `{ "kiosk"`, 1)},
		{"an unknown field", strings.Replace(good, `{"kiosk"`, `{"x":1,"kiosk"`, 1)},
		{"no entries", strings.Replace(good, `"first":1`, `"first":9`, 1)},
		{"epoch 0", strings.Replace(good, `"epoch":1`, `"epoch":0`, 1)},
		{"another kiosk", strings.Replace(good, `"kiosk":"A"`, `"kiosk":"B"`, 1)},
		{"another key", strings.Replace(good, `"key":"`+Digest(key.Public().(ed25519.PublicKey)).String(), `"key":"`+strings.Repeat("01", 32), 1)},
		{"another end", strings.Replace(good, `"last":{"seq":5`, `"last":{"seq":4`, 1)},
		{"a huge frame", header + string(binary.BigEndian.AppendUint32(nil, MaxFrameUp+1))},
		{"an endless first line", strings.Repeat("y", 100<<10)},
		{"an endless header", magic + strings.Repeat("{", 100<<10)},
		{"another kind of frame", header + "\x00\x00\x00\x02\x09x"},
	} {
		o := newOffice()
		o.enrol("A", key.Public().(ed25519.PublicKey))
		o.enrol("B", key.Public().(ed25519.PublicKey))
		if _, _, err := carry(t, o, []byte(c.file)); !errors.Is(err, ErrCourier) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A stick from a kiosk whose program is older is taken in; one from a newer program is
// told from a damaged one, and is no proof against anybody.
func TestJournalsOfOtherVersions(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(5)
	good := string(journalFile(t, bk, key, 0))
	as := func(n int) []byte {
		return []byte(strings.Replace(good, civic.FormatOf(courierKind), fmt.Sprintf("%s-%d", courierKind, n), 1))
	}
	o := newOffice()
	o.enrol("A", key.Public().(ed25519.PublicKey))
	if _, after, err := carry(t, o, as(civic.Version+1)); !errors.Is(err, civic.ErrNewer) || errors.Is(err, ErrCourier) || after != 0 {
		t.Errorf("a newer journal: up to %d, %v", after, err)
	}
	if _, after, err := carry(t, o, as(1)); err != nil || after != 5 {
		t.Errorf("an older journal: up to %d, %v", after, err)
	}
}

func TestJournalOnABadMedium(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(MaxEntries + 5)
	file := journalFile(t, bk, key, 0)
	broken := errors.New("input/output error")
	for _, n := range []int{3, 60, 400, len(file) - 10} {
		f, err := ReadJournal(io.MultiReader(bytes.NewReader(file[:n]), iotest.ErrReader(broken)))
		if err == nil {
			o := newOffice()
			o.enrol("A", key.Public().(ed25519.PublicKey))
			_, _, err = TakeJournal(t.Context(), o, f)
		}
		if !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
	full := errors.New("no space left on device")
	if _, err := WriteJournal(t.Context(), failing{full}, bk, key, "x", 0); !errors.Is(err, full) {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := WriteJournal(ctx, io.Discard, bk, key, "x", 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// failing is a stick that is full.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestCompareJournal(t *testing.T) {
	key := keyOf("A")
	bk := newBook("A")
	bk.events(100)
	clone := newBook("A")
	clone.entries = append(clone.entries, bk.entries[:30]...)
	clone.head = ledger.Head{Kiosk: "A", Epoch: 1, Seq: 30, Hash: ledger.HashOf(bk.entries[29])}
	clone.boot[0] = 1
	clone.events(90)
	o := newOffice()
	o.enrol("A", key.Public().(ed25519.PublicKey))
	if _, err := Take(t.Context(), o, "A", 1, key.Public().(ed25519.PublicKey), stretch(bk, 1, 60, key)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		file []byte
		want Comparison
	}{
		{"longer", journalFile(t, bk, key, 0), Comparison{Shared: 60}},
		{"the end", journalFile(t, bk, key, 40), Comparison{Shared: 20}},
		{"beyond", journalFile(t, bk, key, 60), Comparison{}},
		{"of a copy", journalFile(t, clone, key, 0), Comparison{Shared: 30, Differs: 31}},
		{"of a copy, the end", journalFile(t, clone, key, 50), Comparison{Differs: 51}},
	} {
		f, err := ReadJournal(bytes.NewReader(c.file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := CompareJournal(t.Context(), o, f)
		if got.Shared != c.want.Shared || got.Differs != c.want.Differs || got.Center.Seq != 60 || err != nil {
			t.Errorf("%s: %+v, %v", c.name, got, err)
		}
	}
}

func FuzzReadJournal(f *testing.F) {
	bk := newBook("A")
	bk.events(70)
	f.Add(journalFile(f, bk, keyOf("A"), 0))
	f.Add(journalFile(f, bk, keyOf("A"), 69))
	f.Add([]byte(civic.FormatOf(courierKind) + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := ReadJournal(bytes.NewReader(b))
		if err != nil {
			return
		}
		last := file.Header.First - 1
		for e, err := range file.Frames() {
			if err != nil {
				return
			}
			if e.First != last+1 {
				t.Fatalf("entries from %d after %d", e.First, last)
			}
			last += uint64(len(e.Entries))
		}
		if last != file.Header.Last.Seq {
			t.Errorf("read to %d without an error, the header says %d", last, file.Header.Last.Seq)
		}
	})
}
