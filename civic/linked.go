package civic

import (
	"errors"
	"fmt"
)

// addressee is whom a document must be for.
type addressee struct {
	kiosk  string
	epoch  uint32 // whose grants count; 0: the caller looks
	serial uint64 // the latest version that a document can have
	linked bool   // it comes from a center, which shares points out by grants
}

// addressee is whom the documents of a bundle are for.
func (h BundleHeader) addressee() addressee {
	return addressee{h.Kiosk, h.Epoch, h.Serial, h.Era != ""}
}

// ReadDocument reads a document that a center sent to a kiosk: the line of a
// bundle, by the same rules, and nothing else. What only a kiosk that stands
// alone may be told (earned lines that grant) is refused. A grant may be of any
// epoch of this kiosk; the caller takes those of its own.
func ReadDocument(line []byte, kiosk string) (Document, error) {
	var d Document
	if len(line) >= maxDocumentBytes {
		return d, fmt.Errorf("civic: a document of %d bytes", len(line))
	}
	if err := strictJSON(line, &d); err != nil {
		return d, fmt.Errorf("civic: reading a document: %w", unexpected(err))
	}
	if _, _, err := d.place(); err != nil {
		return d, err
	}
	if err := d.check(addressee{kiosk: kiosk, serial: MaxSerial, linked: true}); err != nil {
		return d, fmt.Errorf("civic: %s: %w", d.describe(), err)
	}
	return d, nil
}

// Cursor says up to which version of a scope the documents of a bundle go.
type Cursor struct {
	Scope   string `json:"scope"`
	Version uint64 `json:"version"`
}

// Taken is the last entry of the kiosk's chain that a center has durably: the
// acknowledgement of journals that were carried to it.
type Taken struct {
	Seq  uint64   `json:"seq"`
	Hash BodyHash `json:"hash"` // SHA-256 of the entry
}

// checkCursors holds that cursors belong to an era and ascend by scope.
func (h BundleHeader) checkCursors() error {
	if h.Taken != nil && (h.Era == "" || h.Taken.Seq == 0) {
		return fmt.Errorf("civic: entry %d was taken by no center", h.Taken.Seq)
	}
	if len(h.Era) > maxEraBytes || len(h.Cursors) > MaxCursors || h.Era == "" && len(h.Cursors) > 0 {
		return fmt.Errorf("civic: %d scopes of era %q", len(h.Cursors), h.Era)
	}
	for i, c := range h.Cursors {
		if c.Scope == "" || len(c.Scope) > maxScopeBytes || c.Version > MaxSerial {
			return fmt.Errorf("civic: scope %q at version %d", c.Scope, c.Version)
		}
		if i > 0 && h.Cursors[i-1].Scope >= c.Scope {
			return errors.New("civic: the scopes of a bundle do not ascend")
		}
	}
	return nil
}
