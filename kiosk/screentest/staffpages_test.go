package screentest

import (
	"errors"
	"fmt"
	"slices"

	"yizhan/kiosk/store"
	"yizhan/ledger"
)

// duty signs a member of staff in.
func (a *auditor) duty(n byte, first string) {
	a.Helper()
	a.signIn(n, "/staff/pin")
	a.dial(staffPIN).tap(".go").on(first)
}

// walkStaff is everything a clerk or leader can come to, on a morning with much to
// do.
func (a *auditor) walkStaff() {
	a.Helper()
	waiting := a.busyMorning()
	a.signIn(clerk, "/staff/pin")
	a.page("staff-pin")
	a.dial("111222").tap(".go").on("/staff/pin")
	a.page("staff-pin-wrong")
	a.duty(clerk, "/staff")
	a.page("staff-desk")
	newest, settled := text(waiting[len(waiting)-1].Seq), text(waiting[0].Seq)
	a.scan(a.receipt(waiting[1].Seq)).on("/staff?")
	a.page("staff-desk-scanned")
	for _, at := range []string{"/staff/withhold/" + newest, "/staff/claim", "/staff/claim?digits=" + a.unclaimed(), "/staff/more",
		"/staff/find?q=z", "/staff/find?q=zx", "/staff/find?by=digits&q=0001", "/staff/find?by=digits&q=987654321098", "/staff/found?q=0001", "/staff/found?q=qq",
		"/staff/exchange/" + settled, "/staff/exchange/" + newest, "/staff/refund/" + settled, "/staff/refund/" + settled + "?reason=broken",
		"/staff/refund/" + settled + "?reason=broken&restock=yes", "/staff/stock", "/staff/stock?from=8", "/staff/shelf/G01", "/staff/shelf/G12",
		"/staff/move/receive/G01", "/staff/move/receive/G01?pieces=9999", "/staff/move/count/G01?pieces=3", "/staff/move/waste/G01?pieces=2", "/staff/move/waste/G01?pieces=2&reason=spoilt",
		"/staff/moves", "/staff/close", "/staff/box", "/staff/bundle", "/staff/exchange/999999", "/help"} {
		a.goTo(fileName(at), at)
	}
	for _, n := range []byte{zhang, chen, adili} {
		for _, tab := range []string{"redemptions", "lines", "lots"} {
			at := "/staff/person/" + id(n).String() + "?tab=" + tab
			a.goTo("staff-person-"+string('0'+n)+"-"+tab, at)
		}
	}
	a.goTo("staff-unlock-done", "/staff/unlock/"+id(wang).String())
	a.lock(leader)
	a.goTo("staff-unlock", "/staff/unlock/"+id(leader).String())
	a.visit("/staff/close").on("/staff/close").tap(".main").on("/staff/closed/")
	a.page("staff-closed")
	a.signIn(leader, "/staff/pin")
	a.page("staff-pin-locked")
}

// busyMorning is a morning's redemptions and moves of stock. The first redemption is
// handed over; the others wait.
func (a *auditor) busyMorning() (list []store.Redemption) {
	a.Helper()
	for _, line := range []struct {
		person byte
		good   string
		price  ledger.Points
	}{{zhang, "G05", 90}, {wang, "G07", 60}, {zhang, "G08", 30}, {liu, "G08", 30}, {adili, "G04", 3800}, {adili, "G10", 180}, {zhang, "G02", 160}} {
		list = append(list, a.reserve(line.person, line.good, line.price))
	}
	_, err := a.books.Settle(a.Context(), a.key(), list[0].Seq, id(clerk))
	a.must(err)
	_, err = a.books.Receive(a.Context(), a.key(), "G01", 20, id(clerk), "")
	a.must(err)
	_, err = a.books.Count(a.Context(), a.key(), "G05", 27, id(leader), "")
	a.must(err)
	_, err = a.books.Waste(a.Context(), a.key(), "G02", 1, id(clerk), "broken")
	a.must(err)
	return list
}

// receipt is what the scanner reads off somebody's receipt.
func (a *auditor) receipt(seq uint64) string {
	a.Helper()
	code, err := a.books.ReceiptText(seq)
	a.must(err)
	return code
}

// unclaimed are digits that stand in no collection code.
func (a *auditor) unclaimed() string {
	a.Helper()
	list, _, err := a.books.Waiting(0, 100)
	a.must(err)
	for n := range 1000 {
		digits := fmt.Sprintf("%03d", n)
		if !slices.ContainsFunc(list, func(r store.Redemption) bool { return ledger.ClaimText(r.Claim)[1:] == digits }) {
			return digits
		}
	}
	a.Fatal("every code is taken")
	return ""
}

// lock uses up all tries of a person's PIN.
func (a *auditor) lock(n byte) {
	a.Helper()
	for {
		_, _, err := a.books.TryPIN(a.Context(), id(n))
		if errors.Is(err, store.ErrLocked) {
			return
		}
		a.must(err)
	}
}

// walkTechnician is what a technician can come to: the box, and nobody's data.
func (a *auditor) walkTechnician() {
	a.Helper()
	a.duty(technician, "/staff/unlock/")
	a.page("technician-unlock")
	a.goTo("technician-box", "/staff/box")
	a.goTo("technician-bundle", "/staff/bundle")
	a.tap("form[action='/staff/bundle'] button").on("/staff/bundle").sees("7")
	a.page("technician-bundle-loaded")
	for _, closed := range []string{"/staff", "/staff/person/" + id(zhang).String(), "/staff/find", "/staff/stock"} {
		a.visit(closed).on("/staff/box")
	}
	a.visit("/staff/box").on("/staff/box").tap("a[href='/staff/paper']").on("/staff/paper").tap("form[action='/staff/paper/test'] button").on("/staff/paper?note=sent")
	a.page("technician-paper-tested")
}
