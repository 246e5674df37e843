package kiosk

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"yizhan/civic"
	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// offer is a good as one volunteer sees it.
type offer struct {
	civic.Good
	Left    int64 // pieces that can still be reserved
	Bought  int64 // pieces the person has had this month
	Limit   int64 // pieces for a person and month
	Missing ledger.Points
	Verdict string // yes, points, month, gone
	Percent int64  // verdict points: of the price, how much is there
}

// verdictOrder puts what can be had now first.
var verdictOrder = []string{"yes", "points", "month", "gone"}

// Most is how many pieces can be had now.
func (o offer) Most(balance ledger.Points) int64 {
	return max(0, min(o.Left, o.Limit-o.Bought, int64(balance/max(o.Price, 1)), ledger.MaxQuantity))
}

// offerOf judges one good for one volunteer.
func (s *Server) offerOf(g store.Good, policy civic.Policy, id ledger.ID, balance ledger.Points) (offer, error) {
	o := offer{Good: g.Good, Left: max(0, g.Shelf.Available()), Limit: g.Limit}
	if o.Limit == 0 {
		o.Limit = policy.WithDefaults().MonthlyLimit
	}
	var err error
	if o.Bought, err = s.cfg.Store.BoughtThisMonth(id, g.Code); err != nil {
		return o, err
	}
	switch {
	case o.Left == 0:
		o.Verdict = "gone"
	case o.Bought >= o.Limit:
		o.Verdict = "month"
	case o.Price > balance:
		o.Verdict, o.Missing, o.Percent = "points", o.Price-balance, int64(balance*100/o.Price)
	default:
		o.Verdict = "yes"
	}
	return o, nil
}

// offers judges all goods for somebody who can have so many points, what can be had
// first and otherwise as in the list.
func (s *Server) offers(id ledger.ID, balance ledger.Points) ([]offer, error) {
	goods, err := s.cfg.Store.Goods()
	if err != nil {
		return nil, err
	}
	st := s.cfg.Store.Station()
	list := make([]offer, 0, len(goods))
	for _, g := range goods {
		o, err := s.offerOf(g, st.Policy, id, balance)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	slices.SortStableFunc(list, func(a, b offer) int {
		return slices.Index(verdictOrder, a.Verdict) - slices.Index(verdictOrder, b.Verdict)
	})
	return list, nil
}

// segment is one key of the row that chooses a category.
type segment struct {
	Name, URL string
	On        bool
}

// maxSegments are the keys that fit the row: all, three categories and the rest, or
// all and four categories.
const maxSegments = 5

// Goods on one page: a standing screen shows more than a lying one.
const goodsTall, goodsWide = 6, 4

// goods is the shelf.
func (s *Server) goods(a *ask) error {
	f, _, err := s.funds(a)
	if err != nil {
		return err
	}
	list, err := s.offers(a.visit.person, f.Now())
	if err != nil {
		return err
	}
	choice := a.FormValue("in")
	segments, in := s.segments(a, list, choice)
	list = slices.DeleteFunc(list, func(o offer) bool { return !in(o) })
	from := offset(a, len(list))
	link := func(from int) string {
		return "/goods?" + url.Values{"in": {choice}, "from": {strconv.Itoa(from)}}.Encode()
	}
	return s.show(a, page{word: "goods", back: "/balance", data: struct {
		Segments   []segment
		Offers     []offer
		Tall, Wide pager
	}{segments, list[from:min(len(list), from+goodsTall)],
		newPager(from, len(list), goodsTall, link), newPager(from, len(list), goodsWide, link)}})
}

// segments makes the row of categories, in the order of the goods list, and the
// test for what the chosen one holds.
func (s *Server) segments(a *ask, list []offer, choice string) ([]segment, func(offer) bool) {
	first := make(map[string]string) // category -> its first good
	for _, o := range list {
		if code, seen := first[o.Category]; !seen || o.Code < code {
			first[o.Category] = o.Code
		}
	}
	_, unnamed := first[""]
	delete(first, "")
	names := slices.SortedFunc(maps.Keys(first), func(a, b string) int { return strings.Compare(first[a], first[b]) })
	const rest = "*"
	named := names[:min(len(names), maxSegments-1)]
	more := len(names) > len(named) || unnamed && len(named) > 0
	if more {
		named = names[:min(len(names), maxSegments-2)]
	}
	row := []segment{{s.text(a, "goods.all"), "/goods", choice == ""}}
	for _, name := range named {
		row = append(row, segment{categoryName(s, a, name), "/goods?in=" + url.QueryEscape(name), choice == name})
	}
	if more {
		row = append(row, segment{s.text(a, "goods.rest"), "/goods?in=" + rest, choice == rest})
	}
	return row, func(o offer) bool {
		switch choice {
		case "":
			return true
		case rest:
			return !slices.Contains(named, o.Category)
		}
		return o.Category == choice
	}
}

// categoryName translates the categories that we know; documents name them in
// Chinese alone.
func categoryName(s *Server, a *ask, name string) string {
	if texts := s.texts[s.lang(a)]; texts.Has("category." + name) {
		return texts.Text("category." + name)
	}
	return name
}

// picture serves the picture of a good that came with the documents. Its URL names
// the version, so it may be kept.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) {
	p, err := s.cfg.Store.Picture(r.PathValue("name"))
	if err != nil || r.FormValue("v") != strconv.FormatUint(p.Version, 10) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", p.Type)
	w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	w.Write(p.Data)
}

// pictureURL finds a good's picture: one that came with the documents, one of
// those built in, or a parcel.
func (s *Server) pictureURL(g civic.Good) string {
	if p, err := s.cfg.Store.Picture(g.Picture); err == nil {
		return "/picture/" + url.PathEscape(g.Picture) + "?v=" + strconv.FormatUint(p.Version, 10)
	}
	if drawn := s.static.URL("goods/" + g.Picture + ".svg"); drawn != "" {
		return drawn
	}
	return s.static.URL("icons/gift.svg")
}

// pager leads through a list whose pages are as long as the screen allows. It goes
// by position, not by page number, because a standing and a lying screen count
// pages differently; each has a pager of its own in the page.
type pager struct {
	At, Of     int
	Prev, Next string // "": there is none
}

func newPager(from, all, size int, link func(from int) string) pager {
	p := pager{At: (from+size-1)/size + 1, Of: max(1, (all+size-1)/size)}
	if from > 0 {
		p.Prev = link(max(0, from-size))
	}
	if from+size < all {
		p.Next = link(from + size)
	}
	p.Of = max(p.Of, p.At)
	return p
}

// offset reads where a page of a list of that length begins.
func offset(a *ask, all int) int {
	from, err := strconv.Atoi(a.FormValue("from"))
	if err != nil || from < 0 || from >= all {
		return 0
	}
	return from
}
