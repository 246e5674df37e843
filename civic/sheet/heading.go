package sheet

import (
	"slices"
	"strings"
)

// field is one thing that a column may hold.
type field uint8

const (
	fieldName field = iota
	fieldNameEN
	fieldNumber
	fieldIDType
	fieldID
	fieldPhone
	fieldMinutes
	fieldPoints
	fieldExpires
	fieldSize
	fieldUnit
	fieldCategory
	fieldPicture
	fieldDonor
	fieldStock
	fieldLimit
	fieldRole
	fieldParent
	fieldLeader
	fieldContact
	fieldAddress
	fieldPosition
	fieldVenues
	fieldPlatforms
	fieldNational
	fieldTeam
	fieldTheme
	fieldFestival
	fieldAbout
	fieldServed
	fieldFrom
	fieldTo
	fieldStart
	fieldEnd
	fieldWeekdays
	fieldExcept
	fieldSpots
	fieldPosts
	fieldSex // this one and those behind it are asides: what stands in them never costs a row
	fieldNation
	fieldPolitical
	fieldEducation
	fieldOccupation
	fieldArea
	fieldKinds
	fieldTimes
	fieldSkills
	fieldCount
)

// isAside tells the fields that a list may have besides what it is for.
func (f field) isAside() bool { return f >= fieldSex }

// column is a field with the headings that name it. The first is how we call it.
type column struct {
	field    field
	headings []string
	amount   bool // a merged amount belongs to nobody in particular, not even to its first row
	spreads  bool // a merged cell plainly speaks for all of its rows
	lines    bool // a cell may have several lines
}

// layout is what a kind of list has for columns.
type layout struct {
	kind     string
	columns  []column
	required [][]field // of each group at least one
	example  string    // a header row for the hint
}

// subjects are words that people put before a heading without changing what it means.
var subjects = []string{"志愿者", "人员", "会员", "居民", "队员", "成员", "物品", "商品", "礼品", "物资", "员工", "职工"}

// headingKey reduces a heading to what is compared: 手机号（必填）* becomes 手机号. What stood in brackets comes second.
func headingKey(s string) (key, brackets string) {
	var k, in strings.Builder
	depth := 0
	for _, r := range strings.ToLower(fold(s)) {
		switch r {
		case '(', '[', '{', '【', '〔', '〈', '<':
			depth++
		case ')', ']', '}', '】', '〕', '〉', '>':
			depth = max(depth-1, 0)
		case ' ', '*', '#', ':', '_', '-', '★', '☆', '※', '✱', '?', '!', '、', '.', '"', '“', '”':
		default:
			if depth > 0 {
				in.WriteRune(r)
			} else {
				k.WriteRune(r)
			}
		}
	}
	return k.String(), in.String()
}

// find tells which column a heading names, and whether it gives minutes as its unit.
func (l *layout) find(heading string) (f field, inMinutes, ok bool) {
	if len(heading) > 200 {
		return 0, false, false
	}
	key, brackets := headingKey(heading)
	key, slash, _ := strings.Cut(key, "/")
	units := brackets + slash
	for _, u := range []string{"分钟", "小时"} {
		if rest, found := strings.CutSuffix(key, u); found && rest != "" {
			key, units = rest, units+u
		}
	}
	for _, word := range []string{"必填", "选填"} {
		key = strings.TrimSuffix(strings.TrimPrefix(key, word), word)
	}
	inMinutes = strings.Contains(units, "分钟") || units == "分" || strings.HasPrefix(units, "min")
	if f, ok = l.lookup(key); ok {
		return f, inMinutes, true
	}
	for _, s := range subjects {
		if rest, found := strings.CutPrefix(key, s); found {
			f, ok = l.lookup(rest)
			return f, inMinutes, ok
		}
	}
	return 0, false, false
}

func (l *layout) lookup(key string) (field, bool) {
	for i := range l.columns {
		if slices.Contains(l.columns[i].headings, key) {
			return l.columns[i].field, true
		}
	}
	return 0, false
}

func (l *layout) column(f field) *column {
	for i := range l.columns {
		if l.columns[i].field == f {
			return &l.columns[i]
		}
	}
	return nil
}

// header is a header row that was understood.
type header struct {
	row       int
	titles    []string        // headings as the file writes them, without blanks at the end
	width     int             // cells of the row, blank ones too
	index     [fieldCount]int // column of each field, -1 when absent
	inMinutes bool            // the heading of fieldMinutes says minutes
	found     int             // fields that have a column
}

// match tries to understand a row as header row. Two columns for one field come back as an error, once all that is required is there.
func (l *layout) match(r *row) (*header, error) {
	h := emptyHeader()
	h.row, h.width = r.number, len(r.cells)
	var twice error
	for i := range r.cells {
		title := ""
		if c := &r.cells[i]; c.kind == cellText && (!c.covered || c.top > 0) {
			title = tidy(unprotect(c.text))
		}
		h.titles = append(h.titles, title)
		f, inMinutes, ok := l.find(title)
		switch {
		case !ok:
		case h.index[f] >= 0 && f.isAside(): // the first one counts
		case h.index[f] >= 0:
			twice = refuse(RefusedColumnTwice, nil, r.number, h.titles[h.index[f]], title)
		default:
			h.index[f] = i
			h.found++
			h.inMinutes = h.inMinutes || f == fieldMinutes && inMinutes
		}
	}
	for len(h.titles) > 0 && h.titles[len(h.titles)-1] == "" {
		h.titles = h.titles[:len(h.titles)-1]
	}
	if twice != nil && len(l.missing(h)) == 0 {
		return h, twice
	}
	return h, nil
}

// missing names the required columns that a header lacks.
func (l *layout) missing(h *header) []string {
	var names []string
	for _, group := range l.required {
		if slices.ContainsFunc(group, func(f field) bool { return h.index[f] >= 0 }) {
			continue
		}
		var either []string
		for _, f := range group {
			either = append(either, l.column(f).headings[0])
		}
		names = append(names, strings.Join(either, "或"))
	}
	return names
}

// title gives the heading of a field as the file writes it, or as we call it when the file has no such column.
func (l *layout) title(h *header, f field) string {
	if i := h.index[f]; i >= 0 {
		return h.titles[i]
	}
	return l.column(f).headings[0]
}

// mayBeHeader tells whether a row has a heading for the name, which every header has. It is asked of every row, so most cells must be
// passed at a glance.
func (l *layout) mayBeHeader(r *row) bool {
	const longest = 64
	return slices.ContainsFunc(r.cells, func(c cell) bool {
		if c.kind != cellText || len(c.text) > longest || !strings.Contains(c.text, "名") && !strings.Contains(c.text, "ame") {
			return false
		}
		f, _, ok := l.find(c.text)
		return ok && f == fieldName
	})
}

// extend joins a header with the row below it, when headings are grouped: the group 积分 over 累计 and 可用 makes 累计积分 and 可用积分.
func (l *layout) extend(h *header, below *row) (*header, error) {
	joined := row{number: h.row}
	group := ""
	for i := range max(len(h.titles), len(below.cells)) {
		upper := ""
		if i < len(h.titles) {
			upper = h.titles[i]
		}
		if upper != "" {
			group = upper
		}
		lower := ""
		if c := below.at(i); !c.covered && c.kind == cellText {
			lower = tidy(c.text)
		}
		if lower == "" {
			lower = upper
		} else if _, _, ok := l.find(lower); !ok && group != "" {
			if _, _, ok := l.find(lower + group); ok {
				lower += group
			}
		}
		joined.cells = append(joined.cells, cell{kind: cellText, text: lower})
	}
	extended, err := l.match(&joined)
	if err != nil || len(l.missing(extended)) > 0 {
		return h, err
	}
	return extended, nil
}

// addTo lists the headings that were understood and those that were not.
func (h *header) addTo(s *SheetSummary) {
	for i, title := range h.titles {
		list := &s.Unknown
		if slices.Contains(h.index[:], i) {
			list = &s.Columns
		}
		if title = shorten(title); title != "" && len(*list) < maxListed && !slices.Contains(*list, title) {
			*list = append(*list, title)
		}
	}
}

// emptyHeader has no column at all.
func emptyHeader() *header {
	h := &header{}
	for i := range h.index {
		h.index[i] = -1
	}
	return h
}

// preview lists what stands in a row that was no header, without numbers that could be somebody's.
func (h *header) preview() string {
	var seen []string
	for _, t := range h.titles {
		if t != "" && len(seen) < maxListed/4 && len(strings.Map(onlyDigits, t)) < privateDigits {
			seen = append(seen, shorten(t))
		}
	}
	if len(seen) == 0 {
		return "?"
	}
	return strings.Join(seen, "、")
}
