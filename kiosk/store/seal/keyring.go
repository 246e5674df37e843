package seal

import (
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names under which the master key is looked for.
const (
	KeyFile        = "key"        // in the data folder
	CredentialFile = "yizhan.key" // in the folder of systemd's credentials
)

// ErrNoKey means that there is no master key yet; errors that wrap it wrap
// fs.ErrNotExist too. ErrKey means that there is one that must not be used.
var (
	ErrNoKey = fmt.Errorf("seal: no master key: %w", fs.ErrNotExist)
	ErrKey   = errors.New("seal: the master key cannot be used")
)

// A Keyring derives all keys of one kiosk from its master key.
type Keyring struct{ master [KeyBytes]byte }

// Load finds the master key as Find does, or makes one in the file "key" of dir
// when there is none. A caller that sees sealed data in dir uses Find instead:
// a new key would never open it.
func Load(dir, credentials string, random io.Reader) (*Keyring, error) {
	k, err := Find(dir, credentials)
	if !errors.Is(err, ErrNoKey) {
		return k, err
	}
	if err := create(dir, random); err != nil {
		return nil, fmt.Errorf("making the master key: %w", err)
	}
	return Find(dir, credentials)
}

// Find reads the master key from the credentials folder of systemd (the value
// of $CREDENTIALS_DIRECTORY; empty: none) or from the file "key" of dir. When
// both hold one they must be the same. It answers ErrNoKey when there is none.
func Find(dir, credentials string) (*Keyring, error) {
	// Nobody but the owner may touch the file. A credential may carry group
	// bits: systemd grants a dynamic user its read by an access list.
	own, err := read(filepath.Join(dir, KeyFile), 0o077)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var given *Keyring
	if credentials != "" {
		given, err = read(filepath.Join(credentials, CredentialFile), 0o007)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	switch {
	case own == nil && given == nil:
		return nil, fmt.Errorf("%w in %s", ErrNoKey, dir)
	case own == nil:
		return given, nil
	case given != nil && *given != *own:
		return nil, fmt.Errorf("%w: %s and the credential %s differ; keep the one that this data was written with and move the other away",
			ErrKey, filepath.Join(dir, KeyFile), CredentialFile)
	}
	return own, nil
}

// read reads a key file whose mode has none of the loose bits.
func read(path string, loose fs.FileMode) (*Keyring, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the master key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: %s is not a plain file", ErrKey, path)
	}
	if mode := info.Mode().Perm(); mode&loose != 0 {
		return nil, fmt.Errorf("%w: %s has mode %04o, so other users of this machine can read it; mend it with: chmod 600 %s", ErrKey, path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the master key: %w", err)
	}
	k, err := parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrKey, path, err)
	}
	return k, nil
}

// parse reads the text of a key file: 64 lower-case hexadecimal digits, with or
// without a line feed after them.
func parse(text string) (*Keyring, error) {
	digits := strings.TrimSuffix(text, "\n")
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw) != KeyBytes || digits != strings.ToLower(digits) {
		return nil, fmt.Errorf("expected %d hexadecimal digits and nothing else", 2*KeyBytes)
	}
	k := &Keyring{}
	copy(k.master[:], raw)
	if *k == (Keyring{}) {
		return nil, errors.New("the key is all zero")
	}
	return k, nil
}

// create makes a key file that is either absent or whole, whatever moment the
// power goes: it is written and synced under a temporary name, then linked to
// its own name, which fails when another process was faster; that one's key
// stands then.
func create(dir string, random io.Reader) error {
	var master [KeyBytes + 8]byte // the last bytes name the temporary file
	if _, err := io.ReadFull(random, master[:]); err != nil {
		return fmt.Errorf("reading randomness: %w", err)
	}
	path := filepath.Join(dir, KeyFile)
	temporary := fmt.Sprintf("%s.new-%x", path, master[KeyBytes:])
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(temporary)
	_, err = fmt.Fprintf(f, "%x\n", master[:KeyBytes])
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Derive returns the key of KeyBytes bytes for one purpose. The same purpose
// gives the same key for as long as the master key lives.
func (k *Keyring) Derive(purpose string) []byte { return k.derive("yizhan key v1: " + purpose) }

// Signing returns the kiosk's Ed25519 key.
func (k *Keyring) Signing() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(k.derive("yizhan signing v1"))
}

func (k *Keyring) derive(info string) []byte {
	key, err := hkdf.Key(sha256.New, k.master[:], nil, info, KeyBytes)
	if err != nil {
		panic("seal: HKDF refused a constant length: " + err.Error())
	}
	return key
}
