package spool_test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yizhan/printer"
	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

var offsets = flag.Int("offsets", 0, "break slips on real lines at so many bytes, by every fault; 0: at one, by those that take little time")

// bench is a printer behind a device of the operating system, whose path stays when the
// printer is plugged in again.
type bench struct {
	*world
	path   string
	device *sim.Device
}

func newBench(t *testing.T, k kind) *bench {
	b := &bench{world: &world{T: t, kind: k, baud: 115200, real: true, voids: make(map[uint64]bool)},
		path: filepath.Join(t.TempDir(), "printer")}
	b.plugIn()
	t.Cleanup(func() {
		b.halt()
		b.unplug()
	})
	return b
}

func (b *bench) plugIn() {
	device, err := sim.Start(sim.Options{Profile: printer.Profile58, Level: b.level, NoMacro: b.noMacro, InTurn: b.inTurn, OnPaper: b.keep}, 0)
	if err != nil {
		b.Fatal(err)
	}
	if b.printer != nil {
		b.keep(b.printer.Paper()) // what hangs out of the old one
	}
	b.device, b.printer = device, device.Printer
	if err := os.Symlink(device.Path, b.path); err != nil {
		b.Fatal(err)
	}
	go func() { // the system soon gives the device's number to somebody else
		<-device.Gone()
		b.unlink(device)
	}()
}

func (b *bench) unlink(device *sim.Device) {
	if to, err := os.Readlink(b.path); err != nil || to != device.Path {
		return
	}
	if err := os.Remove(b.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.Error(err)
	}
}

func (b *bench) unplug() {
	b.unlink(b.device)
	if err := b.device.Close(); err != nil {
		b.Error(err)
	}
}

// start starts a process that prints on the device, and waits until it is ready to.
func (b *bench) start() {
	b.startWith((*book)(b.world), func() (spool.Line, error) {
		port, err := printer.OpenPort(b.path, b.baud)
		if err != nil {
			return nil, err
		}
		return port, nil
	})
	for !b.spool.Status().Probed {
		time.Sleep(10 * time.Millisecond)
	}
}

// TestFaultsOnRealLines breaks slips on pseudo-terminals at bytes that chance picks, as
// TestEveryFaultAtEveryByte breaks them all without an operating system.
func TestFaultsOnRealLines(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var work sync.WaitGroup
	defer work.Wait() // they do little but wait, so all do at once
	for _, l := range levels {
		if l.kind.noMacro || l.kind.inTurn {
			continue
		}
		for _, f := range faults {
			// A printer that forgets the question is waited for, and so is the paper
			// of one that answers no questions about it.
			slow := f.fault == sim.PowerCycle || l.kind.level < sim.Fence && f.fault != sim.PaperOut
			if slow && *offsets == 0 {
				continue
			}
			at := make([]int64, max(1, *offsets))
			for i := range at {
				at[i] = rng.Int64N(300)
			}
			work.Go(func() {
				t.Run(l.name+", "+f.name, func(t *testing.T) {
					for _, offset := range at {
						breakOnRealLine(t, l.kind, offset, f.fault)
					}
				})
			})
		}
	}
}

func breakOnRealLine(t *testing.T, k kind, offset int64, f sim.Fault) {
	b := newBench(t, k)
	b.start()
	b.printer.FailAt(b.printer.Received()+offset, f)
	n := b.add(false)
	b.spool.Wake()
	time.Sleep(1500 * time.Millisecond)
	if f == sim.Unplug {
		select {
		case <-b.device.Gone():
			b.unlink(b.device)
		case <-time.After(time.Second):
			b.unplug() // the slip was shorter
		}
		b.plugIn()
	} else {
		b.printer.Mend()
	}
	b.judge(fmt.Sprintf("byte %d", offset), b.until(n, settled...))
	b.comeTrue(n)
	if *offsets > 0 {
		next := b.add(false)
		b.spool.Wake()
		b.comeTrue(next)
	}
	b.halt()
}
