package link

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"yizhan/ledger"
)

// kioskSession is one session as the kiosk sees it. One goroutine runs it; two
// more read and write, so that a center that does not listen cannot keep the
// kiosk from hearing it.
type kioskSession struct {
	*Kiosk
	peer  *peer
	calls chan *pendingCall
	over  chan struct{} // closed when the session has ended

	welcome  Welcome
	at       map[string]uint64 // cursors
	sent     uint64            // the last entry on its way
	onTheWay []Mark            // the ends of the Entries frames without an Ack
	diverged bool              // the center's head is not on this chain: nothing is sent
	rights   bool              // the center still asks what was granted
	told     ledger.ID         // up to here it was told
	lastCall uint64
	pending  map[uint64]*pendingCall
	shown    Status // what the center was told last
}

func newKioskSession(k *Kiosk, conn Conn, w Welcome, at map[string]uint64) *kioskSession {
	s := &kioskSession{Kiosk: k, peer: newPeer(conn), calls: make(chan *pendingCall), over: make(chan struct{}), welcome: w,
		at: maps.Clone(at), rights: w.Rights, pending: make(map[uint64]*pendingCall)}
	if s.at == nil {
		s.at = make(map[string]uint64)
	}
	return s
}

// cursors lists versions by scope, ascending.
func cursors(at map[string]uint64) List[Cursor] {
	list := make(List[Cursor], 0, len(at))
	for _, scope := range slices.Sorted(maps.Keys(at)) {
		list = append(list, Cursor{scope, at[scope]})
	}
	return list
}

// run serves the session until it breaks.
func (s *kioskSession) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer close(s.over)
	defer s.peer.wait()
	s.peer.start(ctx, stop)
	status := time.NewTicker(StatusEvery)
	defer status.Stop()
	err := s.tell(s.Status())
	for err == nil {
		if err = s.push(ctx); err != nil {
			break
		}
		select {
		case f := <-s.peer.in:
			err = s.hear(ctx, f)
		case c := <-s.calls:
			err = s.call(c)
		case <-s.wake:
			if now := s.Status(); now.Printer != s.shown.Printer || now.Paper != s.shown.Paper {
				err = s.tell(now)
			}
		case <-s.peer.drained:
		case <-status.C:
			err = s.tell(s.Status())
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
	}
	stop(err)
	return err
}

// tell says how the kiosk is.
func (s *kioskSession) tell(st Status) error {
	s.shown = st
	st.Unsent, st.WallMS, st.Program = s.unsent(), s.Now().UnixMilli(), s.Program
	return s.peer.send(st)
}

// push sends what there is to send and may be on its way.
func (s *kioskSession) push(ctx context.Context) error {
	if s.diverged {
		return nil
	}
	for s.rights && s.peer.idle() {
		if err := s.tellRights(ctx); err != nil {
			return err
		}
	}
	for len(s.onTheWay) < MaxUnacked {
		head, _ := s.Journal.Head()
		if head.Seq <= s.sent {
			return nil
		}
		if err := s.upload(ctx, head); err != nil {
			return err
		}
	}
	return nil
}

// upload sends one stretch of the journal, signed where it ends.
func (s *kioskSession) upload(ctx context.Context, head ledger.Head) error {
	entries, err := s.Journal.Since(ctx, s.sent, MaxEntries, MaxEntriesBytes)
	if err != nil {
		return fmt.Errorf("reading the journal after %d: %w", s.sent, err)
	}
	if len(entries) == 0 {
		return fmt.Errorf("reading the journal after %d: nothing, and the head is %d", s.sent, head.Seq)
	}
	head.Seq = s.sent + uint64(len(entries))
	head.Hash = ledger.HashOf(entries[len(entries)-1])
	if err := s.peer.send(Entries{s.sent + 1, head.Sign(s.Key), entries}); err != nil {
		return err
	}
	s.sent, s.onTheWay = head.Seq, append(s.onTheWay, MarkOf(head))
	return nil
}

// tellRights sends the next page of what was granted.
func (s *kioskSession) tellRights(ctx context.Context) error {
	ids, accounts, err := s.Purse.Granted(ctx, s.told, MaxRights)
	if err != nil {
		return fmt.Errorf("reading what was granted: %w", err)
	}
	page := rightsPage(ids, accounts)
	if n := len(page.Rights); n > 0 {
		s.told = page.Rights[n-1].Volunteer
	}
	s.rights = !page.Last
	return s.peer.send(page)
}

// rightsPage says what was granted of volunteers, as many as one frame takes.
func rightsPage(ids []ledger.ID, accounts []ledger.Account) Rights {
	page, lots := Rights{Last: len(ids) < MaxRights}, 0
	for i, id := range ids {
		if lots += len(accounts[i].Rights); lots > MaxRightLots && i > 0 {
			page.Last = false
			break
		}
		g := Granted{Volunteer: id}
		for _, r := range accounts[i].Rights {
			g.Lots = append(g.Lots, Lot{r.Expires, r.Granted})
		}
		page.Rights = append(page.Rights, g)
	}
	return page
}

// hear takes in one frame of the center's.
func (s *kioskSession) hear(ctx context.Context, f Frame) error {
	switch f := f.(type) {
	case Ack:
		return s.acknowledged(ctx, f.Mark)
	case Documents:
		return s.documents(ctx, f)
	case Answer:
		return s.answer(ctx, f)
	case Recall:
		return s.recall(ctx, f)
	case Order:
		return s.order(ctx, f)
	case Release:
		return s.release(ctx, f)
	case Quarantine:
		return s.quarantine(ctx, f)
	case Refused:
		return f
	}
	return fmt.Errorf("%w: %T", ErrSequence, f)
}

// compare holds the center's head against the journal. A center that is behind
// is sent what it lacks. One whose head is not on this chain knows of another
// past: the chain was copied, rewritten, or restored from an old disk.
func (s *kioskSession) compare(ctx context.Context, head ledger.Head) error {
	theirs, own := s.welcome.Head, MarkOf(head)
	if theirs.Seq > 0 && theirs.Seq < head.Seq {
		entries, err := s.Journal.Since(ctx, theirs.Seq-1, 1, ledger.MaxEntryBytes)
		if err != nil || len(entries) == 0 {
			return fmt.Errorf("reading entry %d: %w", theirs.Seq, cmp.Or(err, ErrCut))
		}
		own = Mark{theirs.Seq, Digest(ledger.HashOf(entries[0]))}
	}
	s.sent = theirs.Seq
	q := s.welcome.Quarantine
	if theirs.Seq > 0 && theirs != own {
		s.diverged = true
		if q.Reason == "" {
			q = divergence(theirs, own)
		}
	}
	if err := s.quarantine(ctx, q); err != nil {
		return err
	}
	if _, acked := s.Journal.Head(); !s.diverged || acked > theirs.Seq {
		if err := s.Journal.Acknowledged(ctx, theirs.Seq); err != nil {
			return fmt.Errorf("noting that the center has entry %d: %w", theirs.Seq, err)
		}
	}
	if s.diverged {
		return s.peer.send(Diverged{theirs, own})
	}
	return nil
}

// divergence says what it means that the center has theirs where the kiosk has
// own: the same number, or the last one.
func divergence(theirs, own Mark) Quarantine {
	if theirs.Seq > own.Seq {
		return Quarantine{ReasonRegressed, fmt.Sprintf("the center has entries up to %d, the kiosk up to %d", theirs.Seq, own.Seq)}
	}
	return Quarantine{ReasonFork, fmt.Sprintf("the kiosk and the center have different entries at %d", theirs.Seq)}
}

// acknowledged takes in how far the center has the chain. What it says must be
// the end of something that was sent.
func (s *kioskSession) acknowledged(ctx context.Context, m Mark) error {
	i := slices.Index(s.onTheWay, m)
	if i < 0 {
		return fmt.Errorf("%w: an Ack of %d, which was not sent", ErrSequence, m.Seq)
	}
	s.onTheWay = slices.Delete(s.onTheWay, 0, i+1)
	if err := s.Journal.Acknowledged(ctx, m.Seq); err != nil {
		s.Log.Warn("link: noting what the center has", "seq", m.Seq, "err", err) // it is heard again
	}
	s.Changed()
	return nil
}

// documents applies a batch. When it cannot, because the disk is full or the
// program too old to read one, no more come in this session, for the center
// waits; everything else goes on.
func (s *kioskSession) documents(ctx context.Context, d Documents) error {
	if !slices.Contains(s.welcome.Scopes, d.Scope) || d.From != s.at[d.Scope] {
		return fmt.Errorf("%w: documents of %q from %d, the cursor is %d", ErrSequence, d.Scope, d.From, s.at[d.Scope])
	}
	err := s.apply(ctx, d.Scope, d.To, d.Documents)
	s.trouble(err)
	if err != nil {
		return nil
	}
	s.at[d.Scope] = d.To
	return s.peer.send(Cursor{d.Scope, d.To})
}

func (s *kioskSession) apply(ctx context.Context, scope string, version uint64, documents []json.RawMessage) error {
	if err := s.Library.Apply(ctx, s.welcome.Era, scope, version, documents); err != nil {
		return fmt.Errorf("taking in documents of %q up to %d: %w", scope, version, err)
	}
	return nil
}

// trouble says on the screen that documents are not taken in, or that they are.
func (k *Kiosk) trouble(err error) {
	k.mu.Lock()
	was := k.state.Trouble
	k.state.Trouble = err
	k.mu.Unlock()
	if err != nil {
		k.Log.Error("link: documents are not taken in", "err", err)
	}
	if err != was {
		k.Changed()
	}
}

// recall gives back what is asked for. The Return entry goes up with the others,
// in its turn. A book that cannot write now has nothing to give.
func (s *kioskSession) recall(ctx context.Context, r Recall) error {
	var seq uint64
	if reason, _ := s.Guard.Quarantined(); reason == "" {
		var err error
		if seq, err = s.Purse.GiveBack(ctx, r.Volunteer, r.Points); err != nil {
			s.Log.Error("link: giving points back", "points", r.Points, "err", err)
		}
	}
	return s.peer.send(Returned{r.ID, seq})
}

// quarantine stops the book, or lets it go on. A center that lifts a quarantine
// does not undo that its head is not on this chain.
func (s *kioskSession) quarantine(ctx context.Context, q Quarantine) error {
	if q.Reason == "" && s.diverged {
		return nil
	}
	reason, text := s.Guard.Quarantined()
	if (Quarantine{Reason(reason), text}) == q {
		return nil
	}
	if err := s.Guard.Quarantine(ctx, string(q.Reason), q.Text); err != nil {
		return fmt.Errorf("noting the quarantine: %w", err)
	}
	s.Changed()
	return nil
}
