package kiosk

import (
	"fmt"
	"net/http"

	"yizhan/assets"
	"yizhan/civic"
	"yizhan/kiosk/store"
)

// slipsPage is the list of all slips.
const slipsPage = "/staff/slips"

// editor serves a page to those who may change what slips say: leaders and technicians.
func (o *office) editor(next duty) http.Handler {
	return o.crew(func(a *ask, me civic.Staff) error {
		if me.Role != civic.RoleLeader && me.Role != civic.RoleTechnician {
			return fmt.Errorf("changing slips: %w", store.ErrNotStaff)
		}
		return next(a, me)
	})
}

// slipRow is one kind of slip in the list.
type slipRow struct{ Name, State string }

// slipList lists all kinds of slips, and whether somebody changed them.
func (o *office) slipList(a *ask, me civic.Staff) error {
	back := "/staff/more"
	if me.Role == civic.RoleTechnician {
		back = boxPage
	}
	var rows []slipRow
	for _, name := range assets.Slips {
		kind, _ := o.slips.kind(name)
		rows = append(rows, slipRow{name, kind.state()})
	}
	return o.show(a, page{word: "slips", back: back, data: struct{ Rows []slipRow }{rows}})
}
