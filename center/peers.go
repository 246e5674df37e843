package center

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// peers are the other processes that serve this center's database. They meet in
// it: each notes which kiosks are connected to it, and looks for recalls that
// others want from them. A process that died leaves seats behind, until its kiosks
// connect elsewhere or have not been seen for seatFresh; a recall from such a seat
// runs into its time and gives nothing.
type peers struct {
	store *store.Store
	link  *link.Center
	log   *slog.Logger
	now   func() time.Time
	self  string // of this process, at random

	mu     sync.Mutex
	seats  map[string]store.Seat // at the last look
	others bool                  // some seat is another process's
	served map[string]time.Time  // recalls that were taken up here
}

// Online tells whether a kiosk is connected to another process.
func (p *peers) Online(kiosk string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	seat, ok := p.seats[kiosk]
	return ok && seat.Process != p.self && p.now().Sub(seat.Seen) < seatFresh
}

// Recall asks by way of the database, and waits for the answer.
func (p *peers) Recall(ctx context.Context, kiosk string, volunteer ledger.ID, points ledger.Points) (bool, error) {
	id, err := p.store.AskRecall(ctx, kiosk, volunteer, points)
	if err != nil {
		return false, err
	}
	tick := time.NewTicker(recallEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false, fmt.Errorf("recalling points from %s by another process: %w", kiosk, context.Cause(ctx))
		}
		answered, gave, err := p.store.Recalled(ctx, kiosk, id)
		if err != nil || answered {
			return gave, err
		}
	}
}

// look reads where kiosks are connected now, ends sessions that went on
// elsewhere, and gives up seats that nobody sits on.
func (p *peers) look(ctx context.Context) error {
	seats, err := p.store.Seats(ctx)
	if err != nil {
		return err
	}
	p.mu.Lock()
	before := p.seats
	p.seats, p.others = seats, false
	for _, seat := range seats {
		p.others = p.others || seat.Process != p.self
	}
	p.mu.Unlock()
	for kiosk, seat := range seats {
		connected := p.link.Connected(kiosk)
		switch {
		case seat.Process != p.self && connected && before[kiosk].Process == p.self:
			p.link.Drop(kiosk, link.Refused{Reason: link.ReasonElsewhere, Text: "the same kiosk has connected to another process"})
		case seat.Process == p.self && !connected && before[kiosk].Process == p.self: // twice: it may be sitting down
			if err := p.store.LeaveSeat(ctx, kiosk, p.self); err != nil {
				return err
			}
		}
	}
	return nil
}

// watch looks again and again for what other processes noted, as long as there are
// others. What look hands to serve runs beside it.
func (p *peers) watch(ctx context.Context, what string, look func(serve func(func())) error) {
	var serving sync.WaitGroup
	defer serving.Wait()
	tick := time.NewTicker(recallEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if p.alone() {
			continue
		}
		if err := look(serving.Go); err != nil && ctx.Err() == nil {
			p.log.Error("center: looking for "+what+" of other processes", "error", err)
		}
	}
}

// run serves the recalls that other processes want.
func (p *peers) run(ctx context.Context) {
	p.watch(ctx, "recalls", func(serve func(func())) error {
		wanted, err := p.store.WantedRecalls(ctx)
		for _, r := range wanted {
			if p.link.Connected(r.Kiosk) && p.take(r.ID) {
				serve(func() { p.serve(ctx, r) })
			}
		}
		return err
	})
}

// alone tells whether no kiosk is connected to another process.
func (p *peers) alone() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.others
}

// take tells whether a recall was not taken up before.
func (p *peers) take(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for old, at := range p.served {
		if now.Sub(at) > time.Minute {
			delete(p.served, old)
		}
	}
	if _, taken := p.served[id]; taken || len(p.served) >= maxServed {
		return false
	}
	p.served[id] = now
	return true
}

func (p *peers) serve(ctx context.Context, r store.Recall) {
	asking, stop := context.WithTimeout(ctx, link.RecallTime)
	defer stop()
	gave, err := p.link.Recall(asking, r.Kiosk, r.Volunteer, r.Points)
	if err != nil {
		p.log.Info("center: a recall for another process", "kiosk", r.Kiosk, "why", err)
	}
	if err := p.store.AnswerRecall(ctx, r, gave); err != nil && ctx.Err() == nil {
		p.log.Error("center: answering another process", "kiosk", r.Kiosk, "error", err)
	}
}
