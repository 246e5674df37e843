package ledger_test

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"
	"yizhan/ledger"
)

func genRight(t *rapid.T, name string) ledger.Right {
	p := func(field string) ledger.Points { return ledger.Points(rapid.IntRange(0, 5).Draw(t, name+"."+field)) }
	return ledger.Right{Expires: 10, Granted: p("granted"), Spent: p("spent"), Refunded: p("refunded"), Returned: p("returned")}
}

// TestMergeForgetsOrder: views of a right come together to the same one, in
// whatever order and however often they come.
func TestMergeForgetsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := genRight(t, "a"), genRight(t, "b"), genRight(t, "c")
		if a.Merge(b) != b.Merge(a) {
			t.Fatalf("order matters: %+v, %+v", a.Merge(b), b.Merge(a))
		}
		if a.Merge(b).Merge(c) != a.Merge(b.Merge(c)) {
			t.Fatal("grouping matters")
		}
		if a.Merge(a) != a || a.Merge(b).Merge(b) != a.Merge(b) {
			t.Fatal("doubling matters")
		}
		m := a.Merge(b)
		for _, r := range []ledger.Right{a, b} {
			if m.Granted < r.Granted || m.Spent < r.Spent || m.Refunded < r.Refunded || m.Returned < r.Returned {
				t.Fatalf("%+v loses part of %+v", m, r)
			}
		}
		b.Held = 3
		if a.Merge(b).Held != 0 || b.Merge(a).Held != 3 {
			t.Fatal("what is held was merged")
		}
	})
}

func TestCheckAccount(t *testing.T) {
	const most = ledger.MaxPoints
	for name, c := range map[string]struct {
		right ledger.Right
		want  error
	}{
		"nothing":            {ledger.Right{}, nil},
		"the last day":       {ledger.Right{Expires: ledger.MaxDay}, nil},
		"after the last day": {ledger.Right{Expires: ledger.MaxDay + 1}, ledger.ErrRange},
		"before the first":   {ledger.Right{Expires: -1}, ledger.ErrRange},
		"everything spent":   {ledger.Right{Granted: most, Spent: most}, nil},
		"everything held":    {ledger.Right{Granted: most, Held: most}, nil},
		"everything back":    {ledger.Right{Granted: most, Returned: most}, nil},
		"spent twice":        {ledger.Right{Granted: most, Spent: most, Refunded: most, Held: most}, nil},
		"overspent by one":   {ledger.Right{Granted: 7, Spent: 3, Returned: 2, Held: 3}, ledger.ErrNegative},
		"refunds unspent":    {ledger.Right{Granted: 7, Spent: 3, Refunded: 4}, ledger.ErrNegative},
		"negative grant":     {ledger.Right{Granted: -1}, ledger.ErrRange},
		"negative spent":     {ledger.Right{Spent: -1, Refunded: -1}, ledger.ErrRange},
		"negative refund":    {ledger.Right{Granted: 1, Refunded: -1}, ledger.ErrRange},
		"negative return":    {ledger.Right{Returned: -1}, ledger.ErrRange},
		"negative hold":      {ledger.Right{Held: -1}, ledger.ErrRange},
		"beyond all points":  {ledger.Right{Granted: most + 1}, ledger.ErrRange},
	} {
		if err := (ledger.Account{Rights: []ledger.Right{c.right}}).Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	for _, a := range []ledger.Account{
		{Rights: []ledger.Right{{Expires: 5}, {Expires: 4}}},
		{Rights: []ledger.Right{{Expires: 5}, {Expires: 5}}},
	} {
		if err := a.Check(); !errors.Is(err, ledger.ErrRange) {
			t.Errorf("lots out of order: %v", err)
		}
	}
}

func TestAllocateTakesTheEarliestLotFirst(t *testing.T) {
	a := ledger.Account{}.Grant(30, 5).Grant(10, 5).Grant(20, 5).Grant(15, 0)
	a = a.Hold([]ledger.Part{{Expires: 10, Points: 2}})
	for cost, want := range map[ledger.Points][]ledger.Part{
		1:  {{Expires: 10, Points: 1}},
		3:  {{Expires: 10, Points: 3}},
		4:  {{Expires: 10, Points: 3}, {Expires: 20, Points: 1}},
		13: {{Expires: 10, Points: 3}, {Expires: 20, Points: 5}, {Expires: 30, Points: 5}},
	} {
		got, err := a.Allocate(cost)
		if err != nil || !reflect.DeepEqual(got, want) || ledger.Sum(got) != cost {
			t.Errorf("%d points: %v, %v, want %v", cost, got, err, want)
		}
	}
	for cost, want := range map[ledger.Points]error{
		14: ledger.ErrNotEnough, ledger.MaxPoints: ledger.ErrNotEnough,
		0: ledger.ErrRange, -5: ledger.ErrRange, ledger.MaxPoints + 1: ledger.ErrRange,
	} {
		if got, err := a.Allocate(cost); !errors.Is(err, want) || got != nil {
			t.Errorf("%d points: %v, %v, want %v", cost, got, err, want)
		}
	}
}

// TestAllocatePassesOverNegativeRights: in a book being rebuilt the grants may
// come after what was spent.
func TestAllocatePassesOverNegativeRights(t *testing.T) {
	a := ledger.Account{Rights: []ledger.Right{{Expires: 10, Spent: 4}, {Expires: 20, Granted: 9}}}
	if got, err := a.Allocate(3); err != nil || !reflect.DeepEqual(got, []ledger.Part{{Expires: 20, Points: 3}}) {
		t.Errorf("%v, %v", got, err)
	}
	if a.Spendable() != 5 {
		t.Errorf("the balance is %d", a.Spendable())
	}
}

// TestAllocateHoldsTheLimitOfParts: what it chooses can always be written.
func TestAllocateHoldsTheLimitOfParts(t *testing.T) {
	var a ledger.Account
	for i := range ledger.MaxParts + 1 {
		a = a.Grant(ledger.Day(i), 1)
	}
	if parts, err := a.Allocate(ledger.MaxParts); err != nil || len(parts) != ledger.MaxParts {
		t.Errorf("%d parts, %v", len(parts), err)
	}
	if parts, err := a.Allocate(ledger.MaxParts + 1); !errors.Is(err, ledger.ErrNotEnough) || parts != nil {
		t.Errorf("%d parts, %v", len(parts), err)
	}
}

// TestChangesCopy: a change that is not written in the end must leave no trace.
func TestChangesCopy(t *testing.T) {
	before := func() ledger.Account {
		return ledger.Account{Rights: []ledger.Right{{Expires: 10, Granted: 9, Spent: 3, Held: 3}, {Expires: 30, Granted: 1}}}
	}
	parts := []ledger.Part{{Expires: 10, Points: 1}, {Expires: 20, Points: 1}}
	a := before()
	a.Rights = append(make([]ledger.Right, 0, 10), a.Rights...)
	for name, change := range map[string]func([]ledger.Part) ledger.Account{
		"hold": a.Hold, "spend": a.Spend, "release": a.Release, "refund": a.Refund, "return": a.Return,
		"grant": func([]ledger.Part) ledger.Account { return a.Grant(10, 99) },
	} {
		if after := change(parts); reflect.DeepEqual(after, a) {
			t.Errorf("%s does nothing", name)
		}
		if !reflect.DeepEqual(a, before()) {
			t.Fatalf("%s writes into its receiver", name)
		}
	}
	lot := ledger.Lot{Expires: 10, Earned: 9, At: map[string]ledger.Right{"K": {Expires: 10, Granted: 1}}}
	if _, err := lot.Grant("K", 2); err != nil {
		t.Fatal(err)
	}
	lot.Observe("K", ledger.Right{Spent: 1})
	lot.Expire()
	if want := (ledger.Lot{Expires: 10, Earned: 9, At: map[string]ledger.Right{"K": {Expires: 10, Granted: 1}}}); !reflect.DeepEqual(lot, want) {
		t.Errorf("the lot changed to %+v", lot)
	}
}

func TestGrantIsATotal(t *testing.T) {
	a := ledger.Account{}.Grant(10, 5).Grant(10, 5).Grant(10, 3)
	if want := (ledger.Account{Rights: []ledger.Right{{Expires: 10, Granted: 5}}}); !reflect.DeepEqual(a, want) {
		t.Errorf("%+v, want %+v", a, want)
	}
}

func TestCheckLot(t *testing.T) {
	at := func(r ledger.Right) map[string]ledger.Right { return map[string]ledger.Right{"K": r} }
	for name, c := range map[string]struct {
		lot  ledger.Lot
		want error
	}{
		"nothing":           {ledger.Lot{}, nil},
		"all out":           {ledger.Lot{Earned: 5, At: at(ledger.Right{Granted: 5, Spent: 5})}, nil},
		"all expired":       {ledger.Lot{Earned: ledger.MaxPoints, Expired: ledger.MaxPoints}, nil},
		"granted unearned":  {ledger.Lot{Earned: 5, At: at(ledger.Right{Granted: 6})}, ledger.ErrNegative},
		"expired at kiosk":  {ledger.Lot{Earned: 5, Expired: 1, At: at(ledger.Right{Granted: 5})}, ledger.ErrNegative},
		"spent ungranted":   {ledger.Lot{Earned: 5, At: at(ledger.Right{Granted: 2, Spent: 3})}, ledger.ErrNegative},
		"returned too much": {ledger.Lot{Earned: 5, At: at(ledger.Right{Granted: 2, Returned: 3})}, ledger.ErrNegative},
		"negative expired":  {ledger.Lot{Earned: 5, Expired: -1}, ledger.ErrRange},
		"negative earned":   {ledger.Lot{Earned: -1, Expired: -1}, ledger.ErrRange},
		"earned too much":   {ledger.Lot{Earned: ledger.MaxPoints + 1}, ledger.ErrRange},
		"expired too much":  {ledger.Lot{Earned: ledger.MaxPoints, Expired: ledger.MaxPoints + 1}, ledger.ErrRange},
	} {
		if err := c.lot.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestObserveDropsALateHold: the report of a hold that comes in after the one
// of its settlement must not count the points twice.
func TestObserveDropsALateHold(t *testing.T) {
	lot, err := ledger.Lot{Expires: 10, Earned: 5}.Grant("K", 5)
	if err != nil {
		t.Fatal(err)
	}
	lot = lot.Observe("K", ledger.Right{Expires: 10, Granted: 5, Spent: 5})
	lot = lot.Observe("K", ledger.Right{Expires: 10, Granted: 5, Held: 5})
	if err := lot.Check(); err != nil {
		t.Error(err)
	}
	if got, want := lot.At["K"], (ledger.Right{Expires: 10, Granted: 5, Spent: 5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestGrantIsMoreThanNothing(t *testing.T) {
	lot := ledger.Lot{Expires: 10, Earned: 5}
	for _, n := range []ledger.Points{0, -1} {
		if got, err := lot.Grant("K", n); !errors.Is(err, ledger.ErrRange) || !reflect.DeepEqual(got, lot) {
			t.Errorf("granting %d: %+v, %v", n, got, err)
		}
	}
}

// TestRightsKnowTheirLot, whichever comes first, the grant or a report.
func TestRightsKnowTheirLot(t *testing.T) {
	lot, err := ledger.Lot{Expires: 10, Earned: 5}.Grant("K", 5)
	if err != nil || lot.At["K"] != (ledger.Right{Expires: 10, Granted: 5}) {
		t.Errorf("after a grant: %+v, %v", lot.At["K"], err)
	}
	lot = ledger.Lot{Expires: 10, Earned: 5}.Observe("K", ledger.Right{Granted: 5})
	if lot.At["K"] != (ledger.Right{Expires: 10, Granted: 5}) {
		t.Errorf("after a report: %+v", lot.At["K"])
	}
}

// TestExpireNeverGivesBack, not even in a lot that is already wrong.
func TestExpireNeverGivesBack(t *testing.T) {
	lot := ledger.Lot{Earned: 5, Expired: 2, At: map[string]ledger.Right{"K": {Granted: 5}}}
	if got := lot.Expire().Expired; got != 2 {
		t.Errorf("expired went from 2 to %d", got)
	}
	if got := (ledger.Lot{Earned: 5, Expired: 2}).Expire(); got.Expired != 5 || got.Free() != 0 {
		t.Errorf("%+v", got)
	}
}
