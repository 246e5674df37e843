package civic

import (
	"strings"
	"testing"
)

func TestAPlaceIsChecked(t *testing.T) {
	good := Place{Kind: PlaceTown, Leader: "李*芳", Phone: "0713-5551234", Address: "清溪镇人民路 1 号", Position: Position{30_450_000, 114_870_000},
		Venues:    []Venue{{Name: "图书室", Functions: []string{"阅读", "宣讲"}}},
		Platforms: []Platform{{Code: "theory", Lead: "县委宣传部", Members: []string{"县委党校"}}, {Name: "爱心助老", Lead: "县民政局"}}}
	for _, p := range []Place{{}, good} {
		if err := p.Check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
	for want, spoil := range map[string]func(*Place){
		"kind":          func(p *Place) { p.Kind = "county" },
		"leader":        func(p *Place) { p.Leader = strings.Repeat("长", MaxTextRunes+1) },
		"full phone":    func(p *Place) { p.Leader = "李芳 13800138000" },
		"phone":         func(p *Place) { p.Phone = "0713\n" },
		"address":       func(p *Place) { p.Address = "\xff" },
		"position":      func(p *Place) { p.Position = Position{114_870_000, 30_450_000} },
		"venues":        func(p *Place) { p.Venues = make([]Venue, MaxVenues+1) },
		"name of a ven": func(p *Place) { p.Venues = []Venue{{}} },
		"function":      func(p *Place) { p.Venues = []Venue{{Name: "图书室", Functions: make([]string, 2)}} },
		"none of the":   func(p *Place) { p.Platforms = []Platform{{Code: "politics"}} },
		"of its own":    func(p *Place) { p.Platforms = []Platform{{Lead: "县委宣传部"}} },
		"comes twice":   func(p *Place) { p.Platforms = append(p.Platforms, Platform{Code: "theory"}) },
		"shorten": func(p *Place) {
			for i := range MaxVenues {
				p.Venues = append(p.Venues[:i], Venue{Name: strings.Repeat("长", 99)})
			}
		},
		"times a mem": func(p *Place) { p.Platforms = []Platform{{Code: "sport", Members: make([]string, MaxListed+1)}} },
	} {
		p := good
		spoil(&p)
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
