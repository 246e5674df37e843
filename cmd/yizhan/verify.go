package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"yizhan/kiosk/store"
)

// verifyCommand proves a kiosk's books. It runs in a process of its own, because
// a damaged file can kill the process that maps it.
type verifyCommand struct {
	box

	Mend        bool `help:"Set damaged files aside and rebuild them: the book from the journal, the journal from the book. Nothing is deleted."`
	JournalLost bool `help:"With --mend: the medium of --journal is lost for good; write the journal anew in its folder."`
	JSON        bool `help:"Print the report as JSON."`
}

// errUnsound makes verify exit with 1 when the books are not sound.
var errUnsound = errors.New("the books are not sound; run 'yizhan verify --mend' to rebuild what is damaged")

// Run proves the books and, if told, mends them.
func (c *verifyCommand) Run(ctx context.Context, w *world) error {
	if err := c.settle(); err != nil {
		return err
	}
	cfg, err := c.storeConfig(w)
	if err != nil {
		return err
	}
	cfg.JournalLost = c.JournalLost
	if _, err := os.Stat(c.Data); err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	report, err := store.Verify(ctx, cfg)
	if err != nil {
		return fmt.Errorf("verifying %s: %w", c.Data, err)
	}
	if c.Mend && !report.OK {
		if report, err = store.Mend(ctx, cfg, report); err != nil {
			return fmt.Errorf("mending %s: %w", c.Data, err)
		}
	}
	keys, err := store.Keys(cfg)
	if err != nil {
		return err
	}
	proof := verified{report, base64.StdEncoding.EncodeToString(keys.PublicKey())}
	if c.JSON {
		out := json.NewEncoder(w.stdout)
		out.SetIndent("", "  ")
		err = out.Encode(proof)
	} else {
		_, err = io.WriteString(w.stdout, proof.text())
	}
	if err == nil && !report.OK {
		err = errUnsound
	}
	return err
}

// verified is what verify prints: the report, and the key that the box's receipts
// are checked with.
type verified struct {
	store.Report
	PublicKey string `json:"public_key"`
}

// text is the report for people.
func (r verified) text() string {
	var b strings.Builder
	file := func(name string, f store.FileReport) {
		fmt.Fprintf(&b, "%-8s %s: epoch %d, entry %d, %d bytes\n", name, f.Verdict, f.Epoch, f.Seq, f.Bytes)
		for _, finding := range f.Findings {
			fmt.Fprintf(&b, "         %s: %s\n", finding.Where, finding.What)
		}
		if f.More > 0 {
			fmt.Fprintf(&b, "         and %d more\n", f.More)
		}
	}
	fmt.Fprintf(&b, "kiosk    %s, receipts are checked with the key %s\n", r.Kiosk, r.PublicKey)
	file("journal", r.Journal)
	file("book", r.Book)
	for _, step := range r.Plan {
		fmt.Fprintf(&b, "to do    %s\n", step)
	}
	for _, step := range r.Done {
		fmt.Fprintf(&b, "done     %s\n", step)
	}
	if r.NewEra {
		b.WriteString("A new epoch has begun: accounts stay closed until a bundle for it is loaded.\n")
	}
	return b.String()
}

// proveBooks runs verify --mend in a process of its own and waits for it.
func (c *kioskCommand) proveBooks(ctx context.Context, w *world) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	args := []string{"verify", "--mend", "--data", c.Data, "--zone", c.Zone}
	if c.Kiosk != "" {
		args = append(args, "--kiosk", c.Kiosk)
	}
	if c.Journal != "" {
		args = append(args, "--journal", c.Journal)
	}
	child := exec.CommandContext(ctx, program, args...)
	report, err := child.CombinedOutput()
	if err != nil {
		return fmt.Errorf("proving the books in %s: %w\n%s", c.Data, err, report)
	}
	w.log.Info("books proved", "report", string(report))
	return nil
}
