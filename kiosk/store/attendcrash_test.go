package store

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"yizhan/ledger"
)

// comeRequest is the n-th check-in of a round.
func comeRequest(round, n int) Check {
	sum := sha256.Sum256(fmt.Appendf(nil, "come %d %d", round, n))
	return Check{Key: ledger.Key(sum[:8]), Shift: shiftID(0), Who: ledger.ID(sum[8:18]), By: ledger.CheckAccount}
}

// childCome checks people in and out as fast as it can, and says what it was answered:
// "I n seq" and "O n seq".
func childCome(dir string) error {
	cfg := smallConfig(dir, newClock())
	cfg.Epoch = 3
	s, err := Open(bg, cfg)
	if err != nil {
		return err
	}
	var round int
	fmt.Sscan(os.Getenv(childVar+"_ROUND"), &round)
	for n := 0; ; n++ {
		in, err := s.CheckIn(bg, comeRequest(round, n))
		if err != nil {
			return err
		}
		fmt.Printf("I %d %d\n", n, in.In.Seq)
		leave := comeRequest(-1-round, n)
		leave.Who = comeRequest(round, n).Who
		out, err := s.CheckOut(bg, leave)
		if err != nil {
			return err
		}
		fmt.Printf("O %d %d\n", n, out.Out.Seq)
	}
}

// TestKilledWhilePeopleCome kills a process again and again: whoever was greeted is in
// the book, and asks once more without being there twice.
func TestKilledWhilePeopleCome(t *testing.T) {
	w := duty(t)
	w.close()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	all := 0
	for round := range *kills {
		in, out := comeAndKill(t, w.cfg.Dir, round, rng)
		if r, err := Verify(bg, w.cfg); err != nil || !r.OK {
			t.Fatalf("round %d: %+v, %v", round, r, err)
		}
		w.open()
		for n, seq := range in {
			a, err := w.CheckIn(bg, comeRequest(round, n))
			if err != nil || a.In.Seq != seq || out[n] != 0 && a.Out.Seq != out[n] {
				t.Fatalf("round %d: %+v, %v, want %d and %d", round, a, err, seq, out[n])
			}
		}
		all += len(in)
		w.close()
	}
	t.Logf("%d people in %d kills", all, *kills)
	if all == 0 {
		t.Error("no child was fast enough to prove anything")
	}
}

func comeAndKill(t *testing.T, dir string, round int, rng *rand.Rand) (in, out map[int]uint64) {
	t.Helper()
	c := child(t, "come", dir)
	c.Env = append(c.Env, fmt.Sprintf("%s_ROUND=%d", childVar, round))
	in, out = make(map[int]uint64), make(map[int]uint64)
	killSaying(t, c, time.Duration(rng.IntN(40_000))*time.Microsecond, func(line string) {
		var what string
		var n int
		var seq uint64
		if fmt.Sscan(line, &what, &n, &seq); what == "I" {
			in[n] = seq
		} else {
			out[n] = seq
		}
	})
	return in, out
}
