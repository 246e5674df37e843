package link

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"yizhan/ledger"
)

// registrar issues what a test wants.
type registrar func(kiosk string, volunteer ledger.ID) (Certificate, Outcome, error)

func (r registrar) Certify(_ context.Context, kiosk string, volunteer ledger.ID) (Certificate, Outcome, error) {
	return r(kiosk, volunteer)
}

// A kiosk is told what the registrar says, of itself and the volunteer; nothing is
// issued while it is not trusted, or nobody issues anything.
func TestCertify(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		a := w.enrol("A")
		synctest.Wait()
		if got, err := a.kiosk.Certify(t.Context(), zhang); err != nil || got.Outcome != OutcomeRefused {
			t.Errorf("nobody issues: %+v, %v", got, err)
		}
		issued := Certificate{Serial: "7F2K9Q3M0000WXYZ", Proof: "https://c/proof/7F2K9Q3M0000WXYZ", Credit: 90}
		asked := 0
		w.office.link.Registrar = registrar(func(kiosk string, volunteer ledger.ID) (Certificate, Outcome, error) {
			asked++
			switch {
			case kiosk != "A":
				t.Errorf("asked by %q", kiosk)
			case volunteer == li:
				return Certificate{}, OutcomeArea, nil
			case volunteer != zhang:
				return issued, OutcomeOK, errors.New("the disk is full")
			}
			return issued, OutcomeOK, nil
		})
		for volunteer, want := range map[ledger.ID]Answer{
			zhang: {Outcome: OutcomeOK, Certificate: issued}, li: {Outcome: OutcomeArea}, {7}: {Outcome: OutcomeFailed},
		} {
			got, err := a.kiosk.Certify(t.Context(), volunteer)
			if err != nil || got.Outcome != want.Outcome || got.Certificate != want.Certificate {
				t.Errorf("%v: %+v, %v", volunteer, got, err)
			}
		}
		if _, err := a.kiosk.Certify(t.Context(), ledger.ID{}); !errors.Is(err, ErrFrame) {
			t.Errorf("of nobody: %v", err)
		}
		w.office.link.Quarantine("A", Quarantine{ReasonOfficer, "looked into"})
		synctest.Wait()
		if got, err := a.kiosk.Certify(t.Context(), zhang); err != nil || got.Outcome != OutcomeRefused || asked != 3 {
			t.Errorf("in quarantine: %+v, %v, asked %d times", got, err, asked)
		}
	})
}
