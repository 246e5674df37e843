package issuer

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"yizhan/civic/wholefile"
)

const (
	keyFile   = "issuer.key"
	keyPrefix = "yizhan-issuer-1 "
)

// ErrKey means that the issuer's key file cannot be used.
var ErrKey = errors.New("issuer: the key file cannot be used")

// Issuer is an opened folder. It is locked until Close.
type Issuer struct {
	dir    string
	secret []byte
	lock   *os.File
}

// Open opens an issuer's folder. A folder without a key is made an issuer's by
// drawing one from random; with a nil random that is an error.
func Open(dir string, random io.Reader) (*Issuer, error) {
	if random != nil {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("making the issuer's folder: %w", err)
		}
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	secret, err := readKey(filepath.Join(dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) && random != nil {
		secret, err = makeKey(dir, random)
	}
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &Issuer{dir: dir, secret: secret, lock: lock}, nil
}

// Close gives the folder free.
func (i *Issuer) Close() error { return i.lock.Close() }

// lockFolder keeps two runs from giving out the same serial number.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the issuer's folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("opening the issuer's folder: another bundle is being made: %w", err)
	}
	return f, nil
}

func makeKey(dir string, random io.Reader) ([]byte, error) {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(random, secret); err != nil {
		return nil, fmt.Errorf("drawing the issuer's key: %w", err)
	}
	text := keyPrefix + base64.StdEncoding.EncodeToString(secret) + "\n"
	f, err := wholefile.Create(filepath.Join(dir, keyFile), 0o600)
	if err != nil {
		return nil, err
	}
	defer f.Abort()
	if _, err := io.WriteString(f, text); err != nil {
		return nil, fmt.Errorf("writing the issuer's key: %w", err)
	}
	return secret, f.Commit()
}

func readKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s can be read by others (mode %o); run: chmod 600 %s", ErrKey, path, mode, path)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	text, ok := bytes.CutPrefix(bytes.TrimSpace(b), []byte(keyPrefix))
	secret, err := base64.StdEncoding.DecodeString(string(text))
	if !ok || err != nil || len(secret) != 32 {
		return nil, fmt.Errorf("%w: %s is damaged; restore it from a backup", ErrKey, path)
	}
	return secret, nil
}

func (i *Issuer) derive(purpose string) []byte { return derive(i.secret, purpose) }

// derive gives the 32-byte key of one purpose.
func derive(secret []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "yizhan issuer v1 "+purpose, 32)
	if err != nil {
		panic(err) // 32 bytes are never too long
	}
	return key
}

func (i *Issuer) signer() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(i.derive("sign")) }

// PublicKey is the key that kiosks know the issuer by.
func (i *Issuer) PublicKey() ed25519.PublicKey { return i.signer().Public().(ed25519.PublicKey) }

// Register is the path of the last bundle made for a kiosk.
func (i *Issuer) Register(kiosk string) string { return filepath.Join(i.dir, kiosk+".bundle") }
