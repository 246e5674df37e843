// Package sheet reads the spreadsheets that stations keep, as people make them, into typed rows.
//
// It reads five kinds of list: a roster of volunteers, and lists of goods, staff, places and activities. Each may be an xlsx workbook or a text
// table (CSV, TSV, and files named .xls that are text inside), in UTF-8, UTF-16 or GB18030. Columns are found by their
// names, in any order, in the first 20 rows of every visible sheet; the names are those of the national volunteer
// system and those people write themselves.
//
// The contract:
//   - Every row that holds anything in a known column is either accepted, as a typed value that satisfies every rule here, or rejected
//     with a stable code and a sentence that tells how to mend it. No row is dropped in silence and none is guessed.
//   - A file that cannot be read as a list is refused whole with an *Error. Rows may have been accepted before
//     the refusal is known, so a caller keeps nothing of a refused file.
//   - Reading streams. Memory is bounded by limits.go, not by the file.
//   - Same file, same answer: no clock, no randomness, no locale.
//
// Rows of hidden sheets are not read, because they are mostly old copies and look-up tables; a notice says so. Hidden
// rows and columns are read, because people hide them with filters and would miss them; a notice counts the rows.
package sheet

import "yizhan/civic"

// Kinds of list, as Summary.Kind names them.
const (
	KindRoster = "roster"
	KindGoods  = "goods"
	KindStaff  = "staff"
	KindPlaces = "places"

	KindActivities = "activities"
)

// Date is a calendar day without a time zone. The zero Date means that none was given.
type Date struct {
	Year  int `json:"year"`
	Month int `json:"month"`
	Day   int `json:"day"`
}

// IsZero tells whether no date was given.
func (d Date) IsZero() bool { return d == Date{} }

// Person is one accepted row of a roster.
type Person struct {
	Sheet string // name of the worksheet, empty for a text table
	Row   int    // row number as the spreadsheet program shows it, from 1

	Name     string // 1 to 50 characters
	Number   string // volunteer number, empty when IDNumber identifies the person
	IDType   string // as written in the 证件类型 column, empty when there is none
	IDNumber string // resident ids in their 18-digit form, other documents in capitals; empty when absent
	Phone    string // 11 digits, empty when absent

	Minutes    int64 // service time in minutes, when HasMinutes
	Points     int64 // when HasPoints
	HasMinutes bool
	HasPoints  bool
	Expires    Date // last day on which the points are valid, zero when not given

	Profile civic.Profile // what the list says besides; what is no code of the national tables is left out, with a notice

	Cells []string // the row as a person sees it, in the order of the columns
}

// Item is one accepted row of a list of goods.
type Item struct {
	Sheet string
	Row   int

	Code     string // empty when the list has none
	Name     string
	NameEN   string
	Size     string // 规格
	Unit     string
	Category string
	Picture  string // file name or address, not opened here
	Donor    string

	Price    int64 // points for one, at least 1
	Stock    int64 // when HasStock
	Limit    int64 // per person and month, at least 1, when HasLimit
	HasStock bool
	HasLimit bool

	BestBefore Date // zero when not given

	Cells []string
}

// Roles of an Officer.
const (
	RoleClerk      = "clerk"
	RoleLeader     = "leader"
	RoleTechnician = "technician"
)

// Officer is one accepted row of a staff list.
type Officer struct {
	Sheet string
	Row   int

	Name   string
	Number string // empty when the list has none
	Phone  string // 11 digits, empty when absent
	Role   string // RoleClerk, RoleLeader or RoleTechnician

	Cells []string
}

// Site is one accepted row of a list of places of the org tree.
type Site struct {
	Sheet string
	Row   int

	Code      string // as written
	Name      string
	Parent    string // code or name of the place above, as written; empty at the top
	Kind      string // as written: 镇, 村, 实践站 ...
	Leader    string
	Phone     string // as written, a landline too
	Address   string
	Position  string // as written, see civic.ParsePosition
	Venues    string // lines, see civic.ParseVenues
	Platforms string // lines, see civic.ParsePlatforms

	Cells []string
}

// Happening is one accepted row of a list of activities. What has no type of its own is as
// written.
type Happening struct {
	Sheet string
	Row   int

	Code     string // by which the center knows it; empty: it is new
	Title    string
	TitleEN  string
	Number   string // of the national system
	Place    string // code or name of the place that plans it
	Platform string
	Category string
	Team     string
	Theme    string
	Festival string
	About    string
	Served   string
	From, To Date // To is zero when it was not given
	Start    string
	End      string
	Weekdays string
	Except   string
	Spots    string // lines, see civic.ParseSpots
	Posts    string // lines, see civic.ParsePosts

	Cells []string
}

// Rejection is one row that was not accepted. Column and Code name its first fault, Reason tells all of them.
type Rejection struct {
	Sheet    string `json:"sheet"`
	Row      int    `json:"row"`
	Column   string `json:"column"` // heading of the column at fault as the file writes it
	Code     string `json:"code"`   // one of the Code constants, stable between versions
	Reason   string `json:"reason"` // zh-CN; never repeats an id number or a phone number
	ReasonEN string `json:"-"`

	Header []string `json:"-"` // the headings of the sheet, shared by all its rejections
	Cells  []string `json:"-"` // the row as a person sees it
}

// Summary tells what became of a file. It is filled as far as the reading came, also beside an error.
type Summary struct {
	File     string         `json:"file"` // base name
	Kind     string         `json:"kind"` // one of the Kind constants
	Format   string         `json:"format"`
	Sheets   []SheetSummary `json:"sheets"`
	Notices  []Notice       `json:"notices"`
	Rows     int            `json:"rows"` // rows with content below the headings
	Accepted int            `json:"accepted"`
	Rejected int            `json:"rejected"`
}

// SheetSummary tells how one worksheet was understood.
type SheetSummary struct {
	Name      string   `json:"name"`
	HeaderRow int      `json:"header_row"` // 0 when the sheet was not read
	Columns   []string `json:"columns"`    // headings that were understood
	Unknown   []string `json:"unknown"`    // headings that were ignored
	Rows      int      `json:"rows"`
	Skipped   string   `json:"skipped,omitempty"` // code of the notice that says why it was not read
}

// Notice is something a person should know that rejects nothing.
type Notice struct {
	Sheet  string `json:"sheet"`
	Code   string `json:"code"`
	Text   string `json:"text"` // zh-CN
	TextEN string `json:"-"`
}
