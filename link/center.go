package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Registry knows the kiosks.
type Registry interface {
	// Greet looks up a kiosk that has proven its key. The Welcome's time is
	// filled in later. An error that is a Refused is said to the kiosk. Era
	// changes when the database was restored; every kiosk is asked for its
	// rights then, and nothing is granted or folded before the kiosks that may
	// hold some have told.
	Greet(ctx context.Context, h Hello) (Welcome, error)
	// Quarantine durably notes that a chain is not to be trusted. The first
	// reason stands until an officer decides.
	Quarantine(ctx context.Context, kiosk string, epoch uint32, q Quarantine) error
	// Status keeps how a kiosk is.
	Status(ctx context.Context, kiosk string, epoch uint32, s Status) error
}

// Chains are the journals as the center has them. Package link checks what is
// appended; Take is the way in, also for a journal that came by USB.
type Chains interface {
	// Head is the last entry that is durable of a chain.
	Head(ctx context.Context, kiosk string, epoch uint32) (ledger.Head, error)
	// Hash is that of one entry, which is at or before the head.
	Hash(ctx context.Context, kiosk string, epoch uint32, seq uint64) (ledger.Hash, error)
	// Append makes entries durable in one transaction, when the chain still
	// stands at from; it answers false when it does not. Sig is the kiosk's
	// signature of to.
	Append(ctx context.Context, from, to ledger.Head, sig []byte, entries [][]byte) (bool, error)
}

// Shelf is what the center has of documents.
type Shelf interface {
	// After returns what changed in a scope after a version: documents in the
	// order of their versions, up to both limits, at least one if there is one,
	// and the version that they lead to. Nothing new is the same version; a
	// lower one says that the scope has never been as far.
	After(ctx context.Context, scope string, version uint64, documents, bytes int) (to uint64, list []json.RawMessage, err error)
}

// Desk serves what kiosks ask.
type Desk interface {
	// Identify returns the documents of whom a card belongs to; none: nobody.
	Identify(ctx context.Context, kiosk string, epoch uint32, card civic.CardID) ([]json.RawMessage, error)
	// Grant folds what entries have come, then grants free points, the earliest
	// expiry first, until the kiosk's total over all lots is the one wanted or
	// nothing is free. It returns the Grant document of the volunteer at the
	// kiosk after it, empty when nothing was ever granted there, nil for a
	// volunteer whom nobody knows, and the total.
	Grant(ctx context.Context, kiosk string, epoch uint32, volunteer ledger.ID, total ledger.Points) (json.RawMessage, ledger.Points, error)
	// Holders tells how many points of a volunteer are free, and which kiosks
	// hold how many others: granted, refunded, and neither spent nor returned,
	// nor waiting there with goods.
	Holders(ctx context.Context, volunteer ledger.ID) (free ledger.Points, held map[string]ledger.Points, err error)
}

// Shop knows what stands where, and who is who. It serves those who want at another
// kiosk what is gone at theirs.
type Shop interface {
	// Places lists kiosks other than one where pieces of a good are left, as far as
	// entries have come: the nearest first, at most MaxPlaces, and only those that
	// are open.
	Places(ctx context.Context, kiosk, good string, open func(kiosk string) bool) ([]Place, error)
	// Volunteer returns the documents of a volunteer; none: nobody.
	Volunteer(ctx context.Context, id ledger.ID) ([]json.RawMessage, error)
	// Until tells how long a kiosk keeps goods that are put aside there now for
	// somebody who is elsewhere, in Unix seconds; 0: as long as it takes.
	Until(ctx context.Context, kiosk string) (int64, error)
}

// Witness hears what was granted before the center was restored.
type Witness interface {
	// Granted merges, by maximum, the totals of some volunteers at a kiosk. After
	// last the kiosk has told all; Greet does not ask for it again.
	Granted(ctx context.Context, kiosk string, epoch uint32, ids []ledger.ID, accounts []ledger.Account, last bool) error
}

// Peers are the other processes of this center.
type Peers interface {
	// Online tells whether a kiosk is connected to one of them, as far as is known.
	Online(kiosk string) bool
	// Recall has that one ask the kiosk for points, as Center.Recall does.
	Recall(ctx context.Context, kiosk string, volunteer ledger.ID, points ledger.Points) (bool, error)
}

// CenterConfig is the world of a center's end. Everything but Shop, Registrar, Name, Peers, Poll
// and Log must be there.
type CenterConfig struct {
	Key       Digest    // SHA-256 of the public key that TLS shows
	Random    io.Reader // of the challenges; safe for many goroutines
	Now       func() time.Time
	Registry  Registry
	Chains    Chains
	Shelf     Shelf
	Desk      Desk
	Witness   Witness
	Shop      Shop                      // nil: nobody reserves at another kiosk
	Registrar Registrar                 // nil: no kiosk prints certificates
	Name      func(kiosk string) string // what people call a kiosk; nil: nobody knows
	Peers     Peers                     // nil: there are none
	Poll      time.Duration             // how often to look for documents that another process wrote; 0: there is none
	Log       *slog.Logger
}

// Center is the center's end of all links of this process. Several processes may
// serve one database: nothing here is more than a cache of it.
type Center struct {
	CenterConfig
	mu       sync.Mutex
	sessions map[string]*centerSession // by kiosk
}

// NewCenter returns an end that serves whatever connections it is given.
func NewCenter(cfg CenterConfig) *Center {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if cfg.Name == nil {
		cfg.Name = func(string) string { return "" }
	}
	return &Center{CenterConfig: cfg, sessions: make(map[string]*centerSession)}
}

// Serve holds one connection to its end and closes it.
func (c *Center) Serve(ctx context.Context, conn Conn) error {
	defer conn.Close()
	h, err := Challenger{c.Key, c.Random}.Prove(ctx, conn)
	if err != nil {
		return err
	}
	w, err := c.greet(ctx, h)
	if err != nil {
		r, ok := errors.AsType[Refused](err)
		if !ok {
			r = Refused{ReasonBusy, "the center cannot greet now"}
		}
		return errors.Join(err, refuse(ctx, conn, r))
	}
	s, err := newCenterSession(c, conn, h, w)
	if err != nil {
		return err
	}
	c.seat(s)
	defer c.leave(s)
	return s.run(ctx)
}

// greet looks the kiosk up, and sees what heads alone can tell: a kiosk that has
// lost entries, or has another one in the same place.
func (c *Center) greet(ctx context.Context, h Hello) (Welcome, error) {
	w, err := c.Registry.Greet(ctx, h)
	if err != nil {
		return w, fmt.Errorf("greeting kiosk %s: %w", h.Kiosk, err)
	}
	if h.Era == w.Era && h.Acked > w.Head.Seq {
		return w, c.forgot(h.Kiosk, fmt.Sprintf("entry %d was acknowledged, the center has %d", h.Acked, w.Head.Seq))
	}
	w.TimeMS = c.Now().UnixMilli()
	if own := h.Head; w.Quarantine.Reason == "" && (own.Seq < w.Head.Seq || own.Seq == w.Head.Seq && own != w.Head) {
		w.Quarantine = divergence(w.Head, own)
		if err := c.Registry.Quarantine(ctx, h.Kiosk, h.Epoch, w.Quarantine); err != nil {
			return w, fmt.Errorf("noting a quarantine: %w", err)
		}
	}
	return w, nil
}

// forgot is what a center says that finds itself restored from an old copy. It
// may have granted what it does not know of, so it serves nobody who can tell
// before somebody begins a new era (Registry.Greet).
func (c *Center) forgot(kiosk, what string) Refused {
	c.Log.Error("link: the database is an old copy; it must be told that it was restored", "kiosk", kiosk, "what", what)
	return Refused{ReasonForgot, what}
}

// seat makes a session the kiosk's only one. The one before is told so: it may
// be a connection that died unheard, or a copy of the box.
func (c *Center) seat(s *centerSession) {
	c.mu.Lock()
	before := c.sessions[s.hello.Kiosk]
	c.sessions[s.hello.Kiosk] = s
	c.mu.Unlock()
	if before != nil {
		before.end(Refused{ReasonElsewhere, "the same kiosk has connected once more"})
	}
}

func (c *Center) leave(s *centerSession) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sessions[s.hello.Kiosk] == s {
		delete(c.sessions, s.hello.Kiosk)
	}
}

func (c *Center) session(kiosk string) *centerSession {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sessions[kiosk]
}

// Connected tells whether a kiosk is connected to this process.
func (c *Center) Connected(kiosk string) bool { return c.session(kiosk) != nil }

// Cursors tells up to which version of each of its scopes a kiosk has the documents;
// nil while it is not connected to this process.
func (c *Center) Cursors(kiosk string) map[string]uint64 {
	s := c.session(kiosk)
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := make(map[string]uint64, len(s.welcome.Scopes))
	for _, scope := range s.welcome.Scopes {
		at[scope] = s.at[scope]
	}
	return at
}

// Written says that documents were written in some scopes; connected kiosks get
// them now. What another process wrote they get within Poll.
func (c *Center) Written(scopes ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.sessions {
		if s.subscribes(scopes) {
			nudge(s.written)
		}
	}
}

// Quarantine says live to a connected kiosk what the registry has decided; an
// empty reason lifts it.
func (c *Center) Quarantine(kiosk string, q Quarantine) {
	if s := c.session(kiosk); s != nil {
		s.say(q)
	}
}

// Drop ends the session of a kiosk that is connected, and tells it why.
func (c *Center) Drop(kiosk string, r Refused) {
	if s := c.session(kiosk); s != nil {
		s.end(r)
	}
}
