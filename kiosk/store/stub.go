package store

import (
	"context"
	"crypto/ed25519"
	"errors"
	"io"

	"yizhan/civic"
	"yizhan/ledger"
)

var errStub = errors.New("store: not built yet")

type Store struct{}
type Keyring struct{}

func (k *Keyring) PublicKey() ed25519.PublicKey { return nil }

type Report struct{}

func Keys(dir string, random io.Reader) (*Keyring, error)            { return nil, errStub }
func Open(ctx context.Context, cfg Config) (*Store, error)           { return nil, errStub }
func Verify(ctx context.Context, cfg Config) (Report, error)         { return Report{}, errStub }
func Mend(ctx context.Context, cfg Config, r Report) (Report, error) { return r, errStub }
func (s *Store) Close() error                                        { return errStub }
func (s *Store) PublicKey() ed25519.PublicKey                        { return nil }
func (s *Store) Health() Health                                      { return Health{} }
func (s *Store) Watch(f func()) (stop func())                        { return func() {} }

func (s *Store) LoadBundle(ctx context.Context, path string, opt LoadOptions) (LoadReport, error) {
	return LoadReport{}, errStub
}
func (s *Store) Station() (civic.Station, error)                     { return civic.Station{}, errStub }
func (s *Store) Volunteer(id ledger.ID) (civic.Volunteer, error)     { return civic.Volunteer{}, errStub }
func (s *Store) Staff(id ledger.ID) (civic.Staff, error)             { return civic.Staff{}, errStub }
func (s *Store) Good(code string) (Good, error)                      { return Good{}, errStub }
func (s *Store) Goods() ([]Good, error)                              { return nil, errStub }
func (s *Store) Picture(name string) (civic.Picture, error)          { return civic.Picture{}, errStub }
func (s *Store) ByCard(card civic.CardID) (Person, error)            { return Person{}, errStub }
func (s *Store) ByPhone(phone string) ([]ledger.ID, error)           { return nil, errStub }
func (s *Store) Search(query string, limit int) ([]ledger.ID, error) { return nil, errStub }

func (s *Store) Account(id ledger.ID) (ledger.Account, error) { return ledger.Account{}, errStub }
func (s *Store) Redemption(seq uint64) (Redemption, error)    { return Redemption{}, errStub }
func (s *Store) RedemptionsOf(id ledger.ID, before uint64, limit int) ([]Redemption, error) {
	return nil, errStub
}
func (s *Store) Waiting(before uint64, limit int) (list []Redemption, total int, err error) {
	return nil, 0, errStub
}
func (s *Store) Recent(before uint64, limit int) ([]Redemption, error) { return nil, errStub }
func (s *Store) ByClaim(claim uint16) (Redemption, error)              { return Redemption{}, errStub }
func (s *Store) BoughtThisMonth(id ledger.ID, good string) (pieces int64, err error) {
	return 0, errStub
}
func (s *Store) Lines(id ledger.ID, skip, limit int) (lines []Line, total int, err error) {
	return nil, 0, errStub
}
func (s *Store) Entry(seq uint64) (raw []byte, e ledger.Entry, err error) {
	return nil, ledger.Entry{}, errStub
}
func (s *Store) ReceiptText(seq uint64) (string, error)                   { return "", errStub }
func (s *Store) Today() (ledger.Totals, error)                            { return ledger.Totals{}, errStub }
func (s *Store) StockMoves(before uint64, limit int) ([]StockMove, error) { return nil, errStub }
func (s *Store) PINState(person ledger.ID) (verifier string, tries int64, err error) {
	return "", 0, errStub
}

func (s *Store) Reserve(ctx context.Context, r Reserve) (Redemption, error) {
	return Redemption{}, errStub
}
func (s *Store) Settle(ctx context.Context, key ledger.Key, redemption uint64, operator ledger.ID) (Redemption, error) {
	return Redemption{}, errStub
}
func (s *Store) Cancel(ctx context.Context, key ledger.Key, redemption uint64, operator ledger.ID, reason string) (Redemption, error) {
	return Redemption{}, errStub
}
func (s *Store) Refund(ctx context.Context, key ledger.Key, redemption uint64, operator ledger.ID, restock bool, reason string) (Redemption, error) {
	return Redemption{}, errStub
}
func (s *Store) Receive(ctx context.Context, key ledger.Key, good string, pieces int64, operator ledger.ID, note string) (Good, error) {
	return Good{}, errStub
}
func (s *Store) Count(ctx context.Context, key ledger.Key, good string, found int64, operator ledger.ID, note string) (Good, error) {
	return Good{}, errStub
}
func (s *Store) Waste(ctx context.Context, key ledger.Key, good string, pieces int64, operator ledger.ID, note string) (Good, error) {
	return Good{}, errStub
}
func (s *Store) CloseDay(ctx context.Context, key ledger.Key, operator ledger.ID) (ledger.Totals, uint64, error) {
	return ledger.Totals{}, 0, errStub
}
func (s *Store) SignIn(ctx context.Context, operator ledger.ID) error  { return errStub }
func (s *Store) SignOut(ctx context.Context, operator ledger.ID) error { return errStub }
func (s *Store) TryPIN(ctx context.Context, person ledger.ID) (verifier string, tries int64, err error) {
	return "", 0, errStub
}
func (s *Store) ClearPIN(ctx context.Context, person, operator ledger.ID) error { return errStub }
func (s *Store) SetPIN(ctx context.Context, person ledger.ID, verifier string, operator ledger.ID) error {
	return errStub
}
func (s *Store) Jobs(limit int) ([]Job, error) { return nil, errStub }
func (s *Store) Print(ctx context.Context, job uint64, step ledger.PrintStep, note string) (Job, error) {
	return Job{}, errStub
}
func (s *Store) Reprint(ctx context.Context, job uint64, operator ledger.ID) (Job, error) {
	return Job{}, errStub
}
func (s *Store) ReturnExpired(ctx context.Context, today ledger.Day, limit int) (int, error) {
	return 0, errStub
}
