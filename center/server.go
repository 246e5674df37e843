package center

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"yizhan/center/store"
	"yizhan/link"
)

// Server is one process of a center.
type Server struct {
	cfg   Config
	store *store.Store
	book  *Book
	link  *link.Center
	work  *work
	enrol *limiter
	desk  *console
	phone *phones
	jobs  *jobs

	base     context.Context // of the sessions
	end      context.CancelFunc
	mu       sync.Mutex // between a session that begins and the end of all
	sessions sync.WaitGroup
	places   chan struct{} // one for each connection of a kiosk
}

// New returns a server. Its sessions and background work live until Run's context
// ends.
func New(cfg Config) (*Server, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, store: cfg.Store, book: NewBook(cfg.Store, cfg.Log), enrol: newLimiter(cfg.Now), places: make(chan struct{}, maxSessions)}
	s.base, s.end = context.WithCancel(context.Background())
	var self [8]byte
	if _, err := io.ReadFull(cfg.Random, self[:]); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	p := &peers{store: s.store, log: cfg.Log, now: cfg.Now, self: hex.EncodeToString(self[:]), served: make(map[string]time.Time)}
	s.link = link.NewCenter(link.CenterConfig{Key: cfg.Keys.Pin(), Random: cfg.Random, Now: cfg.Now,
		Registry: s.book, Chains: s.book, Shelf: s.book, Desk: s.book, Shop: s.book, Witness: s.book, Registrar: newRegistrar(cfg), Name: s.book.name, Peers: p, Log: cfg.Log})
	p.link = s.link
	s.work = newWork(s.store, s.link, p, cfg.Now, cfg.Log)
	s.book.greeted, s.book.seen, s.book.grown, s.book.whole = s.work.greeted, s.work.seen, s.work.grown, s.work.whole
	s.jobs = newJobs(s.store, cfg.Log)
	s.jobs.registerPreviews()
	var err error
	if s.desk, err = newConsole(consoleConfig{Store: cfg.Store, jobs: s.jobs, Keys: cfg.Keys, Connected: s.link.Connected, Cursors: s.link.Cursors, Fetch: s.work.fetch, Address: cfg.Address, Phones: cfg.Phones,
		Zone: cfg.Zone, Now: cfg.Now, Random: cfg.Random, Log: cfg.Log}); err != nil {
		s.end()
		return nil, err
	}
	if s.phone, err = newPhones(s.desk); err != nil {
		s.end()
		return nil, err
	}
	s.phone.wishes = s.work.wishes
	s.work.resume = s.desk.seconds.resume
	s.store.Announce(func(scope string) { s.link.Written(scope) })
	return s, nil
}

// Link is the center's end of all links of this process: who is connected, and
// what is said to them.
func (s *Server) Link() *link.Center { return s.link }

// Run does what nobody asks for until ctx ends, then ends the kiosks' sessions.
func (s *Server) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.work.run(ctx) })
	all.Go(func() { s.jobs.run(ctx) })
	all.Go(func() { s.work.every(ctx, "looking for stars", starsEvery, s.desk.starry.work) })
	all.Go(func() { s.work.every(ctx, "saying where phones find the center", shiftsEvery, s.desk.sayCodes) })
	all.Go(func() { s.work.every(ctx, "adding up the books", figuresWarm, s.desk.books.warm) })
	all.Go(func() { s.work.every(ctx, "adding up what kiosks owe", figuresWarm, s.desk.owed.warm) })
	all.Wait()
	s.mu.Lock()
	s.end()
	s.mu.Unlock()
	s.sessions.Wait()
}

// begin counts a session, unless the server is ending.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base.Err() != nil {
		return false
	}
	s.sessions.Add(1)
	return true
}

// Handler serves kiosks, boxes, the console and volunteers' phones. It belongs behind TLS 1.3 that
// ends in this process.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+link.Path, s.serveLink)
	mux.HandleFunc("POST "+link.EnrolPath, s.serveEnrol)
	s.desk.routes(mux)
	s.phone.routes(mux)
	return s.guard(mux)
}

// Console serves the pages of console and phones alone, for a browser on the same machine or
// a reverse proxy on it.
func (s *Server) Console() http.Handler {
	mux := http.NewServeMux()
	s.desk.routes(mux)
	s.phone.routes(mux)
	return s.guard(mux)
}

// serveLink holds one kiosk's session.
func (s *Server) serveLink(w http.ResponseWriter, r *http.Request) {
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	default:
		http.Error(w, "too many kiosks are connected", http.StatusServiceUnavailable)
		return
	}
	if !s.begin() {
		http.Error(w, "the center is ending", http.StatusServiceUnavailable)
		return
	}
	defer s.sessions.Done()
	conn, err := link.Accept(w, r)
	if err != nil {
		s.cfg.Log.Info("center: a connection was turned away", "from", r.RemoteAddr, "why", err)
		return
	}
	err = s.link.Serve(s.base, conn)
	if refused, ok := errors.AsType[link.Refused](err); ok {
		s.cfg.Log.Warn("center: a kiosk was refused", "from", r.RemoteAddr, "reason", refused.Reason, "why", err)
		return
	}
	s.cfg.Log.Info("center: a session has ended", "from", r.RemoteAddr, "why", err)
}
