// Package code holds the tables of codes that the national volunteer information
// system has for what a person is: albp0006 is the sex, albp0008 the nation, and so
// on; albx0014 of whom an activity is for, and albx0173 how a record of service came to
// be. A record keeps the code; people see and write the name.
//
// The tables are those of the national system's own pages, with an English name
// beside each. Two nations whose names are misprinted there (35 and 36) have their
// right ones. A table that the system's pages do not have is not made up here: the
// kinds of service, albp0021, and the categories of activities, albx0009, are such, and
// stand in records as words.
package code

import (
	_ "embed"
	"strings"
)

//go:embed codes.tsv
var tables string

// Table is one table of codes.
type Table struct {
	Name    string // as the national system calls it
	Entries []Entry
	byText  map[string]string // whatever stands for a code
}

// Entry is a code with its names.
type Entry struct{ Code, Chinese, English string }

// The tables that the records of volunteers and activities use.
var (
	IDType     = read("albp0004", "身份证=01", "居民身份证=01", "二代身份证=01", "军官=06", "士兵=07", "其他=99")
	Sex        = read("albp0006", "男性=1", "女性=2", "m=1", "f=2")
	Political  = read("albp0007", "党员=01", "中共党员=01", "共产党员=01", "中国共产党党员=01", "预备党员=02", "中共预备党员=02", "团员=03", "共青团员=03", "民革党员=04", "民盟盟员=05", "民建会员=06", "民进会员=07", "农工党党员=08", "致公党党员=09", "九三社员=10", "台盟盟员=11", "无党派人士=12", "无党派=12", "普通群众=13")
	Nation     = read("albp0008", "撤拉族=35", "毛难族=36")
	Education  = read("albp0017", "博士=11", "硕士=14", "研究生=14", "本科=20", "大学=20", "大学生=20", "大专=30", "专科=30", "中专=40", "中技=40", "技校=50", "职高=40", "高中生=60", "中学=70", "小学生=80", "文盲=00")
	Occupation = read("albp0018", "公务员=11", "技术人员=13", "军人=37", "无业=70", "退休=80", "退休人员=80", "离退休=80", "离退休人员=80", "个体=54", "个体户=54", "自由职业者=51", "务农=27", "其他职业=90")
	Star       = read("albp0026")
	Time       = read("albp0035")
	Skill      = read("albp0039")
	Served     = read("albx0014", "老人=03", "残疾人=04", "公众=11", "村民=09", "居民=10")
)

// The tables that a record of service uses.
var (
	Method   = read("albx0173") // how it came to be
	Validity = read("albx0174")
	Kind     = read("albx0187") // of its hours
)

// read takes a table out of the text, with other writings of its codes.
func read(name string, more ...string) *Table {
	t := &Table{Name: name, byText: make(map[string]string)}
	for line := range strings.Lines(tables) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if cells[0] != name {
			continue
		}
		e := Entry{cells[1], cells[2], cells[3]}
		t.Entries = append(t.Entries, e)
		t.byText[e.Code], t.byText[key(e.Chinese)], t.byText[key(e.English)] = e.Code, e.Code, e.Code
		if short := strings.TrimPrefix(e.Code, "0"); short != "" {
			t.byText[short] = e.Code // spreadsheets take 01 for a number
		}
		if short, ok := strings.CutSuffix(e.Chinese, "族"); ok {
			t.byText[short] = e.Code
		}
	}
	for _, m := range more {
		text, code, _ := strings.Cut(m, "=")
		t.byText[key(text)] = code
	}
	return t
}

// key is what two writings of a name have in common.
func key(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '　', '(', ')', '（', '）', '、', '/':
			return -1
		}
		return r
	}, strings.ToLower(text))
}

// Parse reads a code, or a name of one.
func (t *Table) Parse(text string) (code string, ok bool) {
	code, ok = t.byText[key(text)]
	return code, ok
}

// Has tells whether it is one of the table's codes, as records keep them.
func (t *Table) Has(code string) bool {
	_, ok := t.entry(code)
	return ok
}

// Label is the name of a code in Chinese or English; what is no code is itself.
func (t *Table) Label(code string, english bool) string {
	e, ok := t.entry(code)
	switch {
	case !ok:
		return code
	case english:
		return e.English
	}
	return e.Chinese
}

func (t *Table) entry(code string) (Entry, bool) {
	for _, e := range t.Entries {
		if e.Code == code {
			return e, true
		}
	}
	return Entry{}, false
}
