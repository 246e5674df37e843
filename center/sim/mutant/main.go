// Mutant removes the guards of points one by one, and has the simulation find
// each out.
//
// It copies the sources with a switch at every guard, compiles the simulation once
// with the copies in place of the sources (go test -overlay), and runs it once for
// each guard with that one switched off. It prints which seed kills which mutant.
//
// The guards of package ledger are found in the sources: every condition whose body
// returns an error. Those of the stores and the link are listed in list.go by file,
// function and text; one that is not found there, exactly once, is an error, so the
// list cannot go stale in silence.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mutant:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("mutant", flag.ContinueOnError)
	root := flags.String("root", ".", "the module's folder")
	seeds := flags.Int("seeds", 200, "seeds to try for each mutant")
	workers := flags.Int("workers", 2, "mutants at a time")
	only := flags.String("only", "", "only mutants whose name matches this expression")
	limit := flags.Duration("limit", 10*time.Minute, "the longest that one mutant may take; one that takes longer counts as a survivor")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "yizhan-mutant-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	all, err := mutate(*root, dir)
	if err != nil {
		return err
	}
	program := filepath.Join(dir, "sim.test")
	if err := compile(*root, dir, program); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	h := hunt{program: program, folder: filepath.Join(*root, "center/sim"), seeds: *seeds, limit: *limit}
	return h.all(out, all, wanted, *workers)
}

// compile builds the simulation over the copies.
func compile(root, dir, program string) error {
	c := exec.Command("go", "test", "-c", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "./center/sim")
	c.Dir = root
	if text, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the mutants: %w\n%s", err, text)
	}
	return nil
}

// mutate writes the copies and the overlay, and returns the mutants by name.
func mutate(root, dir string) ([]mutant, error) {
	files, all, err := instrument(root)
	if err != nil {
		return nil, err
	}
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	for name, text := range files {
		to := filepath.Join(dir, strings.ReplaceAll(name, "/", "+"))
		from, err := filepath.Abs(filepath.Join(root, name))
		if err == nil {
			err = os.WriteFile(to, text, 0o600)
		}
		if err != nil {
			return nil, err
		}
		overlay.Replace[from] = to
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	return all, os.WriteFile(filepath.Join(dir, "overlay.json"), b, 0o600)
}

// hunt runs mutants.
type hunt struct {
	program, folder string
	seeds           int
	limit           time.Duration
}

// all runs every wanted mutant and prints a table. A survivor that list.go does
// not explain is an error.
func (h hunt) all(out io.Writer, mutants []mutant, wanted *regexp.Regexp, workers int) error {
	var group sync.WaitGroup
	places := make(chan struct{}, workers)
	seed := make([]string, len(mutants))
	for i, m := range mutants {
		if !wanted.MatchString(m.name) {
			continue
		}
		group.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			seed[i] = h.one(m)
			fmt.Fprintf(os.Stderr, "%s: %s\n", m.name, seed[i])
		})
	}
	group.Wait()
	fmt.Fprintf(out, "| where | guard that is missing | killed by seed |\n|---|---|---|\n")
	var failed error
	for i, m := range mutants {
		switch {
		case seed[i] == "":
			continue
		case seed[i] == survived && m.why == "":
			failed = errors.Join(failed, fmt.Errorf("%s survives %d seeds", m.name, h.seeds))
		case seed[i] == survived:
			seed[i] = "none: " + m.why
		case m.why != "":
			failed = errors.Join(failed, fmt.Errorf("%s is killed by seed %s, and list.go says why it cannot be", m.name, seed[i]))
		}
		fmt.Fprintf(out, "| %s | `%s` | %s |\n", m.place, strings.ReplaceAll(m.guard, "|", "\\|"), seed[i])
	}
	return failed
}

const survived = "survived"

// What the simulation prints of the world that fails, and of each that begins.
var (
	fails  = regexp.MustCompile(`--- FAIL: TestWorlds(?:/seed|WithPhones)/(\d+)`)
	begins = regexp.MustCompile(`=== CONT  TestWorlds(?:/seed|WithPhones)/(\d+)`)
)

// one runs the worlds with one guard missing until a seed finds it out.
func (h hunt) one(m mutant) string {
	ctx, stop := context.WithTimeout(context.Background(), h.limit)
	defer stop()
	worlds, seeds := "^TestWorlds$", h.seeds
	if m.phones {
		worlds, seeds = "^TestWorldsWithPhones$", 10*h.seeds // one in ten of them has phones
	}
	c := exec.CommandContext(ctx, h.program, "-test.run", worlds, "-test.parallel", "1", "-test.v", "-stop", "-seeds", fmt.Sprint(seeds))
	c.Dir = h.folder
	c.Env = append(os.Environ(), switchVariable+"="+m.name)
	text, err := c.CombinedOutput()
	if err == nil {
		return survived
	}
	if ctx.Err() != nil {
		return survived // as far as anybody can tell
	}
	if found := fails.FindSubmatch(text); found != nil {
		return string(found[1])
	}
	if found := begins.FindAllSubmatch(text, -1); len(found) > 0 {
		return string(found[len(found)-1][1]) + " (the process dies)"
	}
	return "none is needed: no world can begin"
}
