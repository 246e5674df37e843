package store

import (
	"errors"
	"reflect"
	"testing"

	"yizhan/ledger"
	"yizhan/printer/spool"
)

// A certificate is one entry, however often the center gives the same one, also after
// the kiosk was started anew; it is printed like any other slip, and again as a copy.
func TestACertificateIsPrinted(t *testing.T) {
	w := newWorld(t, standard(3))
	body := ledger.Certificate{Volunteer: volunteerID(1), Serial: "7F2K9Q3M0000WXYZ", Proof: "https://c/proof/7F2K9Q3M0000WXYZ", Center: "清溪县", Day: 2372, Credit: 90}
	first, fresh, err := w.PrintCertificate(bg, body)
	if err != nil || !fresh || first.Job.State != spool.Queued || first.Job.Kind != JobCertificate {
		t.Fatalf("%+v, %v, %v", first, fresh, err)
	}
	w.reopen()
	again := body
	again.Again = true // as the center says the second time
	same, fresh, err := w.PrintCertificate(bg, again)
	if err != nil || fresh || !reflect.DeepEqual(same, first) || same.Again {
		t.Fatalf("%+v, %v, %v", same, fresh, err)
	}
	if got, err := w.Certificate(first.Seq); err != nil || !reflect.DeepEqual(got, first) || got.Minutes() != 90 {
		t.Fatalf("%+v, %v", got, err)
	}
	w.printed(first.Seq, spool.StepHeld, spool.StepReleased, spool.StepSending, spool.StepDrained, spool.StepConfirmed)
	if j, err := w.Reprint(bg, first.Seq, ledger.ID{}); err != nil || j.Copy != 1 {
		t.Fatalf("%+v, %v", j, err)
	}
	other := body
	other.Serial = "7F2K9Q3M0000WXYY"
	if c, fresh, err := w.PrintCertificate(bg, other); err != nil || !fresh || c.Seq == first.Seq {
		t.Fatalf("%+v, %v, %v", c, fresh, err)
	}
	stolen, strange := body, body
	stolen.Volunteer, strange.Volunteer, strange.Serial = volunteerID(2), ledger.ID{9, 9}, "0000000000000000"
	if _, _, err := w.PrintCertificate(bg, stolen); !errors.Is(err, ErrKeyReused) {
		t.Error(err)
	}
	if _, _, err := w.PrintCertificate(bg, strange); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
	if _, err := w.Certificate(first.Seq + 100); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}
