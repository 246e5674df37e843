package kiosk

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"yizhan/link"
)

// withSticks is a kiosk of a center, with sticks that its journal can go to.
func withSticks(sticks ...string) func(*Config) {
	return func(c *Config) {
		c.Center, c.Program = &testCenter{store: c.Store, offline: true}, "yizhan test"
		c.Sticks = func() []string { return sticks }
	}
}

// carried waits until the journal is copied, and shows the page.
func (s *screen) carried() *screen {
	s.Helper()
	for range 500 {
		if !strings.Contains(s.get("/staff/carry").body, "正在拷流水") {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatal("copying does not end")
	return s
}

// The journal goes to a stick whole, as a file that a center can read, and the page
// says that points are safe and where to go.
func TestJournalIsCarriedByStick(t *testing.T) {
	stick := filepath.Join(t.TempDir(), "KINGSTON")
	if err := os.Mkdir(stick, 0o700); err != nil {
		t.Fatal(err)
	}
	v := newVillage(t, withStick(t), withSticks(stick))
	s := v.screen()
	s.onDutyAs(leader).get("/staff/bundle").follow("/staff/carry").sees("KINGSTON", "中心还没收到")
	s.post("/staff/carry", "path", stick).carried().
		sees("条流水拷到了 KINGSTON", "可以拔 U 盘了，请带到中心", "积分都还在")
	head := v.cfg.Store.Health().Head
	name := fmt.Sprintf("SQ-01-%d-%d.yzj", head.Epoch, head.Seq)
	left, err := os.ReadDir(stick)
	if err != nil || len(left) != 1 || left[0].Name() != name {
		t.Fatalf("on the stick: %v, %v", left, err)
	}
	f, err := os.Open(filepath.Join(stick, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	file, err := link.ReadJournal(f)
	if err != nil {
		t.Fatal(err)
	}
	entries := uint64(0)
	for e, err := range file.Frames() {
		if err != nil {
			t.Fatal(err)
		}
		entries += uint64(len(e.Entries))
	}
	if h := file.Header; h.First != 1 || h.Last.Seq != head.Seq || entries != head.Seq || h.Program != "yizhan test" || !h.Public().Equal(v.cfg.Store.PublicKey()) {
		t.Errorf("%+v with %d entries, head %d", h, entries, head.Seq)
	}
}

// A stick that is gone, or full, or shut, is told in words, and leaves nothing half.
func TestStickThatTakesNoJournal(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "gone")
	s := newVillage(t, withSticks(missing)).screen()
	s.onDutyAs(clerk).get("/staff/carry")
	s.post("/staff/carry", "path", missing).carried().sees("U 盘拔早了，或者坏了", "积分都还在").lacks("可以拔 U 盘了")
	for want, err := range map[string]error{
		"done": nil, "full": &fs.PathError{Err: syscall.ENOSPC}, "pulled": &fs.PathError{Err: syscall.EIO}, "closed": &fs.PathError{Err: syscall.EROFS},
		"empty": link.ErrNoEntries, "unread": errors.New("something else"),
	} {
		if got := carryState(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

func TestOnlySticksGetTheJournal(t *testing.T) {
	s := newVillage(t, withSticks()).screen()
	s.onDutyAs(clerk).get("/staff/carry").sees("没找到 U 盘")
	s.post("/staff/carry", "path", t.TempDir()).sees("没办成")
	s.get("/staff/carry").lacks("拔早了")
}

// A kiosk that stands alone has nowhere to carry its journal.
func TestNoJournalFromAKioskThatStandsAlone(t *testing.T) {
	s := newVillage(t, func(c *Config) { c.Sticks = func() []string { return nil } }).screen()
	s.onDutyAs(clerk).get("/staff/bundle").lacks("/staff/carry", "拷出流水")
	s.get("/staff/carry").lacks("没找到 U 盘")
}
