package store

import (
	"crypto/ed25519"
	"time"

	"yizhan/civic"
)

// CheckCode returns the text of the QR that the screen shows for a shift at a moment;
// "" when phones cannot check in, because nobody has said where.
func (s *Store) CheckCode(v civic.Shift, out bool, now time.Time) (string, error) {
	head, _ := s.Head()
	if v.Codes == "" {
		return "", s.whyStopped()
	}
	c := civic.CheckCode{Shift: v.ID, Kiosk: head.Kiosk, Epoch: head.Epoch, Step: civic.StepAt(now), Out: out}
	return c.Sign(v.Codes, s.keys.Signing()), s.whyStopped()
}

// Issuer is the key of the center, or of whoever else made the bundle that was loaded;
// nil: nobody is believed yet.
func (s *Store) Issuer() (key ed25519.PublicKey, err error) {
	if len(s.cfg.Issuer) > 0 {
		return s.cfg.Issuer, nil
	}
	err = s.view(func(t *tx) {
		if key = t.state.Bundle.Issuer; key == nil {
			key = t.loaded().Issuer
		}
	})
	return key, err
}
