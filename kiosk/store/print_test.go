package store

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"yizhan/ledger"
	"yizhan/printer/spool"
)

// printed takes steps of a job and fails unless each is taken.
func (w *world) printed(seq uint64, steps ...spool.Step) Job {
	w.t.Helper()
	var j Job
	for _, step := range steps {
		var err error
		if j, err = w.Print(bg, seq, step, "note"); err != nil || j.Last != step || j.Note != "note" {
			w.t.Fatalf("%v: %+v, %v", step, j, err)
		}
	}
	return j
}

func TestStepsOfTheJournalAreThoseOfTheSpool(t *testing.T) {
	for step, want := range map[ledger.PrintStep]spool.Step{
		ledger.PrintSending: spool.StepSending, ledger.PrintPresumed: spool.StepPresumed, ledger.PrintUncertain: spool.StepUncertain,
		ledger.PrintHeld: spool.StepHeld, ledger.PrintAgain: spool.StepAgain, ledger.PrintDrained: spool.StepDrained,
		ledger.PrintConfirmed: spool.StepConfirmed, ledger.PrintFenced: spool.StepFenced, ledger.PrintSeen: spool.StepSeen,
		ledger.PrintVoided: spool.StepVoided, ledger.PrintReleased: spool.StepReleased, ledger.PrintDropped: spool.StepDropped,
	} {
		if spool.Step(step) != want {
			t.Errorf("step %d of the journal is not %v", step, want)
		}
	}
}

func TestPrintJobsGoThroughTheirStates(t *testing.T) {
	w := newWorld(t, standard(3))
	r := w.reserve(want(1, 0))
	_, closed, err := w.CloseDay(bg, newKey(), clerk())
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := w.Jobs(10)
	if err != nil || len(jobs) != 2 || jobs[0].Seq != r.Seq || !reflect.DeepEqual(jobs[1], Job{Seq: closed, Kind: JobClose, State: spool.Queued}) {
		t.Fatalf("%+v, %v", jobs, err)
	}
	refuse := func(step spool.Step) {
		t.Helper()
		if _, err := w.Print(bg, r.Seq, step, ""); !errors.Is(err, ledger.ErrState) {
			t.Fatalf("%v: %v", step, err)
		}
	}
	refuse(spool.StepPresumed)
	refuse(spool.StepUncertain)
	refuse(spool.StepDropped) // only kicks of the drawer are
	w.printed(r.Seq, spool.StepHeld, spool.StepReleased, spool.StepSending)
	refuse(spool.StepSending)
	w.printed(r.Seq, spool.StepDrained, spool.StepUncertain)
	w.reopen()
	if got, _ := w.Redemption(r.Seq); got.Job.State != spool.Uncertain || got.Job.Last != spool.StepUncertain {
		t.Fatalf("after a restart: %+v", got.Job)
	}
	if _, err := w.Reprint(bg, r.Seq, clerk()); !errors.Is(err, ledger.ErrState) {
		t.Fatalf("a copy of what nobody has looked at: %v", err)
	}
	if _, err := w.Print(bg, 999, spool.StepSending, ""); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	for _, step := range []spool.Step{spool.StepAgain, spool.StepSeen, spool.StepVoided} {
		if _, err := w.Print(bg, r.Seq, step, ""); !errors.Is(err, ErrInput) {
			t.Fatalf("%v: %v", step, err)
		}
	}
}

func TestAPersonSettlesADoubt(t *testing.T) {
	w := newWorld(t, standard(3))
	seq := w.reserve(want(1, 0)).Seq
	w.printed(seq, spool.StepSending, spool.StepUncertain)
	j, err := w.Void(bg, seq, ledger.ID{})
	if err != nil || j.State != spool.Queued || j.Copy != 1 || !slices.Equal(j.Past, []spool.State{spool.Voided}) {
		t.Fatalf("%+v, %v", j, err)
	}
	w.printed(seq, spool.StepSending, spool.StepDrained, spool.StepPresumed)
	if j, err = w.Doubt(bg, seq, ledger.ID{}); err != nil || j.State != spool.Uncertain {
		t.Fatalf("%+v, %v", j, err)
	}
	if j, err = w.Seen(bg, seq, clerk()); err != nil || j.State != spool.Printed || j.Last != spool.StepSeen {
		t.Fatalf("%+v, %v", j, err)
	}
	if jobs, _ := w.Jobs(10); len(jobs) != 0 {
		t.Fatalf("%+v", jobs)
	}
	if _, err := w.Doubt(bg, seq, clerk()); !errors.Is(err, ledger.ErrState) {
		t.Fatalf("a slip that was seen is doubted: %v", err)
	}
	w.reopen()
	j, err = w.Reprint(bg, seq, clerk())
	want := Job{Seq: seq, Kind: JobReceipt, State: spool.Queued, Copy: 2, Last: spool.StepAgain, Past: []spool.State{spool.Voided, spool.Printed}}
	if err != nil || !reflect.DeepEqual(j, want) {
		t.Fatalf("%+v, %v", j, err)
	}
	_, e, _ := w.Entry(w.Health().Head.Seq)
	if b, ok := e.Body.(ledger.Print); !ok || b.Operator != clerk() || b.Copy != 2 || b.Step != ledger.PrintAgain {
		t.Fatalf("%+v", e.Body)
	}
}

func TestCopiesOfASlipAreLimited(t *testing.T) {
	w := newWorld(t, standard(3))
	seq := w.reserve(want(1, 0)).Seq
	for range maxCopies {
		w.printed(seq, spool.StepSending, spool.StepUncertain)
		if _, err := w.Void(bg, seq, clerk()); err != nil {
			t.Fatal(err)
		}
	}
	w.printed(seq, spool.StepSending, spool.StepUncertain)
	if _, err := w.Void(bg, seq, clerk()); !errors.Is(err, ErrLimit) {
		t.Fatal(err)
	}
	w.reopen()
	if j, err := w.Job(seq); err != nil || j.Copy != maxCopies || !slices.Equal(j.Past, slices.Repeat([]spool.State{spool.Voided}, maxCopies)) {
		t.Fatalf("%+v, %v", j, err)
	}
}

func TestASlipOfStockIsMadeWhenItIsAskedFor(t *testing.T) {
	w := newWorld(t, standard(3))
	if _, err := w.Receive(bg, newKey(), "G01", 5, clerk(), ""); err != nil {
		t.Fatal(err)
	}
	seq := w.Health().Head.Seq
	if _, err := w.Job(seq); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	for range 2 { // a double tap
		if j, err := w.PrintStock(bg, seq, clerk()); err != nil || j.Kind != JobStock || j.State != spool.Queued || j.Copy != 0 {
			t.Fatalf("%+v, %v", j, err)
		}
	}
	w.printed(seq, spool.StepSending, spool.StepDrained, spool.StepFenced)
	if j, err := w.PrintStock(bg, seq, clerk()); err != nil || j.Copy != 1 {
		t.Fatalf("%+v, %v", j, err)
	}
	if _, err := w.PrintStock(bg, seq+100, clerk()); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	if _, err := w.PrintStock(bg, seq+100, volunteerID(1)); !errors.Is(err, ErrNotStaff) {
		t.Fatal(err)
	}
}

func TestTheDrawerOpensAtMostOnce(t *testing.T) {
	w := newWorld(t, standard(3))
	key := newKey()
	for range 2 {
		if err := w.OpenDrawer(bg, key, clerk()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.OpenDrawer(bg, newKey(), volunteerID(1)); !errors.Is(err, ErrNotStaff) {
		t.Fatal(err)
	}
	jobs, err := w.Jobs(10)
	if err != nil || len(jobs) != 1 || jobs[0].Kind != JobDrawer {
		t.Fatalf("%+v, %v", jobs, err)
	}
	seq := jobs[0].Seq
	for _, step := range []spool.Step{spool.StepHeld, spool.StepUncertain} {
		if _, err := w.Print(bg, seq, step, ""); !errors.Is(err, ledger.ErrState) {
			t.Fatalf("%v: %v", step, err)
		}
	}
	w.printed(seq, spool.StepSending, spool.StepDropped)
	for _, err := range []error{refusal(w.Print(bg, seq, spool.StepSending, "")), refusal(w.Reprint(bg, seq, clerk()))} {
		if !errors.Is(err, ledger.ErrState) {
			t.Fatalf("opened again: %v", err)
		}
	}
}

func refusal(_ Job, err error) error { return err }

func TestWhatIsKnownOfPrinters(t *testing.T) {
	w := newWorld(t, standard(3))
	if _, known, err := w.Printer("/dev/ttyS1"); known || err != nil {
		t.Fatal(known, err)
	}
	p := KnownPrinter{Port: "/dev/tty;S1", Ability: spool.Ability{Status: true, Fence: true, Macro: true}, Profile: "58mm"}
	other := KnownPrinter{Port: "/dev/ttyS1"}
	for _, p := range []KnownPrinter{p, other, p} {
		if err := w.KnowPrinter(bg, p); err != nil {
			t.Fatal(err)
		}
	}
	w.reopen()
	for _, want := range []KnownPrinter{p, other} {
		if got, known, err := w.Printer(want.Port); got != want || !known || err != nil {
			t.Fatalf("%+v, %v, %v", got, known, err)
		}
	}
	for _, bad := range []KnownPrinter{{}, {Port: "p", Profile: "a;b"}, {Port: strings.Repeat("x", 400)}, {Port: "p", Ability: spool.Ability{Macro: true}}} {
		if err := w.KnowPrinter(bg, bad); !errors.Is(err, ErrInput) {
			t.Fatalf("%+v: %v", bad, err)
		}
	}
}

func TestUnansweredQuestionsKeepNothingFromBeingPrinted(t *testing.T) {
	w := newWorld(t, standard(3))
	var seqs []uint64
	for n := range 3 {
		seqs = append(seqs, w.reserve(want(1, n)).Seq)
	}
	w.printed(seqs[0], spool.StepSending, spool.StepUncertain)
	for limit, want := range [][]uint64{{}, {seqs[1]}, {seqs[1], seqs[2]}, {seqs[1], seqs[2], seqs[0]}, {seqs[1], seqs[2], seqs[0]}} {
		jobs, err := w.Jobs(limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for _, j := range jobs {
			got = append(got, j.Seq)
		}
		if !slices.Equal(got, want) {
			t.Errorf("at most %d: jobs %v, want %v", limit, got, want)
		}
	}
}
