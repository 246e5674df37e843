package center

import (
	"errors"
	"fmt"
	"net/http"

	"yizhan/center/store"
	"yizhan/civic"
)

// proofPage says to anybody whether a certificate is genuine, and what it says, with
// the name masked: whoever holds the paper knows the name.
type proofPage struct {
	Typed   string // what was asked for
	Verdict string // genuine, revoked, unknown; "": nothing was asked yet
	Text    string // the serial as people read it
	Record  serviceRecord
	store.Certificate
}

// Class and icon of each verdict.
var proofLooks = map[string][2]string{"genuine": {"is-ok", "ok"}, "revoked": {"is-error", "error"}, "unknown": {"is-warn", "warn"}}

// Class is the colour of the verdict.
func (p proofPage) Class() string { return proofLooks[p.Verdict][0] }

// Icon is its shape.
func (p proofPage) Icon() string { return proofLooks[p.Verdict][1] }

// proof is open to anybody, signed in or not. Each address may ask only so often, so
// that nobody tries serials; there are 2^80 of them.
func (c *console) proof(a *ask) error {
	typed := a.PathValue("serial")
	if typed == "" {
		typed = a.URL.Query().Get("serial")
	}
	if typed == "" {
		return c.show(a, page{word: "proof", data: proofPage{}})
	}
	if !c.proofs.allow(a.RemoteAddr) {
		return fmt.Errorf("%w: too many questions from %s", store.ErrBusy, a.RemoteAddr)
	}
	p := proofPage{Typed: typed[:min(len(typed), maxFieldBytes)], Verdict: "unknown"}
	serial, ok := civic.ParseSerial(typed)
	if ok {
		var err error
		p.Certificate, err = c.Store.CertificateBy(a.Context(), serial)
		if ok = err == nil; err != nil && !errors.Is(err, store.ErrUnknown) {
			return err
		}
	}
	code := http.StatusNotFound
	if ok {
		code = 0
		var err error
		if p.Record, err = readRecord(p.Certificate); err != nil {
			return err
		}
		p.Text, p.Verdict = civic.SerialText(serial), "genuine"
		if !p.Stands() {
			p.Verdict = "revoked"
		}
	}
	return c.show(a, page{word: "proof", data: p, code: code})
}
