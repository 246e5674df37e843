package center

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"yizhan/link"
)

// ErrKeys means that keys are missing or damaged.
var ErrKeys = errors.New("center: the keys of this center are missing or damaged")

// The files of a center's keys. Each may be read by its owner alone.
const (
	tlsKeyFile    = "tls.key"    // PEM
	tlsCertFile   = "tls.crt"    // PEM
	signerFile    = "signer.key" // base64 of the 32 bytes that an Ed25519 key is made from
	phoneFile     = "phone.key"  // base64 of 32 bytes
	secretKeyBits = 32 * 8
)

// Keys are the identity of a center.
type Keys struct {
	Certificate tls.Certificate    // what TLS shows; kiosks pin its public key
	Signer      ed25519.PrivateKey // signs the center's bundles
	Phone       []byte             // keys civic.PhoneHash
}

// KeyOptions says how keys are opened.
type KeyOptions struct {
	Cert, Key string   // files of a certificate and its key that are used instead of one made here
	Hosts     []string // for whom a certificate is made
	Now       func() time.Time
	Random    io.Reader
	Make      bool // a center that has none yet: make them
}

// Pin is what kiosks remember of the center.
func (k *Keys) Pin() link.Digest { return link.Pin(k.Certificate.Leaf) }

// Issuer is the public key of the center's bundles.
func (k *Keys) Issuer() ed25519.PublicKey { return k.Signer.Public().(ed25519.PublicKey) }

// OpenKeys reads the keys in a folder. It makes them when none is there and the
// options say so; when some are missing, or all of a center that has kiosks, it
// answers ErrKeys: other keys would shut every kiosk out.
func OpenKeys(dir string, o KeyOptions) (*Keys, error) {
	files := []string{signerFile, phoneFile}
	if o.Key == "" {
		files = append(files, tlsKeyFile)
	}
	there, err := os.ReadDir(dir) // at one look: another program may just put the folder in its place
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	have := 0
	for _, f := range there {
		if slices.Contains(files, f.Name()) {
			have++
		}
	}
	switch {
	case have == 0 && o.Make:
		if err := makeKeys(dir, o); err != nil {
			return nil, fmt.Errorf("making the keys of a center: %w", err)
		}
	case have < len(files):
		return nil, fmt.Errorf("%w: %s holds %d of %d files", ErrKeys, dir, have, len(files))
	}
	return readKeys(dir, o)
}

func readKeys(dir string, o KeyOptions) (*Keys, error) {
	seed, err := readSecret(filepath.Join(dir, signerFile))
	if err != nil {
		return nil, err
	}
	k := &Keys{Signer: ed25519.NewKeyFromSeed(seed)}
	if k.Phone, err = readSecret(filepath.Join(dir, phoneFile)); err != nil {
		return nil, err
	}
	if o.Key != "" {
		k.Certificate, err = tls.LoadX509KeyPair(o.Cert, o.Key)
	} else {
		k.Certificate, err = ownCertificate(dir, o)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the certificate: %w", ErrKeys, err)
	}
	return k, nil
}

// makeKeys makes what is secret, in a folder that takes its place whole: neither a
// crash nor two programs that start at once leave keys of two kinds. Whoever comes
// second uses those of the first.
func makeKeys(dir string, o KeyOptions) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), ".keys-*") // with mode 700
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	if err := writeKeys(fresh, o); err != nil {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

func writeKeys(dir string, o KeyOptions) error {
	if o.Key == "" {
		key, err := ecdsa.GenerateKey(elliptic.P256(), o.Random)
		if err != nil {
			return err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return err
		}
		if err := keep(filepath.Join(dir, tlsKeyFile), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
			return err
		}
	}
	for _, name := range []string{phoneFile, signerFile} {
		var secret [secretKeyBits / 8]byte
		if _, err := io.ReadFull(o.Random, secret[:]); err != nil {
			return err
		}
		if err := keep(filepath.Join(dir, name), []byte(base64.StdEncoding.EncodeToString(secret[:])+"\n")); err != nil {
			return err
		}
	}
	return nil
}

// readSecret reads 32 bytes that keep wrote.
func readSecret(path string) ([]byte, error) {
	text, err := readOwn(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	b, err := base64.StdEncoding.Strict().DecodeString(string(bytes.TrimSuffix(text, []byte("\n"))))
	if err != nil || len(b) != secretKeyBits/8 {
		return nil, fmt.Errorf("%w: %s is not 32 bytes in base64", ErrKeys, path)
	}
	return b, nil
}

// readOwn reads a file that nobody but its owner may read.
func readOwn(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("others can read %s (mode %o); mend it with: chmod 600 %s", path, mode, path)
	}
	return os.ReadFile(path)
}

// keep writes a file whole or not at all.
func keep(path string, body []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // with mode 600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(body)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// ownCertificate reads the certificate that was made here. It is made anew, for
// the same key, when it is missing, ends soon or lacks a name: kiosks pin the key
// and don't notice.
func ownCertificate(dir string, o KeyOptions) (tls.Certificate, error) {
	key, err := readOwn(filepath.Join(dir, tlsKeyFile))
	if err != nil {
		return tls.Certificate{}, err
	}
	path := filepath.Join(dir, tlsCertFile)
	cert, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err == nil && fits(pair.Leaf, o) {
		return pair, nil
	}
	if cert, err = certify(key, o); err != nil {
		return tls.Certificate{}, err
	}
	if err := keep(path, cert); err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, key)
}

func fits(leaf *x509.Certificate, o KeyOptions) bool {
	for _, host := range o.Hosts {
		if leaf.VerifyHostname(host) != nil {
			return false
		}
	}
	now := o.Now()
	return now.After(leaf.NotBefore) && now.Before(leaf.NotAfter.Add(-certificateRenew))
}

// certify makes a certificate that signs itself. It begins a day ago, for clocks
// that are behind.
func certify(keyPEM []byte, o KeyOptions) ([]byte, error) {
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", tlsKeyFile)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a %T", tlsKeyFile, parsed)
	}
	var serial [15]byte
	if _, err := io.ReadFull(o.Random, serial[:]); err != nil {
		return nil, err
	}
	now := o.Now()
	template := &x509.Certificate{SerialNumber: new(big.Int).SetBytes(serial[:]), Subject: pkix.Name{CommonName: "yizhan center"},
		NotBefore: now.Add(-24 * time.Hour), NotAfter: now.Add(certificateKept), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true}
	for _, host := range append([]string{"localhost", "127.0.0.1", "::1"}, o.Hosts...) {
		if ip := net.ParseIP(host); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(o.Random, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// TLS is what a listener of the center needs.
func (k *Keys) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{k.Certificate}, NextProtos: []string{"http/1.1"}}
}
