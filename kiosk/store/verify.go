package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"yizhan/kiosk/store/journal"
	"yizhan/kiosk/store/seal"
	"yizhan/ledger"
)

// Verify proves a store that no process has open: the pages of the book, the
// seal of every value, the sums of its buckets, the chain of its entries and
// that of the journal, that both tell the same, and the balances, which are
// replayed from the entries against the stored ones. It changes nothing, and
// maps nothing, so damage cannot take it down; its report says what Mend will
// do. A process of its own gives back the memory it takes.
func Verify(ctx context.Context, cfg Config) (Report, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Report{}, err
	}
	r := Report{Kiosk: cfg.Kiosk}
	keys, err := Keys(cfg)
	if err != nil {
		return r, err
	}
	bookSeal, journalSeal, err := keys.sealers()
	if err != nil {
		return r, err
	}
	proof, err := proveBook(ctx, cfg.path(bookFile), bookSeal, cfg.Kiosk)
	if err != nil {
		return r, err
	}
	// A name given wrongly is no damage: mending would begin a new epoch.
	if own := proof.state.Head.Kiosk; proof.haveState && own != cfg.Kiosk {
		return r, fmt.Errorf("%w: of %s, not of %s", ErrOtherKiosk, own, cfg.Kiosk)
	}
	r.Book, r.Rows = proof.FileReport, proof.rows
	if err := cfg.verifyJournal(ctx, journalSeal, proof, &r); err != nil {
		return r, err
	}
	if r.Book.Verdict == VerdictNew && cfg.hasPast() {
		r.Book.Verdict = VerdictMissing
	}
	r.decide()
	return r, nil
}

// hasPast tells whether the folder held a store before.
func (c Config) hasPast() bool {
	for _, name := range []string{snapshotDir, bundleDir, setAsideDir, pastDir} {
		if entries, _ := os.ReadDir(c.path(name)); len(entries) > 0 {
			return true
		}
	}
	return false
}

// verifyJournal proves the journal of the latest epoch and compares its entries
// with the book's.
func (c Config) verifyJournal(ctx context.Context, sealer *seal.Sealer, proof *proof, r *Report) error {
	epoch, err := c.latestEpoch()
	if err != nil {
		return err
	}
	j := &r.Journal
	j.Verdict = VerdictOK
	if epoch == 0 {
		j.Verdict = VerdictNew
		return nil
	}
	if proof.Verdict != VerdictNew && proof.Epoch != 0 && proof.Epoch < epoch {
		r.Book.damage("state", "it is of epoch %d, the journal of %d", proof.Epoch, epoch)
	}
	if proof.Epoch > epoch {
		j.Verdict = VerdictNew // its own segments are still to come, or gone
		return nil
	}
	var found journal.Report
	err = unlocked(func() error {
		found, err = journal.Salvage(c.journal(sealer, epoch), func(seq uint64, entry []byte) error {
			if own := proof.hash(seq); own != (ledger.Hash{}) && own != ledger.HashOf(entry) && proof.Epoch == epoch {
				j.damage("entry", "%d is not the one in the book", seq)
			}
			return ctx.Err()
		})
		return err
	})
	if err != nil {
		return fmt.Errorf("verifying the journal: %w", err)
	}
	j.stand(found.Head)
	j.Bytes = found.Bytes
	for _, d := range found.Damage {
		if d.Kind == journal.Torn {
			j.find(string(d.Kind), "%v", d)
		} else {
			j.damage(string(d.Kind), "%v", d)
		}
	}
	return nil
}

// proof is what one reading of a book shows.
type proof struct {
	FileReport
	rows   int64
	state  state
	found  [buckets]sum
	hashes []ledger.Hash // of the good entries, by number - 1; zero: none
	fold   *shadow
	entry  func(seq uint64, raw []byte) // sees every good entry; may be nil

	sealer    *seal.Sealer
	kiosk     string
	head      ledger.Head
	haveState bool
	loaded    loadedRow
	linkProof
	overspent int // accounts; right only while their documents are not loaded
	ad        []byte
}

func (p *proof) hash(seq uint64) ledger.Hash {
	if seq == 0 || seq > uint64(len(p.hashes)) {
		return ledger.Hash{}
	}
	return p.hashes[seq-1]
}

// proveBook reads a whole book file. A file that is not there is new.
func proveBook(ctx context.Context, path string, sealer *seal.Sealer, kiosk string) (*proof, error) {
	p := newProof(sealer, kiosk)
	return p, p.read(ctx, path)
}

// eachEntry hands out every entry of a book file whose seal is good, in order,
// however damaged the file is.
func eachEntry(ctx context.Context, path string, sealer *seal.Sealer, kiosk string, entry func(seq uint64, raw []byte)) error {
	p := newProof(sealer, kiosk)
	p.entry = entry
	return p.read(ctx, path)
}

func newProof(sealer *seal.Sealer, kiosk string) *proof {
	return &proof{sealer: sealer, kiosk: kiosk, fold: newShadow(),
		linkProof: linkProof{guests: make(map[ledger.ID]bool)}}
}

func (p *proof) read(ctx context.Context, path string) error {
	p.Verdict = VerdictOK
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		p.Verdict = VerdictNew
		return nil
	}
	if err != nil {
		return fmt.Errorf("verifying the book: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("verifying the book: %w", err)
	}
	p.Bytes = info.Size()
	if err := walkPages(&patient{ctx, f}, info.Size(), p.row, func(where, what string) { p.damage(where, "%s", what) }); err != nil {
		p.damage("file", "%v", err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	p.judge()
	return nil
}

// patient stops reading when the context is done.
type patient struct {
	ctx context.Context
	r   io.ReaderAt
}

func (p *patient) ReadAt(b []byte, at int64) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.ReadAt(b, at)
}

// row takes one row of the book.
func (p *proof) row(name string, key, sealed []byte) {
	b, known := bucketNamed(name)
	if !known {
		p.damage("bucket", "%q is none of ours", name)
		return
	}
	p.ad = b.place(p.ad[:0], key)
	plain, err := p.sealer.Open(nil, sealed, p.ad)
	if err != nil {
		p.damage("row", "%v %x: %v", b, key, err)
		return
	}
	p.rows++
	if b != bState {
		p.found[b].replace(nil, sealed)
	}
	switch b {
	case bState:
		if p.state, err = decodeState(plain); err != nil {
			p.damage("state", "%v", err)
		}
		p.haveState = err == nil
	case bEntry:
		p.chain(keySeq(key), plain)
	case bLoaded:
		if err := json.Unmarshal(plain, &p.loaded); err != nil {
			p.damage("loaded", "%v", err)
		}
	case bRight:
		p.checkRight(key, plain)
	case bShelf:
		p.checkShelf(string(key), plain)
	case bArrived:
		p.checkArrival(key, plain)
	case bCheck, bPace, bEnlist, bObjection:
		if err := p.fold.checks.settle(b, key, plain); err != nil {
			p.damage("check", "%v", err)
		}
	case bVolunteer:
		p.volunteerRow(key, plain)
	case bCursor, bGuest, bStale, bGone, bServed, bCalendar, bShift, bAttended:
		p.linkRow(b, key, plain)
	}
}

// chain takes an entry of the book. Entries come in order; after a hole the
// chain goes on from whatever entry is next, so that the rest can be saved.
func (p *proof) chain(seq uint64, raw []byte) {
	next, e, err := p.head.Next(raw)
	if p.head.Seq == 0 && seq == 1 {
		if e, err = ledger.DecodeEntry(raw); err == nil {
			p.head = ledger.Head{Kiosk: p.kiosk, Epoch: e.Epoch}
			next, e, err = p.head.Next(raw)
		}
	}
	if err != nil {
		p.damage("entry", "%d: %v", seq, err)
		if e, err = ledger.DecodeEntry(raw); err != nil || e.Seq != seq {
			return
		}
		next = ledger.Head{Kiosk: e.Kiosk, Epoch: e.Epoch, Seq: e.Seq, Hash: ledger.HashOf(raw)}
	}
	p.head = next
	for uint64(len(p.hashes)) < seq {
		p.hashes = append(p.hashes, ledger.Hash{})
	}
	p.hashes[seq-1] = next.Hash
	if p.entry != nil {
		p.entry(seq, raw)
	}
	if err := p.fold.apply(e); err != nil {
		p.damage("entry", "%d: %v", seq, err)
	}
}

// judge compares what was read with what the state says should be there.
func (p *proof) judge() {
	if !p.haveState {
		p.damage("state", "it is missing")
		p.stand(p.head)
		return
	}
	p.stand(p.state.Head)
	if p.state.Head.Kiosk != p.kiosk {
		p.damage("state", "it is of kiosk %q", p.state.Head.Kiosk)
	}
	if p.state.Head.Seq != p.head.Seq || p.state.Head.Hash != p.head.Hash {
		p.damage("state", "it stands at entry %d, the entries end at %d", p.state.Head.Seq, p.head.Seq)
	}
	for b := range buckets {
		if !p.found[b].equal(p.state.Sums[b]) {
			p.damage("bucket", "%v has %d rows, or old ones; %d were written", b, p.found[b].Rows, p.state.Sums[b].Rows)
		}
	}
	if p.Verdict != VerdictDamaged {
		for _, what := range p.fold.left() {
			p.damage("balance", "%s", what)
		}
		p.judgeLink()
	}
	if p.overspent > 0 && p.state.Open && !p.loaded.Pending {
		// No mending helps: these accounts stay closed until the documents that
		// grant their points are loaded again.
		p.find("balance", "%d accounts have spent more than the documents grant", p.overspent)
	}
}

func bucketNamed(name string) (bucket, bool) {
	for b := range buckets {
		if bucketNames[b] == name {
			return b, true
		}
	}
	return 0, false
}
