package sheet

import (
	"reflect"
	"testing"
)

func TestPlacesAreRead(t *testing.T) {
	path := write(t, "places.csv", `镇村一览表
编码,名称,上级,级别,负责人,联系电话,地址,坐标,场所和功能,服务平台
qh,青禾县中心,,中心,,0713-5551234,,"30.45, 114.87",,理论宣讲：县委宣传部
qingxi,清溪镇,青禾县中心,镇,李芳,,人民路1号,,"图书室：阅读、宣讲
广场：文体",
,柳河镇,qh,镇,,,,,,
liuhe,,qh,镇,,,,,,
qingxi,清溪,qh,镇,,,,,,
`)
	var got []Site
	var codes []string
	summary, err := ReadPlaces(t.Context(), path, func(s Site) error { got = append(got, s); return nil }, func(r Rejection) error {
		codes = append(codes, r.Column+" "+r.Code)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"编码 " + CodeValueMissing, "名称 " + CodeNameMissing, "编码 " + CodeConflict}; !reflect.DeepEqual(codes, want) {
		t.Errorf("refused %q, want %q", codes, want)
	}
	if summary.Kind != KindPlaces || summary.Accepted != 2 || summary.Rejected != 3 || len(got) != 2 {
		t.Fatalf("%+v, %+v", summary, got)
	}
	if s := got[0]; s.Code != "qh" || s.Kind != "中心" || s.Phone != "0713-5551234" || s.Position != "30.45, 114.87" || s.Platforms != "理论宣讲：县委宣传部" || s.Parent != "" {
		t.Errorf("%+v", s)
	}
	if s := got[1]; s.Parent != "青禾县中心" || s.Leader != "李芳" || s.Venues != "图书室：阅读、宣讲\n广场：文体" || s.Row != 4 {
		t.Errorf("%+v", s)
	}
}
