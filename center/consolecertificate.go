package center

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// certificatePage is what a certificate would say of a volunteer now, and those that
// were issued.
type certificatePage struct {
	ID     ledger.ID
	Record serviceRecord
	Serial string // of the one that would be issued
	Issued []store.Certificate
	Full   bool // there can be no more of them
	Town   string
}

// At is the kiosk where a volunteer asked for a certificate; "": an officer issued it.
func (p certificatePage) At(c store.Certificate) string {
	kiosk, found := strings.CutPrefix(c.Who, atKiosk)
	if !found {
		return ""
	}
	return kiosk
}

// Base is the address of the page.
func (p certificatePage) Base() string { return certificatePath(p.ID) }

func certificatePath(id ledger.ID) string { return "/certificate/" + id.String() }

// certificated reads whose certificates the address is about.
func (c *console) certificated(a *ask) (p store.Person, err error) {
	id, err := ledger.ParseID(a.PathValue("volunteer"))
	if err != nil {
		return p, store.ErrUnknown
	}
	r, err := c.Store.Record(a.Context(), id)
	if err == nil && !a.area.holds(r.Town, r.Home) {
		err = errArea{r.Town}
	}
	return r.Person, err
}

func (c *console) certificate(a *ask) error {
	person, err := c.certificated(a)
	if err != nil {
		return err
	}
	p := certificatePage{ID: person.ID, Town: person.Town}
	if p.Record, err = serviceRecordOf(a.Context(), c.Store, person); err != nil {
		return err
	}
	if p.Serial, err = civic.NewSerial(c.Random); err != nil {
		return err
	}
	if p.Issued, err = c.Store.Certificates(a.Context(), person.ID); err != nil {
		return err
	}
	p.Full = len(p.Issued) >= store.MaxCertificates
	return c.show(a, page{word: "certificate", title: c.text(a, "center.certificate.of", "name", person.Name), data: p})
}

// certificateNow issues a certificate of what the hours are at this moment. The form
// carries the serial, so that a key pressed twice issues one.
func (c *console) certificateNow(a *ask) error {
	person, err := c.certificated(a)
	if err != nil {
		return err
	}
	if _, err := c.record(a, person.ID); err != nil { // of a merged record the kept one has the hours
		return err
	}
	serial, ok := civic.ParseSerial(a.typed("serial"))
	if !ok {
		return errForm
	}
	to := certificatePath(person.ID) + "/" + serial
	if _, err := c.Store.CertificateOf(a.Context(), person.ID, serial); err == nil {
		a.redirect(to) // pressed twice
		return nil
	}
	record, err := serviceRecordOf(a.Context(), c.Store, person)
	if err != nil {
		return err
	}
	body, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("writing a certificate: %w", err)
	}
	if err := c.Store.IssueCertificate(a.Context(), store.Certificate{Volunteer: person.ID, Serial: serial, Body: body, Who: a.officer.Name}); err != nil {
		return err
	}
	a.redirect(to + "?done=certificate_issued")
	return nil
}

// paperPage is one certificate as it is printed.
type paperPage struct {
	store.Certificate
	Record  serviceRecord
	Proof   string // address that its QR code leads to
	Slip    bool   // as long and narrow as a receipt, without the activities
	Typed   string // why it is revoked, as typed
	Problem bool
}

// Base is the address of the volunteer's certificates, To that of this one.
func (p paperPage) Base() string { return certificatePath(p.Volunteer) }

// To is the address of this one.
func (p paperPage) To() string { return p.Base() + "/" + p.Serial }

// Text is the serial as people read it.
func (p paperPage) Text() string { return civic.SerialText(p.Serial) }

// paperOf reads the certificate of the address.
func (c *console) paperOf(a *ask) (p paperPage, err error) {
	person, err := c.certificated(a)
	if err != nil {
		return p, err
	}
	if p.Certificate, err = c.Store.CertificateOf(a.Context(), person.ID, a.PathValue("serial")); err != nil {
		return p, err
	}
	p.Record, err = readRecord(p.Certificate)
	p.Proof, p.Slip = c.phonesFind(a)+link.ProofPath+p.Serial, a.FormValue("as") == "slip"
	return p, err
}

func readRecord(c store.Certificate) (r serviceRecord, err error) {
	if err := json.Unmarshal(c.Body, &r); err != nil {
		return r, fmt.Errorf("reading a certificate: %w", err)
	}
	return r, nil
}

func (c *console) certificatePaper(a *ask) error {
	p, err := c.paperOf(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "certificatepaper", title: c.text(a, "center.certificate.paper"), data: p})
}

// certificateRevoke says what follows from taking a certificate back.
func (c *console) certificateRevoke(a *ask) error {
	p, err := c.paperOf(a)
	if err == nil && !p.Stands() {
		a.redirect(p.To())
		return nil
	}
	if err != nil {
		return err
	}
	return c.showRevoke(a, p)
}

func (c *console) showRevoke(a *ask, p paperPage) error {
	code := 0
	if p.Problem {
		code = http.StatusUnprocessableEntity
	}
	return c.show(a, page{word: "certificaterevoke", data: p, code: code})
}

func (c *console) certificateRevokeNow(a *ask) error {
	p, err := c.paperOf(a)
	if err != nil {
		return err
	}
	if p.Typed = a.typed("reason"); !aReason(p.Typed) {
		p.Problem = true
		return c.showRevoke(a, p)
	}
	if err := c.Store.RevokeCertificate(a.Context(), p.Volunteer, p.Serial, a.officer.Name, p.Typed); err != nil {
		return err
	}
	a.redirect(p.To() + "?done=certificate_revoked")
	return nil
}
