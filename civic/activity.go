package civic

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"yizhan/ledger"
)

// Activity is what a place plans for its volunteers. Its times are Shifts: one for each
// day of Times and each of its spots.
type Activity struct {
	ID       ledger.ID   `json:"id"`
	Number   string      `json:"number,omitempty"` // as the national system numbers it [albx0013]
	Title    string      `json:"title"`            // [albx0002]
	TitleEN  string      `json:"title_en,omitempty"`
	Platform string      `json:"platform,omitempty"` // one of StandardPlatforms, or the name of one of the N
	Category string      `json:"category,omitempty"` // [albx0009]: a word, the national system's pages have no table of it
	Served   []string    `json:"served,omitempty"`   // whom it is for [albx0014], see package code
	Team     string      `json:"team,omitempty"`
	Theme    string      `json:"theme,omitempty"`    // of the month
	Festival string      `json:"festival,omitempty"` // 重阳节
	About    string      `json:"about,omitempty"`
	Spots    []Spot      `json:"spots"`
	Posts    []Post      `json:"posts,omitempty"` // of each shift
	Leaders  []ledger.ID `json:"leaders,omitempty"`
	Times    Recurrence  `json:"times"`
}

// Spot is a place where people of an activity meet, by its name: with another name it
// is another one.
type Spot struct {
	Place   string   `json:"place"` // 石桥路口
	PlaceEN string   `json:"place_en,omitempty"`
	Kiosks  []string `json:"kiosks,omitempty"` // at which they check in
}

// Check holds every rule of an activity; the error names the field.
func (a Activity) Check() error {
	switch {
	case a.ID.IsZero():
		return errors.New("the id is nobody's")
	case len(a.Spots) < 1 || len(a.Spots) > MaxSpots:
		return fmt.Errorf("%d spots, want 1 to %d", len(a.Spots), MaxSpots)
	case len(a.Posts) > ledger.MaxPosts || len(a.Leaders) > MaxLeaders || len(a.Served) > MaxListed:
		return fmt.Errorf("%d posts, %d leaders, for %d kinds of people, at most %d, %d, %d", len(a.Posts), len(a.Leaders), len(a.Served), ledger.MaxPosts, MaxLeaders, MaxListed)
	}
	if err := a.Times.Check(); err != nil {
		return err
	}
	if text, err := json.Marshal(a); err != nil || len(text) > MaxActivitySize {
		return fmt.Errorf("it takes %d bytes, at most %d: shorten its lists", len(text), MaxActivitySize)
	}
	if n := a.Times.Count() * len(a.Spots); n < 1 || n > MaxActivityShifts {
		return fmt.Errorf("%d times at all spots together, want 1 to %d", n, MaxActivityShifts)
	}
	seen := make(map[string]bool)
	for _, s := range a.Spots {
		if seen[s.Place] {
			return fmt.Errorf("spot %q comes twice", s.Place)
		}
		seen[s.Place] = true
	}
	for _, s := range a.Shifts("x", time.UTC)[:len(a.Spots)] { // the first day's say all there is
		s.Version = 1
		if err := s.check(addressee{serial: MaxSerial, linked: true}); err != nil {
			return fmt.Errorf("at %q: %w", s.Place, err)
		}
	}
	return errors.Join(short("theme", a.Theme), short("festival", a.Festival), short("description", a.About), noPrivate(a.About), checkList("kind of people", a.Served))
}

// Shifts are all times of the activity, by day and then by spot, as the place of the
// org tree that holds it sends them to kiosks; how long one may check in before and
// after is for the caller to add. A shift has the same id each time it is worked out:
// it follows from the activity, the day and the spot.
func (a Activity) Shifts(scope string, zone *time.Location) []Shift {
	var list []Shift
	for _, day := range a.Times.Days() {
		year, month, date := day.Time().Date()
		at := func(minute int64) int64 { return time.Date(year, month, date, 0, int(minute), 0, 0, zone).Unix() }
		for _, s := range a.Spots {
			list = append(list, Shift{ID: a.shiftID(s.Place, day), Activity: a.ID, Number: a.Number, Title: a.Title, TitleEN: a.TitleEN, Platform: a.Platform,
				Category: a.Category, Team: a.Team, Place: s.Place, PlaceEN: s.PlaceEN, Scope: scope, Start: at(a.Times.Start), End: at(a.Times.End),
				Kiosks: slices.Clone(s.Kiosks), Posts: a.Posts, Leaders: a.Leaders})
		}
	}
	return list
}

func (a Activity) shiftID(spot string, day ledger.Day) (id ledger.ID) {
	sum := sha256.Sum256(fmt.Appendf(nil, "yizhan shift 1\n%v %d %s", a.ID, day, spot))
	copy(id[:], sum[:])
	return id
}
