package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	crashWorkers = 4
	crashPeople  = 40
	lockedPerson = crashPeople - 1
)

// crashKey is the key of the n-th request of a worker in a round.
func crashKey(round, worker, n int) ledger.Key {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %d %d", round, worker, n))
	return ledger.Key(sum[:8])
}

func crashRequest(round, worker, n int) Reserve {
	r := want((worker*7+n)%(crashPeople-1), n%3)
	r.Key = crashKey(round, worker, n)
	return r
}

// childRedeem redeems as fast as it can and says on its standard output what it
// was answered: "R|S|B worker n seq" for reserve, settle and refund, "P tries"
// and "C" for the PIN of one person.
func childRedeem(dir string) error {
	var round int
	fmt.Sscan(os.Getenv(childVar+"_ROUND"), &round)
	s, err := Open(bg, smallConfig(dir, newClock()))
	if err != nil {
		return err
	}
	failed := make(chan error)
	for worker := range crashWorkers {
		go func() { failed <- redeemOnAndOn(s, round, worker) }()
	}
	go func() { failed <- tryPINs(s) }()
	return <-failed
}

func redeemOnAndOn(s *Store, round, worker int) error {
	for n := 0; ; n++ {
		r, err := s.Reserve(bg, crashRequest(round, worker, n))
		if errors.Is(err, ledger.ErrNotEnough) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Printf("R %d %d %d\n", worker, n, r.Seq)
		if _, err := s.Settle(bg, crashKey(-round, worker, n), r.Seq, clerk()); err != nil {
			return err
		}
		fmt.Printf("S %d %d %d\n", worker, n, r.Seq)
		if n%8 == 0 {
			continue
		}
		if _, err := s.Refund(bg, crashKey(-1000-round, worker, n), r.Seq, leader(), true, ""); err != nil {
			return err
		}
		fmt.Printf("B %d %d %d\n", worker, n, r.Seq)
	}
}

func tryPINs(s *Store) error {
	for {
		_, tries, err := s.TryPIN(bg, volunteerID(lockedPerson))
		if errors.Is(err, ErrLocked) {
			if err := s.ClearPIN(bg, volunteerID(lockedPerson), clerk()); err != nil {
				return err
			}
			fmt.Println("C")
			continue
		}
		if err != nil {
			return err
		}
		fmt.Printf("P %d\n", tries)
	}
}

// told is what a killed child had said.
type told struct {
	redemptions map[uint64]told1
	next        [crashWorkers]int // the first request of a worker that was not answered
	tries       int64
}

type told1 struct {
	worker, n int
	state     ledger.State
}

// runAndKill runs a child and kills it at some moment after it has got going.
func runAndKill(t *testing.T, dir string, round int, rng *rand.Rand) told {
	t.Helper()
	c := child(t, "redeem", dir)
	c.Env = append(c.Env, fmt.Sprintf("%s_ROUND=%d", childVar, round))
	said := told{redemptions: make(map[uint64]told1), tries: -1}
	killSaying(t, c, time.Duration(rng.IntN(40_000))*time.Microsecond, said.hear)
	return said
}

// killSaying starts a child, hands on what it says line by line, and kills it some time
// after the first one.
func killSaying(t *testing.T, c *exec.Cmd, after time.Duration, hear func(line string)) {
	t.Helper()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() { time.AfterFunc(after, func() { c.Process.Kill() }) })
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // half a line was not said
		}
		kill()
		hear(line)
	}
	if err := c.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
}

func (s *told) hear(line string) {
	var what string
	var r told1
	var seq uint64
	switch fmt.Sscan(line, &what, &r.worker, &r.n, &seq); what {
	case "R":
		r.state = ledger.Reserved
		s.next[r.worker] = r.n + 1
	case "S":
		r.state = ledger.Settled
	case "B":
		r.state = ledger.Refunded
	case "P":
		s.tries = int64(r.worker)
		return
	case "C":
		s.tries = 0
		return
	}
	s.redemptions[seq] = r
}

// TestKilledInTheMiddleOfRedemptions kills a process again and again: what it
// had answered is there exactly once, and nothing is there by halves.
func TestKilledInTheMiddleOfRedemptions(t *testing.T) {
	spec := standard(crashPeople)
	spec.change = func(d *civic.Document) {
		if d.Good != nil {
			d.Good.Limit, d.Good.Delivered = ledger.MaxQuantity, 1e6
		}
	}
	w := newCrashWorld(t, spec)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	answered := 0
	for round := range *kills {
		said := runAndKill(t, w.cfg.Dir, round+1, rng)
		r, err := Verify(bg, w.cfg)
		if err != nil || !r.OK {
			t.Fatalf("round %d: %+v, %v", round, r, err)
		}
		w.open()
		w.checkTold(round+1, said)
		w.close()
		answered += len(said.redemptions)
	}
	t.Logf("%d redemptions were answered before %d kills", answered, *kills)
	if answered == 0 {
		t.Error("no child was fast enough to prove anything")
	}
}

func newCrashWorld(t *testing.T, spec bundleSpec) *world {
	w := &world{t: t, clock: newClock()}
	w.cfg = smallConfig(filepath.Join(tempDir(t), "data"), w.clock)
	w.open()
	w.load(spec)
	w.close()
	return w
}

func (w *world) checkTold(round int, said told) {
	w.t.Helper()
	for seq, r := range said.redemptions {
		got, err := w.Redemption(seq)
		if err != nil {
			w.t.Fatalf("answered, and gone: %v", err)
		}
		if got.Key != crashKey(round, r.worker, r.n) || got.State < r.state {
			w.t.Fatalf("redemption %d is %v of key %x, answered as %v", seq, got.State, got.Key, r.state)
		}
	}
	_, tries, err := w.PINState(volunteerID(lockedPerson))
	if err != nil {
		w.t.Fatal(err)
	}
	// One more step may be durable than was heard of; the fifth try is followed
	// by a clear.
	if said.tries >= 0 && tries != said.tries && tries != said.tries+1 && !(said.tries == civic.MaxPINTries && tries == 0) {
		w.t.Fatalf("%d tries are known, %d were answered", tries, said.tries)
	}
	for worker, n := range said.next {
		request := crashRequest(round, worker, n)
		first, err := w.Reserve(bg, request)
		if errors.Is(err, ledger.ErrNotEnough) {
			continue
		}
		again, err2 := w.Reserve(bg, request)
		if err != nil || err2 != nil || again.Seq != first.Seq {
			w.t.Fatalf("asking again: %d and %d, %v, %v", first.Seq, again.Seq, err, err2)
		}
	}
	w.checkKeys()
}

// checkKeys holds that no key made two redemptions.
func (w *world) checkKeys() {
	w.t.Helper()
	seen := make(map[ledger.Key]uint64)
	for before := uint64(0); ; {
		page, err := w.Recent(before, maxPage)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range page {
			if other, twice := seen[r.Key]; twice {
				w.t.Fatalf("one key made redemptions %d and %d", other, r.Seq)
			}
			seen[r.Key] = r.Seq
			before = r.Seq
		}
		if len(page) == 0 {
			return
		}
	}
}

// childLoad loads the bundle beside the data folder.
func childLoad(dir string) error {
	s, err := Open(bg, smallConfig(dir, newClock()))
	if err != nil {
		return err
	}
	fmt.Println("open")
	_, err = s.LoadBundle(bg, filepath.Join(filepath.Dir(dir), "stick.bundle"), LoadOptions{Trust: true})
	if err != nil {
		return err
	}
	return s.Close()
}

// TestKilledWhileABundleIsLoaded kills a process while it loads. Starting again,
// or loading again, comes to the same documents.
func TestKilledWhileABundleIsLoaded(t *testing.T) {
	const people = 2000
	spec := standard(people)
	w := newWorld(t, spec)
	want := w.dump()
	interrupted := 0
	for round := range 3 {
		base := tempDir(t)
		spec.write(t, filepath.Join(base, "stick.bundle"))
		dir := filepath.Join(base, "data")
		c := child(t, "load", dir)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		bufio.NewReader(out).ReadString('\n')
		time.Sleep(time.Duration(10+60*round) * time.Millisecond)
		c.Process.Kill()
		if c.Wait() != nil {
			interrupted++
		}
		again := &world{t: t, clock: newClock(), cfg: smallConfig(dir, newClock())}
		if r, err := Verify(bg, again.cfg); err != nil || !r.OK {
			t.Fatalf("round %d: %+v, %v", round, r, err)
		}
		again.open()
		if !again.Health().Documents {
			if _, err := again.LoadBundle(bg, filepath.Join(base, "stick.bundle"), LoadOptions{Trust: true}); err != nil {
				t.Fatal(err)
			}
		}
		sameDump(t, before(again.dump(), 0), before(want, 0))
		again.close()
	}
	if interrupted == 0 {
		t.Error("every load was faster than the kill")
	}
}

// TestCancelledContext gives up a request that the writer has not begun.
func TestCancelledContext(t *testing.T) {
	w := newWorld(t, standard(2))
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if _, err := w.Reserve(ctx, want(1, 1)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if w.spendable(1) != 1000 {
		t.Fatal("points were taken")
	}
}
