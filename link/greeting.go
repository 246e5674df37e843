package link

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"yizhan/ledger"
)

// Mark is a place in a chain: the number of an entry and its hash. Number 0 has
// the zero hash.
type Mark struct {
	Seq  uint64 `json:"seq"`
	Hash Digest `json:"hash"`
}

// MarkOf is where a head stands.
func MarkOf(h ledger.Head) Mark { return Mark{h.Seq, Digest(h.Hash)} }

func (m Mark) check() error {
	if m.Seq == 0 && m.Hash != (Digest{}) {
		return errors.New("a chain without entries has no hash")
	}
	return nil
}

// Hello is how a kiosk begins.
type Hello struct {
	Protocol int          `json:"protocol"`
	Kiosk    string       `json:"kiosk"`
	Epoch    uint32       `json:"epoch"`
	Key      Digest       `json:"key"`     // Ed25519 public key
	Head     Mark         `json:"head"`    // of its journal
	Acked    uint64       `json:"acked"`   // the last entry that a center has acknowledged
	Era      string       `json:"era"`     // of the cursors; empty: it has none
	Cursors  List[Cursor] `json:"cursors"` // by scope, ascending
	Program  string       `json:"program"`
}

// Kind returns KindHello.
func (Hello) Kind() Kind { return KindHello }

func (h Hello) check() error {
	if h.Protocol <= 0 || !ledger.ValidKiosk(h.Kiosk) || h.Epoch == 0 {
		return fmt.Errorf("kiosk %q, epoch %d", h.Kiosk, h.Epoch)
	}
	if h.Acked > h.Head.Seq || len(h.Cursors) > MaxScopes {
		return fmt.Errorf("%d acknowledged of %d, %d scopes", h.Acked, h.Head.Seq, len(h.Cursors))
	}
	for i, c := range h.Cursors {
		if err := c.check(); err != nil {
			return err
		}
		if i > 0 && h.Cursors[i-1].Scope >= c.Scope {
			return errors.New("the scopes do not ascend")
		}
	}
	return errors.Join(h.Head.check(), code(h.Era), code(h.Program))
}

// Public is the key that the kiosk says is its own.
func (h Hello) Public() ed25519.PublicKey { return h.Key[:] }

// Challenge asks for a proof that was not made before.
type Challenge struct {
	Nonce Digest `json:"nonce"`
}

// Kind returns KindChallenge.
func (Challenge) Kind() Kind   { return KindChallenge }
func (Challenge) check() error { return nil }

// Proof is the signature of what proven returns.
type Proof struct {
	Signature []byte `json:"signature"`
}

// Kind returns KindProof.
func (Proof) Kind() Kind { return KindProof }

func (p Proof) check() error {
	if len(p.Signature) != ed25519.SignatureSize {
		return fmt.Errorf("a signature of %d bytes", len(p.Signature))
	}
	return nil
}

// Welcome lets a kiosk in.
type Welcome struct {
	Head       Mark         `json:"head"`    // of the kiosk's chain, as the center has it
	TimeMS     int64        `json:"time_ms"` // Unix; shown as skew, sets nothing
	Era        string       `json:"era"`     // of the center's scopes; another one after a restore
	Scopes     List[string] `json:"scopes"`
	Rights     bool         `json:"rights"` // the center was restored and asks what was granted
	Quarantine Quarantine   `json:"quarantine"`
}

// Kind returns KindWelcome.
func (Welcome) Kind() Kind { return KindWelcome }

func (w Welcome) check() error {
	if len(w.Scopes) > MaxScopes || w.Era == "" {
		return fmt.Errorf("%d scopes of era %q", len(w.Scopes), w.Era)
	}
	for _, s := range w.Scopes {
		if err := scope(s); err != nil {
			return err
		}
	}
	return errors.Join(w.Head.check(), w.Quarantine.check(), code(w.Era))
}

// Reason says in one word why a kiosk is refused or in quarantine.
type Reason string

// Reasons to refuse a kiosk. Retrying helps after ReasonElsewhere and ReasonBusy
// alone; a kiosk retries all the same, for an officer may set it right.
const (
	ReasonUnknown   Reason = "unknown"   // no such kiosk, or not this key
	ReasonRevoked   Reason = "revoked"   // it was taken out of service
	ReasonReplaced  Reason = "replaced"  // a later epoch has begun
	ReasonProtocol  Reason = "protocol"  // another version of this conversation
	ReasonProof     Reason = "proof"     // the signature is not of this key, challenge and center
	ReasonElsewhere Reason = "elsewhere" // the same kiosk has connected once more
	ReasonBusy      Reason = "busy"      // the center cannot serve now
	ReasonForgot    Reason = "forgot"    // the center lacks what it has acknowledged or said; nobody told it that it was restored
)

// Reasons for quarantine.
const (
	ReasonFork      Reason = "fork"      // another entry stands at a number
	ReasonGap       Reason = "gap"       // entries are missing in between
	ReasonForged    Reason = "forged"    // a signature or an entry is wrong
	ReasonRegressed Reason = "regressed" // the kiosk has lost entries that the center has
	ReasonOfficer   Reason = "officer"   // somebody decided so
)

// Refused ends a session. It is an error to the end that receives it.
type Refused struct {
	Reason Reason `json:"reason"`
	Text   string `json:"text"` // for people
}

// Kind returns KindRefused.
func (Refused) Kind() Kind { return KindRefused }

func (r Refused) check() error {
	if r.Reason == "" {
		return errors.New("no reason")
	}
	return errors.Join(code(string(r.Reason)), text(r.Text))
}

func (r Refused) Error() string { return fmt.Sprintf("link: refused (%s): %s", r.Reason, r.Text) }

// Quarantine says that the kiosk's chain is not to be trusted for now; without a
// reason, that it is again.
type Quarantine struct {
	Reason Reason `json:"reason"`
	Text   string `json:"text"`
}

// Kind returns KindQuarantine.
func (Quarantine) Kind() Kind     { return KindQuarantine }
func (q Quarantine) check() error { return errors.Join(code(string(q.Reason)), text(q.Text)) }

func (q Quarantine) Error() string {
	return fmt.Sprintf("link: quarantined (%s): %s", q.Reason, q.Text)
}

// Diverged is how a kiosk answers a Welcome whose head is not on its chain.
type Diverged struct {
	Center Mark `json:"center"` // as the Welcome said
	Own    Mark `json:"own"`    // the kiosk's entry of that number; its last one when it does not reach it
}

// Kind returns KindDiverged.
func (Diverged) Kind() Kind     { return KindDiverged }
func (d Diverged) check() error { return errors.Join(d.Center.check(), d.Own.check()) }

// code checks a word that logs, lists and pages show as it is.
func code(s string) error {
	if len(s) > maxCodeBytes {
		return fmt.Errorf("%d bytes where %d are allowed", len(s), maxCodeBytes)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("a control character in %q", s)
	}
	return nil
}

func text(s string) error {
	if len(s) > maxTextBytes {
		return fmt.Errorf("a text of %d bytes", len(s))
	}
	return nil
}

func scope(s string) error {
	if s == "" || len(s) > MaxScopeBytes {
		return fmt.Errorf("a scope of %d bytes", len(s))
	}
	return nil
}
