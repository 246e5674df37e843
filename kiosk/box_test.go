package kiosk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/printer/sim"
)

// withBox hands in what the box page shows of the machine.
func withBox(c *Config) {
	c.Addresses = func() []string { return []string{"192.168.31.207", "10.0.8.15"} }
	c.FreeBytes = func() (int64, error) { return 21 << 30, nil }
}

func TestBoxPage(t *testing.T) {
	v := newVillage(t, withBox)
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/more").follow("/staff/box").
		sees("打印正常", "192.168.31.207", "第 1 份", "4 位志愿者", "21,504 MB").lacks("张*伟")
	bare := newVillage(t, func(c *Config) { c.Printer, c.Addresses = nil, func() []string { return nil } }).screen()
	bare.onDutyAs(clerk).get("/staff/box").sees("没接打印机", "没连网，不影响换东西")
	bare.follow("/staff/paper").sees("没接打印机").lacks("打印测试页")
}

func TestLowDiskIsSaid(t *testing.T) {
	s := newVillage(t, func(c *Config) { c.FreeBytes = func() (int64, error) { return 100 << 20, nil } }).screen()
	s.onDutyAs(clerk).get("/staff/box").sees("还空 100 MB", "is-warn")
	s = newVillage(t, func(c *Config) { c.FreeBytes = func() (int64, error) { return 0, errors.New("gone") } }).screen()
	s.onDutyAs(clerk).get("/staff/box").sees("读不出磁盘")
}

// running starts the server's own work until the test ends.
func (v *village) running() {
	ctx, stop := context.WithCancel(v.Context())
	ended := make(chan struct{})
	go func() { v.Run(ctx); close(ended) }()
	v.Cleanup(func() { stop(); <-ended })
}

func TestTestPage(t *testing.T) {
	v := newVillage(t)
	v.running()
	s := v.screen()
	s.onDutyAs(clerk).get("/staff/box").follow("/staff/paper")
	s.post("/staff/paper/test").on("/staff/paper?note=sent").sees("测试页已送出")
	if v.printer.count() != 1 {
		t.Errorf("%d slips printed, want 1", v.printer.count())
	}
	head := v.cfg.Store.Health().Head
	v.printer.Fail(sim.PaperOut)
	s.post("/staff/paper/test").sees("测试页没打出来", "没纸了")
	if got := v.cfg.Store.Health().Head; got != head {
		t.Error("a test page stands in the journal")
	}
}

// loaded waits until no bundle is being loaded, and shows the page.
func (s *screen) loaded() *screen {
	s.Helper()
	for range 500 {
		if !strings.Contains(s.get("/staff/bundle").body, "正在装名单") {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.Fatal("loading does not end")
	return s
}

// A bundle of a newer program is not said to be damaged: copying it again would not help.
func TestNewerBundleOnTheStick(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newer.bundle")
	newer := fmt.Sprintf("{\"format\":\"yizhan-bundle-%d\",\"unheard_of\":1}\n%5000s", civic.Version+1, "")
	if err := os.WriteFile(path, []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newVillage(t, func(c *Config) { c.Bundles = func() []string { return []string{path} } }).screen()
	s.onDutyAs(leader).get("/staff/bundle").sees("newer.bundle", "请升级这台机器的程序")
	s.post("/staff/bundle", "path", path)
	s.loaded().sees("newer.bundle 没装", "请升级这台机器的程序")
}

func TestBundlesOnTheStick(t *testing.T) {
	v := newVillage(t, withStick(t))
	s := v.screen()
	s.onDutyAs(leader).get("/staff/box").follow("/staff/bundle").
		sees("SQ-01-7.bundle", "第 7 份", "志愿者 4，货品 8，工作人员 2", "不是给这台机器（SQ-01）的", "文件坏了或被改过")
	if n := strings.Count(s.body, `name="path"`); n != 1 {
		t.Errorf("%d files can be loaded, want 1", n)
	}
	path := s.field("path")
	s.post("/staff/bundle", "path", path)
	s.loaded().sees("装好了第 7 份", "已经装过")
	if got := v.cfg.Store.Health().BundleSerial; got != 7 {
		t.Errorf("bundle %d is loaded, want 7", got)
	}
	// Whatever the page offers, a file that the store refuses is refused in words.
	s.post("/staff/bundle", "path", filepath.Join(filepath.Dir(path), "copy.bundle"))
	s.loaded().sees("copy.bundle 没装", "请重新拷一份")
	s.post("/staff/bundle", "path", filepath.Join(filepath.Dir(path), "QX-02-3.bundle"))
	s.loaded().sees("QX-02-3.bundle 没装", "请拿对 U 盘")
}

func TestOnlyFilesOfTheStickAreLoaded(t *testing.T) {
	s := newVillage(t, withStick(t)).screen()
	s.onDutyAs(leader).get("/staff/bundle")
	s.post("/staff/bundle", "path", "/etc/passwd").sees("没办成")
	s.get("/staff/bundle").lacks("没装")
	empty := newVillage(t).screen()
	empty.onDutyAs(leader).get("/staff/bundle").sees("没找到名单文件")
}
