package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"time"
)

// events tells a window what happens at the printer (server-sent events):
//
//	paper  a piece fell: {"number", "html", "receipt"}
//	out    another length of paper hangs out of the printer: {"dots"}
//	state  the printer is another way: {"html", "level", "baud"}
//	county a link, or the center's books, are another way: {"html"}
func (p *Page) events(w http.ResponseWriter, r *http.Request) {
	select {
	case p.watching <- struct{}{}:
		defer func() { <-p.watching }()
	default:
		http.Error(w, "too many windows", http.StatusTooManyRequests)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	last, _ := strconv.Atoi(r.FormValue("after")) // of a page that says none: everything
	seen := watcher{page: p, out: w, last: last, ctx: r.Context(), screen: screenOf(r)}
	look := time.NewTicker(watchEvery)
	defer look.Stop()
	for {
		if err := seen.look(); err != nil {
			return
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-look.C:
		}
	}
}

// watcher is what a window knows.
type watcher struct {
	page   *Page
	out    io.Writer
	ctx    context.Context
	screen screen
	last   int // piece
	dots   int // of the paper that hangs out
	state  state
	looks  int // so far
	county strip
}

// look tells the window what it does not know yet. Nothing is sent while nothing
// changes.
func (s *watcher) look() error {
	bench := s.page.bench
	dots := bench.hanging().Image.Height // before: what falls meanwhile is told of as a piece first
	for _, one := range bench.tray.after(s.last) {
		s.last = one.Number
		html, err := s.page.render("piece", one)
		if err != nil {
			return err
		}
		if err := s.tell("paper", map[string]any{"number": one.Number, "html": string(html), "receipt": one.Receipt}); err != nil {
			return err
		}
	}
	if dots != s.dots {
		s.dots = dots
		if err := s.tell("out", map[string]any{"dots": dots}); err != nil {
			return err
		}
	}
	if err := s.lookAround(); err != nil {
		return err
	}
	now := bench.state()
	if reflect.DeepEqual(now, s.state) {
		return nil
	}
	s.state = now
	html, err := s.page.render("state", now)
	if err != nil {
		return err
	}
	return s.tell("state", map[string]any{"html": string(html), "level": now.Level, "baud": now.Baud})
}

// lookAround tells of the county, which is asked less often than the printer.
func (s *watcher) lookAround() error {
	s.looks++
	if s.page.county == nil || s.looks%countyLooks != 1 {
		return nil
	}
	now := s.page.strip(s.ctx, s.screen)
	if reflect.DeepEqual(now, s.county) {
		return nil
	}
	s.county = now
	html, err := s.page.render("county", now)
	if err != nil {
		return err
	}
	return s.tell("county", map[string]any{"html": string(html)})
}

func (s *watcher) tell(event string, data map[string]any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "event: %s\ndata: %s\n\n", event, b)
	return err
}
