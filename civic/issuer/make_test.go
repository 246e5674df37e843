package issuer

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yizhan/civic"
	"yizhan/ledger"
)

func day(t testing.TB, s string) ledger.Day {
	t.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFirstBundle(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,证件号码,手机,时长,积分,有效期", "张伟,V001,11010519491231002X,13800138000,12.5,125,2027-12-31", "单雄信,V002,,,,,")
	f.goods("编码,物品名称,规格,单位,所需积分,库存,限兑", "G001,大米,5公斤,袋,280,12,2")
	f.staff("姓名,编号,岗位", "赵敏,S01,店员")
	result := f.make()
	want(t, result.Files[0], 2, 0, 0, 0)
	want(t, result.Files[1], 1, 0, 0, 0)
	want(t, result.Files[2], 1, 0, 0, 0)
	if result.Unchanged || result.Cards != 0 || result.Cardless != 3 {
		t.Errorf("result %+v", result)
	}
	b := f.bundle()
	if h := b.header; h.Kiosk != "SQ-01" || h.Epoch != 1 || h.Serial != 1 || !h.Made.Equal(f.o.Now) || h.BodySHA256 != result.Header.BodySHA256 {
		t.Errorf("header %+v", h)
	}
	v := b.volunteers["张伟"]
	earned := civic.Earning{On: day(t, "2026-03-15"), Expires: day(t, "2027-12-31"), What: rosterWhat, Points: 125}
	if v.Initials != "zw" || v.Number != "V001" || v.Tail != "8000" || v.Phone != civic.HashPhone(b.station.PhoneKey, "13800138000") ||
		v.Minutes != 750 || len(v.Earned) != 1 || v.Earned[0] != earned || len(v.Keys) != 2 || len(v.Cards) != 0 || v.Version != 1 {
		t.Errorf("volunteer %+v", v)
	}
	if v := b.volunteers["单雄信"]; v.Initials != "sxx" || len(v.Earned) != 0 || !v.Phone.IsZero() || v.Tail != "" {
		t.Errorf("volunteer %+v", v)
	}
	good := civic.Good{Code: "G001", Version: 1, Name: "大米", Size: "5公斤", Unit: "袋", Price: 280, Limit: 2, Delivered: 12}
	if b.goods["G001"] != good {
		t.Errorf("good %+v", b.goods["G001"])
	}
	if s := b.staff["赵敏"]; s.Role != civic.RoleClerk || s.Number != "S01" || s.PIN != "" {
		t.Errorf("staff %+v", s)
	}
}

func TestSameListsAgainChangeNothing(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,手机,积分", "张伟,V001,13800138000,125", "李敏,V002,,30")
	f.goods("物品名称,规格,所需积分,库存", "大米,5公斤,280,12")
	f.staff("姓名,岗位", "赵敏,店员")
	f.o.Cards = filepath.Join(f.dir, "cards.html")
	f.make()
	before, cards := read(t, f.o.Out), read(t, f.o.Cards)
	f.o.Now = f.o.Now.AddDate(0, 1, 0)
	for range 2 {
		result := f.make()
		want(t, result.Files[0], 0, 0, 2, 0)
		want(t, result.Files[1], 0, 0, 1, 0)
		want(t, result.Files[2], 0, 0, 1, 0)
		if !result.Unchanged || result.Header.Serial != 1 || result.Cards != 0 {
			t.Errorf("result %+v", result)
		}
	}
	if !bytes.Equal(read(t, f.o.Out), before) || !bytes.Equal(read(t, f.o.Cards), cards) {
		t.Error("files were written again")
	}
	if err := os.Remove(f.o.Out); err != nil {
		t.Fatal(err)
	}
	f.make()
	if !bytes.Equal(read(t, f.o.Out), before) {
		t.Error("the bundle that was lost did not come back as it was")
	}
}

// The same lists at another office that holds the same key make the same bundle.
func TestBundleFollowsFromTheLists(t *testing.T) {
	make := func() []byte {
		f := newOffice(t)
		f.o.Random = rand.NewChaCha8([32]byte{9})
		f.o.Cards = filepath.Join(f.dir, "cards.html")
		f.roster("姓名,志愿者编号,积分", "张伟,V001,125", "李敏,V002,30", "王芳,V003,1")
		f.goods("物品名称,所需积分", "大米,280", "盐,30")
		f.make()
		return read(t, f.o.Out)
	}
	if !bytes.Equal(make(), make()) {
		t.Error("two bundles of the same lists, day and randomness differ")
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPointsAreTotals(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,积分", "张伟,V001,100", "李敏,V002,50", "王芳,V003,9")
	f.make()
	f.o.Now = f.o.Now.AddDate(0, 2, 0)
	f.roster("姓名,志愿者编号,积分", "张伟,V001,130", "李敏,V002,40", "王芳,V003,9")
	result := f.make()
	want(t, result.Files[0], 0, 1, 1, 1)
	if codes(result.Files[0]) != CodePointsLess || result.Files[0].Rejected[0].Row != 3 || !strings.Contains(result.Files[0].Rejected[0].Reason, "50") {
		t.Errorf("rejected %+v", result.Files[0].Rejected)
	}
	b := f.bundle()
	v := b.volunteers["张伟"]
	if v.Version != 2 || len(v.Earned) != 2 || v.Earned[1].Points != 30 || v.Earned[1].On != day(t, "2026-05-15") || v.Earned[1].Expires != day(t, "2029-05-31") {
		t.Errorf("volunteer %+v", v)
	}
	if v := b.volunteers["李敏"]; v.Version != 1 || v.Earned[0].Points != 50 {
		t.Errorf("a rejected row changed %+v", v)
	}
	if b.header.Serial != 2 {
		t.Errorf("serial %d", b.header.Serial)
	}
}

func TestHoursBecomePointsByThePolicy(t *testing.T) {
	f := newOffice(t)
	f.o.Station.Policy = civic.Policy{PointsPerHour: 5}
	points := func(hours string, want ledger.Points) {
		t.Helper()
		f.roster("姓名,志愿者编号,时长", "张伟,V001,"+hours)
		f.make()
		var sum ledger.Points
		for _, e := range f.bundle().volunteers["张伟"].Earned {
			sum += e.Points
		}
		if sum != want {
			t.Errorf("%s hours: %d points, want %d", hours, sum, want)
		}
	}
	points("0.5", 2)
	points("0.9", 2)
	points("1", 5)
	points("1.5", 7)
	points("10", 50)
	e := f.bundle().volunteers["张伟"].Earned
	if last := e[len(e)-1]; last.Minutes != 510 || last.Rate != 5 {
		t.Errorf("the line does not explain itself: %+v", last)
	}
	f.o.Station.Policy.PointsPerHour = 10 // a new rate counts for new hours alone
	points("11", 60)
	f.roster("姓名,志愿者编号,时长", "张伟,V001,10", "李敏,V002,1")
	if result := f.make(); codes(result.Files[0]) != CodeMinutesLess {
		t.Errorf("fewer hours: %+v", result.Files[0])
	}
}

// An office that changes from points to hours must not grant everything twice.
func TestHoursAfterPoints(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,积分", "张伟,V001,100", "李敏,V002,100")
	f.make()
	f.roster("姓名,志愿者编号,时长", "张伟,V001,12", "李敏,V002,9")
	result := f.make()
	if codes(result.Files[0]) != CodePointsLess {
		t.Errorf("rejected %q", codes(result.Files[0]))
	}
	if v := f.bundle().volunteers["张伟"]; len(v.Earned) != 2 || v.Earned[1].Points != 20 {
		t.Errorf("volunteer %+v", v)
	}
}

func TestExpiryOfTheRoster(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,积分,有效期", "张伟,V001,10,2026-03-15", "李敏,V002,10,2026-03-14", "王芳,V003,10,2190-01-01", "赵云,V004,0,2020-01-01", "孙权,V005,10,长期")
	result := f.make()
	if got := codes(result.Files[0]); got != CodeExpired+" "+CodeDateFar {
		t.Errorf("rejected %s", got)
	}
	if e := f.bundle().volunteers["孙权"].Earned[0]; e.Expires != day(t, "2029-03-31") {
		t.Errorf("points without an end expire %v", e.Expires)
	}
}

const (
	idZhang = "11010519491231002X"
	idLi    = "320584195001010019"
	idWang  = "320584194802150025"
)

func TestPersonsAreKnownAgain(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,证件号码", "张伟,V001,"+idZhang, "李敏,V002,", "王芳,,"+idWang)
	f.make()
	first := f.bundle()
	f.roster("姓名,志愿者编号,证件号码",
		"张伟,V901,"+idZhang, // renumbered
		"李小敏,V002,"+idLi,   // renamed, and the ID-card number is known now
		"王芳,V003,"+idWang,  // has a number now
		"新人,V004,320584195203300030")
	result := f.make()
	want(t, result.Files[0], 1, 3, 0, 0)
	second := f.bundle()
	for before, now := range map[string]string{"张伟": "张伟", "李敏": "李小敏", "王芳": "王芳"} {
		if first.volunteers[before].ID != second.volunteers[now].ID {
			t.Errorf("%s became another person", before)
		}
	}
	if n := len(second.volunteers); n != 4 {
		t.Errorf("%d volunteers", n)
	}
	f.roster("姓名,志愿者编号", "张伟,V001", "李小敏,V002") // the old number still leads to him
	want(t, f.make().Files[0], 0, 1, 1, 0)
	if f.bundle().volunteers["张伟"].ID != first.volunteers["张伟"].ID || len(f.bundle().volunteers) != 4 {
		t.Error("the old number led to another person")
	}
}

func TestPersonsWhoAreMixedUp(t *testing.T) {
	f := newOffice(t)
	const idSun = "320584196107040042"
	f.roster("姓名,志愿者编号,证件号码", "张伟,V001,"+idZhang, "李敏,V002,"+idLi, "孙权,V003,"+idSun)
	f.make()
	before := read(t, f.o.Out)
	f.roster("姓名,志愿者编号,证件号码", "李敏,V002,"+idSun, "王芳,V003,"+idWang, "张伟,V001,", "张伟,,"+idZhang, "张13800138000,V009,")
	result := f.make()
	if got := codes(result.Files[0]); got != strings.Join([]string{CodeTwoPeople, CodeIDConflict, CodeSamePerson, CodePrivate}, " ") {
		t.Errorf("rejected %s", got)
	}
	if r := result.Files[0].Rejected[2]; r.Row != 5 || !strings.Contains(r.Reason, "4") {
		t.Errorf("the second row of a person: %+v", r)
	}
	if !bytes.Equal(before, read(t, f.o.Out)) {
		t.Error("rejected rows changed the bundle")
	}
	f.roster("姓名,志愿者编号,证件号码", "张伟,V001,"+idWang) // same number and name: the ID-card number was mistyped before
	want(t, f.make().Files[0], 0, 1, 0, 0)
}

// Nothing that could name a person to a stranger is in the file: not an ID-card
// number, not a phone, in whichever column somebody typed it.
func TestBundleHoldsNoPrivateNumber(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,证件号码,手机", "张伟,V001,"+idZhang+",13800138000", "李敏,"+idLi+",,13900139000", "王芳,13700137000,,", "赵云,V004,,")
	f.staff("姓名,编号,岗位,手机", "孙权,"+idWang+",店员,13600136000")
	f.o.Cards = filepath.Join(f.dir, "cards.html")
	f.make()
	plain := unpack(t, f.o.Out) + string(read(t, filepath.Join(f.dir, "issuer", "SQ-01.bundle"))[:4096])
	for _, secret := range []string{idZhang, idLi, idWang, "13800138000", "13900139000", "13700137000", "13600136000"} {
		if strings.Contains(plain, secret) {
			t.Errorf("the bundle holds %s", secret)
		}
		if strings.Contains(string(read(t, f.o.Cards)), secret) {
			t.Errorf("the card sheet holds %s", secret)
		}
	}
	if !strings.Contains(plain, "V001") || !strings.Contains(plain, "王芳") {
		t.Error("the body was not unpacked")
	}
}

func unpack(t testing.TB, path string) string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(read(t, path)[4096:]))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestWhatTheRosterLeavesOpenStays(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,证件号码,手机,时长,积分", "张伟,V001,"+idZhang+",13800138000,5,50", "李敏,V002,,13900139000,,")
	f.make()
	f.roster("姓名,证件号码", "张伟,"+idZhang)
	result := f.make()
	want(t, result.Files[0], 0, 0, 1, 0)
	if v := f.bundle().volunteers["张伟"]; v.Number != "V001" || v.Tail != "8000" || v.Minutes != 300 || len(v.Earned) != 1 {
		t.Errorf("volunteer %+v", v)
	}
	if _, ok := f.bundle().volunteers["李敏"]; !ok {
		t.Error("a person who is missing in the roster was dropped")
	}
}

func TestRefusedListWritesNothing(t *testing.T) {
	for name, spoil := range map[string]func(f *office){
		"no header":       func(f *office) { f.roster("甲,乙", "1,2") },
		"no row accepted": func(f *office) { f.roster("姓名,志愿者编号", ",V001", "张伟,") },
		"one of two":      func(f *office) { f.roster("姓名,志愿者编号", "张伟,V001"); f.goods("什么,都没有", "1,2") },
		"empty":           func(f *office) { f.o.Roster = f.file("roster.csv") },
	} {
		f := newOffice(t)
		spoil(f)
		result, err := f.try()
		if !errors.Is(err, ErrNothingTaken) || len(result.Files) == 0 {
			t.Errorf("%s: %v, %+v", name, err, result)
		}
		for _, path := range []string{f.o.Out, filepath.Join(f.dir, "issuer", "SQ-01.bundle")} {
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("%s: %s was written", name, path)
			}
		}
	}
}

// The preview counts every list, also when one of them stops the run.
func TestRefusedListDoesNotHideTheOthers(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号", "张伟,V001", "李敏,V002")
	f.goods("什么,都没有", "1,2")
	result, err := f.try()
	if !errors.Is(err, ErrNothingTaken) || result.Files[1].Refused == nil {
		t.Errorf("%v, %+v", err, result.Files[1])
	}
	want(t, result.Files[0], 2, 0, 0, 0)
}

func TestDryRunWritesNothing(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,积分", "张伟,V001,10", ",V002,5")
	f.o.DryRun, f.o.Cards, f.o.Rejected = true, filepath.Join(f.dir, "cards.html"), filepath.Join(f.dir, "rejected.csv")
	want(t, f.make().Files[0], 1, 0, 0, 1)
	for _, name := range []string{"out.yzb", "cards.html", "issuer/SQ-01.bundle"} {
		if _, err := os.Stat(filepath.Join(f.dir, name)); !os.IsNotExist(err) {
			t.Errorf("%s was written", name)
		}
	}
	if rows := string(read(t, f.o.Rejected)); !strings.Contains(rows, "V002") || !strings.Contains(rows, "原因") {
		t.Errorf("rejected rows %q", rows)
	}
	f.o.DryRun = false
	want(t, f.make().Files[0], 1, 0, 0, 1)
}

func TestNewEpochBeginsFromNothing(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号,积分", "张伟,V001,100", "李敏,V002,50")
	f.goods("编码,物品名称,所需积分,库存", "G1,大米,280,12", "G2,盐,30,5")
	f.o.Cards = filepath.Join(f.dir, "cards.html")
	f.make()
	before := f.bundle()
	f.o.Epoch = 2
	f.roster("姓名,志愿者编号,积分", "张伟,V001,60")
	f.goods("编码,物品名称,所需积分,库存", "G1,大米,280,7")
	f.make()
	b := f.bundle()
	if b.header.Epoch != 2 || b.header.Serial != 2 {
		t.Errorf("header %+v", b.header)
	}
	v := b.volunteers["张伟"]
	if v.ID != before.volunteers["张伟"].ID || len(v.Earned) != 1 || v.Earned[0].Points != 60 || v.Cards[0] != before.volunteers["张伟"].Cards[0] {
		t.Errorf("volunteer %+v", v)
	}
	if v := b.volunteers["李敏"]; len(v.Earned) != 0 || len(v.Cards) != 1 {
		t.Errorf("a volunteer whom the new list does not name: %+v", v)
	}
	if b.goods["G1"].Delivered != 7 || b.goods["G2"].Delivered != 0 || !b.goods["G2"].Withdrawn {
		t.Errorf("goods %+v", b.goods)
	}
	f.o.Epoch = 1
	if _, err := f.try(); !errors.Is(err, civic.ErrOlder) {
		t.Errorf("back to epoch 1: %v", err)
	}
}

func TestDamagedRegisterStopsTheIssuer(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号", "张伟,V001")
	f.make()
	path := filepath.Join(f.dir, "issuer", "SQ-01.bundle")
	b := read(t, path)
	b[len(b)-9] ^= 4
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := f.try(); !errors.Is(err, civic.ErrForged) || !strings.Contains(err.Error(), path) {
		t.Errorf("damaged register: %v", err)
	}
}

func TestLongHistoryIsFoldedByLot(t *testing.T) {
	var earned []civic.Earning
	var sum ledger.Points
	for n := range maxEarnedLines + 1 {
		earned = append(earned, civic.Earning{On: ledger.Day(n), Expires: ledger.Day(1000 + n/30), What: rosterWhat, Minutes: 30, Points: ledger.Points(n)})
		sum += ledger.Points(n)
	}
	before := civic.Volunteer{Earned: earned}.Granted()
	folded := fold(earned)
	if len(folded) >= len(earned) || len(folded) < keptEarnedLines {
		t.Errorf("%d lines became %d", len(earned), len(folded))
	}
	after := civic.Volunteer{Earned: folded}.Granted()
	for lot, points := range before {
		if after[lot] != points {
			t.Errorf("lot %v had %d, now %d", lot, points, after[lot])
		}
	}
	if short := earned[:5]; len(fold(short)) != 5 {
		t.Error("a short history was folded")
	}
}

func TestNamesOfKiosks(t *testing.T) {
	f := newOffice(t)
	f.roster("姓名,志愿者编号", "张伟,V001")
	for _, name := range []string{"", "sq-01", "../x", strings.Repeat("A", 17)} {
		f.o.Kiosk = name
		if _, err := f.try(); err == nil {
			t.Errorf("kiosk %q", name)
		}
	}
}
