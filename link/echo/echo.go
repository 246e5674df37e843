// Package echo is a server that answers whatever it hears, for tests of what lies between
// the two ends of a link.
package echo

import (
	"io"
	"net"
	"testing"
)

// Listen starts one on loopback, which ends with the test, and returns its address.
func Listen(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	return l.Addr().String()
}
