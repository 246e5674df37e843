package ledger_test

import (
	"errors"
	"testing"

	"yizhan/ledger"
)

func TestCheckShelf(t *testing.T) {
	const most = ledger.MaxCount
	for name, c := range map[string]struct {
		shelf ledger.Shelf
		want  error
	}{
		"nothing":             {ledger.Shelf{}, nil},
		"full":                {ledger.Shelf{Delivered: most, Moved: most}, nil},
		"sold out":            {ledger.Shelf{Delivered: most, Sold: most}, nil},
		"all wasted":          {ledger.Shelf{Delivered: most, Moved: -most}, nil},
		"fewer than reserved": {ledger.Shelf{Delivered: 1, Held: 2}, nil},
		"below empty":         {ledger.Shelf{Delivered: 5, Moved: -3, Sold: 4, Restocked: 1}, ledger.ErrStock},
		"negative delivery":   {ledger.Shelf{Delivered: -1, Moved: 1}, ledger.ErrRange},
		"negative sale":       {ledger.Shelf{Sold: -1}, ledger.ErrRange},
		"negative restock":    {ledger.Shelf{Delivered: 1, Restocked: -1}, ledger.ErrRange},
		"negative hold":       {ledger.Shelf{Held: -1}, ledger.ErrRange},
		"too many delivered":  {ledger.Shelf{Delivered: most + 1}, ledger.ErrRange},
		"moved too many":      {ledger.Shelf{Moved: most + 1}, ledger.ErrRange},
		"wasted too many":     {ledger.Shelf{Delivered: most, Restocked: 1, Moved: -most - 1}, ledger.ErrRange},
	} {
		if err := c.shelf.Check(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestCanHold(t *testing.T) {
	s := ledger.Shelf{Delivered: 200, Moved: -10, Sold: 95, Restocked: 1, Held: 6} // 96 on hand, 90 available
	for n, want := range map[int64]error{
		1: nil, 90: nil, 91: ledger.ErrStock, ledger.MaxQuantity: ledger.ErrStock,
		ledger.MaxQuantity + 1: ledger.ErrRange, 0: ledger.ErrRange, -1: ledger.ErrRange,
	} {
		if err := s.CanHold(n); !errors.Is(err, want) {
			t.Errorf("%d of %d pieces: %v, want %v", n, s.Available(), err, want)
		}
	}
	s.Moved = 100
	if err := s.CanHold(ledger.MaxQuantity + 1); !errors.Is(err, ledger.ErrRange) {
		t.Errorf("more than one redemption may take: %v", err)
	}
	if err := s.CanHold(ledger.MaxQuantity); err != nil {
		t.Errorf("as much as one redemption may take: %v", err)
	}
}

func TestStateNames(t *testing.T) {
	for state, want := range map[ledger.State]string{ledger.Reserved: "reserved", ledger.Settled: "settled",
		ledger.Cancelled: "cancelled", ledger.Refunded: "refunded", 0: "state 0", 9: "state 9"} {
		if got := state.String(); got != want {
			t.Errorf("%d is called %q, want %q", uint8(state), got, want)
		}
	}
}
