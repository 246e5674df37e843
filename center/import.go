package center

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/ledger"
)

// Import takes in the lists that an office keeps: the same spreadsheets that
// bundles of kiosks that stand alone are made from, by the same rules. Totals
// merge by maximum, so the same list again changes nothing, and an import that was
// broken off is simply done again.
type Import struct {
	Town     string // scope in which the volunteers of the roster live
	Home     string // kiosk that their points go to; "": they stay at the center
	Scope    string // kiosk or scope that the goods and the staff belong to; "": Home
	Roster   string // paths of the lists; "": none
	Goods    string
	Staff    string
	Pictures string // a folder of pictures, named by the code or name of a good
	Cards    string // where the sheet of new cards goes; without it nobody gets one
	Rejected string // where the rows that were left out go
	DryRun   bool   // look only
	BuiltIn  func(picture string) bool
	Printed  func(issuer.PrintedCard) // called with each new card; nil: not
	Progress func(done int)           // called with the volunteers that are in so far; nil: not

	Stay   bool                         // volunteers who are known keep town and home
	Job    string                       // under which it can be undone; "": it cannot
	Locked func(town, home string) bool // volunteers whose rows are rejected; nil: nobody
	safe   safe
}

// Imported is what became of the lists.
type Imported struct {
	Files     []*issuer.File
	Cards     int
	CardsFile string // the sheet that they are on, if there is one
	Cardless  int    // persons of the lists who still have no card
}

// Import reads the lists and writes what is new. When a list is refused it answers
// issuer.ErrNothingTaken and writes nothing. When ctx ends, the volunteers in hand
// are finished first; those who are in have their cards on the sheet.
func (o Office) Import(ctx context.Context, in Import) (out Imported, err error) {
	run, err := o.compare(ctx, in, &out)
	if run == nil {
		return out, err
	}
	defer run.sheet.Abort()
	return out, errors.Join(err, run.write(ctx))
}

// compare reads the lists and finds what they say that is new. Beside
// issuer.ErrNothingTaken there is a run too, which writes nothing.
func (o Office) compare(ctx context.Context, in Import, out *Imported) (*importing, error) {
	station, kiosk, err := o.place(ctx, &in)
	if err != nil {
		return nil, err
	}
	if in.safe, err = openSafe(o.Keys); err != nil {
		return nil, err
	}
	now := o.Now().In(o.Store.Zone()) // a day begins where the center is
	lists, err := issuer.Compare(ctx, issuer.Book{Secret: o.Keys.Signer.Seed(), Station: station, People: o.people(ctx, in.Locked),
		Documents: o.documents(ctx, in.Scope)}, issuer.Options{Roster: in.Roster, Goods: in.Goods, Staff: in.Staff,
		Pictures: in.Pictures, Cards: in.Cards, Rejected: in.Rejected, BuiltIn: in.BuiltIn, Now: now, Random: o.Random, NoStock: !kiosk,
		Seal: func(id ledger.ID, idNumber, phone string) []byte { return in.safe.seal(id, numbers{idNumber, phone}) }})
	if err != nil && !errors.Is(err, issuer.ErrNothingTaken) {
		return nil, err
	}
	out.Files, in.DryRun = lists.Files, in.DryRun || err != nil
	return &importing{Office: o, Import: in, lists: lists, out: out,
		sheet: issuer.NewCardSheet(in.Cards, now.Format("20060102-150405"), station)}, err
}

// place looks up where the lists belong: the scopes must be there before people
// and goods are put into them.
func (o Office) place(ctx context.Context, in *Import) (station civic.Station, kiosk bool, err error) {
	if in.Scope == "" {
		in.Scope = in.Home
	}
	if in.Scope == "" && in.Goods+in.Staff != "" {
		return station, false, errors.New("center: goods and staff belong to a kiosk or a scope, and none is named")
	}
	if in.Roster != "" {
		if _, err := o.Store.Scopes(ctx, in.Town); err != nil || in.Town == "" {
			return station, false, fmt.Errorf("looking for the town %q: %w", in.Town, errors.Join(err, store.ErrUnknown))
		}
	}
	for _, id := range []string{in.Home, in.Scope} {
		if id == "" {
			continue
		}
		if _, _, err := o.Store.Kiosk(ctx, id); err == nil {
			kiosk = id == in.Scope
			continue
		} else if !errors.Is(err, store.ErrUnknown) || id == in.Home {
			return station, false, fmt.Errorf("looking for the kiosk %s: %w", id, err)
		}
		if _, err := o.Store.Scopes(ctx, id); err != nil {
			return station, false, fmt.Errorf("looking for the scope %q: %w", id, err)
		}
	}
	if station, err = o.station(ctx, in.Home); err != nil {
		return station, false, err
	}
	station.PhoneKey = o.Keys.Phone
	return station, kiosk, o.rules(ctx, *in, &station)
}

// rules makes the station's rules those in force today for the volunteers of a
// roster: where they are at home, else in their town.
func (o Office) rules(ctx context.Context, in Import, station *civic.Station) error {
	at := cmp.Or(in.Home, in.Town)
	if at == "" {
		return nil
	}
	policy, rule, err := o.Store.PolicyOn(ctx, at, o.Store.Today())
	if err != nil {
		return err
	}
	if rule != "" || station.Rule != "" {
		station.Policy = policy
	}
	station.Rule = rule
	return nil
}

// people is everybody, as lists are compared with them.
func (o Office) people(ctx context.Context, locked func(town, home string) bool) iter.Seq2[issuer.Known, error] {
	return func(yield func(issuer.Known, error) bool) {
		for r, err := range o.Store.People(ctx) {
			if !yield(issuer.Known{ID: r.ID, Name: r.Name, Keys: r.Keys, Points: r.Listed.Points, Minutes: r.Listed.Minutes,
				HasCard: len(r.Cards) > 0, Locked: locked != nil && locked(r.Town, r.Home)}, err) {
				return
			}
		}
	}
}

// documents is the staff, goods and pictures that stand in a scope.
func (o Office) documents(ctx context.Context, scope string) iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		if scope == "" {
			return
		}
		for _, kind := range []string{store.KindStaff, store.KindGood, store.KindPicture} {
			for d, err := range eachDocument(ctx, o.Store, scope, kind) {
				if d.Gone == nil && !yield(d, err) {
					return
				}
			}
		}
	}
}

// importing is one import.
type importing struct {
	Office
	Import
	lists *issuer.Lists
	sheet *issuer.CardSheet
	out   *Imported
}

// write brings everything in. Cards come first: a card that nobody knows does no
// harm, a volunteer whose card is lost does.
func (r *importing) write(ctx context.Context) error {
	r.out.Cardless = r.lists.Cardless()
	err := r.writeDocuments(ctx)
	if err == nil {
		err = r.writeRoster(ctx)
	}
	if r.DryRun {
		return err
	}
	path, failed := r.sheet.Commit()
	r.out.CardsFile = path
	return errors.Join(err, failed)
}

func (r *importing) writeDocuments(ctx context.Context) error {
	for _, card := range r.lists.StaffCards() {
		if err := r.addCard(card); err != nil {
			return err
		}
	}
	if r.DryRun {
		return nil
	}
	if err := r.sheet.Flush(); err != nil {
		return err
	}
	var batch []civic.Document
	put := func() error {
		err := r.Store.PutDocuments(ctx, r.Scope, batch...)
		batch = batch[:0]
		return err
	}
	for d, err := range r.lists.Documents() {
		if err != nil {
			return err
		}
		if batch = append(batch, d); len(batch) == picturesAtOnce {
			if err := put(); err != nil {
				return err
			}
		}
	}
	return put()
}

// writeRoster admits the volunteers, some hundreds at a time. Those are finished
// even when ctx ends.
func (r *importing) writeRoster(ctx context.Context) error {
	done := 0
	for rows := range pagesOf(r.lists.Rows(), store.MaxAdmissions) {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("the import was broken off after %d volunteers; the same list again goes on from there: %w", done, err)
		}
		if err := r.admit(context.WithoutCancel(ctx), rows); err != nil {
			return err
		}
		if done += len(rows); r.Progress != nil {
			r.Progress(done)
		}
	}
	return nil
}

func (r *importing) admit(ctx context.Context, rows []issuer.Row) error {
	list := make([]store.Admission, len(rows))
	for i, row := range rows {
		list[i] = r.admission(row)
		if row.Cardless() {
			r.out.Cardless++
		}
		if card, ok := row.Card(); ok {
			if err := r.addCard(card); err != nil {
				return err
			}
		}
	}
	if !r.DryRun {
		if err := r.sheet.Flush(); err != nil {
			return err
		}
	}
	outcomes, err := r.Store.Admit(ctx, list, r.DryRun)
	for _, o := range outcomes {
		r.lists.Roster(o == store.AdmittedNew, o == store.AdmittedChanged)
	}
	return err
}

func (r *importing) admission(row issuer.Row) store.Admission {
	points, minutes := row.Before()
	a := store.Admission{ID: row.ID(), Town: r.Town, Home: r.Home, Earned: row.Earned(),
		Before: store.Listed{Points: points, Minutes: minutes}}
	a.After = store.Listed{Points: points + a.Earned.Points, Minutes: max(minutes, row.Minutes())}
	a.Change, a.Stay, a.Job = row.Describe, r.Stay, r.Job
	profile, sealed, id := row.Profile(), row.Sealed(), a.ID
	a.More = func(p store.Person) store.Person {
		p.Profile = p.Profile.Merge(profile)
		p.Sealed = r.safe.merge(id, p.Sealed, sealed)
		return p
	}
	return a
}

func (r *importing) addCard(card issuer.PrintedCard) error {
	r.out.Cards++
	if r.DryRun {
		return nil
	}
	if r.Printed != nil {
		r.Printed(card)
	}
	return r.sheet.Add(card)
}

// pagesOf collects what comes one by one into pages.
func pagesOf[T any](seq iter.Seq[T], size int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		page := make([]T, 0, size)
		for v := range seq {
			if page = append(page, v); len(page) == size {
				if !yield(page) {
					return
				}
				page = page[:0]
			}
		}
		if len(page) > 0 {
			yield(page)
		}
	}
}

// LeftOut is how many rows were not taken.
func (i Imported) LeftOut() (rows int) {
	for _, f := range i.Files {
		rows += len(f.Rejected)
	}
	return rows
}
