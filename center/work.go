package center

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// work is what a center does though nobody asks: it folds entries that have come,
// grants points to kiosks that came back, fetches those that are to leave one, takes
// up what a crash left, lets points expire, adds up days, and looks at what other
// processes wrote. Each has a goroutine; all of it may run in several processes at
// once.
type work struct {
	store  *store.Store
	link   *link.Center
	peers  *peers
	now    func() time.Time
	log    *slog.Logger
	folds  *pending[ledger.Head]       // chains with entries to fold: kiosk and epoch
	resume func(context.Context) error // what officers confirmed and nobody has done yet
	homes  *pending[string]            // kiosks whose own volunteers may have free points

	fetches *pending[string] // kiosks that points are to leave
	wishes  *wishes

	versions map[string]uint64 // of scopes, at the last look; of the goroutine that looks
	rules    string            // that every kiosk was told, and when; of the goroutine that tells
	ruled    time.Time

	mu        sync.Mutex
	standings map[string]store.Standing // as the connected kiosks were told
	came      map[string]bool           // kiosks that were greeted, and how they are is not noted yet
	sightings map[string]store.Sighting // not noted yet
}

func newWork(s *store.Store, l *link.Center, p *peers, now func() time.Time, log *slog.Logger) *work {
	return &work{store: s, link: l, peers: p, now: now, log: log, folds: newPending[ledger.Head](), homes: newPending[string](), fetches: newPending[string](), wishes: newWishes(s, l, p, log),
		standings: make(map[string]store.Standing), came: make(map[string]bool), sightings: make(map[string]store.Sighting)}
}

// greeted notes what a kiosk is told when it comes, and that it sits here.
func (w *work) greeted(ctx context.Context, kiosk string, s store.Standing) error {
	w.mu.Lock()
	w.standings[kiosk], w.came[kiosk] = s, true
	w.mu.Unlock()
	return w.store.TakeSeat(ctx, kiosk, w.peers.self)
}

// seen hears how a kiosk is; note writes it down.
func (w *work) seen(kiosk string, status json.RawMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sightings[kiosk] = store.Sighting{Kiosk: kiosk, At: w.now(), Status: status}
}

// note writes down how kiosks are, from when on they count as ones that sync. The
// first time after a kiosk came, its volunteers' points may go to it.
func (w *work) note(ctx context.Context) error {
	w.mu.Lock()
	sightings := w.sightings
	w.sightings = make(map[string]store.Sighting)
	w.mu.Unlock()
	if len(sightings) == 0 {
		return nil
	}
	if err := w.store.SeenMany(ctx, slices.Collect(maps.Values(sightings))); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for kiosk := range sightings {
		if w.came[kiosk] {
			delete(w.came, kiosk)
			w.homes.add(kiosk)
			w.fetches.add(kiosk)
			w.wishes.at.add(kiosk)
		}
	}
	return nil
}

func (w *work) grown(kiosk string, epoch uint32) {
	w.folds.add(ledger.Head{Kiosk: kiosk, Epoch: epoch})
}

func (w *work) whole(kiosk string) { w.homes.add(kiosk) }

// run does all of it until ctx ends.
func (w *work) run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { each(ctx, w.folds, w.fold) })
	all.Go(func() { each(ctx, w.homes, w.grantHome) })
	all.Go(func() { each(ctx, w.fetches, w.fetchAt) })
	all.Go(func() { w.every(ctx, "looking for points to fetch", fetchEvery, w.lookFetch) })
	all.Go(func() { w.every(ctx, "looking at what others wrote", pollEvery, w.poll) })
	all.Go(func() { w.peers.run(ctx) })
	for range wishHands {
		all.Go(func() { each(ctx, w.wishes.at, w.wishes.serveAt) })
	}
	all.Go(func() { w.wishes.run(ctx) })
	all.Go(func() { w.every(ctx, "looking for what is wished of kiosks", wishEvery, w.wishes.look) })
	all.Go(func() { w.every(ctx, "noting how kiosks are", noteEvery, w.note) })
	all.Go(func() { w.every(ctx, "sweeping", sweepEvery, w.sweep) })
	all.Go(func() { w.every(ctx, "doing what officers confirmed", sweepEvery, w.resume) })
	all.Go(func() { w.every(ctx, "looking for free points", homeEvery, w.lookHome) })
	all.Go(func() { w.every(ctx, "putting prices in force", pricesEvery, w.store.SetPrices) })
	all.Go(func() { w.every(ctx, "telling kiosks of shifts", shiftsEvery, w.tellShifts) })
	all.Go(func() { w.every(ctx, "letting points expire", expireEvery, w.expire) })
	all.Go(func() { w.every(ctx, "telling kiosks their rules", rulesEvery, w.tellRules) })
	all.Go(func() { w.every(ctx, "adding up days", tallyEvery, w.tally) })
	all.Go(func() { w.every(ctx, "counting people", headsEvery, w.store.CountHeads) })
	all.Wait()
}

// every runs f now and then, so that it takes no more than a twentieth of the time,
// unless that makes it rarer than once a minute. What fails is logged and tried at
// the next round.
func (w *work) every(ctx context.Context, what string, interval time.Duration, f func(context.Context) error) {
	for {
		began := time.Now()
		round, stop := context.WithTimeout(ctx, workTime)
		err := f(round)
		stop()
		if err != nil && ctx.Err() == nil {
			w.log.Error("center: "+what, "error", err)
		}
		pause := max(interval, min(20*time.Since(began), time.Minute))
		wait := time.NewTimer(pause - time.Duration(rand.Int64N(int64(pause/4))))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return
		}
	}
}

func (w *work) fold(ctx context.Context, at ledger.Head) {
	n, err := w.store.Fold(ctx, at.Kiosk, at.Epoch)
	switch {
	case err == nil:
		w.log.Debug("center: entries were folded", "kiosk", at.Kiosk, "epoch", at.Epoch, "entries", n)
	case errors.Is(err, store.ErrQuarantine):
		w.log.Warn("center: a chain is in quarantine and is not folded", "kiosk", at.Kiosk, "epoch", at.Epoch, "why", err)
	case errors.Is(err, store.ErrRestored):
		w.log.Info("center: a chain waits for its kiosk to tell what it was granted", "kiosk", at.Kiosk)
	case ctx.Err() == nil:
		w.log.Error("center: folding entries", "kiosk", at.Kiosk, "epoch", at.Epoch, "error", err)
	}
}

// grantHome grants a kiosk what its own volunteers have free.
func (w *work) grantHome(ctx context.Context, kiosk string) {
	total := 0
	for {
		n, err := w.store.GrantHome(ctx, kiosk)
		total += n
		if err != nil && ctx.Err() == nil {
			w.log.Error("center: granting to a home kiosk", "kiosk", kiosk, "error", err)
		}
		if err != nil || n == 0 {
			break
		}
	}
	if total > 0 {
		w.log.Info("center: free points were granted to their home kiosk", "kiosk", kiosk, "volunteers", total)
	}
}

func (w *work) sweep(ctx context.Context) error {
	swept, err := w.store.Sweep(ctx)
	if swept > 0 {
		w.log.Info("center: volunteers were brought up to date after a break", "volunteers", swept)
	}
	folded, err2 := w.store.FoldAll(ctx)
	if folded > 0 {
		w.log.Info("center: entries were folded that waited", "entries", folded)
	}
	return errors.Join(err, err2)
}

// tellShifts writes the documents of shifts that are due.
func (w *work) tellShifts(ctx context.Context) error {
	for {
		if n, err := w.store.TellShifts(ctx); n == 0 || err != nil {
			return err
		}
	}
}

// tally adds up the days of kiosks that are behind, the months of those whose days are
// over, and the days of towns that earned.
func (w *work) tally(ctx context.Context) error {
	counted, err := w.store.TallyAll(ctx)
	if counted > 0 {
		w.log.Info("center: entries were counted for days that lacked them", "entries", counted)
	}
	if err == nil {
		_, err = w.store.SumMonths(ctx)
	}
	for told := 1; err == nil && told > 0; {
		told, err = w.store.TellTowns(ctx)
	}
	return err
}

func (w *work) lookHome(ctx context.Context) error {
	homes, err := w.store.Homes(ctx)
	for _, kiosk := range homes {
		w.homes.add(kiosk)
	}
	return err
}

func (w *work) expire(ctx context.Context) error {
	for {
		n, err := w.store.Expire(ctx)
		if n > 0 {
			w.log.Info("center: points have expired", "volunteers", n)
		}
		if err != nil || n == 0 {
			return err
		}
	}
}

// tellRules tells kiosks the rules in force when those have changed since it last
// did: a version came, the day turned, or a place moved. Now and then it looks at
// every kiosk all the same, for what another process wrote over it.
func (w *work) tellRules(ctx context.Context) error {
	rules, err := w.store.Rulebook(ctx)
	if err != nil {
		return err
	}
	state, now := rules.State(w.store.Today()), w.now()
	if state == w.rules && now.Sub(w.ruled) < rulesKept {
		return nil
	}
	n, err := w.store.PublishPolicies(ctx, rules)
	if n > 0 {
		w.log.Info("center: kiosks were told other rules", "kiosks", n)
	}
	if err == nil {
		w.rules, w.ruled = state, now
	}
	return err
}

// pending is a set of things to do, each once however often it was added.
type pending[K comparable] struct {
	mu    sync.Mutex
	set   map[K]bool
	order []K
	wake  chan struct{}
}

func newPending[K comparable]() *pending[K] {
	return &pending[K]{set: make(map[K]bool), wake: make(chan struct{}, 1)}
}

func (p *pending[K]) add(k K) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.set[k] {
		p.set[k], p.order = true, append(p.order, k)
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// take returns the first one, which may be added again from then on.
func (p *pending[K]) take() (k K, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.order) == 0 {
		return k, false
	}
	k, p.order = p.order[0], p.order[1:]
	delete(p.set, k)
	return k, true
}

// each does what is pending until ctx ends.
func each[K comparable](ctx context.Context, p *pending[K], do func(context.Context, K)) {
	for {
		k, ok := p.take()
		if ok && ctx.Err() == nil {
			do(ctx, k)
			continue
		}
		select {
		case <-p.wake:
		case <-ctx.Done():
			return
		}
	}
}
