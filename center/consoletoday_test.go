package center

import (
	"testing"
	"time"

	"yizhan/center/store"
)

// Large books are shown as they were while they are added up anew, but not for long.
func TestLargeBooksAreAddedUpAside(t *testing.T) {
	o := newOffice(t)
	c := o.server.desk
	b := o.signedIn("lin", store.RoleOfficer)
	o.volunteer(1, "张建伟", "1", "", 500)
	o.now = o.now.Add(booksKept + time.Second)
	b.get("/").shows(200, "500")
	slow := func() {
		c.booksMu.Lock()
		c.booksTook = time.Second
		c.booksMu.Unlock()
	}
	slow()
	o.volunteer(2, "张伟", "2", "", 300)
	o.now = o.now.Add(booksKept + time.Second)
	if books, err := c.addedUp(t.Context()); err != nil || books.Earned != 500 {
		t.Errorf("%+v, %v", books, err)
	}
	for {
		c.booksMu.Lock()
		books, making := c.books, c.booksMaking
		c.booksMu.Unlock()
		if !making {
			if books.Earned != 800 || !books.At.Equal(o.now) {
				t.Errorf("%+v", books)
			}
			break
		}
		time.Sleep(time.Millisecond)
	}
	slow()
	o.volunteer(3, "李芳", "3", "", 100)
	o.now = o.now.Add(booksOld + time.Second)
	if books, err := c.addedUp(t.Context()); err != nil || books.Earned != 900 {
		t.Errorf("too old, and yet %+v, %v", books, err)
	}
	slow()
	o.volunteer(4, "王强", "4", "", 50)
	o.must(c.warmBooks(t.Context()))
	if books, err := c.addedUp(t.Context()); err != nil || books.Earned != 950 {
		t.Errorf("warmed: %+v, %v", books, err)
	}
}
