package store

import (
	"errors"
	"slices"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/printer/spool"
)

// A ticket is handed out once for each key, says the same on paper and on the screen,
// also after the kiosk was started anew, and is good at the center.
func TestATicketForAPhone(t *testing.T) {
	w := newWorld(t, standard(3))
	key, volunteer := newKey(), volunteerID(1)
	first, err := w.GiveTicket(bg, key, volunteer)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.GiveTicket(bg, key, volunteer); err != nil || again.Seq != first.Seq {
		t.Fatalf("a double tap: %+v, %v", again, err)
	}
	if _, err := w.GiveTicket(bg, key, volunteerID(2)); !errors.Is(err, ErrKeyReused) {
		t.Fatal(err)
	}
	if _, err := w.GiveTicket(bg, newKey(), ledger.ID{9, 9}); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
	const prefix = "HTTPS://CENTER/P/"
	text := w.TicketText(first, prefix)
	w.reopen()
	same, err := w.Ticket(first.Seq)
	if err != nil || w.TicketText(same, prefix) != text {
		t.Fatalf("after a start: %+v, %v", same, err)
	}
	read, err := civic.VerifyPhoneTicket(text[len(prefix):], w.PublicKey(), first.Until(), 0)
	if err != nil || read.Volunteer != volunteer || read.Nonce != key {
		t.Fatalf("%+v, %v", read, err)
	}
	if _, err := w.Ticket(first.Seq + 1); !errors.Is(err, ErrUnknown) {
		t.Fatal(err)
	}
}

// The slip of a ticket is printed at once or not at all, so that it never comes out
// into the hands of whoever stands there next.
func TestTheSlipOfATicketIsNeverLate(t *testing.T) {
	w := newWorld(t, standard(3))
	ticket, err := w.GiveTicket(bg, newKey(), volunteerID(1))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []spool.Step{spool.StepHeld, spool.StepUncertain} {
		if _, err := w.Print(bg, ticket.Seq, step, ""); !errors.Is(err, ledger.ErrState) {
			t.Fatalf("%v: %v", step, err)
		}
	}
	w.printed(ticket.Seq, spool.StepSending, spool.StepDropped)
	for _, err := range []error{refusal(w.Print(bg, ticket.Seq, spool.StepSending, "")), refusal(w.Reprint(bg, ticket.Seq, clerk()))} {
		if !errors.Is(err, ledger.ErrState) {
			t.Fatalf("printed again: %v", err)
		}
	}
	jobs, err := w.Jobs(10)
	if err != nil || slices.ContainsFunc(jobs, func(j Job) bool { return j.Kind == JobTicket }) {
		t.Fatalf("%+v, %v", jobs, err)
	}
}
