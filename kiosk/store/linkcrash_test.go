package store

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

const takePeople = 20

// takeBatch is the batch that brings the town to a version: that many times one
// volunteer has changed, and one more point was granted to that one.
func takeBatch(version uint64) []civic.Document {
	n := int(version % takePeople)
	return []civic.Document{linkedVolunteer(n, version), grantTo(n, ledger.Points(version), 0)}
}

// takeEra is the era that the center is in at a version.
func takeEra(version uint64) string { return fmt.Sprint("era", version/64) }

// childTake takes batch after batch, gives points back beside, and says what it
// was answered: "A version", "G seq", "K seq" for what was acknowledged.
func childTake(dir string) error {
	cfg := smallConfig(dir, newClock())
	cfg.Epoch = 3
	s, err := Open(bg, cfg)
	if err != nil {
		return err
	}
	var from uint64
	fmt.Sscan(os.Getenv(childVar+"_FROM"), &from)
	failed := make(chan error)
	go func() { failed <- takeOnAndOn(s, from) }()
	go func() { failed <- giveOnAndOn(s) }()
	return <-failed
}

func takeOnAndOn(s *Store, version uint64) error {
	for version++; ; version++ {
		var raws []json.RawMessage
		for _, d := range takeBatch(version) {
			raw, err := json.Marshal(d)
			if err != nil {
				return err
			}
			raws = append(raws, raw)
		}
		if err := s.Apply(bg, takeEra(version), "qingxi", version, raws); err != nil {
			return err
		}
		fmt.Printf("A %d\n", version)
	}
}

func giveOnAndOn(s *Store) error {
	for n := 0; ; n++ {
		seq, err := s.GiveBack(bg, volunteerID(n%takePeople), 1)
		if err != nil {
			return err
		}
		if seq > 0 {
			fmt.Printf("G %d\n", seq)
			continue
		}
		head, acked := s.Head() // up and down again: both write
		if err := s.Acknowledged(bg, head.Seq); err != nil {
			return err
		}
		if err := s.Acknowledged(bg, acked/2); err != nil {
			return err
		}
	}
}

// takeAndKill runs the child and kills it, and tells what it had said: the last
// version, and the entries that gave back.
func takeAndKill(t *testing.T, dir string, from uint64, rng *rand.Rand) (version uint64, gave []uint64) {
	t.Helper()
	c := child(t, "take", dir)
	c.Env = append(c.Env, fmt.Sprintf("%s_FROM=%d", childVar, from))
	version = from
	killSaying(t, c, time.Duration(rng.IntN(60_000))*time.Microsecond, func(line string) {
		var what string
		var n uint64
		if fmt.Sscan(line, &what, &n); what == "A" {
			version = n
		} else {
			gave = append(gave, n)
		}
	})
	return version, gave
}

// TestKilledWhileDocumentsAreTaken kills a process again and again: the cursor
// stands where it was said to, or one further, and all up to it is there.
func TestKilledWhileDocumentsAreTaken(t *testing.T) {
	w := newLinked(t)
	w.close()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	version := uint64(0)
	for round := range *kills {
		said, gave := takeAndKill(t, w.cfg.Dir, version, rng)
		if r, err := Verify(bg, w.cfg); err != nil || !r.OK {
			t.Fatalf("round %d: %+v, %v", round, r, err)
		}
		w.open()
		version = w.takenUpTo(said)
		for _, seq := range gave {
			w.returned(seq)
		}
		w.close()
	}
	t.Logf("%d batches in %d kills", version, *kills)
	if version == 0 {
		t.Error("no child was fast enough to prove anything")
	}
}

// takenUpTo checks what the book has after a child that said that it had taken up
// to a version, and returns the version that it has.
func (w *world) takenUpTo(said uint64) uint64 {
	w.t.Helper()
	era, at := w.Cursors()
	version, moved := at["qingxi"]
	if !moved {
		// The entry of an era is durable before the first of its documents.
		if (said+1)%64 != 0 || era != takeEra(said+1) {
			w.t.Fatalf("no cursor in %s after %d", era, said)
		}
		version = said
	}
	if version != said && version != said+1 || moved && era != takeEra(version) && era != takeEra(version+1) {
		w.t.Fatalf("version %d of %s, %d was said", version, era, said)
	}
	for v := version; v > 0 && v+takePeople > version; v-- {
		n := int(v % takePeople)
		got, err := w.Volunteer(volunteerID(n))
		if err != nil || got.Version != v {
			w.t.Fatalf("volunteer %d is at %d, not %d, %v", n, got.Version, v, err)
		}
		a, err := w.Account(volunteerID(n))
		if err != nil || a.Rights[0].Granted != ledger.Points(v) {
			w.t.Fatalf("volunteer %d: %+v, want %d granted, %v", n, a, v, err)
		}
		if p, err := w.ByCard(cardOf("volunteer", n).ID()); err != nil || p.ID != volunteerID(n) {
			w.t.Fatalf("the card of %d: %+v, %v", n, p, err)
		}
	}
	return version
}
