package spool_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"yizhan/printer/sim"
	"yizhan/printer/spool"
)

var (
	every  = flag.Int64("every", 29, "break slips at each so many bytes; 1: at every byte")
	update = flag.Bool("update", false, "write the table of outcomes anew; only with -every 1")
)

// faults befall the printer while a slip is on its way.
var faults = []struct {
	name  string
	fault sim.Fault
}{
	{"paper out", sim.PaperOut},
	{"cover opened", sim.CoverOpen},
	{"power lost for a moment", sim.PowerCycle},
	{"line held", sim.Stall},
	{"noise on the line", sim.Garbage},
	{"unplugged, plugged in again", sim.Unplug},
}

const outcomesFile = "testdata/outcomes.md"

// TestEveryFaultAtEveryByte breaks a slip at every byte of what is sent for it. What
// the book says must be true at once, where it claims to know; and after a person has
// answered, book and paper must agree, with each copy out at most once. The outcomes
// are those of the table in testdata, which docs/operations.md shows.
func TestEveryFaultAtEveryByte(t *testing.T) {
	table := readOutcomes(t)
	found := make(map[string][]string)
	for _, l := range levels {
		length := jobBytes(t, l.kind)
		for _, f := range faults {
			key := l.name + " | " + f.name
			seen := make(map[string]bool)
			for offset := int64(0); offset < length; offset += *every {
				bubble(t, l.kind, 0, func(w *world) {
					outcome := w.breakAt(offset, f.fault, l.name+", "+f.name)
					seen[outcome] = true
					if !*update && !slices.Contains(table[key], outcome) {
						t.Errorf("%s at byte %d: %s, which the table does not have; steps %v", key, offset, outcome, w.steps)
					}
				})
				if t.Failed() {
					return
				}
			}
			found[key] = slices.Sorted(maps.Keys(seen))
			if *every == 1 && !*update && !slices.Equal(found[key], table[key]) {
				t.Errorf("%s: the table has %q, found was %q", key, table[key], found[key])
			}
		}
	}
	if *update {
		writeOutcomes(t, found)
	}
}

// TestThePowerGoesAtTheCut: what the printer has forgotten is the cut, and what it has
// printed must not hang together with the next slip. TestEveryFaultAtEveryByte leaves
// most of these bytes out, unless it tries all.
func TestThePowerGoesAtTheCut(t *testing.T) {
	for _, l := range levels {
		if l.proof != spool.Printed {
			continue // nobody can know of the power
		}
		length := jobBytes(t, l.kind)
		for offset := length - 40; offset < length; offset++ {
			bubble(t, l.kind, 0, func(w *world) { w.breakAt(offset, sim.PowerCycle, l.name+", power lost at the cut") })
		}
	}
}

// jobBytes is how much is sent for a slip to a printer that is ready.
func jobBytes(t *testing.T, k kind) (n int64) {
	bubble(t, k, 0, func(w *world) {
		w.start()
		w.until(w.add(false), settled...)
		before := w.printer.Received()
		job := w.add(false)
		w.spool.Wake()
		w.until(job, settled...)
		n = w.printer.Received() - before
	})
	return n
}

// breakAt lets a fault happen while the second slip is sent, repairs it half a minute
// later, and returns what the book said then.
func (w *world) breakAt(offset int64, f sim.Fault, name string) string {
	w.Helper()
	w.start()
	w.until(w.add(false), settled...)
	time.Sleep(time.Second) // between two looks at the printer
	w.printer.FailAt(w.printer.Received()+offset, f)
	n := w.add(false)
	w.spool.Wake()
	time.Sleep(30 * time.Second)
	if f == sim.Unplug {
		w.plugIn()
	} else {
		w.Mend()
	}
	j := w.until(n, settled...)
	w.judge(fmt.Sprintf("%s at byte %d", name, offset), j)
	outcome := j.State.String()
	if slices.Contains(w.steps, "held") {
		outcome = "held, then " + outcome
	}
	if w.whole(j) != 1 {
		outcome += " (not whole)"
	}
	w.comeTrue(n)
	next := w.add(false)
	w.spool.Wake()
	w.until(next, settled...)
	w.comeTrue(next)
	if w.job(next).Copy != 0 {
		w.Errorf("%s at byte %d: the slip after it did not come out at once: %v, %q", name, offset, w.steps, w.paper())
	}
	return outcome
}

// readOutcomes reads the table: for each printer and fault what may come of it.
func readOutcomes(t *testing.T) map[string][]string {
	table := make(map[string][]string)
	text, err := os.ReadFile(outcomesFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) == 3 {
			table[strings.TrimSpace(cells[0])+" | "+strings.TrimSpace(cells[1])] = strings.Split(strings.TrimSpace(cells[2]), "; ")
		}
	}
	return table
}

func writeOutcomes(t *testing.T, found map[string][]string) {
	if *every != 1 {
		t.Fatal("-update wants -every 1")
	}
	var b strings.Builder
	b.WriteString("| printer | fault | what the book says then |\n|---|---|---|\n")
	for _, l := range levels {
		for _, f := range faults {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", l.name, f.name, strings.Join(found[l.name+" | "+f.name], "; "))
		}
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(outcomesFile, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTheTableIsInTheManual: technicians read it there.
func TestTheTableIsInTheManual(t *testing.T) {
	table, err := os.ReadFile(outcomesFile)
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(manual), string(table)) {
		t.Errorf("docs/operations.md does not show the table of %s", outcomesFile)
	}
}
