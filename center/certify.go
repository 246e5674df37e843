package center

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
	"yizhan/link"
)

// registrar issues certificates of service that volunteers ask kiosks for. It is a
// link.Registrar, by the rules of the console: the record is the same, and the kiosk
// must be one of the volunteer's place, as an officer must.
type registrar struct {
	store   *store.Store
	address string // where phones find this center; "": nobody has said
	zone    *time.Location
	now     func() time.Time
	random  io.Reader
	kiosks  *limiter
}

// atKiosk is who has issued a certificate at a kiosk. No officer can be called so.
const atKiosk = "@"

func newRegistrar(cfg Config) *registrar {
	return &registrar{store: cfg.Store, address: phonesOf(cfg), zone: zoneOr(cfg.Zone), now: cfg.Now, random: cfg.Random,
		kiosks: limitTo(cfg.Now, certifyBurst, certifyEvery)}
}

// phonesOf is the address under which phones find a center; "": nobody has said.
func phonesOf(cfg Config) string {
	at := cmp.Or(cfg.Phones, cfg.Address)
	if at == "" {
		return ""
	}
	return overTLS(at)
}

// Certify issues a certificate of what somebody's record says now, or finds the one of
// today that says the same.
func (r *registrar) Certify(ctx context.Context, kiosk string, volunteer ledger.ID) (said link.Certificate, outcome link.Outcome, err error) {
	person, outcome, err := r.whose(ctx, kiosk, volunteer)
	if err != nil || outcome != link.OutcomeOK {
		return said, outcome, err
	}
	if !r.kiosks.allow(kiosk) {
		return said, link.OutcomeLimit, nil
	}
	record, err := serviceRecordOf(ctx, r.store, person)
	if err != nil {
		return said, "", err
	}
	body, err := json.Marshal(record)
	if err != nil {
		return said, "", fmt.Errorf("writing a certificate: %w", err)
	}
	serial, err := civic.NewSerial(r.random)
	if err != nil {
		return said, "", err
	}
	now := r.now().In(r.zone)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, r.zone)
	issued, again, err := r.store.CertifyAtKiosk(ctx, store.Certificate{Volunteer: volunteer, Serial: serial, Body: body, Who: atKiosk + kiosk}, midnight)
	if errors.Is(err, store.ErrFull) {
		return said, link.OutcomeLimit, nil
	}
	if err != nil {
		return said, "", err
	}
	said = link.Certificate{Serial: issued.Serial, Again: again, Center: clip(record.Center), Day: ledger.DayOf(issued.Made.In(r.zone)), First: record.First, Last: record.Last,
		Listed: record.Listed, Credit: record.Credit, Honour: record.Honour, Stars: record.Stars}
	if r.address != "" {
		said.Proof = r.address + link.ProofPath + issued.Serial
	}
	return said, link.OutcomeOK, nil
}

// whose reads a volunteer who belongs to the place of a kiosk.
func (r *registrar) whose(ctx context.Context, kiosk string, volunteer ledger.ID) (person store.Person, outcome link.Outcome, err error) {
	record, err := r.store.Record(ctx, volunteer)
	if errors.Is(err, store.ErrUnknown) {
		return person, link.OutcomeUnknown, nil
	}
	if err != nil {
		return person, "", err
	}
	merged, err := r.store.Merged(ctx, volunteer)
	if err != nil || merged.Is() { // it leads to another one, and has nothing of its own
		return person, link.OutcomeUnknown, err
	}
	scopes, err := r.store.Scopes(ctx, kiosk)
	if err != nil {
		return person, "", err
	}
	here := slices.ContainsFunc(scopes, func(s store.Scope) bool { return s.ID == record.Town })
	if record.Town == "" || !here && record.Home != kiosk {
		return person, link.OutcomeArea, nil
	}
	return record.Person, link.OutcomeOK, nil
}
