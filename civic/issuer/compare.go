package issuer

import (
	"context"
	"errors"
	"iter"

	"yizhan/civic"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// Book is what lists are compared with where the register is no bundle: at a
// center, whose people and documents lie in a database.
type Book struct {
	Secret    []byte                           // 32 bytes, from which the keys are made that persons are known by
	Station   civic.Station                    // its policy counts hours, its key hashes phones, its name stands on cards
	People    iter.Seq2[Known, error]          // everybody
	Documents iter.Seq2[civic.Document, error] // the staff, goods and pictures of the place that the lists are for
}

// Known is a person of a book.
type Known struct {
	ID      ledger.ID
	Name    string
	Keys    []civic.KeyHash
	Points  ledger.Points // total that lists have granted so far
	Minutes int64         // total that lists have told so far
	HasCard bool
	Locked  bool // whoever imports may not change them: their rows are rejected
}

// Lists are lists that were read and compared with a book. Nothing is written but
// the rejected rows.
type Lists struct {
	Files []*File
	run   *run
}

// ErrNewCards means that lost cards cannot be replaced along with a list here.
var ErrNewCards = errors.New("issuer: lost cards are replaced one by one, not along with a list")

// Compare reads the lists of the options and compares them with a book. Kiosk,
// Epoch, Out and Printed have no meaning. It answers ErrNothingTaken together with
// the lists when one was refused: nothing of any may be written then.
func Compare(ctx context.Context, b Book, o Options) (*Lists, error) {
	if len(o.NewCards) > 0 {
		return nil, ErrNewCards
	}
	reg := newRegister()
	for k, err := range b.People {
		if err != nil {
			return nil, err
		}
		reg.addPerson(known{id: k.ID, name: hashName(k.Name), granted: k.Points, minutes: k.Minutes, hasCard: k.HasCard, locked: k.Locked, stand: len(k.Keys) == 0 && k.Name == "?"}, k.Keys)
	}
	for d, err := range b.Documents {
		if err != nil {
			return nil, err
		}
		reg.add(d)
	}
	r := newRun(o, identityOf(b.Secret), reg)
	r.station = b.Station
	lists := &Lists{run: r}
	return lists, r.read(ctx, &lists.Files)
}

// File is what became of the list of a kind; nil: none was given.
func (l *Lists) File(kind string) *File { return l.run.files[kind] }

// Documents hands out staff, goods and the pictures that are new, those unchanged
// among them. Their versions mean nothing.
func (l *Lists) Documents() iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		for i := range l.run.staff {
			if !yield(civic.Document{Staff: &l.run.staff[i]}, nil) {
				return
			}
		}
		for _, p := range l.run.pictures {
			doc, err := p.load(l.run.serial)
			if !yield(civic.Document{Picture: &doc}, err) || err != nil {
				return
			}
		}
		for i := range l.run.goods {
			if !yield(civic.Document{Good: &l.run.goods[i]}, nil) {
				return
			}
		}
	}
}

// StaffCards are the new cards of staff, with their PINs.
func (l *Lists) StaffCards() []PrintedCard { return l.run.cards }

// Rows hands out the rows of the roster that were taken.
func (l *Lists) Rows() iter.Seq[Row] {
	return func(yield func(Row) bool) {
		for i := range l.run.roster.people {
			if !yield(Row{l.run, &l.run.roster.people[i]}) {
				return
			}
		}
	}
}

// Row is a row of the roster that was taken.
type Row struct {
	run    *run
	person *person
}

// ID is the person's; somebody new gets the same one whenever the list is read.
func (r Row) ID() ledger.ID { return r.person.id }

// Describe says of a person what the row says; what it leaves open stays.
func (r Row) Describe(v civic.Volunteer) civic.Volunteer { return r.person.describe(v) }

// Profile is what the row says besides.
func (r Row) Profile() (p civic.Profile) {
	if r.person.profile != nil {
		p = *r.person.profile
	}
	return p
}

// Sealed are the row's id card and phone numbers as [Options].Seal made them; nil: it
// has neither.
func (r Row) Sealed() []byte { return r.person.sealed }

// Before are the totals that the row was compared with.
func (r Row) Before() (points ledger.Points, minutes int64) {
	if r.person.known < 0 {
		return 0, 0
	}
	k := r.run.register.people[r.person.known]
	return k.granted, k.minutes
}

// Earned is what the row adds to the points; none: it adds nothing.
func (r Row) Earned() civic.Earning {
	if r.person.add == 0 {
		return civic.Earning{}
	}
	return r.person.earning(r.run.today)
}

// Minutes is the total that the row tells; 0: it tells none.
func (r Row) Minutes() int64 { return r.person.minutes }

// Card is the person's new card, if there is one.
func (r Row) Card() (card PrintedCard, ok bool) {
	return PrintedCard{Secret: r.person.secret, Name: r.person.name, Number: r.person.number}, r.person.card
}

// Changed tells whether the staff and goods are others than before.
func (l *Lists) Changed() bool { return l.run.changed }

// Cardless is how many of the staff still have no card.
func (l *Lists) Cardless() int { return l.run.cardless }

// Roster counts the rows of the roster that were written.
func (l *Lists) Roster(isNew, changed bool) { l.run.count(sheet.KindRoster, isNew, changed) }

// Cardless tells whether the person has no card, and gets none.
func (r Row) Cardless() bool {
	return !r.person.card && (r.person.known < 0 || !r.run.register.people[r.person.known].hasCard)
}
