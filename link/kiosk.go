package link

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"yizhan/ledger"
)

// Journal is the kiosk's chain.
type Journal interface {
	// Head is the last durable entry, and the number of the last one that a
	// center has acknowledged.
	Head() (last ledger.Head, acked uint64)
	// Since returns durable entries after seq, in order: as many as there are,
	// up to both limits, and at least one when there is one.
	Since(ctx context.Context, seq uint64, entries, bytes int) ([][]byte, error)
	// Acknowledged keeps what the center has. A higher number than before need
	// not be durable at once; a lower one, of a center that was restored, must
	// be when it returns.
	Acknowledged(ctx context.Context, seq uint64) error
}

// Library is what a kiosk keeps of documents.
type Library interface {
	// Cursors are the versions that it has durably, by scope, in the center's
	// era that they belong to.
	Cursors() (era string, at map[string]uint64)
	// Apply merges documents and moves the cursor of their scope in one durable
	// write. Another era than that of Cursors forgets all cursors before. An
	// empty scope moves none. A document that it cannot read is an error, and
	// nothing is applied.
	Apply(ctx context.Context, era, scope string, version uint64, documents []json.RawMessage) error
}

// Purse is the rights of a kiosk.
type Purse interface {
	// GiveBack returns at most so many points of a volunteer, never more than
	// can be spent here now, and answers the number of the Return entry, which
	// is durable; 0 when there was nothing to give.
	GiveBack(ctx context.Context, volunteer ledger.ID, points ledger.Points) (seq uint64, err error)
	// Granted returns what was granted to this kiosk in this epoch, of at most
	// limit volunteers after one, ascending. The zero ID is before all.
	Granted(ctx context.Context, after ledger.ID, limit int) ([]ledger.ID, []ledger.Account, error)
}

// Guard keeps whether the kiosk's chain may go on.
type Guard interface {
	// Quarantine durably stops the book from writing anything that moves points
	// or stock; an empty reason lets it go on.
	Quarantine(ctx context.Context, reason, text string) error
	// Quarantined is what Quarantine was told last.
	Quarantined() (reason, text string)
}

// KioskConfig is the world of a kiosk's end. Everything but Serve, Release,
// Changed and Log must be there.
type KioskConfig struct {
	Key     ed25519.PrivateKey // of the kiosk's chain
	Center  Digest             // SHA-256 of the center's public key
	Program string
	Dial    func(context.Context) (Conn, error)
	Now     func() time.Time
	Random  *rand.Rand // of the waits between attempts; Run alone uses it
	Journal Journal
	Library Library
	Purse   Purse
	Guard   Guard
	Status  func() Status // WallMS, Unsent and Program are filled in
	// Serve puts goods aside for somebody who does not stand before this kiosk, until
	// some Unix second. Whatever it answers is durable; a wish whose key it has served
	// gets that answer. The ID is filled in. nil: this kiosk serves only those who
	// stand before it.
	Serve func(ctx context.Context, w Wish, until int64) Ordered
	// Release gives back what such a wish had put aside, see Released. nil: never.
	Release func(context.Context, Release) Outcome
	Changed func() // called after State has changed; it must not wait
	Log     *slog.Logger
}

// State is what a screen says of the link.
type State struct {
	Online     bool
	Since      time.Time  // when it came to be online, or offline
	Refused    Refused    // how the center ended the last attempt; no reason: it did not
	Quarantine Quarantine // no reason: there is none
	Unsent     uint64     // entries that no center has acknowledged
	Trouble    error      // why documents are not taken in; nil: they are
	SkewMS     int64      // the kiosk's clock minus the center's, at the last Welcome
}

// ErrOffline means that there is no session with the center, or none any more.
var ErrOffline = errors.New("link: the center is not to be reached now")

// ErrBusy means that too many calls are under way.
var ErrBusy = errors.New("link: too many calls at once")

// Kiosk is the kiosk's end of the link.
type Kiosk struct {
	KioskConfig
	wake  chan struct{} // there are entries, or a status to tell
	hurry chan struct{} // somebody waits for the center

	mu      sync.Mutex
	state   State
	session *kioskSession // nil: offline
}

// NewKiosk returns the end that Run brings to life.
func NewKiosk(cfg KioskConfig) *Kiosk {
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	k := &Kiosk{KioskConfig: cfg, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1)}
	k.state.Since = cfg.Now()
	return k
}

// Hurry has the kiosk try again at once when it is offline, because somebody waits
// for the center or the network has come back. It never waits.
func (k *Kiosk) Hurry() { nudge(k.hurry) }

// Wake says that the journal has grown or that the status is another. It never
// waits.
func (k *Kiosk) Wake() { nudge(k.wake) }

func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// State tells how the link is.
func (k *Kiosk) State() State {
	k.mu.Lock()
	s := k.state
	k.mu.Unlock()
	reason, text := k.Guard.Quarantined()
	s.Unsent, s.Quarantine = k.unsent(), Quarantine{Reason(reason), text}
	return s
}

// unsent counts the entries that no center has acknowledged. A journal that was
// restored from an old disk may be shorter than what was acknowledged of it.
func (k *Kiosk) unsent() uint64 {
	last, acked := k.Journal.Head()
	return last.Seq - min(acked, last.Seq)
}

// Run keeps a session with the center until ctx ends.
func (k *Kiosk) Run(ctx context.Context) error {
	wait := FirstRetry
	for {
		began := k.Now()
		err := k.once(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if k.Now().Sub(began) >= StableTime {
			wait = FirstRetry
		}
		k.lost(err)
		k.dismissed(ctx, err)
		k.rest(ctx, wait/2+time.Duration(k.Random.Int64N(int64(wait/2))))
		wait = min(2*wait, LastRetry)
	}
}

// rest waits before the next attempt; somebody who waits for the center cuts it
// short, but never below FirstRetry.
func (k *Kiosk) rest(ctx context.Context, d time.Duration) {
	first := time.NewTimer(min(d, FirstRetry))
	defer first.Stop()
	select {
	case <-first.C:
	case <-ctx.Done():
		return
	}
	rest := time.NewTimer(max(0, d-FirstRetry))
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-k.hurry:
	case <-ctx.Done():
	}
}

// lost says that there is no session, and why.
func (k *Kiosk) lost(err error) {
	k.Log.Info("link: no session with the center", "why", err)
	refused, _ := errors.AsType[Refused](err)
	k.mu.Lock()
	if k.state.Online {
		k.state.Online, k.state.Since = false, k.Now()
	}
	k.state.Refused, k.session = refused, nil
	k.mu.Unlock()
	k.Changed()
}

// dismissed durably stops the book of a kiosk that was taken out of service or
// replaced: another box may spend what was granted to this one. A center that seats
// it again lets it go on.
func (k *Kiosk) dismissed(ctx context.Context, err error) {
	refused, ok := errors.AsType[Refused](err)
	if !ok || refused.Reason != ReasonRevoked && refused.Reason != ReasonReplaced {
		return
	}
	if reason, _ := k.Guard.Quarantined(); reason != "" {
		return // it stands still already, and why says more
	}
	if err := k.Guard.Quarantine(ctx, string(refused.Reason), refused.Text); err != nil {
		k.Log.Error("link: noting that the kiosk is out of service", "err", err)
	}
	k.Changed()
}

// once connects, introduces the kiosk and serves the session to its end.
func (k *Kiosk) once(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	dialing, dialed := context.WithTimeout(ctx, HandshakeTime)
	conn, err := k.Dial(dialing)
	dialed()
	if err != nil {
		return fmt.Errorf("calling the center: %w", err)
	}
	defer conn.Close()
	s, err := k.greet(ctx, conn)
	if err != nil {
		return err
	}
	return s.run(ctx)
}

// greet goes through the handshake.
func (k *Kiosk) greet(ctx context.Context, conn Conn) (*kioskSession, error) {
	head, acked := k.Journal.Head()
	era, at := k.Library.Cursors()
	h := Hello{Protocol: Protocol, Kiosk: head.Kiosk, Epoch: head.Epoch, Key: Digest(k.Key.Public().(ed25519.PublicKey)),
		Head: MarkOf(head), Acked: min(acked, head.Seq), Era: era, Cursors: cursors(at), Program: k.Program}
	w, err := Introduce(ctx, conn, k.Center, h, k.Key)
	if err != nil {
		return nil, err
	}
	if w.Era != era {
		at = nil
	}
	s := newKioskSession(k, conn, w, at)
	if err := s.compare(ctx, head); err != nil {
		return nil, err
	}
	if w.Era != era { // after what was acknowledged, which is of the era
		if err := s.apply(ctx, "", 0, nil); err != nil {
			return nil, err
		}
	}
	k.mu.Lock()
	k.session, k.state.Refused = s, Refused{}
	k.state.Online, k.state.Since = true, k.Now()
	k.state.SkewMS = k.Now().UnixMilli() - w.TimeMS
	k.mu.Unlock()
	k.Changed()
	return s, nil
}
