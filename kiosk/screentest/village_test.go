package screentest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

// kioskName is the kiosk's own name, in all its documents.
const kioskName = "SQ-01"

// The people of the village. Ids are their number.
const (
	zhang = byte(1) // card, phone, PIN; 1,260 points in three lots
	wang  = byte(2) // card; shares phone and PIN with her husband
	liu   = byte(3) // the husband, without a card
	chen  = byte(4) // card, no points
	adili = byte(5) // card; the longest name, a large balance

	clerk      = byte(11)
	leader     = byte(12)
	technician = byte(13)
)

const (
	zhangPhone, zhangPIN = "13805714260", "260714"
	homePhone, homePIN   = "13905710001", "802571"
	staffPIN             = "471103"
)

// What the screen says of Zhang, and must not say to anybody else.
const zhangMasked, zhangBalance = "张*伟", "1,260"

// longName is the longest that a person here has.
const longName = "阿迪力江·买买提艾力"

// activities that hours were earned at.
var activities = []string{"路口文明劝导", "秋收帮忙", "社区清洁日", "敬老院陪伴", "新时代文明实践站周末义诊"}

func id(n byte) ledger.ID { return ledger.ID{n} }

// card is what the scanner reads off somebody's card.
func card(n byte) string { return secretOf(n).Text() }

func secretOf(n byte) civic.CardSecret { return civic.CardSecret(bytes.Repeat([]byte{n}, 16)) }

// pinCost is too cheap for the field and quick in tests.
var pinCost = civic.PINCost{MemoryKiB: 64, Passes: 1}

var phoneKey = bytes.Repeat([]byte{9}, 32)

// issuer signs the village's bundles.
var issuer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

// writeBundle writes the village's documents as a bundle for a kiosk.
func writeBundle(t testing.TB, path, kiosk string, serial uint64) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	documents := func(yield func(civic.Document, error) bool) {
		for _, d := range villageDocuments(t, kiosk) {
			if !yield(d, nil) {
				return
			}
		}
	}
	header := civic.BundleHeader{Kiosk: kiosk, Epoch: 1, Serial: serial, Made: time.Date(2026, 11, 20, 1, 0, 0, 0, time.UTC)}
	_, err = civic.WriteBundle(file, header, issuer, documents)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

// villageDocuments are everything that a kiosk of the village knows, in the order of
// a bundle.
func villageDocuments(t testing.TB, kiosk string) []civic.Document {
	t.Helper()
	return slices.Concat([]civic.Document{station(kiosk)}, staff(t), goods(), volunteers(t))
}

// stick is a technician's: a newer bundle, one of another kiosk, and a damaged one.
func stick(t testing.TB) func() []string {
	t.Helper()
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "SQ-01-7.yzb"), filepath.Join(dir, "QX-02-3.yzb"), filepath.Join(dir, "SQ-01-copy.yzb")}
	writeBundle(t, paths[0], kioskName, 7)
	writeBundle(t, paths[1], "QX-02", 3)
	if err := os.WriteFile(paths[2], []byte("not a bundle"), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() []string { return paths }
}

func station(kiosk string) civic.Document {
	return civic.Document{Station: &civic.Station{Version: 1, Kiosk: kiosk, Name: "石桥村益栈", NameEN: "Shiqiao Village Yizhan", Parent: "清溪镇 · 文明实践站",
		ParentEN: "Qingxi Town practice center", Counter: "进门左手边", CounterEN: "on the left as you come in", Phone: "0571-88001234", PhoneKey: phoneKey}}
}

func staff(t testing.TB) []civic.Document {
	one := func(n byte, name string, role civic.Role) civic.Document {
		return civic.Document{Staff: &civic.Staff{ID: id(n), Version: 1, Name: name, Role: role, Cards: []civic.CardID{secretOf(n).ID()}, PIN: verifier(t, staffPIN)}}
	}
	return []civic.Document{one(clerk, "李芳芳", civic.RoleClerk), one(leader, "陈建国", civic.RoleLeader), one(technician, "吴志强", civic.RoleTechnician)}
}

// goods are twelve, with the longest names that the sample has, four categories,
// one sold out, one too dear and one whose picture nobody drew.
func goods() []civic.Document {
	good := func(code, name, english, size, unit, category string, price ledger.Points, stock int64, picture string) civic.Document {
		return civic.Document{Good: &civic.Good{Code: code, Version: 1, Name: name, NameEN: english, Size: size, Unit: unit, Category: category, Price: price, Delivered: stock, Picture: picture}}
	}
	return []civic.Document{
		good("G01", "东北大米", "Northeast rice", "5 公斤", "袋", "粮油", 280, 12, "rice"),
		good("G02", "土鸡蛋", "Free-range eggs", "20 个", "篮", "粮油", 160, 9, "eggs"),
		good("G03", "菜籽油", "Rapeseed oil", "5 升", "桶", "粮油", 420, 1, "oil"),
		good("G04", "保温热水壶", "Thermos flask", "2 升", "个", "日用", 3800, 3, "thermos"),
		good("G05", "棉毛巾", "Cotton towels", "3 条", "份", "日用", 90, 30, "towel"),
		good("G06", "晴雨伞", "Umbrella", "1 把", "把", "日用", 150, 0, "umbrella"),
		good("G07", "透明洗衣皂", "Laundry soap", "2 块装 200 克", "份", "洗护", 60, 40, "soap"),
		good("G08", "笔记本", "Notebook", "1 本", "本", "文具", 30, 50, "notebook"),
		good("G09", "老花镜", "Reading glasses", "200 度", "副", "日用", 240, 6, "reading-glasses"),
		good("G10", "防滑橡胶拖鞋", "Non-slip slippers", "42 码", "双", "日用", 180, 8, "slippers"),
		good("G11", "电子体温计", "Digital thermometer", "1 支", "支", "健康", 380, 4, "thermometer"),
		good("G12", "手工竹编篮", "Bamboo basket", "1 个", "个", "日用", 520, 2, "nobody-drew-this"),
	}
}

func volunteers(t testing.TB) []civic.Document {
	earned := func(on, expires, what string, minutes int64) civic.Earning {
		return civic.Earning{On: day(t, on), Expires: day(t, expires), What: what, Minutes: minutes, Rate: 10, Points: ledger.Points(minutes / 6)}
	}
	person := func(n byte, name, initials, phone, pin string, earnings ...civic.Earning) civic.Document {
		v := &civic.Volunteer{ID: id(n), Version: 1, Name: name, Initials: initials, Number: "33010000000" + string('0'+n), Earned: earnings}
		if phone != "" {
			v.Phone, v.Tail = civic.HashPhone(phoneKey, phone), phone[7:]
		}
		if n != liu {
			v.Cards = []civic.CardID{secretOf(n).ID()}
		}
		if pin != "" {
			v.PIN = verifier(t, pin)
		}
		return civic.Document{Volunteer: v}
	}
	var many []civic.Earning
	for _, year := range []string{"2024", "2025", "2026"} {
		for _, month := range []string{"02", "04", "06", "08", "10"} {
			line := earned(year+"-"+month+"-11", year[:3]+string(year[3]+3)+"-"+month+"-28", "新时代文明实践站周末义诊", 9588)
			line.Rule = "town:qingxi/12" // the rules of a center have numbers
			many = append(many, line)
		}
	}
	return []civic.Document{
		person(zhang, "张小伟", "zxw", zhangPhone, zhangPIN,
			earned("2023-12-20", "2026-12-31", "路口文明劝导", 1200), earned("2024-10-03", "2027-12-31", "秋收帮忙", 2760), earned("2025-11-02", "2028-12-31", "社区清洁日", 3600)),
		person(wang, "王秀英", "wxy", homePhone, homePIN, earned("2025-05-01", "2028-05-31", "敬老院陪伴", 600)),
		person(liu, "刘大山", "lds", homePhone, homePIN, earned("2025-05-01", "2028-05-31", "敬老院陪伴", 300)),
		person(chen, "陈李", "cl", "", ""),
		person(adili, longName, "adljmmtal", "", "", many...),
	}
}

func verifier(t testing.TB, pin string) string {
	t.Helper()
	salt := sha256.Sum256([]byte(pin))
	v, err := civic.HashPIN(pin, pinCost, bytes.NewReader(salt[:]))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func day(t testing.TB, s string) ledger.Day {
	t.Helper()
	d, err := ledger.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
