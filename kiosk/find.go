package kiosk

import (
	"net/url"
	"strconv"
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

// People on one page of those found.
const foundTall, foundWide = 8, 8

// findKey is one key of the page that takes a query; without a URL it is flat.
type findKey struct{ Text, URL string }

// findData is that page: everything is a link, so it needs no script and nothing
// that a volunteer would have to be protected from is kept.
type findData struct {
	Query  string
	Keys   []findKey
	Digits bool
	Other  string // the page with the other kind of keys
	Clear  string
	Back   string // one character less; "" when there is none
	Count  int    // found; more than maxFound: at least that many
	Enough bool   // the query is long enough
	Short  int    // characters that it lacks
	Show   string // the page of those found
	Most   int
}

// find takes pinyin initials, or the last digits of a volunteer number or phone.
func (o *office) find(a *ask, _ civic.Staff) error {
	query := cleanQuery(a.FormValue("q"))
	digits := a.FormValue("by") == "digits"
	whom := wanted(a)
	link := func(query string, digits bool) string {
		q := whom.values(query)
		if digits {
			q.Set("by", "digits")
		}
		return "/staff/find?" + q.Encode()
	}
	data := findData{
		Query:  strings.ToUpper(query),
		Digits: digits,
		Other:  link("", !digits),
		Clear:  link("", digits),
		Enough: len(query) >= minQuery,
		Short:  max(0, minQuery-len(query)),
		Show:   "/staff/found?" + whom.values(query).Encode(),
		Most:   maxFound,
	}
	if query != "" {
		data.Back = link(query[:len(query)-1], digits)
	}
	keys := "abcdefghijklmnopqrstuvwxyz"
	if digits {
		keys = "1234567890"
	}
	for _, c := range keys {
		key := findKey{Text: strings.ToUpper(string(c))}
		if len(query) < maxQuery {
			key.URL = link(query+string(c), digits)
		}
		data.Keys = append(data.Keys, key)
	}
	if data.Enough {
		ids, err := o.cfg.Store.Search(query, maxFound+1)
		if err != nil {
			return err
		}
		data.Count = len(ids)
	}
	return o.show(a, page{word: "find", back: or(whom.roster(), deskPage), data: data})
}

// wish is what somebody is looked for: the roster of a shift, or nothing in particular.
type wish struct{ shift ledger.ID }

// wanted reads what the address says somebody is looked for.
func wanted(a *ask) wish {
	id, err := ledger.ParseID(a.FormValue(findFor))
	if err != nil {
		return wish{}
	}
	return wish{id}
}

// findFor names the shift in an address.
const findFor = "for"

// values is an address's query with that in it.
func (w wish) values(query string) url.Values {
	q := url.Values{"q": {query}}
	if !w.shift.IsZero() {
		q.Set(findFor, w.shift.String())
	}
	return q
}

// roster is the page from which somebody is looked for; "": it is no roster.
func (w wish) roster() string {
	if w.shift.IsZero() {
		return ""
	}
	return rosterBase + "/" + w.shift.String()
}

// person is where the choice of somebody leads.
func (w wish) person(id ledger.ID) string {
	if w.shift.IsZero() {
		return "/staff/person/" + id.String()
	}
	return w.roster() + "/" + id.String()
}

// cleanQuery keeps what the keys of the page can type. Letters and digits don't
// mix: each key page looks for one of them.
func cleanQuery(q string) string {
	q = strings.ToLower(q[:min(len(q), maxQuery)])
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, q)
}

// foundPerson is a volunteer in a list, with just enough to tell two apart.
type foundPerson struct {
	ID     ledger.ID
	Name   string
	Number string // its end; "" when there is no number
	Phone  string // likewise
	URL    string // of the page that shows the person, from the list
}

// found lists whom the query finds.
func (o *office) found(a *ask, _ civic.Staff) error {
	query := cleanQuery(a.FormValue("q"))
	whom := wanted(a)
	back := "/staff/find?" + whom.values(query).Encode()
	if query != "" && query[0] <= '9' {
		back += "&by=digits"
	}
	if len(query) < minQuery {
		a.redirect(back)
		return nil
	}
	ids, err := o.cfg.Store.Search(query, maxFound+1)
	if err != nil {
		return err
	}
	more := len(ids) > maxFound
	ids = ids[:min(len(ids), maxFound)]
	from := offset(a, len(ids))
	var people []foundPerson
	for _, id := range ids[from:min(len(ids), from+foundTall)] {
		v, err := o.cfg.Store.Volunteer(id)
		if err != nil {
			return err
		}
		p := personOf(v)
		p.URL = whom.person(id)
		people = append(people, p)
	}
	link := func(from int) string {
		q := whom.values(query)
		q.Set("from", strconv.Itoa(from))
		return "/staff/found?" + q.Encode()
	}
	return o.show(a, page{word: "found", back: back, data: struct {
		Query      string
		Count      int
		More       bool
		People     []foundPerson
		Tall, Wide pager
	}{strings.ToUpper(query), len(ids), more, people,
		newPager(from, len(ids), foundTall, link), newPager(from, len(ids), foundWide, link)}})
}

func personOf(v civic.Volunteer) foundPerson {
	return foundPerson{ID: v.ID, Name: civic.MaskName(v.Name), Number: tail(v.Number, 6), Phone: v.Tail}
}

// tail is the end of a number, which is ASCII.
func tail(s string, n int) string { return s[max(0, len(s)-n):] }
