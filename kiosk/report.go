package kiosk

import (
	"context"

	"yizhan/ledger"
	"yizhan/link"
	"yizhan/printer/spool"
)

// Status is what the center is told of this kiosk, for the page of its fleet.
func (s *Server) Status() link.Status {
	now := s.cfg.Clock.Now()
	st := link.Status{Clock: uint8(now.Quality), UnsentMS: s.unsentMS(now.WallMS)}
	st.Printer, st.Paper = s.paper.words()
	if s.cfg.FreeBytes != nil {
		st.DiskFreeBytes, _ = s.cfg.FreeBytes() // 0 when the medium is gone: information only
	}
	return st
}

// words are how the printer is, and its paper: ok, none, or a spool.Reason; ok, low,
// or out.
func (p *paper) words() (printer, roll string) {
	st := p.Status()
	printer, roll = "ok", "ok"
	switch {
	case p.cfg.Printer == nil:
		return string(spool.NoPrinter), roll
	case st.Fault != nil && st.Fault.Reason == spool.NoPaper:
		roll = "out"
	case st.Fault != nil:
		printer = string(st.Fault.Reason)
	case st.NearEnd:
		roll = "low"
	}
	return printer, roll
}

// unsentMS is the age of the oldest entry that no center has, by the clock of then
// and of now.
func (s *Server) unsentMS(nowMS int64) int64 {
	last, acked := s.cfg.Store.Head()
	if last.Seq <= acked {
		return 0
	}
	raw, err := s.cfg.Store.Since(context.Background(), acked, 1, ledger.MaxEntryBytes)
	if err != nil || len(raw) == 0 {
		return 0
	}
	e, err := ledger.DecodeEntry(raw[0])
	if err != nil {
		return 0
	}
	return max(0, nowMS-e.WallMS)
}
