package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

var (
	seeds = flag.Int("seeds", 0, "worlds to simulate; 0: as YIZHAN_SIM_SEEDS says, else 20")
	first = flag.Uint64("seed", 1, "the seed of the first one")
	stop  = flag.Bool("stop", false, "run no more worlds after a violation")
	talk  = flag.Bool("talk", false, "print every step of every world")
)

// worlds is how many to simulate. The environment is read while a test runs: what was
// read before does not tell the go command that a result it keeps is another one's.
func worlds() int {
	if *seeds > 0 {
		return *seeds
	}
	if n, err := strconv.Atoi(os.Getenv("YIZHAN_SIM_SEEDS")); err == nil {
		return n
	}
	return 20
}

// TestWorlds simulates one world for each seed.
func TestWorlds(t *testing.T) {
	if _, err := theKeys(); err != nil { // outside of all bubbles, whose clocks stand in 2000
		t.Fatal(err)
	}
	var sum tally
	var mu sync.Mutex
	var violated atomic.Bool
	t.Run("seed", func(t *testing.T) {
		for n := range uint64(worlds()) {
			seed := *first + n
			t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
				t.Parallel()
				if *stop && violated.Load() {
					t.Skip("there was a violation")
				}
				one := tally{violations: 1} // unless it comes to its end
				defer func() {
					mu.Lock()
					defer mu.Unlock()
					sum.add(one)
					violated.Store(violated.Load() || one.violations > 0)
				}()
				one = simulate(t, seed)
			})
		}
	})
	fmt.Print(sum.report(*first, worlds()))
}

// simulate runs the world of a seed in a bubble of its own.
func simulate(t *testing.T, seed uint64) (sum tally) {
	dir := memoryDir(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, seed, dir)
		defer func() { sum = w.tally }()
		defer w.end()
		w.live()
	})
	return sum
}

// memoryDir is a folder in memory where the machine has such a place.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "yizhan-sim-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Clean(dir)
}
