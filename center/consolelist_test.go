package center

import (
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// An address of a list says all that is shown, and reads back as it was written.
func TestListsStandInTheirAddress(t *testing.T) {
	for address, want := range map[string]string{
		"":                                 "/stock?sort=state",
		"sort=state&page=1&show=":          "/stock?sort=state",
		"sort=nonsense&show=nonsense":      "/stock?sort=state",
		"page=-1&page=3":                   "/stock?sort=state",
		"at=SQ01&good=rice&q=+米+&page=3":   "/stock?at=SQ01&good=rice&page=3&q=%E7%B1%B3&sort=state",
		"q=" + strings.Repeat("x", 601):    "/stock?sort=state",
		"show=empty&sort=left&page=2":      "/stock?page=2&show=empty&sort=left",
		"page=99999999999999999999&x=y":    "/stock?sort=state",
		"at=%2F..%2F&good=%3Cscript%3E":    "/stock?at=%2F..%2F&good=%3Cscript%3E&sort=state",
		"sort=left&sort=good&show=expired": "/stock?show=expired&sort=left",
	} {
		q, err := url.ParseQuery(address)
		if err != nil {
			t.Fatal(err)
		}
		l := readListQuery("/stock", q, stockStates, stockSorts)
		if got := l.To(); got != want {
			t.Errorf("%q is shown at %s, want %s", address, got, want)
		}
		again, err := url.Parse(l.To())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(readListQuery("/stock", again.Query(), stockStates, stockSorts), l) {
			t.Errorf("%q reads back as another list", address)
		}
	}
}

// The last page is shown to those who ask for a later one, and leads back.
func TestListsAreCut(t *testing.T) {
	for _, c := range []struct {
		page, n          int
		low, high        int
		from, prev, next bool
	}{
		{1, 0, 0, 0, false, false, false}, {1, 5, 0, 5, true, false, false}, {1, listRows, 0, listRows, true, false, false},
		{1, listRows + 1, 0, listRows, true, false, true}, {2, listRows + 1, listRows, listRows + 1, true, true, false}, {9, 5, 0, 5, true, false, false},
	} {
		p := listPart{Query: listQuery{Path: "/x", Page: c.page}}
		low, high := p.cut(c.n)
		if low != c.low || high != c.high || p.Found != c.n || (p.From > 0) != c.from || (p.Prev != "") != c.prev || (p.Next != "") != c.next {
			t.Errorf("page %d of %d rows: %d to %d, %+v", c.page, c.n, low, high, p)
		}
	}
}
