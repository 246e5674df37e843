package store

import (
	"context"
	"fmt"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// Ticket is a ticket for a phone's first sign-in that was handed out here.
type Ticket struct {
	civic.PhoneTicket
	Seq     uint64 // the entry behind it
	WallMS  int64
	Quality ledger.Quality // of the clock that it says
	Job     Job            // its slip
}

// Until is when it runs out.
func (t Ticket) Until() time.Time {
	return time.Unix(t.Made, 0).Add(civic.TicketMinutes * time.Minute)
}

// GiveTicket records that a volunteer is handed a ticket for a phone's first sign-in,
// and makes the print job of it. The key becomes the ticket's nonce, so a repeat gives
// the same ticket.
func (s *Store) GiveTicket(ctx context.Context, key ledger.Key, volunteer ledger.ID) (Ticket, error) {
	var seq uint64
	return ask(ctx, s, func(t *tx, _ Instant) ([]ledger.Body, error) {
		first, again, err := t.again(key, func(b ledger.Body) bool {
			e, ok := b.(ledger.Ticket)
			return ok && e.Volunteer == volunteer
		})
		if seq = first; again || err != nil {
			return nil, err
		}
		if t.get(bVolunteer, volunteer[:]) == nil {
			return nil, fmt.Errorf("%w: volunteer %v", ErrUnknown, volunteer)
		}
		seq = t.state.Head.Seq + 1
		return []ledger.Body{ledger.Ticket{Key: key, Volunteer: volunteer}}, nil
	}, func(t *tx) Ticket {
		ticket, _ := t.ticket(seq)
		return ticket
	})
}

// Ticket returns the ticket that an entry is about.
func (s *Store) Ticket(seq uint64) (ticket Ticket, err error) {
	found := false
	err = s.view(func(t *tx) { ticket, found = t.ticket(seq) })
	if err == nil && !found {
		err = fmt.Errorf("%w: ticket %d", ErrUnknown, seq)
	}
	return ticket, err
}

func (t *tx) ticket(seq uint64) (ticket Ticket, found bool) {
	_, e, _ := t.entry(seq)
	body, ok := e.Body.(ledger.Ticket)
	if !ok {
		return ticket, false
	}
	ticket = Ticket{Seq: seq, WallMS: e.WallMS, Quality: e.Quality}
	ticket.PhoneTicket = civic.PhoneTicket{Volunteer: body.Volunteer, Kiosk: e.Kiosk, Epoch: e.Epoch, Nonce: body.Key, Made: e.WallMS / 1000}
	ticket.Job, found = t.job(seq)
	return ticket, found
}

// TicketText is what the ticket's QR says: the same on paper and on the screen. Prefix
// is what stands before it, see [civic.Shift].
func (s *Store) TicketText(ticket Ticket, prefix string) string {
	return ticket.Sign(prefix, s.Signing())
}
