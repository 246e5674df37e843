package center

import (
	"context"
	"errors"
	"fmt"
	"io"

	"yizhan/center/store"
	"yizhan/link"
)

// Reasons why a journal that was carried here is not taken in. None of them puts
// the kiosk in quarantine: the file is the wrong one.
var (
	ErrJournalKiosk = errors.New("center: the journal is of a kiosk that this center does not know")
	ErrJournalEpoch = errors.New("center: the journal is of an epoch that this center does not know")
	ErrJournalKey   = errors.New("center: the journal was signed by another box than the one that was enrolled")
	ErrJournalGap   = errors.New("center: entries are missing before those of the journal")
	ErrJournalFork  = errors.New("center: the journal contradicts what this center has of the same chain")
)

// Carried is what became of a journal that was carried here.
type Carried struct {
	Header        link.JournalHeader
	Before, After uint64 // entries that the center had of the chain, and has
	Folded        int    // entries that were applied to the points of volunteers
	Waits         error  // why they are not applied yet; nil: they are
}

// New is how many entries the center did not have.
func (c Carried) New() uint64 { return c.After - c.Before }

// TakeJournal takes in a journal file, by the checks that entries of a link go
// through, and applies what is new to points. When it fails, what was taken in
// before stands and is told.
//
// An entry that the kiosk has signed and that is another one than the center's
// answers ErrJournalFork and puts the chain in quarantine. A damaged file proves
// nothing, and does not.
func (o Office) TakeJournal(ctx context.Context, r io.Reader) (Carried, error) {
	f, err := link.ReadJournal(r)
	if err != nil {
		return Carried{}, err
	}
	c := Carried{Header: f.Header}
	k, err := o.chain(ctx, f.Header)
	if err != nil {
		return c, err
	}
	book := o.book()
	before, after, err := link.TakeJournal(ctx, book, f)
	c.Before, c.After = before.Seq, after.Seq
	failed := o.judge(ctx, book, f.Header, err)
	if after.Seq > 0 && k.Epoch == f.Header.Epoch && !errors.Is(failed, ErrJournalFork) {
		if err := o.Store.Seen(ctx, k.ID, k.Status); err != nil { // it was heard from
			return c, errors.Join(failed, err)
		}
	}
	c.Folded, err = o.Store.Fold(ctx, f.Header.Kiosk, f.Header.Epoch)
	if errors.Is(err, store.ErrQuarantine) || errors.Is(err, store.ErrRestored) {
		c.Waits, err = err, nil
	}
	return c, errors.Join(failed, err)
}

// chain looks up the chain that a journal says it is of.
func (o Office) chain(ctx context.Context, h link.JournalHeader) (store.Kiosk, error) {
	k, _, err := o.Store.Kiosk(ctx, h.Kiosk)
	if errors.Is(err, store.ErrUnknown) {
		return k, fmt.Errorf("%w: %s", ErrJournalKiosk, h.Kiosk)
	}
	if err != nil {
		return k, err
	}
	c, err := o.Store.Chain(ctx, h.Kiosk, h.Epoch)
	switch {
	case errors.Is(err, store.ErrUnknown):
		return k, fmt.Errorf("%w: epoch %d of %s, which is in epoch %d", ErrJournalEpoch, h.Epoch, h.Kiosk, k.Epoch)
	case err == nil && !c.PublicKey.Equal(h.Public()):
		return k, fmt.Errorf("%w: %s epoch %d", ErrJournalKey, h.Kiosk, h.Epoch)
	}
	return k, err
}

// judge turns what was found against a chain into what it means.
func (o Office) judge(ctx context.Context, book *Book, h link.JournalHeader, err error) error {
	q, ok := errors.AsType[link.Quarantine](err)
	switch {
	case !ok:
		return err
	case q.Reason == link.ReasonGap:
		return fmt.Errorf("%w: %s", ErrJournalGap, q.Text)
	}
	return errors.Join(fmt.Errorf("%w: %s", ErrJournalFork, q.Text), book.Quarantine(ctx, h.Kiosk, h.Epoch, q))
}

// CompareJournal holds a journal file against the center's chain and changes
// nothing.
func (o Office) CompareJournal(ctx context.Context, r io.Reader) (link.JournalHeader, link.Comparison, error) {
	f, err := link.ReadJournal(r)
	if err != nil {
		return link.JournalHeader{}, link.Comparison{}, err
	}
	if _, err := o.chain(ctx, f.Header); err != nil {
		return f.Header, link.Comparison{}, err
	}
	c, err := link.CompareJournal(ctx, o.book(), f)
	return f.Header, c, err
}
