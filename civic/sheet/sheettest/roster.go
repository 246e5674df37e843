package sheettest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Options say what list to make.
type Options struct {
	Seed    uint64
	Rows    int // rows that are not blank, below the headings
	Faults  int // faulty rows per thousand; others are sound, though messy
	Dialect     // of a text table
}

// Person is what a sound row must be read as.
type Person struct {
	Sheet                         string
	Row                           int
	Name, Number, IDNumber, Phone string
	Minutes, Points               int64
	Expires                       string // 2026-12-31 or nothing
}

// Trap is a row that must be refused, with its code and the heading to blame.
type Trap struct {
	Sheet, Column, Code string
	Row                 int
}

// Truth is what is in a list that was made.
type Truth struct {
	People []Person
	Traps  []Trap
}

// The headings of the rosters made here, in their order.
var headings = []string{"序号", "姓名*", "证件号码", "志愿者编号", "手机（必填）", "服务时长(小时)", "可用积分", "有效期"}

const (
	atIndex = iota
	atName
	atID
	atNumber
	atPhone
	atHours
	atPoints
	atExpires
	columns
)

// rowWriter is a sheet or a text table.
type rowWriter interface {
	Row(cells ...Cell) int
}

// Roster makes a messy roster at a path: a workbook for .xlsx, else a text table (with tabs for .xls and .tsv).
func Roster(path string, o Options) (Truth, error) {
	f, err := os.Create(path)
	if err != nil {
		return Truth{}, fmt.Errorf("making roster: %w", err)
	}
	defer f.Close()
	m := &maker{rng: rand.New(rand.NewPCG(o.Seed, 1)), options: o}
	if strings.EqualFold(filepath.Ext(path), ".xlsx") {
		m.book, m.sheetName = NewWorkbook(f), "志愿者名单"
		s := m.book.Sheet(m.sheetName, "")
		m.sheet = s
		m.fill(s)
		old := m.book.Sheet("旧名单", "hidden")
		old.Row(Text("姓名"), Text("编号"))
		old.Row(Text("不该读到"), Text("X0"))
		return m.truth, m.book.Close()
	}
	if o.Separator == "" && strings.EqualFold(filepath.Ext(path), ".xls") {
		o.Separator = "\t"
	}
	t, err := newTextWriter(f, o.Dialect)
	if err != nil {
		return Truth{}, err
	}
	m.fill(t)
	return m.truth, t.Close()
}

// maker makes one roster.
type maker struct {
	rng       *rand.Rand
	options   Options
	truth     Truth
	book      *Workbook // nil for a text table
	sheet     *Sheet
	sheetName string
	serial    int
	calm      bool // the row before was sound, so that a merged cell may begin there
}

// draft is a row in the making.
type draft struct {
	cells [columns]Cell
	want  Person
	fault string // code, when the row is to be refused
	blame int    // column at fault
}

func (m *maker) fill(w rowWriter) {
	w.Row(Text("2026年益栈志愿者名单"))
	w.Row()
	head := make([]Cell, columns)
	for i, h := range headings {
		head[i] = Text(h)
	}
	w.Row(head...)
	for range m.options.Rows {
		if m.rng.IntN(200) == 0 {
			w.Row(Cell{}, Text(" "), Text("\u3000"))
			m.calm = false
		}
		d := m.sound()
		if m.rng.IntN(1000) < m.options.Faults {
			m.spoil(&d)
		}
		m.put(w, d)
	}
	for range 3 {
		w.Row(Number(fmt.Sprint(m.serial + 1))) // numbered in advance, never filled in
	}
}

func (m *maker) put(w rowWriter, d draft) {
	row := w.Row(d.cells[:]...)
	if d.fault == "merged" {
		m.sheet.Merge(fmt.Sprintf("%s%d:%s%d", ColumnName(d.blame+1), row-1, ColumnName(d.blame+1), row))
	}
	m.calm = d.fault == ""
	if !m.calm {
		m.truth.Traps = append(m.truth.Traps, Trap{Sheet: m.sheetName, Row: row, Column: headings[d.blame], Code: d.fault})
		return
	}
	d.want.Sheet, d.want.Row = m.sheetName, row
	m.truth.People = append(m.truth.People, d.want)
}

// pick takes one of several.
func pick[T any](m *maker, of ...T) T { return of[m.rng.IntN(len(of))] }

// sound makes a row that must be accepted, in one of the ways people write it.
func (m *maker) sound() draft {
	m.serial++
	var d draft
	d.cells[atIndex] = Number(fmt.Sprint(m.serial))
	d.want.Name = m.name()
	d.cells[atName] = Text(m.dressName(d.want.Name))
	d.want.Number = fmt.Sprintf("ZY%08d", m.serial)
	d.cells[atNumber] = Text(pick(m, d.want.Number, d.want.Number, strings.ToLower(d.want.Number), Wide(d.want.Number), " "+d.want.Number+"\t"))
	m.giveID(&d)
	m.givePhone(&d)
	m.giveHours(&d)
	m.givePoints(&d)
	m.giveExpiry(&d)
	return d
}

var (
	families = []rune("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜")
	givens   = []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀英华玉兰霞平刚桂梅建国志文𬱖㛃𠮷")
)

func (m *maker) name() string {
	switch m.rng.IntN(50) {
	case 0:
		return "买买提·艾力"
	case 1:
		return "欧阳" + string(pick(m, givens...))
	case 2:
		return "John Smith"
	}
	s := string(pick(m, families...)) + string(pick(m, givens...))
	if m.rng.IntN(3) > 0 {
		s += string(pick(m, givens...))
	}
	return s
}

// dressName writes a name as people pad and copy it.
func (m *maker) dressName(name string) string {
	runes := []rune(name)
	switch {
	case strings.Contains(name, "·"):
		return strings.ReplaceAll(name, "·", pick(m, "·", "•", "・", "．"))
	case len(runes) == 2 && m.rng.IntN(4) == 0:
		return string(runes[0]) + pick(m, "\u3000", " ", "  ") + string(runes[1])
	}
	return pick(m, name, name, name, name+" ", "\u00A0"+name, name+"\u200B")
}

// Wide writes ASCII in full width.
func Wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7F {
			return r + 0xFEE0
		}
		return r
	}, s)
}

// IDNumber makes a sound resident id from its first 17 digits.
func IDNumber(first17 string) string {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(first17[i]-'0')
	}
	return first17 + string("10X98765432"[sum%11])
}

// first17 is different for every serial below 14 million.
func (m *maker) first17() string {
	n := m.serial
	return fmt.Sprintf("%06d%04d%02d%02d%03d", 320500+n/3000%500, 1940+n%60, 1+n/60%12, 1+n/720%28, 1+n/20160%900)
}

func (m *maker) giveID(d *draft) {
	id := IDNumber(m.first17())
	if m.rng.IntN(6) == 0 {
		return // many lists have only the volunteer number
	}
	d.want.IDNumber = id
	shown := pick(m, id, id, id, strings.ToLower(id), Wide(id), id[:6]+" "+id[6:14]+" "+id[14:], "'"+id)
	if m.rng.IntN(30) == 0 {
		shown = id[:6] + id[8:17] // the 15 digits of old
	}
	d.cells[atID] = Text(shown)
}

func (m *maker) givePhone(d *draft) {
	if m.rng.IntN(8) == 0 {
		d.cells[atPhone] = pick(m, Cell{}, Text("无"), Text("-"))
		return
	}
	p := fmt.Sprintf("1%d%09d", 3+m.rng.IntN(7), m.rng.IntN(1e9))
	d.want.Phone = p
	d.cells[atPhone] = pick(m, Number(p), Text(p), Text(p), Text("+86 "+p), Text(p[:3]+"-"+p[3:7]+"-"+p[7:]),
		Text(p[:3]+" "+p[3:7]+" "+p[7:]), Text(Wide(p)), Text(p+".0"), Text("86"+p), Text(`="`+p+`"`))
}

func (m *maker) giveHours(d *draft) {
	half := int64(m.rng.IntN(400))
	d.want.Minutes = half * 30
	tenths := fmt.Sprintf("%d.%d", half/2, half%2*5)
	d.cells[atHours] = pick(m, Number(tenths), Text(tenths), Text(tenths+"小时"), Text(fmt.Sprintf("%d:%02d", half/2, half%2*30)),
		Text(fmt.Sprintf("%d分钟", half*30)), Formula("A1*0.5", tenths), Text(Wide(tenths)))
}

func (m *maker) givePoints(d *draft) {
	n := int64(m.rng.IntN(5000))
	d.want.Points = n
	s := fmt.Sprint(n)
	grouped := s
	if n >= 1000 {
		grouped = s[:1] + "," + s[1:]
	}
	d.cells[atPoints] = pick(m, Number(s), Number(s), Text(s), Text(grouped), Text(s+"分"), Text(Wide(grouped)), Text(s+".0"), Formula("SUM(1)", s))
}

func (m *maker) giveExpiry(d *draft) {
	day := m.rng.IntN(28) + 1
	d.want.Expires = fmt.Sprintf("2028-12-%02d", day)
	d.cells[atExpires] = pick(m, Day(fmt.Sprint(47087+day), d.want.Expires), Text(d.want.Expires), Text(fmt.Sprintf("2028/12/%d", day)),
		Text(fmt.Sprintf("2028年12月%d日", day)), Text(fmt.Sprintf("202812%02d", day)), Text(d.want.Expires+" 00:00:00"))
}
