package demo

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	randv2 "math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/civic/issuer"
	"yizhan/kiosk/store"
)

// Kiosk is the name of the sample kiosk.
const Kiosk = "SQ01"

// sampleSeed makes every sample the same village.
const sampleSeed = 72

// Sample is what there is to try.
type Sample struct {
	Bundles    []string // oldest first
	Cards      []Card   // the first is the volunteer to try with
	Phone, PIN string   // of that volunteer
}

// Volunteer is the first card of a volunteer.
func (s Sample) Volunteer() Card {
	for _, c := range s.Cards {
		if c.PIN == "" {
			return c
		}
	}
	return Card{}
}

// Staff is the card of the first member of staff.
func (s Sample) Staff() Card {
	for _, c := range s.Cards {
		if c.PIN != "" {
			return c
		}
	}
	return Card{}
}

// Leader is the card of the leader of the station.
func (s Sample) Leader() Card {
	for _, c := range s.Cards {
		if c.Note == roleWords[civic.RoleLeader] {
			return c
		}
	}
	return Card{}
}

// Make writes the spreadsheets of a sample village into dir and makes a bundle of
// each year's, as the office would have done.
func Make(ctx context.Context, dir string) (Sample, error) {
	sample := Sample{Phone: TryPhone, PIN: TryPIN}
	if err := writeLists(dir); err != nil {
		return sample, err
	}
	station, err := issuer.ReadStation(filepath.Join(dir, "station.toml"))
	if err != nil {
		return sample, err
	}
	office, err := issuer.Open(filepath.Join(dir, "office"), rand.Reader)
	if err != nil {
		return sample, err
	}
	defer office.Close()
	for i, year := range years {
		made, err := time.Parse(time.DateOnly, year.made)
		if err != nil {
			return sample, err
		}
		o := issuer.Options{
			Kiosk: Kiosk, Station: station, Roster: filepath.Join(dir, year.roster),
			Out: filepath.Join(dir, fmt.Sprintf("%s-%d.yzb", Kiosk, i+1)),
			Now: made, Random: rand.Reader, BuiltIn: func(string) bool { return true },
			Cards: filepath.Join(dir, "cards.html"), Printed: sample.Keep,
		}
		if i == len(years)-1 {
			o.Goods, o.Staff = filepath.Join(dir, "goods.csv"), filepath.Join(dir, "staff.csv")
		}
		result, err := office.Make(ctx, o)
		if err != nil {
			return sample, fmt.Errorf("making the sample bundle of %s: %w", year.made, err)
		}
		for _, file := range result.Files {
			if len(file.Rejected) > 0 {
				return sample, fmt.Errorf("the sample's %s has a row that is refused: %v", file.File, file.Rejected[0])
			}
		}
		sample.Bundles = append(sample.Bundles, o.Out)
	}
	return sample, nil
}

// Keep remembers the cards that somebody who tries the kiosk will want.
func (s *Sample) Keep(c issuer.PrintedCard) {
	switch {
	case c.Role != "":
		s.Cards = append(s.Cards, Card{Name: c.Name, Note: roleWords[c.Role], Text: c.Secret.Text(), PIN: c.PIN})
	case s.Volunteer() == Card{}:
		s.Cards = append([]Card{{Name: c.Name, Note: "志愿者 volunteer", Text: c.Secret.Text()}}, s.Cards...)
	case c.Name == rare[0] || c.Name == rare[2]:
		s.Cards = append(s.Cards, Card{Name: c.Name, Note: "志愿者 volunteer", Text: c.Secret.Text()})
	}
}

var roleWords = map[civic.Role]string{civic.RoleClerk: "店员 clerk", civic.RoleLeader: "站长 leader", civic.RoleTechnician: "技术员 technician"}

func writeLists(dir string) error {
	goods, err := assets.SampleGoods()
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "goods.csv"), goods, 0o644); err != nil {
		return fmt.Errorf("writing sample data: %w", err)
	}
	if err := writeStation(dir); err != nil {
		return err
	}
	if err := writeStaff(dir, Kiosk); err != nil {
		return err
	}
	return writeRosters(dir, 0, People, randv2.New(randv2.NewPCG(sampleSeed, sampleSeed)))
}

// Load loads the sample into a kiosk's books and gives the volunteer to try with
// the PIN that is shown.
func (s Sample) Load(ctx context.Context, books *store.Store, cost civic.PINCost, random io.Reader) error {
	for _, path := range s.Bundles {
		if _, err := books.LoadBundle(ctx, path, store.LoadOptions{Trust: true}); err != nil {
			return fmt.Errorf("loading the sample bundle %s: %w", path, err)
		}
	}
	card, err := civic.ParseCard(s.Cards[0].Text)
	if err != nil {
		return err
	}
	person, err := books.ByCard(card.ID())
	if err != nil {
		return fmt.Errorf("looking up the sample's volunteer: %w", err)
	}
	verifier, err := civic.HashPIN(s.PIN, cost, random)
	if err != nil {
		return err
	}
	return books.SetPIN(ctx, person.ID, verifier, [10]byte{})
}
