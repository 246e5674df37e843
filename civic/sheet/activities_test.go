package sheet

import (
	"reflect"
	"testing"
)

func TestActivitiesAreRead(t *testing.T) {
	path := write(t, "activities.csv", `活动安排表
活动名称,地方,开始日期,结束日期,每周哪几天,几点开始,几点结束,集合地点,岗位,节日,编码
路口文明劝导,清溪镇,2026-12-05,2026.12.27,周六、周日,8:00,10:00,"石桥路口：SQ01
河东路口",劝导员：2,,
敬老院理发,qingxi,2026年10月29日,,,14:30,16:00,敬老院,,重阳节,A1
,清溪镇,2026-12-05,,,,,,,,
没有日期,清溪镇,,,,,,,,,
又一个,清溪镇,2026-12-05,,,,,,,,A1
`)
	var got []Happening
	var codes []string
	summary, err := ReadActivities(t.Context(), path, func(h Happening) error { got = append(got, h); return nil }, func(r Rejection) error {
		codes = append(codes, r.Column+" "+r.Code)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"活动名称 " + CodeNameMissing, "开始日期 " + CodeValueMissing, "编码 " + CodeConflict}; !reflect.DeepEqual(codes, want) {
		t.Errorf("refused %q, want %q", codes, want)
	}
	if summary.Kind != KindActivities || len(got) != 2 {
		t.Fatalf("%+v, %+v", summary, got)
	}
	if h := got[0]; h.Spots != "石桥路口：SQ01\n河东路口" || h.To != (Date{2026, 12, 27}) || h.Weekdays != "周六、周日" || h.Start != "8:00" || h.Place != "清溪镇" || h.Row != 3 {
		t.Errorf("%+v", h)
	}
	if h := got[1]; h.Code != "A1" || h.Festival != "重阳节" || h.From != (Date{2026, 10, 29}) || !h.To.IsZero() || h.Posts != "" {
		t.Errorf("%+v", h)
	}
}
