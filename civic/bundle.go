package civic

import (
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"time"

	"yizhan/ledger"
)

// A bundle is one signed file with every document of one kiosk. It travels by
// USB stick. The file is a head of exactly headBytes bytes and a body:
//
//	{"format":"yizhan-bundle-3","kiosk":...}   the header, one line of JSON
//	<base64>                                   Ed25519 over signPrefix + that line
//	spaces, up to byte 4095, and a newline     so that the head can be written last
//	<gzip>                                     one document a line, as JSON
//
// The header carries the body's length and SHA-256, so the signature covers the
// whole file. The lines stand in the order station, staff, goods, pictures,
// volunteers, grants, deliveries, shifts, attended, what is gone; within a kind the keys ascend, so none comes twice. Every line is
// exactly what encoding/json writes for its Document: a field that this program
// does not know is refused, never skipped. What a newer program wrote is told from
// what is damaged, by the number in its format (see Version).

const (
	bundleKind = "yizhan-bundle" // and a hyphen and its Version
	signPrefix = "yizhan bundle v1\n"
	headBytes  = 4096
)

// Reasons to refuse a bundle. All are wrapped with what was found.
var (
	ErrForged  = errors.New("civic: the bundle is damaged or was not signed by its issuer")
	ErrForeign = errors.New("civic: the bundle is meant for another kiosk or comes from another issuer")
	ErrOlder   = errors.New("civic: the bundle is older than the one loaded before")
)

// BundleHeader says what a bundle is. WriteBundle fills in Format, Issuer,
// Counts and the fields of the body.
type BundleHeader struct {
	Format     string            `json:"format"`
	Kiosk      string            `json:"kiosk"`
	Epoch      uint32            `json:"epoch"` // of the kiosk's chain; what is granted counts for that epoch alone
	Issuer     ed25519.PublicKey `json:"issuer"`
	Serial     uint64            `json:"serial"`            // from 1, one more for each bundle of the kiosk
	Made       time.Time         `json:"made"`              // by the issuer's clock; information only
	Era        string            `json:"era,omitempty"`     // of the center that made it; "": an office did, for a kiosk that stands alone
	Cursors    []Cursor          `json:"cursors,omitempty"` // how far its documents go in that era, by scope, ascending
	Taken      *Taken            `json:"taken,omitempty"`   // what that center has of the kiosk's chain; nil: nothing, or it does not say
	Counts     BundleCounts      `json:"counts"`
	PlainBytes int64             `json:"plain_bytes"`
	BodyBytes  int64             `json:"body_bytes"`
	BodySHA256 BodyHash          `json:"body_sha256"`
}

// BundleCounts counts the documents of each kind. The station is always one.
type BundleCounts struct {
	Staff      int `json:"staff"`
	Goods      int `json:"goods"`
	Pictures   int `json:"pictures"`
	Volunteers int `json:"volunteers"`
	Grants     int `json:"grants,omitempty"` // a bundle of a kiosk that stands alone has none,
	Deliveries int `json:"deliveries,omitempty"`
	Shifts     int `json:"shifts,omitempty"`
	Attended   int `json:"attended,omitempty"`
	Gone       int `json:"gone,omitempty"` // and takes nothing back
}

// Total is the number of documents, the station included.
func (c BundleCounts) Total() int {
	return 1 + c.Staff + c.Goods + c.Pictures + c.Volunteers + c.Grants + c.Deliveries + c.Shifts + c.Attended + c.Gone
}

// BodyHash is the SHA-256 of a bundle's packed body.
type BodyHash [sha256.Size]byte

// MarshalText writes the hash in hexadecimal.
func (h BodyHash) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h[:])), nil }

// UnmarshalText reads what MarshalText writes.
func (h *BodyHash) UnmarshalText(b []byte) error { return unhex(h[:], b) }

// String returns the hash in hexadecimal.
func (h BodyHash) String() string { return hex.EncodeToString(h[:]) }

// WriteBundle writes a bundle of docs, which must come in the bundle's order,
// and returns its completed header. Kiosk, Epoch, Serial, Made, Era, Cursors and
// Taken are the caller's. An error of docs, or a document that a reader would refuse, ends the
// writing; what was written then is no bundle.
func WriteBundle(w io.WriteSeeker, h BundleHeader, signer ed25519.PrivateKey, docs iter.Seq2[Document, error]) (BundleHeader, error) {
	h.Format, h.Issuer, h.Made = FormatOf(bundleKind), signer.Public().(ed25519.PublicKey), h.Made.UTC().Truncate(time.Second)
	if _, err := w.Seek(headBytes, io.SeekStart); err != nil {
		return h, fmt.Errorf("writing a bundle: %w", err)
	}
	if err := writeBody(w, &h, docs); err != nil {
		return h, err
	}
	if err := h.check(); err != nil {
		return h, err
	}
	head, err := signHead(h, signer)
	if err != nil {
		return h, err
	}
	if _, err := w.Seek(0, io.SeekStart); err != nil {
		return h, fmt.Errorf("writing a bundle: %w", err)
	}
	if _, err := w.Write(head); err != nil {
		return h, fmt.Errorf("writing a bundle: %w", err)
	}
	return h, nil
}

func writeBody(w io.Writer, h *BundleHeader, docs iter.Seq2[Document, error]) error {
	sum := &meter{w: w, sha: sha256.New()}
	zip := gzip.NewWriter(sum)
	order := newOrder(*h)
	for doc, err := range docs {
		if err != nil {
			return err
		}
		line, err := json.Marshal(doc)
		if err != nil {
			return fmt.Errorf("writing a document: %w", err)
		}
		if err := order.next(doc); err != nil {
			return err
		}
		line = append(line, '\n')
		if len(line) > maxDocumentBytes {
			return fmt.Errorf("civic: %s is longer than %d bytes", doc.describe(), maxDocumentBytes)
		}
		h.PlainBytes += int64(len(line))
		if _, err := zip.Write(line); err != nil {
			return fmt.Errorf("writing a bundle: %w", err)
		}
	}
	if err := zip.Close(); err != nil {
		return fmt.Errorf("writing a bundle: %w", err)
	}
	h.BodyBytes, h.Counts = sum.n, order.counts
	sum.sha.Sum(h.BodySHA256[:0])
	return order.end()
}

// signHead lays out the head of a bundle.
func signHead(h BundleHeader, signer ed25519.PrivateKey) ([]byte, error) {
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("writing a bundle's header: %w", err)
	}
	sig := ed25519.Sign(signer, append([]byte(signPrefix), line...))
	head := append(line, '\n')
	head = append(head, base64.StdEncoding.EncodeToString(sig)...)
	head = append(head, '\n')
	if len(head) >= headBytes {
		return nil, fmt.Errorf("civic: the head of a bundle has %d bytes", len(head))
	}
	for len(head) < headBytes-1 {
		head = append(head, ' ')
	}
	return append(head, '\n'), nil
}

// check holds the limits that a header can break.
func (h BundleHeader) check() error {
	if err := CanRead(h.Format, bundleKind); err != nil {
		return err
	}
	c := h.Counts
	switch {
	case !ledger.ValidKiosk(h.Kiosk):
		return fmt.Errorf("civic: %q is not a kiosk's name", h.Kiosk)
	case h.Epoch == 0 || h.Serial == 0 || h.Serial > MaxSerial:
		return errors.New("civic: a bundle's epoch and serial count from 1")
	case len(h.Issuer) != ed25519.PublicKeySize:
		return errors.New("civic: the issuer's key is not 32 bytes")
	case outside(c.Staff, MaxStaff) || outside(c.Goods, MaxGoods) || outside(c.Pictures, MaxPictures) || outside(c.Volunteers, MaxVolunteers) || outside(c.Grants, MaxGrants) || outside(c.Deliveries, MaxDeliveries) || outside(c.Shifts, MaxShifts) || outside(c.Attended, MaxAttended) || outside(c.Gone, MaxGone):
		return fmt.Errorf("civic: too many documents: %+v", c)
	case h.BodyBytes < 0 || h.BodyBytes > MaxBundleBytes-headBytes || h.PlainBytes < 0 || h.PlainBytes > MaxBundlePlain:
		return fmt.Errorf("civic: the bundle is too large: %d bytes, %d unpacked", h.BodyBytes, h.PlainBytes)
	case h.PlainBytes > freeBundlePlain && h.PlainBytes/maxBundleRatio > h.BodyBytes:
		return fmt.Errorf("civic: %d bytes unpack to %d", h.BodyBytes, h.PlainBytes)
	}
	return h.checkCursors()
}

func outside(n, limit int) bool { return n < 0 || n > limit }

// meter counts and hashes what passes to w.
type meter struct {
	w   io.Writer
	sha hash.Hash
	n   int64
}

func (m *meter) Write(b []byte) (int, error) {
	n, err := m.w.Write(b)
	m.sha.Write(b[:n])
	m.n += int64(n)
	return n, err
}
