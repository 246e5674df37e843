package civic

import (
	"reflect"
	"testing"

	"yizhan/ledger"
)

func TestListsOfActivitiesAreReadAndWritten(t *testing.T) {
	spots := ParseSpots("石桥路口 / Stone Bridge crossing：sq01、SQ02\n\n河东路口\n  ：SQ03\n")
	want := []Spot{{Place: "石桥路口", PlaceEN: "Stone Bridge crossing", Kiosks: []string{"SQ01", "SQ02"}}, {Place: "河东路口"}, {Kiosks: []string{"SQ03"}}}
	if !reflect.DeepEqual(spots, want) {
		t.Errorf("%+v", spots)
	}
	if again := ParseSpots(SpotsText(spots)); !reflect.DeepEqual(again, spots) {
		t.Errorf("%+v", again)
	}
	posts := ParsePosts("劝导员 / Guard: 4；会说普通话\r\n引导员：2 人\n后勤：；会做饭\n摄影\n记录：很多\n")
	if want := []Post{{"劝导员", "Guard", 4, "会说普通话"}, {"引导员", "", 2, ""}, {"后勤", "", 0, "会做饭"}, {"摄影", "", 0, ""}, {"记录", "", -1, ""}}; !reflect.DeepEqual(posts, want) {
		t.Errorf("%+v", posts)
	}
	days, err := ParseDays("2026-10-02，2026-10-01 2026-10-01、")
	if err != nil || len(days) != 2 || DaysText(days) != "2026-10-01, 2026-10-02" {
		t.Errorf("%v, %v", days, err)
	}
	if _, err := ParseDays("下周"); err == nil {
		t.Error("下周 is a day")
	}
}

func FuzzListsOfActivities(f *testing.F) {
	f.Add("石桥路口 / Stone Bridge crossing：SQ01、SQ02", "劝导员 / Guard：4；会说普通话")
	f.Fuzz(func(t *testing.T, spots, posts string) {
		a := anActivity()
		a.Spots, a.Posts = ParseSpots(spots), ParsePosts(posts)
		if a.Check() != nil {
			return
		}
		if again := ParseSpots(SpotsText(a.Spots)); !reflect.DeepEqual(again, a.Spots) {
			t.Errorf("%+v is read again as %+v", a.Spots, again)
		}
		if again := ParsePosts(PostsText(a.Posts)); !reflect.DeepEqual(again, a.Posts) {
			t.Errorf("%+v is read again as %+v", a.Posts, again)
		}
		_ = a.Times.On(ledger.Day(1))
	})
}
