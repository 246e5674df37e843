package center

import (
	"context"
	"fmt"
	"slices"

	"yizhan/center/store"
)

// power is a kind of thing that may be done at the console. What it is called in a
// refusal is center.power.WORD.
type power string

const (
	powerLook     power = "look"     // today, the fleet, a kiosk with what was done there
	powerPeople   power = "people"   // volunteers and their accounts
	powerRegister power = "register" // registering volunteers, and changing what is known of them
	powerAudit    power = "audit"    // what everybody did
	powerEquip    power = "equip"    // codes for boxes, approving and refusing them, stopping one
	powerManage   power = "manage"   // new kiosks and places, caps, lifting, revoking
	powerRedeem   power = "redeem"   // redemptions, and whether a receipt is genuine
	powerSettle   power = "settle"   // closing settlement sheets of merchants, and taking them back
	powerGoods    power = "goods"    // adding, changing and withdrawing goods
	powerPlan     power = "plan"     // drafting, publishing, changing and calling off activities, and who claims a post
	powerReview   power = "review"   // reviewing activities that somebody else drafted
	powerPolicy   power = "policy"   // drafting the rules of a place, and putting them in force
	powerGiveUp   power = "giveup"   // proposing that points be written off, and taking that back
	powerConfirm  power = "confirm"  // being the second person
	powerMerge    power = "merge"    // making one record of two, and two of one again
	powerAdjust   power = "adjust"   // asking for points to be given or taken
	powerNumbers  power = "numbers"  // asking for all ID numbers of a place
	powerEnter    power = "enter"    // asking for hours to be entered afterwards
	powerHours    power = "hours"    // confirming hours, answering objections, deciding on signs of abuse and stars
	powerReport   power = "report"   // weekly ledgers, monthly summaries, statistics
	powerSign     power = "sign"     // signing them off, and entering how many residents there are
)

// powers says what each role may do, within the part of the tree that it is bound
// to. It is the only place that says so: pages ask for a power, never for a role.
var powers = map[store.Role][]power{
	store.RoleOfficer:    {powerLook, powerPeople, powerRegister, powerMerge, powerAudit, powerEquip, powerManage, powerGoods, powerPlan, powerReview, powerPolicy, powerRedeem, powerSettle, powerGiveUp, powerConfirm, powerAdjust, powerEnter, powerNumbers, powerHours, powerReport, powerSign},
	store.RoleClerk:      {powerLook, powerPeople, powerRegister, powerGoods, powerPlan, powerRedeem, powerEnter, powerReport},
	store.RoleLeader:     {powerLook, powerPeople, powerAudit, powerReview, powerRedeem, powerConfirm, powerHours, powerReport, powerSign},
	store.RoleAuditor:    {powerLook, powerPeople, powerAudit, powerRedeem, powerReport},
	store.RoleTechnician: {powerLook, powerEquip},
}

// allowed tells whether a role has a power.
func allowed(role store.Role, p power) bool { return slices.Contains(powers[role], p) }

// having lists the roles that have a power.
func having(p power) (roles []store.Role) {
	for _, role := range store.Roles {
		if allowed(role, p) {
			roles = append(roles, role)
		}
	}
	return roles
}

// errPower refuses what the officer's role may not do.
type errPower struct{ power power }

func (e errPower) Error() string { return fmt.Sprintf("center: the role lacks %q", string(e.power)) }

// errArea refuses what lies outside of the part of the tree that the officer is
// bound to.
type errArea struct{ place string }

func (e errArea) Error() string {
	return fmt.Sprintf("center: %q is not in the officer's area", e.place)
}

// area is the part of the org tree that an officer is bound to: a place and all
// that lies below it, the kiosks' own scopes included.
type area struct {
	whole bool
	store.Scope
	in map[string]bool
}

// has tells whether a place lies in the area.
func (r area) has(place string) bool { return r.whole || r.in[place] }

// holds tells whether somebody of a town, at home at a kiosk, belongs to the area.
func (r area) holds(town, home string) bool { return r.has(town) || home != "" && r.has(home) }

// places lists the area's places; nil: all there are.
func (r area) places() []string {
	if r.whole {
		return nil
	}
	list := make([]string, 0, len(r.in))
	for place := range r.in {
		list = append(list, place)
	}
	slices.Sort(list)
	return list
}

// areaOf reads the area of an officer. Whoever is bound to nothing, or to the top of
// the tree, has all of it, and so has everybody while there is no place at all.
func (c *console) areaOf(a *ask) (area, error) { return c.areaWithin(a.Context(), a.officer.Scope) }

func (c *console) areaWithin(ctx context.Context, scope string) (area, error) {
	if scope == "" {
		return area{whole: true}, nil
	}
	root, err := c.Store.Root(ctx)
	if err != nil || root.ID == "" || root.ID == scope {
		return area{whole: err == nil}, err
	}
	all, err := c.Store.AllScopes(ctx)
	return below(scope, all), err
}

// below is a place with all that lies below it.
func below(id string, all []store.Scope) area {
	under := make(map[string][]store.Scope)
	r := area{Scope: store.Scope{ID: id, Name: id}, in: make(map[string]bool)}
	for _, s := range all {
		under[s.Parent] = append(under[s.Parent], s)
		if s.ID == id {
			r.Scope, r.in[id] = s, true
		}
	}
	for next := under[id]; len(next) > 0; next = next[1:] {
		if s := next[0]; !r.in[s.ID] {
			r.in[s.ID] = true
			next = append(next, under[s.ID]...)
		}
	}
	return r
}
