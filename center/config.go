package center

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"time"

	"yizhan/center/store"
)

// Config is the world of a center's process. Everything but Log must be there.
type Config struct {
	Store *store.Store // the server has it announce what is written
	Keys  *Keys
	Hosts []string // names under which the center is called, beside the addresses that it listens on
	// Address is where boxes find the center, host:port, as codes of the console tell
	// them; "": where the browser found the console.
	Address string
	// Phones is where volunteers' phones find the center, host or host:port of HTTPS, as
	// check-in codes say it; "": where boxes find it. With http:// before it, it is a window
	// on this machine that is tried as a phone.
	Phones string
	Zone   *time.Location // of times on the console; nil: UTC+8
	Now    func() time.Time
	Random io.Reader // safe for many goroutines
	Log    *slog.Logger
}

// zoneOr is a time zone, or UTC+8.
func zoneOr(zone *time.Location) *time.Location {
	if zone == nil {
		return time.FixedZone("UTC+8", 8*60*60)
	}
	return zone
}

func (c *Config) check() error {
	if c.Store == nil || c.Keys == nil || c.Now == nil || c.Random == nil {
		return errors.New("center: the configuration lacks a store, keys, a clock or randomness")
	}
	if len(c.Hosts) > maxHosts {
		return fmt.Errorf("center: %d names, at most %d", len(c.Hosts), maxHosts)
	}
	if host, _, err := net.SplitHostPort(c.Address); err == nil {
		c.Hosts = append(slices.Clone(c.Hosts), host)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}
