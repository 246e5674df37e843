package demo

import (
	"net"
	"testing"
	"time"

	"yizhan/link/echo"
)

func TestWire(t *testing.T) {
	w, err := NewWire(echo.Listen(t))
	if err != nil {
		t.Fatal(err)
	}
	call := func() net.Conn {
		c, err := net.Dial("tcp", w.Address())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
			t.Fatal(err)
		}
		return c
	}
	hears := func(c net.Conn) error {
		if _, err := c.Write([]byte("x")); err != nil {
			return err
		}
		_, err := c.Read(make([]byte, 1))
		return err
	}
	c := call()
	if err := hears(c); err != nil {
		t.Fatal(err)
	}
	w.Cut(true)
	if err := hears(c); err == nil || !w.IsCut() {
		t.Error("a connection outlived the cut")
	}
	if err := hears(call()); err == nil {
		t.Error("a call got through a wire that is cut")
	}
	w.Cut(false)
	again := call()
	if err := hears(again); err != nil {
		t.Errorf("after it was mended: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if err := hears(again); err == nil {
		t.Error("a connection outlived the wire")
	}
}
