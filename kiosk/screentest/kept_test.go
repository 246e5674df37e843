package screentest

import (
	"testing"

	"yizhan/kiosk/store"
)

// What is kept for somebody who asked from elsewhere is shown to their card and at the
// desk, and nobody has anything against the pages.
func TestKeptPages(t *testing.T) {
	eachPanel(t, func(t *testing.T, p panel) {
		b := newBox(t, p)
		r, err := b.books.Reserve(b.Context(), store.Reserve{Key: b.key(), Volunteer: id(zhang), Good: "G01", Quantity: 1, Price: 280, Away: true, Until: 1798761600})
		b.must(err)
		a := newAuditor(b.open())
		defer a.report()
		a.signIn(zhang, "/balance")
		a.bothPrints("kept-balance")
		a.goTo("kept-order", "/orders/"+text(r.Seq))
		a.leave()
		a.duty(clerk, "/staff")
		a.page("kept-desk")
	})
}
