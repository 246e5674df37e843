package kiosk

import (
	"encoding/json"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

// led reads to where the server leads a page; "" when nothing is said for a moment.
func (p livePage) led() string {
	p.Helper()
	p.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	_, b, err := p.conn.ReadMessage()
	var silent net.Error
	if errors.As(err, &silent) && silent.Timeout() {
		return ""
	}
	var said message
	if err == nil {
		err = json.Unmarshal(b, &said)
	}
	if err != nil {
		p.Fatal(err)
	}
	return said.Go
}

// TestAScanOutlivesADyingPage: the page that hears of a scan is gone before it can
// follow. The one that takes its place, made after the scan, is told again, and so on
// until a page of the card's owner is there.
func TestAScanOutlivesADyingPage(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	dying := v.connect(s.get("/"))
	v.Scan(card(zhang))
	lost := dying.led()
	next := v.connect(s.get("/help")).led()
	if !strings.HasPrefix(lost, "/ticket/") || !strings.HasPrefix(next, "/ticket/") || next == lost {
		t.Fatalf("the first page is led to %q, the next to %q", lost, next)
	}
	s.get(next).on("/balance").sees("张*伟")
	if again := v.connect(s).led(); again != "" {
		t.Errorf("the page of the scan is led to %q", again)
	}
	if again := v.connect(v.screen().get("/")).led(); again != "" {
		t.Errorf("with that page there, another is led to %q", again)
	}
}

// A ticket that was used for an answer which the browser threw away is no loss either.
func TestAScanOutlivesALostAnswer(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	page := v.connect(s.get("/"))
	v.Scan(card(zhang))
	s.get(page.led()).on("/balance")
	delete(s.cookies, visitCookie) // it never got the answer
	s.get(v.connect(s.get("/")).led()).on("/balance").sees("张*伟")
}

// A code that is no card leads to a page that says so, which is the page of the scan.
func TestACodeOutlivesADyingPage(t *testing.T) {
	v := newVillage(t)
	s := v.screen().get("/")
	v.Scan("6901234567892")
	to := v.connect(s).led() // connected after the scan
	s.get("/help")
	if again := v.connect(s).led(); to != "/code/strange" || again != to {
		t.Fatalf("led to %q, then to %q", to, again)
	}
	if again := v.connect(s.get(to)).led(); again != "" {
		t.Errorf("the page of the scan is led to %q", again)
	}
	if again := v.connect(s.get("/")).led(); again != "" {
		t.Errorf("later the home page is led to %q", again)
	}
}

// A receipt leads staff to its row by way of another page.
func TestAReceiptLeadsToItsRow(t *testing.T) {
	v := newVillage(t)
	s := v.screen().onDutyAs(clerk)
	text, err := v.cfg.Store.ReceiptText(v.reserve(zhang, "G01", 1, 280).Seq)
	v.must(err)
	v.Scan(text)
	s.get(v.connect(s).led()).sees("东北大米")
	if again := v.connect(s).led(); !strings.HasPrefix(s.at, deskPage+"?row=") || again != "" {
		t.Errorf("on %s the page is led to %q", s.at, again)
	}
	if again := v.connect(s.get(deskPage)).led(); again != "" {
		t.Errorf("later the desk is led to %q", again)
	}
}

// TestAScanIsForgotten when it means nothing any more.
func TestAScanIsForgotten(t *testing.T) {
	for name, over := range map[string]func(v *village){
		"too late":      func(v *village) { v.clock.advance((ticketSeconds + 1) * time.Second) },
		"left":          func(v *village) { v.end(v.current()) },
		"somebody else": func(v *village) { v.begin(identity{person: id(wang)}) },
		"no cookies": func(v *village) {
			for range maxReminders {
				v.connect(v.screen().get("/")).led()
			}
		},
	} {
		v := newVillage(t)
		v.Scan(card(zhang))
		over(v)
		if to := v.connect(v.screen().get("/")).led(); to != "" {
			t.Errorf("%s: a page is led to %q", name, to)
		}
	}
}
