package center

import (
	"slices"
	"time"

	"yizhan/center/store"
	"yizhan/ledger"
)

// todayPage is the books first, then what waits for a person.
type todayPage struct {
	Now     time.Time
	Whole   bool // the books are those of the whole center, and shown to nobody else
	Books   booksOf
	Parts   []bookPart
	Todo    []todo
	Nothing bool // there is no kiosk yet
	Weeks   weeksOf
	Owed    owedPage // the parts that owe most
	Acts    todayActs
}

// booksOf is the books as they were added up at a moment.
type booksOf struct {
	store.Books
	At time.Time
}

// bookPart is one part that the earned points are the sum of.
type bookPart struct {
	Word   string // center.books.WORD
	Points ledger.Points
	To     string // what is behind it
	X, W   int64  // where it begins and how wide it is, in thousandths of the bar
}

// todo is one kind of thing that waits.
type todo struct {
	Word, Icon, Class string
	N                 int
	To                string
	Note              string // "": the word's own
}

func (c *console) today(a *ask) error {
	var books booksOf
	if a.area.whole {
		var err error
		if books.Books, books.At, err = c.books.get(a.Context()); err != nil {
			return err
		}
	}
	stations, err := c.stations(a)
	if err != nil {
		return err
	}
	todos, err := c.todos(a, stations)
	if err != nil {
		return err
	}
	p := todayPage{Now: c.Now(), Whole: a.area.whole, Books: books, Parts: bookParts(books.Books), Todo: todos, Nothing: len(stations) == 0}
	top, err := c.topOf(a)
	if err != nil {
		return err
	}
	if p.Weeks, err = c.weeks(a, top, stations); err != nil {
		return err
	}
	if p.Owed, err = c.owedAt(a, top, stations); err != nil {
		return err
	}
	p.Owed.Rows = p.Owed.Rows[:min(len(p.Owed.Rows), owedShown)]
	if p.Acts, err = c.todayActs(a); err != nil {
		return err
	}
	return c.show(a, page{word: "today", data: p})
}

func bookParts(b store.Books) []bookPart {
	parts := []bookPart{{Word: "spent", Points: b.Spent, To: "/redemptions?state=settled"}, {Word: "kiosks", Points: b.AtKiosks, To: "/fleet?sort=points"},
		{Word: "free", Points: b.Free, To: "/lots?show=free"}, {Word: "expired", Points: b.Expired, To: "/lots?show=expired"},
		{Word: "held", Points: b.Held, To: "/redemptions?state=reserved"}}
	var x int64
	for i := range parts {
		if whole := b.Earned + b.Missing; whole > 0 {
			parts[i].X, parts[i].W = x, max(0, int64(parts[i].Points*1000/whole))
		}
		x += parts[i].W
	}
	return parts
}

// losses is the write-offs in the officer's area that wait for a second person.
func (c *console) losses(a *ask) (list []store.Unconfirmed, err error) {
	all, err := c.Store.Unconfirmed(a.Context())
	return slices.DeleteFunc(all, func(u store.Unconfirmed) bool { return !a.area.has(u.Kiosk) }), err
}

// todos is what waits for a person, the gravest first, and nothing that does not.
func (c *console) todos(a *ask, stations []station) (list []todo, err error) {
	boxes, err := c.waiting(a)
	if err != nil {
		return nil, err
	}
	losses, err := c.losses(a)
	if err != nil {
		return nil, err
	}
	mine, err := c.forMe(a)
	if err != nil {
		return nil, err
	}
	n, epochs := make(map[string]int), make(map[string]uint32)
	for _, s := range stations {
		n[s.Word]++
		epochs[s.ID] = s.Epoch
	}
	stopped, err := c.Store.Stopped(a.Context())
	if err != nil {
		return nil, err
	}
	old := slices.DeleteFunc(stopped, func(s store.Chain) bool { // those of now are counted by the fleet's states
		return !a.area.has(s.Head.Kiosk) || epochs[s.Head.Kiosk] == s.Head.Epoch
	})
	hours, err := c.hoursTodos(a)
	if err != nil {
		return nil, err
	}
	for _, t := range slices.Concat([]todo{
		{"stopped", "error", "is-error", n[stationStopped], "/fleet?state=" + stationStopped, ""},
		{"old", "lock", "is-warn", len(old), oldPath(old), ""},
		{"boxes", "kiosk", "is-warn", len(boxes), "/boxes", ""},
	}, hours, []todo{
		{"second", "check", "is-warn", len(mine), "/second", ""},
		{"losses", "people", "is-warn", len(losses), lossPath(losses), ""},
		{"offline", "offline", "is-off", n[stationOffline], "/fleet?state=" + stationOffline, ""},
		{"paper", "nopaper", "is-warn", n[stationPaper], "/fleet?state=" + stationPaper, ""},
	}) {
		if t.N > 0 {
			list = append(list, t)
		}
	}
	return list, nil
}

// oldPath leads to the first of them.
func oldPath(old []store.Chain) string {
	if len(old) == 0 {
		return ""
	}
	return stationPath(old[0].Head.Kiosk)
}

// lossPath leads to the write-off that waits, or to the first of them.
func lossPath(losses []store.Unconfirmed) string {
	if len(losses) == 0 {
		return ""
	}
	return stationPath(losses[0].Kiosk)
}

// hoursTodos is what waits about hours, for those who decide about them.
func (c *console) hoursTodos(a *ask) ([]todo, error) {
	if !a.may(powerHours) {
		return nil, nil
	}
	w, err := c.hoursWaiting(a, false)
	if err != nil {
		return nil, err
	}
	note := ""
	if days := c.todayIs() - w.Oldest; w.Forgotten > 0 && days > 0 {
		note = c.text(a, "center.todo.forgotten_since", "long", longText(c.texts[a.lang], time.Duration(days)*24*time.Hour))
	}
	return []todo{
		{"forgotten", "clock", "is-warn", int(w.Forgotten), "/hours?why=" + store.WaitOut, note},
		{"hours", "check", "is-warn", int(w.Pending - w.Forgotten), "/hours", ""},
		{"objections", "hand", "is-warn", int(w.Objections), "/objections", ""},
		{"signs", "search", "is-warn", int(w.Signs), "/signs", ""},
		{"walkins", "person", "is-warn", int(w.Guests), "/walkins", ""},
	}, nil
}
