package center

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// wishes has kiosks put aside what volunteers want by phone. A wish is a row first, so
// it outlives this process and its caller; whichever process has the kiosk connected
// asks it. What becomes of it the kiosk's own book says.
type wishes struct {
	store *store.Store
	link  *link.Center
	peers *peers
	log   *slog.Logger
	at    *pending[string] // kiosks that are to be asked something

	mu   sync.Mutex
	busy map[ledger.Key]bool // one question at a time about each wish
}

func newWishes(s *store.Store, l *link.Center, p *peers, log *slog.Logger) *wishes {
	return &wishes{store: s, link: l, peers: p, log: log, at: newPending[string](), busy: make(map[ledger.Key]bool)}
}

// want notes a wish and has its kiosk asked. It answers how the wish stands when that
// is known, or wishTime is over; what is still open then goes on.
func (w *wishes) want(ctx context.Context, wish store.Wish) (store.Wish, error) {
	now, err := w.store.PutWish(ctx, wish)
	if err != nil {
		return now, err
	}
	return w.settle(ctx, now)
}

// leave gives a wish up, and has its kiosk told if it is reached.
func (w *wishes) leave(ctx context.Context, volunteer ledger.ID, key ledger.Key) (store.Wish, error) {
	now, err := w.store.LeaveWish(ctx, volunteer, key)
	if err != nil {
		return now, err
	}
	return w.settle(ctx, now)
}

// settle has a kiosk asked, by this process or the one that it is connected to, and
// waits for what becomes of it. Who asked may go; the question is put all the same.
func (w *wishes) settle(ctx context.Context, wish store.Wish) (store.Wish, error) {
	if !wish.Work() || !w.link.Reachable(wish.Kiosk) {
		return wish, nil
	}
	if w.link.Connected(wish.Kiosk) && w.serve(context.WithoutCancel(ctx), wish) {
		return w.store.Wish(context.WithoutCancel(ctx), wish.Volunteer, wish.Key)
	}
	late, stop := context.WithTimeout(ctx, wishTime)
	defer stop()
	tick := time.NewTicker(recallEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-late.Done():
			return wish, nil
		}
		now, err := w.store.Wish(late, wish.Volunteer, wish.Key)
		if err != nil && late.Err() != nil {
			return wish, nil
		}
		if err != nil || !now.Work() {
			return now, err
		}
		wish = now
	}
}

// serve asks the kiosk once what there is to ask about a wish, unless somebody is just
// doing so.
func (w *wishes) serve(ctx context.Context, wish store.Wish) bool {
	if !w.take(wish.Key) {
		return false
	}
	defer w.drop(wish.Key)
	ctx, stop := context.WithTimeout(ctx, wishTime)
	defer stop()
	_, err := w.store.Wish(ctx, wish.Volunteer, wish.Key) // its entry may have come
	if err == nil {
		err = w.ask(ctx, wish)
	}
	if err != nil {
		w.log.Error("center: asking a kiosk to keep goods", "kiosk", wish.Kiosk, "key", fmt.Sprintf("%x", wish.Key[:]), "error", err)
	}
	return true
}

func (w *wishes) ask(ctx context.Context, wish store.Wish) error {
	begun, do, err := w.store.BeginWish(ctx, wish)
	switch {
	case err != nil:
		return err
	case do == store.WishOrder:
		return w.order(ctx, begun)
	case do == store.WishRelease:
		return w.release(ctx, begun)
	}
	return nil
}

// final are the outcomes that a kiosk's own book gave: it does not do it, whatever was
// asked before.
var final = []link.Outcome{link.OutcomeGone, link.OutcomePrice, link.OutcomeLimit, link.OutcomePoints}

// order has the goods put aside, and notes what is certain.
func (w *wishes) order(ctx context.Context, wish store.Wish) error {
	k, _, err := w.store.Kiosk(ctx, wish.Kiosk)
	if err != nil {
		return err
	}
	o, failed := w.link.Order(ctx, wish.Kiosk, link.Wish{Key: wish.Key, Volunteer: wish.Volunteer, Good: wish.Good, Quantity: wish.Quantity, Price: wish.Price})
	note := context.WithoutCancel(ctx) // however late it is
	why := string(o.Outcome)
	switch {
	case o.Outcome == link.OutcomeOK:
		_, err = w.store.WishKeptAs(note, wish, k.Epoch, o.Kept.Redemption, o.Kept.Claim, momentOf(o.Kept.Until))
	case o.Outcome == link.OutcomeUnsure:
	case slices.Contains(final, o.Outcome) || wish.Tries == 1 && (o.Outcome == link.OutcomeUnknown || o.Outcome == link.OutcomeRefused):
		_, err = w.store.WishRefusedFor(note, wish, why)
	default:
		_, err = w.store.WishUnasked(note, wish, why)
	}
	w.log.Info("center: goods that were asked for by phone", "kiosk", wish.Kiosk, "good", wish.Good, "outcome", o.Outcome, "why", failed)
	return err
}

// momentOf is a Unix second; 0 is no time.
func momentOf(seconds int64) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// release has them given back.
func (w *wishes) release(ctx context.Context, wish store.Wish) error {
	outcome, failed := w.link.Release(ctx, wish.Kiosk, link.Release{Key: wish.Key, Volunteer: wish.Volunteer, Redemption: wish.Seq, Reason: wish.Leave})
	note := context.WithoutCancel(ctx)
	var err error
	switch outcome {
	case link.OutcomeOK:
		_, err = w.store.WishLeft(note, wish, true)
	case link.OutcomeUnknown:
		_, err = w.store.WishLeft(note, wish, false)
	case link.OutcomeGone:
		_, err = w.store.WishStays(note, wish)
	}
	w.log.Info("center: goods that were given back by phone", "kiosk", wish.Kiosk, "good", wish.Good, "reason", wish.Leave, "outcome", outcome, "why", failed)
	return err
}

func (w *wishes) take(key ledger.Key) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[key] || len(w.busy) >= maxServed {
		return false
	}
	w.busy[key] = true
	return true
}

func (w *wishes) drop(key ledger.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, key)
}

// serveAt asks a kiosk for all that is wished of it, in the order of the wishes.
func (w *wishes) serveAt(ctx context.Context, kiosk string) {
	list, err := w.store.WishesAt(ctx, kiosk)
	if err != nil && ctx.Err() == nil {
		w.log.Error("center: looking for what is wished of a kiosk", "kiosk", kiosk, "error", err)
	}
	for _, wish := range list {
		if ctx.Err() != nil || !w.link.Connected(kiosk) {
			return
		}
		w.serve(ctx, wish)
	}
}

// look finds kiosks that are connected here and are to be asked something.
func (w *wishes) look(ctx context.Context) error {
	lapsed, err := w.store.LapseWishes(ctx)
	if lapsed > 0 {
		w.log.Info("center: nobody came for what was kept", "wishes", lapsed)
	}
	kiosks, err2 := w.store.WishKiosks(ctx)
	for _, kiosk := range kiosks {
		if w.link.Connected(kiosk) {
			w.at.add(kiosk)
		}
	}
	return errors.Join(err, err2)
}

// run serves what other processes noted for kiosks that are connected here.
func (w *wishes) run(ctx context.Context) {
	w.peers.watch(ctx, "wishes", func(serve func(func())) error {
		fresh, err := w.store.FreshWishes(ctx)
		for _, wish := range fresh {
			if w.link.Connected(wish.Kiosk) {
				serve(func() { w.serve(ctx, wish) })
			}
		}
		return err
	})
}
