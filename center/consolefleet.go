package center

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
	"yizhan/link"
)

// States of a kiosk as the fleet's page knows them, the gravest first; a kiosk has
// the first that fits.
const (
	stationStopped = "stopped" // its chain is in quarantine
	stationOffline = "offline"
	stationPaper   = "paper" // out of paper, or its printer cannot print
	stationClock   = "clock" // its clock is far off
	stationEmpty   = "empty" // no box was approved, or none came
	stationRevoked = "revoked"
	stationOK      = "ok"
)

var stationStates = []string{stationStopped, stationOffline, stationPaper, stationClock, stationEmpty, stationRevoked, stationOK}

// station is one kiosk as the console shows it.
type station struct {
	store.Station
	Word   string        // its state
	Place  string        // name of the scope that it stands in
	For    time.Duration // how long it has been offline
	Known  bool          // it has said how it is
	Says   link.Status   // what it said then
	Skew   time.Duration // of its clock against the center's
	Online bool
}

// Icon and Class are the shape and the colour of the state.
func (s station) Icon() string {
	return map[string]string{stationStopped: "error", stationOffline: "offline", stationPaper: "nopaper", stationClock: "clock",
		stationEmpty: "kiosk", stationRevoked: "cross", stationOK: "ok"}[s.Word]
}

// Class is the colour of the state.
func (s station) Class() string {
	return map[string]string{stationStopped: "is-error", stationOffline: "is-off", stationPaper: "is-warn", stationClock: "is-warn",
		stationEmpty: "is-off", stationRevoked: "is-off", stationOK: "is-ok"}[s.Word]
}

// Out is what may be spent there, and what is held.
func (s station) Out() ledger.Points { return s.Outstanding() }

// Used is how much of the cap that is, in thousandths.
func (s station) Used() int64 {
	if s.Cap <= 0 {
		return 0
	}
	return max(0, min(1000, int64(s.Outstanding()*1000/s.Cap)))
}

// Tight tells whether the cap is nearly reached.
func (s station) Tight() bool { return s.Used() >= 800 }

// look says how a kiosk is, from what is known of it now.
func (c *console) look(f store.Station, places map[string]string) station {
	s := station{Station: f, Place: places[f.ID]}
	s.Known = len(f.Status) > 0 && json.Unmarshal(f.Status, &s.Says) == nil && s.Says.WallMS > 0
	if s.Known {
		s.Skew = time.UnixMilli(s.Says.WallMS).Sub(f.Seen)
	}
	s.For = c.Now().Sub(f.Seen)
	s.Online = c.Connected(f.ID) || !f.Seen.IsZero() && s.For < offlineAfter
	switch {
	case f.State == store.ChainQuarantined:
		s.Word = stationStopped
	case f.Revoked:
		s.Word = stationRevoked
	case f.Epoch == 0 || f.Seen.IsZero():
		s.Word = stationEmpty
	case !s.Online:
		s.Word = stationOffline
	case s.Known && !s.prints():
		s.Word = stationPaper
	case s.Known && s.Skew.Abs() > maxSkew:
		s.Word = stationClock
	default:
		s.Word = stationOK
	}
	return s
}

// prints tells whether the kiosk can give somebody a receipt.
func (s station) prints() bool {
	return s.Says.Paper != "out" && !slices.Contains([]string{"missing", "gone", "silent", "stuck", "offline", "paper", "cover", "jam", "broken", "stopped"}, s.Says.Printer)
}

// Late and Early tell whether the kiosk's clock is behind or ahead by more than the
// way of a message takes.
func (s station) Late() bool { return s.Skew < -exactClock }

// Full tells whether the kiosk's disk is nearly so.
func (s station) Full() bool { return s.Known && s.Says.DiskFreeBytes < lowDisk }

// Early: see Late.
func (s station) Early() bool { return s.Skew > exactClock }

// stations is the fleet in the officer's area, by id.
func (c *console) stations(a *ask) ([]station, error) {
	fleet, err := c.Store.Fleet(a.Context(), "", maxFleet)
	if err != nil {
		return nil, err
	}
	scopes, err := c.Store.AllScopes(a.Context())
	if err != nil {
		return nil, err
	}
	names, places := make(map[string]string), make(map[string]string)
	for _, s := range scopes {
		names[s.ID] = s.Name
	}
	for _, s := range scopes {
		places[s.ID] = cmp.Or(names[s.Parent], s.Parent)
	}
	var list []station
	for _, f := range fleet {
		if a.area.has(f.ID) {
			list = append(list, c.look(f, places))
		}
	}
	return list, nil
}

// fleetQuery is what the address of the fleet's page says: everything that decides
// what is shown, so that a page can be kept and sent.
type fleetQuery struct {
	State string // one of stationStates; "": all
	Text  string // in a name, an id or a place
	Sort  string // a column, see fleetSorts
	Page  int    // from 1
}

// fleetSorts are the columns that can be sorted by. Whatever is equal goes by
// trouble, then by name.
var fleetSorts = map[string]func(x, y station) int{
	"state":  func(x, y station) int { return 0 },
	"name":   func(x, y station) int { return cmp.Compare(x.Name, y.Name) },
	"seen":   func(x, y station) int { return x.Seen.Compare(y.Seen) },
	"unsent": func(x, y station) int { return cmp.Compare(y.Says.Unsent, x.Says.Unsent) },
	"points": func(x, y station) int { return cmp.Compare(y.Out(), x.Out()) },
	"clock":  func(x, y station) int { return cmp.Compare(y.Skew.Abs(), x.Skew.Abs()) },
}

func readFleetQuery(q url.Values) fleetQuery {
	f := fleetQuery{State: q.Get("state"), Text: strings.TrimSpace(q.Get("q")), Sort: q.Get("sort"), Page: 1}
	if !slices.Contains(stationStates, f.State) {
		f.State = ""
	}
	if fleetSorts[f.Sort] == nil {
		f.Sort = "state"
	}
	if len(f.Text) > maxFieldBytes {
		f.Text = ""
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		f.Page = n
	}
	return f
}

// path is the address of the page that shows it.
func (f fleetQuery) path() string {
	q := url.Values{}
	set := func(name, value, usual string) {
		if value != usual {
			q.Set(name, value)
		}
	}
	set("state", f.State, "")
	set("q", f.Text, "")
	set("sort", f.Sort, "state")
	set("page", strconv.Itoa(f.Page), "1")
	if len(q) == 0 {
		return "/fleet"
	}
	return "/fleet?" + q.Encode()
}

func (f fleetQuery) with(change func(*fleetQuery)) string {
	change(&f)
	return f.path()
}

// fleetPage is a part of the fleet as a table.
type fleetPage struct {
	Query    fleetQuery
	All      int
	Filters  []fleetFilter
	Columns  []fleetColumn
	Rows     []station
	From, To int // which of Found are shown
	Found    int
	Prev     string
	Next     string
	Again    string // what the page loads to be up to date
}

// fleetFilter is a key that shows the kiosks in one state, or all of them.
type fleetFilter struct {
	Word, Icon, Class string
	N                 int
	To                string
	On                bool
}

type fleetColumn struct {
	Word   string
	To     string // sorts by it; "": cannot be sorted by
	On     bool
	Number bool
	Down   bool // the largest first
}

func (c *console) fleet(a *ask) error {
	all, err := c.stations(a)
	if err != nil {
		return err
	}
	return c.show(a, page{word: "fleet", data: tabulate(all, readFleetQuery(a.URL.Query()))})
}

// tabulate filters, sorts and cuts the fleet as a query wants it.
func tabulate(all []station, q fleetQuery) fleetPage {
	rows := slices.DeleteFunc(slices.Clone(all), func(s station) bool { return !s.matches(q.Text) })
	p := fleetPage{Query: q, All: len(all), Filters: fleetFilters(rows, q)}
	if q.State != "" {
		rows = slices.DeleteFunc(rows, func(s station) bool { return s.Word != q.State })
	}
	slices.SortStableFunc(rows, func(x, y station) int {
		return cmp.Or(fleetSorts[q.Sort](x, y), cmp.Compare(slices.Index(stationStates, x.Word), slices.Index(stationStates, y.Word)), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	p.Found = len(rows)
	last := max(1, (len(rows)+fleetRows-1)/fleetRows)
	q.Page = min(q.Page, last)
	p.Query.Page = q.Page
	from, to := (q.Page-1)*fleetRows, min(q.Page*fleetRows, len(rows))
	p.Rows, p.From, p.To = rows[from:to], min(from+1, to), to
	if q.Page > 1 {
		p.Prev = q.with(func(q *fleetQuery) { q.Page-- })
	}
	if q.Page < last {
		p.Next = q.with(func(q *fleetQuery) { q.Page++ })
	}
	for _, word := range []string{"state", "name", "seen", "unsent", "points", "paper", "clock", "disk", "version"} {
		column := fleetColumn{Word: word, On: q.Sort == word, Number: word == "unsent" || word == "disk", Down: word == "unsent" || word == "points" || word == "clock"}
		if fleetSorts[word] != nil {
			column.To = q.with(func(q *fleetQuery) { q.Sort, q.Page = word, 1 })
		}
		p.Columns = append(p.Columns, column)
	}
	p.Again = q.path()
	return p
}

// matches tells whether what was typed stands in the kiosk's name, id or place.
func (s station) matches(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(strings.ToLower(s.Name+"\n"+s.ID+"\n"+s.Place), text)
}

// fleetFilters are keys for the states that occur.
func fleetFilters(rows []station, q fleetQuery) []fleetFilter {
	n := make(map[string]int)
	for _, s := range rows {
		n[s.Word]++
	}
	keys := []fleetFilter{{Word: "all", N: len(rows), On: q.State == "", To: q.with(func(q *fleetQuery) { q.State, q.Page = "", 1 })}}
	for _, state := range stationStates {
		if n[state] > 0 || q.State == state {
			like := station{Word: state}
			keys = append(keys, fleetFilter{state, like.Icon(), like.Class(), n[state], q.with(func(q *fleetQuery) { q.State, q.Page = state, 1 }), q.State == state})
		}
	}
	return keys
}
