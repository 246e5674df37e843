package center

import "testing"

// The whole numbers stand in columns of their own, which nobody takes home alone.
func TestNumbersAreInNoOrdinaryExport(t *testing.T) {
	r := peopleRow{numbers: numbers{"11010519491231002X", "13800138000"}}
	for _, c := range peopleColumns() {
		if text := c.cell(r); c.numbers || text == r.IDNumber || text == r.numbers.Phone {
			t.Errorf("%s has %q", c.heading, text)
		}
	}
	for i, want := range []string{"11010519491231002X", "13800138000"} {
		if c := numberColumns()[i]; !c.numbers || c.cell(r) != want {
			t.Errorf("%s has %q", c.heading, c.cell(r))
		}
	}
}
