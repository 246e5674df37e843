package center

import (
	"context"
	"sync"
	"time"
)

// kept is a figure that may take too long to be worked out for every page: sums over a
// million volunteers take a second. It is shown as it is while it is fresh. Then it is
// worked out anew: while the page waits, when that was quick the last time, else
// behind the pages, which are shown the last one until it is too old.
type kept[T any] struct {
	fresh, old time.Duration
	work       func(context.Context) (T, error)
	now        func() time.Time
	failed     func(error)

	mu   sync.Mutex
	is   T
	at   time.Time     // of the figure; zero: there is none yet
	took time.Duration // to work it out
	busy bool          // somebody works it out behind the pages
}

// get returns the figure and the moment that it is of.
func (k *kept[T]) get(ctx context.Context) (T, time.Time, error) {
	k.mu.Lock()
	is, at, busy := k.is, k.at, k.busy
	age := k.now().Sub(at).Abs()
	behind := age > k.fresh && age <= k.old && k.took >= quickFigure
	k.busy = busy || behind
	k.mu.Unlock()
	switch {
	case age <= k.fresh:
		return is, at, nil
	case !behind:
		return k.renew(ctx)
	case !busy:
		go func() {
			if _, _, err := k.renew(context.WithoutCancel(ctx)); err != nil {
				k.failed(err)
			}
		}()
	}
	return is, at, nil
}

// renew works the figure out.
func (k *kept[T]) renew(ctx context.Context) (T, time.Time, error) {
	ctx, stop := context.WithTimeout(ctx, workTime)
	defer stop()
	began, at := time.Now(), k.now()
	is, err := k.work(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.busy = false
	if err != nil {
		return is, at, err
	}
	if !at.Before(k.at) {
		k.is, k.at, k.took = is, at, time.Since(began)
	}
	return k.is, k.at, nil
}

// warm works a figure out before anybody asks when that takes long, and finds out at
// the start whether it does.
func (k *kept[T]) warm(ctx context.Context) error {
	k.mu.Lock()
	quick := !k.at.IsZero() && k.took < quickFigure
	k.mu.Unlock()
	if quick {
		return nil
	}
	_, _, err := k.renew(ctx)
	return err
}
