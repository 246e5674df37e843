package issuer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yizhan/civic"
	"yizhan/civic/sheet"
	"yizhan/civic/wholefile"
	"yizhan/ledger"
)

// Options say what to make. Paths that are empty are not read or written.
type Options struct {
	Kiosk    string
	Epoch    uint32                    // of the kiosk's chain; 0: the one before, or 1
	Station  civic.Station             // from ReadStation; kiosk, version and keys are filled in here
	Roster   string                    // a list of volunteers
	Goods    string                    // a list of goods
	Staff    string                    // a list of staff
	Pictures string                    // a folder of pictures, named by the code or name of a good
	Out      string                    // where the bundle goes
	Cards    string                    // a printable sheet of the new cards, HTML, never an old one's place; without it nobody gets one
	Rejected string                    // the rows that were left out, as a spreadsheet
	NewCards []string                  // numbers of persons whose card was lost
	BuiltIn  func(picture string) bool // tells the pictures that every kiosk has; nil: none
	Printed  func(PrintedCard)         // called with each card of the sheet once that is written; nil: not
	Now      time.Time
	Random   io.Reader
	DryRun   bool // look only: nothing but Rejected is written
	// Seal makes something of the numbers of a person, each of which may be "", that only
	// the center can read; nil: they are forgotten.
	Seal    func(id ledger.ID, idNumber, phone string) []byte
	NoStock bool // the goods are offered at several kiosks, where nobody counts pieces together: 库存 is left out
}

// Errors of Make. They come with a Result that tells the rest.
var (
	ErrNothingTaken  = errors.New("issuer: a list was refused, or none of its rows could be taken; nothing was written")
	ErrUnknownPerson = errors.New("issuer: a number for a new card belongs to nobody in the register")
)

// Result is what became of the lists.
type Result struct {
	Files     []*File
	Header    civic.BundleHeader // of the bundle that now stands for the kiosk
	Unchanged bool               // the lists said nothing new
	Cards     int                // new cards
	CardsFile string             // the sheet that they are on, if one was written
	Cardless  int                // persons of the lists who still have no card
}

// File is what became of one list. Rows are counted; Rejected lists those left out.
type File struct {
	File     string            `json:"file"`
	Kind     string            `json:"kind"`
	Refused  *sheet.Error      `json:"refused"` // why the file could not be read as a list at all; null: it could
	Accepted int               `json:"accepted"`
	New      int               `json:"new"`
	Changed  int               `json:"changed"`
	Same     int               `json:"same"`
	Rejected []sheet.Rejection `json:"rejected"`
	Notices  []sheet.Notice    `json:"-"`
	Left     int               `json:"-"` // goods and staff that the list names no more, which were withdrawn
}

// run is one making of a bundle.
type run struct {
	Options
	issuer    *Issuer
	identity  identity
	register  *register
	rejected  rejectedFile
	late      []sheet.Rejection // not yet in rejected
	station   civic.Station
	serial    uint64
	today     ledger.Day
	wantCards bool
	changed   bool // the next bundle differs from the last

	roster    roster
	staff     []civic.Staff
	goods     []civic.Good
	pictures  []picture
	cards     []PrintedCard      // of staff, and of persons who are not in the roster
	lost      map[ledger.ID]bool // staff whose cards are to be replaced
	cardless  int
	cardsFile string
	files     map[string]*File
}

// Make reads the lists, compares them with what was issued and writes the next
// bundle. When a list is refused it answers ErrNothingTaken and writes nothing.
func (i *Issuer) Make(ctx context.Context, o Options) (Result, error) {
	if !ledger.ValidKiosk(o.Kiosk) {
		return Result{}, fmt.Errorf("issuer: %q is not a kiosk's name: 1 to 16 of A-Z 0-9 -", o.Kiosk)
	}
	if len(o.NewCards) > 0 && o.Cards == "" {
		return Result{}, errors.New("issuer: a new card needs a card sheet to be printed on")
	}
	reg, err := i.openRegister(o.Kiosk, o.Epoch)
	if err != nil {
		return Result{}, err
	}
	defer reg.close()
	r := newRun(o, i.identity(), reg)
	r.issuer = i
	r.setStation()
	return r.make(ctx)
}

func newRun(o Options, id identity, reg *register) *run {
	r := &run{Options: o, identity: id, register: reg, serial: reg.serial() + 1, today: ledger.DayOf(o.Now),
		rejected: rejectedFile{path: o.Rejected}, wantCards: o.Cards != "", lost: map[ledger.ID]bool{}, files: map[string]*File{}}
	r.roster.run = r
	for _, k := range reg.people {
		if !k.stand {
			r.identity.taken[k.id] = true
		}
	}
	return r
}

func (r *run) make(ctx context.Context) (Result, error) {
	var result Result
	if err := r.loseCards(); err != nil {
		return result, err
	}
	refused := r.read(ctx, &result.Files)
	if errors.Is(refused, ErrNothingTaken) {
		r.DryRun = true // the other lists are counted all the same
	} else if refused != nil {
		return result, refused
	}
	header, err := r.write(ctx)
	if err != nil {
		return result, err
	}
	result.Header, result.Unchanged, result.Cardless = header, !r.changed, r.cardless
	result.CardsFile = r.cardsFile
	for range r.newCards() {
		result.Cards++
	}
	return result, refused
}

// setStation completes the station's document.
func (r *run) setStation() {
	s := r.Station
	s.Kiosk, s.PhoneKey, s.Version = r.Kiosk, r.issuer.derive("phones "+r.Kiosk), r.register.station.Version
	if !sameJSON(s, r.register.station) {
		s.Version, r.changed = r.serial, true
	}
	r.changed = r.changed || r.register.fresh
	r.station = s
}

// loseCards marks the persons whose cards are to be replaced.
func (r *run) loseCards() error {
	if len(r.NewCards) > maxNewCards {
		return fmt.Errorf("issuer: at most %d new cards in one run", maxNewCards)
	}
	for _, number := range r.NewCards {
		number = strings.ToUpper(strings.TrimSpace(number)) // as the lists are read
		at := max(r.register.find(r.identity.numberKey(number), true), r.register.find(r.identity.idKey(number), true))
		key := r.identity.staffKey(number, "")
		staff := slices.IndexFunc(r.register.staff, func(s civic.Staff) bool { return slices.Contains(s.Keys, key) })
		switch {
		case at >= 0:
			r.register.people[at].renew = true
		case staff >= 0:
			r.lost[r.register.staff[staff].ID] = true
		default:
			return fmt.Errorf("%w: %s", ErrUnknownPerson, maskNumber(number))
		}
	}
	return nil
}

// maskNumber shows the end of a number, which may be an ID-card number.
func maskNumber(number string) string {
	if len(number) <= 4 {
		return number
	}
	return "…" + number[len(number)-4:]
}

// read reads every list that is given.
func (r *run) read(ctx context.Context, files *[]*File) (err error) {
	defer func() { err = errors.Join(err, r.rejected.close()) }()
	for _, list := range []struct {
		kind, path string
		read       func(context.Context, string, *File) error
	}{
		{sheet.KindRoster, r.Options.Roster, r.roster.read},
		{sheet.KindGoods, r.Options.Goods, r.readGoods},
		{sheet.KindStaff, r.Options.Staff, r.readStaff},
	} {
		if list.path == "" {
			continue
		}
		file := &File{File: filepath.Base(list.path), Kind: list.kind, Rejected: []sheet.Rejection{}}
		*files = append(*files, file)
		r.files[list.kind] = file
		if err := list.read(ctx, list.path, file); err != nil {
			return err
		}
	}
	if err := r.keepStaff(); err != nil {
		return err
	}
	r.keepGoods()
	for _, file := range *files {
		if file.Refused != nil || file.Accepted == 0 {
			return ErrNothingTaken
		}
	}
	return nil
}

// complete tells whether the list was given and every row of it taken, so that
// what it does not name is gone.
func (f *File) complete() bool { return f != nil && f.Refused == nil && len(f.Rejected) == 0 }

// count files a row under new, changed or same.
func (r *run) count(kind string, isNew, changed bool) {
	file := r.files[kind]
	switch {
	case file == nil:
	case isNew:
		file.New++
	case changed:
		file.Changed++
	default:
		file.Same++
	}
	r.changed = r.changed || isNew || changed
}

// write makes the next bundle and puts it, and the cards, in place. The cards
// come first: a card that nobody knows does no harm, a bundle whose cards are
// lost does.
func (r *run) write(ctx context.Context) (civic.BundleHeader, error) {
	h := civic.BundleHeader{Kiosk: r.Kiosk, Epoch: max(r.Epoch, r.register.epoch(), 1), Serial: r.serial, Made: r.Now}
	if r.DryRun {
		return civic.WriteBundle(nowhere{}, h, r.issuer.signer(), r.documents(ctx))
	}
	f, err := wholefile.Create(r.issuer.Register(r.Kiosk), 0o600)
	if err != nil {
		return h, err
	}
	defer f.Abort()
	if h, err = civic.WriteBundle(f, h, r.issuer.signer(), r.documents(ctx)); err != nil {
		return h, err
	}
	if r.changed {
		if err := r.writeCards(); err != nil {
			return h, err
		}
		if err := f.Commit(); err != nil {
			return h, err
		}
	} else {
		h = r.register.bundle.Header
	}
	if r.Out != "" && !sameFile(f.Place(), r.Out) {
		return h, copyFile(f.Place(), r.Out)
	}
	return h, nil
}

func dayOf(d sheet.Date) ledger.Day {
	return ledger.DayOf(time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC))
}

func byID[T any](id func(T) ledger.ID) func(a, b T) int {
	return func(a, b T) int {
		x, y := id(a), id(b)
		return cmp.Compare(string(x[:]), string(y[:]))
	}
}
