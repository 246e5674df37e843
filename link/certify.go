package link

import (
	"context"
	"errors"
	"fmt"

	"yizhan/ledger"
)

// ProofPath is where a center tells anybody whether a certificate is genuine; its serial
// follows.
const ProofPath = "/proof/"

// Certify asks for a certificate of service of a volunteer who stands before the
// kiosk. The center draws its serial and keeps what it says.
type Certify struct {
	ID        uint64    `json:"id"`
	Volunteer ledger.ID `json:"volunteer"`
}

// Kind returns KindCertify.
func (Certify) Kind() Kind { return KindCertify }

func (c Certify) check() error {
	if c.Volunteer.IsZero() {
		return errors.New("a certificate of nobody")
	}
	return nil
}

// Certificate is what a certificate that was issued says, but for the name, which the
// kiosk knows; zero: there is none.
type Certificate struct {
	Serial string     `json:"serial"`
	Again  bool       `json:"again"`  // it had been issued before this call
	Proof  string     `json:"proof"`  // the address where anybody can check it
	Center string     `json:"center"` // that issues it
	Day    ledger.Day `json:"day"`    // of issuing
	First  ledger.Day `json:"first"`  // of the times of service; Last is the other end
	Last   ledger.Day `json:"last"`
	Listed int64      `json:"listed"` // minutes that lists of other systems told
	Credit int64      `json:"credit"` // minutes by checking in and out
	Honour int64      `json:"honour"` // minutes that were entered afterwards
	Stars  int64      `json:"stars"`
}

func (c Certificate) check() error {
	if len(c.Serial) > ledger.MaxSerial || c.Serial == "" && c != (Certificate{}) {
		return fmt.Errorf("a certificate of serial %q", c.Serial)
	}
	for _, n := range []int64{c.Listed, c.Credit, c.Honour, c.Stars} {
		if n < 0 || n > ledger.MaxCount {
			return fmt.Errorf("a certificate of %d minutes or stars", n)
		}
	}
	for _, d := range []ledger.Day{c.Day, c.First, c.Last} {
		if d < 0 || d > ledger.MaxDay {
			return fmt.Errorf("a certificate of day %d", d)
		}
	}
	return errors.Join(text(c.Proof), text(c.Center))
}

// Registrar issues certificates of service.
type Registrar interface {
	// Certify issues the certificate of a volunteer at a kiosk, or finds the one that
	// says the same and was issued today. OutcomeUnknown: no such volunteer.
	// OutcomeArea: the volunteer belongs to a place of which the kiosk is none.
	// OutcomeLimit: there were enough of them, of the volunteer or at the kiosk.
	Certify(ctx context.Context, kiosk string, volunteer ledger.ID) (Certificate, Outcome, error)
}

// Certify asks for a volunteer's certificate of service. Calling again on the same day
// gets the same one, as long as it says what is true.
func (k *Kiosk) Certify(ctx context.Context, volunteer ledger.ID) (Answer, error) {
	return k.ask(ctx, func(id uint64) Frame { return Certify{id, volunteer} })
}

func (s *centerSession) certify(ctx context.Context, f Certify) Answer {
	if s.Registrar == nil {
		return Answer{Outcome: OutcomeRefused}
	}
	c, outcome, err := s.Registrar.Certify(ctx, s.hello.Kiosk, f.Volunteer)
	if err != nil {
		s.Log.Error("link: issuing a certificate", "kiosk", s.hello.Kiosk, "err", err)
		return Answer{Outcome: OutcomeFailed}
	}
	return Answer{Outcome: outcome, Certificate: c}
}
