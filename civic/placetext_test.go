package civic

import (
	"reflect"
	"testing"
)

func TestPositionsAreReadInEitherOrder(t *testing.T) {
	want := Position{North: 30_450_000, East: 114_870_000}
	for _, text := range []string{"30.45, 114.87", "114.87,30.45", "114.870000，30.450000", " 30.45 114.87 ", want.String()} {
		if got, err := ParsePosition(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	if got, err := ParsePosition(""); err != nil || got != (Position{}) || got.String() != "" {
		t.Errorf("nothing is %v, %v", got, err)
	}
	for _, text := range []string{"30.45", "north, east", "30.45, 10.87", "2.99, 114", "30.45, 114.87, 3", "30.45, NaN", "-30.45, 114.87", "30.45, Inf"} {
		if got, err := ParsePosition(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

func TestListsOfAPlaceReadBack(t *testing.T) {
	venues := []Venue{{Name: "图书室", Functions: []string{"阅读", "宣讲"}}, {Name: "广场"}}
	for _, text := range []string{VenuesText(venues), "图书室: 阅读, 宣讲\r\n\r\n 广场 ：\n"} {
		if got := ParseVenues(text); !reflect.DeepEqual(got, venues) {
			t.Errorf("%q is %+v", text, got)
		}
	}
	names := map[string]string{"theory": "理论宣讲", "sport": "体育健身"}
	codes := map[string]string{"理论宣讲": "theory", "theory": "theory", "体育健身": "sport"}
	platforms := []Platform{{Code: "theory", Lead: "县委宣传部", Members: []string{"县委党校", "县融媒体中心"}}, {Code: "sport"}, {Name: "爱心助老", Members: []string{"县民政局"}}}
	for _, text := range []string{PlatformsText(platforms, names), "Theory: 县委宣传部; 县委党校，县融媒体中心\n体育健身\n爱心助老：；县民政局"} {
		if got := ParsePlatforms(text, codes); !reflect.DeepEqual(got, platforms) {
			t.Errorf("%q is %+v", text, got)
		}
	}
	if got := ParseVenues(" \n：\n"); got != nil {
		t.Errorf("nothing is %+v", got)
	}
}

func FuzzPlaceLists(f *testing.F) {
	f.Add("图书室：阅读、宣讲\n广场")
	f.Add("Theory: a; b, c")
	f.Fuzz(func(t *testing.T, text string) {
		if got := ParseVenues(VenuesText(ParseVenues(text))); !reflect.DeepEqual(got, ParseVenues(text)) {
			t.Errorf("%q reads back as %+v", text, got)
		}
		platforms := ParsePlatforms(text, nil)
		if got := ParsePlatforms(PlatformsText(platforms, nil), nil); !reflect.DeepEqual(got, platforms) {
			t.Errorf("%q reads back as %+v", text, got)
		}
		if p, err := ParsePosition(text); err == nil && p.check() != nil {
			t.Errorf("%q is %v", text, p)
		}
	})
}
