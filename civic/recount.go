package civic

import "yizhan/ledger"

// Recounted is what an earning would have been under another policy.
type Recounted struct {
	Points  ledger.Points
	Expires ledger.Day
}

// Recount works an earning out anew: of the rules then, by which its last day came
// about if it is theirs, and of those that it would be under. What was given as
// points, without minutes, stays as it is; so does a last day that was given.
func (e Earning) Recount(then, other Policy) Recounted {
	r := Recounted{Points: e.Points, Expires: e.Expires}
	rate := other.WithDefaults().PointsPerHour
	if e.Minutes > 0 && e.Rate > 0 && e.Rate != rate {
		r.Points = ledger.Points(e.HalfHours() * rate / 2)
	}
	if e.Expires == then.Expiry(e.On) {
		r.Expires = other.Expiry(e.On)
	}
	return r
}

// HalfHours are those that the points were counted by. A list tells totals, and half
// hours are rounded on those, so minutes that were left over before may make one
// more than the line's own minutes have.
func (e Earning) HalfHours() int64 {
	if e.Rate <= 0 || e.Minutes <= 0 {
		return 0
	}
	return (2*int64(e.Points) + e.Rate/2) / e.Rate
}
