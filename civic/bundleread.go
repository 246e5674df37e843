package civic

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
)

// Trust is what the reader of a bundle insists on. Zero fields insist on
// nothing; with no Issuer the signature only shows that the file is whole, and
// the caller pins the issuer that it finds.
type Trust struct {
	Kiosk     string
	Epoch     uint32
	Issuer    ed25519.PublicKey
	MinSerial uint64 // of the bundle loaded before; the same one may come again
}

// Bundle is a bundle whose signature, body and header have been checked.
type Bundle struct {
	Header BundleHeader
	body   io.ReaderAt
}

// OpenBundle reads and checks a whole file of size bytes before any document is
// handed out. It answers ErrForged, ErrForeign, ErrOlder or ErrNewer, or an error of r.
func OpenBundle(r io.ReaderAt, size int64, trust Trust) (*Bundle, error) {
	if size > MaxBundleBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrForged, size, MaxBundleBytes)
	}
	head := make([]byte, headBytes)
	if size < headBytes {
		return nil, fmt.Errorf("%w: it is too short", ErrForged)
	}
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, fmt.Errorf("reading a bundle: %w", err)
	}
	h, err := openHead(head)
	if errors.Is(err, ErrNewer) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrForged, err)
	}
	if h.BodyBytes != size-headBytes {
		return nil, fmt.Errorf("%w: the body has %d bytes, the header says %d", ErrForged, size-headBytes, h.BodyBytes)
	}
	if err := trust.check(h); err != nil {
		return nil, err
	}
	sha := sha256.New()
	if _, err := io.Copy(sha, io.NewSectionReader(r, headBytes, h.BodyBytes)); err != nil {
		return nil, fmt.Errorf("reading a bundle: %w", err)
	}
	if BodyHash(sha.Sum(nil)) != h.BodySHA256 {
		return nil, fmt.Errorf("%w: the body is not the one that was signed", ErrForged)
	}
	return &Bundle{Header: h, body: r}, nil
}

// openHead checks the layout and the signature of a head. That of a newer program may
// have fields that this one does not know, so what it calls itself is read first.
func openHead(head []byte) (BundleHeader, error) {
	var h BundleHeader
	line, rest, ok := bytes.Cut(head, []byte{'\n'})
	if !ok {
		return h, errors.New("this is not a bundle")
	}
	var first struct {
		Format string `json:"format"`
	}
	if err := json.Unmarshal(line, &first); err == nil && errors.Is(CanRead(first.Format, bundleKind), ErrNewer) {
		return h, CanRead(first.Format, bundleKind)
	}
	if err := strictJSON(line, &h); err != nil {
		return h, err
	}
	if err := h.check(); err != nil {
		return h, err
	}
	sig64, pad, _ := bytes.Cut(rest, []byte{'\n'})
	sig, err := base64.StdEncoding.Strict().DecodeString(string(sig64))
	if err != nil || len(bytes.TrimLeft(pad, " ")) != 1 || pad[len(pad)-1] != '\n' {
		return h, errors.New("the head is not laid out as a bundle's")
	}
	if !ed25519.Verify(h.Issuer, append([]byte(signPrefix), line...), sig) {
		return h, errors.New("the signature is wrong")
	}
	return h, nil
}

func (t Trust) check(h BundleHeader) error {
	switch {
	case t.Kiosk != "" && t.Kiosk != h.Kiosk:
		return fmt.Errorf("%w: it is for %s, this is %s", ErrForeign, h.Kiosk, t.Kiosk)
	case t.Issuer != nil && !t.Issuer.Equal(h.Issuer):
		return fmt.Errorf("%w: the issuer is not the one that this kiosk knows", ErrForeign)
	case t.Epoch != 0 && t.Epoch != h.Epoch:
		return fmt.Errorf("%w: it is for epoch %d of this kiosk, which is in epoch %d", ErrForeign, h.Epoch, t.Epoch)
	case h.Serial < t.MinSerial:
		return fmt.Errorf("%w: number %d after number %d", ErrOlder, h.Serial, t.MinSerial)
	}
	return nil
}

// Documents hands out the documents in the bundle's order. It may be called
// more than once. An error comes as the last pair and wraps ErrForged unless
// reading failed. The body is hashed again on the way, so a file that was
// changed since OpenBundle ends with an error; a caller keeps nothing until
// the end is reached without one.
func (b *Bundle) Documents() iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		if err := b.each(func(d Document) bool { return yield(d, nil) }); err != nil && err != errStop {
			yield(Document{}, err)
		}
	}
}

var errStop = errors.New("civic: the caller stopped")

func (b *Bundle) each(yield func(Document) bool) error {
	w := &walk{header: b.Header, order: newOrder(b.Header)}
	w.packed = &tap{r: io.NewSectionReader(b.body, headBytes, b.Header.BodyBytes), sha: sha256.New()}
	err := w.start()
	for err == nil {
		var d Document
		if d, err = w.next(); err == nil && !yield(d) {
			return errStop
		}
	}
	if err == io.EOF {
		err = w.end()
	}
	switch {
	case w.packed.err != nil:
		return fmt.Errorf("reading a bundle: %w", w.packed.err) // the medium is to blame, not the bundle
	case err != nil:
		return fmt.Errorf("%w: %v", ErrForged, err)
	}
	return nil
}

// walk reads a body once, from the packed bytes up to the documents.
type walk struct {
	header   BundleHeader
	packed   *tap
	buffered *bufio.Reader // of packed
	lines    *bufio.Reader // of what it unpacks to
	line     []byte
	plain    int64 // bytes unpacked so far
	order    *order
}

func (w *walk) start() error {
	w.buffered = bufio.NewReaderSize(w.packed, 64<<10)
	unzip, err := gzip.NewReader(w.buffered)
	if err != nil {
		return unexpected(err)
	}
	unzip.Multistream(false)
	w.lines = bufio.NewReaderSize(io.LimitReader(unzip, w.header.PlainBytes+1), 64<<10)
	return nil
}

// next returns the next document, or io.EOF after the last.
func (w *walk) next() (d Document, err error) {
	if w.line, err = readLine(w.lines, w.line[:0]); err != nil {
		return d, err
	}
	if w.plain += int64(len(w.line)) + 1; w.plain > w.header.PlainBytes {
		return d, errors.New("it is longer than the header says")
	}
	if err := strictJSON(w.line, &d); err != nil {
		return d, unexpected(err)
	}
	return d, w.order.next(d)
}

// end checks what is known only when all was read.
func (w *walk) end() error {
	if err := w.order.end(); err != nil {
		return err
	}
	if w.plain != w.header.PlainBytes || w.order.counts != w.header.Counts {
		return errors.New("the counts of the header are wrong")
	}
	if n, err := io.Copy(io.Discard, w.buffered); err != nil || n > 0 {
		return errors.Join(err, errors.New("more bytes follow the body"))
	}
	if BodyHash(w.packed.sha.Sum(nil)) != w.header.BodySHA256 {
		return errors.New("the file was changed while it was read")
	}
	return nil
}

// unexpected keeps an io.EOF of a layer below from looking like the end.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// readLine appends the next line to buf, without its newline. A last line
// without one is an error.
func readLine(r *bufio.Reader, buf []byte) ([]byte, error) {
	for {
		part, err := r.ReadSlice('\n')
		buf = append(buf, part...)
		switch {
		case len(buf) > maxDocumentBytes:
			return nil, fmt.Errorf("a document is longer than %d bytes", maxDocumentBytes)
		case err == nil:
			return buf[:len(buf)-1], nil
		case err == io.EOF && len(buf) > 0:
			return nil, io.ErrUnexpectedEOF
		case err != bufio.ErrBufferFull:
			return nil, err
		}
	}
}

// strictJSON decodes what json.Marshal writes for the value, and nothing else:
// no unknown field, no field twice, no other spelling.
func strictJSON(line []byte, v any) error {
	if err := json.Unmarshal(line, v); err != nil {
		return err
	}
	again, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, line) {
		return errors.New("a document has fields or spellings that this program does not know")
	}
	return nil
}

// tap hashes what is read and remembers the medium's error.
type tap struct {
	r   io.Reader
	sha hash.Hash
	err error
}

func (t *tap) Read(b []byte) (int, error) {
	n, err := t.r.Read(b)
	t.sha.Write(b[:n])
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}
