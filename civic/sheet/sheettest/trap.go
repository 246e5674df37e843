package sheettest

import "strings"

// spoiler makes one fault in a sound row. It tells whether it could.
type spoiler struct {
	code     string
	blame    int
	workbook bool // only a workbook can have it
	spoil    func(m *maker, d *draft) bool
}

// set makes a spoiler that writes one cell.
func set(code string, blame int, cells ...Cell) spoiler {
	return spoiler{code: code, blame: blame, spoil: func(m *maker, d *draft) bool {
		d.cells[blame] = pick(m, cells...)
		return true
	}}
}

func workbookOnly(s spoiler) spoiler {
	s.workbook = true
	return s
}

var spoilers = []spoiler{
	set("name_missing", atName, Cell{}, Text(" "), Text("\u3000")),
	set("name_long", atName, Text(strings.Repeat("王", 51))),
	set("name_bad", atName, Text("12345"), Text("？？？")),
	set("control_char", atName, Text("张三\n李四")),
	set("bad_char", atName, Text("王\uE123"), Text("王\uFFFD明")),
	set("formula_text", atName, Text("=VLOOKUP(A1)"), Text("@张三"), Text("+张三")),
	set("id_damaged", atID, Text("1.10101E+17"), Text("3.20501E+17")),
	set("id_bad", atID, Text("32050119900101123"), Text("无身份证"), Text("3205011990O1011234")),
	set("id_birth", atID, Text(IDNumber("32050119900230123")), Text(IDNumber("32050119901301123"))),
	set("id_type", atID, Text("E12345678"), Text("H1234567890")),
	set("code_damaged", atNumber, Text("1.23E+12")),
	set("code_bad", atNumber, Text("ZY#1"), Text(strings.Repeat("9", 41))),
	set("phone_bad", atPhone, Text("0512-66778899"), Text("1380013800"), Text("12800138000"), Text("不知道")),
	set("phone_damaged", atPhone, Text("1.38E+10")),
	set("phone_several", atPhone, Text("13800138000/13900139000"), Text("13800138000、13900139000"), Text("13800138000 13900139000")),
	set("time_bad", atHours, Text("很多"), Text("3:75"), Text("三小时")),
	set("number_negative", atPoints, Text("-5"), Number("-5"), Text("－120")),
	set("number_fraction", atPoints, Text("12.5"), Number("12.5")),
	set("number_bad", atPoints, Text("约100"), Text("12,34"), Text("一百")),
	set("number_large", atPoints, Text("99999999999"), Text("999999999999999999999")),
	set("date_bad", atExpires, Text("31/12/28"), Text("2028-02-30"), Text("下个月"), Text("12个月")),
	workbookOnly(set("id_damaged", atID, Number("3.20501199001011E+17"), Number("320501199001011000"))),
	workbookOnly(set("formula_no_value", atPoints, Uncalculated("SUM(A1:A3)"))),
	workbookOnly(set("formula_error", atPoints, Failed("A1/0", "#DIV/0!"), Failed("VLOOKUP(1,A:B,2)", "#N/A"))),
	{code: "id_check", blame: atID, spoil: func(m *maker, d *draft) bool {
		id := IDNumber(m.first17())
		d.cells[atID] = Text(id[:16] + string('0'+(id[16]-'0'+1)%10) + id[17:])
		return true
	}},
	{code: "key_missing", blame: atNumber, spoil: func(m *maker, d *draft) bool {
		d.cells[atNumber], d.cells[atID] = Cell{}, Cell{}
		return true
	}},
	{code: "duplicate", blame: atNumber, spoil: func(m *maker, d *draft) bool {
		return m.repeat(d, func(first Person) { d.cells[atName] = Text(first.Name) })
	}},
	{code: "conflict", blame: atNumber, spoil: func(m *maker, d *draft) bool {
		return m.repeat(d, func(first Person) { d.cells[atName] = Text(first.Name + "乙") })
	}},
	{code: "merged", blame: atName, workbook: true, spoil: func(m *maker, d *draft) bool {
		if m.calm {
			d.cells[atName] = Cell{}
		}
		return m.calm
	}},
}

// repeat gives a row the number of one before it.
func (m *maker) repeat(d *draft, also func(Person)) bool {
	if len(m.truth.People) == 0 {
		return false
	}
	first := pick(m, m.truth.People...)
	d.cells[atNumber] = Text(first.Number)
	also(first)
	return true
}

// spoil makes a row faulty in one way.
func (m *maker) spoil(d *draft) {
	for {
		s := pick(m, spoilers...)
		if s.workbook && m.book == nil {
			continue
		}
		if s.spoil(m, d) {
			d.fault, d.blame = s.code, s.blame
			return
		}
	}
}
