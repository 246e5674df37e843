package issuer

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"

	"yizhan/civic"
	"yizhan/ledger"
)

// register is what was issued to a kiosk so far, read from the last bundle.
// Volunteers are kept small; their documents stay in the file.
type register struct {
	file     *os.File
	bundle   *civic.Bundle // nil: nothing was issued yet
	station  civic.Station
	staff    []civic.Staff
	goods    map[string]civic.Good
	pictures map[string]bool
	people   []known // in the bundle's order
	byKey    map[civic.KeyHash]int32
	fresh    bool // a new epoch: nothing counts as granted or delivered yet
}

// known is a volunteer of the register.
type known struct {
	id      ledger.ID
	name    uint32 // hash of the name
	granted ledger.Points
	minutes int64
	row     int32 // of this roster that named the person first, from 1
	update  int32 // index of that row's record, -1: none
	hasID   bool  // known by an ID-card number
	hasCard bool
	renew   bool // the card was lost
	locked  bool // whoever imports may not change them
	stand   bool // stands in for somebody of whom nothing but the id is known
}

func newRegister() *register {
	return &register{goods: map[string]civic.Good{}, pictures: map[string]bool{}, byKey: map[civic.KeyHash]int32{}}
}

// openRegister reads the last bundle made for a kiosk. No file is an empty
// register. An epoch of 0 stands for the one before, or the first.
func (i *Issuer) openRegister(kiosk string, epoch uint32) (*register, error) {
	r := newRegister()
	f, err := os.Open(i.Register(kiosk))
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	if err := r.load(f, civic.Trust{Kiosk: kiosk, Issuer: i.PublicKey()}, epoch); err != nil {
		f.Close()
		return nil, fmt.Errorf("reading the register %s: %w", f.Name(), err)
	}
	r.file = f
	return r, nil
}

func (r *register) load(f *os.File, trust civic.Trust, epoch uint32) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if r.bundle, err = civic.OpenBundle(f, info.Size(), trust); err != nil {
		return err
	}
	if before := r.bundle.Header.Epoch; epoch != 0 && epoch < before {
		return fmt.Errorf("%w: epoch %d after epoch %d", civic.ErrOlder, epoch, before)
	}
	r.fresh = epoch > r.bundle.Header.Epoch
	for doc, err := range r.bundle.Documents() {
		if err != nil {
			return err
		}
		r.add(doc)
	}
	return nil
}

func (r *register) add(doc civic.Document) {
	switch {
	case doc.Station != nil:
		r.station = *doc.Station
	case doc.Staff != nil:
		r.staff = append(r.staff, *doc.Staff)
	case doc.Good != nil:
		r.goods[doc.Good.Code] = *doc.Good
	case doc.Picture != nil:
		r.pictures[doc.Picture.Name] = true
	case doc.Volunteer != nil:
		r.addVolunteer(doc.Volunteer)
	}
}

func (r *register) addVolunteer(v *civic.Volunteer) {
	k := known{id: v.ID, name: hashName(v.Name), minutes: v.Minutes, hasCard: len(v.Cards) > 0}
	if !r.fresh {
		for _, e := range v.Earned {
			k.granted += e.Points
		}
	}
	r.addPerson(k, v.Keys)
}

func (r *register) addPerson(k known, keys []civic.KeyHash) {
	k.update = -1
	for _, key := range keys {
		r.byKey[key] = int32(len(r.people))
		k.hasID = k.hasID || IsIDKey(key)
	}
	r.people = append(r.people, k)
}

// find looks a person up by a key; -1 is nobody.
func (r *register) find(key civic.KeyHash, given bool) int32 {
	if at, ok := r.byKey[key]; given && ok {
		return at
	}
	return -1
}

func (r *register) serial() uint64 {
	if r.bundle == nil {
		return 0
	}
	return r.bundle.Header.Serial
}

func (r *register) epoch() uint32 {
	if r.bundle == nil {
		return 0
	}
	return r.bundle.Header.Epoch
}

func (r *register) close() {
	if r.file != nil {
		r.file.Close()
	}
}

func hashName(name string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(name))
	return h.Sum32()
}
