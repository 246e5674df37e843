package center

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// Book answers out of the store what the link asks for: it is a link.Registry,
// Chains, Shelf, Desk, Shop and Witness. Those who bring entries by another way (a USB
// stick) hand it to link.Take.
type Book struct {
	store   *store.Store
	log     *slog.Logger
	appends chan struct{}
	// What the server wants to hear of; nil: nobody does.
	greeted func(ctx context.Context, kiosk string, s store.Standing) error
	seen    func(kiosk string, status json.RawMessage) // nil: a status is written at once
	grown   func(kiosk string, epoch uint32)           // a chain has new entries
	whole   func(kiosk string)                         // a kiosk has told all that it was granted
}

// NewBook returns a book over a store.
func NewBook(s *store.Store, log *slog.Logger) *Book {
	return &Book{store: s, log: log, appends: make(chan struct{}, maxAppends),
		greeted: func(context.Context, string, store.Standing) error { return nil }, grown: func(string, uint32) {}, whole: func(string) {}}
}

// Greet looks up a kiosk that has proven its key.
func (b *Book) Greet(ctx context.Context, h link.Hello) (w link.Welcome, err error) {
	k, c, err := b.store.Kiosk(ctx, h.Kiosk)
	switch {
	case errors.Is(err, store.ErrUnknown) || err == nil && k.Epoch == 0:
		return w, link.Refused{Reason: link.ReasonUnknown, Text: "the center has no kiosk of this name"}
	case err != nil:
		return w, err
	case h.Epoch < k.Epoch:
		return w, link.Refused{Reason: link.ReasonReplaced, Text: fmt.Sprintf("epoch %d has begun", k.Epoch)}
	case h.Epoch > k.Epoch || !c.PublicKey.Equal(h.Public()):
		return w, link.Refused{Reason: link.ReasonUnknown, Text: "the kiosk's key or epoch is not the one that was enrolled"}
	case k.Revoked:
		return w, link.Refused{Reason: link.ReasonRevoked, Text: "the kiosk was taken out of service"}
	}
	w = link.Welcome{Head: link.MarkOf(c.Head), Rights: k.Unreported}
	if c.State == store.ChainQuarantined {
		w.Quarantine = quarantineOf(c.Reason)
	}
	if w.Era, err = b.store.Era(ctx); err != nil {
		return w, err
	}
	scopes, err := b.store.Scopes(ctx, h.Kiosk)
	for _, s := range scopes {
		w.Scopes = append(w.Scopes, s.ID)
	}
	if err != nil {
		return w, err
	}
	return w, b.greeted(ctx, h.Kiosk, store.Standing{Kiosk: h.Kiosk, Epoch: k.Epoch, Revoked: k.Revoked, State: c.State, Reason: c.Reason})
}

// Quarantine durably notes that a chain is not to be trusted.
func (b *Book) Quarantine(ctx context.Context, kiosk string, epoch uint32, q link.Quarantine) error {
	return b.store.Quarantine(ctx, kiosk, epoch, reasonText(q))
}

// Status keeps how a kiosk is. A server writes what all of them said once a second:
// it decides nothing, and ten thousand kiosks say it every minute.
func (b *Book) Status(ctx context.Context, kiosk string, _ uint32, s link.Status) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing a status: %w", err)
	}
	if b.seen == nil {
		return b.store.Seen(ctx, kiosk, text)
	}
	b.seen(kiosk, text)
	return nil
}

// Head is the last entry that the center has of a chain.
func (b *Book) Head(ctx context.Context, kiosk string, epoch uint32) (ledger.Head, error) {
	c, err := b.store.Chain(ctx, kiosk, epoch)
	return c.Head, err
}

// Hash is that of one entry.
func (b *Book) Hash(ctx context.Context, kiosk string, epoch uint32, seq uint64) (ledger.Hash, error) {
	return b.store.Hash(ctx, kiosk, epoch, seq)
}

// Append makes entries durable. It answers false when somebody else was first, and
// an error that is a link.Quarantine when an entry does what its chain does not
// allow.
func (b *Book) Append(ctx context.Context, from, to ledger.Head, sig []byte, entries [][]byte) (bool, error) {
	select {
	case b.appends <- struct{}{}:
		defer func() { <-b.appends }()
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
	_, err := b.store.Append(ctx, store.Batch{Kiosk: from.Kiosk, Epoch: from.Epoch, First: from.Seq + 1, Entries: entries, Head: to, Signature: sig})
	switch {
	case errors.Is(err, ledger.ErrFork) || errors.Is(err, ledger.ErrGap):
		return false, nil // since from was read; whoever asks looks again
	case errors.Is(err, store.ErrQuarantine):
		return false, fmt.Errorf("%w: %w", link.Quarantine{Reason: link.ReasonForged, Text: clip(err.Error())}, err)
	case err != nil:
		return false, err
	}
	b.grown(from.Kiosk, from.Epoch)
	return true, nil
}

// After returns what changed in a scope after a version.
func (b *Book) After(ctx context.Context, scope string, version uint64, documents, bytes int) (uint64, []json.RawMessage, error) {
	delta, err := b.store.Delta(ctx, scope, version, documents, bytes)
	if err != nil {
		return 0, nil, err
	}
	if delta.From != version {
		return delta.Last, nil, nil // it has never been as far
	}
	var list []json.RawMessage
	for _, c := range delta.Changes {
		list = append(list, c.Body)
	}
	return delta.To, list, nil
}

// Identify returns the document of whom a card belongs to.
func (b *Book) Identify(ctx context.Context, _ string, _ uint32, card civic.CardID) ([]json.RawMessage, error) {
	p, err := b.store.Identify(ctx, card)
	if errors.Is(err, store.ErrUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return volunteerDocuments(p)
}

func volunteerDocuments(p store.Person) ([]json.RawMessage, error) {
	document, err := json.Marshal(civic.Document{Volunteer: &p.Volunteer})
	if err != nil {
		return nil, fmt.Errorf("writing a volunteer: %w", err)
	}
	return []json.RawMessage{document}, nil
}

// Grant folds what has come of the volunteer's entries, and grants free points
// until the kiosk's total is the one wanted. A cap, a quarantine or a restored
// center leaves the total as it is.
func (b *Book) Grant(ctx context.Context, kiosk string, epoch uint32, volunteer ledger.ID, total ledger.Points) (json.RawMessage, ledger.Points, error) {
	if err := b.store.FoldVolunteer(ctx, volunteer); err != nil {
		return nil, 0, err
	}
	g, have, err := b.store.GrantTotal(ctx, volunteer, kiosk, total)
	switch {
	case errors.Is(err, store.ErrUnknown):
		return nil, 0, nil
	case store.Passing(err) != nil:
		return nil, 0, err
	case g.Epoch != epoch:
		return nil, 0, fmt.Errorf("granting to epoch %d of %s: epoch %d has begun", epoch, kiosk, g.Epoch)
	case err != nil:
		b.log.Info("center: nothing can be granted to a kiosk now", "kiosk", kiosk, "why", err)
	}
	if len(g.Lots) == 0 {
		return json.RawMessage{}, 0, nil // nothing ever was
	}
	document, err := json.Marshal(civic.Document{Grant: &g})
	if err != nil {
		return nil, 0, fmt.Errorf("writing a grant: %w", err)
	}
	return document, have, nil
}

// Holders tells where a volunteer's points are. While a restored center grants
// nothing, nothing counts as free.
func (b *Book) Holders(ctx context.Context, volunteer ledger.ID) (ledger.Points, map[string]ledger.Points, error) {
	free, held, err := b.store.Holders(ctx, volunteer)
	if err != nil || free == 0 {
		return free, held, err
	}
	err = b.store.Whole(ctx)
	if errors.Is(err, store.ErrRestored) {
		return 0, held, nil
	}
	return free, held, err
}

// name is what people call a kiosk. A screen without it says the kiosk's number, so
// nothing waits for a name that cannot be read.
func (b *Book) name(kiosk string) string {
	ctx, stop := context.WithTimeout(context.Background(), nameTime)
	defer stop()
	k, _, err := b.store.Kiosk(ctx, kiosk)
	if err != nil {
		return ""
	}
	return k.Name
}

// Granted takes over what a kiosk was granted before the center was restored.
func (b *Book) Granted(ctx context.Context, kiosk string, epoch uint32, ids []ledger.ID, accounts []ledger.Account, last bool) error {
	grants := make([]civic.Grant, len(ids))
	for i, id := range ids {
		grants[i] = civic.Grant{Volunteer: id, Kiosk: kiosk, Epoch: epoch}
		for _, r := range accounts[i].Rights {
			grants[i].Lots = append(grants[i].Lots, civic.GrantedLot{Expires: r.Expires, Granted: r.Granted})
		}
	}
	if err := b.store.Report(ctx, kiosk, epoch, grants, last); err != nil {
		return err
	}
	if last {
		b.log.Info("center: a kiosk has told what it was granted before the restore", "kiosk", kiosk)
		b.whole(kiosk)
	}
	return nil
}

// clip keeps a text within what a frame carries.
func clip(text string) string {
	const most = 400
	return string([]rune(text)[:min(len([]rune(text)), most/4)])
}
