package center

import (
	"context"
	"errors"

	"yizhan/ledger"
	"yizhan/link"
)

// fetchAt fetches everything that is to leave a kiosk which is connected here: the
// points of those who have moved away from it, and those that reversals want. What
// does not come now is tried again at the next look.
func (w *work) fetchAt(ctx context.Context, kiosk string) {
	for after := (ledger.ID{}); w.link.Connected(kiosk); {
		list, err := w.store.FetchesAt(ctx, kiosk, after)
		if err != nil && ctx.Err() == nil {
			w.log.Error("center: looking for points to fetch", "kiosk", kiosk, "error", err)
		}
		if err != nil || len(list) == 0 {
			return
		}
		for _, volunteer := range list {
			if !w.link.Connected(kiosk) {
				return
			}
			if err := w.fetch(ctx, volunteer); err != nil && ctx.Err() == nil {
				w.log.Error("center: fetching points", "kiosk", kiosk, "volunteer", volunteer, "error", err)
			}
		}
		after = list[len(list)-1]
	}
}

// fetch asks the kiosks that can be reached for the points of one volunteer that are
// to leave them, and has what came granted to the home of now. It may be broken off
// anywhere: what is left to do follows from where the points are.
func (w *work) fetch(ctx context.Context, volunteer ledger.ID) error {
	if err := w.store.FoldVolunteer(ctx, volunteer); err != nil {
		return err
	}
	list, err := w.store.Fetches(ctx, volunteer)
	if err != nil {
		return err
	}
	came := false
	for _, f := range list {
		asking, stop := context.WithTimeout(ctx, link.RecallTime)
		gave, err := w.link.Recall(asking, f.Kiosk, volunteer, f.Points)
		stop()
		if err != nil && !errors.Is(err, link.ErrOffline) {
			w.log.Info("center: points that are to leave a kiosk did not come yet", "kiosk", f.Kiosk, "volunteer", volunteer, "why", err)
		}
		came = came || gave
	}
	if came {
		if err := w.store.FoldVolunteer(ctx, volunteer); err != nil {
			return err
		}
	}
	return w.store.Fetched(ctx, volunteer)
}

// lookFetch finds the kiosks connected here from which something is to be fetched.
func (w *work) lookFetch(ctx context.Context) error {
	kiosks, err := w.store.FetchKiosks(ctx)
	for _, kiosk := range kiosks {
		if w.link.Connected(kiosk) {
			w.fetches.add(kiosk)
		}
	}
	return err
}
