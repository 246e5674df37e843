package center

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// scan is a code that was good when a phone opened it. The phone keeps it, sealed for
// its browser alone, so that whoever signs in first has still come in time.
type scan struct {
	Shift ledger.ID `json:"shift"`
	Kiosk string    `json:"kiosk"`
	Epoch uint32    `json:"epoch"`
	Step  int64     `json:"step"`
	Out   bool      `json:"out,omitempty"`
	At    int64     `json:"at"` // Unix milliseconds of the moment
}

// of tells whether a scan is one of this code.
func (s scan) of(c civic.CheckCode) bool {
	return s.Shift == c.Shift && s.Kiosk == c.Kiosk && s.Epoch == c.Epoch && s.Step == c.Step && s.Out == c.Out
}

// scan opens what a kiosk's code says. It is judged now, kept, and the check-in page
// goes on without it, so the address of that page is nobody's presence.
func (p *phones) scan(a *caller) error {
	if !p.scans.allow(a.address()) {
		return errMany
	}
	text := strings.ToUpper(a.PathValue("code"))
	s, err := p.judge(a.Context(), text)
	if errors.Is(err, errOld) { // the page is only opened again
		c, _ := civic.ReadCheckCode(text)
		if kept, ok := p.keptScan(a); ok && kept.of(c) {
			a.redirect("/c/")
			return nil
		}
	}
	if err != nil {
		return err
	}
	if err := p.keepScan(a, s); err != nil {
		return err
	}
	a.redirect("/c/")
	return nil
}

// judge tells whether a code is what a screen of one of our kiosks shows at this
// moment, for something at which people check in there.
func (p *phones) judge(ctx context.Context, text string) (s scan, err error) {
	said, err := civic.ReadCheckCode(text)
	if err != nil {
		return s, errors.Join(errNoCode, err)
	}
	kiosk, chain, err := p.Store.Kiosk(ctx, said.Kiosk)
	if errors.Is(err, store.ErrUnknown) {
		return s, errors.Join(errNoCode, err)
	}
	if err != nil {
		return s, err
	}
	if kiosk.Epoch != said.Epoch { // a box that another one has replaced
		return s, fmt.Errorf("%w: epoch %d of %s, which is at %d", errNoCode, said.Epoch, said.Kiosk, kiosk.Epoch)
	}
	c, err := civic.VerifyCheckCode(text, chain.PublicKey)
	if err != nil {
		return s, errors.Join(errNoCode, err)
	}
	if kiosk.Revoked || chain.State != store.ChainOpen {
		return s, fmt.Errorf("%w: %s is %s", errStopped, kiosk.ID, chain.State)
	}
	now := p.Now()
	if err := fresh(c, kiosk, now); err != nil {
		return s, err
	}
	s = scan{Shift: c.Shift, Kiosk: c.Kiosk, Epoch: c.Epoch, Step: c.Step, Out: c.Out, At: now.UnixMilli()}
	_, err = p.shiftOf(ctx, s)
	return s, err
}

// fresh holds a code to its moment. How far the kiosk's clock is off was measured when it
// last said how it is; when that is long ago, it may be off by as much as is allowed.
func fresh(c civic.CheckCode, kiosk store.Kiosk, now time.Time) error {
	off, known := clockOff(kiosk, now)
	if known && off.Abs() > maxSkew {
		return fmt.Errorf("%w: %s is off by %v", errClock, kiosk.ID, off)
	}
	at, skew := now.Add(off), exactClock
	if !known {
		at, skew = now, maxSkew
	}
	if err := c.Fresh(at, skew); err != nil {
		return errors.Join(errOld, err)
	}
	return nil
}

// clockOff is how far a kiosk's clock is ahead, if that is known of just now.
func clockOff(kiosk store.Kiosk, now time.Time) (off time.Duration, known bool) {
	var said link.Status
	if kiosk.Seen.IsZero() || now.Sub(kiosk.Seen) > offlineAfter || json.Unmarshal(kiosk.Status, &said) != nil || said.WallMS <= 0 {
		return 0, false
	}
	return time.UnixMilli(said.WallMS).Sub(kiosk.Seen), true
}

// shiftOf is what a scan is for, if people could check in for it at that moment and
// kiosk.
func (p *phones) shiftOf(ctx context.Context, s scan) (civic.Shift, error) {
	shift, _, err := p.Store.Shift(ctx, s.Shift)
	if errors.Is(err, store.ErrUnknown) {
		return shift, errors.Join(errElse, err)
	}
	at := s.At / 1000
	switch {
	case err != nil:
		return shift, err
	case shift.Closed:
		return shift, errClosed
	case !shift.At(s.Kiosk):
		return shift, fmt.Errorf("%w: %s", errElse, s.Kiosk)
	case at < shift.Opens():
		return shift, errEarly
	case at > shift.Shuts():
		return shift, errLate
	}
	return shift, nil
}

// keepScan has the phone keep a scan.
func (p *phones) keepScan(a *caller, s scan) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing a scan: %w", err)
	}
	sealed, err := p.sealed.seal("scan\n"+a.device.String(), text, p.Random)
	if err != nil {
		return err
	}
	a.setCookie(scanCookie, base64.RawURLEncoding.EncodeToString(sealed), int(scanKept.Seconds()))
	return nil
}

// keptScan is what this very browser scanned within scanKept.
func (p *phones) keptScan(a *caller) (s scan, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(a.cookie(scanCookie))
	if err != nil {
		return s, false
	}
	text, ok := p.sealed.open("scan\n"+a.device.String(), sealed)
	if !ok || json.Unmarshal(text, &s) != nil {
		return s, false
	}
	age := p.Now().Sub(time.UnixMilli(s.At))
	return s, age >= 0 && age <= scanKept
}
