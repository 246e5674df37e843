package kiosk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/enrol"
	"yizhan/kiosk/store"
	"yizhan/ledger"
	"yizhan/link"
	"yizhan/printer"
)

// Center is the link to the center that the kiosk is enrolled at.
type Center interface {
	// State tells how the link is.
	State() link.State
	// Identify asks whose card it is; the answer's documents are in the store.
	Identify(ctx context.Context, card civic.CardID) (link.Answer, error)
	// TopUp asks for a volunteer's points on top of those granted here; one that
	// wants none only asks where they are.
	TopUp(ctx context.Context, volunteer ledger.ID, granted, wanted ledger.Points) (link.Answer, error)
	// Find asks at which kiosks that are online a good stands.
	Find(ctx context.Context, good string) (link.Answer, error)
	// Reserve asks for goods to be put aside at another kiosk. The same wish once more
	// finds out what became of it.
	Reserve(ctx context.Context, w link.Wish, kiosk string) (link.Answer, error)
	// Certify asks for a volunteer's certificate of service.
	Certify(ctx context.Context, volunteer ledger.ID) (link.Answer, error)
}

var _ Center = (*link.Kiosk)(nil)

// Config is everything a Server needs. Nothing is taken from elsewhere.
type Config struct {
	Store  *store.Store
	Center Center // nil: the kiosk stands alone
	// Where the center is, and how staff enrol the box anew when the center no longer
	// knows it. New takes over Enrolment.Changed, so it must not run yet.
	CenterAddress string
	Enrolment     *enrol.Enrolment

	Clock   store.Clock
	Random  io.Reader // cookies, tickets, idempotency keys, salts
	Log     *slog.Logger
	Printer *PrinterPort    // nil: there is none, and every receipt is held
	Paper   printer.Profile // what slips are encoded for, unless somebody read a probe page
	Drawer  bool            // a cash drawer hangs on the printer
	Screen  Screen
	Lang    assets.Lang    // what the screen speaks to the next person
	Zone    *time.Location // in which times are shown

	PINCost  civic.PINCost // of new PINs, and of the work done for a phone nobody has
	PINFloor time.Duration // no answer to phone and PIN comes sooner

	IdleSeconds      int64 // without a touch, until the countdown is shown
	CountdownSeconds int64 // then until the visit ends

	Program string // name and version, for whoever reads a journal file

	Slips SlipStore // templates that staff changed; nil: they cannot

	// What the box page of staff shows beside the store; each may be nil.
	Bundles   func() []string       // paths of bundles on a technician's stick, the newest file first
	Sticks    func() []string       // folders of sticks that the journal can be copied to, for its way to the center
	Addresses func() []string       // under which the box is in the network
	FreeBytes func() (int64, error) // of the medium that the data lie on
}

// Screen is the touchscreen as it is built in.
type Screen struct {
	DiagonalInch float64
}

// bounds of a screen's diagonal: below, twenty millimetres don't fit four times;
// above, nobody reaches the corners.
const minDiagonalInch, maxDiagonalInch = 9.0, 65.0

// check names the first field that cannot be.
func (c Config) check() error {
	switch {
	case c.Store == nil || c.Clock == nil || c.Random == nil || c.Log == nil:
		return errors.New("kiosk: store, clock, random and log are all needed")
	case c.Zone == nil:
		return errors.New("kiosk: the time zone is missing")
	case c.Lang != assets.Chinese && c.Lang != assets.English:
		return fmt.Errorf("kiosk: no texts in language %q", c.Lang)
	case c.Screen.DiagonalInch < minDiagonalInch || c.Screen.DiagonalInch > maxDiagonalInch:
		return fmt.Errorf("kiosk: a screen of %g inches: want %g to %g", c.Screen.DiagonalInch, minDiagonalInch, maxDiagonalInch)
	case c.IdleSeconds <= 0 || c.CountdownSeconds <= 0:
		return errors.New("kiosk: idle and countdown seconds must be above zero")
	}
	return nil
}

// Defaults of the times above, in seconds.
const (
	DefaultIdleSeconds      = 75
	DefaultCountdownSeconds = 30
)
