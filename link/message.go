package link

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

// Ack says that the chain is durable at the center up to here.
type Ack struct {
	Mark
}

// Kind returns KindAck.
func (Ack) Kind() Kind { return KindAck }

// Documents brings what changed in a scope between two versions. Each document
// is one line of a bundle, which package civic reads and writes; here it is only
// measured.
type Documents struct {
	Scope     string                `json:"scope"`
	From      uint64                `json:"from"`
	To        uint64                `json:"to"`
	Documents List[json.RawMessage] `json:"documents"`
}

// Kind returns KindDocuments.
func (Documents) Kind() Kind { return KindDocuments }

func (d Documents) check() error {
	if d.To < d.From {
		return fmt.Errorf("version %d after %d", d.To, d.From)
	}
	return errors.Join(scope(d.Scope), documents(d.Documents))
}

func documents(list []json.RawMessage) error {
	if len(list) > MaxDocuments {
		return fmt.Errorf("%d documents", len(list))
	}
	for _, d := range list {
		if len(d) > MaxDocumentBytes || len(d) == 0 || d[0] != '{' {
			return fmt.Errorf("a document of %d bytes, or not an object", len(d))
		}
	}
	return nil
}

// Cursor says that the kiosk has a scope durably up to a version.
type Cursor struct {
	Scope   string `json:"scope"`
	Version uint64 `json:"version"`
}

// Kind returns KindCursor.
func (Cursor) Kind() Kind     { return KindCursor }
func (c Cursor) check() error { return scope(c.Scope) }

// Identify asks whose a card is that the kiosk does not know.
type Identify struct {
	ID   uint64       `json:"id"` // of the call, one more for each in a session
	Card civic.CardID `json:"card"`
}

// Kind returns KindIdentify.
func (Identify) Kind() Kind   { return KindIdentify }
func (Identify) check() error { return nil }

// TopUp asks for a volunteer's points to be spent here. Granted is the total
// over all lots that the kiosk knows, so that a repeated call asks for the same
// and not for as much again. One that wants nothing only asks where the points
// are.
type TopUp struct {
	ID        uint64        `json:"id"`
	Volunteer ledger.ID     `json:"volunteer"`
	Granted   ledger.Points `json:"granted"`
	Wanted    ledger.Points `json:"wanted"` // on top of Granted
}

// Kind returns KindTopUp.
func (TopUp) Kind() Kind { return KindTopUp }

func (t TopUp) check() error {
	if t.Volunteer.IsZero() || t.Granted < 0 || t.Granted > MaxLots*ledger.MaxPoints || t.Wanted < 0 || t.Wanted > ledger.MaxPoints {
		return fmt.Errorf("%d points on top of %d", t.Wanted, t.Granted)
	}
	return nil
}

// Outcome is how a call ended.
type Outcome string

// Outcomes. Whether a top-up was enough, the grant says. After all but OutcomeOK
// and OutcomeUnsure this call has reserved nothing.
const (
	OutcomeOK      Outcome = "ok"
	OutcomeUnknown Outcome = "unknown" // nobody has that card, or no such volunteer
	OutcomeRefused Outcome = "refused" // the kiosk is in quarantine, or a policy forbids it
	OutcomeFailed  Outcome = "failed"  // the center, or the other kiosk, could not; try again

	// Of a Reserve alone.
	OutcomeAway   Outcome = "away"   // the other kiosk is not online, so nobody asked it
	OutcomeGone   Outcome = "gone"   // the good does not stand there any more
	OutcomePrice  Outcome = "price"  // it costs something else there
	OutcomeLimit  Outcome = "limit"  // more than one person may have in a month, or of certificates
	OutcomePoints Outcome = "points" // so many points could not be had there
	OutcomeUnsure Outcome = "unsure" // it was asked and has not answered: the same key finds out

	// Of a Certify alone, which may also end with OutcomeLimit.
	OutcomeArea Outcome = "area" // the volunteer belongs elsewhere
)

// outcomes are all that there are.
var outcomes = []Outcome{OutcomeOK, OutcomeUnknown, OutcomeRefused, OutcomeFailed, OutcomeAway, OutcomeGone, OutcomePrice, OutcomeLimit, OutcomePoints, OutcomeUnsure, OutcomeArea}

// Answer ends a call. Its documents count whatever their scope: no cursor moves.
type Answer struct {
	ID        uint64                `json:"id"`
	Outcome   Outcome               `json:"outcome"`
	Documents List[json.RawMessage] `json:"documents"`
	Free      ledger.Points         `json:"free"`      // TopUp: still at the center, to be had by asking for it
	Elsewhere List[Holding]         `json:"elsewhere"` // TopUp: what other kiosks may hold, the largest first
	Places    List[Place]           `json:"places"`    // Find: where the good stands, the nearest first
	Kept      Kept                  `json:"kept"`      // Reserve: what was put aside

	Certificate Certificate `json:"certificate"` // Certify: what was issued
}

// Kind returns KindAnswer.
func (Answer) Kind() Kind { return KindAnswer }

func (a Answer) check() error {
	if !slices.Contains(outcomes, a.Outcome) {
		return fmt.Errorf("outcome %q", a.Outcome)
	}
	if a.Free < 0 || a.Free > MaxLots*ledger.MaxPoints {
		return fmt.Errorf("%d points free", a.Free)
	}
	if len(a.Elsewhere) > MaxElsewhere {
		return fmt.Errorf("points at %d kiosks", len(a.Elsewhere))
	}
	for _, h := range a.Elsewhere {
		if !ledger.ValidKiosk(h.Kiosk) || h.Points <= 0 {
			return fmt.Errorf("%d points at kiosk %q", h.Points, h.Kiosk)
		}
		if err := text(h.Name); err != nil {
			return fmt.Errorf("the name of kiosk %s: %w", h.Kiosk, err)
		}
	}
	return errors.Join(documents(a.Documents), places(a.Places), a.Kept.check(), a.Certificate.check())
}

// Holding is what a kiosk may hold of a volunteer's points, as far as the center
// knows. One that is online keeps them for goods that wait there, or was slow.
type Holding struct {
	Kiosk  string        `json:"kiosk"`
	Name   string        `json:"name"` // as people call it; empty: they don't
	Points ledger.Points `json:"points"`
	Online bool          `json:"online"`
}

// Recall asks a kiosk to give points back.
type Recall struct {
	ID        uint64        `json:"id"` // one more for each in a session
	Volunteer ledger.ID     `json:"volunteer"`
	Points    ledger.Points `json:"points"` // at most
}

// Kind returns KindRecall.
func (Recall) Kind() Kind { return KindRecall }

func (r Recall) check() error {
	if r.Volunteer.IsZero() || r.Points <= 0 || r.Points > ledger.MaxPoints {
		return fmt.Errorf("%d points", r.Points)
	}
	return nil
}

// Returned answers a Recall: the entry of that number gave back what could be
// given, and is on its way. Seq 0: there was nothing to give.
type Returned struct {
	ID  uint64 `json:"id"`
	Seq uint64 `json:"seq"`
}

// Kind returns KindReturned.
func (Returned) Kind() Kind   { return KindReturned }
func (Returned) check() error { return nil }

// Rights tells a restored center what it has granted, before it forgot.
type Rights struct {
	Rights List[Granted] `json:"rights"`
	Last   bool          `json:"last"` // there are no more
}

// Granted is what was granted of one volunteer's lots to the kiosk: totals.
type Granted struct {
	Volunteer ledger.ID `json:"volunteer"`
	Lots      List[Lot] `json:"lots"`
}

// Lot is the total granted of the points that expire on one date.
type Lot struct {
	Expires ledger.Day    `json:"expires"`
	Granted ledger.Points `json:"granted"`
}

// Kind returns KindRights.
func (Rights) Kind() Kind { return KindRights }

func (r Rights) check() error {
	if len(r.Rights) > MaxRights {
		return fmt.Errorf("%d volunteers", len(r.Rights))
	}
	for _, g := range r.Rights {
		if g.Volunteer.IsZero() || len(g.Lots) > MaxLots {
			return fmt.Errorf("%d lots of volunteer %s", len(g.Lots), g.Volunteer)
		}
		for _, l := range g.Lots {
			if l.Expires < 0 || l.Expires > ledger.MaxDay || l.Granted < 0 || l.Granted > ledger.MaxPoints {
				return fmt.Errorf("%d points to %d", l.Granted, l.Expires)
			}
		}
	}
	return nil
}

// Status is how a kiosk is, for the fleet's page. It decides nothing.
type Status struct {
	Printer       string `json:"printer"` // a word: ok, none, or why it cannot print
	Paper         string `json:"paper"`   // a word: ok, low, out
	DiskFreeBytes int64  `json:"disk_free_bytes"`
	WallMS        int64  `json:"wall_ms"` // Unix, by the kiosk's clock
	Clock         uint8  `json:"clock"`   // ledger.Quality
	Unsent        uint64 `json:"unsent"`  // entries
	UnsentMS      int64  `json:"unsent_ms"`
	Program       string `json:"program"`
}

// Kind returns KindStatus.
func (Status) Kind() Kind { return KindStatus }

func (s Status) check() error {
	if s.DiskFreeBytes < 0 || s.UnsentMS < 0 {
		return errors.New("a negative size or age")
	}
	return errors.Join(code(s.Printer), code(s.Paper), code(s.Program))
}
