package kiosk

import (
	"net"
	"net/http"
	"net/netip"
)

// ownHost tells whether the Host header names this box and the port on which the
// request arrived: by a loopback name, or by the very address that the connection
// was made to. No other name counts, because anybody can let a name of theirs
// resolve to this box.
func ownHost(r *http.Request) bool {
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
	}
	local, served := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !served {
		return loopbackName(host) // a test calls the handler itself
	}
	address, listening, err := net.SplitHostPort(local.String())
	if err != nil || listening != port {
		return false
	}
	return loopbackName(host) || sameAddress(host, address)
}

func loopbackName(host string) bool {
	switch host {
	case "127.0.0.1", "localhost", "::1", "[::1]":
		return true
	}
	return false
}

// sameAddress tells whether a host is the literal of an address of this box. A
// socket for both kinds of addresses writes those of IPv4 within IPv6, and a
// browser leaves out the zone of a link.
func sameAddress(host, address string) bool {
	named, err1 := netip.ParseAddr(host)
	own, err2 := netip.ParseAddr(address)
	return err1 == nil && err2 == nil && named == own.Unmap().WithZone("")
}
