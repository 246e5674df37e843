package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// parse parts a text into rows of texts.
func parse(t testing.TB, s string, separator byte) ([][]string, error) {
	t.Helper()
	p := &textParser{in: bufio.NewReaderSize(strings.NewReader(s), 16), separator: separator}
	rows := [][]string{}
	r := &row{}
	for {
		err := p.next(r)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		cells := []string{}
		for _, c := range r.cells {
			cells = append(cells, c.text)
		}
		rows = append(rows, cells)
	}
}

func TestTextParser(t *testing.T) {
	for s, want := range map[string][][]string{
		"":                        {},
		"a":                       {{"a"}},
		"a,b\nc":                  {{"a", "b"}, {"c"}},
		"a\r\nb\rc\n":             {{"a"}, {"b"}, {"c"}},
		"a\n\n\nb":                {{"a"}, {""}, {""}, {"b"}},
		"a,":                      {{"a", ""}},
		",":                       {{"", ""}},
		`"a,b",c`:                 {{"a,b", "c"}},
		`"a ""b""",""`:            {{`a "b"`, ""}},
		"\"a\nb\",c":              {{"a\nb", "c"}},
		"\"a\r\nb\",c":            {{"a\r\nb", "c"}},
		`5" nail,b`:               {{`5" nail`, "b"}},
		`"a"b,c`:                  {{"ab", "c"}},
		`"a" ,c`:                  {{"a ", "c"}},
		"张三,\"李,四\"\r\n":          {{"张三", "李,四"}},
		"a;b\tc":                  {{"a;b\tc"}},
		`""`:                      {{""}},
		"\r":                      {{""}},
		strings.Repeat("x", 5000): {{strings.Repeat("x", maxCellBytes)}},
	} {
		got, err := parse(t, s, ',')
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.40q = %q, %v", s, got, err)
		}
	}
	var refused *Error
	if _, err := parse(t, "a\n\"b\nc", ','); !errors.As(err, &refused) || refused.Code != RefusedQuote || !strings.Contains(refused.Message, "第 2 行") {
		t.Errorf("open quote: %v", err)
	}
	r := &row{}
	p := &textParser{in: bufio.NewReader(strings.NewReader(strings.Repeat(",", 300) + "x\n" + strings.Repeat(",", 300) + " \n")), separator: ','}
	if err := p.next(r); err != nil || len(r.cells) != maxColumns || !r.wide {
		t.Errorf("%d cells, wide %v, %v", len(r.cells), r.wide, err)
	}
	if err := p.next(r); err != nil || r.wide {
		t.Errorf("blanks beyond the limit: wide %v, %v", r.wide, err)
	}
}

func TestSeparators(t *testing.T) {
	for s, want := range map[string]byte{
		"姓名,编号\n张三,1\n": ',', "姓名\t编号\n张三\t1\n": '\t', "姓名;编号\n张三;1\n": ';',
		"姓名\t地址\n张三\t甲路,乙号,丙室\n李四\t丁路\n王五\t戊路\n": '\t',
		"\"a,b,c,d\";x\n\"e,f\";y\n":  ';',
		"名单；共2人，含1名党员\n姓名,编号\n张三,1\n": ',',
		"姓名\n张三\n":                    ',',
		"":                            ',',
	} {
		if got := likelySeparator([]byte(s)); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	people, _, _, err := roster(t, write(t, "a.csv", "sep=;\r\n姓名;编号\r\nSmith, John;1\r\n"))
	if err != nil || len(people) != 1 || people[0].Name != "Smith, John" || people[0].Row != 3 {
		t.Errorf("%+v, %v", people, err)
	}
}

func TestEncodings(t *testing.T) {
	const list = "姓名,编号\r\n买买提·艾力,1\r\n𬱖镕㛃,2\r\n"
	for name, tt := range map[string]struct {
		content, encoding string
	}{
		"utf-8": {list, ""}, "mark": {"\uFEFF" + list, ""}, "gb18030": {encode(t, "gb18030", list), "GB18030"},
		"utf-16le": {"\xFF\xFE" + encode(t, "utf-16le", list), "UTF-16"}, "utf-16be": {"\xFE\xFF" + encode(t, "utf-16be", list), "UTF-16"},
		// A late character decides: the beginning of the file is the same in both encodings.
		"late": {"name,number\r\n" + strings.Repeat("abc,\r\n", 20_000) + "\xD0\xD5\xC3\xFB,3\r\n", "GB18030"},
	} {
		people, _, summary, err := roster(t, write(t, "a.csv", tt.content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		told := slices.Contains(noticeCodes(summary), NoticeEncoding)
		if told != (tt.encoding != "") || told && !strings.Contains(summary.Notices[0].Text, tt.encoding) {
			t.Errorf("%s: %+v", name, summary.Notices)
		}
		if name == "late" {
			if len(people) != 1 || people[0].Name != "姓名" {
				t.Errorf("late: %+v", people)
			}
			continue
		}
		if len(people) != 2 || people[0].Name != "买买提·艾力" || people[1].Name != "𬱖镕㛃" {
			t.Errorf("%s: %+v", name, people)
		}
	}
}

// FuzzReadCSV reads any text as a roster: never a panic, every row accounted for, and rows parted as encoding/csv parts them where both agree
// on what is well formed.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{
		"姓名,编号\n张三,1\n", "\xEF\xBB\xBF姓名;证件号码\r\n李四;11010519491231002X\r\n", "姓名\t编号\n\"a\"\"b\"\tx\n", "sep=;\n姓名;编号\n", "\xFF\xFEY\x00",
		"姓名,编号,时长,积分,有效期,手机\n王五,2,3:30,\"1,200\",2026-12-31,13800138000\n", "\xD0\xD5\xC3\xFB,\xB1\xE0\xBA\xC5\n\xD5\xC5,1\n", "\"\"\",\"\n", "a\rb",
	} {
		f.Add(s)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, s string) {
		path := filepath.Join(dir, "fuzz.csv")
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		accountFor(t, path)
		likeStandard(t, s)
	})
}

// likeStandard compares our rows with those of encoding/csv for texts that it takes without complaint and without blank lines.
func likeStandard(t *testing.T, s string) {
	if strings.Contains(s, "\r") || len(s) > maxCellBytes || strings.Count(s, ",") >= maxColumns {
		return
	}
	r := csv.NewReader(strings.NewReader(s))
	r.FieldsPerRecord = -1
	want, err := r.ReadAll()
	if err != nil {
		return
	}
	got, err := parse(t, s, ',')
	if err != nil {
		t.Fatalf("%q: %v, but encoding/csv reads it", s, err)
	}
	for i := 0; i < len(got); i++ {
		if len(got[i]) == 1 && got[i][0] == "" && !(i < len(want) && reflect.DeepEqual(got[i], want[i])) {
			got = slices.Delete(got, i, i+1) // encoding/csv passes over blank lines
			i--
		}
	}
	if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("%q:\n got %q\nwant %q", s, got, want)
	}
}

// encode writes a text in an encoding, without a mark.
func encode(t testing.TB, name, s string) string {
	t.Helper()
	e := map[string]encoding.Encoding{
		"gb18030":  simplifiedchinese.GB18030,
		"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
		"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	}[name]
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestProtectedCells reads an export that wraps every cell so that Excel leaves it alone, and notes beside the list.
func TestProtectedCells(t *testing.T) {
	path := write(t, "a.csv", "=\"姓名\",=\"编号\",,\n=\"张三\",=\"001\",,已核对\n李四\t,'002\t,,\n王五,3,,,多\n")
	people, rejected, _, err := roster(t, path)
	if err != nil || len(people) != 2 || people[0].Number != "001" || people[1].Number != "002" || people[1].Name != "李四" {
		t.Errorf("%+v, %v", people, err)
	}
	if len(rejected) != 1 || rejected[0].Code != CodeTooWide {
		t.Errorf("%+v", rejected)
	}
}
