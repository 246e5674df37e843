package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"yizhan/center"
	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// BenchmarkReturn measures what a center goes through when a whole county comes
// back: 500 kiosks that were offline for seven days call at once, each with 2,000
// entries. Meanwhile somebody redeems at a kiosk that was never away, once in a
// while, and is topped up for it.
func BenchmarkReturn(b *testing.B) {
	const kiosks, entries = 500, 2000
	boxes := make([]*fleetBox, kiosks+1)
	for i := range boxes {
		boxes[i] = newFleetBox(i)
		if i > 0 {
			boxes[i].work(b, entries)
		}
	}
	c := startCenter(b, func(book *store.Store) {
		settleFleet(b, book, boxes)
		freeVolunteers(b, book)
	})
	for b.Loop() {
		ctx, stop := context.WithCancel(b.Context())
		var links sync.WaitGroup
		live := boxes[0].connect(c.address, c.pin)
		links.Go(func() { _ = live.Run(ctx) })
		waitOnline(b, live)
		began := time.Now()
		for _, box := range boxes[1:] {
			l := box.connect(c.address, c.pin)
			links.Go(func() { _ = l.Run(ctx) })
		}
		drained := make(chan struct{})
		go func() {
			defer close(drained)
			for _, box := range boxes[1:] {
				box.waitAcked(entries)
			}
		}()
		times := redeemMeanwhile(b, live, drained)
		took := time.Since(began)
		b.ReportMetric(took.Seconds(), "s-to-drain")
		b.ReportMetric(float64(kiosks*entries)/took.Seconds(), "entries/s")
		b.ReportMetric(float64(times[len(times)*99/100].Milliseconds()), "live-p99-ms")
		b.ReportMetric(float64(times[len(times)/2].Milliseconds()), "live-p50-ms")
		b.ReportMetric(float64(len(times)), "live-redemptions")
		b.ReportMetric(float64(c.peakKiB(b))/1024, "center-peak-MiB")
		stop()
		links.Wait()
	}
}

// BenchmarkIdle measures what 10,000 connected kiosks cost that have nothing to say.
func BenchmarkIdle(b *testing.B) {
	const kiosks = 10_000
	boxes := make([]*fleetBox, kiosks)
	for i := range boxes {
		boxes[i] = newFleetBox(i)
		boxes[i].volunteers = nil
	}
	c := startCenter(b, func(book *store.Store) { settleFleet(b, book, boxes) })
	for b.Loop() {
		ctx, stop := context.WithCancel(b.Context())
		before := c.residentKiB(b)
		var links sync.WaitGroup
		began := time.Now()
		calling := make(chan struct{}, 64) // a county's network does not bring all of them in one instant
		for _, box := range boxes {
			calling <- struct{}{}
			l := box.connect(c.address, c.pin)
			links.Go(func() { _ = l.Run(ctx) })
			go func() {
				waitOnline(b, l)
				<-calling
			}()
		}
		for range cap(calling) {
			calling <- struct{}{}
		}
		took := time.Since(began)
		time.Sleep(5 * time.Second) // what connecting took is given back
		b.ReportMetric(float64(c.residentKiB(b)-before)*1024/kiosks, "bytes/kiosk")
		b.ReportMetric(float64(c.residentKiB(b))/1024, "center-MiB")
		b.ReportMetric(kiosks/took.Seconds(), "connections/s")
		stop()
		links.Wait()
	}
}

// freePeople are volunteers whose points are free at the center.
const freePeople = 200

func freeVolunteer(i int) (id ledger.ID) {
	binary.BigEndian.PutUint32(id[:], 0xffff_0000+uint32(i))
	return id
}

func freeVolunteers(tb testing.TB, book *store.Store) {
	for i := range freePeople {
		var key ledger.Key
		binary.BigEndian.PutUint64(key[:], 1<<40+uint64(i))
		id := freeVolunteer(i)
		err := book.PutPerson(context.Background(), store.Person{Volunteer: civic.Volunteer{ID: id, Name: "李秀英"}, Town: "qingxi"})
		if err == nil {
			err = book.Earn(context.Background(), id, key, civic.Earning{On: 2300, Expires: fleetLot, What: "护河", Points: 1000})
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// redeemMeanwhile tops a volunteer up at the live kiosk, again and again, until
// the others are done, and returns how long each waited, the shortest first.
func redeemMeanwhile(tb testing.TB, live *link.Kiosk, until <-chan struct{}) (times []time.Duration) {
	var had [freePeople]ledger.Points
	for i := 0; ; i++ {
		select {
		case <-until:
			slices.Sort(times)
			return times
		case <-time.After(50 * time.Millisecond):
		}
		who := i % freePeople
		began := time.Now()
		a, err := live.TopUp(context.Background(), freeVolunteer(who), had[who], 1)
		took := time.Since(began)
		if err != nil || a.Outcome != link.OutcomeOK {
			tb.Logf("live redemption %d: %+v, %v after %v", i, a.Outcome, err, took)
		} else {
			had[who]++
		}
		times = append(times, took)
	}
}

func waitOnline(tb testing.TB, k *link.Kiosk) {
	for range 12_000 {
		if k.State().Online {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Errorf("a kiosk is not online after two minutes: %+v", k.State())
}

func (b *fleetBox) waitAcked(seq uint64) {
	for {
		if _, acked := b.Head(); acked >= seq {
			return
		}
		<-b.told
	}
}

// centerProcess is a real center in a process of its own, whose memory is measured.
type centerProcess struct {
	address string
	pin     link.Digest
	pid     int
}

// startCenter settles a book and starts a center on it. The program is built once.
func startCenter(tb testing.TB, settle func(*store.Store)) centerProcess {
	tb.Helper()
	dir := tb.TempDir()
	keys, err := center.OpenKeys(filepath.Join(dir, "keys"), center.KeyOptions{Now: time.Now, Random: rand.Reader, Make: true})
	if err != nil {
		tb.Fatal(err)
	}
	book, err := store.Open(context.Background(), store.Config{Database: filepath.Join(dir, "book.db"), Now: time.Now})
	if err != nil {
		tb.Fatal(err)
	}
	settle(book)
	if err := book.Close(); err != nil {
		tb.Fatal(err)
	}
	address := freeAddress(tb)
	var out bytes.Buffer
	cmd := exec.Command(program(tb), "center", "--data", dir, "--listen", address)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil || tb.Failed() {
			tb.Logf("the center: %v\n%s", err, out.Bytes()[max(0, out.Len()-4000):])
		}
	})
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return centerProcess{address, keys.Pin(), cmd.Process.Pid}
		}
		time.Sleep(50 * time.Millisecond)
	}
	tb.Fatal("the center does not answer")
	return centerProcess{}
}

func freeAddress(tb testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

var built struct {
	once sync.Once
	path string
	err  error
}

// program is the built yizhan.
func program(tb testing.TB) string {
	built.once.Do(func() {
		dir, err := os.MkdirTemp("", "yizhan-bench-")
		if err != nil {
			built.err = err
			return
		}
		built.path = filepath.Join(dir, "yizhan")
		if out, err := exec.Command("go", "build", "-o", built.path, "yizhan/cmd/yizhan").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if built.err != nil {
		tb.Fatal(built.err)
	}
	return built.path
}

func (c centerProcess) residentKiB(tb testing.TB) int64 { return c.status(tb, "VmRSS:") }
func (c centerProcess) peakKiB(tb testing.TB) int64     { return c.status(tb, "VmHWM:") }

// status reads one number of kiB out of /proc/PID/status.
func (c centerProcess) status(tb testing.TB, field string) int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", c.pid))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if words := strings.Fields(lines.Text()); len(words) == 3 && words[0] == field {
			n, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				tb.Fatal(err)
			}
			return n
		}
	}
	tb.Fatalf("no %s of process %d", field, c.pid)
	return 0
}
