package faulty

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"yizhan/kiosk/store/journal"
)

// create makes a file and writes to it, without syncing anything.
func create(t *testing.T, d *Disk, name, content string) journal.File {
	t.Helper()
	f, err := d.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(content), 0); err != nil {
		t.Fatal(err)
	}
	return f
}

// names returns what is in the root folder.
func names(t *testing.T, d *Disk) []string {
	t.Helper()
	found, err := d.List("/")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestDurable syncs content and names apart: a power cut keeps what was synced.
func TestDurable(t *testing.T) {
	d := New()
	f := create(t, d, "/a", "first")
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, d.Copy()); len(got) != 0 {
		t.Errorf("the name was never synced: %v", got)
	}
	if err := d.SyncDir("/"); err != nil {
		t.Fatal(err)
	}
	create(t, d, "/b", "loose")
	f.WriteAt([]byte("FIRST"), 0)
	if got := names(t, d.Copy()); !slices.Equal(got, []string{"a"}) || string(d.Copy().Content("/a")) != "first" {
		t.Errorf("kept %v, %q", got, d.Copy().Content("/a"))
	}
	if string(d.Content("/a")) != "FIRST" {
		t.Errorf("programs see %q", d.Content("/a"))
	}
	after := d.Restart(All, nil)
	if got := names(t, after); !slices.Equal(got, []string{"a", "b"}) || string(after.Content("/b")) != "loose" {
		t.Errorf("all that got through: %v", got)
	}
	if _, err := d.Open("/a", false); !errors.Is(err, ErrPower) {
		t.Errorf("the old disk still answers: %v", err)
	}
}

// TestSectors proves that Some keeps whole sectors of a write, and not always
// the first ones.
func TestSectors(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	seen := map[string]bool{}
	for range 200 {
		d := New()
		f := create(t, d, "/a", string(make([]byte, 3*sectorBytes)))
		f.Sync()
		d.SyncDir("/")
		full := make([]byte, 2*sectorBytes)
		for i := range full {
			full[i] = 1
		}
		f.WriteAt(full, sectorBytes/2)
		content := d.Restart(Some, r).Content("/a")
		pattern := ""
		for from := 0; from < len(content); from += sectorBytes / 2 {
			half := content[from : from+sectorBytes/2]
			if slices.Contains(half, 0) && slices.Contains(half, 1) {
				t.Fatal("a sector was torn by itself")
			}
			pattern += string('0' + half[0])
		}
		seen[pattern] = true
	}
	for _, want := range []string{"000000", "011110", "010000", "001100", "000010", "010010"} {
		if !seen[want] {
			t.Errorf("never kept %s of %v", want, seen)
		}
	}
}

// TestCut lets so many bytes of a write through.
func TestCut(t *testing.T) {
	d := New()
	f := create(t, d, "/a", "......")
	f.Sync()
	d.SyncDir("/")
	d.CutAt(len(d.Ops()), 2)
	if n, err := f.WriteAt([]byte("abcdef"), 0); n != 2 || !errors.Is(err, ErrPower) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := f.WriteAt([]byte("x"), 5); n != 0 || !errors.Is(err, ErrPower) {
		t.Errorf("in the dark: %d bytes, %v", n, err)
	}
	d.Revive()
	if n, err := f.WriteAt([]byte("x"), 5); n != 1 || err != nil || string(d.Content("/a")) != "ab...x" {
		t.Errorf("only the process died: %d bytes, %v, %q", n, err, d.Content("/a"))
	}
	if got := string(d.Restart(All, nil).Content("/a")); got != "ab...x" {
		t.Errorf("%q", got)
	}
}

// TestFullDisk writes what there is room for.
func TestFullDisk(t *testing.T) {
	d := New()
	d.SetCapacity(10)
	f := create(t, d, "/a", "1234567")
	if n, err := f.WriteAt([]byte("89abcdef"), 7); n != 3 || !errors.Is(err, unix.ENOSPC) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := f.WriteAt([]byte("over"), 0); n != 4 || err != nil {
		t.Errorf("into blocks that exist: %d bytes, %v", n, err)
	}
	if err := d.Remove("/a"); err != nil || d.Used() != 0 {
		t.Errorf("%d bytes are used, %v", d.Used(), err)
	}
}

// TestFailedSync forgets what it should have kept, and still shows it.
func TestFailedSync(t *testing.T) {
	d := New()
	f := create(t, d, "/a", "old")
	f.Sync()
	d.SyncDir("/")
	d.SetFail(func(op Op) error {
		if op.Kind == Sync {
			return unix.EIO
		}
		return nil
	})
	f.WriteAt([]byte("new"), 0)
	if err := f.Sync(); !errors.Is(err, unix.EIO) {
		t.Fatal(err)
	}
	d.SetFail(nil)
	if err := f.Sync(); err != nil || string(d.Content("/a")) != "new" {
		t.Fatalf("%q, %v", d.Content("/a"), err)
	}
	if got := string(d.Restart(All, nil).Content("/a")); got != "old" {
		t.Errorf("the platter has %q", got)
	}
}

// TestFolders moves a folder with its files, and keeps names apart.
func TestFolders(t *testing.T) {
	d := New()
	if _, err := d.Create("/no/a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in no folder: %v", err)
	}
	if err := d.Mkdir("/x"); err != nil {
		t.Fatal(err)
	}
	create(t, d, "/x/a", "1")
	if err := d.Mkdir("/x"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("twice: %v", err)
	}
	if err := d.Remove("/x"); !errors.Is(err, unix.ENOTEMPTY) {
		t.Errorf("a full folder: %v", err)
	}
	if err := d.Rename("/x", "/y"); err != nil || string(d.Content("/y/a")) != "1" {
		t.Errorf("moved: %v", err)
	}
	if err := d.SyncDir("/"); err != nil || !slices.Equal(names(t, d.Copy()), []string{"y"}) {
		t.Fatalf("moved and synced: %v, %v", names(t, d.Copy()), err)
	}
	if inside, err := d.Copy().List("/y"); err != nil || len(inside) != 0 {
		t.Errorf("what is in the folder was not synced: %v, %v", inside, err)
	}
	if err := d.Rename("/y/a", "/b"); err != nil {
		t.Fatal(err)
	}
	if err := d.SyncDir("/y"); err != nil || !slices.Equal(names(t, d.Copy()), []string{"b", "y"}) {
		t.Errorf("a move is one change to both folders: %v, %v", names(t, d.Copy()), err)
	}
}

// TestSpoil makes a stretch unreadable, also after the power went.
func TestSpoil(t *testing.T) {
	d := New()
	create(t, d, "/a", "0123456789").Sync()
	d.SyncDir("/")
	d.Spoil("/a", 4, 6)
	d = d.Copy()
	f, err := d.Open("/a", false)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 2)
	for at := range int64(9) {
		_, err := f.ReadAt(b, at)
		if bad := at >= 3 && at <= 5; errors.Is(err, unix.EIO) != bad || !bad && err != nil {
			t.Errorf("at %d: %v", at, err)
		}
	}
}

// TestLock keeps writers out, and readers out of a writer's way.
func TestLock(t *testing.T) {
	d := New()
	reader, err := d.Lock("/", false)
	if err != nil {
		t.Fatal(err)
	}
	other, err := d.Lock("/", false)
	if err != nil {
		t.Fatalf("two readers: %v", err)
	}
	if _, err := d.Lock("/", true); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("a writer beside readers: %v", err)
	}
	reader.Close()
	reader.Close()
	if _, err := d.Lock("/", true); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("one reader is left: %v", err)
	}
	other.Close()
	writer, err := d.Lock("/", true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Lock("/", false); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("a reader beside the writer: %v", err)
	}
	writer.Close()
	if _, err := d.Lock("/", false); err != nil {
		t.Errorf("free again: %v", err)
	}
}
