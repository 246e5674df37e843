package store

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"yizhan/civic"
	"yizhan/kiosk/store/journal"
	"yizhan/ledger"
)

// Store is a kiosk's journal and book, open for serving. All methods may be
// called from many goroutines.
type Store struct {
	cfg     Config
	keys    *Keyring
	journal *journal.Journal // replaced only while there is no entry
	book    *book
	random  io.Reader // buffered; the writer's

	queue   chan *op
	tick    <-chan time.Time
	closing chan struct{}
	stopped chan struct{} // the writer has ended
	ticker  *time.Ticker

	answered atomic.Uint64 // the last entry whose request was answered
	durable  atomic.Pointer[ledger.Head]
	acked    atomic.Uint64 // the last entry that a center has acknowledged; the book follows
	station  atomic.Pointer[civic.Station]
	index    atomic.Pointer[index]
	heard    heard
	loading  sync.Mutex // one bundle at a time, or one index that is folded

	mu        sync.Mutex
	arrived   *sync.Cond // on mu: the book has come further, or never will
	committed ledger.Head
	why       error // why nothing can be written now
	dead      error // why the store has ended
	watchers  map[int]func()
	watching  int

	background sync.WaitGroup // snapshots on their way
	copying    sync.Mutex     // one at a time
	lastCopy   int64          // MonoMS of the last snapshot, below 0: none by this process; the writer's
	lastSweep  int64          // MonoMS of the last look for guests, below 0: none by this process; the writer's
}

func newStore(cfg Config) (*Store, error) {
	keys, err := Keys(cfg)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, keys: keys, random: buffered(cfg), tick: cfg.Tick, queue: make(chan *op, maxQueue), lastCopy: -1, lastSweep: -1,
		closing: make(chan struct{}), stopped: make(chan struct{}), watchers: make(map[int]func())}
	s.arrived = sync.NewCond(&s.mu)
	return s, nil
}

// Close ends the writer and closes both files. Requests that wait get
// ErrClosed.
func (s *Store) Close() error {
	s.mu.Lock()
	first := s.dead == nil
	if first {
		s.dead = ErrClosed
	}
	s.arrived.Broadcast()
	s.mu.Unlock()
	if first {
		close(s.closing)
	}
	<-s.stopped
	if s.ticker != nil {
		s.ticker.Stop()
	}
	s.background.Wait()
	return errors.Join(s.book.db.Close(), s.journal.Close())
}

// die ends the store because going on could do harm.
func (s *Store) die(err error) {
	s.mu.Lock()
	first := s.dead == nil
	if first {
		s.dead = err
		close(s.closing)
	}
	s.arrived.Broadcast()
	s.mu.Unlock()
	if first {
		s.cfg.Log.Error("store must end", "err", err)
		if s.cfg.Fatal != nil {
			s.cfg.Fatal(err)
		}
	}
}

func (s *Store) whyStopped() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead
}

// view reads the book as it is after every write that was answered before the
// call. Should the book be unable to follow the journal, it answers
// ErrReadOnly rather than a state that is known to be past.
func (s *Store) view(read func(*tx)) error {
	want := s.answered.Load()
	s.mu.Lock()
	for s.committed.Seq < want && s.dead == nil && s.why == nil {
		s.arrived.Wait()
	}
	err := s.dead
	if err == nil && s.committed.Seq < want {
		err = s.why
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	err = s.book.view(read)
	if errors.Is(err, ErrDamaged) {
		s.die(err)
	}
	return err
}

// arrive tells readers and watchers that the book has come to head.
func (s *Store) arrive(head ledger.Head) {
	s.mu.Lock()
	s.committed = head
	s.why = nil
	calls := make([]func(), 0, len(s.watchers))
	for _, f := range s.watchers {
		calls = append(calls, f)
	}
	s.arrived.Broadcast()
	s.mu.Unlock()
	for _, f := range calls {
		f()
	}
}

// readOnly notes an error that lasts until there is space, and returns it.
func (s *Store) readOnly(err error) error {
	if errors.Is(err, ErrReadOnly) {
		s.mu.Lock()
		s.why = err
		s.arrived.Broadcast()
		s.mu.Unlock()
		s.cfg.Log.Warn("store is read-only", "err", err)
	}
	return err
}

// Watch calls f after each change of the book, on the writer's goroutine: f
// must be quick, and may read but not write. Stop ends it.
func (s *Store) Watch(f func()) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watching++
	id := s.watching
	s.watchers[id] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, id)
	}
}

// PublicKey returns the key that verifies the kiosk's receipts and heads.
func (s *Store) PublicKey() ed25519.PublicKey { return s.keys.PublicKey() }

// Health tells how the store is.
func (s *Store) Health() Health {
	h := Health{JournalBytes: s.journalBytes()}
	read := func(t *tx) {
		loaded := t.loaded()
		h.Documents, h.BundleSerial = t.state.Open, loaded.Serial
		h.Volunteers = int(t.state.Sums[bVolunteer].Rows)
		h.BookBytes = t.bolt.Size()
	}
	err := s.view(read)
	if errors.Is(err, ErrReadOnly) {
		err = errors.Join(err, s.book.view(read)) // these don't change with the entries that wait
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Head, h.ReadOnly = s.committed, s.why
	if h.ReadOnly == nil {
		h.ReadOnly = err
	}
	return h
}

// ask is submit for a request that answers a value.
func ask[T any](ctx context.Context, s *Store, plan func(*tx, Instant) ([]ledger.Body, error), answer func(*tx) T) (T, error) {
	var result T
	err := s.submit(ctx, &op{plan: plan, answer: func(t *tx) { result = answer(t) }})
	if err != nil {
		var zero T
		return zero, err
	}
	return result, nil
}
