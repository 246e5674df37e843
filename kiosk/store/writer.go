package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"syscall"

	"yizhan/kiosk/store/journal"
	"yizhan/ledger"
)

// op is one request on its way through the writer. Either it plans entries, or
// it writes documents.
type op struct {
	ctx context.Context
	// plan checks everything and returns the entries to write, none when the
	// request was answered before. It changes nothing.
	plan func(t *tx, now Instant) ([]ledger.Body, error)
	// answer reads the result, after the entries were applied.
	answer func(t *tx)
	// load writes documents, which no journal keeps: it is answered only when
	// the book is committed.
	load func(t *tx) error
	// loaded runs after that commit, before the answer.
	loaded func()

	raws [][]byte // the entries
	err  error
	done chan struct{}
}

// submit hands a request to the writer and waits for its answer.
func (s *Store) submit(ctx context.Context, o *op) error {
	o.ctx, o.done = ctx, make(chan struct{})
	select {
	case s.queue <- o:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		return s.whyStopped()
	}
	select {
	case <-o.done:
		return o.err
	case <-s.stopped:
		// The writer may have answered at the very end.
		select {
		case <-o.done:
			return o.err
		default:
			return s.whyStopped()
		}
	}
}

// write runs the writer until the store is closed: it takes what waits, and
// never waits for more.
func (s *Store) write() {
	defer close(s.stopped)
	for {
		select {
		case <-s.closing:
			return
		case <-s.tick:
			s.tend()
		case o := <-s.queue:
			group := []*op{o}
			for more := true; more && len(group) < maxGroup; {
				select {
				case o := <-s.queue:
					group = append(group, o)
				default:
					more = false
				}
			}
			if err := s.commit(group); err != nil {
				s.die(err)
				return
			}
		}
	}
}

// commit takes a group through one transaction. It returns an error only when
// the process must end.
func (s *Store) commit(group []*op) error {
	if err := s.writable(); err != nil {
		return refuse(group, err)
	}
	t, err := s.book.begin(s.random)
	if err != nil {
		return refuse(group, s.readOnly(bookError(err)))
	}
	now := s.cfg.Clock.Now()
	first := t.state.Head.Seq + 1
	var raws [][]byte
	for i, o := range group {
		if i > 0 {
			group[i-1].land(t)
		}
		if t.err != nil {
			return s.without(t, group, i-1)
		}
		if o.raws, o.err = s.plan(t, o, now); t.err != nil {
			return s.without(t, group, i)
		}
		raws = append(raws, o.raws...)
	}
	last := group[len(group)-1]
	if len(raws) == 0 && !slices.ContainsFunc(group, func(o *op) bool { return o.load != nil }) {
		last.land(t)
		if t.err != nil {
			return s.without(t, group, len(group)-1)
		}
		answer(group)
		return t.bolt.Rollback()
	}
	// While the disk takes the group, the last request is applied and its
	// answer put together: nobody hears of it before both are done.
	landed := make(chan struct{})
	go func() {
		defer close(landed)
		last.land(t)
	}()
	err = s.journal.Append(first, raws)
	<-landed
	if err != nil {
		t.bolt.Rollback()
		return s.journalError(group, err)
	}
	if t.err != nil {
		return s.without(t, group, len(group))
	}
	head := t.state.Head
	s.durable.Store(&head)
	s.answered.Store(head.Seq)
	answer(group)
	runtime.Gosched() // whoever was answered goes on before the book is committed
	return s.settle(t, group)
}

// without rolls back a transaction that the request i broke, and runs the
// others again.
func (s *Store) without(t *tx, group []*op, i int) error {
	err := bookError(errors.Join(t.err, t.bolt.Rollback()))
	if i == len(group) || errors.Is(err, ErrDamaged) {
		// The journal may have what the book could not take; the next start
		// finds out.
		return refuse(group, err)
	}
	group[i].err = err
	close(group[i].done)
	rest := append(group[:i:i], group[i+1:]...)
	if len(rest) == 0 {
		return nil
	}
	return s.commit(rest)
}

// answer answers every request whose result is durable in the journal.
func answer(group []*op) {
	for _, o := range group {
		if o.load == nil || o.err != nil {
			close(o.done)
		}
	}
}

// settle commits the book after the journal.
func (s *Store) settle(t *tx, group []*op) error {
	head := t.state.Head
	t.state.Acked = s.acked.Load()
	err := t.commit()
	if err != nil {
		err = s.readOnly(bookError(err))
	}
	var loads []*op
	for _, o := range group {
		if o.load == nil || o.err != nil {
			continue
		}
		if o.err = err; err == nil && o.loaded != nil {
			o.loaded()
		}
		loads = append(loads, o)
	}
	if err == nil {
		s.arrive(head) // watchers find what was loaded
	}
	for _, o := range loads {
		close(o.done)
	}
	if err != nil && !errors.Is(err, ErrReadOnly) {
		return err
	}
	return nil
}

// plan checks one request and encodes its entries. An error that is not the
// transaction's leaves no trace.
func (s *Store) plan(t *tx, o *op, now Instant) ([][]byte, error) {
	if err := o.ctx.Err(); err != nil {
		return nil, err
	}
	if o.load != nil {
		if err := o.load(t); err != nil {
			t.fail(err)
		}
		return nil, nil
	}
	bodies, err := o.plan(t, now)
	if err == nil {
		err = t.halted(bodies)
	}
	if err != nil || t.err != nil {
		return nil, err
	}
	raws, err := encode(t.state.Head, bodies, now)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInput, err)
	}
	return raws, nil
}

// land applies the entries of a request that was planned, and reads its answer.
func (o *op) land(t *tx) {
	for _, raw := range o.raws {
		if err := t.apply(raw); err != nil {
			t.fail(err)
		}
	}
	if o.answer != nil && o.err == nil && t.err == nil {
		o.answer(t)
	}
}

// encode makes the entries that follow the head.
func encode(head ledger.Head, bodies []ledger.Body, now Instant) ([][]byte, error) {
	raws := make([][]byte, 0, len(bodies))
	for _, body := range bodies {
		raw, err := ledger.Entry{Kiosk: head.Kiosk, Epoch: head.Epoch, Seq: head.Seq + 1, Prev: head.Hash,
			Boot: now.Boot, MonoMS: max(now.MonoMS, 0), WallMS: max(now.WallMS, 0), Quality: now.Quality, Body: body}.Encode()
		if err != nil {
			return nil, err
		}
		head.Seq, head.Hash = head.Seq+1, ledger.HashOf(raw)
		raws = append(raws, raw)
	}
	return raws, nil
}

// refuse answers a whole group with an error. It returns it when it must end
// the process.
func refuse(group []*op, err error) error {
	for _, o := range group {
		if o.err == nil {
			o.err = err
		}
		close(o.done)
	}
	if errors.Is(err, ErrReadOnly) {
		return nil
	}
	return err
}

// journalError tells a full disk, from which a kiosk recovers, from an fsync
// error, after which nobody knows what is on the disk.
func (s *Store) journalError(group []*op, err error) error {
	if errors.Is(err, journal.ErrFull) && !errors.Is(err, journal.ErrSync) {
		err = s.readOnly(fmt.Errorf("%w: %w", ErrReadOnly, err))
	}
	return refuse(group, fmt.Errorf("writing the journal: %w", err))
}

// bookError does the same for the book.
func bookError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	}
	return err
}

// buffered spares the writer a system call for every seal.
func buffered(cfg Config) *bufio.Reader { return bufio.NewReaderSize(cfg.Random, 4096) }
