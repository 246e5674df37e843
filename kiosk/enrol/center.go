package enrol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"yizhan/ledger"
	"yizhan/link"
)

// Names of the files in the data folder.
const (
	centerFile = "center.json"
	askingFile = "enrol.json"
)

// ErrFile means that a file of this package holds something else than it should.
var ErrFile = errors.New("enrol: the file cannot be read")

// Center is what a box keeps of the center that it is a kiosk of.
type Center struct {
	Address string      `json:"address"` // host:port
	Pin     link.Digest `json:"pin"`     // SHA-256 of the center's public key
	Kiosk   string      `json:"kiosk"`   // which of its kiosks the box is
	Epoch   uint32      `json:"epoch"`   // of the chain that begins with the enrolment
	Issuer  link.Digest `json:"issuer"`  // Ed25519 public key that signs the center's bundles
}

// Load reads the center of a data folder. It answers fs.ErrNotExist when the box
// is enrolled nowhere, and ErrFile when what is there cannot be believed.
func Load(dir string) (Center, error) {
	var c Center
	if err := read(filepath.Join(dir, centerFile), &c); err != nil {
		return Center{}, err
	}
	if err := c.check(); err != nil {
		return Center{}, fmt.Errorf("%w: %s: %w", ErrFile, centerFile, err)
	}
	return c, nil
}

func (c Center) check() error {
	if !ledger.ValidKiosk(c.Kiosk) || c.Epoch == 0 || c.Pin == (link.Digest{}) || c.Issuer == (link.Digest{}) {
		return fmt.Errorf("kiosk %q, epoch %d, or a key that is missing", c.Kiosk, c.Epoch)
	}
	return link.CheckAddress(c.Address)
}

// save makes c the center of a data folder.
func (c Center) save(dir string) error { return write(filepath.Join(dir, centerFile), c) }

// asking is an enrolment on its way.
type asking struct {
	Address string      `json:"address"`
	Code    string      `json:"code"`
	Pin     link.Digest `json:"pin"` // of the QR code, or as it was seen first; zero: not seen yet
}

func loadAsking(dir string) (asking, error) {
	var a asking
	if err := read(filepath.Join(dir, askingFile), &a); err != nil {
		return asking{}, err
	}
	if err := link.CheckAddress(a.Address); err != nil || a.Code == "" {
		return asking{}, fmt.Errorf("%w: %s: address %q and a code of %d letters", ErrFile, askingFile, a.Address, len(a.Code))
	}
	return a, nil
}

// keep writes a, or removes what is there when it is empty.
func (a asking) keep(dir string) error {
	path := filepath.Join(dir, askingFile)
	if a != (asking{}) {
		return write(path, a)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting an enrolment: %w", err)
	}
	return syncFolder(dir)
}

// read takes in a file strictly: known fields only, and nothing after them.
func read(path string, to any) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	if err := parse(b, to); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFile, filepath.Base(path), err)
	}
	return nil
}

func parse(b []byte, to any) error {
	if len(b) > maxFileBytes {
		return fmt.Errorf("longer than %d bytes", maxFileBytes)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(to); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows")
	}
	return nil
}

// write replaces a file whole: whoever reads it finds the old one or the new one,
// also after a power cut.
func write(path string, v any) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing %s: %w", filepath.Base(path), err)
		}
	}()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // once it has its name there is nothing left to remove
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
