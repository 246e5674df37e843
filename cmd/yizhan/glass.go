package main

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// glass is the screen as the browser and the scanner know it: one address for as long
// as the process lives, whatever stands behind it.
type glass struct {
	address string // http://HOST:PORT/
	behind  atomic.Pointer[scene]
}

// scene is what stands behind the glass.
type scene struct {
	http.Handler
	scan func(string)
}

func newGlass(listener net.Listener) *glass {
	g := &glass{address: "http://" + listener.Addr().String() + "/"}
	g.blank()
	return g
}

// show puts pages behind the glass, and what hears the scanner.
func (g *glass) show(pages http.Handler, scan func(string)) { g.behind.Store(&scene{pages, scan}) }

// blank shows that the box is starting. The page asks again by itself, because a
// browser stays where it is when a machine starts.
func (g *glass) blank() { g.show(http.HandlerFunc(starting), func(string) {}) }

// Scan takes what the scanner has read.
func (g *glass) Scan(text string) { g.behind.Load().scan(text) }

func (g *glass) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.behind.Load().ServeHTTP(w, r)
}

// starting is the only page before the books are open, and so in both languages.
func starting(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>益栈 Yizhan</title>
<h1>益栈正在打开，请稍等</h1><h1 lang="en">Yizhan is starting, one moment please</h1></html>
`)
}
