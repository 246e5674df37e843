package kiosk

import (
	"errors"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

func stockSlipPage(seq uint64) string { return "/staff/stockslip/" + textOf(seq) }

// stockSlip shows one change of stock and its slip, if somebody asked for one.
func (o *office) stockSlip(a *ask, _ civic.Staff) error {
	a.follow()
	seq, err := sequence(a.PathValue("seq"))
	if err != nil {
		return err
	}
	_, entry, err := o.cfg.Store.Entry(seq)
	if err != nil {
		return err
	}
	body, ok := entry.Body.(ledger.Stock)
	if !ok || moveWords[body.Move] == "" {
		return store.ErrUnknown
	}
	data := struct {
		moveRow
		slipState
		URL string // of the good
	}{moveRow: o.moveRow(a, store.StockMove{Stock: body, Seq: seq, WallMS: entry.WallMS}), URL: "/staff/shelf/" + body.Good}
	job, err := o.cfg.Store.Job(seq)
	switch {
	case err == nil:
		data.slipState = o.slipState(a, job)
	case !errors.Is(err, store.ErrUnknown):
		return err
	}
	return o.show(a, page{word: "stockslip", back: "/staff/moves", data: data})
}

// stockSlipNow prints the slip of a change of stock, or another copy of it.
func (o *office) stockSlipNow(a *ask, me civic.Staff) error {
	seq, err := sequence(a.PathValue("seq"))
	if err != nil {
		return err
	}
	_, err = o.cfg.Store.PrintStock(a.Context(), seq, me.ID)
	if err != nil && !errors.Is(err, ledger.ErrState) { // two asked at once
		return err
	}
	o.paper.Wake()
	a.redirect(stockSlipPage(seq))
	return nil
}

// slipState is where a slip and its copies are, for a page of staff.
type slipState struct {
	Job      store.Job
	Paper    string // see paperWord; "": nobody asked for a slip
	PaperWhy string // see slipWhy
	Copies   []slipCopy
}

// slipState also lets a browser without the script see what becomes of the slip.
func (o *office) slipState(a *ask, job store.Job) slipState {
	st := slipState{Job: job, Paper: paperWord(job.State), PaperWhy: o.slipWhy(a, job), Copies: slipCopies(job)}
	if st.Paper == "soon" {
		a.lookAgain()
	}
	return st
}
