package link

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"yizhan/civic"
	"yizhan/ledger"
)

// A journal file carries a kiosk's chain, or the end of one, to a center that no
// network reaches. It is
//
//	yizhan-journal-3                          what it is, and the number of the protocol
//	{"kiosk":...,"last":...,"program":...}    the header, one line of JSON as encoding/json writes it
//	frames                                    each: length(4, big-endian) frame(Entries, as Encode writes it)
//
// The frames hold the entries from the header's first to its last without a gap,
// and nothing follows them. Each is signed by the kiosk where it ends, so the
// frames before a damage are as good as if they had come alone.
const (
	courierKind = "yizhan-journal"
	maxMagic    = len(courierKind) + 7 // a hyphen, five digits, a newline
)

// Reasons why a journal file cannot be read, or not to its end.
var (
	ErrCourier   = errors.New("link: not a journal file, or a damaged one")
	ErrBreaksOff = errors.New("link: the journal file breaks off")
	ErrNoEntries = errors.New("link: the journal has no entries yet")
)

// JournalHeader says what a journal file holds.
type JournalHeader struct {
	Kiosk   string `json:"kiosk"`
	Epoch   uint32 `json:"epoch"`
	Key     Digest `json:"key"`   // Ed25519 public key that signed it
	First   uint64 `json:"first"` // number of the first entry
	Last    Mark   `json:"last"`  // the last entry
	Program string `json:"program"`
}

// Entries is how many entries the file holds.
func (h JournalHeader) Entries() uint64 { return h.Last.Seq - h.First + 1 }

// Public is the key that the file says is the kiosk's.
func (h JournalHeader) Public() ed25519.PublicKey { return h.Key[:] }

func (h JournalHeader) check() error {
	if !ledger.ValidKiosk(h.Kiosk) || h.Epoch == 0 || h.First == 0 || h.Last.Seq < h.First || h.Entries() > MaxCourierEntries {
		return fmt.Errorf("kiosk %q, epoch %d, entries %d to %d", h.Kiosk, h.Epoch, h.First, h.Last.Seq)
	}
	return errors.Join(h.Last.check(), code(h.Program))
}

// WriteJournal writes the entries after a number as a journal file. There is
// always one at least: with none after it, the last one goes once more, so that
// the center hears from the kiosk. A chain without entries answers ErrNoEntries.
func WriteJournal(ctx context.Context, w io.Writer, j Journal, key ed25519.PrivateKey, program string, after uint64) (JournalHeader, error) {
	head, _ := j.Head()
	if head.Seq == 0 {
		return JournalHeader{}, ErrNoEntries
	}
	after = min(after, head.Seq-1)
	h := JournalHeader{Kiosk: head.Kiosk, Epoch: head.Epoch, Key: Digest(key.Public().(ed25519.PublicKey)),
		First: after + 1, Last: MarkOf(head), Program: program}
	if err := h.check(); err != nil {
		return h, fmt.Errorf("writing a journal file: %w", err)
	}
	line, err := json.Marshal(h)
	if err != nil {
		return h, fmt.Errorf("writing a journal file: %w", err)
	}
	out := bufio.NewWriterSize(w, MaxFrameUp)
	out.WriteString(civic.FormatOf(courierKind) + "\n") // a bufio.Writer keeps its first error until Flush
	out.Write(append(line, '\n'))
	for at := after; at < head.Seq; {
		if at, err = writeFrame(ctx, out, j, key, at, head); err != nil {
			return h, err
		}
	}
	if err := out.Flush(); err != nil {
		return h, fmt.Errorf("writing a journal file: %w", err)
	}
	return h, nil
}

// writeFrame writes the next frame and returns the number that it ends at.
func writeFrame(ctx context.Context, out *bufio.Writer, j Journal, key ed25519.PrivateKey, after uint64, head ledger.Head) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return after, err
	}
	entries, err := j.Since(ctx, after, int(min(MaxEntries, head.Seq-after)), MaxEntriesBytes)
	if err == nil && len(entries) == 0 {
		err = errors.New("nothing is there")
	}
	if err != nil {
		return after, fmt.Errorf("reading the journal after %d: %w", after, err)
	}
	head.Seq, head.Hash = after+uint64(len(entries)), ledger.HashOf(entries[len(entries)-1])
	frame, err := Encode(Entries{after + 1, head.Sign(key), entries})
	if err != nil {
		return after, err
	}
	out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(frame))))
	if _, err := out.Write(frame); err != nil {
		return after, fmt.Errorf("writing a journal file: %w", err)
	}
	return head.Seq, nil
}

// JournalFile is a journal file whose header has been read.
type JournalFile struct {
	Header JournalHeader
	r      *bufio.Reader
}

// ReadJournal reads the header of a journal file. It answers ErrCourier,
// ErrBreaksOff, civic.ErrNewer, or an error of r.
func ReadJournal(r io.Reader) (*JournalFile, error) {
	f := &JournalFile{r: bufio.NewReaderSize(r, 64<<10)}
	if err := f.magic(); err != nil {
		return nil, err
	}
	line, err := f.r.ReadSlice('\n')
	if err != nil && err != bufio.ErrBufferFull {
		return nil, readError(err)
	}
	if err != nil || len(line) > maxCourierHeader {
		return nil, fmt.Errorf("%w: a header without an end", ErrCourier)
	}
	line = line[:len(line)-1]
	if err := json.Unmarshal(line, &f.Header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCourier, err)
	}
	if again, err := json.Marshal(f.Header); err != nil || !bytes.Equal(again, line) {
		return nil, fmt.Errorf("%w: not the fields of a header as they are written", ErrCourier)
	}
	if err := f.Header.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCourier, err)
	}
	return f, nil
}

// magic reads the first line. A file may break off within it.
func (f *JournalFile) magic() error {
	line, err := f.r.ReadSlice('\n')
	if len(line) > maxMagic || err == bufio.ErrBufferFull {
		return fmt.Errorf("%w: it begins otherwise", ErrCourier)
	}
	if err != nil {
		return readError(err)
	}
	err = civic.CanRead(string(line[:len(line)-1]), courierKind)
	if err != nil && !errors.Is(err, civic.ErrNewer) {
		err = fmt.Errorf("%w: %w", ErrCourier, err)
	}
	return err
}

// readError tells a file that breaks off from a medium that cannot be read.
func readError(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return ErrBreaksOff
	}
	return fmt.Errorf("reading a journal file: %w", err)
}

// Frames hands out the file's entries, a signed stretch at a time. Each is whole,
// follows the one before, and is signed by the header's key; whether that is the
// kiosk's, and whether the center's chain leads there, the caller sees. An error
// comes as the last pair: what came before it stands.
func (f *JournalFile) Frames() iter.Seq2[Entries, error] {
	return func(yield func(Entries, error) bool) {
		head := ledger.Head{Kiosk: f.Header.Kiosk, Epoch: f.Header.Epoch, Seq: f.Header.First - 1}
		for head.Seq < f.Header.Last.Seq {
			e, next, err := f.frame(head)
			if !yield(e, err) || err != nil {
				return
			}
			head = next
		}
		if err := f.end(head); err != nil {
			yield(Entries{}, err)
		}
	}
}

// frame reads the stretch after head. The first one of a file brings its own past.
func (f *JournalFile) frame(head ledger.Head) (e Entries, next ledger.Head, err error) {
	var length [4]byte
	if _, err := io.ReadFull(f.r, length[:]); err != nil {
		return e, head, readError(err)
	}
	size := binary.BigEndian.Uint32(length[:])
	if size > MaxFrameUp {
		return e, head, fmt.Errorf("%w: a frame of %d bytes after entry %d", ErrCourier, size, head.Seq)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(f.r, b); err != nil {
		return e, head, readError(err)
	}
	frame, err := Decode(b)
	if err != nil {
		return e, head, fmt.Errorf("%w: after entry %d: %w", ErrCourier, head.Seq, err)
	}
	e, ok := frame.(Entries)
	if !ok || e.First != head.Seq+1 {
		return Entries{}, head, fmt.Errorf("%w: another frame than the entries after %d", ErrCourier, head.Seq)
	}
	if e.First == f.Header.First && e.First > 1 {
		first, err := ledger.DecodeEntry(e.Entries[0])
		if err != nil {
			return Entries{}, head, fmt.Errorf("%w: entry %d: %w", ErrCourier, e.First, err)
		}
		head.Hash = first.Prev
	}
	if next, err = follow(head, f.Header.Public(), e.Signature, e.Entries); err != nil {
		// Whatever is wrong here is wrong with the file: no chain is judged by it.
		return Entries{}, head, fmt.Errorf("%w: %v", ErrCourier, err)
	}
	return e, next, nil
}

// end holds the file against its header.
func (f *JournalFile) end(head ledger.Head) error {
	if MarkOf(head) != f.Header.Last {
		return fmt.Errorf("%w: it ends at entry %d, or at another one than its header says", ErrCourier, head.Seq)
	}
	switch _, err := f.r.ReadByte(); {
	case err == nil:
		return fmt.Errorf("%w: more bytes follow entry %d", ErrCourier, head.Seq)
	case err != io.EOF:
		return readError(err)
	}
	return nil
}

// TakeJournal takes a file in, stretch by stretch, each as Take does. It returns
// the chain's head before and after: when it fails, what was taken in before
// stands. The caller has seen that the header's key is the chain's.
//
// A Quarantine error is a proof against the chain when its reason is ReasonFork,
// for the kiosk has signed both; a ReasonGap says that another file must come first.
func TakeJournal(ctx context.Context, chains Chains, f *JournalFile) (before, after ledger.Head, err error) {
	h := f.Header
	if before, err = chains.Head(ctx, h.Kiosk, h.Epoch); err != nil {
		return before, before, fmt.Errorf("reading the head of %s: %w", h.Kiosk, err)
	}
	after = before
	for e, err := range f.Frames() {
		if err != nil {
			return before, after, err
		}
		head, err := Take(ctx, chains, h.Kiosk, h.Epoch, h.Public(), e)
		if err != nil {
			return before, after, err
		}
		after = head
	}
	return before, after, nil
}

// Comparison is how a journal file and the center's chain lie to each other.
type Comparison struct {
	Center  ledger.Head // of the chain as the center has it
	Shared  uint64      // entries of the file that the center has too
	Differs uint64      // the first entry that is another one there; 0: none
}

// CompareJournal holds every entry of a file against the center's chain. It
// changes nothing.
func CompareJournal(ctx context.Context, chains Chains, f *JournalFile) (c Comparison, err error) {
	if c.Center, err = chains.Head(ctx, f.Header.Kiosk, f.Header.Epoch); err != nil {
		return c, fmt.Errorf("reading the head of %s: %w", f.Header.Kiosk, err)
	}
	for e, err := range f.Frames() {
		if err != nil {
			return c, err
		}
		for i, raw := range e.Entries {
			seq := e.First + uint64(i)
			if seq > c.Center.Seq || c.Differs > 0 {
				break // the rest is read, and so checked, all the same
			}
			have, err := chains.Hash(ctx, f.Header.Kiosk, f.Header.Epoch, seq)
			if err != nil {
				return c, fmt.Errorf("reading entry %d: %w", seq, err)
			}
			if have != ledger.HashOf(raw) {
				c.Differs = seq
				break
			}
			c.Shared++
		}
	}
	return c, nil
}
