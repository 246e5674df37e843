package main

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"yizhan/center"
	"yizhan/link"
)

// centerServe runs a process of the center.
type centerServe struct {
	Listen string   `default:"0.0.0.0:8443" help:"Address for kiosks, boxes and browsers, with TLS 1.3."`
	Local  string   `help:"Loopback address that serves the console over plain HTTP, such as 127.0.0.1:8400, for a browser on this machine or a reverse proxy."`
	Phones string   `help:"Where volunteers' phones reach this center by HTTPS, host or host:port, as the check-in codes of activities say it. Default: --public."`
	Public string   `help:"Where boxes reach this center, host:port, such as 10.0.0.5:8443; one-time codes of the console tell it. Default: where the browser found the console."`
	Host   []string `help:"Names and addresses under which the center is called, beside those that it listens on."`

	NewKeys bool `env:"-" help:"The keys of this center are lost for good: give it new ones. Every kiosk must be enrolled again."`
}

// Validate finds what the parser cannot see.
func (c *centerServe) Validate() error {
	if c.Public != "" {
		if err := link.CheckAddress(c.Public); err != nil {
			return err
		}
	}
	if c.Local == "" {
		return nil
	}
	address, err := net.ResolveTCPAddr("tcp", c.Local)
	if err != nil || !address.IP.IsLoopback() {
		return fmt.Errorf("--local %q is no loopback address: write it like 127.0.0.1:8400", c.Local)
	}
	return nil
}

// Run serves until it is told to stop.
func (c *centerServe) Run(ctx context.Context, w *world, parent *centerCommand) error {
	defer parent.unlock()
	book, err := parent.book(ctx, w)
	if err != nil {
		return err
	}
	defer book.Close()
	if c.NewKeys {
		fresh, err := parent.openKeys(w, c.Host, true)
		if err != nil {
			return err
		}
		if err := book.Reclaim(ctx, identity(fresh)); err != nil {
			return err
		}
		w.log.Warn("the center has new keys; every kiosk must be enrolled again")
	}
	keys, err := parent.keys(ctx, w, book, c.Host...)
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(parent.Zone)
	if err != nil {
		return fmt.Errorf("the time zone %q is not known: %w", parent.Zone, err)
	}
	server, err := center.New(center.Config{Store: book, Keys: keys, Hosts: c.Host, Address: c.Public, Phones: c.Phones, Zone: zone, Now: w.now, Random: w.random, Log: w.log})
	if err != nil {
		return err
	}
	outside, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", c.Listen, err)
	}
	defer outside.Close()
	doors := []door{{tls.NewListener(outside, keys.TLS()), server.Handler()}}
	if c.Local != "" {
		local, err := net.Listen("tcp", c.Local)
		if err != nil {
			return fmt.Errorf("listening on %s: %w", c.Local, err)
		}
		defer local.Close()
		doors = append(doors, door{local, server.Console()})
		w.log.Info("the console is ready", "address", "http://"+local.Addr().String()+"/")
	}
	pin := keys.Pin()
	w.log.Info("center is ready", "address", "https://"+outside.Addr().String()+"/", "pin", base64.StdEncoding.EncodeToString(pin[:]),
		"issuer", base64.StdEncoding.EncodeToString(keys.Issuer()))
	return serveCenter(ctx, server, doors)
}

// door is one listener and what it serves.
type door struct {
	net.Listener
	pages http.Handler
}

// serveCenter answers until ctx ends or a listener breaks, then lets what is under
// way finish.
func serveCenter(ctx context.Context, server *center.Server, doors []door) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var work sync.WaitGroup
	work.Go(func() { server.Run(ctx) })
	for _, d := range doors {
		web := &http.Server{Handler: d.pages, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
			IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
		web.Protocols = new(http.Protocols)
		web.Protocols.SetHTTP1(true) // a WebSocket needs it
		work.Go(func() {
			<-ctx.Done()
			grace, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			defer cancel()
			_ = web.Shutdown(grace) // sessions are ended by server.Run
			_ = web.Close()
		})
		work.Go(func() { stop(web.Serve(d)) })
	}
	work.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) && !errors.Is(cause, http.ErrServerClosed) {
		return fmt.Errorf("the center had to stop: %w", cause)
	}
	return nil
}
