package center

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"

	"yizhan/center/store"
	"yizhan/ledger"
)

// Verdicts on the text of a receipt's QR code, as center.verify.VERDICT.
const (
	verdictApplied = "applied" // genuine, and the book has it and counts it
	verdictHere    = "here"    // genuine, and the book has it, but does not count it yet
	verdictAbsent  = "absent"  // genuine, and the kiosk has not sent it yet
	verdictLost    = "lost"    // genuine, of a box that was replaced before it sent it
	verdictFork    = "fork"    // signed by the kiosk, and the book has another entry of that number
	verdictForged  = "forged"  // it names a kiosk of ours, which did not sign it
	verdictForeign = "foreign" // no kiosk or box of this center
	verdictDamaged = "damaged" // it begins like a receipt and is not whole
	verdictOther   = "other"   // no text of a receipt
)

// verdictClasses are the colour and the shape of each verdict.
var verdictClasses = map[string][2]string{
	verdictApplied: {"is-ok", "ok"}, verdictHere: {"is-ok", "ok"}, verdictAbsent: {"is-warn", "clock"}, verdictLost: {"is-warn", "warn"},
	verdictFork: {"is-error", "error"}, verdictForged: {"is-error", "error"}, verdictForeign: {"is-error", "error"}, verdictDamaged: {"is-warn", "warn"}, verdictOther: {"is-warn", "warn"},
}

// verifyPage takes in the text of a receipt's QR code, and says what it is worth.
type verifyPage struct {
	Text      string
	Verdict   string // "": nothing was asked yet
	Number    string
	Kiosk     string // its id
	Name      string // of the kiosk
	Epoch     uint32
	Old       bool // the box that printed it was replaced since
	Stopped   bool // its chain is in quarantine
	On        time.Time
	Unsure    bool      // nobody had confirmed the kiosk's clock
	Seen      time.Time // when the kiosk was last there
	Elsewhere bool      // it is of a place outside of the officer's area, which says no more
	Paper     *paperSays
	Now       *redemptionRow // the redemption as it stands; nil: it is not here
	Since     time.Time      // when it came to stand so
	Stop      string         // the page that stops the kiosk; "": it cannot be stopped, or not by this officer
}

// paperSays is what a receipt says, by the signed entry itself.
type paperSays struct {
	Good   string
	Pieces int64
	Points ledger.Points
	Claim  string // "": self-served
}

// Icon is the shape of the verdict.
func (p verifyPage) Icon() string { return verdictClasses[p.Verdict][1] }

// Class is the colour of the verdict.
func (p verifyPage) Class() string { return verdictClasses[p.Verdict][0] }

// Genuine tells whether the kiosk has signed it.
func (p verifyPage) Genuine() bool {
	return p.Verdict == verdictApplied || p.Verdict == verdictHere || p.Verdict == verdictAbsent || p.Verdict == verdictLost
}

func (c *console) verify(a *ask) error {
	a.w.Header().Set("Permissions-Policy", strings.Replace(a.w.Header().Get("Permissions-Policy"), "camera=()", "camera=(self)", 1))
	p := verifyPage{Text: receiptText(a.URL.Query().Get("text"))}
	if kiosk, epoch, seq, err := ledger.ParseReceiptNumber(p.Text); err == nil { // it was typed from paper, and proves nothing
		a.redirect(redemptionPath(kiosk, epoch, seq))
		return nil
	}
	if p.Text != "" {
		if err := c.judge(a, &p); err != nil {
			return err
		}
	}
	return c.show(a, page{word: "verify", data: p})
}

// receiptText is what a scanner or a person sent, in the one form that a receipt's
// text has: some scanners type small letters, and mails break lines.
func receiptText(text string) string {
	if len(text) > maxReceiptText {
		text = text[:maxReceiptText]
	}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text))
}

// judge comes to a verdict.
func (c *console) judge(a *ask, p *verifyPage) error {
	if !ledger.IsReceipt(p.Text) {
		p.Verdict = verdictOther
		return nil
	}
	e, encoded, signature, err := ledger.ReadReceipt(p.Text)
	if err != nil {
		p.Verdict = verdictDamaged
		return nil
	}
	hash := ledger.HashOf(encoded)
	w, err := c.Store.Witness(a.Context(), e, hash)
	if err != nil {
		return err
	}
	p.Number, p.Kiosk, p.Name, p.Epoch = ledger.ReceiptNumber(e.Kiosk, e.Epoch, e.Seq), e.Kiosk, w.Kiosk.Name, e.Epoch
	p.Verdict = verdictOf(e, hash, signature, w)
	if p.Verdict == verdictForeign || p.Verdict == verdictForged {
		return nil // nothing that it says is worth anything
	}
	p.Old, p.Stopped, p.Seen = e.Epoch < w.Kiosk.Epoch, w.Chain.State == store.ChainQuarantined, w.Kiosk.Seen
	p.On, p.Unsure = time.UnixMilli(e.WallMS), e.Quality == ledger.ClockUnknown
	if p.Elsewhere = !a.area.has(e.Kiosk); p.Elsewhere {
		return nil
	}
	if p.Verdict == verdictFork && w.Chain.State == store.ChainOpen && a.may(powerEquip) {
		p.Stop = stationPath(e.Kiosk) + "/stop?reason=" + url.QueryEscape(c.text(a, "center.verify.fork_reason", "number", p.Number))
	}
	return c.tell(a, p, e)
}

// verdictOf judges an entry by what the book knows.
func verdictOf(e ledger.Entry, hash ledger.Hash, signature []byte, w store.Witness) string {
	head := ledger.Head{Kiosk: e.Kiosk, Epoch: e.Epoch, Seq: e.Seq, Hash: hash}
	switch {
	case w.Chain.PublicKey == nil:
		return verdictForeign
	case !head.Verify(w.Chain.PublicKey, signature):
		return verdictForged
	case w.Here && !w.Same:
		return verdictFork
	case w.Here && e.Seq <= w.Chain.Folded:
		return verdictApplied
	case w.Here:
		return verdictHere
	case e.Epoch < w.Kiosk.Epoch:
		return verdictLost
	}
	return verdictAbsent
}

// tell adds what the paper says and what became of the redemption since.
func (c *console) tell(a *ask, p *verifyPage, e ledger.Entry) error {
	body, ok := e.Body.(ledger.Reserve)
	if !ok {
		return nil
	}
	r, err := c.redemptionReader(a, redemptionsQuery{})
	if err != nil {
		return err
	}
	rows, err := r.rows([]store.Redeemed{{Kiosk: e.Kiosk, Epoch: e.Epoch, WallMS: e.WallMS, Redemption: ledger.Redemption{Reserve: body, Seq: e.Seq}}})
	if err != nil {
		return err
	}
	p.Paper = &paperSays{Good: rows[0].What, Pieces: body.Quantity, Points: ledger.Sum(body.Parts)}
	if !body.Shelf {
		p.Paper.Claim = ledger.ClaimText(body.Claim)
	}
	if p.Verdict != verdictApplied && p.Verdict != verdictHere {
		return nil
	}
	x, err := c.Store.Redemption(a.Context(), e.Kiosk, e.Epoch, e.Seq)
	if errors.Is(err, store.ErrUnknown) {
		return fmt.Errorf("a reservation that is here is no redemption: %w", err)
	}
	if err != nil {
		return err
	}
	now := r.row(x.Redeemed)
	p.Now, p.Since = &now, time.UnixMilli(x.Steps[len(x.Steps)-1].WallMS)
	return nil
}
