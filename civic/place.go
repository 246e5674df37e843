package civic

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Place is what is known of a node of the org tree besides its name and the place
// above it. The zero Place is a good one: nothing has to be known.
type Place struct {
	Kind      PlaceKind  `json:"kind,omitempty"`
	Leader    string     `json:"leader,omitempty"` // who directs it
	Phone     string     `json:"phone,omitempty"`  // of the place, for the public
	Address   string     `json:"address,omitempty"`
	Position  Position   `json:"position,omitzero"`
	Venues    []Venue    `json:"venues,omitempty"`
	Platforms []Platform `json:"platforms,omitempty"` // the seven that have a lead department, then its own
}

// PlaceKind is the level of a place in the network of practice centers.
type PlaceKind string

// Levels of the network.
const (
	PlaceCenter  PlaceKind = "center"  // 实践中心, of a county or city
	PlaceTown    PlaceKind = "town"    // 实践所
	PlaceVillage PlaceKind = "village" // 实践站
	PlacePoint   PlaceKind = "point"   // 实践点: a school, a park, an enterprise
)

// PlaceKinds are all levels, from the top.
var PlaceKinds = []PlaceKind{PlaceCenter, PlaceTown, PlaceVillage, PlacePoint}

// Position is where a place stands, in millionths of a degree of GCJ-02, the datum
// of maps in China. The zero Position is not known.
type Position struct {
	North int64 `json:"north"`
	East  int64 `json:"east"`
}

// Venue is a room or ground of a place and what it serves for ("one place, several
// uses").
type Venue struct {
	Name      string   `json:"name"`
	Functions []string `json:"functions,omitempty"`
}

// Platform is one of the service platforms "7+N": a lead department and the members
// that work with it. Code is one of StandardPlatforms, or empty for one of the N,
// which has a name instead.
type Platform struct {
	Code    string   `json:"code,omitempty"`
	Name    string   `json:"name,omitempty"`
	Lead    string   `json:"lead,omitempty"`
	Members []string `json:"members,omitempty"`
}

// StandardPlatforms are the seven that every center has: theory, publicity,
// education, culture, science, sport and village customs.
var StandardPlatforms = []string{"theory", "publicity", "education", "culture", "science", "sport", "customs"}

// Check holds every rule of a place; the error names the field.
func (p Place) Check() error {
	if p.Kind != "" && !slices.Contains(PlaceKinds, p.Kind) {
		return fmt.Errorf("kind %q is not known", p.Kind)
	}
	if len(p.Venues) > MaxVenues || len(p.Platforms) > MaxPlatforms {
		return fmt.Errorf("%d venues and %d platforms, at most %d and %d", len(p.Venues), len(p.Platforms), MaxVenues, MaxPlatforms)
	}
	if text, err := json.Marshal(p); err != nil || len(text) > MaxPlaceSize {
		return fmt.Errorf("it takes %d bytes, at most %d: shorten its lists", len(text), MaxPlaceSize)
	}
	err := errors.Join(short("leader", p.Leader), noPrivate(p.Leader), short("phone", p.Phone), short("address", p.Address), p.Position.check())
	for _, v := range p.Venues {
		err = errors.Join(err, required("name of a venue", v.Name), short("name of a venue", v.Name), checkList("function", v.Functions))
	}
	seen := make(map[string]bool)
	for _, f := range p.Platforms {
		key := f.Code + " " + f.Name
		if f.Code != "" && (!slices.Contains(StandardPlatforms, f.Code) || f.Name != "") || f.Code == "" && f.Name == "" || seen[key] {
			return fmt.Errorf("platform %q %q is none of the seven, has no name of its own, or comes twice", f.Code, f.Name)
		}
		seen[key] = true
		err = errors.Join(err, short("name of a platform", f.Name), short("lead department", f.Lead), checkList("member", f.Members))
	}
	return err
}

// Around the People's Republic, so that swapped or foreign numbers are noticed.
const (
	southMost, northMost = 3_000_000, 54_000_000
	westMost, eastMost   = 73_000_000, 136_000_000
)

func (p Position) check() error {
	if p != (Position{}) && (p.North < southMost || p.North > northMost || p.East < westMost || p.East > eastMost) {
		return fmt.Errorf("position %d, %d is not in China", p.North, p.East)
	}
	return nil
}

func checkList(field string, list []string) error {
	if len(list) > MaxListed {
		return fmt.Errorf("%d times a %s, at most %d", len(list), field, MaxListed)
	}
	for _, one := range list {
		if err := errors.Join(required(field, one), short(field, one)); err != nil {
			return err
		}
	}
	return nil
}
