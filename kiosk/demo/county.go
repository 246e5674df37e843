package demo

import (
	"fmt"
	randv2 "math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"yizhan/assets"
)

// Town is the scope of the town that all villages of the demo belong to.
const Town = "qingxi"

// Village is a station of the demo's county and the lists that its office keeps.
type Village struct {
	Kiosk   string
	Scope   string
	Name    string
	NameEN  string
	Station string   // paths of the lists
	Goods   string   //
	Staff   string   //
	Rosters []Roster // the oldest first
}

// Roster is one year's list of volunteers.
type Roster struct {
	Path string
	Made time.Time // when the office took it in
}

// villages are those of the demo; the first is the home of the volunteer to try
// with.
var villages = []struct {
	kiosk, scope, name, nameEN, counter, counterEN, phone string
	people                                                int
}{
	{"SQ01", "shiqiao", "石桥村", "Shiqiao Village", "进门左手边", "on the left as you come in", "0571-88001234", 200},
	{"LH01", "liuhe", "柳河村", "Liuhe Village", "村委会一楼", "ground floor of the village office", "0571-88005678", 100},
}

// WriteCounty writes the lists of the demo's villages into dir.
func WriteCounty(dir string) ([]Village, error) {
	goods, err := assets.SampleGoods()
	if err != nil {
		return nil, err
	}
	random, first := randv2.New(randv2.NewPCG(sampleSeed, sampleSeed)), 0
	var list []Village
	for _, v := range villages {
		home := filepath.Join(dir, v.scope)
		village := Village{Kiosk: v.kiosk, Scope: v.scope, Name: v.name, NameEN: v.nameEN,
			Station: filepath.Join(home, "station.toml"), Goods: filepath.Join(home, "goods.csv"), Staff: filepath.Join(home, "staff.csv")}
		station := fmt.Sprintf("name = %q\nname_en = %q\nparent = \"清溪镇 · 文明实践站\"\nparent_en = \"Qingxi Town practice center\"\ncounter = %q\ncounter_en = %q\nphone = %q\n",
			v.name+"益栈", v.nameEN+" Yizhan", v.counter, v.counterEN, v.phone)
		if err := os.MkdirAll(home, 0o755); err != nil {
			return nil, fmt.Errorf("writing sample data: %w", err)
		}
		if err := os.WriteFile(village.Station, []byte(station), 0o644); err != nil {
			return nil, fmt.Errorf("writing sample data: %w", err)
		}
		if err := os.WriteFile(village.Goods, goods, 0o644); err != nil {
			return nil, fmt.Errorf("writing sample data: %w", err)
		}
		if err := writeStaff(home, v.kiosk); err != nil {
			return nil, err
		}
		if err := writeRosters(home, first, v.people, random); err != nil {
			return nil, err
		}
		for _, year := range years {
			made, err := time.Parse(time.DateOnly, year.made)
			if err != nil {
				return nil, err
			}
			village.Rosters = append(village.Rosters, Roster{filepath.Join(home, year.roster), made})
		}
		list, first = append(list, village), first+v.people
	}
	return list, nil
}
