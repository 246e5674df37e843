package link

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"yizhan/ledger"
)

// pendingRecall waits until the Return entry that answers it is durable here. It
// keeps its place until the kiosk has answered, though nobody may wait any more.
type pendingRecall struct {
	seq  uint64        // of the entry; 0: not answered yet
	left bool          // nobody waits
	done chan struct{} // closed when the entry is there, or there is none
	gave bool
}

// Recall asks a kiosk that is connected, here or to another process, to give points back, and waits until its entry
// is durable at the center. It answers whether something came back, and an error
// when that cannot be known in time: it may come all the same.
func (c *Center) Recall(ctx context.Context, kiosk string, volunteer ledger.ID, points ledger.Points) (bool, error) {
	s := c.session(kiosk)
	if s == nil && c.Peers != nil && c.Peers.Online(kiosk) {
		return c.Peers.Recall(ctx, kiosk, volunteer, points)
	}
	if s == nil || s.suspect() {
		return false, fmt.Errorf("recalling points from %s: %w", kiosk, ErrOffline)
	}
	id, r, err := s.recall(volunteer, points)
	if err != nil {
		return false, err
	}
	defer s.forget(id)
	select {
	case <-r.done:
		return r.gave, nil
	case <-s.over:
		return false, fmt.Errorf("recalling points from %s: %w", kiosk, ErrOffline)
	case <-ctx.Done():
		return false, fmt.Errorf("recalling points from %s: %w", kiosk, context.Cause(ctx))
	}
}

func (s *centerSession) recall(volunteer ledger.ID, points ledger.Points) (uint64, *pendingRecall, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.recalls) >= MaxRecalls {
		return 0, nil, fmt.Errorf("recalling points from %s: %w", s.hello.Kiosk, ErrBusy)
	}
	s.lastRecall++
	r := &pendingRecall{done: make(chan struct{})}
	s.recalls[s.lastRecall] = r
	return s.lastRecall, r, s.peer.send(Recall{s.lastRecall, volunteer, points})
}

func (s *centerSession) forget(id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.recalls[id]; r != nil {
		r.left = true
		s.settle()
	}
}

// returned hears by which entry a kiosk has answered a recall. When that comes
// late, its points are free with the entry.
func (s *centerSession) returned(f Returned) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.recalls[f.ID]
	if r == nil || r.seq != 0 {
		return fmt.Errorf("%w: Returned to recall %d, which does not wait", ErrSequence, f.ID)
	}
	if f.Seq == 0 {
		delete(s.recalls, f.ID)
		close(r.done)
		return nil
	}
	r.seq = f.Seq
	s.settle()
	return nil
}

// advanced notes how far the chain is durable.
func (s *centerSession) advanced(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head = max(s.head, seq)
	s.settle()
}

// settle wakes whoever waits for an entry that is there now, and clears away what
// was answered for nobody.
func (s *centerSession) settle() {
	for id, r := range s.recalls {
		switch {
		case r.seq == 0:
		case r.seq <= s.head:
			r.gave = true
			delete(s.recalls, id)
			close(r.done)
		case r.left:
			delete(s.recalls, id)
		}
	}
}

// topUp grants what is free, then what connected kiosks give back within
// RecallTime: the one with most first, as many as are needed.
func (s *centerSession) topUp(ctx context.Context, t TopUp) Answer {
	a, err := s.grant(ctx, t)
	if err != nil {
		s.Log.Error("link: topping up", "kiosk", s.hello.Kiosk, "err", err)
		return Answer{Outcome: OutcomeFailed}
	}
	nudge(s.written) // the grant is also in the kiosk's scope
	return a
}

func (s *centerSession) grant(ctx context.Context, t TopUp) (Answer, error) {
	document, err := s.bring(ctx, t.Volunteer, t.Granted+t.Wanted)
	if err != nil {
		return Answer{}, err
	}
	if document == nil {
		return Answer{Outcome: OutcomeUnknown}, nil
	}
	a := Answer{Outcome: OutcomeOK}
	if len(document) > 0 {
		a.Documents = List[json.RawMessage]{document}
	}
	a.Free, a.Elsewhere, err = s.elsewhere(ctx, t.Volunteer)
	return a, err
}

// bring has points of a volunteer granted to this session's kiosk until it has had
// so many in all, or no more are to be had in time. It returns the Grant after it, as
// Desk.Grant does.
func (s *centerSession) bring(ctx context.Context, volunteer ledger.ID, target ledger.Points) (json.RawMessage, error) {
	document, have, err := s.Desk.Grant(ctx, s.hello.Kiosk, s.hello.Epoch, volunteer, target)
	if err != nil || document == nil || have >= target {
		return document, err
	}
	_, ask, err := s.elsewhere(ctx, volunteer)
	if err != nil {
		return nil, err
	}
	ask = slices.DeleteFunc(ask, func(h Holding) bool { return !h.Online })
	late, stop := context.WithTimeout(ctx, RecallTime)
	defer stop()
	before := have
	for have < target && len(ask) > 0 && late.Err() == nil {
		var some bool
		if some, ask = s.collect(late, volunteer, ask, target-have); !some {
			continue
		}
		if document, have, err = s.Desk.Grant(ctx, s.hello.Kiosk, s.hello.Epoch, volunteer, target); err != nil {
			return nil, err
		}
	}
	if have > before { // a kiosk that empties others is seen in the log; its cap bounds it
		s.Log.Info("link: points came over from other kiosks", "kiosk", s.hello.Kiosk, "volunteer", volunteer, "points", have-before)
	}
	return document, nil
}

// Reachable tells whether a kiosk can be asked for something now, by this process or
// another.
func (c *Center) Reachable(kiosk string) bool {
	s := c.session(kiosk)
	if s == nil {
		return c.Peers != nil && c.Peers.Online(kiosk)
	}
	return !s.suspect()
}

// elsewhere tells what is free of a volunteer's points, and lists the other
// kiosks that may hold some, the one with the most first.
func (s *centerSession) elsewhere(ctx context.Context, volunteer ledger.ID) (ledger.Points, List[Holding], error) {
	free, held, err := s.Desk.Holders(ctx, volunteer)
	if err != nil {
		return 0, nil, err
	}
	var list List[Holding]
	for _, kiosk := range slices.Sorted(maps.Keys(held)) {
		if held[kiosk] > 0 && kiosk != s.hello.Kiosk {
			list = append(list, Holding{kiosk, s.Name(kiosk), held[kiosk], s.Reachable(kiosk)})
		}
	}
	slices.SortStableFunc(list, func(a, b Holding) int { return cmp.Compare(b.Points, a.Points) })
	return free, list[:min(len(list), MaxElsewhere)], nil
}

// collect recalls what is needed, from the first kiosks of the list, and answers
// whether something came back, and the kiosks that were not asked: whoever was
// gives less than the center believes if points are held or spent there by now.
func (s *centerSession) collect(ctx context.Context, volunteer ledger.ID, list List[Holding], need ledger.Points) (bool, List[Holding]) {
	var some atomic.Bool
	var asked sync.WaitGroup
	for need > 0 && len(list) > 0 {
		h := list[0]
		points := min(h.Points, need, ledger.MaxPoints)
		list, need = list[1:], need-points
		asked.Go(func() {
			if gave, err := s.Recall(ctx, h.Kiosk, volunteer, points); gave && err == nil {
				some.Store(true)
			}
		})
	}
	asked.Wait()
	return some.Load(), list
}
