package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"yizhan/center"
	"yizhan/civic"
	"yizhan/link"
)

// centerJournal takes in journals that were carried here.
type centerJournal struct {
	File string `arg:"" type:"existingfile" help:"Journal file, as a kiosk's box page or 'yizhan journal' wrote it."`
}

// Help is printed below the flags.
func (*centerJournal) Help() string {
	return `Exit codes: 0 all of it is in, be it new or not; 3 the file is cut short or damaged, what stands
before that is in; 4 nothing was taken: the file is no journal, a newer program's, of an unknown kiosk, epoch or box,
or entries before it are missing; 5 it contradicts the center's chain, which is in quarantine now;
1 anything else.`
}

// exitQuarantine is how a journal ends that puts its chain in quarantine.
const exitQuarantine = 5

// Run takes the file in and tells what was new.
func (c *centerJournal) Run(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.office(ctx, w, func(office center.Office) error {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		got, failed := office.TakeJournal(ctx, f)
		if got.Header.Kiosk != "" {
			h := got.Header
			if _, err := fmt.Fprintf(w.stdout, "%s epoch %d 第 %d 期: entries %d to %d, %d new 新收; the center has %d 中心共有; %d applied 已入账\n",
				h.Kiosk, h.Epoch, h.Epoch, h.First, h.Last.Seq, got.New(), got.After, got.Folded); err != nil {
				return err
			}
		}
		if got.Waits != nil {
			if _, err := fmt.Fprintf(w.stdout, "kept, and not applied to points yet 已保存，暂不入账: %v\n", got.Waits); err != nil {
				return err
			}
		}
		return journalExit(failed, got)
	})
}

// journalExit gives an error the exit code that tells a script what was taken.
func journalExit(err error, got center.Carried) error {
	damaged := errors.Is(err, link.ErrCourier) || errors.Is(err, link.ErrBreaksOff)
	switch {
	case errors.Is(err, center.ErrJournalFork):
		return exitError{exitQuarantine, err}
	case damaged && got.New() > 0:
		return exitError{exitPartly, err}
	case damaged, errors.Is(err, civic.ErrNewer), errors.Is(err, center.ErrJournalKiosk), errors.Is(err, center.ErrJournalEpoch), errors.Is(err, center.ErrJournalKey), errors.Is(err, center.ErrJournalGap):
		return exitError{exitNothing, err}
	}
	return err
}

// compare holds a journal file against the center's chain and changes nothing.
func (c *centerVerify) compare(ctx context.Context, w *world, parent *centerCommand) error {
	return parent.office(ctx, w, func(office center.Office) error {
		f, err := os.Open(c.Journal)
		if err != nil {
			return err
		}
		defer f.Close()
		h, found, err := office.CompareJournal(ctx, f)
		if err != nil {
			return err
		}
		if c.JSON {
			out := json.NewEncoder(w.stdout)
			out.SetIndent("", "  ")
			err = out.Encode(compared{h, found.Center.Seq, found.Shared, found.Differs})
		} else {
			_, err = fmt.Fprintf(w.stdout, "%s epoch %d 第 %d 期: the file has entries %d to %d, the center 1 to %d; %d are in both and the same 两边一致\n",
				h.Kiosk, h.Epoch, h.Epoch, h.First, h.Last.Seq, found.Center.Seq, found.Shared)
		}
		if err == nil && found.Differs > 0 {
			err = fmt.Errorf("%w: entry %d is another one", center.ErrJournalFork, found.Differs)
		}
		return err
	})
}

// compared is what compare prints as JSON.
type compared struct {
	link.JournalHeader
	Center  uint64 `json:"center"`  // entries that the center has
	Shared  uint64 `json:"shared"`  // entries that both have
	Differs uint64 `json:"differs"` // the first that is another one; 0: none
}
