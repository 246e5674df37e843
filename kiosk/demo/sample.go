package demo

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// People is how many volunteers the sample village has.
const People = 2000

// Years for which the sample has a roster each. A volunteer's hours grow from
// roster to roster, and what each year adds expires on the date beside it.
var years = []struct {
	roster  string // file name
	made    string // date on which the office made the bundle
	expires string
	share   int64 // of a volunteer's hours so far, in percent
}{
	{"roster-2024.csv", "2024-01-15", "2026-12-31", 16},
	{"roster-2025.csv", "2025-01-15", "2027-12-31", 52},
	{"roster-2026.csv", "2026-01-15", "2028-12-31", 100},
}

// The first volunteer of every sample, whose card and PIN are shown: the name, the
// phone and the PIN of somebody to try with.
const (
	TryName  = "张小伟"
	TryPhone = "15405714260"
	TryPIN   = "260714"
	tryHours = 126
)

// Names are put together from the commonest surnames and characters of given
// names, with a few people whose names trip other systems. Three of those end in a rare
// character, which a masked name still shows.
var (
	surnames = []rune("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤")
	given    = []rune("伟芳秀英娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂香玉梅建国华文红春生根福来金凤银花水莲志成长林海燕小云雪琴月娥宝珍大山新民庆喜德顺")
	rare     = []string{"欧阳娜", "买买提·艾力", "李梦㛃", "赵子𬱖", "王玉龘", "诸葛建国", "单于秀兰"}
)

// writeRosters writes one roster of so many people, from the given one on, for each
// year into dir.
func writeRosters(dir string, first, many int, random *rand.Rand) error {
	people := make([]person, many)
	for i := range people {
		people[i] = samplePerson(first+i, random)
	}
	for _, year := range years {
		rows := [][]string{{"姓名", "志愿者编号", "手机", "累计时长(小时)", "有效期"}}
		for _, p := range people {
			hours := strconv.FormatFloat(float64(p.hours*2*year.share/100)/2, 'f', 1, 64)
			rows = append(rows, []string{p.name, p.number, p.phone, hours, year.expires})
		}
		if err := writeCSV(filepath.Join(dir, year.roster), rows); err != nil {
			return err
		}
	}
	return nil
}

type person struct {
	name, number, phone string
	hours               int64
}

func samplePerson(i int, random *rand.Rand) person {
	number := fmt.Sprintf("330%09d", 100001+i)
	switch {
	case i == 0:
		return person{TryName, number, TryPhone, tryHours}
	case i <= len(rare):
		return person{rare[i-1], number, samplePhone(i), 20 + random.Int64N(80)}
	}
	name := string(surnames[random.IntN(len(surnames))]) + string(given[random.IntN(len(given))])
	if random.IntN(4) > 0 {
		name += string(given[random.IntN(len(given))])
	}
	phone := samplePhone(i)
	if random.IntN(10) < 3 { // three in ten have no phone of their own
		phone = ""
	}
	return person{name, number, phone, random.Int64N(160)}
}

// samplePhone counts up in the block 154, which no operator uses.
func samplePhone(i int) string { return fmt.Sprintf("1540571%04d", 4260+i) }

// writeStaff writes the staff of a station, whose numbers begin with its kiosk's name.
func writeStaff(dir, kiosk string) error {
	return writeCSV(filepath.Join(dir, "staff.csv"), [][]string{
		{"姓名", "编号", "岗位"},
		{"周桂英", kiosk + "-S1", "工作人员"},
		{"陈建国", kiosk + "-S2", "站长"},
		{"吴志强", kiosk + "-S3", "技术员"},
	})
}

const stationTOML = `name = "石桥村益栈"
name_en = "Shiqiao Village Yizhan"
parent = "清溪镇 · 文明实践站"
parent_en = "Qingxi Town practice center"
counter = "进门左手边"
counter_en = "on the left as you come in"
phone = "0571-88001234"
`

func writeStation(dir string) error {
	return os.WriteFile(filepath.Join(dir, "station.toml"), []byte(stationTOML), 0o644)
}

func writeCSV(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing sample data: %w", err)
	}
	defer f.Close()
	w := csv.NewWriter(f)
	if err := w.WriteAll(rows); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return f.Close()
}
