package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"yizhan/civic/wholefile"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
)

// journalCommand writes a kiosk's journal as a file for its center.
type journalCommand struct {
	box

	Out   string  `required:"" help:"Where the file goes, such as /media/usb/SQ-01.yzj."`
	Epoch uint32  `help:"An epoch that is over, whose chain this box has set aside. Default: that of now."`
	From  *uint64 `help:"Number of the first entry. Default: the one after what the center has acknowledged."`
}

// Help is printed below the flags.
func (*journalCommand) Help() string {
	return `The kiosk must not run meanwhile; while it runs, staff copy the journal on the page of the stick.
The center takes the file in with 'yizhan center journal FILE', and passes over what it has already.`
}

// Run writes the file, whole or not at all.
func (c *journalCommand) Run(ctx context.Context, w *world) error {
	if err := c.settle(); err != nil {
		return err
	}
	cfg, err := c.storeConfig(w)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.Data); err != nil {
		return fmt.Errorf("finding the data folder: %w", err)
	}
	cfg.Program = "" // the kiosk does not start, so nothing is written of that
	books, err := store.Open(ctx, cfg)
	if err != nil {
		return fmt.Errorf("opening the books in %s: %w", c.Data, err)
	}
	defer books.Close()
	var chain link.Journal = books
	_, after := books.Head()
	if c.Epoch != 0 {
		if chain, err = pastChain(ctx, books, c.Epoch); err != nil {
			return err
		}
		after = 0
	}
	if c.From != nil {
		after = max(*c.From, 1) - 1
	}
	f, err := wholefile.Create(c.Out, 0)
	if err != nil {
		return err
	}
	defer f.Abort()
	h, err := link.WriteJournal(ctx, f, chain, books.Signing(), program(), after)
	if err != nil {
		return err
	}
	if err := f.Commit(); err != nil {
		return err
	}
	_, err = io.WriteString(w.stdout, journalText(c.Out, h))
	return err
}

func journalText(path string, h link.JournalHeader) string {
	return fmt.Sprintf("%s  %s epoch %d 第 %d 期: entries %d to %d, %d in all 共 %d 条\n",
		path, h.Kiosk, h.Epoch, h.Epoch, h.First, h.Last.Seq, h.Entries(), h.Entries())
}

// pastChain reads the chain of an epoch that is over into memory; nothing is added
// to it any more.
func pastChain(ctx context.Context, books *store.Store, epoch uint32) (*heldChain, error) {
	if now, _ := books.Head(); epoch >= now.Epoch {
		return nil, exitError{exitUsage, fmt.Errorf("epoch %d is not over: this box is in epoch %d", epoch, now.Epoch)}
	}
	held := &heldChain{}
	head, err := books.PastEntries(ctx, epoch, func(raw []byte) error {
		held.entries = append(held.entries, bytes.Clone(raw))
		return nil
	})
	held.head = head
	return held, err
}

// heldChain is a link.Journal that has ended.
type heldChain struct {
	head    ledger.Head
	entries [][]byte
}

// Head is where the chain ended.
func (h *heldChain) Head() (ledger.Head, uint64) { return h.head, 0 }

// Since returns the entries after a number.
func (h *heldChain) Since(_ context.Context, seq uint64, entries, bytes int) (list [][]byte, _ error) {
	for _, raw := range h.entries[min(seq, uint64(len(h.entries))):] {
		if bytes -= len(raw); len(list) == entries || bytes < 0 && len(list) > 0 {
			break
		}
		list = append(list, raw)
	}
	return list, nil
}

// Acknowledged keeps nothing: no center speaks to a chain that is over.
func (*heldChain) Acknowledged(context.Context, uint64) error { return nil }
