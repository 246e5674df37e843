package issuer

import (
	"path/filepath"
	"strings"
	"testing"
)

// Rows that were left out, whoever left them out, can be mended in the file of
// them and given in as a list.
func TestRowsLeftOutCanBeMended(t *testing.T) {
	for _, name := range []string{"left.csv", "left.xlsx"} {
		f := newOffice(t)
		f.roster("姓名,志愿者编号,证件号码,手机,时长,积分,有效期", "张伟,V001,"+idZhang+",13800138000,12.5,125,2027-12-31", "李敏,V002,,,,50,")
		f.make()
		f.roster("姓名,志愿者编号,证件号码,手机,时长,积分,有效期", "张伟,V001,"+idZhang+",13800138000,12.5,12,2027-12-31", "王芳,V003,,12345,,,", "李敏,V002,,,,49,", "新人,V005,,,,1,")
		f.o.Rejected = filepath.Join(f.dir, name)
		result := f.make()
		want(t, result.Files[0], 1, 0, 0, 3)
		if got := codes(result.Files[0]); got != "points_less phone_bad points_less" {
			t.Errorf("rejected %s", got)
		}
		f.o.Roster, f.o.Rejected = f.o.Rejected, filepath.Join(f.dir, "again.csv")
		want(t, f.tryFile(), 0, 0, 0, 3)
		again := string(read(t, f.o.Rejected))
		for _, text := range []string{"张伟", "王芳", "李敏", "13800138000", "750", "2027-12-31", "原因"} {
			if !strings.Contains(again, text) {
				t.Errorf("%s: %s was lost on the way: %s", name, text, again)
			}
		}
		mended := strings.NewReplacer(",12,", ",130,", ",49,", ",51,", "12345", "").Replace(again)
		f.o.Roster, f.o.Rejected = f.file("mended.csv", mended), ""
		want(t, f.tryFile(), 1, 2, 0, 0)
	}
}

func (f *office) tryFile() *File {
	f.t.Helper()
	result, err := f.try()
	if len(result.Files) != 1 {
		f.t.Fatal(err)
	}
	return result.Files[0]
}

func TestGoodsAndStaffLeftOut(t *testing.T) {
	f := newOffice(t)
	f.goods("编码,物品名称,所需积分,库存,保质期", "G1,大米,280,12,2027-01-31")
	f.make()
	f.goods("编码,物品名称,所需积分,库存,保质期", "G1,大米,280,11,2027-01-31", "G2,盐,30,5,")
	f.staff("姓名,编号,岗位", "赵13800138000,S01,店员", "钱塘,S02,站长")
	f.o.Rejected = filepath.Join(f.dir, "left.csv")
	result := f.make()
	if codes(result.Files[0])+codes(result.Files[1]) != CodeStockLess+CodePrivate {
		t.Errorf("rejected %v %v", result.Files[0].Rejected, result.Files[1].Rejected)
	}
	left := string(read(t, f.o.Rejected))
	for _, row := range []string{"G1,大米,,,,,280,11,,,,2027-01-31,", "赵13800138000,S01,clerk,,"} {
		if !strings.Contains(left, row) {
			t.Errorf("%q lacks %s", left, row)
		}
	}
}

func TestPlaceForRejectedRowsThatCannotBeWritten(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号", "张伟,V001", ",V002")
	f.o.Rejected = filepath.Join(f.dir, "no such folder", "left.csv")
	if _, err := f.try(); err == nil {
		t.Error("the rows were lost without a word")
	}
}
